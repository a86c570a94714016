"""A list of flow runs: a sequence that cannot be changed, what it says, and what asking for one costs."""

from __future__ import annotations

import copy
import json
import pickle

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets import states
from flowrun_widgets.connection.library import Library
from flowrun_widgets.errors import Ambiguous, BackendError, InvalidArgument, NotFound
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.recordings.replay import NAMES
from tests.prefect3.fake import FLOW, URL, FakePrefect, stamp, state
from tests.prefect3.fake import START as NOON
from tests.runs import ENDED, small
from tests.stores import identifier

COLUMNS = [
    "flow_run_id", "name", "flow_name", "state", "state_name", "message", "scheduled_start_at", "started_at",
    "ended_at", "duration_seconds", "ui_url", "ran_seconds",
]  # fmt: skip


@pytest.fixture
def runs(recorded):
    return fw.find_flow_runs()


def test_it_is_a_sequence_of_views_newest_first(runs):
    assert len(runs) == len(NAMES)
    assert all(isinstance(run, fw.FlowRunView) for run in runs)
    began = [run.started_at for run in runs]
    assert began == sorted(began, reverse=True)
    assert runs[:2] == [runs[0], runs[1]]
    assert isinstance(runs[:2], fw.FlowRunList)
    assert runs == list(runs)
    assert runs[0] in runs
    assert runs[0].get_logs().columns is runs[0].get_logs().columns


def test_it_cannot_be_changed_and_copies_and_pickles(runs):
    with pytest.raises(AttributeError):
        runs._runs = ()
    with pytest.raises(TypeError):
        runs[0] = runs[1]
    assert copy.deepcopy(runs) == runs
    back = pickle.loads(pickle.dumps(runs))
    assert back == runs
    assert hash(back) == hash(runs)
    assert back.as_of == runs.as_of


def test_a_run_is_taken_by_its_name_or_id(runs):
    assert runs["amber-heron"].name == "amber-heron"
    assert runs[runs[1].flow_run_id] is runs[1]
    assert "amber-heron" in runs
    assert "nobody" not in runs
    assert "amber-heron" in runs._ipython_key_completions_()
    with pytest.raises(NotFound, match="nobody"):
        runs["nobody"]
    with pytest.raises(IndexError, match="No run 99: this list has 4 runs"):
        runs[99]


def test_a_name_that_several_runs_have_is_ambiguous(recorded):
    runs = fw.FlowRunList([fw.FlowRunView(small(n), recorded) for n in (1, 2)])
    with pytest.raises(Ambiguous, match="2 runs"):
        runs["amber"]


def test_it_is_narrowed_by_flow_and_state(runs):
    assert [run.flow_name for run in runs.where(flow="ledger-close")] == ["ledger-close"]
    assert [run.name for run in runs.where(state="failed")] == ["stoic-marmot"]
    assert {run.state.name for run in runs.where(state="FINISHED")} == {
        run.state.name for run in runs
    }
    assert [run.name for run in runs.where(state="cancelled")] == ["brisk-otter"]
    assert not runs.where(state="no such state")


def test_the_frame_has_its_columns_also_without_runs(runs):
    frame, empty = runs.to_pandas(), runs[:0].to_pandas()
    assert [*frame] == [*empty] == COLUMNS
    assert frame.dtypes.to_dict() == empty.dtypes.to_dict()
    assert frame["flow_run_id"].tolist() == [run.flow_run_id for run in runs]
    failed = frame.set_index("name").loc["stoic-marmot"]
    assert failed["state"] == "Failed"
    run = runs["stoic-marmot"]
    assert failed["duration_seconds"] == (run.ended_at - run.started_at).total_seconds()


def test_what_is_printed_names_each_run_and_says_how_many_there_are(runs):
    text = repr(runs)
    assert text.startswith("FlowRunList of 4 flow runs, as of ")
    for run, line in zip(runs, text.splitlines()[1:], strict=True):
        assert all(word in line for word in (run.name, run.flow_name, run.state.name))
    assert "and there are more" in repr(fw.find_flow_runs(limit=2))


def test_where_nothing_was_found_is_said(recorded):
    none = fw.find_flow_runs("no such flow")
    assert repr(none).startswith(f"FlowRunList of 0 flow runs at {recorded.url}, as of ")
    for shown in (none, pickle.loads(pickle.dumps(none)), fw.find_flow_runs().where(flow="none")):
        page = shown._repr_mimebundle_()[0]["text/html"]
        assert f"No run matches at {recorded.url}." in page
        assert "shown" not in page
    with pytest.raises(NotFound, match=r"fw\.connect\(url\)"):
        fw.latest(flow="no such flow")


def test_many_runs_are_not_all_printed(recorded):
    many = fw.FlowRunList([fw.FlowRunView(small(n, name="x" * 5000), recorded) for n in range(700)])
    assert len(repr(many)) < 10_000
    assert "650 more" in repr(many)


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0}, {"limit": True}, {"limit": "5"}, {"flow": 5}, {"state": []}, {"state": ["failed", 5]},
        {"since": "yesterday"}, {"until": 5}, {"tags": 5}, {"parameters": "day"}, {"deployment": 5}, {"work_pool": 5},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_before_asking(wrong):
    asked: list[httpx.Request] = []
    transport = FakePrefect(first=lambda request: asked.append(request))
    with fw.connect(URL, transport=transport, library=False) as connection:
        connection.backend  # noqa: B018  the first look at a server is no question about runs
        asked.clear()
        with pytest.raises(InvalidArgument):
            fw.find_flow_runs(**wrong, api=connection)
    assert not asked


class Counting(httpx.BaseTransport):
    """A Prefect 1 server that counts what it is asked about flow runs."""

    def __init__(self, app) -> None:
        self.inner = httpx.WSGITransport(app=app)
        self.asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += b"flow_run(" in request.read()
        return self.inner.handle_request(request)


def test_on_prefect_1_a_list_costs_one_request_and_its_runs_have_their_histories(recorded_store):
    server = Counting(Gateway(recorded_store).wsgi)
    with fw.connect("http://prefect1.test", transport=server, library=False):
        runs = fw.find_flow_runs(state="finished", since="2020-01-01", until="2040-01-01")
    assert server.asked == 1
    assert len(runs) == len(NAMES)
    assert all(run.states for run in runs)


class Listing:
    """A Prefect 3 server with 450 runs that have ended. `bodies` is what it was asked for; `fails` holds answers before those."""

    def __init__(self) -> None:
        self.bodies: list[dict] = []
        self.fails: list[httpx.Response] = []
        self.every = [
            {
                "id": identifier(n), "name": f"run-{n}", "flow_id": FLOW, "state_id": identifier(n), "state": state(),
                "expected_start_time": stamp(NOON), "parameters": {"day": n // 100}, "tags": ["a", "b"],
            }
            for n in range(450)
        ]  # fmt: skip

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        path = request.url.path.removeprefix("/api")
        if path == "/flow_runs/filter":
            if self.fails:
                return self.fails.pop()
            body = json.loads(request.content)
            self.bodies.append(body)
            page = self.every[body["offset"] : body["offset"] + body["limit"]]
            return httpx.Response(200, json=[] if "start_time" in body["flow_runs"] else page)
        if path == "/flows/filter":
            self.bodies.append({})
            return httpx.Response(200, json=[{"id": FLOW, "name": "nightly"}])
        return None


@pytest.fixture
def listing():
    server = Listing()
    with fw.connect(URL, transport=FakePrefect(first=server), library=False, timeout_seconds=2):
        yield server


def test_on_prefect_3_a_list_costs_one_request_a_page_one_for_runs_that_go_on_and_one_for_the_names(
    listing,
):
    bodies = listing.bodies
    runs = fw.find_flow_runs(since=NOON)
    assert len(bodies) == 3
    again = fw.find_flow_runs(limit=300)
    assert len(bodies) == 5
    assert len(again) == 300
    assert len(bodies) == 6
    assert len(runs) == 100
    assert runs.has_more
    assert runs[0].flow_name == "nightly"
    (over,) = [one for one in bodies[:2] if "start_time" not in one["flow_runs"]]
    assert over["flow_runs"] == {
        "expected_start_time": {"after_": "2026-11-22T12:00:00+00:00"},
        "parent_task_run_id": {"is_null_": True},
        "state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]}},
    }


def test_pages_of_a_list_without_a_limit_are_requested_when_their_runs_are_needed(listing):
    runs = fw.find_flow_runs(limit=None)
    asked = len(listing.bodies)
    assert runs[150].name == "run-150"
    assert runs[:199][-1].name == "run-198"
    assert "FlowRunList of 200 flow runs, and there are more" in repr(runs)
    assert runs.has_more
    assert len(listing.bodies) == asked
    assert runs[201].name == "run-201"
    assert len(listing.bodies) == asked + 1
    assert [run.name for run in runs] == [f"run-{n}" for n in range(450)]
    assert len(listing.bodies) == asked + 2
    assert not runs.has_more
    assert len(runs.to_pandas()) == len(runs) == 450
    with pytest.raises(IndexError, match=r"this list has 450 runs"):
        runs[450]


def test_a_page_that_fails_is_requested_again_and_no_part_passes_for_all(listing):
    runs = fw.find_flow_runs(limit=None)
    listing.fails = [httpx.Response(403, json={"detail": "not now"})]
    with pytest.raises(BackendError):
        len(runs)
    assert runs.has_more
    assert runs == fw.find_flow_runs(limit=None)
    assert len(runs) == 450


def test_on_prefect_3_conditions_are_the_servers_but_for_parameters(listing):
    states = ["failed", "Late", "cached"]
    runs = fw.find_flow_runs(
        "nightly", states, tags=["a", "b"], deployment="every-night", work_pool="k8s", subflows=True
    )
    assert len(runs) == 100
    body = listing.bodies[0]
    assert body["flows"] == {"name": {"any_": ["nightly"]}}
    assert body["deployments"] == {"name": {"any_": ["every-night"]}}
    assert body["work_pools"] == {"name": {"any_": ["k8s"]}}
    assert body["flow_runs"] == {
        "tags": {"all_": ["a", "b"]},
        "state": {
            "operator": "or_",
            "type": {"any_": ["CRASHED", "FAILED"]},
            "name": {"any_": ["Cached", "Late"]},
        },
    }
    fw.find_flow_runs(deployment=FLOW.upper())
    assert listing.bodies[-1]["deployments"] == {"id": {"any_": [FLOW.upper()]}}
    found = fw.find_flow_runs(parameters={"day": 2}, limit=None)
    assert [run.name for run in found] == [f"run-{n}" for n in range(200, 300)]


def test_on_prefect_1_parameters_are_the_servers_and_what_it_does_not_have_is_refused(
    recorded_store,
):
    server = Counting(Gateway(recorded_store).wsgi)
    with fw.connect("http://prefect1.test", transport=server, library=False):
        some = next(run for run in fw.find_flow_runs() if run.parameters)
        key, value = next(iter(some.parameters.items()))
        assert some in fw.find_flow_runs(parameters={key: value})
        assert not fw.find_flow_runs(parameters={key: "no such value"})
        for condition in ({"tags": "a"}, {"deployment": "a"}, {"work_pool": "a"}):
            with pytest.raises(InvalidArgument, match=r"Prefect 1 has no"):
                fw.find_flow_runs(**condition)


LATER = ENDED.add(days=1)


@pytest.fixture
def mixed(tmp_path):
    """A store with a run that ended, one that goes on, one to come, one that was never begun, and one below another."""
    path = tmp_path / "mixed.sqlite"
    library = Library(path)
    to_come = states.Scheduled(name="Late", start_time=LATER)
    over = {"state": states.Success(timestamp=ENDED), "states": ()}
    for run in (
        small(1, name="ended", started_at=ENDED, **over),
        small(2, name="goes on", state=states.Running(timestamp=ENDED), states=(), started_at=ENDED.add(seconds=1), ended_at=None),
        small(3, name="to come", state=to_come, states=(), started_at=None, ended_at=None, scheduled_start_at=LATER),
        small(4, name="crashed before", state=states.Crashed("no pod", timestamp=ENDED), states=(), started_at=None, scheduled_start_at=ENDED),
        small(5, name="below", parent_task_run_id=identifier(99), started_at=ENDED.add(seconds=2), **over),
    ):  # fmt: skip
        assert library.keep(URL, "Prefect 3", run, (), LogColumns())
    library.close()
    return path


def names(runs):
    return {run.name for run in runs}


def test_runs_that_began_are_listed_unless_others_are_asked_for(mixed):
    with fw.connect(mixed):
        assert names(fw.find_flow_runs()) == {"ended", "goes on", "crashed before"}
        assert names(fw.find_flow_runs(subflows=True)) == {
            "ended", "goes on", "crashed before", "below",
        }  # fmt: skip
        assert names(fw.find_flow_runs(state="pending")) == {"to come"}
        assert fw.latest().name == "goes on"
        assert fw.latest(subflows=True).name == "below"
        assert fw.latest(state="scheduled").name == "to come"
        with pytest.raises(NotFound, match=r"subflows=True"):
            fw.latest("no-such-flow")


def test_prefect_1_leaves_out_what_is_to_come_as_well(mixed):
    server = Counting(Gateway(mixed).wsgi)
    with fw.connect("http://prefect1.test", transport=server, library=False):
        found = names(fw.find_flow_runs(since="2020-01-01", until="2040-01-01"))
        assert found == {"ended", "goes on", "crashed before", "below"}
        assert names(fw.find_flow_runs(state="scheduled")) == {"to come"}


def test_a_run_to_come_says_when_it_is_due(mixed):
    with fw.connect(mixed):
        runs = fw.find_flow_runs(state="scheduled")
    due = f"due {LATER.day} {LATER.strftime('%b %Y, %H:%M:%S')}"
    assert due in repr(runs)
    assert due in runs._repr_mimebundle_()[0]["text/html"]


def test_without_any_configuration_it_is_said_where_was_looked_and_how_to_connect(
    mixed, monkeypatch, caplog
):
    with pytest.raises(NotFound) as raised:
        fw.latest("nightly")
    for words in ("PREFECT_API_URL", "profile", "local library", "store.sqlite", "fw.connect(url)"):
        assert words in str(raised.value)
    assert fw.find_flow_runs() == []
    assert "No server is configured" in caplog.text
    caplog.clear()
    monkeypatch.setenv("FLOWRUN_STORE", str(mixed))
    assert fw.latest().name == "goes on"
    assert "the local library was read" in caplog.text
    assert str(mixed) in caplog.text
    caplog.clear()
    with fw.connect(mixed):
        fw.latest()
    assert caplog.text == ""
