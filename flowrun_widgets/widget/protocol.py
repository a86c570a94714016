"""The messages between the page and the kernel; the other side is `js/src/protocol/wire.ts`.

Every view of a card, in every browser tab, receives every answer, so an answer names the view it is for.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from flowrun_widgets.report.wire import (
    Bins,
    GridColumns,
    LogQuery,
    LogWindow,
    Marks,
    Notice,
    Related,
    RunRows,
    Selection,
    Spot,
    TaskRow,
    Template,
    What,
)

__all__ = [
    "AskRelated",
    "AskRuns",
    "Bye",
    "ChooseRuns",
    "Code",
    "ColumnsAnswer",
    "Download",
    "Failed",
    "Find",
    "Follow",
    "Found",
    "Heard",
    "Hello",
    "Line",
    "OpenRun",
    "Opened",
    "PinLine",
    "Query",
    "QueryResult",
    "Question",
    "Refresh",
    "RelatedAnswer",
    "Rows",
    "RunsAnswer",
    "Select",
    "Suggest",
    "Tasks",
    "Templates",
    "Text",
    "TextPart",
    "Visible",
    "parse",
]

Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Asked(msgspec.Struct, frozen=True):
    """The sender of a question: a view of the card, its counter of questions `n`, and the snapshot that it shows."""

    view: str
    n: Number
    snapshot: Number

    def reply(self, answer: Answer) -> dict[str, Any]:
        """Return the answer as a message, addressed to the view that asked."""
        return {**msgspec.to_builtins(answer), "view": self.view, "n": self.n}


class Query(Asked, frozen=True, tag_field="kind", tag="query"):
    """Asks what a query finds; `near` is the seq of the line to stay at."""

    query: LogQuery
    near: Number | None
    count: Number


class Rows(Asked, frozen=True, tag_field="kind", tag="rows"):
    """Asks for some items of a query."""

    query: LogQuery
    start: Number
    count: Number


class Find(Asked, frozen=True, tag_field="kind", tag="find"):
    """Asks for a position among the items of a query."""

    query: LogQuery
    what: What
    at: Number | None
    step: Literal[1, -1]


class Line(Asked, frozen=True, tag_field="kind", tag="line"):
    """Asks for one whole message."""

    seq: Number


class Text(Asked, frozen=True, tag_field="kind", tag="text"):
    """Asks for the selected lines as text to copy."""

    selection: Selection


class Tasks(Asked, frozen=True, tag_field="kind", tag="tasks"):
    """Asks for some task runs."""

    start: Number
    count: Number


class Templates(Asked, frozen=True, tag_field="kind", tag="templates"):
    """Asks for the lines that match a query, grouped by their pattern."""

    query: LogQuery


class AskRelated(Asked, frozen=True, tag_field="kind", tag="related"):
    """Asks for artifacts, results, and the runs around this one."""


class OpenRun(Asked, frozen=True, tag_field="kind", tag="open"):
    """Asks to open another run in its own card; in a grid also with the log filtered for a task, by its number."""

    id: str
    task: Number | None = None


class AskRuns(Asked, frozen=True, tag_field="kind", tag="runs"):
    """Asks for some runs of a list, or columns of a grid, which are requested from the server if they are not here."""

    start: Number
    count: Number


class ChooseRuns(Asked, frozen=True, tag_field="kind", tag="choose"):
    """Reports the runs of a list that the reader selected."""

    ids: tuple[str, ...]


class Suggest(Asked, frozen=True, tag_field="kind", tag="suggest"):
    """Asks for completions at the caret of a filter text."""

    text: str
    caret: Number


class Download(Asked, frozen=True, tag_field="kind", tag="download"):
    """Asks for the lines of a query, or all lines, as a file."""

    query: LogQuery | None
    format: Literal["csv", "jsonl", "txt"]


class Select(Asked, frozen=True, tag_field="kind", tag="select"):
    """Reports the lines, the range of rows, or the task runs that the reader selected."""

    seqs: tuple[Number, ...]
    range: Selection | None
    tasks: tuple[str, ...]


class PinLine(Asked, frozen=True, tag_field="kind", tag="pin"):
    """Asks to pin a line with a note, or, without a note, to unpin it."""

    seq: Number
    note: str | None


class Refresh(Asked, frozen=True, tag_field="kind", tag="refresh"):
    """Asks to refresh the run."""


class Follow(Asked, frozen=True, tag_field="kind", tag="follow"):
    """Asks to follow the run, or to stop following it."""

    is_on: bool


class Visible(Asked, frozen=True, tag_field="kind", tag="visible"):
    """Reports whether the browser shows the page that the view is in."""

    is_visible: bool


class Hello(Asked, frozen=True, tag_field="kind", tag="hello"):
    """Reports that a view was opened."""


class Bye(Asked, frozen=True, tag_field="kind", tag="bye"):
    """Reports that a view was closed."""


class Code(Asked, frozen=True, tag_field="kind", tag="code"):
    """Asks for the front end's code, in a host that cannot reach the model that holds it."""


Question = (
    Query
    | Rows
    | Find
    | Line
    | Text
    | Tasks
    | Templates
    | AskRelated
    | OpenRun
    | AskRuns
    | ChooseRuns
    | Suggest
    | Download
    | Select
    | PinLine
    | Refresh
    | Follow
    | Visible
    | Hello
    | Bye
    | Code
)


class Answer(msgspec.Struct, frozen=True):
    """The base class of answers, with the snapshot that the answer refers to."""

    snapshot: int


class Heard(Answer, frozen=True, tag_field="kind", tag="heard"):
    """The question was received; the work on it has not begun."""


class Pinned(Answer, frozen=True, tag_field="kind", tag="pinned"):
    """The line was pinned or unpinned."""


class RowsAnswer(Answer, frozen=True, tag_field="kind", tag="rows"):
    """Items of a query."""

    window: LogWindow


class QueryResult(Answer, frozen=True, tag_field="kind", tag="result"):
    """What a query finds; see `wire.ts`."""

    hits: int
    shown: int
    total: int
    at: int | None
    hit: Spot | None
    bins: Bins
    marks: Marks
    advice: str | None


class Found(Answer, frozen=True, tag_field="kind", tag="found"):
    """A position among the items, the seq of its line, and its number among those of its kind, counted from 1."""

    what: What
    place: int | None
    seq: int | None
    nth: int | None


class LineAnswer(Answer, frozen=True, tag_field="kind", tag="line"):
    """A whole message."""

    seq: int
    message: str


class TextPart(Answer, frozen=True, tag_field="kind", tag="text"):
    """One part of the selected lines; its bytes are the message's buffer."""

    part: int
    parts: int
    lines: int


class TasksAnswer(Answer, frozen=True, tag_field="kind", tag="tasks"):
    """Task runs."""

    start: int
    rows: tuple[TaskRow, ...]


class TemplatesAnswer(Answer, frozen=True, tag_field="kind", tag="templates"):
    """Patterns, the most frequent first, and the number of lines they were made from."""

    rows: tuple[Template, ...]
    lines: int


class RelatedAnswer(Answer, frozen=True, tag_field="kind", tag="related"):
    """Artifacts, results, and the runs around this one."""

    related: Related


class RunsAnswer(Answer, frozen=True, tag_field="kind", tag="runs"):
    """Runs of a list, how many the kernel holds now, and whether there are others; see `RunsPayload`."""

    rows: RunRows
    held: int
    has_more: bool
    can_load: bool


class ColumnsAnswer(Answer, frozen=True, tag_field="kind", tag="columns"):
    """Columns of a grid, how many the kernel holds now, and whether there are others; see `GridPayload`."""

    columns: GridColumns
    held: int
    has_more: bool
    can_load: bool
    left_out: int


class Opened(Answer, frozen=True, tag_field="kind", tag="opened"):
    """A card was opened; this is the id of its widget model."""

    model: str


class Suggestions(Answer, frozen=True, tag_field="kind", tag="suggestions"):
    """Texts that can replace the text between `start` and `end`, each with a count or a hint."""

    start: int
    end: int
    items: tuple[tuple[str, str], ...]


class DownloadPart(Answer, frozen=True, tag_field="kind", tag="download"):
    """One part of a file; its bytes are the message's buffer."""

    name: str
    part: int
    parts: int


class Refreshed(Answer, frozen=True, tag_field="kind", tag="refreshed"):
    """The refresh is done; the payload has the new data."""


class Failed(Answer, frozen=True, tag_field="kind", tag="failed"):
    """The request failed, and why."""

    notice: Notice


def parse(content: Any) -> Question | None:
    """Return the question in a message, or None if the message is not a question."""
    try:
        return msgspec.convert(content, Question)
    except (msgspec.ValidationError, TypeError):
        return None
