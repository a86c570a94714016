"""The SQL condition for a filter of flow runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.prefect3.states import ENDED_TYPES, UNFINISHED_TYPES, state_filter
from flowrun_widgets.backends.prefect3_database.selects import among

if TYPE_CHECKING:
    from flowrun_widgets.backends.prefect3_database.database import Database
    from flowrun_widgets.backends.run_filter import RunFilter

__all__ = ["matching"]

NAMED = "r.deployment_id in (select id from deployment where name = :deployment)"


def matching(chosen: RunFilter, database: Database) -> tuple[str, dict[str, Any]]:
    """Return the condition for runs `r` that match a filter, and its values; tags and parameters are not in it."""
    conditions, values = ["1 = 1"], dict[str, Any]()
    deployment = database.text("r.deployment_id")
    for name, condition, value in (
        ("name", "r.name = :name", chosen.name),
        ("flow", "f.name = :flow", chosen.flow_name),
        ("since", "r.expected_start_time >= :since", chosen.since),
        ("until", "r.expected_start_time <= :until", chosen.until),
        ("work_pool", "p.name = :work_pool", chosen.work_pool),
        ("deployment", f"({deployment} = lower(:deployment) or {NAMED})", chosen.deployment),
    ):
        if value is not None:
            conditions.append(condition)
            values[name] = value if isinstance(value, str) else database.moment(value)
    if chosen.states:
        either: list[str] = []
        for field in ("type", "name"):
            if wanted := state_filter(chosen.states).get(field):
                condition, named = among(f"r.state_{field}", wanted["any_"], field)
                either.append(condition)
                values |= named
        conditions.append(f"({' or '.join(either)})")
    if chosen.only_begun:
        # A run that ended without starting counts as begun, and so does one that waits for another attempt.
        over, named = among("r.state_type", ENDED_TYPES, "over")
        going, more = among("r.state_type", UNFINISHED_TYPES, "going")
        conditions.append(f"({over} or ({going} and r.start_time is not null))")
        values |= named | more
    if chosen.only_top_level:
        conditions.append("r.parent_task_run_id is null")
    return f"where {' and '.join(conditions)}", values
