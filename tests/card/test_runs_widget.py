"""The live table of a list of runs, as Python sees it: what it sends, and what its page's messages do."""

from __future__ import annotations

import gzip
from itertools import islice

import msgspec
import pytest

import flowrun_widgets as fw
from flowrun_widgets.containers import FrozenList, freeze
from flowrun_widgets.report.run_rows import run_rows
from flowrun_widgets.report.wire import RunsPayload
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.lazy_runs import LazyRuns
from flowrun_widgets.states import Failed, Scheduled
from flowrun_widgets.widget import registry
from flowrun_widgets.widget.many_runs_widget import MAX_SENT
from flowrun_widgets.widget.runs_widget import RunsWidget
from tests.many_runs import AS_OF, START, listed, record

from .page import Page, question

SECRET = "hunter2hunter2"


@pytest.fixture
def table(recorded):
    """Return a function that shows records in a table; tables end with the test."""
    made = []

    def show(records, **more) -> tuple[fw.FlowRunList, RunsWidget]:
        runs, lazy = listed(recorded, records, **more)
        widget = RunsWidget(runs, lazy, runs._static_bundle, FlowRunView.card)
        made.append(widget)
        return runs, widget

    yield show
    for widget in made:
        widget.close()


def payload_of(widget: RunsWidget) -> RunsPayload:
    return msgspec.json.decode(gzip.decompress(widget.payload), type=RunsPayload)


def test_the_payload_has_the_runs_as_columns(table):
    due = record(
        0,
        state=Scheduled("", start_time=AS_OF.add(hours=1)),
        started_at=None,
        ended_at=None,
        total_run_seconds=None,
        scheduled_start_at=AS_OF.add(hours=1),
    )
    failed = record(
        1,
        state=Failed("load[7]: it broke", timestamp=AS_OF),
        tags=FrozenList(["prod"]),
        parameters=freeze({"region": "eu", "n": 3}),
        ui_url="https://prefect.example.com/runs/1",
    )
    _, widget = table([due, failed, record(2)])
    sent = payload_of(widget)
    rows = sent.rows
    assert (sent.held, sent.has_more, sent.can_load) == (3, False, False)
    assert rows.names == ("run-0", "run-1", "run-2")
    assert [rows.flow_names[at] for at in rows.flows] == ["flow-0", "flow-1", "flow-0"]
    assert [rows.state_kinds[at].name for at in rows.states] == ["Scheduled", "Failed", "Success"]
    assert rows.started_at == (None, START - 60_000_000, START - 120_000_000)
    assert rows.due_at[0] == START + 10_000_000_000 + 3_600_000_000
    assert rows.ran == (None, 30.0, 30.0)
    assert rows.messages == (None, "load[7]: it broke", None)
    assert rows.tags[1] == ("prod",)
    assert rows.parameters[1] == (("region", '"eu"'), ("n", "3"))
    assert rows.urls == (None, "https://prefect.example.com/runs/1", None)


def test_secrets_are_removed_and_counted(table):
    words = f"password={SECRET}"
    bad = record(
        0,
        name=words,
        state=Failed(words, timestamp=AS_OF),
        tags=FrozenList([words]),
        parameters=freeze({"password": SECRET}),
    )
    _, widget = table([bad, record(1)])
    assert SECRET not in gzip.decompress(widget.payload).decode()
    assert payload_of(widget).rows.redacted >= 3


def test_sizes_are_bounded_whatever_the_runs_hold(recorded):
    huge = "<&>" * 30_000
    bad = record(
        0,
        name=huge,
        flow_name=huge,
        state=Failed(huge, name=huge, timestamp=AS_OF),
        tags=FrozenList([huge] * 100),
        parameters=freeze({f"{huge}{n}": huge for n in range(20)}),
        ui_url=f"https://x/{huge}",
    )
    rows = run_rows([(bad, AS_OF, None)], 0)
    assert len(msgspec.json.encode(rows)) < 5_000


def test_a_thousand_runs_are_sent_with_the_table_and_no_more(table):
    runs, widget = table(map(record, range(1_500)))
    assert len(runs) == 1_500
    widget.view_bundle()
    sent = payload_of(widget)
    assert (len(sent.rows.ids), sent.held) == (MAX_SENT, 1_500)
    assert len(widget.payload) < 60_000


def test_the_page_gets_further_runs_page_by_page(table, monkeypatch):
    page = Page(monkeypatch)
    runs, widget = table(map(record, range(450)))
    assert payload_of(widget).has_more
    page.ask(widget, question("runs", n=1, start=200, count=200))
    answer = page.wait_for("runs", n=1)
    assert (answer["rows"]["start"], len(answer["rows"]["ids"]), answer["held"]) == (200, 200, 400)
    assert (answer["has_more"], answer["can_load"]) == (True, True)
    page.ask(widget, question("runs", n=2, start=400, count=200))
    answer = page.wait_for("runs", n=2)
    assert (answer["held"], answer["has_more"], answer["can_load"]) == (450, False, False)
    assert answer["rows"]["names"][-1] == "run-449"
    assert page.kinds(1) == ["heard", "runs"]
    assert len(runs) == 450


def test_runs_beyond_the_limit_exist_and_cannot_be_loaded(table):
    _, widget = table(map(record, range(300)), limit=100)
    sent = payload_of(widget)
    assert (sent.held, sent.has_more, sent.can_load) == (100, True, False)


def test_a_server_that_fails_is_told_and_the_runs_stay(recorded, monkeypatch):
    def failing():
        for n in range(200):
            yield FlowRunView(record(n), recorded, as_of=AS_OF)
        raise fw.errors.BackendError("http://prefect.example.com refused the connection.")

    page = Page(monkeypatch)
    lazy = LazyRuns(failing)
    lazy.first(200)
    runs = fw.FlowRunList(lazy, as_of=AS_OF)
    widget = RunsWidget(runs, lazy, runs._static_bundle, FlowRunView.card)
    page.ask(widget, question("runs", n=1, start=200, count=200))
    assert "refused" in page.wait_for("failed", n=1)["notice"]["text"]
    assert len(lazy.held) == 200
    widget.close()


def test_the_selection_of_a_list_is_what_its_open_tables_select(table, monkeypatch):
    page = Page(monkeypatch)
    runs, first = table(map(record, range(5)))
    assert runs.selection == []
    second = RunsWidget(runs, runs._lazy, runs._static_bundle, FlowRunView.card)
    ids = [run.flow_run_id for run in runs]
    page.ask(first, question("choose", n=1, ids=[ids[3], ids[1], "unknown"]))
    page.ask(first, question("runs", n=2, start=0, count=1))
    page.wait_for("runs", n=2)
    assert [run.name for run in runs.selection] == ["run-1", "run-3"]
    page.ask(second, question("choose", n=3, ids=[ids[0]]))
    page.ask(second, question("runs", n=4, start=0, count=1))
    page.wait_for("runs", n=4)
    assert [run.name for run in runs.selection] == ["run-0", "run-1", "run-3"]
    assert isinstance(runs.selection, fw.FlowRunList)
    assert runs[:3].selection == []
    second.close()
    assert [run.name for run in runs.selection] == ["run-1", "run-3"]


def test_a_run_is_opened_as_a_card_that_ends_with_the_table(recorded, monkeypatch):
    page = Page(monkeypatch)
    found = fw.find_flow_runs(api=recorded, subflows=True)
    widget = RunsWidget(found, found._lazy, found._static_bundle, FlowRunView.card)
    run = next(iter(found))
    page.ask(widget, question("open", n=1, id=run.flow_run_id))
    model = page.wait_for("opened", n=1)["model"]
    card = next(one for one in islice(registry.open_cards(), 20) if one.model_id == model)
    assert card.subject == run
    page.ask(widget, question("open", n=2, id="unknown"))
    assert "no run unknown" in page.wait_for("failed", n=2)["notice"]["text"]
    widget.close()
    assert card.comm is None


@pytest.mark.parametrize(
    "content",
    [
        None,
        3,
        {},
        {"kind": "runs"},
        question("runs", start="x", count=1),
        question("select", ids=[1]),
    ],
)
def test_other_messages_are_ignored(table, content):
    runs, widget = table([record(0)])
    widget._heard(content)
    assert runs.selection == []


def test_the_code_is_sent_to_a_page_that_cannot_find_it(table, monkeypatch):
    page = Page(monkeypatch)
    _, widget = table([record(0)])
    page.ask(widget, question("code"))
    [code] = page.wait_for("code")["buffers"]
    assert b"Flow runs" in gzip.decompress(code)


def test_a_closed_table_is_shown_as_a_new_one(table):
    runs, widget = table([record(0)])
    widget.close()
    again = widget.open_again()
    assert again is not widget
    assert again.subject is runs
    assert again.shows(runs)
    again.close()
