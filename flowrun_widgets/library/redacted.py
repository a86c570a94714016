"""Records and lines without secrets: the form in which they are kept."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.redaction import redacted_json, redacted_messages, redacted_text
from flowrun_widgets.states import State, StoredResult

__all__ = ["redacted", "redacted_messages"]

R = TypeVar("R")


def redacted(record: R) -> R:
    """Return a record with its JSON, and the messages and data of its states, redacted."""
    changed = {
        field.name: _redacted(getattr(record, field.name))
        for field in fields(record)  # pyright: ignore[reportArgumentType]
        if isinstance(getattr(record, field.name), FrozenDict | State | tuple)
    }
    return replace(record, **changed)  # pyright: ignore[reportArgumentType, reportReturnType, reportCallIssue]


def _redacted(value: Any) -> Any:
    if isinstance(value, StoredResult):
        return replace(
            value,
            location=None if value.location is None else redacted_text(value.location),
            details=redacted_json(value.details),
        )
    if isinstance(value, State):
        changed = {
            field.name: _redacted(getattr(value, field.name))
            for field in fields(value)
            if field.name not in {"result", "name", "timestamp"}
        }
        return replace(value, **changed, result=None)
    if type(value) is tuple:
        return tuple(map(_redacted, value))
    return redacted_json(value)
