"""Converts Prefect 3's states: the type selects the class, a few known names select a subclass, the name is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets import states
from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.containers import frozen_dict
from flowrun_widgets.states import State, StoredResult
from flowrun_widgets.times import as_utc, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable


__all__ = [
    "BY_NAME",
    "ENDED_TYPES",
    "UNFINISHED_TYPES",
    "UNSUCCESSFUL_TYPES",
    "history",
    "state_filter",
    "state_of",
    "state_of_type",
]

BY_TYPE: dict[str, type[State]] = {
    "SCHEDULED": states.Scheduled,
    "PENDING": states.Pending,
    "RUNNING": states.Running,
    "COMPLETED": states.Success,
    "FAILED": states.Failed,
    "CRASHED": states.Crashed,
    "CANCELLING": states.Cancelling,
    "CANCELLED": states.Cancelled,
    "PAUSED": states.Paused,
}
ENDED_TYPES = tuple(name for name, cls in BY_TYPE.items() if cls().is_finished())
UNFINISHED_TYPES = tuple(name for name in BY_TYPE if name not in ENDED_TYPES)
UNSUCCESSFUL_TYPES = ("FAILED", "CRASHED", "PENDING")
"""The types of task runs that failed or have not begun."""
BY_NAME: dict[tuple[str, str], type[State]] = {
    ("SCHEDULED", "AwaitingRetry"): states.Retrying,
    ("SCHEDULED", "Resuming"): states.Resume,
    ("COMPLETED", "Cached"): states.Cached,
    ("FAILED", "TimedOut"): states.TimedOut,
    ("PAUSED", "Suspended"): states.Suspended,
}
"""Names that have a class of their own. Every other name was chosen by a user and does not affect the class."""

KNOWN_NAMES = (
    "AwaitingConcurrencySlot", "AwaitingRetry", "InfrastructurePending", "Late", "NotReady", "Resuming", "RolledBack",
    "Submitting",
)  # fmt: skip


NOT_PERSISTED = "NotPersisted"
"""The kind of a result that stayed in the memory of its process, which is Prefect 3's default."""


def state_of(json: wire.State, run_count: int | None = None) -> State:
    """Return the state; an unknown type becomes `Unknown`. `run_count` is how many times the run has begun."""
    cls = BY_NAME.get((json.type, json.name or "")) or BY_TYPE.get(json.type, states.Unknown)
    details = json.state_details or {}
    own: dict[str, Any] = {}
    if issubclass(cls, states.Paused):
        own["start_time"] = parse_time(details.get("pause_timeout"))
    elif issubclass(cls, states.Scheduled):
        own["start_time"] = parse_time(details.get("scheduled_time"))
    if cls is states.Retrying and run_count is not None:
        own["run_count"] = run_count
    if cls is states.Cached:
        own["cached_result_expiration"] = parse_time(details.get("cache_expiration"))
    return cls(
        json.message,
        name=json.name or json.type,
        server_type="" if cls is states.Unknown else json.type.title(),
        timestamp=None if json.timestamp is None else as_utc(json.timestamp),
        stored_result=_stored_result(json.data),
        **own,
    )


def state_of_type(server_type: str) -> State:
    """Return the state of which the server sends only the type; its name is Prefect's default name for the type."""
    return state_of(wire.State(type=server_type, name=server_type.title()))


def history(rows: Iterable[wire.State]) -> tuple[State, ...]:
    """Return the states of a run, oldest first."""
    found: list[State] = []
    began = 0
    for row in sorted(rows, key=_entered):
        began += row.type == "RUNNING"
        found.append(state_of(row, began))
    return tuple(found)


def state_filter(words: Iterable[str]) -> dict[str, Any]:
    """Return the server's filter for any of these: state classes, else the server's own names of states."""
    types, names = set[str](), set[str]()
    for word in words:
        wanted = {getattr(states, name) for name in states.types_like(word)}
        found = {key for key, cls in BY_TYPE.items() if cls in wanted}
        if not wanted and word.upper() in BY_TYPE:
            found = {word.upper()}
        types |= found
        if not found:  # the names of a type belong to its subclasses
            own = [name for (_, name), cls in BY_NAME.items() if cls in wanted]
            known = [name for name in KNOWN_NAMES if name.lower() == word.lower()]
            names.update(own or known or [word])
    either = {
        field: {"any_": sorted(values)}
        for field, values in (("type", types), ("name", names))
        if values
    }
    return {"operator": "or_", **either} if len(either) > 1 else either


def _entered(row: wire.State) -> float:
    return 0.0 if row.timestamp is None else row.timestamp.timestamp()


def _stored_result(data: Any) -> StoredResult:
    """Return where a result is stored: Prefect 3 sends its metadata, never the value."""
    if not isinstance(data, dict):
        return StoredResult(NOT_PERSISTED)
    location = data.get("storage_key")
    details = {key: value for key, value in data.items() if key not in {"type", "storage_key"}}
    return StoredResult(
        str(data.get("type") or "ResultRecordMetadata"),
        location if isinstance(location, str) else None,
        frozen_dict(details),
    )
