"""What a card shows is what pandas computes from the same run."""

import gzip
import json

import pytest

import flowrun_widgets as fw
from flowrun_widgets.analysis.durations import ended_at, spans
from flowrun_widgets.recordings.replay import NAMES, recording
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.report.log.rows import (
    HIGHLIGHT_MESSAGE,
    HIGHLIGHTS,
    WINDOW,
    log_rows,
    whole_message,
)
from flowrun_widgets.report.payload import packed
from flowrun_widgets.report.task_rows import (
    TASK_RUNS,
    TaskTable,
    task_runs_part,
    telling_task_rows,
)
from flowrun_widgets.report.wire import SPAN_KINDS, TaskRuns
from flowrun_widgets.states import Failed, Retrying, Running, Success, TriggerFailed, Unknown
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.times import from_micros, to_micros
from tests.big_run import big_run
from tests.runs import payload_of
from tests.stores import FLOW_RUN_ID, log_row, small_run

FAMILIES = {"critical": (50, 1000), "error": (40, 50), "warning": (30, 40), "debug": (-1000, 20)}


def whole(run):
    run.get_logs()
    run.get_all_task_runs()
    return run


def lines(window):
    """Return the rows of a window without gaps and dividers."""
    return [item for item in window.items if isinstance(item[0], int)]


@pytest.fixture(params=NAMES)
def run(request, recorded):
    """Each recorded run, read whole."""
    return whole(fw.FlowRunView.from_flow_run_id(recording(request.param).flow_run_id))


@pytest.fixture
def failed(recorded):
    return whole(fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id))


def test_level_counts_are_those_of_the_frame(run):
    level = run.get_logs().to_pandas()["level"]
    counts = payload_of(run).logs.levels
    for family, (low, high) in FAMILIES.items():
        assert getattr(counts, family) == ((level >= low) & (level < high)).sum(), family
    assert counts.info == ((level >= 20) & (level < 30)).sum() + level.isna().sum()
    assert payload_of(run).logs.total == len(level)


def test_the_first_error_is_that_of_the_frame(run):
    level = run.get_logs().to_pandas()["level"]
    errors = level.index[(level >= 40).fillna(False)]
    seqs = run.get_logs().to_pandas()["seq"]
    assert payload_of(run).logs.first_error == (seqs[errors[0]] if len(errors) else None)


def test_the_window_has_the_rows_of_the_frame(run):
    rows = lines(payload_of(run).logs.window)
    frame = run.get_logs().to_pandas().iloc[[row[8] for row in rows]]
    frame = frame.astype({"level_name": object, "task": object, "logger": object}).astype(object)
    frame = frame.where(frame.notna(), None)
    assert [row[0] for row in rows] == list(frame["seq"])
    assert [row[2:6] for row in rows] == list(
        zip(frame["level"], frame["level_name"], frame["task"], frame["logger"], strict=True)
    )
    assert [row[6] for row in rows] == [message[:1000] for message in frame["message"]]
    assert [row[7] for row in rows] == [len(message) for message in frame["message"]]


def test_a_failed_run_opens_around_its_first_error(failed):
    logs = payload_of(failed).logs
    assert logs.first_error in [row[0] for row in lines(logs.window)]


def test_a_run_that_goes_on_opens_at_its_tail(tmp_path):
    logged = [log_row(n, n / 1000, f"line {n}") for n in range(500)]
    with StoreWriter(tmp_path / "s.sqlite") as writer:
        writer.add(small_run(logged))
    with fw.connect(tmp_path / "s.sqlite"):
        window = payload_of(whole(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))).logs.window
    assert (window.start, len(window.items), window.total) == (500 - WINDOW, WINDOW, 500)
    assert window.items[-1][6] == "line 499"


@pytest.mark.parametrize("errors", [3, 200])
def test_errors_and_then_warnings_travel_wherever_they_are(tmp_path, errors):
    """Without a kernel they are what a reader searches for."""
    kinds = ["ERROR"] * errors + ["WARNING"] * (400 - errors)
    logged = [log_row(n, n / 1000, f"line {n} " + "x" * 999, kinds[n % 400]) for n in range(800)]
    with StoreWriter(tmp_path / "s.sqlite") as writer:
        writer.add(small_run(logged))
    with fw.connect(tmp_path / "s.sqlite"):
        logs = payload_of(whole(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))).logs
    assert len(logs.highlights) == HIGHLIGHTS
    assert [row[8] for row in logs.highlights] == sorted(row[8] for row in logs.highlights)
    assert not {row[0] for row in logs.highlights} & {row[0] for row in lines(logs.window)}
    assert sum(row[2] >= 40 for row in logs.highlights) == min(HIGHLIGHTS, 2 * errors)
    assert {len(row[6]) for row in logs.highlights} == {HIGHLIGHT_MESSAGE}


def test_lines_per_task_are_those_of_the_frame(run):
    frame = run.get_logs().to_pandas()
    for row in payload_of(run).tasks.rows:
        key, (count, warnings, errors) = row[0], row[11:14]
        own = frame[frame["task_run_id"] == key]
        assert count == len(own)
        assert errors == (own["level"] >= 40).sum()
        assert warnings == ((own["level"] >= 30) & (own["level"] < 40)).sum()


def test_task_runs_are_those_of_the_frame_by_start(run):
    frame = run.task_runs_frame().sort_values("started_at", kind="stable", na_position="last")
    tasks = payload_of(run).tasks
    assert [row[0] for row in tasks.rows] == list(frame["task_run_id"])
    assert [row[1] for row in tasks.rows] == list(frame["name"])
    assert [tasks.states[row[4]][0].type for row in tasks.rows] == list(frame["state"])
    assert [row[5] for row in tasks.rows] == list(frame["attempts"])
    counted = frame.groupby("state").size().to_dict()
    assert {state.type: number for state, number in tasks.states} == counted


def test_spans_travel_flat(run):
    records = {record.id: record for record in run.fetched.task_runs.records}
    for row in payload_of(run).tasks.rows:
        own = spans(records[row[0]])
        assert list(row[10][::3]) == [to_micros(span.start) for span in own]
        assert list(row[10][1::3]) == [to_micros(span.end) if span.end else 0 for span in own]
        assert [SPAN_KINDS[kind] for kind in row[10][2::3]] == [span.kind for span in own]


def test_states_come_with_the_most_urgent_first(failed):
    families = [state.family for state, _ in payload_of(failed).tasks.states]
    assert families[:2] == ["failed", "heldup"]
    assert families[-1] == "done"
    assert all(
        (state.message, state.at) == (None, None) for state, _ in payload_of(failed).tasks.states
    )


def test_the_digest_names_the_first_failure_and_what_it_held_up(failed):
    digest = payload_of(failed).digest
    frame = failed.task_runs_frame()
    broken = frame[frame["state"] == "Failed"].sort_values("ended_at")
    assert digest.task == broken["name"].iloc[0]
    assert set(digest.held_up) == set(frame[frame["state"] == "TriggerFailed"]["name"])
    assert (digest.attempt, digest.attempts) == (3, 3)
    seq, position = digest.line
    log = failed.get_logs()[position]
    assert log.level == 40
    assert failed.get_logs().to_pandas()["seq"][position] == seq
    assert digest.error in log.message
    assert digest.task in digest.markdown
    assert digest.error.splitlines()[0] in digest.markdown


def test_the_digests_tail_is_the_last_lines_of_the_task_up_to_the_telling_one(failed):
    digest = payload_of(failed).digest
    frame = failed.get_logs().to_pandas()
    own = frame[frame["task"] == digest.task].loc[: digest.line[1]].tail(20)
    assert [row[0] for row in digest.tail] == list(own["seq"])
    assert digest.tail[-1][8] == digest.line[1]


def test_the_digests_markdown_is_what_the_run_says_itself(failed):
    assert payload_of(failed).digest.markdown == failed.digest()


def test_a_run_that_did_not_fail_has_no_digest(recorded):
    run = whole(fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id))
    assert payload_of(run).digest is None


def test_what_was_not_read_is_none_not_empty(recorded):
    shown = payload_of(fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id))
    assert (shown.logs, shown.tasks, shown.digest) == (None, None, None)


def test_the_same_snapshot_packs_to_the_same_bytes(failed):
    assert packed(payload_of(failed)) == packed(payload_of(failed))
    assert (
        json.loads(gzip.decompress(packed(payload_of(failed))))["header"]["id"]
        == failed.flow_run_id
    )


def test_task_runs_outside_the_list_are_none(failed):
    records = failed.fetched.task_runs.records
    table = TaskTable.of(records)
    assert table.rows(None, failed.as_of, -3, 2) == table.rows(None, failed.as_of, 0, 2)
    assert TaskTable.of(records).rows(None, failed.as_of, 10**9, 2) == ()
    assert TaskTable.of(records).rows(None, failed.as_of, 0, -2) == ()


def made(number, state=None, start=None, **more):
    """Return a task run that began `start` seconds after 1970."""
    begun = None if start is None else from_micros(start * 1_000_000)
    return TaskRunRecord(f"id-{number}", "run", state or Success(), started_at=begun, **more)


LATER = from_micros(10**12)


def test_pages_of_task_runs_are_one_table():
    records = [made(n, start=(n * 7919) % 1000 if n % 3 else None) for n in range(1000)]
    paged = [
        row
        for start in range(0, 1000, 130)
        for row in TaskTable.of(records).rows(None, LATER, start, 130)
    ]
    part = task_runs_part(TaskTable.of(records), None, LATER)
    assert len(part.rows) == TASK_RUNS
    assert paged[:TASK_RUNS] == [*part.rows]
    assert {row[0] for row in paged} == {record.id for record in records}
    known = [row[6] for row in paged if row[6] is not None]
    assert known == sorted(known)
    assert [row[6] is None for row in paged] == [False] * len(known) + [True] * (1000 - len(known))


def test_a_state_of_every_name_is_bounded_and_counted():
    """Prefect 3 lets a flow name its states as it likes."""
    records = [made(n, Success(name=f"Name {n}")) for n in range(5000)]
    records += [made(5000, Failed()), made(5001, Unknown(name="Odd"))]
    table = TaskTable.of(records)
    assert len(table.states) < 100
    assert sum(number for _, number in table.states) == 5002
    assert table.states[0][0].type == "Failed"
    assert all(0 <= row[4] < len(table.states) for row in table.rows(None, LATER, 0, 5002))


def test_a_task_run_of_thousands_of_attempts_stays_small():
    history = [
        state.at(from_micros(n * 2_000_000 + k * 1_000_000))
        for n in range(5000)
        for k, state in enumerate((Running(), Retrying()))
    ]
    record = made(1, Failed(), 0, states=tuple(history))
    (row,) = TaskTable.of([record]).rows(None, LATER, 0, 1)
    assert row[5] == 5000
    assert len(row[10]) <= 3 * 60
    assert row[10][0] == 0


def test_where_nothing_can_be_asked_the_failed_and_repeated_are_told():
    records = [made(n, start=n) for n in range(5000)]
    records[4000] = made(4000, Failed(), 4000)
    records[3000] = made(3000, Success(), 3000, run_count=4)
    records[2000] = made(2000, Running(), 2000)
    records.append(made(9000, TriggerFailed()))
    told = [row[0] for row in telling_task_rows(TaskTable.of(records), None, LATER)]
    assert {"id-4000", "id-3000", "id-2000", "id-9000"} <= set(told)
    assert len(told) <= 40
    assert told == [
        row[0] for row in TaskTable.of(records).rows(None, LATER, 0, 9999) if row[0] in told
    ]


def test_the_critical_path_is_named_by_places_in_the_table():
    records = [
        made("c", start=50, ended_at=from_micros(70_000_000), upstream_ids=("id-b",)),
        made("other", start=5, ended_at=from_micros(6_000_000)),
        made("b", start=20, ended_at=from_micros(40_000_000), upstream_ids=("id-a",)),
        made("a", start=0, ended_at=from_micros(10_000_000)),
    ]
    part = task_runs_part(TaskTable.of(records), None, LATER)
    assert [part.rows[place][0] for place in part.critical.path] == ["id-a", "id-b", "id-c"]
    assert (part.critical.seconds, part.critical.waited) == (70, 20)


def test_where_no_dependency_is_known_there_is_no_critical_path(run):
    assert payload_of(run).tasks.critical is None


def test_the_ends_of_task_runs_are_those_of_their_last_states(failed):
    records = {record.id: record for record in failed.fetched.task_runs.records}
    for row in payload_of(failed).tasks.rows:
        record = records[row[0]]
        end = ended_at(record)
        assert row[7] == (None if end is None else to_micros(end))


def test_a_run_without_task_runs_has_an_empty_table():
    assert task_runs_part(TaskTable.of([]), None, LATER) == TaskRuns(0, True, (), (), None)


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("amber-heron", 'fw.card("amber-heron")'),
        ("Übertrag 3", 'fw.card("Übertrag 3")'),
        ('"); evil("', f'fw.card("{FLOW_RUN_ID}")'),
        (" padded", f'fw.card("{FLOW_RUN_ID}")'),
        ("two\nlines", f'fw.card("{FLOW_RUN_ID}")'),
        (None, f'fw.card("{FLOW_RUN_ID}")'),
    ],
)
def test_the_expression_names_the_run_as_it_can_be_typed(name, expression, tmp_path):
    with StoreWriter(tmp_path / "s.sqlite") as writer:
        writer.add(small_run(name=name))
    with fw.connect(tmp_path / "s.sqlite"):
        assert payload_of(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)).expression == expression


def test_a_long_message_is_cut_and_can_be_asked_for(tmp_path):
    with StoreWriter(tmp_path / "s.sqlite") as writer:
        writer.add(small_run([log_row(1, 1, "x" * 2_000_000)]))
    with fw.connect(tmp_path / "s.sqlite"):
        columns = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).get_logs().columns
    (row,) = log_rows(columns, [0])
    assert (len(row[6]), row[7]) == (1000, 2_000_000)
    assert len(whole_message(columns, row[0])) == 1_000_000
    assert whole_message(columns, 99) is None


def test_a_card_of_a_million_lines_and_ten_thousand_task_runs_travels_in_12_kb():
    """Fewer lines here: how many there are does not change what travels."""
    run = big_run(lines=30_000)
    shown = payload_of(run)
    assert shown.tasks.total == 10_000
    assert len(packed(shown)) <= 12_000


def test_only_web_addresses_become_links(store):
    with StoreWriter(store) as writer:
        tables = small_run()
        writer.add(
            {"flow_run": [{**tables["flow_run"][0], "extra": {"ui_url": "javascript:alert(1)"}}]}
        )
    with fw.connect(store):
        assert payload_of(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)).header.ui_url is None
