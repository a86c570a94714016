"""What the Prefect 1 source makes of a server's answers, good and bad."""

import pytest

import flowrun_widgets as fw
from flowrun_widgets import errors
from flowrun_widgets.states import Cancelled, Pending, Success, Unknown

from .line import FLOW_RUN_ID, URL, Line

ASKED = {
    "flow run": lambda: fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID),
    "task run": lambda: fw.TaskRunView.from_task_run_id(FLOW_RUN_ID),
    "flow": lambda: fw.FlowView.from_flow_id(FLOW_RUN_ID),
    "logs": lambda view: view.get_logs(),
    "task runs": lambda view: view.get_all_task_runs(),
    "task run ids": lambda view: view.get_task_run_ids(),
}
OF_A_RUN = {"logs", "task runs", "task run ids"}


def connect(*names):
    line = Line(*names)
    fw.connect(URL, transport=line)
    return line


def run(*names):
    connect(*names)
    return fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)


def test_a_recorded_run_is_read_whole():
    connect("flow-run", "logs", "task-runs", "flow", "latest")
    seen = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    assert seen.name == "brisk-otter"
    assert isinstance(seen.state, Cancelled)
    assert [state.type for state in seen.states][-3:] == ["Running", "Cancelling", "Cancelled"]
    logs, task_runs = seen.get_logs(), seen.get_all_task_runs()
    assert "Beginning Flow run" in logs.to_pandas()["message"].str.cat()
    assert {view.state.type for view in task_runs} >= {"Mapped", "Skipped", "Cancelled", "Success"}
    assert seen.get_flow_metadata().flow_id == seen.flow_id
    latest = seen.get_latest()
    assert latest == seen
    assert latest.get_logs() == logs


def test_a_line_is_labelled_with_its_task_run():
    connect("flow-run", "logs")
    frame = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).get_logs().to_pandas()
    of_tasks = frame[frame["task_run_id"].notna()]
    assert of_tasks["task"].notna().all()
    assert frame["task"].isna().any()


@pytest.mark.parametrize(
    ("name", "kind", "hint"),
    [
        ("validation-failed", errors.QueryRejected, 'Cannot query field "zz"'),
        ("no-query", errors.QueryRejected, "Must provide query string"),
        ("no-body", errors.BackendError, "500"),
        ("server-error", errors.BackendError, "server's own log"),
        ("data-exception", errors.QueryRejected, "invalid input syntax for type uuid"),
        ("unauthenticated", errors.AccessDenied, "API key"),
        ("malformed-authorization", errors.AccessDenied, "API key"),
        ("api-error", errors.BackendUnavailable, "Try again later"),
        ("sign-in-page", errors.UnexpectedAnswer, "web page"),
        ("not-json", errors.UnexpectedAnswer, "address of the API"),
        ("half-an-answer", errors.UnexpectedAnswer, "instead of JSON"),
        ("not-graphql", errors.UnexpectedAnswer, "not GraphQL"),
        ("data-null", errors.UnexpectedAnswer, "without data"),
        ("rows-null", errors.UnexpectedAnswer, "without rows"),
        ("no-rows", errors.NotFound, "another server or tenant"),
        ("two-rows", errors.Ambiguous, "2 results"),
    ],
)
def test_a_bad_answer_is_one_of_our_errors_and_says_what_to_do(name, kind, hint):
    connect(name, name, name)  # some questions are asked again
    with pytest.raises(errors.FlowRunError, match=hint) as caught:
        fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    assert type(caught.value) is kind
    assert URL in str(caught.value)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (name, what)
        for name in ("rows-without-id", "rows-of-wrong-types", "rows-null", "not-graphql")
        for what in ASKED
        if (name, what) != ("rows-of-wrong-types", "task run ids")
    ],
)
def test_rows_of_another_shape_are_unexpected_whatever_was_asked(name, what):
    given = [run("only-the-id", name)] if what in OF_A_RUN else []
    if not given:
        connect(name)
    with pytest.raises(errors.UnexpectedAnswer):
        ASKED[what](*given)


def test_a_bad_gateway_is_asked_again_and_then_unavailable():
    line = connect(*["bad-gateway"] * 9)
    with pytest.raises(errors.BackendUnavailable, match="Try again later"):
        fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    assert len(line.requests) == 3


def test_a_bad_gateway_that_recovers_is_not_noticed():
    connect("bad-gateway", "bad-gateway", "flow-run")
    assert fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).name == "brisk-otter"


def test_a_web_page_is_not_repeated():
    connect("server-error")
    with pytest.raises(errors.BackendError) as caught:
        fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    assert "<" not in str(caught.value)


def test_a_row_without_anything_but_its_id_is_a_run():
    view = run("only-the-id")
    assert (view.name, view.flow_id, view.states, view.labels) == (None, None, (), [])
    assert isinstance(view.state, Pending)


def test_keys_that_nobody_has_heard_of_are_ignored():
    view = run("unheard-of-keys")
    assert view.state == Success("ok")


def test_a_run_without_any_state_is_pending_and_says_why():
    view = run("no-state")
    assert repr(view.state) == '<Pending: "A state for this flow run is not yet available.">'


def test_a_state_that_nobody_has_heard_of_is_kept():
    view = run("unheard-of-state")
    assert isinstance(view.state, Unknown)
    assert repr(view.state) == '<Hibernating: "until spring">'
    assert view.states[0].type == "Hibernating"
    assert not view.state.is_finished()
