"""Reads flow runs: one with its history, lists, and the names and histories for their records."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.asked import check_ids
from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.backends.prefect3.aside import Aside
from flowrun_widgets.backends.prefect3.histories import Histories
from flowrun_widgets.backends.prefect3.mapping import due, flow_run_record
from flowrun_widgets.backends.prefect3.paging import Progress, offset_pages
from flowrun_widgets.backends.prefect3.states import (
    ENDED_TYPES,
    UNFINISHED_TYPES,
    state_filter,
)
from flowrun_widgets.backends.together import together
from flowrun_widgets.times import isoformat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowrun_widgets.backends.prefect3.api import Api
    from flowrun_widgets.backends.prefect3.ui import Ui
    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.states import State

__all__ = ["HISTORY", "FlowRuns"]

HISTORY, FLOW_NAME = "history", "flow name"
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


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

    def newest(self, chosen: RunFilter, limit: int | None) -> Iterator[FlowRunRecord]:
        """Yield the newest runs that match a filter, without histories."""
        runs = islice(self._newest(chosen, limit), limit)
        while part := list(islice(runs, self._api.page_size)):
            yield from self.records(part)

    def below(self, flow_run_ids: list[str]) -> list[wire.FlowRun]:
        """Return the runs that these runs called, sorted by when they were due."""
        body = {"flow_runs": {"parent_flow_run_id": {"any_": flow_run_ids}}, "sort": "ID_DESC"}
        pages = offset_pages(
            lambda offset: self._api.page("/flow_runs/filter", body, wire.FlowRun, offset=offset),
            lambda: self._api.page_size,
        )
        found = {run.id: run for page in pages for run in page}
        return sorted(found.values(), key=lambda run: (due(run), run.id))

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

    def _newest(self, chosen: RunFilter, limit: int | None) -> Iterator[wire.FlowRun]:
        body = body_of(chosen)
        if chosen.parameters:
            limit = None  # how many runs are to be read until enough match is not known
        if not chosen.only_begun:
            return self._listed(body, chosen, limit)
        # A run that ended without starting counts as begun, and so does one that waits for another attempt.
        over = {"state": {"type": {"any_": ENDED_TYPES}}}
        going = {"state": {"type": {"any_": UNFINISHED_TYPES}}, "start_time": {"is_null_": False}}
        bodies = [{**body, "flow_runs": {**body["flow_runs"], **part}} for part in (over, going)]
        first = together(*(partial(self._page, one, 0, limit) for one in bodies))
        lists = [
            self._listed(one, chosen, limit, page) for one, page in zip(bodies, first, strict=True)
        ]
        return _each_once(merge(*lists, key=due, reverse=True))

    def _listed(
        self,
        body: Mapping[str, Any],
        chosen: RunFilter,
        limit: int | None,
        page: list[wire.FlowRun] | None = None,
    ) -> Iterator[wire.FlowRun]:
        """Yield the runs that match; `page` is the first page, if it is already there."""
        progress, offset = Progress(), 0
        while True:
            page = self._page(body, offset, limit) if page is None else page
            yield from (run for run in page if chosen.has_parameters(run.parameters or {}))
            offset += len(page)
            if progress.is_last(page, min(limit or self._api.page_size, self._api.page_size)):
                return
            page = None

    def _page(self, body: Mapping[str, Any], offset: int, limit: int | None) -> list[wire.FlowRun]:
        size = min(limit or self._api.page_size, self._api.page_size)
        return self._api.page("/flow_runs/filter", body, wire.FlowRun, offset=offset, size=size)

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


def _each_once(runs: Iterable[wire.FlowRun]) -> Iterator[wire.FlowRun]:
    seen = set[str]()
    for run in runs:
        if run.id not in seen:
            seen.add(run.id)
            yield run


def body_of(chosen: RunFilter) -> dict[str, Any]:
    """Return the body of a request for the runs that match a filter, but for parameters and `only_begun`."""
    runs: dict[str, Any] = {}
    body: dict[str, Any] = {"sort": "EXPECTED_START_TIME_DESC", "flow_runs": runs}
    if chosen.name is not None:
        runs["name"] = {"any_": [chosen.name]}
    if chosen.states:
        runs["state"] = state_filter(chosen.states)
    if chosen.since is not None or chosen.until is not None:
        runs["expected_start_time"] = {
            key: isoformat(moment)
            for key, moment in (("after_", chosen.since), ("before_", chosen.until))
            if moment is not None
        }
    if chosen.tags:
        runs["tags"] = {"all_": list(chosen.tags)}
    if chosen.only_top_level:
        runs["parent_task_run_id"] = {"is_null_": True}
    if chosen.flow_name is not None:
        body["flows"] = {"name": {"any_": [chosen.flow_name]}}
    if chosen.deployment is not None:
        field = "id" if UUID_TEXT.fullmatch(chosen.deployment) else "name"
        body["deployments"] = {field: {"any_": [chosen.deployment]}}
    if chosen.work_pool is not None:
        body["work_pools"] = {"name": {"any_": [chosen.work_pool]}}
    return body


def _is_same(one: State, other: State) -> bool:
    return (type(one), one.name, one.timestamp) == (type(other), other.name, other.timestamp)
