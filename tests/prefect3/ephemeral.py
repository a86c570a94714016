"""Runs a flow where Prefect is fresh and no server is configured, and reads it in the same process.

Prefect's Python runs this; the arguments are the folders of the package and of what it needs.
"""

import contextlib
import sys
import time

from prefect import flow, get_run_logger, task


@task
def load(rows: int) -> int:
    get_run_logger().info("loading %d rows", rows)
    return rows


@flow
def nightly() -> None:
    load(3)
    raise ValueError("no rows")


def main(*folders: str) -> None:
    with contextlib.suppress(ValueError):
        nightly()
    sys.path.extend(folders)
    import flowrun_widgets as fw

    run = fw.latest()
    assert run.flow_name == "nightly"
    assert run.state.is_failed()
    deadline = time.monotonic() + 60
    while True:  # the last lines and events are still on their way to Prefect's temporary server
        run = run.get_latest()
        messages = [line.message for line in run.get_logs()]
        ended = [view for view in run.get_all_task_runs() if view.state.is_finished()]
        if ended and any("Finished in state Failed" in message for message in messages):
            break
        assert time.monotonic() < deadline, messages
        time.sleep(0.1)
    print(run.flow_run_id, run.name, run.state.name, len(messages), len(ended))


if __name__ == "__main__":
    main(*sys.argv[1:])
