"""`evidence_of()`: what the state message and the log of a run or task run say about its failure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.engine_words import is_of_engine, is_of_hook, said_of
from flowrun_widgets.analysis.task_lines import positions_of
from flowrun_widgets.analysis.traceback_text import Cause, key_of, parse
from flowrun_widgets.arrow import pc, true_positions
from flowrun_widgets.states import Crashed, TimedOut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flowrun_widgets.analysis.traceback_text import Frame, ParsedTraceback
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.states import State

__all__ = ["Evidence", "evidence_of"]

ERROR = 40
LOOKED_AT = 20
"""How many of the last error lines are examined, and how many earlier ones that contain the state's message."""
MAX_MESSAGE_CHARS = 200_000
"""How many characters at the end of a message are parsed."""
MAX_ERROR_CHARS = 10_000
"""How many characters of an error are kept."""
TYPE = re.compile(r"(?:\w+\.)*\w+(?:\(\w+\))?")
RELAY = re.compile(r"(?:^|[/\\])(?:prefect|concurrent|distributed)[/\\]")
"""The module that raises exceptions of other threads and processes again."""
EXCEPTION = re.compile(r"(?:\w+\.)*[A-Za-z_]\w*(?:\(\w+\))?(?:: |\(|$)")


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The error of a run or task run, with its frames and causes, and the log line that reports it."""

    error: str
    frames: tuple[Frame, ...] = ()
    """The frames in the user's own code; all frames if none is."""
    causes: tuple[Cause, ...] = ()
    """The causes, the root cause first."""
    position: int | None = None
    lines: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Positions of the lines that were searched."""
    has_traceback: bool = False
    raised_at: Frame | None = None
    """The innermost frame, in any code."""

    @property
    def names_an_exception(self) -> bool:
        """Whether the error is the text of an exception, and not a message of an engine or a person."""
        return EXCEPTION.match(self.error) is not None

    def errors(self) -> list[str]:
        """Return the texts of its exceptions: the one raised, then its causes, the nearest first."""
        return [self.error, *(cause.error for cause in reversed(self.causes))]

    def about(self, error: str) -> Evidence | None:
        """Return the evidence of one of its exceptions; None if `error` is not among them."""
        key = key_of(error)
        if key_of(self.error) == key:
            return self
        for number, cause in enumerate(self.causes):
            if key_of(cause.error) == key:
                return replace(
                    self,
                    error=cause.error,
                    frames=cause.own_frames() or cause.frames,
                    causes=self.causes[:number],
                    raised_at=cause.frames[-1] if cause.frames else None,
                )
        return None

    def is_raised_like(self, other: Evidence) -> bool:
        """Whether both may report the same exception: raised by the same line, or passed on by an engine."""
        mine, theirs = self.raised_at, other.raised_at
        if mine is None or theirs is None or RELAY.search(mine.file):
            return True
        return (mine.file, mine.line) == (theirs.file, theirs.line)


def evidence_of(
    state: State, logs: LogColumns, task_run_id: str | None, since: int | None = None
) -> Evidence:
    """Return the evidence of a task run, or, for None, of the flow itself, from its lines since `since` (microseconds).

    The line is the one whose traceback matches the state; otherwise, in this order, one that an engine wrote with a
    traceback, one that repeats the state's message, the last one with a traceback, or the last error.
    """
    lines = positions_of(logs, task_run_id)
    if since is not None and len(lines):
        times = pc.cast(logs.table["timestamp"].take(pa.array(lines)), "int64").to_numpy()
        lines = lines[np.searchsorted(times, since) :]
    said = said_of(state)
    position, message, traceback = _telling_line(logs, lines, said)
    own = said or (_first_line(message) if traceback is None else "")
    # The log may also hold exceptions that were handled; the state has the one that ended the run.
    is_ours = is_of_engine(message) or (
        task_run_id is not None and not isinstance(state, Crashed | TimedOut)
    )
    if traceback is None or (said and not is_ours and not _is_same(said, traceback.error)):
        return _evidence(own or f"{state.name} without a message", position, lines)
    if not said or _is_same(said, traceback.error) or not is_of_engine(message):
        return _evidence(traceback.error or own, position, lines, traceback)
    wider = Cause("cause", traceback.error, traceback.frames)
    return Evidence(
        said[:MAX_ERROR_CHARS], (), (*traceback.causes, wider), position, lines, has_traceback=True
    )


def _evidence(
    error: str,
    position: int | None,
    lines: NDArray[np.int64],
    traceback: ParsedTraceback | None = None,
) -> Evidence:
    return Evidence(
        error[:MAX_ERROR_CHARS],
        traceback.own_frames() if traceback else (),
        traceback.causes if traceback else (),
        position,
        lines,
        traceback is not None,
        traceback.frames[-1] if traceback and traceback.frames else None,
    )


def _telling_line(
    logs: LogColumns, lines: NDArray[np.int64], said: str
) -> tuple[int | None, str, ParsedTraceback | None]:
    levels = logs.table["level"].take(pa.array(lines))
    grave = lines[true_positions(pc.greater_equal(levels, ERROR)).to_numpy()]
    grave = np.concatenate((_that_repeat(said, logs, grave[:-LOOKED_AT]), grave[-LOOKED_AT:]))
    # A line that differs from the state is evidence only if the state has no message.
    best: tuple[int, tuple[int | None, str, ParsedTraceback | None]] = (
        4 if said else 9, (None, "", None),
    )  # fmt: skip
    for position in map(int, reversed(grave)):
        message = logs.table["message"][position].as_py() or ""
        text = message[-MAX_MESSAGE_CHARS:]
        traceback = parse(text, said) if "Traceback (most recent" in text else None
        rank = _rank(message, traceback, said)
        if rank < best[0]:
            best = rank, (position, message, traceback)
        if rank == 0:
            break
    return best[1]


def _that_repeat(said: str, logs: LogColumns, lines: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the last of the lines whose message contains the first line of what the state says."""
    words = _first_line(said)
    if not words or not len(lines):
        return lines[:0]
    messages = logs.table["message"].take(pa.array(lines))
    return lines[true_positions(pc.match_substring(messages, words)).to_numpy()][-LOOKED_AT:]


def _rank(message: str, traceback: ParsedTraceback | None, said: str) -> int:
    if is_of_hook(message):
        return 5
    if traceback is None:
        return 2 if said and _first_line(said) in message else 4
    if said and _is_same(said, traceback.error):
        return 0
    return 1 if is_of_engine(message) else 3


def _is_same(said: str, error: str) -> bool:
    """Whether the state's message is this exception; some states have only its type."""
    kind = TYPE.match(error)
    return key_of(said) in {key_of(error), key_of(kind[0]) if kind else key_of(error)}


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0] if message.strip() else ""
