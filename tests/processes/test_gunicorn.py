"""Runs are served by workers that gunicorn forks, again and again, from a process that has opened and goes on reading them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

import flowrun_widgets as fw

from .app import PROCESS
from .reading import facts, page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.programs import Programs

WORKERS = 3
THREADS = 4
BEFORE_ITS_END = 12
"""So many requests a worker answers; then another one is forked."""
AT_ONCE = 8
ROUNDS = 12


@pytest.mark.parametrize(
    ("address", "library"),
    [
        ("recorded_store", "no-library"),
        ("prefect1", "library"),
        ("prefect1", "no-library"),
        ("prefect3", "no-library"),
    ],
    indirect=["address"],
)
def test_every_worker_shows_what_it_was_asked_for(
    programs: Programs, tmp_path: Path, address: str, library: str
) -> None:
    with fw.connect(address, library=False):
        runs = fw.find_flow_runs()
        expected = {run.flow_run_id: facts(of_page(page(run), tmp_path)) for run in runs}
    assert len(expected) >= 3
    options = [
        "--preload", "--workers", WORKERS, "--threads", THREADS,
        "--max-requests", BEFORE_ITS_END, "--graceful-timeout", 60,
    ]  # fmt: skip
    served = programs.serve(
        [
            *(
                "-Wignore",
                "-m",
                "gunicorn",
                f"tests.processes.app:application({address!r}, {library!r})",
            ),
            *options,
        ],
        place="--bind 127.0.0.1:{}",
    )
    asked = [f"{id}{how}" for _ in range(ROUNDS) for id in expected for how in ("", "?unread")]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda part: httpx.get(f"{served}/{part}", timeout=90), asked))
    programs.end(served)
    assert {answer.status_code for answer in answers} == {200}
    for part, answer in zip(asked, answers, strict=True):
        assert facts(of_page(answer.text, tmp_path)) == expected[part.partition("?")[0]]
    assert len({answer.headers[PROCESS] for answer in answers}) > WORKERS
    written = programs.log(served).read_text()
    assert not [word for word in ("Traceback", "[ERROR]", "[CRITICAL]") if word in written], written


def of_page(html: str, folder: Path) -> fw.FlowRunView:
    path = folder / "page.html"
    path.write_text(html, "utf-8")
    (run,) = fw.open_page(path).runs
    return run
