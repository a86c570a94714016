"""Question and answer between the page and the kernel; the other side is `js/src/core/wire.ts`.

Every view of a card hears every answer, in every browser tab, so an answer carries whom it is for.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from flowrun_widgets.card.wire import LogWindow, Notice, TaskRun

__all__ = [
    "Bye",
    "Code",
    "Failed",
    "Heard",
    "Hello",
    "Line",
    "Question",
    "Refresh",
    "Rows",
    "Tasks",
    "parse",
]

Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Asked(msgspec.Struct, frozen=True):
    """Who asks (`view`), their how manieth question this is (`n`), and of which snapshot."""

    view: str
    n: Number
    snapshot: Number

    def reply(self, answer: Answer) -> dict[str, Any]:
        """Return the answer as a message, addressed to who asked."""
        return {**msgspec.to_builtins(answer), "view": self.view, "n": self.n}


class Rows(Asked, frozen=True, tag_field="kind", tag="rows"):
    """Some log rows."""

    start: Number
    count: Number


class Line(Asked, frozen=True, tag_field="kind", tag="line"):
    """One whole message."""

    seq: Number


class Tasks(Asked, frozen=True, tag_field="kind", tag="tasks"):
    """Some task runs."""

    start: Number
    count: Number


class Refresh(Asked, frozen=True, tag_field="kind", tag="refresh"):
    """The run as it is now."""


class Hello(Asked, frozen=True, tag_field="kind", tag="hello"):
    """A view is there."""


class Bye(Asked, frozen=True, tag_field="kind", tag="bye"):
    """A view is gone."""


class Code(Asked, frozen=True, tag_field="kind", tag="code"):
    """The front end's code, by a host that cannot reach the model that holds it."""


Question = Rows | Line | Tasks | Refresh | Hello | Bye | Code


class Answer(msgspec.Struct, frozen=True):
    """The snapshot that an answer speaks of."""

    snapshot: int


class Heard(Answer, frozen=True, tag_field="kind", tag="heard"):
    """The question has arrived; the work on it has not begun."""


class RowsAnswer(Answer, frozen=True, tag_field="kind", tag="rows"):
    """Log rows."""

    window: LogWindow


class LineAnswer(Answer, frozen=True, tag_field="kind", tag="line"):
    """A whole message."""

    seq: int
    message: str


class TasksAnswer(Answer, frozen=True, tag_field="kind", tag="tasks"):
    """Task runs."""

    start: int
    rows: tuple[TaskRun, ...]


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
