"""Following a Prefect 3 run: dropped sockets, how soon a change is seen after a silence, and late lines.

The first part follows random schedules on a fake server, the others use a real one. `--schedules` and `--repeats` choose
other numbers than 200 and 20. A lost line, a missed second and too many requests are failures.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import flowrun_widgets as fw
from flowrun_widgets.backends.prefect3 import events
from tests.prefect3 import seed
from tests.prefect3.announced import Announcement, followed
from tests.prefect3.meter import Meter
from tests.prefect3.server import PrefectServer
from tests.prefect3.silence import SILENT_SECONDS, Followed, set_state
from tests.prefect3.writer import Worker

PREFECT = Path(__file__).parents[2] / ".cache" / "prefect3" / "bin" / "python"
RATE, SECONDS = 30, 600
BEHIND = timedelta(minutes=4)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--schedules", type=int, default=200)
    arguments.add_argument("--repeats", type=int, default=20)
    chosen = arguments.parse_args()
    schedules(chosen.schedules)
    home = Path(tempfile.mkdtemp(prefix="prefect3-bench-"))
    server = PrefectServer(PREFECT, home)
    try:
        server.start()
        source = server.run("some")["success"]
        silence(server, source, chosen.repeats)
        late_lines(server, source)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def schedules(count: int) -> None:
    """Follow schedules with dropped and refused sockets."""
    lines = rings = drops = connections = 0
    began = time.monotonic()
    with (
        mock.patch.object(events, "FIRST_PAUSE_SECONDS", 0.002),
        mock.patch.object(events, "LAST_PAUSE_SECONDS", 0.01),
    ):
        for number in range(count):
            schedule = Announcement(number)
            seen, clock = followed(schedule)
            assert sorted(seen) == sorted(schedule.messages), f"schedule {number}"
            lines += len(seen)
            rings += clock.rings
            drops += schedule.events.drops
            connections += len(schedule.events.filters)
    print(
        f"{count} random schedules in {time.monotonic() - began:.0f} s: {lines:,} lines, none lost or twice; "
        f"{connections} connections, {drops} dropped, {rings} polls after an announcement"
    )


def silence(server: PrefectServer, source: str, repeats: int) -> None:
    """Change the state of runs after ten silent minutes."""
    seconds: list[float] = []
    requests: list[int] = []
    with fw.connect(server.url, library=False):
        for _ in range(repeats):
            run_id = running(server, source)
            one = Followed(run_id)
            requests.append(one.requests)
            set_state(server, run_id, "COMPLETED", "Completed")
            seconds.append(one.seconds_until("Completed"))
            one.close()
    with (
        mock.patch.dict(sys.modules, {"websockets.client": None}),
        fw.connect(server.url, library=False),
    ):
        alone = Followed(running(server, source), is_announced=False)
        alone.close()
    print(
        f"a change after {SILENT_SECONDS} s of silence, {repeats} times: seen after {statistics.median(seconds):.3f} s "
        f"(median), {max(seconds):.3f} s at most; {statistics.median(requests) / SILENT_SECONDS:.3f} requests/s, "
        f"{alone.requests / SILENT_SECONDS:.3f} by polling alone"
    )
    assert statistics.median(seconds) < 1
    assert max(requests) <= 0.1 * SILENT_SECONDS


def late_lines(server: PrefectServer, source: str) -> None:
    """Refresh runs of which a worker's clock is behind."""
    for others in ([], [timedelta(0)], [timedelta(0), timedelta(minutes=-2)]):
        run_id = running(server, source)
        present = datetime.now(UTC)
        rate = RATE / (1 + len(others))
        workers = [Worker(server.database, run_id, behind, rate) for behind in (BEHIND, *others)]
        for worker in workers:
            worker.write(round(SECONDS * rate), present)
        meter = Meter()
        with fw.connect(server.url, transport=meter, library=False):
            run = fw.FlowRunView.from_flow_run_id(run_id)
            run.get_logs()
            run.get_all_task_runs()
            costs: list[tuple[int, int]] = []
            for number in range(10):
                for worker in workers:
                    worker.write(10, present + timedelta(seconds=1 + number))
                run, requests, size = meter.of(run.get_latest)
                costs.append((requests, size))
            written = sum(worker.written for worker in workers)
            seed.enter(server.database, run_id, "COMPLETED", "Completed")
            held = len(run.get_latest().get_logs())
        print(
            f"a worker 4 minutes behind, and {len(others)} others, {RATE} lines/s: a refresh after 10 lines each costs at "
            f"most {max(costs)[0]} requests and {max(size for _, size in costs):,} bytes; {held:,} of {written:,} lines"
        )
        assert held == written


def running(server: PrefectServer, source: str) -> str:
    run_id = seed.copy_flow_run(server.database, source)
    seed.enter(server.database, run_id, "RUNNING", "Running")
    return run_id


if __name__ == "__main__":
    main()
