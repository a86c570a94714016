"""The static twin of a card: plain HTML without scripts that says the same, and the same again as text.

Pure functions from what the card shows. It is made of what JupyterLab 4.6's sanitizer keeps: native elements, inline
styles, no ids, no `data-*`, no `aria-*`; it reads well with every style stripped.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets.card.badges import BY_ICON
from flowrun_widgets.card.log_rows import log_window
from flowrun_widgets.sharing.excerpt import Gap
from flowrun_widgets.sharing.words import clock, count, date_and_clock, duration, milliseconds
from flowrun_widgets.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jinja2

    from flowrun_widgets.card import wire
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.sharing.excerpt import Excerpt, Line

__all__ = ["log_text", "twin_html", "twin_text"]

SEQUENCES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
"""ANSI escape sequences: CSI, OSC and the two-character ones."""
DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of what follows them."""
BARS = 32
MOST_TASK_RUNS = 60
MOST_TASK = 24
BADGES = {
    "failed": "#bf2222", "heldup": "#bf2222", "done": "#1b7035", "running": "#1d5cc9", "waiting": "#7d5200",
    "retry": "#a8430a", "paused": "#5548c8", "cached": "#0b6a7c", "ended": "#586470", "unknown": "#586470",
}  # fmt: skip
BAR_COLOURS = {"failed": "#d9534f", "done": "#3d9558", "cached": "#3d9558"}


class Row(NamedTuple):
    """One line of the task table, in words."""

    state: str
    label: str
    attempts: str
    started: str
    waited: str
    ran: str
    bar: str
    colour: str
    lines: str


def twin_html(shown: wire.Payload, log: Excerpt | None, uid: str) -> str:
    """Return the twin. `uid` is a class name: it ties the twin to the live card that stands beside it."""
    return _template().render(
        uid=uid,
        run=shown,
        badge=BADGES.get(shown.header.state.family, BADGES["unknown"]),
        state=_state(shown.header.state),
        facts=_facts(shown),
        rows=_rows(shown),
        span=_span(shown),
        log=log,
        log_text="" if log is None else _log_lines(log),
        log_title=_log_title(shown),
        left_out=_left_out(shown, log),
        history=[
            f"{date_and_clock(state.at)}  {_state(state)}{_said(state)}" for state in shown.states
        ],
        digest_title=_digest_title(shown.digest),
    )


def twin_text(shown: wire.Payload) -> str:
    """Return the run in one paragraph of text, for hosts that show nothing else."""
    head = (
        " / ".join(part for part in (shown.header.flow, shown.header.name) if part)
        or shown.header.id
    )
    lines = [f"{_state(shown.header.state)}  {head}", _facts(shown)]
    if shown.digest is not None:
        lines.append(f"{_digest_title(shown.digest)}: {shown.digest.error}")
    elif shown.header.state.message:
        lines.append(shown.header.state.message)
    return "\n".join(map(_clean, lines))


def log_text(columns: LogColumns) -> Iterator[str]:
    """Yield the log as lines of text: day and time in UTC, level, task, message."""
    for start in range(0, len(columns), 1_000):
        window = log_window(columns, start, 1_000, message=None)
        for _, at, _, level, task, _, message, _ in window.rows:
            day = from_micros(at).date().isoformat()
            yield f"{day} {milliseconds(at)} {level or '':8} {_clean(task or 'flow')}: {_clean(message)}"


def _facts(shown: wire.Payload) -> str:
    header = shown.header
    parts: list[str] = []
    if header.started_at is not None:
        took = duration(header.took)
        verb = f"took {took}" if header.is_finished else f"running for {took}"
        parts.append(f"Started {date_and_clock(header.started_at)} UTC, {verb}.")
    elif header.scheduled_at is not None and not header.is_finished:
        parts.append(f"Scheduled for {date_and_clock(header.scheduled_at)} UTC.")
    else:
        parts.append("Never started." if header.is_finished else "Not started.")
    if shown.tasks is not None and shown.tasks.total:
        names: dict[str, int] = {}
        for row in shown.tasks.rows:
            names[row.state.name] = names.get(row.state.name, 0) + 1
        listed = ", ".join(f"{count(number)} {name}" for name, number in names.items())
        more = "" if len(shown.tasks.rows) == shown.tasks.total else " among the first"
        parts.append(f"{count(shown.tasks.total, 'task run')}: {listed}{more}.")
    ending = "run finished" if header.is_finished else "run still going"
    parts.append(f"As of {clock(header.as_of)} UTC, {ending}.")
    return " ".join(parts)


def _state(state: wire.State) -> str:
    return f"{BY_ICON.get(state.icon, '?')} {state.name}"


def _said(state: wire.State) -> str:
    return f": {state.message}" if state.message else ""


def _digest_title(digest: wire.Digest | None) -> str:
    if digest is None:
        return ""
    where = f"First failure: {digest.task}" if digest.task else "The flow itself failed"
    tried = f", attempt {digest.attempt}" if digest.attempt and digest.attempt > 1 else ""
    return f"{where}{tried}{f', at {clock(digest.at)}' if digest.at else ''}"


def _rows(shown: wire.Payload) -> list[Row]:
    if shown.tasks is None:
        return []
    chosen = sorted(shown.tasks.rows, key=lambda row: row.started_at or row.ended_at or 2**62)
    if len(chosen) > MOST_TASK_RUNS:
        grave = {"failed": 0, "heldup": 0, "retry": 1, "running": 1}
        chosen = sorted(chosen, key=lambda row: grave.get(row.state.family, 2))[:MOST_TASK_RUNS]
        chosen.sort(key=lambda row: row.started_at or row.ended_at or 2**62)
    start, end = _bounds(shown)
    return [
        Row(
            state=_state(row.state),
            label=row.label,
            attempts=str(row.attempts) if row.attempts else "–",
            started=clock(row.started_at),
            waited=duration(row.waited),
            ran=duration(row.ran),
            bar=_bar(row, start, end),
            colour=BAR_COLOURS.get(row.state.family, "#808a94"),
            lines=count(row.lines),
        )
        for row in chosen
    ]


def _bounds(shown: wire.Payload) -> tuple[int, int]:
    header = shown.header
    starts = [header.started_at] if header.started_at is not None else []
    ends = [header.ended_at if header.is_finished and header.ended_at is not None else header.as_of]
    for row in shown.tasks.rows if shown.tasks else ():
        starts += [span[0] for span in row.spans if span[2] != "waited"]
        ends += [span[1] for span in row.spans if span[1] is not None]
    start = min(starts, default=min(ends))
    return start, max(max(ends), start + 1)


def _bar(row: wire.TaskRun, start: int, end: int) -> str:
    cells = ["·"] * BARS
    for kinds, character in ((("waited", "retry"), "─"), (("ran", "failed"), "█")):
        for begun, ended, kind in row.spans:
            if kind in kinds:
                first = (begun - start) * BARS // (end - start)
                last = ((ended if ended is not None else end) - start) * BARS // (end - start)
                for cell in range(max(0, first), min(BARS - 1, max(first, last)) + 1):
                    cells[cell] = character
    return "".join(cells)


def _span(shown: wire.Payload) -> str:
    start, end = _bounds(shown)
    return f"{clock(start)} to {clock(end)}"


def _log_title(shown: wire.Payload) -> str:
    if shown.logs is None:
        return "Logs: not read yet"
    levels = shown.logs.levels
    grave = [
        count(number, word)
        for number, word in ((levels.critical + levels.error, "error"), (levels.warning, "warning"))
        if number
    ]
    of_them = f", of them {' and '.join(grave)}" if grave else ""
    return f"Logs: {count(shown.logs.total, 'line')}{of_them}"


def _log_lines(log: Excerpt) -> str:
    shown = [part for part in log.parts if not isinstance(part, Gap)]
    width = min(MOST_TASK, max((len(_clean(line.task)) for line in shown), default=0))
    return "\n".join(_log_line(part, width) for part in log.parts)


def _log_line(part: Line | Gap, width: int) -> str:
    if isinstance(part, Gap):
        return f"{'':8}{_gap(part)} left out"
    task = _clean(part.task)
    task = task if len(task) <= width else task[: width - 1] + "…"
    first, *others = _clean(part.message).split("\n")
    head = (
        f"{count(part.number):>6}  {milliseconds(part.at)}  {_clean(part.level):8} {task:{width}}  "
    )
    return "\n".join([head + first, *(" " * len(head) + line for line in others)])


def _gap(gap: Gap) -> str:
    of_them = [
        count(n, word) for n, word in ((gap.warnings, "warning"), (gap.errors, "error")) if n
    ]
    return count(gap.lines, "line") + (f", of them {' and '.join(of_them)}," if of_them else "")


def _left_out(shown: wire.Payload, log: Excerpt | None) -> str:
    parts: list[str] = []
    if log is not None and shown.logs is not None:
        parts.append(f"{count(log.shown)} of {count(shown.logs.total, 'line')} shown.")
        if log.left_out.lines:
            parts.append(f"Left out: {_gap(log.left_out).rstrip(',')}.")
    rows = len(_rows(shown))
    if shown.tasks is not None and rows < shown.tasks.total:
        parts.append(f"{count(rows)} of {count(shown.tasks.total, 'task run')} shown.")
    if shown.notice is not None:
        parts.append(shown.notice.text)
    parts.append("Run the cell for the interactive card.")
    return " ".join(parts)


def _clean(text: str) -> str:
    """Return text without control characters, escape sequences included; line feeds and tabs stay."""
    plain = DIRECTIONS.sub("", SEQUENCES.sub("", text))
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


def _shown(value: object) -> object:
    return _clean(value) if type(value) is str else value


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("flowrun_widgets.sharing"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
    )
    return environment.get_template("twin.html.j2")
