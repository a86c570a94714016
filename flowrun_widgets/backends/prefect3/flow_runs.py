"""Reads flow runs: one with its history, lists, and the names and histories for their records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.asked import check_ids
from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.backends.prefect3.aside import Aside
from flowrun_widgets.backends.prefect3.histories import Histories
from flowrun_widgets.backends.prefect3.mapping import flow_run_record
from flowrun_widgets.backends.prefect3.paging import Progress, offset_pages
from flowrun_widgets.backends.prefect3.states import ENDED_TYPES, UNFINISHED_TYPES
from flowrun_widgets.backends.together import together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowrun_widgets.backends.prefect3.api import Api
    from flowrun_widgets.backends.prefect3.ui import Ui
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.states import State

__all__ = ["HISTORY", "FlowRuns"]

HISTORY, FLOW_NAME = "history", "flow name"
EARLIEST = datetime.min.replace(tzinfo=UTC)


class FlowRuns:
    """The flow runs of one server. Thread-safe."""

    def __init__(self, api: Api, ui: Ui) -> None:
        self._api = api
        self._ui = ui
        self._flow_names: dict[str, str] = {}
        self._histories = Histories()

    def one(self, flow_run_id: str) -> wire.FlowRun:
        """Return one run, without its history."""
        run = self._api.get(
            f"/flow_runs/{flow_run_id}", wire.FlowRun, what=f"flow run {flow_run_id}"
        )
        check_ids([run.id], (flow_run_id,), "flow run", self._api.url)
        return run

    def opened(self, flow_run_id: str) -> FlowRunRecord:
        """Return the record of a run with its history: two parallel requests, and one if the flow is not known yet."""
        aside = Aside()
        run, states, _ = together(
            lambda: self.one(flow_run_id),
            lambda: aside.ask(HISTORY, lambda: self._states(flow_run_id), None),
            self._ui.learn,
        )
        if states is not None:
            self._histories.keep(run, states)
        return self._record(run, states, aside)

    def again(self, known: FlowRunRecord, run: wire.FlowRun, aside: Aside) -> FlowRunRecord:
        """Return the record of a run; the known flow and history are reused as far as they are still valid."""
        if run.flow_id is not None and run.flow_id == known.flow_id and known.flow_name:
            self._flow_names.setdefault(run.flow_id, known.flow_name)
        now = self._record(run, None, aside)
        if known.has_history and _is_same(now.state, known.state):
            return replace(now, states=known.states, has_history=True)
        return self.latest(run, aside)

    def latest(self, run: wire.FlowRun, aside: Aside) -> FlowRunRecord:
        """Return the record of a run with its history, which is requested if the state changed."""
        states = self._histories.of(run)
        if states is None:
            states = aside.ask(HISTORY, lambda: self._states(run.id), None)
            if states is not None:
                self._histories.keep(run, states)
        return self._record(run, states, aside)

    def ended_in(self, flow_run_id: str) -> str | None:
        """Return the id of the final state of a run at the last look; None: the run had not ended."""
        return self._histories.ended_in(flow_run_id)

    def newest(
        self, flow_name: str | None, chosen: Mapping[str, Any], limit: int, *, only_begun: bool
    ) -> list[FlowRunRecord]:
        """Return the newest runs that match a filter; `only_begun` leaves out runs that have not begun."""
        if not only_begun:
            return self.records(self._listed(flow_name, chosen, limit))
        # A run that ended without starting counts as begun, and so does one that waits for another attempt.
        over = {**chosen, "state": {"type": {"any_": ENDED_TYPES}}}
        going = {**chosen, "state": {"type": {"any_": UNFINISHED_TYPES}}}
        going["start_time"] = {"is_null_": False}
        lists = together(
            lambda: self._listed(flow_name, over, limit),
            lambda: self._listed(flow_name, going, limit),
        )
        found = {run.id: run for runs in lists for run in runs}
        return self.records(sorted(found.values(), key=_due, reverse=True)[:limit])

    def below(self, flow_run_ids: list[str]) -> list[wire.FlowRun]:
        """Return the runs that these runs called, sorted by when they were due."""
        body = {"flow_runs": {"parent_flow_run_id": {"any_": flow_run_ids}}, "sort": "ID_DESC"}
        pages = offset_pages(
            lambda offset: self._api.page("/flow_runs/filter", body, wire.FlowRun, offset=offset),
            lambda: self._api.page_size,
        )
        found = {run.id: run for page in pages for run in page}
        return sorted(found.values(), key=lambda run: (_due(run), run.id))

    def records(self, runs: Sequence[wire.FlowRun]) -> list[FlowRunRecord]:
        """Return the records of runs without histories; one request for the names of flows that are not known yet."""
        aside = Aside()
        together(
            lambda: aside.ask(FLOW_NAME, lambda: self._learn_names(runs), None), self._ui.learn
        )
        return [self._named(run, None, aside) for run in runs]

    def flow(self, flow_id: str) -> wire.Flow:
        """Return a flow."""
        flow = self._api.get(f"/flows/{flow_id}", wire.Flow, what=f"flow {flow_id}")
        check_ids([flow.id], (flow_id,), "flow", self._api.url)
        self._flow_names[flow.id] = flow.name
        return flow

    def _listed(
        self, flow_name: str | None, chosen: Mapping[str, Any], limit: int
    ) -> list[wire.FlowRun]:
        body: dict[str, Any] = {"sort": "EXPECTED_START_TIME_DESC"}
        if flow_name is not None:
            body["flows"] = {"name": {"any_": [flow_name]}}
        if chosen:
            body["flow_runs"] = chosen
        found: dict[str, wire.FlowRun] = {}
        progress, offset = Progress(), 0
        while True:
            size = min(limit - len(found), self._api.page_size)
            page = self._api.page("/flow_runs/filter", body, wire.FlowRun, offset=offset, size=size)
            found |= {run.id: run for run in page}
            is_last = progress.is_last(page, min(size, self._api.page_size))
            if is_last or len(found) >= limit:
                return [*found.values()]
            offset += len(page)

    def _states(self, flow_run_id: str) -> list[wire.State]:
        params = {"flow_run_id": flow_run_id}
        return self._api.get("/flow_run_states/", list[wire.State], what="states", params=params)

    def _record(
        self, run: wire.FlowRun, states: list[wire.State] | None, aside: Aside
    ) -> FlowRunRecord:
        flow_id = run.flow_id
        if flow_id is not None and flow_id not in self._flow_names:
            aside.ask(FLOW_NAME, lambda: self.flow(flow_id), None)
        return self._named(run, states, aside)

    def _named(
        self, run: wire.FlowRun, states: list[wire.State] | None, aside: Aside
    ) -> FlowRunRecord:
        return flow_run_record(
            run,
            ui_url=self._ui.page_of(run.id),
            flow_name=self._flow_names.get(run.flow_id or ""),
            history_rows=states,
            missing=aside.missing,
        )

    def _learn_names(self, runs: Sequence[wire.FlowRun]) -> None:
        unknown = sorted(
            {run.flow_id for run in runs if run.flow_id and run.flow_id not in self._flow_names}
        )
        while unknown:
            size = self._api.page_size
            part, unknown = unknown[:size], unknown[size:]
            body = {"flows": {"id": {"any_": part}}}
            for flow in self._api.page("/flows/filter", body, wire.Flow):
                self._flow_names[flow.id] = flow.name


def _due(run: wire.FlowRun) -> datetime:
    return run.expected_start_time or EARLIEST


def _is_same(one: State, other: State) -> bool:
    return (type(one), one.name, one.timestamp) == (type(other), other.name, other.timestamp)
