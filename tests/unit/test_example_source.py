"""A source of its own is one folder and one line of registration: tests/example_source is one."""

import inspect
import json

import pytest

import flowrun_widgets as fw
from flowrun_widgets.backends.protocol import Backend
from flowrun_widgets.connection.library_backend import LibraryBackend
from flowrun_widgets.connection.sources import SCHEMES

RUN_ID, LOAD_ID = "00000000-0000-4000-8000-0000000000e1", "00000000-0000-4000-8000-0000000000e2"
RUN = {
    "id": RUN_ID,
    "name": "json-heron",
    "flow": "nightly",
    "state": "Failed",
    "message": "ValueError: no rows",
    "start": "2026-11-22T02:00:00+00:00",
    "end": "2026-11-22T02:00:20+00:00",
    "tasks": [
        {
            "id": LOAD_ID,
            "name": "load",
            "state": "Failed",
            "message": "ValueError: no rows",
            "start": "2026-11-22T02:00:01+00:00",
            "end": "2026-11-22T02:00:19+00:00",
        }
    ],
    "lines": [
        ["2026-11-22T02:00:02+00:00", "INFO", LOAD_ID, "Reading partition 7"],
        ["2026-11-22T02:00:18+00:00", "ERROR", LOAD_ID, "ValueError: no rows"],
    ],
}


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "runs.json"
    path.write_text(json.dumps({"runs": [RUN]}))
    monkeypatch.setitem(SCHEMES, "jsonruns", "tests.example_source.source:opened")
    return path


@pytest.fixture
def run(file):
    with fw.connect(f"jsonruns://{file}", library=False):
        yield fw.FlowRunView.from_flow_run_id(RUN_ID)


def test_a_run_its_log_and_its_task_runs_are_views(run):
    assert (run.name, run.state.is_failed(), run.connection.label) == (
        "json-heron", True, "JSON file",
    )  # fmt: skip
    assert run.get_logs().to_pandas()["task"].tolist() == ["load", "load"]
    assert run.get_task_run("load").state.message == "ValueError: no rows"
    assert fw.latest("nightly") == run
    assert "ValueError: no rows" in run.digest()


def test_what_the_source_does_not_know_is_empty_or_said(run):
    assert (run.get_subflow_runs(), run.get_artifacts(), run.get_parent()) == ([], [], None)
    assert [bar.label for bar in run.get_timeline()] == ["load"]
    with pytest.raises(fw.errors.QueryRejected, match="JSON file, which has no GraphQL API"):
        fw.graphql("{flow_run{id}}")


def test_a_card_shows_it_and_a_refresh_brings_what_is_new(run, file):
    card = run.card()
    assert card.wait_until_loaded(30)
    assert card.shown.logs.total == 2
    later = {
        **RUN,
        "lines": [*RUN["lines"], ["2026-11-22T02:00:19+00:00", "INFO", None, "Bye"]],
    }
    file.write_text(json.dumps({"runs": [later]}))
    card.refresh()
    assert card.shown.logs.total == 3
    assert card.shown.changes.new_lines == 1
    card.close()


def test_a_run_is_saved_and_opened_again(run, tmp_path):
    run.save(tmp_path / "one.flowrun")
    with fw.open_archive(tmp_path / "one.flowrun") as archive:
        assert archive.runs[RUN_ID].get_logs() == run.get_logs()


def test_the_library_hands_on_every_question():
    asked = {name for name, found in vars(Backend).items() if inspect.isfunction(found)}
    assert asked <= set(vars(LibraryBackend))
