"""A harvest is counted by workers of Dask, which read nothing but its files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.generated_runs import ManyRuns, many_runs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.programs import Programs


def test_two_workers_count_the_same_also_when_one_is_killed(
    programs: Programs, tmp_path: Path
) -> None:
    many_runs(ManyRuns(40, 1_000)).to_parquet(tmp_path / "out")
    told = json.loads(
        programs.run("-Wignore", "-m", "tests.processes.harvest", str(tmp_path / "out"))
    )
    assert told["lines"] == 40_000
    assert len(set(told["killed"])) == 2
    right = {name: told[name] for name in told if told[name] is True or told[name] is False}
    assert right == dict.fromkeys(
        [
            "templates", "levels", "templates with a killed worker", "to_dask", "to_dask with a killed worker",
        ],
        True,
    )  # fmt: skip
