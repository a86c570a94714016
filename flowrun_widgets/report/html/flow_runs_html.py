"""A list of flow runs as an HTML table, the newest run first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets.analysis.durations import ran_seconds
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.figures import clock, count, duration
from flowrun_widgets.report.html.state_look import (
    BAR_COLOURS,
    OTHER_BAR,
    UNBROKEN,
    proportion_bar,
)
from flowrun_widgets.report.html.template import whole_html
from flowrun_widgets.report.standing import began_words
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.records import FlowRunRecord

__all__ = ["MAX_SHOWN", "flow_runs_html"]

MAX_SHOWN = 50
"""How many runs are shown."""

MAX_NAME_CHARS = 80
"""How many characters of a name are shown."""
MAX_MESSAGE_CHARS = 120
"""How many characters of a failed run's message are shown."""
MAX_STATES = 12


class Row(NamedTuple):
    """One run, as text."""

    state: str
    name: str
    url: str | None
    flow: str
    started: str
    ran: str
    bar: str
    colour: str
    message: str


def flow_runs_html(
    runs: Sequence[tuple[FlowRunRecord, DateTime]],
    *,
    as_of: DateTime | None,
    has_more: bool,
    place: str,
    redacted: int = 0,
    uid: str = "",
) -> str:
    """Return flow runs, each with the time it was fetched, as HTML: the first 50, and counts of all.

    `as_of` is when the list was fetched, `place` from where, `has_more` whether there are others, and `redacted` how
    many values were removed from the runs shown. `uid` is the class by which a live table finds it.
    """
    drawn = runs[:MAX_SHOWN]
    ran = [ran_seconds(record, moment) for record, moment in drawn]
    longest = max((seconds or 0.0 for seconds in ran), default=0.0)
    words = [f"{count(len(drawn))} of {count(len(runs), 'run')} shown."] if drawn else []
    if has_more:
        words.append("There are more; a larger limit lists them.")
    if len(runs) > MAX_SHOWN:
        words.append(f"runs[{MAX_SHOWN}:] shows the next ones, runs.to_pandas() has all.")
    if redacted:
        words.append(f"{count(redacted, 'value')} redacted.")
    if drawn:
        words.append("runs[0] is the first of them, with its card.")
    records = [record for record, _ in runs]
    return whole_html(
        "flow_runs.html.j2",
        uid=uid,
        title=_title(records),
        facts=_facts(records, as_of, place),
        rows=[
            _row(record, seconds, longest) for record, seconds in zip(records, ran, strict=False)
        ],
        has_messages=any(
            one.state.is_failed() and one.state.message for one in records[:MAX_SHOWN]
        ),
        longest=duration(longest),
        words=" ".join(words),
    )


def _title(runs: Sequence[FlowRunRecord]) -> str:
    flows = {run.flow_name for run in runs}
    of = (
        f" of {shortened(one_line(next(iter(flows)) or ''), MAX_NAME_CHARS)}"
        if len(flows) == 1 and None not in flows
        else ""
    )
    return f"{count(len(runs), 'flow run')}{of}"


def _facts(runs: Sequence[FlowRunRecord], as_of: DateTime | None, place: str) -> str:
    names = Counter(run.state.name for run in runs).most_common()
    listed = ", ".join(
        f"{count(number)} {shortened(one_line(name), MAX_NAME_CHARS)}"
        for name, number in names[:MAX_STATES]
    )
    more = f" and {len(names) - MAX_STATES} more states" if len(names) > MAX_STATES else ""
    when = "" if as_of is None else f" As of {clock(to_micros(as_of))} UTC."
    if not listed:
        return f"No run matches{f' at {place}' if place else ''}.{when}"
    return f"{listed}{more}.{when}"


def _row(run: FlowRunRecord, ran: float | None, longest: float) -> Row:
    look = badge(run.state)
    url = run.ui_url
    message = run.state.message if run.state.is_failed() else None
    return Row(
        state=f"{look.character}{UNBROKEN}{shortened(one_line(run.state.name), MAX_NAME_CHARS)}",
        name=shortened(one_line(run.name or run.id), MAX_NAME_CHARS),
        url=url if url and url.startswith(("http://", "https://")) else None,
        flow=shortened(one_line(run.flow_name or "–"), MAX_NAME_CHARS),
        started=began_words(run),
        ran=duration(ran).replace(" ", UNBROKEN),
        bar=proportion_bar(ran or 0.0, longest),
        colour=BAR_COLOURS.get(look.family, OTHER_BAR),
        message=shortened(one_line(message or "–"), MAX_MESSAGE_CHARS),
    )
