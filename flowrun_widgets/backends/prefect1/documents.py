"""The GraphQL documents for Prefect 1, without the fields and tables that a server is known to lack."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from flowrun_widgets.backends.prefect1.known_fields import KnownFields
from flowrun_widgets.log_columns import NUMBERS
from flowrun_widgets.states import types_like

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_widgets.backends.protocol import Extent

__all__ = [
    "AGENT",
    "ARTIFACT",
    "BEGUN",
    "ENDED",
    "FLOW",
    "FLOW_RUN",
    "IDS",
    "LABEL",
    "LABELS",
    "LOG",
    "MORE",
    "OF_RUN",
    "OF_RUNS",
    "TASK",
    "TASK_RUN",
    "TASK_RUN_ORDER",
    "TENANT",
    "Document",
    "latest",
    "lines",
    "log_end",
    "of_level",
    "one",
    "reopened",
    "several",
    "unsuccessful",
]

Document = Callable[[KnownFields], str]
"""A function that returns a document for a server that has these fields."""

STATES = "states{timestamp serialized_state}"
FLOW_RUN = (
    "id name flow_id labels parameters context created updated run_config scheduled_start_time start_time end_time "
    f"serialized_state {STATES} flow{{name project{{name}}}}"
)
TASK_RUN = (
    "id flow_run_id name map_index created updated start_time end_time serialized_state "
    f"{STATES} task{{id slug name}}"
)
FLOW = (
    "id name version archived created core_version settings run_config serialized_flow storage flow_group_id "
    "project{name} flow_group{labels}"
)
LOG = "id timestamp updated level name message task_run_id"
TASK = "id is_reference_task upstream_edges{upstream_task_id}"
LABEL = "id name map_index task{name}"
ARTIFACT = "id created kind data task_run_id task_run{flow_run_id}"
AGENT = "id name labels last_queried"
TENANT = "id name slug"
LABELS = "labels"
"""The alias of the task runs that lines refer to by name."""
MORE, ENDED = "more", "ended"
"""The aliases of task runs beyond the known ones, and beyond those that are known to have ended."""
FINISHED = json.dumps(types_like("finished"))
"""The final states, and the states of a run that has begun."""
BEGUN = json.dumps([*types_like("finished"), *types_like("running")])
UNSUCCESSFUL = json.dumps([*types_like("failed"), *types_like("pending")])
TASK_RUN_ORDER = ("task.slug:asc", "map_index:asc", "id:asc")
OF_RUN = "flow_run_id:{_eq:$id}"
OF_RUNS = "flow_run_id:{_in:$ids}"
ID, IDS = "$id:uuid!", "$ids:[uuid!]!"


def one(table: str, fields: str) -> Document:
    """Return the document for the row with the id `$id`."""
    return several(table, fields, declared=[ID], where="id:{_eq:$id}")


def several(
    table: str,
    fields: str,
    *,
    declared: Iterable[str] = (ID,),
    where: str = "",
    order: Iterable[str] = (),
    limit: str = "",
    offset: str = "",
) -> Document:
    """Return the document for rows of one table. `order` has keys such as `task.slug:asc`."""
    keys = tuple(order)
    return lambda known: _document(
        declared,
        _rows(known, table, fields, where=where, order=keys, limit=limit, offset=offset),
    )


def lines(declared: Iterable[str], where: str) -> Document:
    """Return the document for the lines of the run `$id`, the names of its task runs, and whether the run exists."""
    return lambda known: _document(
        [ID, *declared],
        *_lines(known, where, OF_RUN),
        _rows(known, "flow_run", "id", where="id:{_eq:$id}"),
    )


def log_end(
    *, is_newest: bool, has_end: bool, min_level: int | None, tasks: int | None
) -> Document:
    """Return the document for at most `$count` lines at one end of the log of the run `$id`.

    They are not later than `$until`, and of the task runs `$tasks`, or of the flow itself if there are 0 `tasks`.
    """
    declared, chosen = [ID, "$count:Int!"], [OF_RUN]
    if min_level is not None:
        chosen.append(of_level(min_level))
    if has_end:
        declared.append("$until:timestamptz!")
        chosen.append("timestamp:{_lte:$until}")
    if tasks:
        declared.append("$tasks:[uuid!]!")
        chosen.append("task_run_id:{_in:$tasks}")
    elif tasks is not None:
        chosen.append("task_run_id:{_is_null:true}")
    where = ",".join(chosen)
    return lambda known: _document(
        declared,
        _rows(
            known,
            "log",
            LOG,
            where=where,
            order=(f"timestamp:{'desc' if is_newest else 'asc'}",),
            limit="$count",
        ),
        _rows(known, "flow_run", "id", where="id:{_eq:$id}"),
    )


def of_level(min_level: int) -> str:
    """Return the condition for lines of this level or a more severe one; the server has names of levels only."""
    names = json.dumps([name for name, number in NUMBERS.items() if number >= min_level])
    return f"level:{{_in:{names}}}"


def unsuccessful() -> Document:
    """Return the document for at most `$count` task runs of the run `$id` that failed or have not begun."""

    def document(known: KnownFields) -> str:
        has_state = known.has("task_run", "state")
        where = f"{OF_RUN},state:{{_in:{UNSUCCESSFUL}}}" if has_state else OF_RUN
        limit = "$count" if has_state else ""
        declared = [ID, *(["$count:Int!"] if has_state else ())]
        order = TASK_RUN_ORDER
        return _document(
            declared, _rows(known, "task_run", TASK_RUN, where=where, order=order, limit=limit)
        )

    return document


def latest(*, logs: bool, task_runs: bool) -> Document:
    """Return the document for the run `$id`, its lines since `$logs` with names, and its task runs since `$tasks`."""

    def document(known: KnownFields) -> str:
        declared = [ID]

        def newer(table: str, variable: str) -> str:
            """Return the filter for newer rows; without a column `updated`, everything is read again."""
            if not known.has(table, "updated"):
                return OF_RUN
            declared.append(f"${variable}:timestamptz!")
            return f"{OF_RUN},updated:{{_gte:${variable}}}"

        parts = [_rows(known, "flow_run", FLOW_RUN, where="id:{_eq:$id}")]
        if logs:
            where = newer("log", "logs")
            labels = f"{OF_RUN},logs:{{{where}}}" if known.has("task_run", "logs") else OF_RUN
            parts += _lines(known, where, labels)
        if task_runs:
            where = newer("task_run", "tasks")
            parts.append(_rows(known, "task_run", TASK_RUN, where=where, order=TASK_RUN_ORDER))
        return _document(declared, *parts)

    return document


def reopened(copied: Extent) -> Document:
    """Return the document for the run `$id`, and one line and one task run beyond the number that a copy has."""

    def document(known: KnownFields) -> str:
        def beyond(table: str, number: int, where: str = OF_RUN, alias: str = "") -> str:
            limit, offset = "1", str(number)
            return _rows(known, table, "id", where=where, limit=limit, offset=offset, alias=alias)

        parts = [
            _rows(known, "flow_run", FLOW_RUN, where="id:{_eq:$id}"),
            beyond("log", copied.lines),
            beyond("task_run", copied.task_runs, alias=f"{MORE}:"),
        ]
        if known.has("task_run", "state"):
            where = f"{OF_RUN},state:{{_in:{FINISHED}}}"
            parts.append(beyond("task_run", copied.ended_task_runs, where, f"{ENDED}:"))
        return _document([ID], *parts)

    return document


def _lines(known: KnownFields, where: str, labels: str) -> list[str]:
    return [
        _rows(known, "log", LOG, where=where, order=("timestamp:asc",)),
        _rows(known, "task_run", LABEL, where=labels, alias=f"{LABELS}:"),
    ]


def _rows(
    known: KnownFields,
    table: str,
    fields: str,
    *,
    where: str,
    order: tuple[str, ...] = (),
    limit: str = "",
    offset: str = "",
    alias: str = "",
) -> str:
    """Return the part of a document for rows of a table; empty if the server has no such table."""
    if not known.has_table(table):
        return ""
    given = [f"where:{{{where}}}"] if where else []
    if order:
        given.append(f"order_by:{known.order(table, *order)}")
    if limit:
        given.append(f"limit:{limit}")
    if offset:
        given.append(f"offset:{offset}")
    arguments = f"({','.join(given)})" if given else ""
    return f"{alias}{table}{arguments}{{{known.selection(table, fields)}}}"


def _document(declared: Iterable[str], *parts: str) -> str:
    asked = " ".join(part for part in parts if part)
    if not asked:
        return "{__typename}"
    variables = ",".join(declared)
    return f"query({variables}){{{asked}}}" if variables else f"{{{asked}}}"
