"""Every Python block of README and docs runs, page by page, in a notebook's shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell

import flowrun_widgets as fw

from . import world
from .blocks import ROOT, pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PYTHON = pages("python")
ELSEWHERE = {
    "@flow\n": "needs Prefect 3",
    "from prefect.backend": "needs Prefect 1",
    "dask.distributed": "needs Dask's workers",
    "task_run.get_result(": "needs a result; tests/unit/test_results.py has it",
}
BEGIN = """
import matplotlib
matplotlib.use("agg")
import flowrun_widgets as fw
runs = fw.find_flow_runs("nightly-orders", limit=None)
run, baseline = runs[0], runs[1]
logs = run.get_logs()
task_run = run.get_all_task_runs()[0]
card = run.card()
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("documentation") / "orders.sqlite"
    return path, world.write(path)


@pytest.fixture
def shell(
    store: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shell = InteractiveShell()
    fw.connect(store[0])
    run(shell, BEGIN, store)
    yield shell
    shell.history_manager.end_session()
    fw.disconnect()


def run(shell: InteractiveShell, block: str, store: tuple[Path, str]) -> None:
    """Run a block as a cell, with the addresses of the documentation replaced by those of the store."""
    path, flow_run_id = store
    text = re.sub(r'fw\.connect\("[^"]+"[^)]*\)', f'fw.connect("{path}")', block)
    text = re.sub(r"https://prefect\.example\.com/runs/flow-run/[^\"]+", flow_run_id, text)
    text = text.replace("4c0101af-c6bb-4b96-8661-63a5bbfb5596", flow_run_id)
    ran = shell.run_cell(text, store_history=False)
    ran.raise_error()


def is_elsewhere(block: str) -> bool:
    return any(mark in block for mark in ELSEWHERE)


@pytest.mark.parametrize("page", PYTHON)
def test_the_python_of_a_page_runs(
    page: str, shell: InteractiveShell, store: tuple[Path, str]
) -> None:
    for block in PYTHON[page]:
        if not is_elsewhere(block):
            run(shell, block, store)


def test_blocks_that_run_elsewhere_are_still_there() -> None:
    everything = "\n".join(block for texts in PYTHON.values() for block in texts)
    assert [mark for mark in ELSEWHERE if mark not in everything] == []


def test_the_imports_of_prefect_1_are_its_own(oracle_python: Path) -> None:
    before, now = PYTHON["prefect1.md"][0].splitlines()
    subprocess.run([oracle_python, "-c", before], check=True, timeout=120)
    exec(now, {})


def test_the_run_of_prefect_3_is_found_without_a_server(
    prefect3_python: Path, tmp_path: Path
) -> None:
    (block,) = [text for text in PYTHON["prefect3-database.md"] if "@flow\n" in text]
    flow, ours = block.split("import flowrun_widgets as fw\n")
    (tmp_path / "nightly.py").write_text(f"from prefect import flow\n{flow}", "utf-8")
    clean = {name: value for name, value in os.environ.items() if "PREFECT" not in name}
    environment = {**clean, "HOME": str(tmp_path), "PREFECT_HOME": str(tmp_path / ".prefect"), "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "200"}  # fmt: skip
    subprocess.run(
        [prefect3_python, "nightly.py"], cwd=tmp_path, env=environment, check=True, timeout=300
    )
    found = f"import flowrun_widgets as fw\nprint(repr({ours.split('#')[0].strip()}))"
    done = subprocess.run(
        [sys.executable, "-c", found], env=environment, capture_output=True, text=True, timeout=120
    )
    assert "Completed" in done.stdout, done.stderr


def test_workers_of_dask_read_a_harvest(
    processes_python: Path, store: tuple[Path, str], tmp_path: Path
) -> None:
    (block,) = [text for text in PYTHON["harvest.md"] if "dask.distributed" in text]
    with fw.connect(store[0]):
        fw.find_flow_runs(limit=None).to_parquet(tmp_path / "lake" / "flowruns")
    script = "import flowrun_widgets as fw\n\ndef main():\n" + textwrap.indent(
        'logs = fw.read_logs("lake/flowruns")\n' + block, "    "
    )
    script += '\nif __name__ == "__main__":\n    main()\n    print("read")\n'
    (tmp_path / "read.py").write_text(script, "utf-8")
    done = subprocess.run(
        [processes_python, "read.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.strip().endswith("read"), done.stderr
