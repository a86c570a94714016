"""The static twin: the same facts as the card's payload, in HTML that nothing in a run can break."""

import random
import re
import unicodedata

import msgspec
import pytest

import flowrun_widgets as fw
from flowrun_widgets.recordings.replay import NAMES, recording
from flowrun_widgets.report import wire
from flowrun_widgets.report.figures import count
from flowrun_widgets.report.html.excerpt import Gap, excerpt
from flowrun_widgets.report.html.run_html import twin_html, twin_text
from flowrun_widgets.report.payload import packed
from flowrun_widgets.report.task_rows import TaskTable, telling_task_rows
from flowrun_widgets.store.writer import StoreWriter
from tests.big_run import big_run
from tests.markup import Reader
from tests.runs import payload_of
from tests.stores import FLOW_RUN_ID, at, identifier, log_row, small_run, task_run_row

HOSTILE = [
    "</pre></div><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'\" onmouseover='alert(1)' x=\"",
    "&lt;b&gt; &amp;",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil.test\x07link\x1b]8;;\x07",
    "bell\x07 null\x00 c1\x9b del\x7f",
]
BOUND = 200_000
ATTRIBUTES = {"class", "style", "scope", "href", "open", "cellpadding", "tabindex", "aria-hidden"}
"""What sanitizers of hosts keep, and two that may go without harm."""


def whole(run):
    run.get_logs()
    run.get_all_task_runs()
    return run


def twin(run):
    return twin_html(payload_of(run), excerpt(run.get_logs().columns), "frw-1")


@pytest.fixture(params=NAMES)
def run(request, recorded):
    return whole(fw.FlowRunView.from_flow_run_id(recording(request.param).flow_run_id))


def written(folder, tables):
    """Return the run of these tables, read whole."""
    with StoreWriter(folder / "s.sqlite") as writer:
        writer.add(tables)
    with fw.connect(folder / "s.sqlite"):
        return whole(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))


def test_the_twin_says_the_facts_of_the_payload(run):
    shown, text = payload_of(run), Reader(twin(run)).text
    header = shown.header
    assert header.flow in text
    assert header.name in text
    assert header.state.name in text
    assert count(shown.logs.total, "line") in text
    assert count(shown.tasks.total, "task run") in text
    assert all(row[1] in text for row in shown.tasks.rows)
    assert all(name in text and value in text for name, value in header.parameters)
    assert all(state.name in text for state in shown.states)
    errors = shown.logs.levels.error + shown.logs.levels.critical
    assert (count(errors, "error") in text) == bool(errors)
    if shown.digest:
        assert shown.digest.error in text
        assert all(label in text for label in shown.digest.held_up)


def test_every_error_line_of_a_small_log_is_shown_with_its_number(run):
    text = Reader(twin(run)).text
    for number, log in enumerate(run.get_logs(), 1):
        if log.level is not None and log.level >= 40:
            assert re.search(rf"\b{number}  +\d\d:\d\d:\d\d", text)
            assert log.message.splitlines()[0][:100] in text


def test_the_text_says_state_names_and_failure(run):
    text = twin_text(payload_of(run))
    assert run.state.name in text
    assert run.name in text
    assert run.flow_name in text
    assert payload_of(run).digest is None or payload_of(run).digest.error in text
    assert "<" not in text.replace("<class", "").replace("<function", "")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_and_messages_stay_text(hostile, tmp_path):
    tables = small_run(
        [log_row(1, 1, hostile, "ERROR", name=hostile, task_run_id=identifier(0x101))],
        name=hostile,
        parameters={hostile: hostile},
        labels=[hostile],
    )
    tables["flow"][0]["name"] = hostile
    tables["task"][0]["name"] = hostile
    tables["flow_run"][0]["serialized_state"] = {"type": hostile, "message": hostile}
    run = written(tmp_path, tables)
    page = twin(run)
    reader = Reader(page)
    assert "<script" not in page.lower()
    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    assert {name for name, _ in reader.attributes} <= ATTRIBUTES
    assert not controls(page)
    visible = re.sub(r"\x1b\][^\x07]*\x07|\x1b\[[0-9;]*m", "", hostile)
    visible = "".join(c for c in visible if unicodedata.category(c) != "Cc")
    assert reader.text.count(visible) >= 4
    assert not controls(twin_text(payload_of(run)))


def controls(text):
    """Return the control characters of a text; line feeds and tabs are none."""
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t"}


def test_the_size_is_bounded_whatever_the_run_wrote(tmp_path):
    levels = ["INFO", "WARNING", "ERROR"]
    tables = small_run(
        [
            log_row(
                n, n / 1000, f"{n} " + "<&>\x1b[31m\n" * (n % 7 * 40) + "x" * 3000, levels[n % 3]
            )
            for n in range(10_000)
        ],
        parameters={f"name {n}": "v" * 10_000 for n in range(3)},
    )
    tables["task_run"] += [task_run_row(10 + n, 2, "Failed", map_index=n) for n in range(700)]
    run = written(tmp_path, tables)
    page = twin(run)
    assert len(page.encode()) < BOUND
    assert not controls(page)
    reader = Reader(page)
    assert "including" in reader.text
    assert count(10_000, "line") in reader.text
    assert count(702, "task run") in reader.text
    assert f"12 of {count(702, 'task run')} shown" in reader.text


def test_thousands_of_parameters_do_not_make_a_page(tmp_path):
    page = twin(written(tmp_path, small_run(parameters={f"p{n}": "v" * 100 for n in range(5000)})))
    assert len(page.encode()) < BOUND
    assert "4900 more parameters are left out" in page


def test_huge_state_messages_do_not_make_a_page_or_a_payload(tmp_path):
    """Some exceptions hold a whole answer of a server."""
    huge = "x" * 1_000_000
    failed = {"type": "Failed", "message": huge}
    tables = small_run(serialized_state=failed, state="Failed")
    tables["task_run"] = [
        task_run_row(n, 2, "Failed", map_index=n, message=huge, end_time=at(2)) for n in range(20)
    ]
    tables["task_run_state"] = []
    tables["log"] = []
    run = written(tmp_path, tables)
    assert len(twin(run).encode()) < BOUND
    assert len(msgspec.json.encode(payload_of(run))) < BOUND
    assert run.state.message == huge


def test_the_excerpt_counts_what_it_leaves_out(tmp_path):
    levels = {0: "ERROR", 1: "WARNING"}
    lines = [log_row(n, n / 1000, f"{n}", levels.get(n % 50, "INFO")) for n in range(5_000)]
    found = excerpt(written(tmp_path, small_run(lines)).get_logs().columns)
    gaps = [part for part in found.parts if isinstance(part, Gap)]
    assert found.shown + sum(gap.lines for gap in gaps) == 5_000
    assert found.left_out.lines == sum(gap.lines for gap in gaps)
    assert found.left_out.errors == sum(gap.errors for gap in gaps)
    assert found.left_out.warnings == sum(gap.warnings for gap in gaps)
    numbers = [part.number for part in found.parts if not isinstance(part, Gap)]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 1
    assert numbers[-1] == 5_000


def test_the_twin_of_a_run_without_anything_stands(tmp_path):
    tables = small_run(
        [], name=None, serialized_state=None, parameters={}, context=None, start_time=None
    )
    for table in ("task_run", "task_run_state", "flow_run_state"):
        tables[table] = []
    page = Reader(twin(written(tmp_path, tables)))
    assert FLOW_RUN_ID in page.text
    assert "Pending" in page.text
    assert count(0, "line") in page.text


def test_a_log_that_was_not_read_is_not_called_empty(recorded):
    run = fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id)
    assert "not read yet" in Reader(twin_html(payload_of(run), None, "frw-1")).text


@pytest.fixture(scope="module")
def big():
    """A run of 10,000 task runs and many lines, and its excerpt."""
    run = big_run(lines=100_000)
    return run, excerpt(run.fetched.logs.columns)


def test_a_failed_run_leaves_at_most_14_kb(recorded):
    run = whole(fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id))
    assert len(twin(run).encode()) <= 14_000


def test_a_run_of_ten_thousand_task_runs_leaves_at_most_18_kb(big):
    run, log = big
    records, logs = run.fetched.task_runs.records, run.fetched.logs.columns
    rows = telling_task_rows(TaskTable.of(records), logs, run.as_of)
    page = twin_html(payload_of(run), log, "frw-1", task_rows=rows)
    text = Reader(page).text
    assert len(page.encode()) <= 18_000
    assert f"12 of {count(10_000, 'task run')} shown" in text
    failed = next(r for r in records if r.state.is_failed() and r.started_at is not None)
    assert f"✕\u00a0Failed{failed.label}" in text.replace("\n", "")
    assert f"{count(log.shown)} of {count(100_000, 'line')} shown" in text


def test_of_the_rows_that_travel_the_failed_are_told(big):
    """Without rows of its own the twin takes those of the payload, of which there are more than it shows."""
    run, log = big
    assert len(payload_of(run).tasks.rows) > 40
    assert f"12 of {count(10_000, 'task run')} shown" in twin_html(payload_of(run), log, "frw-1")


def pin(seq, message, note=""):
    return wire.Pin(seq, 1_795_312_800_123_456, 40, "load", message, note, seq + 1)


def test_pins_and_the_query_come_first(run):
    annotations = wire.Annotations(
        "level>=error", 1, (pin(5, "broken", "look here\nand there"), pin(6, "again"))
    )
    page = twin_html(
        payload_of(run), excerpt(run.get_logs().columns), "frw-1", annotations=annotations, hits=3
    )
    text = Reader(page).text
    places = [
        text.index(part)
        for part in (
            run.state.name, run.name, "Pinned lines", "02:00:00.123  ERROR", "broken", "look here", "and there", "again",
            "Filter level>=error: 3 of", "Task runs",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    said = twin_text(payload_of(run), annotations=annotations, hits=3)
    assert "broken" in said
    assert "look here" in said
    assert "Filter level>=error: 3 of" in said


def test_without_pins_and_query_the_twin_says_nothing_of_them(run):
    bare = twin(run)
    page = twin_html(
        payload_of(run), excerpt(run.get_logs().columns), "frw-1", annotations=wire.Annotations()
    )
    assert page == bare
    assert "Pinned" not in bare
    assert "Filter" not in bare


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_pins_and_queries_stay_text(hostile, run):
    annotations = wire.Annotations(hostile, 1, (pin(1, hostile, hostile),))
    page = twin_html(payload_of(run), None, "frw-1", annotations=annotations)
    assert "<script" not in page.lower()
    assert "img" not in Reader(page).tags
    assert not controls(page)
    assert not controls(twin_text(payload_of(run), annotations=annotations))


def test_thousands_of_pins_do_not_make_a_page(run):
    pins = tuple(pin(n, "m" * 5_000, "n" * 5_000) for n in range(3_000))
    page = twin_html(
        payload_of(run), None, "frw-1", annotations=wire.Annotations("q" * 100_000, 1, pins)
    )
    assert len(page.encode()) < BOUND
    assert f"{count(2_970)} more pinned lines left out" in Reader(page).text


def test_the_waits_between_attempts_are_told(recorded):
    run = whole(fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id))
    text = Reader(twin(run)).text
    assert re.search(r"failed after [\d.]+ s, waited 3\.0 s, failed after", text)


def test_the_same_snapshot_gives_the_same_twin(run):
    assert twin(run) == twin(run)


def test_the_twin_is_well_formed_without_scripts_ids_and_data(run):
    page = twin(run)
    names = {name for name, _ in Reader(page).attributes}
    assert names <= ATTRIBUTES
    assert not names & {"id", "onclick", "srcset", "src"}
    assert not [name for name in names if name.startswith("data-")]
    assert page.count("<pre") == page.count("</pre>")
    assert page.count("<div") == page.count("</div>")


def test_long_names_values_and_lines_everywhere_are_bounded(tmp_path):
    """Text that no compression makes smaller, and much of which is escaped."""
    chance = random.Random(1)

    def noise(length=64_000):
        return "".join(chance.choices("abcdefgh<>&\"'\\\n{}ä€漢", k=length))

    long = noise()
    tables = small_run(
        [
            log_row(n, n / 1000, noise(), "ERROR", name=long, task_run_id=identifier(0x101 + n))
            for n in range(100)
        ],
        name=long,
        parameters={noise(3_000): noise() for _ in range(100)},
        labels=[long] * 300,
    )
    tables["flow"][0]["name"] = long
    for row in tables["task"]:
        row["name"] = long
    tables["task_run"] = [
        task_run_row(1 + n, 1, "Failed", map_index=n, message=long) for n in range(150)
    ]
    run = written(tmp_path, tables)
    assert len(packed(payload_of(run))) < 300_000
    assert len(twin(run).encode()) < BOUND
    assert len(twin_text(payload_of(run))) < 10_000
