"""What the reader filters, selects, pins and copies is a value in Python."""

from __future__ import annotations

import gzip
import io
import json
import threading
from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import flowrun_widgets as fw
from flowrun_widgets.errors import Ambiguous, InvalidArgument, NotFound, QuerySyntaxError
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.runs.card import FlowRunCard
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.views.logs import FlowRunLogs
from tests.big_run import big_run
from tests.stores import FLOW_RUN_ID, small_run

from .page import SECONDS, Page, log_query, question


@pytest.fixture
def page(monkeypatch):
    return Page(monkeypatch)


@pytest.fixture(scope="module")
def run():
    """A run of 3,000 lines that lies in memory."""
    return big_run(3_000, 120)


@pytest.fixture
def card(page, run):
    card = FlowRunCard(run)
    yield card
    card.close()


def annotations(card):
    return json.loads(gzip.decompress(card.annotations))


def ask(page, card, kind, answer, n=1, **fields):
    """Ask, and return the answer of that kind."""
    page.ask(card, question(kind, n=n, **fields))
    return page.wait_for(answer, n=n)


def find_lines(page, card, n=1, near=None, count=50, **fields):
    return ask(page, card, "query", "result", n, query=log_query(**fields), near=near, count=count)


def test_a_card_of_a_run_that_was_read_is_complete_at_once(page, run):
    """Its payload is made once, no thread is begun and nothing is pushed."""
    before = threading.active_count()
    card = FlowRunCard(run)
    assert card.wait_until_loaded(0)
    assert card.shown.logs.total == 3_000
    assert threading.active_count() == before
    assert page.heard == []
    card.close()


def test_a_query_is_answered_with_first_rows_and_then_with_counts(card, page):
    result = find_lines(page, card, text="level>=warning", count=3)
    wanted = card.flow_run.get_logs().where("level>=warning")
    assert result["hits"] == result["shown"] == len(wanted)
    assert page.kinds(1) == ["heard", "rows", "result"]
    rows = next(content for content in page.heard if content["kind"] == "rows")["window"]["items"]
    assert [row[6] for row in rows if len(row) == 11] == [line.message for line in wanted[:3]]
    assert sum(result["bins"]["error"]) + sum(result["bins"]["warning"]) == result["hits"]
    assert result["advice"] is None


def test_a_query_stays_at_the_line_that_it_is_asked_to(card, page):
    frame = card.flow_run.get_logs().where("level>=error").to_pandas()
    seq = int(frame["seq"].iloc[-1])
    shown = {"lines": "context", "context": 2}
    result = find_lines(page, card, text="level>=error", near=seq, **shown)
    window = ask(
        page, card, "rows", "rows", n=2, query=log_query("level>=error", **shown),
        start=result["at"], count=1,
    )["window"]  # fmt: skip
    assert window["items"][0][0] == seq
    assert window["total"] == result["total"]


def test_a_text_that_nothing_fits_is_answered_with_advice(card, page):
    result = find_lines(page, card, text="task:laod")
    assert (result["hits"], result["total"]) == (0, 0)
    assert "Did you mean task:load" in result["advice"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("tsk:load", "Unknown key: tsk"), ('"', "never closed"), ("x" * 20_000, "10,000 characters")],
)
def test_a_text_that_cannot_be_read_is_answered_with_what_is_wrong(card, page, text, words):
    for n, (kind, more) in enumerate(
        (("query", {"near": None, "count": 9}), ("rows", {"start": 0, "count": 9})), 1
    ):
        failed = ask(page, card, kind, "failed", n, query=log_query(text), **more)
        assert failed["notice"]["kind"] == "error"
        assert words in failed["notice"]["text"]
    assert card.query == ""


@pytest.mark.parametrize("kind", ["query", "rows", "find", "templates", "download"])
def test_hostile_queries_are_answered(card, page, kind):
    fields = {
        "query": {"near": 2**62, "count": 2**62},
        "rows": {"start": 2**62, "count": 2**62},
        "find": {"what": "time", "at": -(2**63), "step": 1},
        "templates": {},
        "download": {"format": "csv"},
    }[kind]
    for n, more in enumerate(
        (
            {"text": "\ud800", "zone": "../../etc/passwd"},
            {"text": "/" + "(a|" * 40 + "b" + ")" * 40 + "/", "zone": "\0"},
            {
                "text": 'task=""',
                "lines": "context",
                "context": -(2**63),
                "opened": [[2**63 - 1, -(2**63)]] * 2_000,
            },
            {
                "text": "-a",
                "lines": "context",
                "context": 2**63 - 1,
                "opened": [[-1, 5], [3, 2**63 - 1]],
            },
        ),
        1,
    ):
        page.ask(card, question(kind, n=n, query=log_query(**more), **fields))
    page.ask(card, question("line", n=9, seq=0))
    page.wait_for("line", n=9)
    assert "kernel's log" not in json.dumps(
        [content for content in page.heard if content["kind"] == "failed"]
    )


def test_finding_goes_through_the_pins(card, page):
    card.pin(2_001)
    card.pin(8, "here it begins")
    answer = ask(page, card, "find", "found", query=log_query(), what="pin", at=None, step=-1)
    assert (answer["seq"], answer["nth"]) == (2_000, 2)


def test_templates_group_the_lines_of_a_query(card, page):
    answer = ask(page, card, "templates", "templates", query=log_query("level>=warning"))
    frame = card.flow_run.get_logs().where("level>=warning").to_pandas()
    assert answer["lines"] == len(frame)
    assert sum(row[1] for row in answer["rows"]) == len(frame)


def test_the_query_of_the_card_is_what_was_set_last(card, page):
    card.query = "level>=warning"
    assert (annotations(card)["text"], annotations(card)["turn"]) == ("level>=warning", 1)
    find_lines(page, card, text="level>=error", zone="Europe/Berlin")
    assert (card.query, card.timezone) == ("level>=error", "Europe/Berlin")
    page.ask(
        card, question("query", n=2, view="right", query=log_query("load"), near=None, count=5)
    )
    page.wait_for("result", n=2)
    assert (card.query, card.timezone) == ("load", "UTC")
    assert annotations(card)["turn"] == 1


def test_a_query_that_cannot_be_read_is_refused_and_the_last_one_stays(card):
    card.query = "load"
    with pytest.raises(QuerySyntaxError, match="Unknown key"):
        card.query = "tsk:load"
    with pytest.raises(InvalidArgument):
        card.query = 7
    assert card.query == "load"
    assert annotations(card)["turn"] == 1


def test_what_a_page_filters_reaches_the_saved_state_and_the_twin(card, page):
    """Once it has settled, not at every key."""
    heard = threading.Event()
    texts = []

    def listen(_shown):
        texts.append(card.evidence.text)
        heard.set()

    card.on_change(listen)
    for n, text in enumerate(("l", "lo", "loa", "load"), 1):
        find_lines(page, card, n=n, text=text)
    assert heard.wait(SECONDS)
    assert texts == ["load"]
    saved = annotations(card)
    assert (saved["text"], saved["turn"], saved["pins"]) == ("load", 0, [])
    assert saved["result"]["hits"] == card.hit_count
    assert len(saved["result"]["window"]["items"]) == 60


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("", "UTC"),
        ("level>=warning -task:extract", "UTC"),
        ("attempt:2", "UTC"),
        ("time:01:30..02:00", "Europe/Berlin"),
        ("time:01:30..02:00 load", "UTC"),
        ("nothing has this", "UTC"),
    ],
)
def test_filtered_logs_are_those_of_where(card, page, text, zone):
    result = find_lines(page, card, text=text, zone=zone)
    wanted = card.flow_run.get_logs().where(card.query, tz=card.timezone).to_pandas()
    assert_frame_equal(card.filtered_logs, wanted)
    assert result["hits"] == len(wanted)


def test_without_a_selection_there_are_no_lines(card):
    assert_frame_equal(card.selection, FlowRunLogs().to_pandas())


def test_selected_lines_are_a_frame_by_time(card, page):
    frame = card.flow_run.get_logs().to_pandas()
    page.ask(card, question("select", n=1, seqs=[40, 3, 3, 10**9, -1], range=None, tasks=[]))
    find_lines(page, card, n=2)
    wanted = frame[frame["seq"].isin([3, 40])].reset_index(drop=True)
    assert_frame_equal(card.selection, wanted)


def test_a_range_of_rows_is_selected_and_copied_though_the_page_holds_none_of_them(card, page):
    chosen = {"query": log_query("level>=warning"), "from": 2, "to": 60}
    page.ask(card, question("select", n=1, seqs=[], range=chosen, tasks=[]))
    part = ask(page, card, "text", "text", n=2, selection=chosen)
    lines = part["buffers"][0].decode().splitlines()
    wanted = card.flow_run.get_logs().where("level>=warning").to_pandas()
    rows = ask(page, card, "rows", "rows", n=3, query=chosen["query"], start=2, count=59)
    seqs = [row[0] for row in rows["window"]["items"] if len(row) == 11]
    wanted = wanted[wanted["seq"].isin(seqs)]
    assert card.selection["seq"].tolist() == seqs
    assert part["lines"] == len(seqs)
    starts = [at.strftime("%Y-%m-%d %H:%M:%S") for at in wanted["timestamp"]]
    assert [line[:19] for line in lines if line[:3] == "202"] == starts
    assert "Z WARNING  " in "".join(lines)


def test_selected_task_runs_are_rows_of_their_frame(card, page):
    frame = card.flow_run.task_runs_frame()
    ids = frame["task_run_id"].iloc[[50, 2]].tolist()
    page.ask(card, question("select", n=1, seqs=[], range=None, tasks=[*ids, "nobody"]))
    find_lines(page, card, n=2)
    assert_frame_equal(card.selection, frame.iloc[[2, 50]].reset_index(drop=True))


def test_pins_are_records_by_time_and_travel_with_the_card(card, page):
    line = card.flow_run.get_logs().to_pandas().iloc[100]
    card.pin(2_501)
    page.ask(card, question("pin", n=1, seq=100, note="here <it> breaks"))
    find_lines(page, card, n=2)
    first, second = card.pins
    assert (first.line, second.line) == (101, 2_501)
    assert (first.seq, first.note) == (100, "here <it> breaks")
    assert pd.Timestamp(first.timestamp.isoformat()) == line["timestamp"]
    assert (first.level, first.task) == (line["level"], line["task"])
    assert first.message == line["message"][:300] + ("…" if len(line["message"]) > 300 else "")
    assert (second.seq, second.note) == (2_500, "")
    assert [pin["seq"] for pin in annotations(card)["pins"]] == [100, 2_500]
    card.pin(101, "changed")
    page.ask(card, question("pin", n=3, seq=2_500, note=None))
    find_lines(page, card, n=4)
    assert [(pin.seq, pin.note) for pin in card.pins] == [(100, "changed")]
    card.unpin(101)
    card.unpin(seq=100)
    assert card.pins == ()


def test_a_page_hears_that_a_line_is_pinned_after_its_new_pins_or_that_it_is_not(card, page):
    page.ask(card, question("pin", n=1, seq=100, note="here"))
    page.wait_for("pinned", n=1)
    told = [one["kind"] for one in page.heard if one["kind"] in {"pushed", "pinned"}]
    assert told[-2:] == ["pushed", "pinned"]
    page.ask(card, question("pin", n=2, seq=10**9, note=""))
    assert "seq 1000000000" in page.wait_for("failed", n=2)["notice"]["text"]
    assert [pin.seq for pin in card.pins] == [100]


def test_pins_are_bounded(card):
    for line in range(1, 201):
        card.pin(line, "x" * 9_000)
    with pytest.raises(InvalidArgument, match="200 pins"):
        card.pin(201)
    card.pin(1, "another note on one of them")
    assert len(card.pins) == 200
    assert max(len(pin.note) for pin in card.pins) <= 2_001


def test_a_line_can_be_pinned_by_what_a_frame_has(card):
    frame = card.flow_run.get_logs().where("level>=error").to_pandas()
    card.pin(seq=frame["seq"].iloc[0])
    assert annotations(card)["pins"][0]["seq"] == int(frame["seq"].iloc[0])
    for line, note in (("7", ""), (None, ""), (7, None), (0, ""), (-1, "")):
        with pytest.raises(InvalidArgument):
            card.pin(line, note)
    with pytest.raises(InvalidArgument, match=r"card.pin\(77\)"):
        card.pin(7, seq=6)


def test_a_pin_is_of_the_line_that_the_card_calls_so(card):
    """People count lines from 1, and so does the card."""
    card.pin(77)
    (pin,) = card.pins
    assert (pin.line, pin.message) == (77, card.flow_run.get_logs()[76].message[:300])


def test_a_line_that_is_not_there_cannot_be_pinned(card, page):
    with pytest.raises(InvalidArgument, match=r"no line 1000000000\. It shows lines 1 to 3,000"):
        card.pin(10**9)
    failed = ask(page, card, "pin", "failed", seq=-4, note="")
    assert "No line" in failed["notice"]["text"]


def downloaded(page, card, **fields):
    """Return the name and the content of a file that the page is sent."""
    page.ask(card, question("download", n=5, **fields))
    parts = [page.wait_for("download", n=5)]
    while len(parts) < parts[0]["parts"]:
        parts.append(page.wait_for("download", n=5))
    assert [part["part"] for part in parts] == list(range(len(parts)))
    assert all(len(part["buffers"][0]) <= 4_000_000 for part in parts)
    return parts[0]["name"], b"".join(part["buffers"][0] for part in parts)


def test_a_download_as_csv_is_the_frame(card, page):
    name, content = downloaded(page, card, query=None, format="csv")
    assert name == f"{card.flow_run.name}-logs.csv"
    frame = card.flow_run.get_logs().to_pandas()
    read = pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values={"task": [""]})
    assert list(read) == ["timestamp", "level", "level_name", "task", "logger", "message", "seq"]
    assert read["message"].tolist() == frame["message"].tolist()
    assert read["seq"].tolist() == frame["seq"].tolist()
    assert (pd.to_datetime(read["timestamp"]) == frame["timestamp"]).all()
    assert read["timestamp"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z").all()


def test_a_download_of_a_query_as_json_lines_is_what_it_shows(card, page):
    name, content = downloaded(
        page, card, query=log_query("level>=error", is_newest_first=True), format="jsonl"
    )
    rows = [json.loads(line) for line in content.splitlines()]
    wanted = card.flow_run.get_logs().where("level>=error").to_pandas().iloc[::-1]
    assert name.endswith("-logs.jsonl")
    assert [row["seq"] for row in rows] == wanted["seq"].tolist()
    assert [row["message"] for row in rows] == wanted["message"].tolist()
    assert [row["task"] for row in rows] == [
        None if pd.isna(task) else task for task in wanted["task"]
    ]


def test_a_download_of_nothing_is_a_file_with_its_head(card, page):
    _, content = downloaded(page, card, query=log_query("nothing has this"), format="csv")
    assert content == b'"timestamp","level","level_name","task","logger","message","seq"\n'
    _, content = downloaded(page, card, query=log_query("nothing has this"), format="jsonl")
    assert content == b""


def test_suggestions_count_lines(card, page):
    frame = card.flow_run.get_logs().to_pandas()
    answer = ask(page, card, "suggest", "suggestions", text="😀 -level>=w", caret=12)
    count = int((frame["level"] >= 30).sum())
    assert (answer["start"], answer["end"]) == (4, 12)
    assert [list(item) for item in answer["items"]] == [
        ["level>=warning", f"{count:,} lines".replace(",", "\u202f")]
    ]


def test_the_expression_of_a_card_gives_this_very_card(card):
    assert card.shown.expression == f'fw.card("{card.flow_run.name}")'
    assert eval(card.shown.expression, {"fw": fw}) is card
    assert fw.card(card.flow_run.flow_run_id) is card
    assert fw.card(card.flow_run) is card
    newer = FlowRunCard(card.flow_run)
    assert fw.card(card.flow_run.name) is newer
    newer.close()
    assert fw.card(card.flow_run.name) is card


def test_fw_card_opens_a_run_that_no_card_shows(page, recorded):
    known = recording("failed-with-retries")
    by_id = fw.card(known.flow_run_id)
    assert by_id.flow_run.flow_run_id == known.flow_run_id
    name = by_id.flow_run.name
    by_id.close()
    by_name = fw.card(name)
    assert by_name.flow_run.flow_run_id == known.flow_run_id
    assert by_name.shown.expression == f'fw.card("{name}")'
    by_name.close()


def test_fw_card_says_what_to_do_when_nothing_is_called_so(recorded):
    with pytest.raises(NotFound, match="pass its id"):
        fw.card("nobody-here")
    with pytest.raises(InvalidArgument):
        fw.card(7)


def test_fw_card_lists_the_runs_that_share_a_name(store):
    other = FLOW_RUN_ID[:-1] + "b"
    with StoreWriter(store) as writer:
        writer.add({"flow_run": [{**row, "id": other} for row in small_run()["flow_run"]]})
    with fw.connect(store), pytest.raises(Ambiguous) as raised:
        fw.card("small-owl")
    assert set(raised.value.candidates) == {FLOW_RUN_ID, other}


def test_a_name_that_means_another_open_card_is_not_the_expression(card):
    run = card.flow_run
    other_id = run.flow_run_id[:-1] + "f"
    twin_run = fw.FlowRunView(replace(run.record, id=other_id), run.connection, fetched=run.fetched)
    other = FlowRunCard(twin_run)
    assert other.shown.expression == f'fw.card("{other_id}")'
    assert eval(other.shown.expression, {"fw": fw}) is other
    other.close()


def test_a_name_that_is_no_plain_word_is_not_the_expression(page, run):
    name = '");import os;("'
    hostile = FlowRunCard(
        fw.FlowRunView(replace(run.record, name=name), run.connection, fetched=run.fetched)
    )
    assert hostile.shown.expression == f'fw.card("{run.flow_run_id}")'
    assert fw.card(name) is hostile
    hostile.close()


def test_pins_and_query_outlast_a_refresh(page, store):
    with fw.connect(store):
        card = FlowRunCard(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))
        assert card.wait_until_loaded(SECONDS)
        card.pin(1, "first")
        card.query = "first"
        card.refresh()
        assert [pin.note for pin in card.pins] == ["first"]
        assert card.filtered_logs["seq"].tolist() == [1]
        card.close()


def test_what_is_kept_is_bytes_in_the_saved_state(card):
    """Text in a string trait can break a page that nbconvert writes."""
    card.pin(1, "<!--<script>")
    card.query = '"<!--<script>"'
    state = card.get_state()
    assert isinstance(state["annotations"], bytes)
    assert "script" not in json.dumps(
        {k: v for k, v in state.items() if isinstance(v, str) and k != "_esm"}
    )
    assert gzip.decompress(card.payload)
