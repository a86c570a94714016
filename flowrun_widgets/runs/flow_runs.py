"""`FlowRunList`: a sequence of flow run views that a notebook displays as a table."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, overload
from uuid import UUID

from pendulum import DateTime

from flowrun_widgets.analysis.durations import ran_seconds
from flowrun_widgets.errors import Ambiguous, NotFound
from flowrun_widgets.harvest.harvested import Harvested
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.redaction import Redaction
from flowrun_widgets.redaction.records import redacted_records
from flowrun_widgets.report.figures import count, date_and_clock, duration
from flowrun_widgets.report.findings import findings_markdown, findings_text
from flowrun_widgets.report.html.flow_runs_html import MAX_SHOWN, flow_runs_html
from flowrun_widgets.report.html.state_look import MAX_TEXT
from flowrun_widgets.report.run_list_findings import run_list_findings
from flowrun_widgets.report.standing import began_words
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE, HasTexts
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.lazy_runs import RUNS_AT_ONCE, LazyRuns
from flowrun_widgets.runs.run_grid import FlowRunGrid, read_grid
from flowrun_widgets.states import types_like
from flowrun_widgets.times import to_micros
from flowrun_widgets.views.identifier import checked_text

if TYPE_CHECKING:
    import pandas as pd

    from flowrun_widgets.runs import durations as run_durations
    from flowrun_widgets.runs import explanation
    from flowrun_widgets.runs import failures as failure_groups
    from flowrun_widgets.runs import flaky as flaky_flows
else:
    pd = LazyModule("pandas")
    run_durations = LazyModule("flowrun_widgets.runs.durations")
    flaky_flows = LazyModule("flowrun_widgets.runs.flaky")
    explanation = LazyModule("flowrun_widgets.runs.explanation")
    failure_groups = LazyModule("flowrun_widgets.runs.failures")

__all__ = ["FlowRunList"]

MAX_NAME_CHARS = 60
"""How many characters of a name are printed."""


class FlowRunList(Sequence[FlowRunView], HasTexts):
    """A sequence of flow runs, newest first, indexed by position, name or id. A notebook displays it as a table.

    It is read-only and compares like a list of its views; `runs[0]` is displayed as a card. On Prefect 3 the runs are
    listed without their histories; `get_latest()` of a run fetches it.

    A long list is requested page by page when its runs are needed: `runs[0]` and display need the first page; `len()`,
    a negative index, `to_pandas()` and comparing need every run.
    """

    __slots__ = ("_as_of", "_has_more", "_lazy", "_place")

    _lazy: LazyRuns
    _as_of: DateTime | None
    _has_more: bool
    _place: str | None

    def __init__(
        self,
        runs: Iterable[FlowRunView] | LazyRuns = (),
        *,
        as_of: DateTime | None = None,
        has_more: bool = False,
        place: str | None = None,
    ) -> None:
        """Hold runs. `as_of` is when they were listed, `place` where, `has_more` whether more matched than asked for."""
        object.__setattr__(self, "_lazy", runs if isinstance(runs, LazyRuns) else LazyRuns.of(runs))
        object.__setattr__(self, "_as_of", as_of)
        object.__setattr__(self, "_has_more", has_more)
        object.__setattr__(self, "_place", place)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a list of flow runs is a snapshot: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a list of flow runs is a snapshot: {name!r} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._runs, self._as_of, self._has_more, self._place)

    @property
    def _runs(self) -> tuple[FlowRunView, ...]:
        """Every run."""
        return self._lazy.first(None)

    @property
    def as_of(self) -> DateTime | None:
        """When the runs were listed, by this machine's clock."""
        return self._as_of

    @property
    def has_more(self) -> bool:
        """Whether more runs match than are here: beyond the limit, or in pages that were not needed yet."""
        return self._has_more or self._lazy.has_more

    @property
    def place(self) -> str | None:
        """Where the runs were listed: the address of a server, or the path of a store."""
        return self._place

    def __len__(self) -> int:
        return len(self._runs)

    @overload
    def __getitem__(self, key: int | str | UUID) -> FlowRunView: ...
    @overload
    def __getitem__(self, key: slice) -> FlowRunList: ...
    def __getitem__(self, key: int | str | UUID | slice) -> FlowRunView | FlowRunList:
        """Return one run, or those of a slice.

        Raises:
            NotFound: the list has no run with that name or id.
            Ambiguous: several runs have that name.
        """
        if isinstance(key, slice):
            runs = self._lazy.first(_last_of(key))[key]
            return FlowRunList(runs, as_of=self._as_of, place=self._place)
        if isinstance(key, str | UUID):
            return self._named(str(key))
        try:
            return self._lazy.first(None if key < 0 else key + 1)[key]
        except IndexError:
            raise IndexError(f"No run {key}: this list has {count(len(self), 'run')}.") from None

    def __iter__(self) -> Iterator[FlowRunView]:
        position = 0
        while part := self._lazy.first(position + RUNS_AT_ONCE)[position:]:
            yield from part
            position += len(part)

    def __contains__(self, run: object) -> bool:
        if isinstance(run, str | UUID):
            return any(str(run) in (one.flow_run_id, one.name) for one in self._runs)
        return run in self._runs

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FlowRunList | list | tuple):
            return self._runs == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._runs)

    def where(self, *, flow: str | None = None, state: str | None = None) -> FlowRunList:
        """Return the runs of one flow, or in one state, with the arguments of `fw.find_flow_runs`.

        Costs the pages that are not here yet.

        Raises:
            InvalidArgument: a name is not text.
        """
        flow = None if flow is None else checked_text(flow, "flow")
        state = None if state is None else checked_text(state, "state")
        return FlowRunList(
            (
                run
                for run in self._runs
                if (flow is None or run.flow_name == flow) and (state is None or _is_in(run, state))
            ),
            as_of=self._as_of,
            has_more=self.has_more,
            place=self._place,
        )

    def grid(self) -> FlowRunGrid:
        """Return runs × tasks: what became of each task in each run, which a notebook displays as coloured cells.

        Reads the task runs of the newest 50 runs; the display reads those of older runs when they are needed, and
        `to_pandas()` of the grid reads all. On Prefect 3 that is one request for 200 task runs; on Prefect 1 one request
        for 50 runs; on a store none. `runs[:50].grid()` is the grid of the newest 50 alone.

        Raises:
            BackendError: the server failed to answer or refused the request.
        """
        return read_grid(self._lazy, as_of=self._as_of, place=self._place)

    def to_pandas(self) -> pd.DataFrame:
        """Return the runs as a DataFrame, one row per run, in their order, index from 0.

        Costs the pages that are not here yet.

        Columns, in order: `flow_run_id` str · `name` str · `flow_name` str · `state` str (type) · `state_name` str ·
        `message` str · `scheduled_start_at`, `started_at`, `ended_at` datetime64[us, UTC] · `duration_seconds` float64
        (from start to end; missing until a run ends) · `ui_url` str · `ran_seconds` float64 (of all its attempts,
        without waits and pauses). What is not known is missing.
        """
        from flowrun_widgets.report.frames import flow_runs_frame

        return flow_runs_frame(run.record for run in self._runs)

    def to_parquet(
        self,
        to: str | os.PathLike[str],
        *,
        redact: bool | Redaction | None = None,
        max_requests_per_minute: int | None = None,
    ) -> Harvested:
        """Write the runs, their log lines and their task runs as Parquet files into a folder, without secrets.

        `fw.read_logs(to)` reads the lines back, and so do pandas, DuckDB, Polars, Spark and Dask; docs/harvest.md
        describes the files. Runs are written one by one. A run that the folder has and that has not changed since its
        end costs no request, so that after a crash, and the next day, the same call reads only what is missing. A run
        that goes on, or ended within the last minute, is read again the next time. A run that cannot be read is named
        in the result, and the others are written.

        Args:
            to: a folder, or a URL such as `s3://bucket/flowruns`, for which the extra `harvest` and fsspec's package
                for that kind of URL are needed. A URL cannot contain a key.
            redact: True removes secrets by the built-in rules, False removes none, a `fw.Redaction(…)` gives other
                rules; None uses the setting of the connection. Runs that were written by other rules are read again.
            max_requests_per_minute: the most requests in any minute, evenly spread; None for a tenth of what the server
                allows: of its limit on Prefect Cloud, of `FLOWRUN_REQUESTS_PER_MINUTE` if that is set, else of 2,000.

        On Prefect 3, a run costs a request for each 200 lines and 200 task runs, and one or a few for the names of task
        runs; on Prefect 1 two requests. If the server answers that there are too many requests, none is sent for the
        time that it asks for; waiting for more than an hour in all is an error.

        Raises:
            InvalidArgument: nothing can be written there, another process is writing there, or the number is wrong.
            MissingExtra: fsspec is not installed.
            BackendError: the server did not answer or refused. Runs that were written stay.
        """
        from flowrun_widgets.harvest.writer import harvest

        return harvest(self, to, redact=redact, max_requests_per_minute=max_requests_per_minute)

    def failures(self) -> failure_groups.FlowRunFailures:
        """Return the failed runs of this list, grouped by cause, the most frequent cause first.

        Two runs have the same cause if their errors have one fingerprint: the type of the exception, and the pattern of
        its message without numbers, ids, quoted data, paths and addresses. Where a message says too little, such as
        "1/3 states failed." or `KeyError: 'day'`, error lines are read, and the frames in the user's own code count as
        well.

        Costs the pages that are not here yet, and no further request if the state messages say enough. Otherwise the
        error lines of eight runs of each flow and message are read, and of the others where these differ: in at most
        seven requests, for 50 runs each; from a store without any. Each group says how many of its runs were read, and
        how many are assumed to be like those.

        Raises:
            BackendError: the server failed to answer or refused the request.
        """
        return failure_groups.failures_of(self)

    def explain(
        self,
        failed: Iterable[FlowRunView] | None = None,
        ok: Iterable[FlowRunView] | None = None,
        *,
        lines: bool = True,
    ) -> explanation.RunExplanation:
        """Return what separates two groups of runs, the clearest difference first.

        Compared are parameters, tags, labels, versions, deployment, work pool and queue, job variables, run
        configuration, hour of the day and weekday (UTC), the time at which runs began, and patterns of warnings. Each
        factor has its counts in both groups, and the 95 % interval of the difference of the two shares (Newcombe). A
        difference is clear if that interval stays above zero after it is widened for the number of values that were
        tried (Bonferroni).

        Args:
            failed: the first group, such as `failures[0].runs`; None for the runs of this list that failed.
            ok: the second group; None for the runs of this list that succeeded.
            lines: read the warnings of 20 runs of each group.

        Costs the pages that are not here yet, and with `lines` one request for each group on a server.

        Raises:
            InvalidArgument: a group holds something else than flow runs.
            BackendError: the server failed to answer or refused the request.
        """
        return explanation.explain_groups(
            [run for run in self if run.state.is_failed()] if failed is None else failed,
            [run for run in self if run.state.is_successful()] if ok is None else ok,
            lines=lines,
        )

    def flaky(self) -> flaky_flows.FlakyFlows:
        """Return the flows that failed and succeeded at one version, or succeeded only after retries.

        Each flow, version and deployment counts by itself; the version is that of the deployment, else of the flow. The
        share of runs that failed or needed a retry has its 95 % interval (Wilson). Flows whose outcome changed only
        once come last: they broke, or were repaired. Costs the pages that are not here yet.
        """
        return flaky_flows.flaky_of(self)

    def durations(
        self, period: str | None = None, *, limit: int = 50
    ) -> run_durations.RunDurations:
        """Return how long the runs of this list and their tasks took: percentiles per task over time.

        Args:
            period: "hour", "day", "week" or "month"; None for the finest of which the runs span at most 16.
            limit: of how many runs that ended, the newest ones, the task runs are read.

        Costs the pages that are not here yet; on Prefect 3 one request for 200 task runs, and at least one for 50 runs;
        on Prefect 1 one request for 50 runs; from a store nothing.

        Raises:
            InvalidArgument: `period` or `limit` is invalid.
            BackendError: the server failed to answer or refused the request.
        """
        return run_durations.durations_of(self, period, limit)

    def _named(self, key: str) -> FlowRunView:
        found = [run for run in self._runs if run.flow_run_id == key.lower()]
        found = found or [run for run in self._runs if run.name == key]
        if not found:
            names = ", ".join(
                repr(run.name or run.flow_run_id)[:MAX_NAME_CHARS] for run in self._runs[:5]
            )
            more = ", …" if len(self) > 5 else ""
            raise NotFound(f"No run {key!r:.80} in this list. It holds {names or 'no run'}{more}.")
        if len(found) > 1:
            raise Ambiguous(
                f"{len(found)} runs here are called {key!r:.80}: use the id of one.",
                [run.flow_run_id for run in found],
            )
        return found[0]

    def _ipython_key_completions_(self) -> list[str]:
        return [run.name or run.flow_run_id for run in self._lazy.held]

    def __repr__(self) -> str:
        held = self._lazy.first(MAX_SHOWN) and self._lazy.held
        rows = [_row(run, self._as_of) for run in held[:MAX_SHOWN]]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        digits = len(str(len(rows)))
        lines = [
            f"{number:>{digits + 2}}  "
            + "  ".join(f"{part:{width}}" for part, width in zip(row, widths, strict=True))
            for number, row in enumerate(rows)
        ]
        if len(held) > MAX_SHOWN:
            lines.append(f"  … and {count(len(held) - MAX_SHOWN)} more")
        as_of = (
            "" if self._as_of is None else f", as of {date_and_clock(to_micros(self._as_of))} UTC"
        )
        more = ", and there are more" if self.has_more else ""
        place = "" if self._place is None or held else f" at {self._place}"
        head = f"FlowRunList of {count(len(held), 'flow run')}{place}{more}{as_of}"
        return "\n".join([head, *(line.rstrip() for line in lines)])

    @property
    def selection(self) -> FlowRunList:
        """The runs that are selected in the open tables of this list, in its order; empty if none are.

        A list that is displayed several times has several tables; a run counts if it is selected in any of them. A
        table is open until its cell runs again or clears its output. Costs no request.
        """
        from flowrun_widgets.widget.runs_widget import selected_ids

        chosen = selected_ids(self)
        runs = (run for run in self._lazy.held if run.flow_run_id in chosen)
        return FlowRunList(runs, as_of=self._as_of, place=self._place)

    def _repr_mimebundle_(
        self,
        include: Container[str] | None = None,
        exclude: Container[str] | None = None,
        **_: Any,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        from flowrun_widgets.widget.display import subject_bundle
        from flowrun_widgets.widget.runs_widget import RunsWidget

        def new_table() -> RunsWidget:
            return RunsWidget(self, self._lazy, self._static_bundle, FlowRunView.card)

        self._lazy.first(MAX_SHOWN)
        return subject_bundle(self, new_table, self._static_bundle, include, exclude)

    def _static_bundle(self, uid: str = "") -> dict[str, str]:
        """Return the list as HTML without scripts, with a class `uid`, and as text, without secrets."""
        told, redacted = self._without_secrets()
        html = flow_runs_html(
            [(run.record, self._as_of or run.as_of) for run in told],
            as_of=self._as_of,
            has_more=self.has_more,
            place=self._place or "",
            redacted=redacted,
            uid=uid,
        )
        return {"text/html": html, **_texts_of(told)}

    def _texts(self) -> dict[str, str]:
        return _texts_of(self._without_secrets()[0])

    def _without_secrets(self) -> tuple[FlowRunList, int]:
        """Return the list without secrets, and how many values were removed from the runs that are displayed."""
        shown: list[FlowRunView] = []
        redacted = 0
        held = self._lazy.first(MAX_SHOWN) and self._lazy.held
        for run in held[:MAX_SHOWN]:
            if (redaction := run.connection.redaction) is not None:
                clean = redacted_records([run.record], redaction)
                redacted += clean.count
                shown.append(FlowRunView(clean.value[0], run.connection, as_of=run.as_of))
            else:
                shown.append(run)
        runs = (*shown, *held[MAX_SHOWN:])
        told = FlowRunList(runs, as_of=self._as_of, has_more=self.has_more, place=self._place)
        return told, redacted


def _texts_of(told: FlowRunList) -> dict[str, str]:
    """Return the texts of a list without secrets: its first runs, and what the failed ones of them say."""
    listed = repr(told)
    held = told._lazy.held[:MAX_SHOWN]  # pyright: ignore[reportPrivateUsage]
    runs = [(run.record, told.as_of or run.as_of) for run in held]
    title = listed.split("\n", 1)[0]
    said = findings_text(run_list_findings(runs, "", has_rows=False))
    markdown = findings_markdown(run_list_findings(runs, title, has_rows=True))
    room = MAX_TEXT - len(said) - 1
    return {
        PLAIN_TYPE: f"{shortened(listed, room)}\n{said}" if said else shortened(listed, MAX_TEXT),
        MARKDOWN_TYPE: shortened(markdown, 2 * MAX_TEXT),
    }


def _row(run: FlowRunView, as_of: DateTime | None) -> tuple[str, ...]:
    """Return a run as text: state, name, flow, when it began or is due, how long it ran."""
    return tuple(
        shortened(one_line(text), MAX_NAME_CHARS)
        for text in (
            run.state.name,
            run.name or run.flow_run_id,
            run.flow_name or "",
            began_words(run.record),
            duration(ran_seconds(run.record, as_of or run.as_of)),
        )
    )


def _is_in(run: FlowRunView, word: str) -> bool:
    """Return whether a run is in a state: of a class or its subclasses, or by the server's own name of it."""
    named = types_like(word)
    return type(run.state).__name__ in named if named else run.state.name.lower() == word.lower()


def _last_of(part: slice) -> int | None:
    """Return how many runs a slice needs; None: all of them."""
    ends = (part.start or 0, -1 if part.stop is None else part.stop, part.step or 1)
    return None if min(ends) < 0 else part.stop


def _unpickled(
    runs: tuple[FlowRunView, ...], as_of: DateTime | None, has_more: bool, place: str | None
) -> FlowRunList:
    return FlowRunList(runs, as_of=as_of, has_more=has_more, place=place)
