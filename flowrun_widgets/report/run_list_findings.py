"""A list of flow runs in words: how many are in each state, and what the failed ones say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.durations import ran_seconds
from flowrun_widgets.analysis.engine_words import said_of
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.figures import count, duration
from flowrun_widgets.report.findings import Column, Findings, Link, Table
from flowrun_widgets.report.standing import began_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.records import FlowRunRecord

__all__ = ["run_list_findings"]

MAX_STATES, MAX_MESSAGES = 12, 10
MAX_MESSAGE_CHARS = 2_000
RUN_COLUMNS = (
    Column("State"), Column("Run"), Column("Flow"), Column("Began"), Column("Ran", "figure"), Column("Id", "code"),
)  # fmt: skip
MESSAGE_COLUMNS = (Column("Runs", "figure"), Column("Message", "code"))


def run_list_findings(
    runs: Sequence[tuple[FlowRunRecord, DateTime]], title: str, *, has_rows: bool
) -> Findings:
    """Return what a list tells; the records, each with the time it was fetched, are without secrets.

    With `has_rows`, each run has a row in a table.
    """
    records = [record for record, _ in runs]
    names = Counter(record.state.name for record in records).most_common()
    listed = ", ".join(f"{count(number)} {name}" for name, number in names[:MAX_STATES])
    more = f" and {len(names) - MAX_STATES} more states" if len(names) > MAX_STATES else ""
    said = Counter(
        said_of(record.state)[:MAX_MESSAGE_CHARS] or "no message"
        for record in records
        if record.state.is_failed()
    )
    messages = [(count(number), message) for message, number in said.most_common(MAX_MESSAGES)]
    left_out = len(said) - len(messages)
    rows = [
        (
            f"{badge(record.state).character} {record.state.name}",
            Link(record.name or record.id, record.ui_url),
            record.flow_name or "",
            began_words(record),
            duration(ran_seconds(record, as_of)),
            record.id,
        )
        for record, as_of in (runs if has_rows else ())
    ]
    return Findings(
        title,
        (f"{listed}{more}.",) if listed else (),
        (
            Table("", RUN_COLUMNS, rows),
            Table("What the failed runs say", MESSAGE_COLUMNS, messages),
        ),
        f"{count(left_out, 'other message')} left out." if left_out > 0 else "",
    )
