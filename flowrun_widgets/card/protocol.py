"""Question and answer between the page and the kernel; the other side is `js/src/core/wire.ts`.

Every view of a card hears every answer, in every browser tab, so an answer carries whom it is for.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from flowrun_widgets.card.wire import (
    Bins,
    LogWindow,
    Look,
    Marks,
    Notice,
    TaskRow,
    Template,
)

__all__ = [
    "Bye",
    "Code",
    "Download",
    "Failed",
    "Find",
    "Follow",
    "Found",
    "Heard",
    "Hello",
    "Line",
    "LookAt",
    "Looked",
    "PinLine",
    "Question",
    "Refresh",
    "Rows",
    "Seen",
    "Select",
    "Suggest",
    "Tasks",
    "Templates",
    "parse",
]

Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
What = Literal["hit", "error", "pin", "line", "time"]


class Asked(msgspec.Struct, frozen=True):
    """Who asks (`view`), their how manieth question this is (`n`), and of which snapshot."""

    view: str
    n: Number
    snapshot: Number

    def reply(self, answer: Answer) -> dict[str, Any]:
        """Return the answer as a message, addressed to who asked."""
        return {**msgspec.to_builtins(answer), "view": self.view, "n": self.n}


class LookAt(Asked, frozen=True, tag_field="kind", tag="look"):
    """What a look has; `near` is the seq of a line to stay at."""

    look: Look
    near: Number | None
    count: Number


class Rows(Asked, frozen=True, tag_field="kind", tag="rows"):
    """Some items of a look."""

    look: Look
    start: Number
    count: Number


class Find(Asked, frozen=True, tag_field="kind", tag="find"):
    """A place among the items of a look."""

    look: Look
    what: What
    at: Number | None
    step: Literal[1, -1]


class Line(Asked, frozen=True, tag_field="kind", tag="line"):
    """One whole message."""

    seq: Number


class Tasks(Asked, frozen=True, tag_field="kind", tag="tasks"):
    """Some task runs."""

    start: Number
    count: Number


class Templates(Asked, frozen=True, tag_field="kind", tag="templates"):
    """The lines of a look, grouped by their pattern."""

    look: Look


class Suggest(Asked, frozen=True, tag_field="kind", tag="suggest"):
    """What could stand at the caret of a filter text."""

    text: str
    caret: Number


class Download(Asked, frozen=True, tag_field="kind", tag="download"):
    """The lines of a look, or all, as a file."""

    look: Look | None
    format: Literal["csv", "jsonl", "txt"]


class Select(Asked, frozen=True, tag_field="kind", tag="select"):
    """The lines, or the task runs, that the reader selected."""

    seqs: tuple[Number, ...]
    tasks: tuple[str, ...]


class PinLine(Asked, frozen=True, tag_field="kind", tag="pin"):
    """A line to pin with a note, or without to unpin."""

    seq: Number
    note: str | None


class Refresh(Asked, frozen=True, tag_field="kind", tag="refresh"):
    """The run as it is now."""


class Follow(Asked, frozen=True, tag_field="kind", tag="follow"):
    """Whether the run is to be followed."""

    is_on: bool


class Seen(Asked, frozen=True, tag_field="kind", tag="seen"):
    """Whether the browser shows the page that the view is in."""

    is_seen: bool


class Hello(Asked, frozen=True, tag_field="kind", tag="hello"):
    """A view is there."""


class Bye(Asked, frozen=True, tag_field="kind", tag="bye"):
    """A view is gone."""


class Code(Asked, frozen=True, tag_field="kind", tag="code"):
    """The front end's code, by a host that cannot reach the model that holds it."""


Question = (
    LookAt
    | Rows
    | Find
    | Line
    | Tasks
    | Templates
    | Suggest
    | Download
    | Select
    | PinLine
    | Refresh
    | Follow
    | Seen
    | Hello
    | Bye
    | Code
)


class Answer(msgspec.Struct, frozen=True):
    """The snapshot that an answer speaks of."""

    snapshot: int


class Heard(Answer, frozen=True, tag_field="kind", tag="heard"):
    """The question has arrived; the work on it has not begun."""


class RowsAnswer(Answer, frozen=True, tag_field="kind", tag="rows"):
    """Items of a look."""

    window: LogWindow


class Looked(Answer, frozen=True, tag_field="kind", tag="looked"):
    """What a look has; see `wire.ts`."""

    hits: int
    shown: int
    total: int
    at: int | None
    bins: Bins
    marks: Marks
    advice: str | None


class Found(Answer, frozen=True, tag_field="kind", tag="found"):
    """Where it is among the items, which line that is, and the how manieth of its kind."""

    what: What
    place: int | None
    seq: int | None
    nth: int | None


class LineAnswer(Answer, frozen=True, tag_field="kind", tag="line"):
    """A whole message."""

    seq: int
    message: str


class TasksAnswer(Answer, frozen=True, tag_field="kind", tag="tasks"):
    """Task runs."""

    start: int
    rows: tuple[TaskRow, ...]


class TemplatesAnswer(Answer, frozen=True, tag_field="kind", tag="templates"):
    """Patterns, the most frequent first, and of how many lines."""

    rows: tuple[Template, ...]
    lines: int


class Suggestions(Answer, frozen=True, tag_field="kind", tag="suggestions"):
    """Texts that can stand between `start` and `end`, each with a count or a hint."""

    start: int
    end: int
    items: tuple[tuple[str, str], ...]


class DownloadPart(Answer, frozen=True, tag_field="kind", tag="download"):
    """One part of a file; its bytes are the message's buffer."""

    name: str
    part: int
    parts: int


class Refreshed(Answer, frozen=True, tag_field="kind", tag="refreshed"):
    """The refresh is done; the payload has what it brought."""


class Failed(Answer, frozen=True, tag_field="kind", tag="failed"):
    """It did not work, and why."""

    notice: Notice


def parse(content: Any) -> Question | None:
    """Return the question of a message; None if it is none."""
    try:
        return msgspec.convert(content, Question)
    except (msgspec.ValidationError, TypeError):
        return None
