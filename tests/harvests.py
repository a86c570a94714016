"""Comparing harvests, and what DuckDB finds in them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from flowrun_widgets.analysis.templates import CLEAN, MASKS, merged_keys, written
from tests.generated_runs import ManyRuns, many_runs

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
FIRST_SECONDS = 0.5


def names_of(folder: Path) -> list[str]:
    """Return every file of a harvest, also those that readers do not look at."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def is_part_of(folder: Path, whole: Path) -> bool:
    """Return whether every file of a harvest that is not finished is a whole file of the finished one."""
    names = [name for name in names_of(folder) if not name.startswith(".partial/")]
    return all(
        pq.read_table(folder / name, partitioning=None).equals(
            pq.read_table(whole / name, partitioning=None)
        )
        for name in names
    )


def killed_and_resumed(
    folder: Path, whole: Path, runs: int, lines: int, kills: int, seed: int
) -> int:
    """Harvest while killing the process at random moments; return how often it was killed before it had ended.

    All processes are forks of one that has imported everything and has no thread.
    """
    numbers = map(str, (runs, lines, kills, seed))
    done = subprocess.run(
        [sys.executable, "-m", "tests.harvests", folder, whole, *numbers],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(done.stdout)


def _kill_and_resume(
    folder: Path, whole: Path, runs: int, lines: int, kills: int, seed: int
) -> int:
    chance = random.Random(seed)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})

    def harvested() -> None:
        many_runs(ManyRuns(runs, lines)).to_parquet(folder)

    def checked() -> None:
        assert is_part_of(folder, whole)

    most, killed = FIRST_SECONDS, 0
    for left in range(kills, 0, -1):
        began = time.monotonic()
        before = len([*folder.glob("runs/*/*/*.parquet")])
        process = _forked(harvested)
        if signal.sigtimedwait({signal.SIGCHLD}, chance.uniform(0, most)) is None:
            killed += 1
            os.kill(process, signal.SIGKILL)
            signal.sigwait({signal.SIGCHLD})
        _ended(process)
        after = len([*folder.glob("runs/*/*/*.parquet")])
        if after > before:
            # On average a kill comes when its share of the rest has been written.
            most = 2 * (time.monotonic() - began) / (after - before) * (runs - after) / left
        checking = _forked(checked)
        signal.sigwait({signal.SIGCHLD})
        assert _ended(checking) == 0
    last = _forked(harvested)
    signal.sigwait({signal.SIGCHLD})
    assert _ended(last) == 0
    return killed


def _forked(work: Callable[[], None]) -> int:
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        os._exit(status)


def _ended(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def templates_of_duckdb(folder: Path) -> Counter[str]:
    """Return how many lines each pattern has, with the masks applied by DuckDB."""
    text, values = "coalesce(message, '')", []
    for pattern, instead in (*CLEAN[:3], *MASKS):
        text = f"regexp_replace({text}, ?, ?, 'g')"
        values += [pattern, instead]
    rows = duckdb.execute(
        f"select trim({text}, ' \t') as key, count(*) from read_parquet('{folder}/logs/*/*/*.parquet') group by key",
        values,
    ).fetchall()
    keys, places = merged_keys(pa.array([key for key, _ in rows], pa.large_string()))
    counts: Counter[str] = Counter()
    for (_, number), place in zip(rows, places.tolist(), strict=True):
        counts[written(keys[place].as_py())] += number
    return counts


def levels_of_duckdb(folder: Path) -> dict[str, int]:
    """Return how many lines each level has."""
    sql = (
        f"select level_name, count(*) from read_parquet('{folder}/logs/*/*/*.parquet') group by all"
    )
    return dict(duckdb.sql(sql).fetchall())


if __name__ == "__main__":
    out, other, *numbers = sys.argv[1:]
    print(_kill_and_resume(Path(out), Path(other), *map(int, numbers)))
