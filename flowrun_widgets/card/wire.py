"""The shapes that travel from Python to the page; their other side is `js/src/core/wire.ts`.

Times are microseconds since 1970 in UTC, spans are seconds.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "Changes",
    "Digest",
    "Header",
    "LevelCounts",
    "LogRow",
    "LogWindow",
    "Logs",
    "Notice",
    "Payload",
    "State",
    "TaskRun",
    "TaskRuns",
]

LogRow = tuple[int, int, int | None, str | None, str | None, str | None, str, int]
"""seq, timestamp, level, level name, task, logger, message, length of the whole message."""


class State(msgspec.Struct, frozen=True):
    """A state with the family that gives its colour and the icon that gives its shape."""

    type: str
    name: str
    family: str
    icon: str
    message: str | None
    at: int | None


class Header(msgspec.Struct, frozen=True):
    """The run itself."""

    id: str
    name: str | None
    flow: str | None
    project: str | None
    state: State
    is_finished: bool
    created_at: int | None
    scheduled_at: int | None
    started_at: int | None
    ended_at: int | None
    took: float | None
    parameters: tuple[tuple[str, str], ...]
    context: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    as_of: int
    ui_url: str | None
    source: str
    source_url: str


class LogWindow(msgspec.Struct, frozen=True):
    """Some rows, from position `start` on, of `total`."""

    start: int
    rows: tuple[LogRow, ...]
    total: int


class LevelCounts(msgspec.Struct, frozen=True):
    """How many lines there are of each family of levels."""

    critical: int
    error: int
    warning: int
    info: int
    debug: int


class Logs(msgspec.Struct, frozen=True):
    """How many lines there are, and the window that the card opens on."""

    total: int
    is_complete: bool
    levels: LevelCounts
    first_error: int | None
    window: LogWindow


class TaskRun(msgspec.Struct, frozen=True):
    """One row of the table and one bar of the timeline."""

    id: str
    label: str
    group: str | None
    map_index: int | None
    state: State
    attempts: int
    started_at: int | None
    ended_at: int | None
    waited: float | None
    ran: float | None
    spans: tuple[tuple[int, int | None, str], ...]
    lines: int
    warnings: int
    errors: int


class TaskRuns(msgspec.Struct, frozen=True):
    """How many there are, and the first of them."""

    total: int
    rows: tuple[TaskRun, ...]


class Digest(msgspec.Struct, frozen=True):
    """Why the run failed."""

    task: str | None
    attempt: int | None
    attempts: int | None
    at: int | None
    error: str
    detail: tuple[str, ...]
    row: int | None
    held_up: tuple[str, ...]
    more: int
    markdown: str


class Changes(msgspec.Struct, frozen=True):
    """What the last refresh brought."""

    text: str
    since: int
    new_lines: int
    first_seq: int | None
    is_empty: bool


class Notice(msgspec.Struct, frozen=True):
    """Something that the reader has to know beside what is shown."""

    kind: Literal["info", "error", "unreachable"]
    text: str
    detail: str | None
    at: int


class Payload(msgspec.Struct, frozen=True):
    """All that one card shows before it asks."""

    format: int
    snapshot: int
    header: Header
    logs: Logs | None
    tasks: TaskRuns | None
    states: tuple[State, ...]
    digest: Digest | None
    changes: Changes | None
    notice: Notice | None
    expression: str
