"""`run_rows()`: flow runs as the rows of a table in the page, from their records. No request is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from flowrun_widgets.analysis.durations import ended_at, ran_seconds, wait_of
from flowrun_widgets.containers import thaw
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.redaction.records import redacted_records
from flowrun_widgets.report.badges import wire_state
from flowrun_widgets.report.wire import RunRows
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pendulum import DateTime

    from flowrun_widgets import states
    from flowrun_widgets.containers import FrozenDict
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.report.wire import State

__all__ = ["bare_state", "run_rows"]

MAX_NAME_CHARS = 120
"""How many characters of a name are shown."""
MAX_MESSAGE_CHARS = 300
"""How many characters of a failed run's message are shown."""
MAX_TAGS, MAX_TAG_CHARS = 10, 60
MAX_PARAMETERS, MAX_VALUE_CHARS = 8, 60
"""How many parameters are shown, and how many characters of each value."""
MAX_URL_CHARS = 500

T = TypeVar("T")


def run_rows(
    records: Sequence[tuple[FlowRunRecord, DateTime, Redaction | None]], start: int
) -> RunRows:
    """Return records, each with the time it was fetched and the rules of redaction, as rows. Secrets are removed."""
    clean, redacted = _without_secrets(records)
    flow_names: dict[str, int] = {}
    kinds: dict[State, int] = {}
    return RunRows(
        start=start,
        ids=tuple(one.id for one in clean),
        names=tuple(shortened(one.name, MAX_NAME_CHARS) for one in clean),
        flows=tuple(
            -1 if one.flow_name is None else _number(flow_names, _cut(one.flow_name))
            for one in clean
        ),
        states=tuple(_number(kinds, bare_state(one.state)) for one in clean),
        due_at=tuple(_due_at(one) for one in clean),
        started_at=tuple(_micros(one.started_at) for one in clean),
        ended_at=tuple(_micros(ended_at(one)) for one in clean),
        ran=tuple(
            _rounded(ran_seconds(one, as_of))
            for one, (_, as_of, _) in zip(clean, records, strict=True)
        ),
        messages=tuple(
            shortened(one.state.message, MAX_MESSAGE_CHARS) if one.state.is_failed() else None
            for one in clean
        ),
        tags=tuple(
            tuple(shortened(str(tag), MAX_TAG_CHARS) or "" for tag in one.tags[:MAX_TAGS])
            for one in clean
        ),
        parameters=tuple(tuple(_values(one.parameters)) for one in clean),
        urls=tuple(_address(one.ui_url) for one in clean),
        flow_names=tuple(flow_names),
        state_kinds=tuple(kinds),
        redacted=redacted,
    )


def _without_secrets(
    records: Sequence[tuple[FlowRunRecord, DateTime, Redaction | None]],
) -> tuple[list[FlowRunRecord], int]:
    """Return the records without secrets; those with the same rules are searched together."""
    clean = [record for record, _, _ in records]
    redacted = 0
    for redaction in {id(rules): rules for _, _, rules in records}.values():
        if redaction is None:
            continue
        places = [at for at, (_, _, rules) in enumerate(records) if rules is redaction]
        found = redacted_records([clean[at] for at in places], redaction)
        redacted += found.count
        for at, record in zip(places, found.value, strict=True):
            clean[at] = record
    return clean, redacted


def bare_state(state: states.State) -> State:
    """Return a state without what differs between runs in the same state."""
    return msgspec.structs.replace(wire_state(state), message=None, at=None)


def _number(known: dict[T, int], value: T) -> int:
    return known.setdefault(value, len(known))


def _cut(name: str) -> str:
    return shortened(name, MAX_NAME_CHARS) or ""


def _due_at(record: FlowRunRecord) -> int | None:
    wait = None if record.started_at is not None else wait_of(record)
    return None if wait is None else _micros(wait.until)


def _values(parameters: FrozenDict) -> Iterable[tuple[str, str]]:
    for name, value in [*parameters.items()][:MAX_PARAMETERS]:
        text = msgspec.json.encode(thaw(value)).decode()
        yield shortened(name, MAX_TAG_CHARS) or "", shortened(text, MAX_VALUE_CHARS) or ""


def _address(url: str | None) -> str | None:
    is_link = url is not None and url.startswith(("http://", "https://"))
    return url if is_link and len(url or "") <= MAX_URL_CHARS else None


def _micros(moment: DateTime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
