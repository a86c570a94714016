"""Lists flow runs of a Prefect 1 server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.prefect1.documents import BEGUN, FLOW_RUN, several
from flowrun_widgets.backends.prefect1_rows import flow_run_record
from flowrun_widgets.containers import thaw
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.states import types_like
from flowrun_widgets.times import isoformat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.backends.prefect1.api import GraphQLApi
    from flowrun_widgets.backends.prefect1.known_fields import KnownFields
    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.records import FlowRunRecord

__all__ = ["newest_flow_runs"]

RUNS_AT_ONCE = 1_000
"""The largest number of runs in one request."""
UNKNOWN = {"tags": "tags", "deployment": "deployments", "work_pool": "work pools"}
"""Conditions of a filter that Prefect 1 does not have."""


def newest_flow_runs(
    api: GraphQLApi, url: str, chosen: RunFilter, limit: int | None
) -> Iterator[FlowRunRecord]:
    """Yield the newest flow runs, sorted by when they began or were created.

    Raises:
        InvalidArgument: the filter has a condition that Prefect 1 does not have.
    """
    for name, words in UNKNOWN.items():
        if getattr(chosen, name):
            raise InvalidArgument(
                f"Prefect 1 has no {words}: find runs by flow, state, time or parameters."
            )
    return _pages(api, url, chosen, limit)


def _pages(
    api: GraphQLApi, url: str, chosen: RunFilter, limit: int | None
) -> Iterator[FlowRunRecord]:
    document, variables = _question(chosen)
    found = set[str]()
    offset = 0
    while limit is None or len(found) < limit:
        size = RUNS_AT_ONCE if limit is None else min(RUNS_AT_ONCE, limit - len(found))
        data = api.ask(document, **variables, limit=size, offset=offset)
        page = [flow_run_record(row, url) for row in api.rows(data, "flow_run")]
        # A run that began meanwhile moves others to the next page, where they appear again.
        new = [record for record in page if record.id not in found]
        found.update(record.id for record in new)
        yield from new
        if len(page) < size or not new:
            return
        offset += len(page)


def _question(chosen: RunFilter) -> tuple[Any, dict[str, Any]]:
    """Return the document for a filter, and its variables."""
    declared, where, variables = ["$limit:Int!", "$offset:Int!"], list[str](), dict[str, Any]()
    spans, either = list[str](), list[str]()
    if chosen.name is not None:
        declared.append("$name:String!")
        where.append("name:{_eq:$name}")
        variables["name"] = chosen.name
    if chosen.flow_name is not None:
        declared.append("$flow:String!")
        where.append("flow:{name:{_eq:$flow}}")
        variables["flow"] = chosen.flow_name
    if chosen.states:
        declared.append("$states:[String!]!")
        where.append("state:{_in:$states}")
        plain = (word for word in chosen.states if not types_like(word))
        variables["states"] = [*sorted(chosen.state_types), *plain]
    if chosen.parameters:
        declared.append("$parameters:jsonb!")
        where.append("parameters:{_contains:$parameters}")
        variables["parameters"] = thaw(chosen.parameters)
    for name, operator in (("since", "_gte"), ("until", "_lte")):
        moment = getattr(chosen, name)
        if moment is not None:
            declared.append(f"${name}:timestamptz!")
            spans.append(f"{operator}:${name}")
            variables[name] = isoformat(moment)
    if spans:
        span = ",".join(spans)
        either.append(
            f"{{start_time:{{{span}}}}},{{start_time:{{_is_null:true}},scheduled_start_time:{{{span}}}}}"
        )

    def document(known: KnownFields) -> str:
        alternatives = [*either]
        if chosen.only_begun and known.has("flow_run", "state"):
            begun = ["{start_time:{_is_null:false}}"] * known.has("flow_run", "start_time")
            alternatives.append(",".join([*begun, f"{{state:{{_in:{BEGUN}}}}}"]))
        both = f"_and:[{','.join(f'{{_or:[{one}]}}' for one in alternatives)}]"
        ask = several(
            "flow_run",
            FLOW_RUN,
            declared=declared,
            where=",".join([*where, both] if alternatives else where),
            order=("start_time:desc_nulls_last", "created:desc"),
            limit="$limit",
            offset="$offset",
        )
        return ask(known)

    return document, variables
