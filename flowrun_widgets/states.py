"""The states of flow runs and task runs: Prefect 1.4.1's hierarchy, and the classes that only Prefect 3 needs.

The class of a state follows the server's *type*; `name` keeps the server's own word for it and is printed. States
are immutable. `==` is Prefect 1's: same class and same data; the message and the context do not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import Any, ClassVar, Self

from pendulum import DateTime

from flowrun_widgets.containers import FrozenDict, frozen_dict, thaw
from flowrun_widgets.times import isoformat, parse_time

__all__ = [
    "Cached",
    "Cancelled",
    "Cancelling",
    "ClientFailed",
    "Crashed",
    "Failed",
    "Finished",
    "Looped",
    "Mapped",
    "Paused",
    "Pending",
    "Queued",
    "Resume",
    "Retrying",
    "Running",
    "Scheduled",
    "Skipped",
    "State",
    "StoredResult",
    "Submitted",
    "Success",
    "Suspended",
    "TimedOut",
    "TriggerFailed",
    "Unknown",
    "ValidationFailed",
]

NOT_COMPARED = frozenset({"message", "result", "context", "stored_result", "name", "server_type"})


@dataclass(frozen=True, slots=True)
class StoredResult:
    """Where a result is stored. `kind` is its class (`LocalResult`, `S3Result`, …); the value is not included."""

    kind: str = "NoResultType"
    location: str | None = None
    details: FrozenDict = FrozenDict()


@dataclass(frozen=True, eq=False, repr=False)
class State:
    """The state of a run at one moment.

    `timestamp` is when the run entered the state, known for the states of a history. `result` is a value that the
    caller passed or loaded; servers never send values, they send `stored_result`.
    """

    color: ClassVar[str] = "#696969"

    message: str | None = None
    result: Any = None
    _: KW_ONLY
    context: FrozenDict = FrozenDict()
    cached_inputs: FrozenDict = FrozenDict()
    stored_result: StoredResult = StoredResult()
    timestamp: DateTime | None = None
    name: str = ""
    server_type: str = ""
    """The server's name of the type, where it differs from Prefect 1's."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "context", frozen_dict(self.context))
        object.__setattr__(self, "cached_inputs", frozen_dict(self.cached_inputs))
        if not self.name:
            object.__setattr__(self, "name", type(self).__name__)

    @property
    def type(self) -> str:
        """The server's name of the type: the class's name on Prefect 1; `Completed`, `Failed`, … on Prefect 3."""
        return self.server_type or self.prefect1_type

    @property
    def prefect1_type(self) -> str:
        """The class's name, which is how Prefect 1 spells the type, whichever server sent the state."""
        return type(self).__name__

    def __repr__(self) -> str:
        return f"<{self.name}>" if self.message is None else f'<{self.name}: "{self.message}">'

    def _identity(self) -> tuple[object, ...]:
        own = (
            getattr(self, field.name) for field in fields(self) if field.name not in NOT_COMPARED
        )
        return (type(self), self.prefect1_type, *own)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, State):
            return NotImplemented
        return self._identity() == other._identity() and self.result == other.result

    def __hash__(self) -> int:
        return hash(self._identity())

    def record(self) -> tuple[object, ...]:
        """Return everything that the server sent, messages included: two equal records are the same answer."""
        return (
            type(self),
            *(getattr(self, field.name) for field in fields(self) if field.name != "result"),
        )

    def at(self, timestamp: DateTime | None) -> Self:
        """Return the same state, entered at `timestamp`."""
        return replace(self, timestamp=timestamp)

    @classmethod
    def children(cls, names_only: bool = False) -> list[Any]:
        """Return the subclasses of this class, depth first; with `names_only`, their names."""
        below: list[type[State]] = []
        for child in cls.__subclasses__():
            if not child.__name__.startswith("_"):
                below.append(child)
            below.extend(child.children())
        return [child.__name__ for child in below] if names_only else below

    @classmethod
    def parents(cls, names_only: bool = False) -> list[Any]:
        """Return the state classes that this class derives from, nearest first; with `names_only`, their names."""
        above = [
            c for c in cls.__mro__[1:] if issubclass(c, State) and not c.__name__.startswith("_")
        ]
        return [c.__name__ for c in above] if names_only else above

    def is_pending(self) -> bool:
        """Whether the run has not begun: Pending, Scheduled and their subclasses; not Submitted and Queued."""
        return isinstance(self, Pending)

    def is_queued(self) -> bool:
        """Whether the run waits in a queue of Prefect 1."""
        return isinstance(self, Queued)

    def is_retrying(self) -> bool:
        """Whether the run waits for its next attempt."""
        return isinstance(self, Retrying)

    def is_running(self) -> bool:
        """Whether the run is running; a run that is being cancelled still is."""
        return isinstance(self, Running)

    def is_finished(self) -> bool:
        """Whether the run has ended, successfully or not."""
        return isinstance(self, Finished)

    def is_looped(self) -> bool:
        """Whether the task is between two rounds of its loop."""
        return isinstance(self, Looped)

    def is_skipped(self) -> bool:
        """Whether the task was skipped, which counts as success."""
        return isinstance(self, Skipped)

    def is_scheduled(self) -> bool:
        """Whether the run has a scheduled start, Queued included."""
        return isinstance(self, Scheduled | Queued)

    def is_submitted(self) -> bool:
        """Whether the run was submitted to an executor."""
        return isinstance(self, Submitted)

    def is_successful(self) -> bool:
        """Whether the run succeeded; Cached, Mapped and Skipped count as success."""
        return isinstance(self, Success)

    def is_failed(self) -> bool:
        """Whether the run failed: Failed, TimedOut, TriggerFailed, ValidationFailed, Crashed."""
        return isinstance(self, Failed)

    def is_mapped(self) -> bool:
        """Whether this is the parent of mapped task runs."""
        return isinstance(self, Mapped)

    def is_cached(self) -> bool:
        """Whether the result came from a cache."""
        return isinstance(self, Cached)

    def is_meta_state(self) -> bool:
        """Whether the state wraps another: Submitted, Queued, ClientFailed."""
        return isinstance(self, _MetaState)

    @classmethod
    def deserialize(cls, json: Mapping[str, Any], *, timestamp: DateTime | None = None) -> State:
        """Return the state that Prefect 1's JSON describes; an unknown type becomes `Unknown` and keeps its name.

        Raises:
            ValueError: part of the JSON is not what Prefect 1 writes.
        """
        return state_from_json(json, timestamp)

    def serialize(self) -> dict[str, Any]:
        """Return Prefect 1's JSON of this state, as client 1.4.1 writes it. Values of results are not written."""
        body: dict[str, Any] = {
            "type": self.prefect1_type,
            "message": None if self.message is None else str(self.message),
            "context": thaw(self.context),
            "cached_inputs": {
                key: {"type": "NoResultType", "__version__": VERSION} for key in self.cached_inputs
            },
            "__version__": VERSION,
        }
        if not isinstance(self, Mapped):
            body["_result"] = _result_json(self.stored_result)
        for field in fields(self):
            if field.name not in BASE_FIELDS:
                value = getattr(self, field.name)
                body[field.name] = _plain(value)
        body.pop("map_states", None)
        return body


VERSION = "1.4.1"
BASE_FIELDS = frozenset(field.name for field in fields(State))


def _plain(value: Any) -> Any:
    if isinstance(value, State):
        return value.serialize()
    return isoformat(value) if hasattr(value, "isoformat") else thaw(value)


@dataclass(frozen=True, eq=False, repr=False)
class Pending(State):
    """The run has not begun."""

    color: ClassVar[str] = "#7ebdff"


@dataclass(frozen=True, eq=False, repr=False)
class Scheduled(Pending):
    """The run is due at `start_time`."""

    color: ClassVar[str] = "#ffab00"

    _: KW_ONLY
    start_time: DateTime | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Paused(Scheduled):
    """The run waits for somebody to resume it."""

    color: ClassVar[str] = "#99a8e8"


@dataclass(frozen=True, eq=False, repr=False)
class Resume(Scheduled):
    """The run was resumed after a pause."""

    color: ClassVar[str] = "#f58c0c"


@dataclass(frozen=True, eq=False, repr=False)
class Retrying(Scheduled):
    """The run failed and waits for its next attempt; `run_count` attempts were made."""

    color: ClassVar[str] = "#f66a0a"

    _: KW_ONLY
    run_count: int = 1


@dataclass(frozen=True, eq=False, repr=False)
class _MetaState(State):
    color: ClassVar[str] = "#696969"

    _: KW_ONLY
    state: State | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        inner = self.state
        while isinstance(inner, _MetaState):
            inner = inner.state
        object.__setattr__(self, "state", inner)


@dataclass(frozen=True, eq=False, repr=False)
class ClientFailed(_MetaState):
    """The run's process could not report `state` to the server."""

    color: ClassVar[str] = "#eb0000"


@dataclass(frozen=True, eq=False, repr=False)
class Submitted(_MetaState):
    """The run was submitted to an executor."""

    color: ClassVar[str] = "#ffdf5d"


@dataclass(frozen=True, eq=False, repr=False)
class Queued(_MetaState):
    """The run waits for a free slot and tries again at `start_time`."""

    color: ClassVar[str] = "#ffea7f"

    _: KW_ONLY
    start_time: DateTime | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Running(State):
    """The run is running."""

    color: ClassVar[str] = "#3d67ff"


@dataclass(frozen=True, eq=False, repr=False)
class Cancelling(Running):
    """The run was cancelled and has not ended yet."""

    color: ClassVar[str] = "#E8E8E8"


@dataclass(frozen=True, eq=False, repr=False)
class Finished(State):
    """The run ended."""

    color: ClassVar[str] = "#003ccb"


@dataclass(frozen=True, eq=False, repr=False)
class Looped(Finished):
    """One round of a looping task ended; neither success nor failure."""

    color: ClassVar[str] = "#003ccb"

    _: KW_ONLY
    loop_count: int = 1


@dataclass(frozen=True, eq=False, repr=False)
class Success(Finished):
    """The run succeeded."""

    color: ClassVar[str] = "#28a745"


@dataclass(frozen=True, eq=False, repr=False)
class Cached(Success):
    """The task run took its result from a cache."""

    color: ClassVar[str] = "#34d058"

    _: KW_ONLY
    cached_parameters: FrozenDict | None = None
    cached_result_expiration: DateTime | None = None
    hashed_inputs: FrozenDict | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Mapped(Success):
    """The task run has `n_map_states` mapped children."""

    color: ClassVar[str] = "#003ccb"

    _: KW_ONLY
    n_map_states: int = 0

    @property
    def map_states(self) -> list[State | None]:
        """One `None` per child: servers do not send the children's states with the parent's."""
        return [None] * self.n_map_states


@dataclass(frozen=True, eq=False, repr=False)
class Skipped(Success):
    """The task run was skipped, which counts as success."""

    color: ClassVar[str] = "#62757f"


@dataclass(frozen=True, eq=False, repr=False)
class Cancelled(Finished):
    """The run was cancelled; neither success nor failure."""

    color: ClassVar[str] = "#bdbdbd"


@dataclass(frozen=True, eq=False, repr=False)
class Failed(Finished):
    """The run failed."""

    color: ClassVar[str] = "#eb0000"


@dataclass(frozen=True, eq=False, repr=False)
class TimedOut(Failed):
    """The run exceeded its timeout."""

    color: ClassVar[str] = "#ff4e33"


@dataclass(frozen=True, eq=False, repr=False)
class TriggerFailed(Failed):
    """The task run never began, because its upstream task runs did not end as its trigger requires."""

    color: ClassVar[str] = "#ff5131"


@dataclass(frozen=True, eq=False, repr=False)
class ValidationFailed(Failed):
    """The result did not pass its validators."""

    color: ClassVar[str] = "#ff5131"


@dataclass(frozen=True, eq=False, repr=False)
class Crashed(Failed):
    """Prefect 3: the infrastructure of the run failed."""

    color: ClassVar[str] = "#eb0000"


@dataclass(frozen=True, eq=False, repr=False)
class Suspended(Paused):
    """Prefect 3: the run is paused, and its process has ended."""

    color: ClassVar[str] = "#99a8e8"


@dataclass(frozen=True, eq=False, repr=False)
class Unknown(State):
    """A type that this version does not know; `name` is the server's name of it. Every predicate is False."""

    @property
    def prefect1_type(self) -> str:
        """The server's own type."""
        return self.name


TYPES: dict[str, type[State]] = {
    cls.__name__: cls for cls in State.children() if cls is not Unknown
}


def state_from_json(json: Mapping[str, Any], timestamp: DateTime | None = None) -> State:
    """Return the state that Prefect 1's JSON describes. Needs only `type`; ignores keys it does not know."""
    kind = json.get("type")
    if not isinstance(kind, str) or not kind:
        raise ValueError("a state without a type")
    cls = TYPES.get(kind, Unknown)
    message = json.get("message")
    if message is not None and not isinstance(message, str):
        message = str(message)
    values: dict[str, Any] = {
        "context": _object(json.get("context")),
        "cached_inputs": _object(json.get("cached_inputs")),
        "stored_result": _stored_result(json.get("_result")),
        "timestamp": timestamp,
        "name": kind,
    }
    own = {field.name for field in fields(cls)}
    for key in own & {"start_time", "cached_result_expiration"}:
        values[key] = parse_time(json.get(key))
    for key in own & {"run_count", "loop_count", "n_map_states"}:
        if isinstance(json.get(key), int):
            values[key] = json[key]
    for key in own & {"cached_parameters", "hashed_inputs"}:
        values[key] = None if json.get(key) is None else _object(json[key])
    if "state" in own and isinstance(json.get("state"), dict):
        values["state"] = state_from_json(json["state"])
    return cls(message, **values)


def types_like(word: str) -> tuple[str, ...]:
    """Return the names of a state class and its subclasses; `word` may be in any case. () if there is no such class."""
    for name, cls in (("State", State), *TYPES.items()):
        if name.lower() == word.lower():
            return (name, *cls.children(names_only=True))
    return ()


def _object(value: Any) -> FrozenDict:
    return frozen_dict(value if isinstance(value, dict) else None)


def _stored_result(json: Any) -> StoredResult:
    if not isinstance(json, dict):
        return StoredResult()
    details = {
        key: value for key, value in json.items() if key not in {"type", "location", "__version__"}
    }
    location = json.get("location")
    return StoredResult(
        str(json.get("type", "Result")),
        location if isinstance(location, str) else None,
        frozen_dict(details),
    )


def _result_json(result: StoredResult) -> dict[str, Any]:
    body: dict[str, Any] = {"type": result.kind, "__version__": VERSION, **thaw(result.details)}
    if result.kind != "NoResultType":
        body["location"] = result.location
    return body
