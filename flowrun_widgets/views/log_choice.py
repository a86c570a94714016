"""Which lines of a log are meant: the words of callers as levels and task runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flowrun_widgets.errors import InvalidArgument, NotFound

if TYPE_CHECKING:
    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["min_level_of", "task_run_ids_of"]


def min_level_of(level: int | str | None) -> int | None:
    """Return the number of a level, from its number or its name."""
    if level is None or isinstance(level, int):
        return level
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise InvalidArgument(
            f"{level!r} is no level: debug, info, warning, error, critical, or a number."
        )
    return number


def task_run_ids_of(run: FlowRunView, task: str) -> list[str]:
    """Return the ids of the task runs that `task` names, at the cost of `get_all_task_runs()`."""
    records = [view.record for view in run.get_all_task_runs()]
    for name in ("id", "label", "task_slug", "task_name"):
        found = [record.id for record in records if getattr(record, name) == task]
        if found:
            return found
    raise NotFound(
        f"No task run of {task!r} in flow run {run.flow_run_id}: get_all_task_runs() lists them."
    )
