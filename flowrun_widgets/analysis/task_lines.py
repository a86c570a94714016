"""`positions_of()`: the lines that one task run wrote, found through the dictionary encoding of the column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flowrun_widgets.arrow import pc, true_positions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["positions_of"]


def positions_of(columns: LogColumns, task_run_id: str | None) -> NDArray[np.int64]:
    """Return the positions of a task run's lines, or, for None, of the flow's own lines."""
    found: list[NDArray[np.int64]] = []
    start = 0
    for chunk in columns.table["task_run_id"].chunks:
        if task_run_id is None:
            flags = chunk.is_null()
        else:
            key = pc.index(chunk.dictionary, task_run_id).as_py()
            flags = None if key < 0 else pc.equal(chunk.indices, key)
        if flags is not None:
            found.append(true_positions(flags).to_numpy().astype(np.int64) + start)
        start += len(chunk)
    return np.concatenate(found) if found else np.empty(0, np.int64)
