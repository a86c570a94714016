"""Prefect Server's two tracked functions: the tasks downstream or upstream of some tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from flowrun_widgets.gateway.literals import read_id_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowrun_widgets.gateway.dialects import Dialect

__all__ = ["traversal"]

_DEFAULT_DEPTH = 50
_DEEPEST = 1000


def traversal(dialect: Dialect, near: str, far: str, arguments: Mapping[str, Any]) -> sa.FromClause:
    """Return the tasks reached along edges from their `near` end to their `far` end, with the longest distance.

    The tasks from which the walk starts have depth 0.
    """
    depth_limit = arguments.get("depth_limit")
    depth_limit = _DEFAULT_DEPTH if depth_limit is None else min(depth_limit, _DEEPEST)
    task = dialect.tables["task"].source()
    edge = dialect.tables["edge"].source()
    starts = dialect.is_among("uuid", task.c.id, read_id_list(arguments.get("start_task_ids")))
    first = sa.select(
        task.c.tenant_id.label("tenant_id"),
        task.c.id.label("task_id"),
        sa.literal_column("0", sa.Integer()).label("depth"),
    ).where(starts)
    walked = first.cte("walked", recursive=True)
    step = (
        sa.select(edge.c.tenant_id, edge.c[far], walked.c.depth + sa.literal_column("1"))
        .select_from(walked.join(edge, edge.c[near] == walked.c.task_id))
        .where(walked.c.depth < depth_limit)
    )
    walked = walked.union(step)
    farthest = sa.func.max(walked.c.depth).label("depth")
    tenant = dialect.typed("uuid", sa.func.min(sa.cast(walked.c.tenant_id, sa.Text())))
    return (
        sa.select(tenant.label("tenant_id"), walked.c.task_id.label("task_id"), farthest)
        .group_by(walked.c.task_id)
        .subquery()
    )
