"""Finds the one task run that a word names: Prefect 3 has no slugs and no map index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.errors import Ambiguous, InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flowrun_widgets.errors import NotFound
    from flowrun_widgets.records import TaskRunRecord

__all__ = ["check_not_mapped", "of_task", "only_one"]

NO_MAP_INDEX = (
    "Prefect 3 does not number mapped children: pass the name or the id of the task run. "
    "get_all_task_runs() lists them in the order in which they were due."
)
MAX_NAMED = 5


def check_not_mapped(map_index: int) -> None:
    """Raise InvalidArgument if the index of a mapped child was asked for."""
    if map_index >= 0:
        raise InvalidArgument(NO_MAP_INDEX)


def of_task(records: Iterable[TaskRunRecord], task: str) -> list[TaskRunRecord]:
    """Return the task runs with this task key, else those of the task with this name."""
    known = list(records)
    exact = [record for record in known if record.task_slug == task]
    return exact or [record for record in known if record.task_name == task]


def only_one(
    found: Sequence[TaskRunRecord],
    flow_run_id: str,
    word: str,
    nothing: Callable[[str], NotFound],
) -> TaskRunRecord:
    """Return the only task run that was found. `nothing` makes the error if there is none; Ambiguous: several."""
    wanted = f"task run {word!r:.100} in flow run {flow_run_id}"
    if not found:
        raise nothing(wanted)
    if len(found) == 1:
        return found[0]
    candidates = [
        f"{record.label} ({record.id})" for record in sorted(found, key=lambda one: one.place)
    ]
    more = "" if len(found) <= MAX_NAMED else f" and {len(found) - MAX_NAMED} more"
    raise Ambiguous(
        f"{len(found)} results for {wanted}: {', '.join(candidates[:MAX_NAMED])}{more}.",
        candidates,
    )
