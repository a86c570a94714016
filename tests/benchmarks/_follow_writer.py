"""Writes into a store like a running run: `python -m tests.benchmarks._follow_writer STORE RUN SECONDS RATE`.

Begins when it reads a line, adds lines every second, then ends the run. Prints how many lines it wrote.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from flowrun_widgets.store.writer import StoreWriter
from tests.stores import serialized


def main() -> None:
    path, run_id, seconds, rate = sys.argv[1:]
    written = 0
    with StoreWriter(Path(path)) as writer:
        sys.stdin.readline()
        began = time.monotonic()
        for second in range(1, int(seconds) + 1):
            time.sleep(max(0.0, began + second - time.monotonic()))
            rows = [line(run_id, written + n) for n in range(int(rate))]
            writer.add({"log": rows})
            written += len(rows)
        present = datetime.now(UTC).isoformat()
        writer.add_flow_run_state(
            {
                "id": str(uuid4()),
                "flow_run_id": run_id,
                "timestamp": present,
                "state": "Success",
                "serialized_state": serialized("Success"),
                "version": 9,
                "created": present,
                "updated": present,
            }
        )
    print(written)


def line(run_id: str, number: int) -> dict[str, object]:
    """Return one new line; each fiftieth is a warning."""
    present = datetime.now(UTC).isoformat()
    return {
        "id": str(uuid4()),
        "flow_run_id": run_id,
        "timestamp": present,
        "created": present,
        "updated": present,
        "level": "INFO" if number % 50 else "WARNING",
        "name": "prefect.TaskRunner",
        "message": f"Finished step {number} while followed: 4096 rows read in 0.25 seconds, none refused",
    }


if __name__ == "__main__":
    main()
