"""A worker that writes lines by a clock of its own."""

from __future__ import annotations

from datetime import timedelta

from . import seed

__all__ = ["Worker"]


class Worker:
    """Writes lines by its own clock."""

    def __init__(self, database, run_id, behind, rate=30.0):
        self._database, self._run_id, self._behind = database, run_id, behind
        self._every = timedelta(seconds=1 / rate)
        self.written = 0

    def write(self, count, until):
        """Write lines up to a time; they arrive in batches of two seconds."""
        batch = max(1, round(timedelta(seconds=2) / self._every))
        for start in range(0, count, batch):
            size = min(batch, count - start)
            arrived = until - self._every * (count - start - size)
            began = arrived - self._behind - self._every * size
            rows = seed.lines(self._run_id, size, began, every=self._every, created=arrived)
            seed.add_lines(self._database, rows)
        self.written += count
