"""`facts_of()`: what a run was started with and when, as named values that can be compared between many runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flowrun_widgets.containers import thaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.records import FlowRunRecord

__all__ = ["MISSING", "facts_of", "value_text"]

MISSING = "(missing)"
"""The value of a fact that a run does not have."""
MAX_DEPTH = 4
"""How deep nested parameters are taken apart."""
MAX_FACTS = 200
"""How many facts a run has at most."""
MAX_TEXT_CHARS = 200


def facts_of(record: FlowRunRecord) -> dict[str, Any]:
    """Return the facts of a run: parameters, versions, deployment, work pool, infrastructure; without tags and times.

    The record is one without secrets. Values are text, numbers, truth values or None.
    """
    extra = record.extra
    facts: dict[str, Any] = {
        "flow": record.flow_name,
        "project": record.project_name,
        "flow version": extra.get("flow_version"),
        "deployment version": extra.get("deployment_version"),
        "deployment": record.deployment_id,
        "work pool": record.work_pool_name,
        "work queue": record.work_queue_name,
    }
    if record.labels is not None:  # each version of a flow of Prefect 1 has an id of its own
        facts["flow id"] = record.flow_id
    nested = (
        ("parameters", record.parameters),
        ("job_variables", extra.get("job_variables")),
        ("run_config", record.run_config),
        ("created_by", extra.get("created_by")),
    )
    for name, value in nested:
        facts |= dict(_flat(name, value, MAX_DEPTH))
    return {name: value for name, value in [*facts.items()][:MAX_FACTS] if value is not None}


def value_text(value: Any) -> str:
    """Return a value as it is written in a finding: text in quotes; lists are already JSON."""
    if value is MISSING or (isinstance(value, str) and value.startswith("[")):
        return value
    return json.dumps(thaw(value), ensure_ascii=False, default=str)


def _flat(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner, depth - 1)
    elif isinstance(value, str | int | float):
        yield name, value[:MAX_TEXT_CHARS] if isinstance(value, str) else value
    elif value is not None and value not in ({}, ()):
        text = json.dumps(thaw(value), sort_keys=True, ensure_ascii=False, default=str)
        yield name, text[:MAX_TEXT_CHARS]
