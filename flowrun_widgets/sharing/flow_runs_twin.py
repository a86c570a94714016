"""A list of flow runs as it is displayed: a table, the newest run first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets.analysis.durations import ran_seconds
from flowrun_widgets.analysis.plain_text import one_line, shortened
from flowrun_widgets.analysis.standing import began_words
from flowrun_widgets.analysis.words import clock, count, duration
from flowrun_widgets.card.badges import badge
from flowrun_widgets.redaction.records import redacted_records
from flowrun_widgets.sharing.look import BAR_COLOURS, MOST_TEXT, OTHER_BAR, UNBROKEN, proportion_bar
from flowrun_widgets.sharing.template import whole_html
from flowrun_widgets.times import to_micros
from flowrun_widgets.views.flow_run import FlowRunView
from flowrun_widgets.views.flow_runs import SHOWN, FlowRunList

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["flow_runs_bundle", "flow_runs_html"]

NAME = 80
"""How many characters of a name are shown."""
MESSAGE = 120
"""How many characters of a failed run's message are shown."""
MOST_STATES = 12


class Row(NamedTuple):
    """One run, in words."""

    state: str
    name: str
    url: str | None
    flow: str
    started: str
    ran: str
    bar: str
    colour: str
    message: str


def flow_runs_bundle(runs: FlowRunList) -> dict[str, str]:
    """Return what is displayed of a list of flow runs, as HTML and as its repr, without secrets."""
    shown: list[FlowRunView] = []
    redacted = 0
    for run in runs[:SHOWN]:
        redaction = run.connection.redaction
        if redaction is None:
            shown.append(run)
            continue
        clean = redacted_records([run.record], redaction)
        redacted += clean.count
        shown.append(FlowRunView(clean.value[0], run.connection, as_of=run.as_of))
    told = FlowRunList(
        (*shown, *runs[SHOWN:]), as_of=runs.as_of, has_more=runs.has_more, place=runs.place
    )
    return {
        "text/html": flow_runs_html(told, redacted),
        "text/plain": shortened(repr(told), MOST_TEXT),
    }


def flow_runs_html(runs: FlowRunList, redacted: int = 0) -> str:
    """Return a list of flow runs as HTML; `redacted` is how many values were taken out of those that are drawn."""
    drawn = runs[:SHOWN]
    ran = [ran_seconds(run.record, runs.as_of or run.as_of) for run in drawn]
    longest = max((seconds or 0.0 for seconds in ran), default=0.0)
    words = [f"{count(len(drawn))} of {count(len(runs), 'run')} shown."] if drawn else []
    if runs.has_more:
        words.append("There are more: a larger limit brings them.")
    if len(runs) > SHOWN:
        words.append("runs[50:] shows the next ones, runs.to_pandas() has all.")
    if redacted:
        words.append(f"{count(redacted, 'value')} redacted.")
    if drawn:
        words.append("runs[0] is the first of them, with its card.")
    return whole_html(
        "flow_runs.html.j2",
        title=_title(runs),
        facts=_facts(runs),
        rows=[_row(run, seconds, longest) for run, seconds in zip(drawn, ran, strict=True)],
        has_messages=any(run.state.is_failed() and run.state.message for run in drawn),
        longest=duration(longest),
        words=" ".join(words),
    )


def _title(runs: Sequence[FlowRunView]) -> str:
    flows = {run.flow_name for run in runs}
    of = (
        f" of {shortened(one_line(next(iter(flows)) or ''), NAME)}"
        if len(flows) == 1 and None not in flows
        else ""
    )
    return f"{count(len(runs), 'flow run')}{of}"


def _facts(runs: FlowRunList) -> str:
    names = Counter(run.state.name for run in runs).most_common()
    listed = ", ".join(
        f"{count(number)} {shortened(one_line(name), NAME)}" for name, number in names[:MOST_STATES]
    )
    more = f" and {len(names) - MOST_STATES} more states" if len(names) > MOST_STATES else ""
    as_of = "" if runs.as_of is None else f" As of {clock(to_micros(runs.as_of))} UTC."
    if not listed:
        return f"No run fits{f' at {runs.place}' if runs.place else ''}.{as_of}"
    return f"{listed}{more}.{as_of}"


def _row(run: FlowRunView, ran: float | None, longest: float) -> Row:
    look = badge(run.state)
    url = run.ui_url
    message = run.state.message if run.state.is_failed() else None
    return Row(
        state=f"{look.character}{UNBROKEN}{shortened(one_line(run.state.name), NAME)}",
        name=shortened(one_line(run.name or run.flow_run_id), NAME),
        url=url if url and url.startswith(("http://", "https://")) else None,
        flow=shortened(one_line(run.flow_name or "–"), NAME),
        started=began_words(run.record),
        ran=duration(ran).replace(" ", UNBROKEN),
        bar=proportion_bar(ran or 0.0, longest),
        colour=BAR_COLOURS.get(look.family, OTHER_BAR),
        message=shortened(one_line(message or "–"), MESSAGE),
    )
