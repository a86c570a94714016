"""`Tools`: what an assistant can ask. Each tool reads, and returns one bounded text without secrets.

The docstrings are what the assistant is told about a tool, its arguments included.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.mcp.answer import MAX_DIGEST_CHARS, answer, within
from flowrun_widgets.mcp.open_runs import OpenRuns
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.query import Value, parse, running_times
from flowrun_widgets.redaction.columns import redacted_columns
from flowrun_widgets.report.figures import count, date_and_clock
from flowrun_widgets.report.findings import Column, Findings, Table, findings_text
from flowrun_widgets.report.run_list_findings import run_list_findings
from flowrun_widgets.report.telling import line_texts, telling
from flowrun_widgets.runs.clean import clean_records
from flowrun_widgets.runs.comparison import compare
from flowrun_widgets.runs.find import find_flow_runs
from flowrun_widgets.times import EPOCH, now
from flowrun_widgets.views.brief import brief_content
from flowrun_widgets.views.content import known_content
from flowrun_widgets.views.logs import FlowRunLogs

if TYPE_CHECKING:
    from flowrun_widgets.connection.connection import Connection
    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["Tools"]

MAX_LINES, MAX_PATTERNS, MAX_RUNS = 100, 30, 30
MAX_COUNTED = 100_000
"""How many patterns of a log are counted."""
AGO = re.compile(r"([0-9]{1,5}) ?([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
LEVELS = {50: "CRITICAL", 40: "ERROR", 30: "WARNING", 20: "INFO", 10: "DEBUG"}
PATTERN_COLUMNS = (
    Column("Lines", "figure"), Column("Level"), Column("First, UTC"), Column("Last, UTC"), Column("Pattern", "code"),
)  # fmt: skip


class Tools:
    """The tools, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._runs = OpenRuns(connection)

    def why_failed(self, run: str = "", flow: str = "") -> str:
        """Say why a Prefect flow run failed, from its states, its log and its sub-flow runs.

        Names the failure that ended the run, in which task run or sub-flow run; the exception with its causes and the
        frames in the user's code; attempts; what did not run because of it; counts of task runs and lines; and the
        log lines that tell most, wherever in the log they are, with their numbers. For a run that did not fail, says
        how it ended or what it waits for.

        Args:
            run: the run's id, a link to it in Prefect's UI, or its name. Empty: the newest run that failed.
            flow: the name of a flow, to choose among runs when `run` is empty or a name.
        """
        content = brief_content(self._runs.run(run, flow))
        return answer(
            telling(content, MAX_DIGEST_CHARS),
            "search_logs reads any line of the run, patterns groups its lines, compare says what differs from a run that "
            "succeeded.",
        )

    def search_logs(
        self, where: str, run: str = "", flow: str = "", limit: int = 30, after_line: int = 0
    ) -> str:
        """Find log lines of one flow run, in its whole log, also beyond the first 1,000 lines.

        The answer says how many lines match, and shows them with number, time in UTC, level and task.

        Args:
            where: a filter text such as `level>=warning task:load -logger:boto "connection reset" /timeout \\d+/
                time:02:29..02:33`. All terms must match; `-` negates one; a bare word and a quoted phrase are searched in
                the message, ignoring case, /…/ is a regular expression. Keys: level, task, logger, attempt, time.
                Empty: every line.
            run: the run's id, link or name. Empty: the newest run that failed.
            flow: the name of a flow, to choose among runs when `run` is empty or a name.
            limit: how many lines to show, 1 to 100.
            after_line: show only lines after the one with this number, to read on.
        """
        view = self._runs.run(run, flow)
        logs, is_numbered = _logs(view, where)
        found = logs.where(where)
        numbers = range(len(found)) if found.numbers is None else found.numbers
        start = next((at for at, n in enumerate(numbers) if n >= after_line), len(found))
        chosen = found.columns.slice(start, _between(limit, 1, MAX_LINES))
        places = numbers[start : start + len(chosen)]
        text, _ = within("\n".join(line_texts(chosen, places if is_numbered else None)))
        shown = text.count("\n") + 1 if text else 0
        head = f"{count(len(found), 'line')} of {count(len(logs), 'line')} match. {_name(view)}"
        note = f"Shown: {shown} of {len(found)} lines that match."
        if start + shown < len(found) and shown:
            note += f" after_line={places[shown - 1] + 1} shows the next ones."
        if not is_numbered:
            note += " Only lines of that level were read, so that their numbers in the whole log are not known."
        if found.hint:
            head += f"\n{found.hint}"
        return answer(f"{head}\n{text}", note)

    def patterns(
        self,
        run: str = "",
        flow: str = "",
        where: str = "",
        limit: int = 20,
        is_rare_first: bool = False,
    ) -> str:
        """Group the log lines of one flow run by their pattern, in which numbers, ids, times and names are slots.

        Shows a long log in a few lines. With `is_rare_first`, lines that occur once come first, the most severe first.

        Args:
            run: the run's id, link or name. Empty: the newest run that failed.
            flow: the name of a flow, to choose among runs when `run` is empty or a name.
            where: a filter text as in search_logs; only lines that match are grouped.
            limit: how many patterns to show, 1 to 30.
            is_rare_first: the rarest patterns first, instead of the most frequent.
        """
        from flowrun_widgets.analysis.templates import templates

        view = self._runs.run(run, flow)
        logs, _ = _logs(view, where)
        found = logs.where(where).columns
        groups = list(templates(found, MAX_COUNTED))
        if is_rare_first:
            groups.sort(key=lambda one: (one.count, -(one.level or 0), one.first_at))
        rows = [
            (
                count(one.count),
                LEVELS.get((one.level or 0) // 10 * 10, ""),
                date_and_clock(one.first_at),
                date_and_clock(one.last_at),
                one.pattern,
            )
            for one in groups[: _between(limit, 1, MAX_PATTERNS)]
        ]
        title = f"{count(len(groups), 'pattern')} in {count(len(found), 'line')}. {_name(view)}"
        text, left_out = within(
            findings_text(Findings(title, (), (Table("", PATTERN_COLUMNS, rows),)))
        )
        shown = max(0, len(rows) - left_out)
        return answer(text, f"Shown: {shown} of {len(groups)} patterns.")

    def compare(self, run: str = "", baseline: str = "", flow: str = "") -> str:
        """Say what differs between a flow run and one that succeeded: states, parameters, tasks, patterns of lines.

        Reads the whole logs of both runs.

        Args:
            run: the run's id, link or name. Empty: the newest run that failed.
            baseline: the id, link or name of the run to compare it with. Empty: the newest earlier run of the same flow
                that succeeded.
            flow: the name of a flow, to choose among runs when `run` is empty or a name.
        """
        view = self._runs.run(run, flow)
        other = self._runs.run(baseline, flow) if baseline.strip() else None
        text, left_out = within(str(compare(view, other)))
        return answer(
            text, f"{count(left_out, 'line')} of the comparison left out." if left_out else ""
        )

    def find_runs(
        self,
        flow: str = "",
        state: str = "",
        since: str = "",
        until: str = "",
        tags: str = "",
        limit: int = 20,
    ) -> str:
        """List flow runs, the newest first, with their ids and what the failed ones of them say.

        Args:
            flow: only runs of the flow with this name.
            state: only runs in this state: failed, crashed, running, success, cancelled, scheduled, late, pending, …
            since: only runs that began at that time or later: 2026-11-22, 2026-11-22T02:00:00+00:00, or so long ago:
                90m, 24h, 7d.
            until: only runs that began at that time or earlier.
            tags: only runs with all of these tags, separated by commas.
            limit: how many runs to list, 1 to 30.
        """
        runs = find_flow_runs(
            flow.strip() or None,
            state.strip() or None,
            since=_moment(since),
            until=_moment(until),
            tags=[tag.strip() for tag in tags.split(",") if tag.strip()],
            limit=_between(limit, 1, MAX_RUNS),
            api=self._runs.connection,
        )
        views = list(runs)
        records = zip(clean_records(views), (one.as_of for one in views), strict=True)
        found = run_list_findings(list(records), count(len(views), "flow run"), has_rows=True)
        text, left_out = within(findings_text(found))
        notes = [
            "More runs match." if runs.has_more else "",
            f"{count(left_out, 'line')} of the list left out." if left_out else "",
        ]
        return answer(text or "No run matches.", " ".join(filter(None, notes)))


def _logs(view: FlowRunView, where: str) -> tuple[FlowRunLogs, bool]:
    """Return the lines, without secrets, among which a filter text searches, and whether they are the whole log.

    Where a log is read in pages, a filter text that asks for levels costs the pages with lines of these levels only.
    """
    query = parse(where, "UTC", view.started_at or EPOCH)
    levels = [one for one in query.terms if isinstance(one, Value) and one.key == "level"]
    running = None
    if any(isinstance(one, Value) and one.key == "attempt" for one in query.terms):
        running = running_times(one.record for one in view.get_all_task_runs())
    has_level = levels and all(not one.negated and one.operator[0] in "=>" for one in levels)
    is_part = bool(has_level and view.connection.backend.is_paged and view.fetched.logs is None)
    if is_part:
        columns = view.get_logs(level=min(one.number for one in levels)).columns
        if (redaction := view.connection.redaction) is not None:
            columns = redacted_columns(columns, redaction).value
    else:
        view.get_logs()
        columns = known_content(view).logs or LogColumns()
    return FlowRunLogs(columns, began_at=view.started_at, running=running), not is_part


def _name(view: FlowRunView) -> str:
    (record,) = clean_records([view])
    name = " / ".join(filter(None, [record.flow_name, record.name]))
    return f'Run "{shortened(one_line(name), 120)}" ({record.id}), {one_line(record.state.name)}.'


def _between(number: int, least: int, most: int) -> int:
    return max(least, min(number, most))


def _moment(text: str) -> str | None:
    """Return a time as `find_flow_runs` takes it; a span such as `24h` counts back from now."""
    text = text.strip()
    ago = AGO.fullmatch(text)
    if ago is None:
        return text or None
    return now().subtract(**{UNITS[ago[2]]: int(ago[1])}).isoformat()
