"""Views: snapshots that never change."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import flowrun_widgets as fw
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import FLOW_RUN_ID, identifier, log_row, state_row

GETTERS = {
    "flow run": lambda: fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID),
    "task run": lambda: fw.TaskRunView.from_task_run_id(identifier(0x101)),
    "flow": lambda: fw.FlowView.from_flow_id(identifier(0xD)),
}


@pytest.fixture(autouse=True)
def connected(store):
    with fw.connect(store) as connection:
        yield connection


@pytest.fixture(params=GETTERS)
def fetch(request):
    """How to fetch a view of each kind."""
    return GETTERS[request.param]


@pytest.fixture
def run():
    return fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)


def attributes(view):
    """Return the free attributes of a view by name."""
    names = [
        name
        for cls in type(view).__mro__
        for name, value in vars(cls).items()
        if isinstance(value, property) and not name.startswith("_") and name != "task_run_ids"
    ]
    return {name: getattr(view, name) for name in names}


def test_no_attribute_can_be_set_or_deleted(fetch):
    view = fetch()
    for name in [*attributes(view), "anything", "_record"]:
        with pytest.raises(AttributeError):
            setattr(view, name, None)
        with pytest.raises(AttributeError):
            delattr(view, name)
    assert view == fetch()


def containers(value, path="view"):
    """Yield every container in a value, however deep, with where it is."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from containers(item, f"{path}[{key!r}]")
    elif isinstance(value, tuple | list | set):
        yield path, value
        for number, item in enumerate(value):
            yield from containers(item, f"{path}[{number}]")


def test_no_container_of_a_view_can_be_changed(fetch):
    view = fetch()
    seen = 0
    for path, container in containers(attributes(view)):
        if path == "view":
            continue
        seen += 1
        if isinstance(container, dict):
            with pytest.raises(TypeError):
                container["new"] = 1
            with pytest.raises(TypeError):
                container.clear()
        else:
            assert not isinstance(container, list | set), path
            assert not hasattr(container, "append"), path
    assert seen >= 1


def test_lists_that_calls_return_are_the_callers_own(run):
    run.get_task_run_ids().clear()
    run.task_run_ids.clear()
    run.get_all_task_runs().clear()
    assert len(run.get_task_run_ids()) == len(run.get_all_task_runs()) == 2


def test_two_fetches_of_the_same_answer_are_equal_and_hash_alike(fetch):
    assert fetch() == fetch()
    assert hash(fetch()) == hash(fetch())
    assert len({fetch(), fetch()}) == 1


def test_what_was_read_beside_the_record_does_not_count(run):
    other = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    other.get_logs()
    other.get_all_task_runs()
    assert run == other
    assert hash(run) == hash(other)
    assert run.as_of <= other.as_of


def test_views_of_different_kinds_and_other_things_are_unequal(run):
    assert run != GETTERS["flow"]()
    assert run != FLOW_RUN_ID


def test_a_view_of_another_source_is_another_view(run, store, tmp_path):
    copied = tmp_path / "copy.sqlite"
    copied.write_bytes(store.read_bytes())
    with fw.connect(copied):
        assert fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID) != run


@pytest.mark.parametrize("message", ["done", "On its way"])
def test_a_new_state_makes_another_view(message, run, store):
    """A message counts, although states that differ in it are equal."""
    with StoreWriter(store) as writer:
        row = state_row(0x1009, {"flow_run_id": FLOW_RUN_ID}, "Running", 61, message=message)
        writer.add_flow_run_state(row)
    latest = run.get_latest()
    assert latest != run
    assert latest.state == run.state
    assert len(latest.states) == len(run.states) + 1


def test_the_old_view_stays_as_it_is_when_the_run_moves_on(run, store):
    run.get_logs()
    before, text = attributes(run), repr(run)
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "news")]})
        writer.add_flow_run_state(state_row(0x1009, {"flow_run_id": FLOW_RUN_ID}, "Success", 61))
    latest = run.get_latest()
    assert latest is not run
    assert latest.state.is_successful()
    assert attributes(run) == before
    assert repr(run) == text
    assert len(run.get_logs()) == 3
    assert len(latest.get_logs()) == 4


def test_everything_but_fetching_works_without_the_source(fetch, connected, store):
    view = fetch()
    connected.close()
    store.unlink()
    assert attributes(view)
    assert repr(view)
    assert view == view
    assert hash(view)


def test_a_copy_is_the_view_itself(fetch):
    view = fetch()
    assert copy.copy(view) is view
    assert copy.deepcopy(view) is view
    assert copy.deepcopy([view]) == [view]


def test_a_pickle_comes_back_equal_and_can_fetch(fetch):
    view = fetch()
    back = pickle.loads(pickle.dumps(view))
    assert back == view
    assert repr(back) == repr(view)
    if hasattr(back, "get_latest"):
        assert back.get_latest() == view


def test_a_pickle_opens_in_another_process(run, tmp_path):
    (tmp_path / "run.pickle").write_bytes(pickle.dumps(run))
    code = "import pickle, sys; run = pickle.load(open(sys.argv[1], 'rb')); print(len(run.get_logs()), run.name)"
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "run.pickle"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "3 small-owl\n"


def test_a_pickle_keeps_when_it_was_fetched(run):
    assert pickle.loads(pickle.dumps(run)).as_of == run.as_of


def test_the_first_log_is_kept_and_later_calls_return_it(run, store):
    assert run.fetched.logs is None
    first = run.get_logs()
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "news")]})
    assert run.get_logs() == first
    assert isinstance(run.get_logs().columns, LogColumns)
    assert run.get_logs().columns is first.columns


def test_flow_metadata_is_kept_until_it_is_asked_for_anew(run, store):
    assert run.get_flow_metadata().name == "hello"
    with StoreWriter(store) as writer:
        connection_of_writer = (
            writer  # the store's own writer: a flow can be renamed by registering it
        )
        connection_of_writer.add(
            {"flow": [{"id": identifier(0xD), "name": "renamed", "created": 0, "updated": 0}]}
        )
    assert run.get_flow_metadata().name == "hello"
    assert run.get_flow_metadata(no_cache=True).name == "renamed"
    assert run.get_flow_metadata().name == "renamed"


def test_a_flow_view_says_what_was_registered():
    flow = GETTERS["flow"]()
    assert repr(flow) == (
        f"FlowView(flow_id='{identifier(0xD)}', name='hello', project_name='default', storage_type=Local)"
    )
    assert (flow.version, flow.archived, flow.flow_group_labels) == (1, False, ["a"])


def test_a_mapped_child_is_found_by_its_index(recorded):
    run = fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id)
    parent = next(view for view in run.get_all_task_runs() if view.state.is_mapped())
    child = run.get_task_run(task_slug=parent.task_slug, map_index=0)
    assert (child.task_slug, child.map_index) == (parent.task_slug, 0)
    assert run.get_task_run(task_slug=parent.task_slug) == parent


def test_an_id_wins_over_a_slug_and_has_to_agree(run):
    by_id = run.get_task_run(task_run_id=identifier(0x101))
    assert by_id == run.get_task_run(
        task_run_id=identifier(0x101), task_slug="task-1", map_index=-1
    )
    with pytest.raises(ValueError, match="different map index"):
        run.get_task_run(task_run_id=identifier(0x101), map_index=3)


def test_a_task_run_of_another_run_is_not_found_in_this_one(recorded):
    runs = [
        fw.FlowRunView.from_flow_run_id(recording(n).flow_run_id)
        for n in ("mapped-success", "live-demo")
    ]
    foreign = runs[1].get_task_run_ids()[0]
    with pytest.raises(LookupError, match="another flow run"):
        runs[0].get_task_run(task_run_id=foreign)


def test_api_picks_a_connection_over_the_ambient_one(store, recorded_store):
    other = fw.connect(recorded_store)
    ambient = fw.connect(store)
    failed = recording("failed-with-retries").flow_run_id
    assert fw.FlowRunView.from_flow_run_id(failed, api=other).name == "stoic-marmot"
    assert ambient.url == str(store)
    with pytest.raises(fw.errors.NotFound):
        fw.FlowRunView.from_flow_run_id(failed)
    other.close()


def test_a_view_is_no_place_for_more_attributes(fetch):
    assert not hasattr(fetch(), "__dict__")
