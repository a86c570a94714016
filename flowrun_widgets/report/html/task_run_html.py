"""A task run as HTML: its state and message, its attempts, and its log lines as far as they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets.analysis.durations import spans
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.report.badges import wire_state
from flowrun_widgets.report.figures import clock, count, date_and_clock, duration
from flowrun_widgets.report.html.excerpt import excerpt, excerpt_text, log_title, shown_words
from flowrun_widgets.report.html.state_look import BADGE_COLOURS, said, state_words
from flowrun_widgets.report.html.template import whole_html
from flowrun_widgets.report.log.rows import level_counts
from flowrun_widgets.report.standing import ending_words, standing_of, standing_words
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from pendulum import DateTime

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import TaskRunRecord

__all__ = ["task_run_html"]

MAX_LABEL_CHARS = 80
"""How many characters of a label are shown."""
MAX_ATTEMPTS = 20
MAX_STATES = 100


class Attempt(NamedTuple):
    """One attempt, as text."""

    number: str
    began: str
    waited: str
    ran: str
    ending: str


def task_run_html(
    record: TaskRunRecord, columns: LogColumns | None, as_of: DateTime, redacted: int = 0
) -> str:
    """Return a task run as HTML; `columns` are its lines, None if they were not read."""
    state = wire_state(record.state)
    attempts = _attempts(record, as_of)
    log = None if columns is None else excerpt(columns)
    words = [
        *(shown_words(log, len(columns)) if log is not None and columns is not None else []),
        *([f"{count(redacted, 'value')} redacted."] if redacted else []),
        *([] if columns is not None else [_remedy(record)]),
        *([] if record.has_history else ["get_latest() fetches its history."]),
    ]
    return whole_html(
        "task_run.html.j2",
        badge=BADGE_COLOURS[state.family],
        state=state_words(state),
        label=shortened(one_line(record.label), MAX_LABEL_CHARS),
        flow_run_id=record.flow_run_id,
        facts=_facts(record, as_of),
        message=state.message,
        attempts=attempts[-MAX_ATTEMPTS:],
        earlier=max(0, len(attempts) - MAX_ATTEMPTS),
        log_title="Logs: not read yet"
        if columns is None
        else log_title(len(columns), level_counts(columns)),
        log_text="" if log is None else excerpt_text(log),
        history=[
            f"{date_and_clock(one.at)}  {state_words(one)}{said(one)}"
            for one in map(wire_state, record.states[-MAX_STATES:])
        ],
        earlier_states=max(0, len(record.states) - MAX_STATES),
        words=" ".join(words),
    )


def _facts(record: TaskRunRecord, as_of: DateTime) -> str:
    standing = standing_of(record, as_of)
    ending = ending_words(standing).removeprefix("run ")
    parts = [
        standing_words(standing),
        f"{count(record.attempts, 'attempt')}.",
        f"As of {clock(to_micros(as_of))} UTC, task run {ending}.",
    ]
    return " ".join(parts)


def _attempts(record: TaskRunRecord, as_of: DateTime) -> list[Attempt]:
    found: list[Attempt] = []
    if not record.has_history and record.attempts > 1:
        return found
    waited: float | None = None
    for span in spans(record):
        if span.kind in {"waited", "retry", "paused"}:
            waited = span.seconds(as_of)
            continue
        goes_on = span.end is None and not record.state.is_finished()
        ending = "failed" if span.kind == "failed" else "goes on" if goes_on else "ended"
        began = clock(to_micros(span.start))
        number = count(len(found) + 1)
        found.append(
            Attempt(number, began, duration(waited), duration(span.seconds(as_of)), ending)
        )
        waited = None
    return found


def _remedy(record: TaskRunRecord) -> str:
    where = (
        "run"
        if record.flow_run_id is None
        else f'fw.FlowRunView.from_flow_run_id("{record.flow_run_id}")'
    )
    return f'{where}.get_logs(task="{record.id}") has its lines.'
