"""Messages about a run use the words of its own server, and say what to do."""

import json

import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import InvalidArgument, ResultUnavailable
from flowrun_widgets.export.notebook import export_notebook
from tests.prefect3.fake import RUN, URL, FakePrefect, stamp, state
from tests.prefect3.fake import START as NOON
from tests.stores import FLOW_RUN_ID

TASK = "22222222-c6bb-4b96-8661-63a5bbfb5596"


@pytest.fixture
def fake():
    one = FakePrefect()
    one.task_runs = [
        {
            "id": TASK, "name": "load-3f1", "flow_run_id": RUN, "task_key": "load-0123abcd", "dynamic_key": "k",
            "state": state(), "start_time": stamp(NOON), "end_time": stamp(NOON), "run_count": 1,
            "expected_start_time": stamp(NOON), "total_run_time": 1.5,
        }
    ]  # fmt: skip
    return one


@pytest.fixture
def run(fake):
    with fw.connect(URL, transport=fake, library=False):
        yield fw.FlowRunView.from_flow_run_id(RUN)


@pytest.mark.parametrize(
    ("kind", "name", "word"),
    [
        ("COMPLETED", "Completed", "Completed"),
        ("COMPLETED", "Cached", "Completed"),
        ("FAILED", "TimedOut", "Failed"),
        ("CRASHED", "Crashed", "Crashed"),
        ("SCHEDULED", "AwaitingRetry", "Scheduled"),
        ("PAUSED", "Suspended", "Paused"),
        ("HIBERNATING", "Napping", "Napping"),
    ],
)
def test_frames_have_prefect_3s_words_for_the_types_of_prefect_3(kind, name, word, fake):
    fake.state = fake.task_runs[0]["state"] = state(kind, name)
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        for frame in (run.task_runs_frame(), run.states_frame()):
            assert frame["state"].tolist() == [word]
        assert run.state.type == word
        assert run.task_runs_frame()["state_name"].tolist() == [name]
        assert run.state.serialize()["type"] == run.state.prefect1_type


def test_what_prefect_3_calls_tags_is_not_called_labels(fake, run, store):
    assert "tags=[]" in repr(run)
    assert "labels" not in repr(run)
    assert list(run.labels) == []
    with fw.connect(store):
        assert "labels=['warehouse']" in repr(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))


@pytest.mark.parametrize(
    ("data", "word"),
    [(None, "persist_result=True"), ({"storage_key": "abc"}, "'abc' in the result storage")],
)
def test_a_result_of_prefect_3_is_spoken_of_in_its_words(data, word, fake, run):
    fake.task_runs[0]["state"] = state(data=data)
    (task,) = run.get_all_task_runs()
    with pytest.raises(ResultUnavailable) as caught:
        task.get_result()
    assert word in str(caught.value)
    assert "`Result` type" not in str(caught.value)


def test_a_card_of_nothing_is_the_newest_or_says_what_to_give(recorded):
    def close_all():
        while newest := fw.card():
            newest.close()

    with pytest.raises(InvalidArgument, match=r"fw\.latest\(\).*fw\.find_flow_runs\(\)"):
        close_all()


def test_chosen_lines_keep_the_numbers_that_they_have_in_the_log(recorded):
    from flowrun_widgets.recordings.replay import recording

    run = fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id)
    logs = run.get_logs()
    chosen = logs.where("level>=error")
    places = [n for n, log in enumerate(logs) if log.level >= 40]
    assert list(chosen.numbers) == places
    assert list(chosen[1:].numbers) == places[1:]
    assert list(chosen[::-1].numbers) == places[::-1]
    assert list(logs[3:5].where("level>=debug").numbers) == [3, 4]
    shown = chosen._repr_mimebundle_()["text/html"]
    assert all(f"{place + 1}  " in shown for place in places)
    assert logs.numbers is None


def test_an_export_counts_what_its_cards_had_taken_out(tmp_path):
    """A card takes secrets out when it is shown, and says so; an export that finds no more counts those."""
    import base64
    import gzip

    shown = {"header": {"parameters": [], "context": []}, "redacted": 2}
    data = base64.b64encode(gzip.compress(json.dumps(shown).encode())).decode()
    model = {
        "model_name": "AnyModel", "model_module": "anywidget", "model_module_version": "1",
        "state": {"code_hash": "x", "twin": ""},
        "buffers": [{"path": ["payload"], "data": data, "encoding": "base64"}],
    }  # fmt: skip
    notebook = {
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"m": model}}}},
        "cells": [
            {
                "cell_type": "code", "id": "a", "metadata": {}, "source": "run", "execution_count": 1,
                "outputs": [
                    {
                        "output_type": "display_data", "metadata": {},
                        "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}},
                    }
                ],
            }
        ],
    }  # fmt: skip
    path = tmp_path / "night.ipynb"
    path.write_text(json.dumps(notebook))
    made = export_notebook(path, tmp_path / "night.html")
    assert (made.runs, made.redacted) == (1, 2)
    assert "2 values redacted" in str(made)
