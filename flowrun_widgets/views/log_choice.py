"""Which lines of a log are meant: the words of callers as levels and task runs."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.times import as_utc, parse_time
from flowrun_widgets.views.identifier import checked_text

if TYPE_CHECKING:
    from pendulum import DateTime

    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["min_level_of", "moment_of", "task_run_ids_of"]

GRAVEST = 2**15 - 1


def min_level_of(level: int | str | None) -> int | None:
    """Return the number of a level, from its number or its name."""
    number = level
    if isinstance(level, str):
        number = logging.getLevelNamesMapping().get(level.upper())
    elif level is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= GRAVEST:
        raise InvalidArgument(
            f"{level!r:.80} is no level: debug, info, warning, error, critical, or a number."
        )
    return number


def moment_of(time: datetime | str | None, what: str) -> DateTime | None:
    """Return an instant from a time or its ISO 8601 text, in UTC if it names no zone."""
    try:
        if isinstance(time, datetime):
            return as_utc(time)
        if time is None or isinstance(time, str):
            return parse_time(time)
    except (ValueError, OverflowError):
        pass
    raise InvalidArgument(
        f"`{what}` has to be a time, or a text such as '2026-11-22T02:00:00+00:00', not {time!r:.80}"
    )


def task_run_ids_of(run: FlowRunView, task: str) -> list[str]:
    """Return the ids of the task runs that `task` names, at the cost of `get_all_task_runs()`."""
    task = checked_text(task, "task")
    records = [view.record for view in run.get_all_task_runs()]
    for name in ("id", "label", "task_slug", "task_name"):
        found = [record.id for record in records if getattr(record, name) == task]
        if found:
            return found
    raise NotFound(
        f"No task run of {task!r:.100} in flow run {run.flow_run_id}: get_all_task_runs() lists them."
    )
