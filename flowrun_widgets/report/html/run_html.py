"""The static twin of a card, as HTML without scripts and as text.

Pure functions of the card's payload. The HTML uses only what JupyterLab 4.6's sanitizer keeps: native elements, inline
styles, no ids, no `data-*`, no `aria-*`. It is readable without its styles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets.plain_text import one_line, plain, shortened, unfenced
from flowrun_widgets.report.digest_markdown import CAUSES, SPANS
from flowrun_widgets.report.figures import (
    UNKNOWN,
    clock,
    count,
    date_and_clock,
    duration,
    milliseconds,
)
from flowrun_widgets.report.html.excerpt import MAX_TASK, excerpt_text, log_title, shown_words
from flowrun_widgets.report.html.state_look import (
    BADGE_COLOURS,
    BAR_COLOURS,
    MAX_TEXT,
    OTHER_BAR,
    UNBROKEN,
    said,
    spans_bar,
    spans_of,
    state_words,
)
from flowrun_widgets.report.html.template import whole_html
from flowrun_widgets.report.standing import Standing, ending_words, standing_words
from flowrun_widgets.report.task_rows import TELLING, WHOLE, dullness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.report import wire
    from flowrun_widgets.report.html.excerpt import Excerpt

__all__ = ["twin_block", "twin_html", "twin_text"]

MAX_PARAMETERS = 100
VALUES, LEAST_VALUE = 12_000, 100
"""The approximate number of characters of all values together, and the smallest share of one."""
MAX_PINS = 30
MAX_PIN = 500
"""How many characters of a pinned line, and of its note, are shown."""
MAX_NAME_CHARS = 80
MAX_CAUSES = 8
BLOCK_ROWS = 20
MAX_BLOCK = 8_000
REMEDY = "Run the cell for the interactive card."
LEVELS = ((50, "CRITICAL"), (40, "ERROR"), (30, "WARNING"), (20, "INFO"), (10, "DEBUG"))


class Row(NamedTuple):
    """One row of the task table, as text."""

    state: str
    label: str
    attempts: str
    started: str
    waited: str
    ran: str
    bar: str
    colour: str
    lines: str


def twin_html(
    shown: wire.Payload,
    log: Excerpt | None,
    uid: str,
    *,
    annotations: wire.Annotations | None = None,
    hits: int | None = None,
    task_rows: Sequence[wire.TaskRow] | None = None,
    remedy: str = REMEDY,
) -> str:
    """Return the twin. `uid` is a class name that connects the twin with its live card.

    Pins and the filter text of `annotations` come first; `hits` is how many lines match that text. `task_rows` are the
    task runs to show; None for those sent with the card, of which failed, retried and unfinished ones come first.
    `remedy` is how to see the rest.
    """
    rows = _chosen(shown) if task_rows is None else task_rows[:WHOLE]
    start, end = _bounds(shown, rows)
    return whole_html(
        "twin.html.j2",
        uid=uid,
        run=shown,
        parameters=_parameters(shown),
        badge=BADGE_COLOURS.get(shown.header.state.family, BADGE_COLOURS["unknown"]),
        state=state_words(shown.header.state),
        facts=_facts(shown),
        as_of=_as_of(shown),
        ending=_ending(shown),
        pins=_pins(annotations),
        query=_query(shown, annotations, hits),
        rows=[_row(shown, row, start, end) for row in rows],
        span=f"{clock(start)} to {clock(end)}",
        log=log,
        log_text="" if log is None else excerpt_text(log),
        log_title=_log_title(shown),
        task_total="" if shown.tasks is None else count(shown.tasks.total),
        left_out=_left_out(shown, log, len(rows), remedy),
        history=[
            f"{date_and_clock(state.at)}  {state_words(state)}{said(state)}"
            for state in shown.states
        ],
        flow=_name(shown.header.flow or ""),
        name=_name(shown.header.name or "") or shown.header.id,
        digest_title=_digest_title(shown.digest),
        causes=_causes(shown.digest),
        held_up=[] if shown.digest is None else [_name(one) for one in shown.digest.held_up],
        tried=_tried(shown),
    )


def twin_text(
    shown: wire.Payload,
    *,
    annotations: wire.Annotations | None = None,
    hits: int | None = None,
    told: str | None = None,
) -> str:
    """Return the run as text without empty lines, for hosts and programs that read only text.

    `told` is what the run tells (`Content.text`); None for the error alone.
    """
    named = [_name(part) for part in (shown.header.flow, shown.header.name) if part]
    head = " / ".join(named) or shown.header.id
    facts = [_facts(shown)]
    if as_of := _as_of(shown):
        facts.append(f"As of {as_of} UTC, {_ending(shown)}.")
    if shown.notice is not None:
        facts.append(shown.notice.text)
    lines = [f"{state_words(shown.header.state)}  {head}", " ".join(facts)]
    if pins := _pins(annotations):
        lines += ["Pinned lines:", *pins]
    if query := _query(shown, annotations, hits):
        lines.append(query)
    if told is None and shown.digest is not None:
        lines += _digest_lines(shown.digest)
    elif told is None and shown.header.state.message:
        lines.append(shown.header.state.message)
    text = "\n".join(plain(line).replace("\n", "\n    ") for line in lines)
    if told is None:
        return shortened(text, MAX_TEXT)
    return f"{shortened(text, MAX_TEXT - len(told) - 1)}\n{told}"


def twin_block(
    shown: wire.Payload,
    *,
    annotations: wire.Annotations | None = None,
    hits: int | None = None,
    task_rows: Sequence[wire.TaskRow] = (),
    told: str | None = None,
) -> str:
    """Return `twin_text` with the task runs, without empty lines, which would end a Markdown block."""
    lines = [twin_text(shown, annotations=annotations, hits=hits, told=told)]
    if shown.tasks is not None and task_rows:
        rows = [_row(shown, row, 0, 1) for row in task_rows[:BLOCK_ROWS]]
        width = max(len(row.state) for row in rows)
        lines.append(f"Task runs: {len(rows)} of {count(shown.tasks.total)}")
        lines += [
            f"  {row.state:{width}}  {row.label}"
            + (f", started {row.started}, ran {row.ran}" if row.started != UNKNOWN else "")
            for row in rows
        ]
    return unfenced(shortened("\n".join(lines), MAX_BLOCK))


def _digest_lines(digest: wire.Digest) -> list[str]:
    """Return the digest as lines of text, without frames."""
    lines = [f"{_digest_title(digest)}: {digest.error}"]
    lines += [f"{CAUSES[cause.how]}{cause.error}" for cause in digest.causes]
    lines += [f"It ended with: {digest.ended_with}"] if digest.ended_with else []
    return [*lines, *digest.remarks]


def _facts(shown: wire.Payload) -> str:
    parts = [standing_words(_standing(shown.header))]
    if shown.tasks is not None and shown.tasks.total:
        names: dict[str, int] = {}
        for state, number in shown.tasks.states:
            names[state.name] = names.get(state.name, 0) + number
        listed = ", ".join(f"{count(number)} {name}" for name, number in [*names.items()][:12])
        more = f" and {len(names) - 12} more states" if len(names) > 12 else ""
        parts.append(f"{count(shown.tasks.total, 'task run')}: {listed}{more}.")
    return " ".join(parts)


def _standing(header: wire.Header) -> Standing:
    wait = header.wait
    return Standing(
        as_of=header.as_of,
        is_finished=header.is_finished,
        started_at=header.started_at,
        ended_at=header.ended_at,
        took=header.took,
        ran=header.ran,
        attempts=header.attempts,
        waits_for=None if wait is None else wait.what,
        waits_since=None if wait is None else wait.since,
        due_at=None if wait is None else wait.until,
    )


def _as_of(shown: wire.Payload) -> str:
    """Return when the run was fetched; "" if it has ended and was read whole, since it does not change."""
    is_whole = shown.logs is not None and shown.tasks is not None and shown.notice is None
    return "" if shown.header.is_finished and is_whole else clock(shown.header.as_of)


def _ending(shown: wire.Payload) -> str:
    return ending_words(_standing(shown.header))


def _parameters(shown: wire.Payload) -> list[tuple[str, str]]:
    """Return the first parameters; if they are long together, each value is cut."""
    named = shown.header.parameters[:MAX_PARAMETERS]
    most = max(LEAST_VALUE, VALUES // max(1, len(named)))
    return [(name, shortened(value, most)) for name, value in named]


def _pins(annotations: wire.Annotations | None) -> list[str]:
    """Return the pinned lines as text, each with its note under it."""
    pins = () if annotations is None else annotations.pins
    lines: list[str] = []
    for pin in pins[:MAX_PINS]:
        level = next((word for least, word in LEVELS if (pin.level or 0) >= least), "")
        head = f"{milliseconds(pin.at)}  {level:8} {shortened(one_line(pin.task or 'flow'), MAX_TASK)}  "
        lines.append(head + _indented(pin.message, len(head)))
        if pin.note.strip():
            lines.append(f"{'':14}Note: {_indented(pin.note, 20)}")
    if len(pins) > MAX_PINS:
        lines.append(f"{'':14}{count(len(pins) - MAX_PINS, 'more pinned line')} left out")
    return lines


def _indented(text: str, width: int) -> str:
    return shortened(plain(text).strip(), MAX_PIN).replace("\n", "\n" + " " * width)


def _query(shown: wire.Payload, annotations: wire.Annotations | None, hits: int | None) -> str:
    """Return the sentence about the filter text; "" without one."""
    if annotations is None or not annotations.text.strip():
        return ""
    fit = ""
    if hits is not None and shown.logs is not None:
        fit = f": {count(hits)} of {count(shown.logs.total, 'line')} match"
    return f"Filter {shortened(annotations.text, MAX_PIN)}{fit}."


def _digest_title(digest: wire.Digest | None) -> str:
    if digest is None:
        return ""
    where = f"First failure: {_name(digest.task)}" if digest.task else "The flow itself failed"
    below = " › ".join(
        " / ".join(_name(part) for part in (run.flow, run.name) if part) or run.id
        for run in digest.runs
    )
    within = f" in the sub-flow {below}" if below else ""
    tried = f", attempt {digest.attempt}" if digest.attempt and digest.attempt > 1 else ""
    at = f", at {clock(digest.at)}" if digest.at else ""
    doubt = f". Not sure: {digest.doubt[0].lower()}{digest.doubt[1:-1]}" if digest.doubt else ""
    return f"{where}{within}{tried}{at}{doubt}"


def _name(text: str) -> str:
    """Return a name on one line, shortened for a heading or a cell."""
    return shortened(one_line(text), MAX_NAME_CHARS)


def _causes(digest: wire.Digest | None) -> list[tuple[str, tuple[str, ...]]]:
    """Return the causes of an error, each with its frames."""
    causes = () if digest is None else digest.causes[:MAX_CAUSES]
    return [(f"{CAUSES[cause.how]}{cause.error}", cause.detail[-8:]) for cause in causes]


def _tried(shown: wire.Payload) -> str:
    """Return the attempts and waits of the task run that failed, as a sentence."""
    if shown.digest is None or not shown.digest.spans:
        return ""
    parts: list[str] = []
    for begun, ended, kind in spans_of(shown.digest.spans):
        seconds = ((ended or shown.header.as_of) - begun) / 1_000_000
        parts.append(f"{SPANS[kind]} {duration(max(0.0, seconds))}")
    if len(parts) > 16:
        parts[8:-8] = [f"… {len(parts) - 16} more …"]
    return f"It {', '.join(parts)}."


def _chosen(shown: wire.Payload) -> Sequence[wire.TaskRow]:
    if shown.tasks is None:
        return ()
    rows = shown.tasks.rows
    if shown.tasks.total <= WHOLE:
        return rows
    families = [state.family for state, _ in shown.tasks.states]
    ranks = [dullness(families[row[4]], row[5]) for row in rows]
    places = sorted(range(len(rows)), key=ranks.__getitem__)[:TELLING]
    return [rows[place] for place in sorted(places)]


def _row(shown: wire.Payload, row: wire.TaskRow, start: int, end: int) -> Row:
    _, label, _, _, number, attempts, started, _, waited, ran, spans, lines, *_ = row
    assert shown.tasks is not None
    state = shown.tasks.states[number][0]
    return Row(
        state=state_words(state).replace(" ", UNBROKEN, 1),
        label=_name(label),
        attempts=str(attempts) if attempts else "–",
        started=clock(started),
        waited=duration(waited).replace(" ", UNBROKEN),
        ran=duration(ran).replace(" ", UNBROKEN),
        bar=spans_bar(spans, start, end),
        colour=BAR_COLOURS.get(state.family, OTHER_BAR),
        lines=count(lines),
    )


def _bounds(shown: wire.Payload, rows: Sequence[wire.TaskRow]) -> tuple[int, int]:
    header = shown.header
    starts = [header.started_at] if header.started_at is not None else []
    ends = [header.ended_at if header.is_finished and header.ended_at is not None else header.as_of]
    for row in rows:
        for begun, ended, kind in spans_of(row[10]):
            starts += [begun] if kind != "waited" else []
            ends += [ended] if ended else []
    start = min(starts, default=min(ends))
    return start, max(max(ends), start + 1)


def _log_title(shown: wire.Payload) -> str:
    if shown.logs is None:
        return "Logs: not read yet"
    return log_title(shown.logs.total, shown.logs.levels)


def _left_out(shown: wire.Payload, log: Excerpt | None, rows: int, remedy: str) -> str:
    parts: list[str] = []
    if log is not None and shown.logs is not None:
        parts += shown_words(log, shown.logs.total)
    if shown.tasks is not None and rows < shown.tasks.total:
        parts.append(f"{count(rows)} of {count(shown.tasks.total, 'task run')} shown.")
    if shown.redacted:
        parts.append(f"{count(shown.redacted, 'value')} redacted.")
    if shown.notice is not None:
        parts.append(shown.notice.text)
    parts.append(remedy)
    return " ".join(parts)
