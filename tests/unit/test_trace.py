"""Runs as traces for Perfetto and Chrome, and the OpenTelemetry trace of a run of Prefect 3."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace

import pytest

import flowrun_widgets as fw
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import InvalidArgument, SettingsError
from flowrun_widgets.report.payload import payload
from flowrun_widgets.views.content import known_content

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def events_of(run, path):
    run.to_trace(path)
    return json.loads(path.read_text("utf-8"))["traceEvents"]


def test_every_run_is_a_trace_whose_slices_nest(recorded, tmp_path):
    """Perfetto drops a slice that begins inside another one of its thread and ends after it."""
    for run in fw.find_flow_runs(state=None, subflows=True):
        events = events_of(run, tmp_path / "run.json")
        threads = defaultdict(list)
        for event in events:
            if event["ph"] == "X":
                assert event["dur"] >= 0
                threads[event["tid"]].append((event["ts"], -event["dur"]))
        for slices in threads.values():
            open_until = []
            for begin, minus in sorted(slices):
                while open_until and open_until[-1] <= begin:
                    open_until.pop()
                assert not open_until or begin - minus <= open_until[-1]
                open_until.append(begin - minus)
        begun = [one for one in run.get_all_task_runs() if one.started_at is not None]
        drawn = [event for event in events if event.get("cat") == "task run"]
        assert {event["args"]["task_run_id"] for event in drawn} >= {
            one.task_run_id for one in begun
        }


def test_warnings_are_instants(recorded, tmp_path):
    instants = 0
    for run in fw.find_flow_runs():
        found = [one for one in events_of(run, tmp_path / "run.json") if one["ph"] == "i"]
        assert len(found) == len(run.get_logs(level="warning"))
        instants += len(found)
    assert instants


def test_secrets_are_left_out_and_a_bad_path_is_said(recorded, tmp_path):
    run = fw.latest(state="failed")
    record = replace(run.record, parameters=FrozenDict({"password": "hunter2hunter2"}))
    told = type(run)(record, run.connection, as_of=run.as_of)
    path = tmp_path / "run.json"
    saved = told.to_trace(path)
    assert saved.redacted
    assert "hunter2" not in path.read_text("utf-8")
    with pytest.raises(InvalidArgument):
        run.to_trace(tmp_path)


def test_the_trace_of_a_run_is_named_and_linked(recorded_store, monkeypatch):
    monkeypatch.setenv("FLOWRUN_TRACE_URL", "https://traces.test/find?id={trace_id}")
    with fw.connect(recorded_store) as api:
        run = fw.latest()
        record = replace(run.record, key_value_labels=FrozenDict({"__OTEL_TRACEPARENT": PARENT}))
        traced = type(run)(record, api, as_of=run.as_of)
        assert traced.trace_id == TRACE
        shown = payload(known_content(traced)).header.trace
        assert shown == (TRACE, f"https://traces.test/find?id={TRACE}")
        assert run.trace_id is None
        assert payload(known_content(run)).header.trace is None


@pytest.mark.parametrize("label", ["", "00-xyz", f"{PARENT}\n", 7, None])
def test_a_label_that_is_not_a_traceparent_names_no_trace(recorded, label):
    run = fw.latest()
    record = replace(run.record, key_value_labels=FrozenDict({"__OTEL_TRACEPARENT": label}))
    assert record.trace_id is None


@pytest.mark.parametrize("address", ["javascript:alert({trace_id})", "https://traces.test/"])
def test_an_address_without_a_place_for_the_trace_is_refused(recorded_store, monkeypatch, address):
    monkeypatch.setenv("FLOWRUN_TRACE_URL", address)
    with pytest.raises(SettingsError, match="FLOWRUN_TRACE_URL"):
        fw.connect(recorded_store)
