"""The data structures that Python sends to the page; the other side is `js/src/protocol/wire.ts`.

Times are microseconds since 1970 in UTC, spans are seconds.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "FORMAT",
    "GRID_FORMAT",
    "RUNS_FORMAT",
    "SPAN_KINDS",
    "Annotations",
    "Artifact",
    "Bins",
    "Cause",
    "Changes",
    "Critical",
    "Digest",
    "Gap",
    "GridColumns",
    "GridPayload",
    "Header",
    "Item",
    "LevelCounts",
    "LogQuery",
    "LogRow",
    "LogWindow",
    "Logs",
    "Marks",
    "Missing",
    "Notice",
    "Payload",
    "Pin",
    "Related",
    "RelatedRun",
    "Retry",
    "RunBelow",
    "RunRows",
    "RunsPayload",
    "SavedResult",
    "Selection",
    "Spot",
    "State",
    "TaskRow",
    "TaskRuns",
    "Template",
    "Wait",
    "What",
]

FORMAT = 3
"""The version of the structures of a run; a page refuses other versions."""
RUNS_FORMAT = 1
"""The version of the structures of a list of runs; a page refuses other versions."""
GRID_FORMAT = 1
"""The version of the structures of a grid; a page refuses other versions."""
What = Literal["hit", "error", "pin", "line", "time"]
"""The kinds of items that can be searched for."""
LogRow = tuple[
    int, int, int | None, str | None, str | None, str | None, str, int, int | None, bool, int
]
"""seq, timestamp, level, level name, task, logger, message, length of the whole message, position or None while it is
not known, is it a hit, how many consecutive equal lines it represents."""
Gap = tuple[None, int, int, int]
"""None, the number of hidden lines, the seqs of the first and the last of them."""
Retry = tuple[Literal["retry"], str, int, int, float | None]
""""retry", task label, attempt, of how many, seconds waited before it."""
Missing = tuple[Literal["missing"], int | None]
""""missing", the number of missing lines, or None if it is unknown."""
Item = LogRow | Gap | Retry | Missing

SPAN_KINDS = ("waited", "ran", "failed", "retry", "paused", "tried")
TaskRow = tuple[
    str,
    str,
    str | None,
    int | None,
    int,
    int,
    int | None,
    int | None,
    float | None,
    float | None,
    tuple[int, ...],
    int,
    int,
    int,
    str | None,
]
"""id, label, group, map index, index of its state, attempts, started, ended, seconds waited, seconds ran, spans (from,
to or 0, index of the kind), lines, warnings, errors, id of the sub-flow run that it represents."""
Template = tuple[str, int, int, int, int | None, str]
"""pattern, count, first and last timestamp, highest level, the filter term that finds them."""


class State(msgspec.Struct, frozen=True):
    """A state, with its family, which sets the colour, and its icon."""

    type: str
    name: str
    family: str
    icon: str
    message: str | None
    at: int | None


class Wait(msgspec.Struct, frozen=True):
    """What a run that neither runs nor has ended waits for; `until` is when it is due, or when a pause times out."""

    what: Literal["start", "retry", "resume"]
    since: int | None
    until: int | None


class Header(msgspec.Struct, frozen=True):
    """The run itself. `took` is the time from start to end, None while it waits; `ran` is how much of it it ran."""

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
    facts: tuple[tuple[str, str], ...]
    job_variables: tuple[tuple[str, str], ...]
    is_subflow: bool
    as_of: int
    ui_url: str | None
    source: str
    source_url: str
    ran: float | None = None
    attempts: int = 0
    wait: Wait | None = None
    trace: tuple[str, str | None] | None = None
    """The id of the run's trace, and its address."""


class LogQuery(msgspec.Struct, frozen=True):
    """The lines that a view shows, and how; see `wire.ts`."""

    text: str = ""
    zone: str = "UTC"
    lines: Literal["all", "hits", "context"] = "all"
    context: int = 2
    opened: tuple[tuple[int, int], ...] = ()
    folds_repeats: bool = False
    is_newest_first: bool = False


class LogWindow(msgspec.Struct, frozen=True):
    """Some items from index `start`; `total` is None until they are counted."""

    start: int
    items: tuple[Item, ...]
    total: int | None


class Bins(msgspec.Struct, frozen=True):
    """Counts of lines between the times `at`, one more than there are counts."""

    at: tuple[int, ...]
    other: tuple[int, ...]
    warning: tuple[int, ...]
    error: tuple[int, ...]


class Marks(msgspec.Struct, frozen=True):
    """Places of 0 to 199 on the minimap beside the rows."""

    error: tuple[int, ...]
    warning: tuple[int, ...]
    hit: tuple[int, ...]


class LevelCounts(msgspec.Struct, frozen=True):
    """The number of lines of each family of levels."""

    critical: int
    error: int
    warning: int
    info: int
    debug: int


class Logs(msgspec.Struct, frozen=True):
    """The number of lines, and the window that the card opens on."""

    total: int
    is_complete: bool
    levels: LevelCounts
    first_error: int | None
    repeated: int
    task_width: int
    logger_width: int
    window: LogWindow
    highlights: tuple[LogRow, ...]


class Critical(msgspec.Struct, frozen=True):
    """The critical path: the row indexes of its task runs, its seconds, and the seconds waited."""

    path: tuple[int, ...]
    seconds: float
    waited: float


class TaskRuns(msgspec.Struct, frozen=True):
    """The number of task runs, their states, and the first rows."""

    total: int
    is_complete: bool
    states: tuple[tuple[State, int], ...]
    rows: tuple[TaskRow, ...]
    critical: Critical | None


class Cause(msgspec.Struct, frozen=True):
    """An exception that led to the error: `how`, its text, and its frames."""

    how: Literal["cause", "context", "quoted", "member"]
    error: str
    detail: tuple[str, ...]


class RunBelow(msgspec.Struct, frozen=True):
    """A sub-flow run."""

    id: str
    name: str | None
    flow: str | None
    ui_url: str | None


class Digest(msgspec.Struct, frozen=True):
    """Why the run failed."""

    task: str | None
    attempt: int | None
    attempts: int | None
    at: int | None
    error: str
    detail: tuple[str, ...]
    line: tuple[int, int | None] | None
    tail: tuple[LogRow, ...]
    spans: tuple[int, ...]
    held_up: tuple[str, ...]
    more: int
    markdown: str
    causes: tuple[Cause, ...] = ()
    """The root cause first."""
    ended_with: str | None = None
    """The run's own last message, if it differs from `error`."""
    runs: tuple[RunBelow, ...] = ()
    """From this run down to the one where it failed."""
    remarks: tuple[str, ...] = ()
    doubt: str | None = None


class Changes(msgspec.Struct, frozen=True):
    """What changed with the last refresh."""

    text: str
    since: int
    new_lines: int
    first_seq: int | None
    is_empty: bool
    tasks: tuple[str, ...]


class Notice(msgspec.Struct, frozen=True):
    """A notice to the reader."""

    kind: Literal["info", "error", "unreachable"]
    text: str
    detail: str | None
    at: int
    retry_seconds: float | None = None


class Pin(msgspec.Struct, frozen=True):
    """A pinned line, with its note."""

    seq: int
    at: int
    level: int | None
    task: str | None
    message: str
    note: str
    line: int | None


class SavedResult(msgspec.Struct, frozen=True):
    """The result of a query and its first items, for a page without a kernel."""

    query: LogQuery
    hits: int
    shown: int
    window: LogWindow


class Annotations(msgspec.Struct, frozen=True):
    """The reader's annotations: the filter text set last, how often Python set it, the pins, what was found."""

    text: str = ""
    turn: int = 0
    pins: tuple[Pin, ...] = ()
    result: SavedResult | None = None


class Payload(msgspec.Struct, frozen=True):
    """Everything that a card shows before it sends a question."""

    format: int
    snapshot: int
    header: Header
    logs: Logs | None
    tasks: TaskRuns | None
    states: tuple[State, ...]
    idle: tuple[tuple[int, int], ...]
    digest: Digest | None
    changes: Changes | None
    notice: Notice | None
    renumbered: tuple[tuple[int, int], ...]
    is_following: bool
    redacted: int
    expression: str
    kernel_zone: str


class Spot(msgspec.Struct, frozen=True):
    """A position among the items, the seq of its line, and its number among those of its kind, counted from 1."""

    place: int | None = None
    seq: int | None = None
    nth: int | None = None


class Selection(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """A range of items of a query by index, both ends included."""

    query: LogQuery
    first: int
    last: int


class Artifact(msgspec.Struct, frozen=True):
    """An artifact on a card, as text or as a link."""

    kind: str
    key: str | None
    description: str | None
    task: str | None
    text: str
    url: str | None


class RelatedRun(msgspec.Struct, frozen=True):
    """A run that called this one, or was called by this one."""

    id: str
    name: str | None
    flow: str | None
    state: State
    started_at: int | None
    took: float | None
    url: str | None


class Related(msgspec.Struct, frozen=True):
    """What is read only when the details of a run are opened; `problems` says what could not be read."""

    artifacts: tuple[Artifact, ...] = ()
    results: tuple[tuple[str | None, str], ...] = ()
    parent: RelatedRun | None = None
    subflows: tuple[RelatedRun, ...] = ()
    problems: tuple[str, ...] = ()


class RunRows(msgspec.Struct, frozen=True):
    """Some runs as columns of equal length; the first one is run number `start` of the list.

    `flows` and `states` are indexes into `flow_names` and `state_kinds`; -1 means that the name of the flow is unknown.
    """

    start: int
    ids: tuple[str, ...]
    names: tuple[str | None, ...]
    flows: tuple[int, ...]
    states: tuple[int, ...]
    due_at: tuple[int | None, ...]
    """When a run that has not begun is due."""
    started_at: tuple[int | None, ...]
    ended_at: tuple[int | None, ...]
    ran: tuple[float | None, ...]
    """How long it ran in all its attempts, up to now if it has not ended."""
    messages: tuple[str | None, ...]
    """The state's message of a failed run."""
    tags: tuple[tuple[str, ...], ...]
    parameters: tuple[tuple[tuple[str, str], ...], ...]
    urls: tuple[str | None, ...]
    flow_names: tuple[str, ...]
    state_kinds: tuple[State, ...]
    redacted: int
    """How many values were redacted in these rows."""


class RunsPayload(msgspec.Struct, frozen=True):
    """What the card of a list of runs shows before it sends a question.

    `held` is how many runs the kernel holds, `has_more` whether more match, `can_load` whether the list can request
    them; those beyond its limit it cannot.
    """

    format: int
    rows: RunRows
    held: int
    has_more: bool
    can_load: bool
    as_of: int | None
    place: str
    expression: str | None
    kernel_zone: str


class GridColumns(msgspec.Struct, frozen=True):
    """Some columns of a grid of runs × tasks, of which `runs` are the heads; column 0 is that of the newest run.

    Cells are listed run by run, in each run one for each of `tasks`.
    """

    runs: RunRows
    tasks: tuple[str, ...]
    """The names of the tasks of all columns that were read so far."""
    states: tuple[int, ...]
    """Indexes into `state_kinds` of the most urgent states; -1: the run has no such task run."""
    ran: tuple[float | None, ...]
    """Seconds, of all task runs of a cell together; as precise as they are shown."""
    mapped: tuple[tuple[int, ...], ...]
    """For each cell of several task runs: the index of the cell, then state and number for each state of them."""
    state_kinds: tuple[State, ...]
    redacted: int
    """How many names of tasks were redacted."""


class GridPayload(msgspec.Struct, frozen=True):
    """What a grid shows before it sends a question.

    `held` is how many columns the kernel holds, `has_more` whether there are more runs, `can_load` whether the grid can
    request them. `left_out` is how many tasks the page does not get.
    """

    format: int
    columns: GridColumns
    held: int
    has_more: bool
    can_load: bool
    left_out: int
    as_of: int | None
    place: str
    expression: str | None
    kernel_zone: str
