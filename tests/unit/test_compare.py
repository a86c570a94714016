"""What differs between two runs: found whole, told the same as HTML and as text, and without secrets."""

import pickle
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowrun_widgets as fw
from flowrun_widgets import states
from flowrun_widgets.analysis.compare import Side, compare_runs
from flowrun_widgets.analysis.compare_lines import MAX_DIFFERENCES, template_differences
from flowrun_widgets.analysis.compare_tasks import compare_tasks
from flowrun_widgets.containers import freeze
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.recordings.replay import NAMES, recording
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.redaction.shareable import RunContent
from flowrun_widgets.report.html.comparison_html import comparison_html, comparison_text
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.times import from_micros
from tests.markup import Reader
from tests.prefect3.fake import FLOW, RUN, URL, FakePrefect, line, stamp
from tests.runs import any_lines, flow_runs, small, task_runs
from tests.secrets import CANARY
from tests.stores import FLOW_RUN_ID, at, identifier, log_row, small_run

GOOD = Path(__file__).parents[2] / "notebooks" / "ledger-close-2026-09.flowrun"
NOW = from_micros(1_700_000_000_000_000)
START = 1_600_000_000_000_000
HOSTILE = [
    "</td></table><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'\" onmouseover='alert(1)' x=\"",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[31mred\x1b[0m bell\x07 null\x00",
    "a\nb\tc",
    "(?P<x>.*)[",
]
ATTRIBUTES = {"role", "aria-label", "tabindex", "class", "style", "scope", "cellpadding"}


@pytest.fixture
def failed(recorded):
    return fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id)


@pytest.fixture
def good():
    with fw.open_archive(GOOD) as archive:
        yield archive.runs[0]


@pytest.fixture
def stored(tmp_path):
    """Write runs into one store; return their views."""
    opened = []

    def write(*tables, **options):
        path = tmp_path / f"{len(opened)}.sqlite"
        with StoreWriter(path) as writer:
            for one in tables:
                writer.add(one)
        connection = fw.connect(path, **options)
        opened.append(connection)
        ids = [one["flow_run"][0]["id"] for one in tables]
        return [fw.FlowRunView.from_flow_run_id(key, api=connection) for key in ids]

    yield write
    for connection in opened:
        connection.close()


def one_run(number=0, *, logs=(), **flow_run):
    """Return the tables of a run that can stand in one store with others of its flow."""
    tables = small_run(list(logs), id=identifier(0xF00 + number), **flow_run)
    tables |= {"flow_run_state": [], "task_run": [], "task_run_state": []}
    if number:
        tables = {"flow_run": tables["flow_run"], "log": tables["log"]}
    for row in tables["log"]:
        row |= {"id": identifier(0x500 + 100 * number + int(row["id"][-3:], 16) % 100)}
        row |= {"flow_run_id": identifier(0xF00 + number)}
    return tables


def side(record=None, task_runs=(), logs=None, flow=None):
    record = record or small()
    return Side(RunContent(record, task_runs, logs or LogColumns(), flow), record, NOW)


def said(*messages, level="INFO"):
    """Return lines with these messages, some of them with a level of their own: (message, level)."""
    rows = [one if isinstance(one, tuple) else (one, level) for one in messages]
    count = len(rows)
    return LogColumns.from_lists(
        timestamps=range(count), levels=[level for _, level in rows], messages=[text for text, _ in rows],
        ids=[None] * count, loggers=[None] * count, task_run_ids=[None] * count, tasks={},
    )  # fmt: skip


def task_run(number, slug="load-1", index=-1, name=None, state=None, ran=1.0, **changes):
    """Return a task run that ran so many seconds."""
    begun = from_micros(START + number)
    return replace(
        TaskRunRecord(
            str(UUID(int=number)), None, state or states.Success("ok"), name=name, task_slug=slug,
            task_name=slug.rpartition("-")[0], map_index=index, scheduled_start_at=begun, started_at=begun,
            ended_at=from_micros(START + number + round(ran * 1_000_000)),
        ),
        **changes,
    )  # fmt: skip


def differences(run, baseline):
    """Return what differs in the runs themselves, by name."""
    return {d.what: (d.run, d.baseline) for d in fw.compare(run, baseline).differences}


def matched(run, baseline):
    """Return which task run was matched with which, as sorted pairs of numbers."""
    pairs = [pair for task in compare_tasks(run, baseline, NOW, NOW) for pair in task.pairs]
    numbers = [
        tuple(one and UUID(one.record.id).int for one in (pair.run, pair.baseline))
        for pair in pairs
    ]
    return sorted(numbers, key=str)


def test_the_recorded_failure_is_compared_with_the_month_before(failed, good):
    found = fw.compare(failed, good)
    assert found.run is failed
    assert found.baseline is good
    what = differences(failed, good)
    assert what["state"] == ("Failed", "Success")
    assert what["parameters.period"] == ("2026-10", "2026-09")
    assert {"took_seconds", "message"} <= set(what)
    assert not {"labels", "flow", "project", "flow_version"} & set(what)
    first = found.tasks[0].pairs[0]
    assert first.label == "journal of Österreich Handel GmbH"
    assert (first.run.record.attempts, first.baseline.record.attempts) == (3, 1)
    assert found.templates[0].change == "new"
    assert found.templates[0].level == 40
    assert "Exception encountered" in found.templates[0].example
    assert "4 tasks ended differently: fetch_journal" in found.summary
    assert "2 errors" in found.summary


def test_its_task_runs_are_a_frame_with_fixed_columns(failed, good):
    frame = fw.compare(failed, good).task_runs_frame()
    assert frame.dtypes.astype(str).to_dict() == {
        "task": "str", "name": "str", "map_index": "Int64", "found_in": "str", "state": "str", "baseline_state": "str",
        "attempts": "Int64", "baseline_attempts": "Int64", "waited_seconds": "float64",
        "baseline_waited_seconds": "float64", "ran_seconds": "float64", "baseline_ran_seconds": "float64",
        "ran_difference_seconds": "float64", "task_run_id": "str", "baseline_task_run_id": "str",
    }  # fmt: skip
    assert len(frame) == 11
    assert set(frame.found_in) == {"both"}
    top = frame.iloc[0]
    assert (top.state, top.baseline_state, top.map_index) == ("Failed", "Success", 2)
    assert top.ran_difference_seconds == pytest.approx(top.ran_seconds - top.baseline_ran_seconds)
    assert set(frame.task_run_id) == set(failed.task_run_ids)


def test_its_patterns_are_a_frame_with_fixed_columns(failed, good):
    frame = fw.compare(failed, good).templates_frame()
    assert frame.dtypes.astype(str).to_dict() == {
        "change": "str", "level": "Int16", "pattern": "str", "count": "int64", "baseline_count": "int64",
        "first_at": "datetime64[us, UTC]", "example": "str",
    }  # fmt: skip
    assert frame.level.is_monotonic_decreasing
    new = frame[frame.change == "new"]
    assert (new.baseline_count == 0).all()
    times = {log.message: log.timestamp for log in reversed(failed.get_logs())}
    assert all(times[row.example] == row.first_at for row in new.itertuples())


@pytest.mark.parametrize("which", ["task_runs_frame", "templates_frame"])
def test_frames_keep_their_columns_without_rows(which, stored, failed, good):
    (run,) = stored(one_run())
    empty = getattr(fw.compare(run, run), which)()
    full = getattr(fw.compare(failed, good), which)()
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


@pytest.mark.parametrize("name", NAMES)
def test_a_run_does_not_differ_from_itself(name, recorded):
    run = fw.FlowRunView.from_flow_run_id(recording(name).flow_run_id)
    found = fw.compare(run, run)
    assert found.is_same
    assert found.summary == "Nothing differs."
    assert not found.differences
    assert not found.templates
    assert (found.task_runs_frame().ran_difference_seconds.dropna() == 0).all()


@settings(deadline=None, max_examples=30)
@given(*[st.tuples(flow_runs, task_runs, any_lines())] * 2)
def test_the_other_way_round_it_says_the_opposite(one, other):
    first, second = (side(*parts) for parts in (one, other))
    there, back = compare_runs(first, second), compare_runs(second, first)
    assert there.is_same == back.is_same
    assert sorted((d.what, str(d.run), str(d.baseline)) for d in there.differences) == sorted(
        (d.what, str(d.baseline), str(d.run)) for d in back.differences
    )
    opposite = {"new": "gone", "gone": "new", "more": "fewer", "fewer": "more"}
    assert sorted((t.pattern, t.change, t.count) for t in there.templates) == sorted(
        (t.pattern, opposite[t.change], t.baseline_count) for t in back.templates
    )
    pairs = [
        {
            tuple(one and one.record.id for one in (pair.run, pair.baseline)[::way])
            for task in found.tasks
            for pair in task.pairs
        }
        for found, way in ((there, 1), (back, -1))
    ]
    assert pairs[0] == pairs[1]


@settings(deadline=None, max_examples=30)
@given(*[st.tuples(flow_runs, task_runs, any_lines())] * 2)
def test_every_task_run_is_in_one_pair_and_every_comparison_can_be_shown(one, other):
    found = compare_runs(side(*one), side(*other))
    for number, (_, given_runs, _) in enumerate((one, other)):
        sides = [
            (pair.baseline if number else pair.run) for task in found.tasks for pair in task.pairs
        ]
        assert sorted(s.record.id for s in sides if s) == sorted(r.id for r in given_runs)
    reader = Reader(comparison_html(found))
    assert "script" not in reader.tags
    assert not controls(comparison_text(found))


@settings(deadline=None, max_examples=30)
@given(flow_runs, task_runs, any_lines())
def test_no_run_differs_from_itself(record, runs, logs):
    assert compare_runs(side(record, runs, logs), side(record, runs, logs)).is_same


def test_mapped_children_are_matched_by_their_names_before_their_numbers():
    """A store that was added in front moves the numbers of all others."""
    run = [
        task_run(n, index=i, name=name) for n, i, name in ((1, 0, "a"), (2, 1, "b"), (3, 2, "c"))
    ]
    baseline = [task_run(n, index=i, name=name) for n, i, name in ((11, 0, "b"), (12, 1, "c"))]
    assert matched(run, baseline) == [(1, None), (2, 11), (3, 12)]


def test_mapped_children_without_names_are_matched_by_their_numbers():
    run = [task_run(n, index=n) for n in (1, 2, 4)]
    baseline = [task_run(10 + n, index=n) for n in (2, 3, 4)]
    assert matched(run, baseline) == [(1, None), (2, 12), (4, 14), (None, 13)]


def test_task_runs_with_the_same_number_are_matched_in_their_order():
    """No server gives a map index twice; an archive may."""
    run = [task_run(n, index=0, name="a") for n in (1, 2, 3)]
    baseline = [task_run(n, index=0, name="a") for n in (11, 12)]
    assert matched(run, baseline) == [(1, 11), (2, 12), (3, None)]


def test_prefect_3_is_matched_by_task_and_order_though_code_keys_and_names_differ():
    def run_of(numbers, key):
        return [
            task_run(n, f"load-{key}", None, f"load-{n}abc"[:7], dynamic_key=f"{n}abcdef"[:6])
            for n in numbers
        ]

    assert matched(run_of([11, 12, 13], "aaaaaaaa"), run_of([21, 22], "bbbbbbbb")) == [
        (11, 21), (12, 22), (13, None),
    ]  # fmt: skip


def test_tasks_of_one_name_are_not_confused():
    """Two tasks of one name, both with a new key: nobody can say which is which."""
    run = [task_run(1, "load-1"), task_run(2, "load-2")]
    baseline = [task_run(11, "load-1"), task_run(13, "load-3"), task_run(14, "load-4")]
    assert matched(run, baseline) == [(1, 11), (2, None), (None, 13), (None, 14)]


def test_what_failed_comes_first_then_what_was_held_up_then_the_largest_difference_in_time():
    run = [
        task_run(1, "slower-1", ran=9), task_run(2, "steady-1"), task_run(3, "faster-1", ran=1),
        task_run(4, "held-1", state=states.TriggerFailed()), task_run(5, "broken-1", state=states.Failed()),
        task_run(6, "added-1"), task_run(7, "repeated-1", run_count=3),
    ]  # fmt: skip
    baseline = [
        task_run(11, "slower-1", ran=2), task_run(12, "steady-1"), task_run(13, "faster-1", ran=3),
        task_run(14, "held-1"), task_run(15, "broken-1"), task_run(17, "repeated-1", run_count=1),
    ]  # fmt: skip
    order = [task.task for task in compare_tasks(run, baseline, NOW, NOW)]
    assert order == ["broken", "held", "added", "repeated", "slower", "faster", "steady"]
    shown = comparison_text(compare_runs(side(task_runs=run), side(task_runs=baseline)))
    assert re.search(r"slower +✓ Success +1 +\S+ ms +2\.0 s → 9\.0 s +\+7\.0 s", shown)
    assert "−2.0 s" in shown
    assert "steady" not in shown
    assert "1 task ended in the same state" in shown


def test_without_a_history_on_either_side_both_count_from_start_to_end():
    """An archive has the histories of task runs that were repeated, the server's own list has none."""
    moments = [from_micros(START + 1 + second * 1_000_000) for second in range(4)]
    history = tuple(
        kind(timestamp=moment)
        for kind, moment in zip(
            (states.Running, states.Retrying, states.Running, states.Success), moments, strict=True
        )
    )
    archived = task_run(1, ran=3, states=history)
    listed = replace(archived, states=(), has_history=False)
    [[same]] = [task.pairs for task in compare_tasks([archived], [archived], NOW, NOW)]
    assert (same.run.ran_seconds, same.run.waited_seconds) == (2.0, 1.0)
    [[pair]] = [task.pairs for task in compare_tasks([listed], [archived], NOW, NOW)]
    assert pair.run.ran_seconds == pair.baseline.ran_seconds == 3.0
    assert pair.run.waited_seconds == pair.baseline.waited_seconds


def test_mapped_children_are_one_row_with_those_that_differ_below():
    run = [task_run(0, state=states.Mapped(), started_at=None)]
    run += [task_run(n, index=n) for n in range(1, 40)]
    baseline = [replace(one, id=str(UUID(int=100 + n))) for n, one in enumerate(run)]
    run[7] = replace(run[7], state=states.Failed("no"))
    shown = comparison_text(compare_runs(side(task_runs=run), side(task_runs=baseline)))
    assert "load (39 task runs)" in shown
    assert "39 ✓ Success → 38 ✓ Success, 1 ✕ Failed" in shown
    rows = [line for line in shown.splitlines() if line.startswith("· ")]
    assert len(rows) == 1
    assert "load[7]" in rows[0]


def test_slots_agree_over_both_logs():
    """What is a hash here and a number there is one pattern."""
    assert template_differences(said("key 12345678 read"), said("key 3f2a9c01 read")) == ()


def test_much_is_twice_as_many_and_ten_more_or_a_warning():
    run = said(
        *["often"] * 20, *["few"] * 3, *["steady"] * 150,
        *[("careful", "WARNING")] * 2, *[("rare", "ERROR")], "new one",
    )  # fmt: skip
    baseline = said(
        *["often"] * 9, "few", *["steady"] * 100, ("careful", "WARNING"), *[("rare", "ERROR")] * 5, "old one",
    )  # fmt: skip
    found = template_differences(run, baseline)
    assert [(t.pattern, t.change, t.count, t.baseline_count) for t in found] == [
        ("rare", "fewer", 1, 5), ("careful", "more", 2, 1), ("new one", "new", 1, 0),
        ("old one", "gone", 0, 1), ("often", "more", 20, 9),
    ]  # fmt: skip


def test_the_names_of_the_two_runs_are_no_difference():
    messages = ["Beginning flow run '{}' for flow 'nightly'", "{} is done"]
    logs = [said(*[m.format(name) for m in messages]) for name in ("amber-heron", "calm-(otter-7")]
    assert template_differences(*logs, ("amber-heron", "calm-(otter-7")) == ()
    assert len(template_differences(*logs)) == 4


def test_a_name_inside_another_word_stays():
    found = template_differences(said("a steady load"), said("a heavy load"), ("stead", "heav"))
    assert len(found) == 2


def test_of_many_patterns_the_gravest_are_kept():
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}x{chr(97 + n % 7)}" for n in range(600)]
    run = said(*[f"{a}{b}" for a in words for b in "kl"], ("broke", "CRITICAL"))
    found = template_differences(run, LogColumns())
    assert len(found) == MAX_DIFFERENCES
    assert found[0].pattern == "broke"


def test_parameters_are_told_apart_as_deep_as_they_differ():
    given_values = [
        {"day": "2026-11-22", "options": {"retries": 3, "same": [1, 2]}, "stores": ["a", "b"], "flag": True},
        {"day": "2026-11-22", "options": {"retries": 5, "same": [1, 2]}, "stores": ["a", "c"], "flag": 1, "new": None},
    ]  # fmt: skip
    one, other = (side(small(parameters=freeze(given))) for given in given_values)
    found = compare_runs(one, other)
    assert {d.what: (d.run, d.baseline) for d in found.differences} == {
        "parameters.options.retries": (3, 5),
        "parameters.stores[1]": ("b", "c"),
        "parameters.flag": (True, 1),
    }


def test_values_that_no_json_has_can_be_compared():
    odd = {"half": "\ud800", "nan": float("nan"), "large": 2**80, "deep": [[[[[[[[[[1]]]]]]]]]]}
    one, other = (side(small(parameters=freeze(given))) for given in (odd, {**odd, "large": 1}))
    assert compare_runs(one, one).is_same
    found = compare_runs(one, other)
    assert [d.what for d in found.differences] == ["parameters.large"]
    assert str(2**80) in Reader(comparison_html(found)).text
    assert not controls(comparison_text(compare_runs(one, side())))


def test_long_values_are_shown_where_they_differ():
    one, other = (
        side(small(parameters=freeze({"sql": "x" * 500 + word + "y" * 500})))
        for word in ("LEFT", "JOIN")
    )
    text = comparison_text(compare_runs(one, other))
    assert "LEFT" in text
    assert "JOIN" in text
    assert max(map(len, text.splitlines())) < 500


def test_html_and_text_say_the_same(failed, good):
    found = fw.compare(failed, good)
    shown, text = Reader(found._repr_html_()).text, str(found)
    flat = " ".join(shown.replace("\u00a0", " ").split())
    cells = [cell for row in text.splitlines() for cell in re.split(r"\s{2,}", row.strip())]
    skipped = re.compile(r"\(started .*compared with|^\(started|started ")
    assert len(cells) > 100
    assert not [cell for cell in cells if cell not in flat and not skipped.search(cell)]
    assert found.summary in flat
    assert found.summary in text
    assert repr(found) == f"<RunComparison: {found.summary}>"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_and_messages_stay_text(hostile, stored):
    tables = small_run(
        [log_row(1, 1, hostile, "ERROR", name=hostile, task_run_id=identifier(0x101))],
        name=hostile,
        parameters={hostile: hostile, "day": [hostile]},
        labels=[hostile],
    )
    tables["flow"][0]["name"] = hostile
    tables["task"][0] |= {"name": hostile, "slug": hostile}
    tables["flow_run"][0]["serialized_state"] = {"type": hostile, "message": hostile}
    (run,) = stored(tables)
    (plain,) = stored(small_run())
    found = fw.compare(run, plain)
    page = found._repr_html_()
    reader = Reader(page)
    assert not {"script", "img"} & reader.tags
    assert {name for name, _ in reader.attributes} <= ATTRIBUTES
    assert not controls(page)
    assert not controls(str(found))
    assert not controls(found.summary)
    visible = " ".join(re.sub(r"\x1b\[[0-9;]*m|[\x00\x07]", "", hostile).split())
    assert reader.text.count(visible[:50]) >= 4


def controls(text):
    """Return the control characters of a text; line feeds are none."""
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c != "\n"}


def test_what_is_shown_is_bounded():
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(600)]
    run = side(
        small(parameters=freeze({f"{word}{'k' * 500}": "v" * 5_000 for word in words})),
        [task_run(n, f"{word}{'t' * 500}-1") for n, word in enumerate(words)]
        + [task_run(1000 + n, "many-1", n) for n in range(2_000)],
        said(*[f"{word}{'m' * 1_000}" for word in words]),
    )
    found = compare_runs(run, side())
    assert len(comparison_html(found)) < 60_000
    assert len(comparison_text(found)) < 60_000
    assert "560 more differences left out." in comparison_text(found)
    assert "571 more tasks left out." in comparison_text(found)
    assert "576 more patterns left out." in comparison_text(found)


def test_secrets_are_told_to_differ_and_nothing_more(stored):
    def tables(secret):
        return small_run(
            [log_row(1, 1, f"connecting with password={secret}", "ERROR")],
            parameters={"api_key": secret, "hosts": {"password": secret, "port": 1}},
            name=f"run token={secret}",
        )

    (run,) = stored(tables(CANARY))
    (baseline,) = stored(tables(f"{CANARY}2"))
    found = fw.compare(run, baseline)
    what = differences(run, baseline)
    assert what["parameters.api_key"] == ("[redacted]", "[redacted]")
    assert what["parameters.hosts.password"] == ("[redacted]", "[redacted]")
    assert not found.templates
    everything = [
        found._repr_html_(), str(found), repr(found), str(found.differences), str(found.templates),
        found.task_runs_frame().to_csv(), found.templates_frame().to_csv(),
    ]  # fmt: skip
    assert not [text for text in everything if CANARY in text]


def test_without_redaction_everything_is_told(stored):
    runs = [
        stored(small_run(parameters={"api_key": secret}), redact=False)[0] for secret in ("a", "b")
    ]
    assert differences(*runs)["parameters.api_key"] == ("a", "b")


def test_runs_of_two_registrations_of_a_flow_tell_their_versions(stored):
    newer = small_run()
    newer["flow"][0] |= {"version": 2, "core_version": "1.4.1"}
    newer["flow"][0]["id"] = newer["flow_run"][0]["flow_id"] = identifier(0xE)
    for task in newer["task"]:
        task["flow_id"] = identifier(0xE)
    (run,), (baseline,) = stored(newer), stored(small_run())
    found = differences(run, baseline)
    assert found["flow_version"] == (2, 1)
    assert found["core_version"] == ("1.4.1", None)


def test_without_a_baseline_it_is_the_newest_earlier_success(stored):
    def run_at(number, state, seconds):
        return one_run(
            number, state=state, serialized_state={"type": state}, start_time=at(seconds)
        )

    failed, old, newest, _later, _broken = stored(
        run_at(0, "Failed", 300), run_at(1, "Success", 100), run_at(2, "Success", 200),
        run_at(3, "Success", 400), run_at(4, "Failed", 250),
    )  # fmt: skip
    assert fw.compare(failed).baseline == newest
    assert fw.compare(newest).baseline == old
    with pytest.raises(fw.errors.NotFound, match=re.escape("fw.compare(run, baseline)")):
        fw.compare(old)


def test_a_run_that_never_began_needs_a_baseline(stored):
    (run,) = stored(one_run(start_time=None))
    with pytest.raises(fw.errors.InvalidArgument, match="when it began"):
        fw.compare(run)


@pytest.mark.parametrize("bad", [None, "a1b2", 7, {}])
def test_what_is_no_run_is_refused(bad, failed):
    with pytest.raises(fw.errors.InvalidArgument, match="FlowRunView"):
        fw.compare(bad, failed)
    if bad is not None:
        with pytest.raises(fw.errors.InvalidArgument, match="FlowRunView"):
            fw.compare(failed, bad)


def test_a_prefect_3_run_is_compared_with_an_archived_one_at_the_price_of_reading_it(tmp_path):
    fake = FakePrefect(lines=[*map(line, range(30))])
    fake.task_runs = [prefect3_task(n) for n in range(3)]
    with fw.connect(URL, transport=fake):
        fw.FlowRunView.from_flow_run_id(RUN).save(tmp_path / "kept.flowrun")
        fake.lines.append({**line(31), "message": "disk full", "level": 40})
        fake.task_runs[2]["state"] = {**fake.task_runs[2]["state"], "type": "FAILED"}
        run = fw.FlowRunView.from_flow_run_id(RUN)
        with fw.open_archive(tmp_path / "kept.flowrun") as archive:
            before = len(fake.requests)
            found = fw.compare(run, archive.runs[0])
            assert sorted(fake.paths()[before:]) == [
                "/logs/filter", "/task_runs/filter", "/task_runs/filter",
            ]  # fmt: skip
            assert [(t.pattern, t.change) for t in found.templates] == [("disk full", "new")]
            assert [task.task for task in found.tasks] == ["load"]
            assert found.tasks[0].pairs[0].is_state_different
            before = len(fake.requests)
            assert fw.compare(run, archive.runs[0]) == found
            assert len(fake.requests) == before


def prefect3_task(number):
    moment = from_micros(START + number * 1_000_000)
    state = {"id": RUN, "type": "COMPLETED", "name": "Completed", "timestamp": stamp(moment)}
    return {
        "id": str(UUID(int=50 + number)), "name": f"load-{number}ab", "flow_run_id": RUN, "task_key": "load-3f14ab94",
        "dynamic_key": f"{number}abcdef", "state": state, "run_count": 1, "expected_start_time": stamp(moment),
        "start_time": stamp(moment), "end_time": stamp(moment), "created": stamp(moment), "updated": stamp(moment),
        "tags": [], "task_inputs": {},
    }  # fmt: skip


def test_what_a_view_has_read_is_not_read_again(failed, good):
    """Also of a run that goes on: a snapshot is compared as it is."""
    run = fw.FlowRunView.from_flow_run_id(recording("live-demo").flow_run_id)
    run.get_all_task_runs()
    held = run.fetched.task_runs
    fw.compare(run, good)
    assert run.fetched.task_runs is held


def test_it_is_a_value_that_cannot_be_changed(failed, good):
    found = fw.compare(failed, good)
    assert found == fw.compare(failed, good)
    assert found != fw.compare(good, failed)
    assert hash(found) == hash(fw.compare(failed, good))
    copy = pickle.loads(pickle.dumps(found))
    assert copy == found
    assert str(copy) == str(found)
    for name in ("run", "found", "anything"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(found, name, None)
    assert FLOW_RUN_ID not in repr(found)
    assert FLOW not in repr(found)
