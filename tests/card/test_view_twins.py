"""What task runs, logs and lists of runs leave in a notebook: the same facts as HTML and as text, bounded and harmless."""

import re
from dataclasses import replace

import pytest

import flowrun_widgets as fw
from flowrun_widgets.recordings.replay import NAMES, recording
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.report.figures import count, duration
from flowrun_widgets.report.html.excerpt import MAX_LINES, excerpt
from tests.card.test_twin import ATTRIBUTES, HOSTILE, controls, whole, written
from tests.markup import Reader
from tests.runs import ENDED, small, some_lines
from tests.stores import FLOW_RUN_ID, identifier, log_row, small_run, task_run_row

BOUND = 150_000
SECRET = "hunter2-and-a-half"


def bundle(view):
    """Return what a notebook stores of a view."""
    found = view._repr_mimebundle_(include=None, exclude=None)
    if isinstance(found, tuple):
        found, _ = found
    assert set(found) == {"text/html", "text/markdown", "text/plain"}
    return found


def text_of(view):
    return Reader(bundle(view)["text/html"]).text


def task_runs_of(run):
    """Return the task runs that a view has read."""
    fetched = run.fetched
    return [
        fw.TaskRunView(one, run.connection, fetched=fetched) for one in fetched.task_runs.records
    ]


@pytest.fixture(params=NAMES)
def run(request, recorded):
    return whole(fw.FlowRunView.from_flow_run_id(recording(request.param).flow_run_id))


def views_of(run):
    return [run.get_logs(), fw.find_flow_runs(), *run.get_all_task_runs()]


def test_the_text_begins_with_the_repr_or_of_many_lines_has_the_telling_ones(run):
    for view in views_of(run):
        told = bundle(view)["text/plain"]
        assert len(told) <= 8_000
        is_long = isinstance(view, fw.FlowRunLogs) and len(view) > 40
        assert told.startswith("Logs: " if is_long else repr(view))


def test_a_task_run_says_its_state_its_attempts_and_its_lines(run):
    frame = run.get_logs().to_pandas()
    for view in run.get_all_task_runs():
        text = text_of(view)
        assert view.label in text
        assert view.state.name in text
        assert (view.state.message or "") in text
        assert count(view.run_count, "attempt") in text
        lines = frame[frame["task_run_id"] == view.task_run_id]
        assert f"Logs: {count(len(lines), 'line')}" in text
        for message in lines.loc[lines["level"] >= 40, "message"]:
            assert message.splitlines()[0][:100] in text
        assert all(state.name in text for state in view.states)


def test_the_attempts_of_a_task_run_are_a_table(recorded):
    run = whole(fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id))
    failed = max(run.get_all_task_runs(), key=lambda view: view.run_count)
    text = re.sub(r"\s+", " ", text_of(failed))
    assert re.search(r"117:44:50[\d.]+ m?s0\.7 sfailed 217:44:533\.0 s0\.7 sfailed", text)


def test_a_task_run_whose_log_was_not_read_says_how_to_read_it(recorded):
    run = fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id)
    view = run.get_all_task_runs()[0]
    text = text_of(view)
    assert "not read yet" in text
    assert f'get_logs(task="{view.task_run_id}")' in text
    assert bundle(fw.TaskRunView.from_task_run_id(view.task_run_id))


def test_attempts_that_are_not_known_are_not_told_as_one(recorded):
    """Prefect 3 lists task runs without their histories."""
    record = replace(small_task_run(), has_history=False, states=(), run_count=3)
    text = text_of(fw.TaskRunView(record, recorded))
    assert "3 attempts" in text
    assert "Outcome" not in text
    assert "get_latest() fetches its history" in text


def small_task_run():
    """Return the record of a task run that failed."""
    state = fw.states.Failed("no", timestamp=ENDED)
    return TaskRunRecord(
        identifier(1), FLOW_RUN_ID, state, name="load", started_at=ENDED, ended_at=ENDED
    )


def test_a_log_says_how_many_lines_of_each_level_it_has_and_what_is_left_out(run):
    logs = run.get_logs()
    text = text_of(logs)
    assert f"Logs: {count(len(logs), 'line')}" in text
    for level, number in logs.to_pandas()["level_name"].str.lower().value_counts().items():
        assert not number or f"{count(number)} {level}" in text
    shown = excerpt(logs.columns).shown
    assert f"{count(shown)} of {count(len(logs), 'line')} shown" in text
    assert ("left out" in text) == (shown < len(logs))


def test_a_choice_of_lines_is_shown_as_a_log(run):
    chosen = run.get_logs().where("level>=error")
    assert f"Logs: {count(len(chosen), 'line')}" in text_of(chosen)
    assert text_of(chosen[:0]) == text_of(fw.FlowRunLogs())


def test_a_list_of_runs_says_of_each_run_what_its_text_says(recorded):
    runs = fw.find_flow_runs()
    text, said = text_of(runs), repr(runs)
    for run in runs:
        took = duration((run.ended_at - run.started_at).total_seconds())
        for fact in (run.name, run.flow_name, run.state.name, took):
            assert fact in text.replace("\u00a0", " ")
            assert fact in said
    assert "4 flow runs" in text
    assert "Some reference tasks failed." in text
    assert "There are more" in text_of(fw.find_flow_runs(limit=2))
    assert "No run matches" in text_of(runs[:0])


def test_of_a_run_that_goes_on_page_and_text_say_for_how_long(store):
    fw.connect(store)
    runs = fw.find_flow_runs()
    [run] = runs
    took = duration((runs.as_of - run.started_at).total_seconds())
    assert took in repr(runs)
    assert took in text_of(runs).replace("\u00a0", " ")


def test_a_run_of_a_list_links_to_its_page(recorded):
    linked, odd = (
        fw.FlowRunView(small(n, ui_url=url), recorded)
        for n, url in enumerate(["https://prefect.example.com/runs/1", "javascript:alert(1)"], 1)
    )
    page = bundle(fw.FlowRunList([linked, odd]))["text/html"]
    assert 'href="https://prefect.example.com/runs/1"' in page
    assert "javascript" not in page


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_and_messages_stay_text(hostile, tmp_path):
    tables = small_run(
        [log_row(1, 1, hostile, "ERROR", name=hostile, task_run_id=identifier(0x101))], name=hostile
    )
    tables["flow"][0]["name"] = hostile
    tables["task"][0]["name"] = hostile
    tables["flow_run"][0]["serialized_state"] = {"type": "Failed", "message": hostile}
    tables["task_run"][0]["serialized_state"] = {"type": hostile, "message": hostile}
    run = written(tmp_path, tables)
    for view in (*task_runs_of(run), run.get_logs(), fw.FlowRunList([run])):
        page = bundle(view)["text/html"]
        reader = Reader(page)
        assert "<script" not in page.lower()
        assert not reader.tags & {"script", "img"}
        assert {name for name, _ in reader.attributes} <= ATTRIBUTES
        assert not controls(page)
    assert not controls(repr(fw.FlowRunList([run])))


def test_the_sizes_are_bounded_whatever_the_run_wrote(tmp_path, recorded):
    huge = "<&>" * 30_000
    tables = small_run(
        [
            log_row(n, n / 1000, f"{n} {huge}", "ERROR", task_run_id=identifier(0x101))
            for n in range(300)
        ],
        name=huge,
    )
    tables["flow"][0]["name"] = huge
    tables["task_run"] = [task_run_row(1, 1, "Failed", message=huge)]
    run = written(tmp_path, tables)
    listed = fw.FlowRunList([run] * 5_000)
    for view in (task_runs_of(run)[0], run.get_logs(), listed):
        assert len(bundle(view)["text/html"].encode()) < BOUND
    assert "50 of 5\u202f000 runs shown" in text_of(listed)


def test_secrets_are_taken_out_of_what_is_displayed(tmp_path):
    words = f"password={SECRET}"
    tables = small_run([log_row(1, 1, words, "ERROR", task_run_id=identifier(0x101))], name=words)
    tables["task_run"] = [task_run_row(1, 1, "Failed", message=words)]
    tables["flow_run"][0]["serialized_state"] = {"type": "Failed", "message": words}
    run = written(tmp_path, tables)
    logs = run.get_logs()
    for view in (task_runs_of(run)[0], logs, logs[:], fw.FlowRunList([run])):
        found = bundle(view)
        assert SECRET not in "".join(found.values())
        assert "redacted" in found["text/html"]
    assert SECRET in repr(logs)
    with fw.connect(tmp_path / "s.sqlite", redact=False):
        told = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).get_logs()
        assert SECRET in bundle(told)["text/html"]


def test_every_error_of_a_long_log_is_told_before_any_warning(tmp_path):
    lines = [
        log_row(n, n / 1000, f"{n}", "ERROR" if n % 100 == 7 else "WARNING") for n in range(5_000)
    ]
    found = excerpt(written(tmp_path, small_run(lines)).get_logs().columns)
    assert found.left_out.errors == 0
    assert found.shown <= MAX_LINES


def test_long_messages_share_the_room_and_short_ones_stay_whole(tmp_path):
    lines = [log_row(n, n / 1000, f"{n} " + "x" * (64_000 * (n % 2))) for n in range(60)]
    found = excerpt(written(tmp_path, small_run(lines)).get_logs().columns)
    assert sum(len(part.message) for part in found.parts) < 30_000
    assert all(part.message == f"{part.number - 1} " for part in found.parts[::2])


def test_lines_without_any_run_are_shown():
    assert "Logs: 10 lines" in text_of(fw.FlowRunLogs(some_lines()))
