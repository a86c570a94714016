"""The local library: what is kept, what is read back, and that nothing else is affected."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from pathlib import Path
from uuid import UUID

import httpx
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

import flowrun_widgets as fw
from flowrun_widgets import states
from flowrun_widgets.connection.library import Library
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import NotFound
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.recordings.replay import NAMES, recording
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.redaction import REDACTED, is_secret_name
from flowrun_widgets.redaction.records import redacted_json, redacted_text
from flowrun_widgets.settings import library_cap
from flowrun_widgets.store.reader import Store
from tests.prefect3.fake import RUN, URL, FakePrefect, line, state
from tests.runs import (
    ENDED,
    FLOW_ID,
    RUN_ID,
    any_lines,
    flow_runs,
    flows,
    plain,
    small,
    some,
    some_lines,
    task_runs,
)


@pytest.fixture(autouse=True)
def few_threads_left():
    """Whatever is being kept is kept before the store goes."""
    yield
    for thread in threading.enumerate():
        if thread.name == "flowrun-library":
            thread.join()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A library that many examples write into."""
    return Library(tmp_path_factory.mktemp("library") / "store.sqlite")


def kept(library, run, tasks=(), logs=None, flow=None, **more):
    """Keep a run of Prefect 3."""
    return library.keep(URL, "Prefect 3", run, tasks, logs or LogColumns(), flow, **more)


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(run=flow_runs, tasks=task_runs, logs=any_lines(), flow=some(flows))
def test_what_comes_back_equals_what_went_in(shared, run, tasks, logs, flow):
    assert kept(shared, run, tasks, logs, flow)
    found = shared.find(URL, RUN_ID)
    assert found is not None
    assert repr(found.record.identity()) == repr(run.identity())
    assert found.record.identity() == run.identity()
    back = shared.store.task_runs(RUN_ID).records
    assert [one.identity() for one in back] == [one.identity() for one in tasks]
    assert list(shared.store.task_run_ids(RUN_ID)) == [one.id for one in tasks]
    assert plain(shared.store.logs(RUN_ID, None, None).columns) == plain(logs)
    if flow is not None and run.flow_id is not None:
        assert shared.store.flow(FLOW_ID).identity() == flow.identity()


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_run_comes_back_as_it_was(recorded_store, tmp_path, name):
    source, library = Store(recorded_store), Library(tmp_path / "library.sqlite")
    run = source.flow_run(recording(name).flow_run_id)
    tasks, logs = source.task_runs(run.id).records, source.logs(run.id, None, None).columns
    flow = source.flow(run.flow_id)
    assert kept(library, run, tasks, logs, flow)
    assert library.find(URL, run.id).record.identity() == run.identity()
    assert [t.identity() for t in library.store.task_runs(run.id).records] == [
        t.identity() for t in tasks
    ]
    assert plain(library.store.logs(run.id, None, None).columns) == plain(logs)
    assert library.store.flow(run.flow_id).identity() == flow.identity()


def test_opening_a_kept_run_again_costs_three_small_requests(tmp_path):
    fake = FakePrefect(lines=[*map(line, range(450))])
    fake.state = {**fake.state, "timestamp": "2023-01-01T00:00:00Z"}
    with fw.connect(URL, transport=fake) as connection:
        first = fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True)
        logs = first.get_logs()
        connection.backend._library.wait()
    again = FakePrefect()
    again.state = fake.state
    with fw.connect(URL, transport=again):
        view = fw.FlowRunView.from_flow_run_id(RUN)
        assert view.get_all_task_runs() == first.get_all_task_runs()
        assert list(view.get_logs()) == list(logs)
        assert view.get_timeline() == ()
        assert len(view.peek().last) == 200
        assert view == first
        opening = ["/flow_runs/" + RUN, "/logs/filter", "/task_runs/filter", "/ui-settings"]
        assert sorted(again.paths()) == opening
        latest = view.get_latest()
        assert len(latest.get_logs()) == 450
        assert latest.get_all_task_runs() == []
        assert sorted(again.paths()[4:]) == opening[:3]


@pytest.fixture
def read_once():
    """A fake server with a run that ended long ago, which was read whole and is kept."""
    fake = FakePrefect(lines=[*map(line, range(5))])
    fake.state = {**fake.state, "timestamp": "2023-01-01T00:00:00Z"}
    fake.task_runs = [task_run(1), task_run(2)]
    with fw.connect(URL, transport=fake) as connection:
        view = fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True)
        view.get_logs()
        connection.backend._library.wait()
    return fake


def task_run(number, kind="COMPLETED", name="Completed"):
    started = None if kind == "PENDING" else "2023-01-01T00:00:00Z"
    return {"id": str(UUID(int=number)), "name": f"t-{number}", "flow_run_id": RUN, "start_time": started,
            "state": state(kind, name), "expected_start_time": f"2023-01-01T00:00:{number:02}Z"}  # fmt: skip


@pytest.mark.parametrize("looks", [0, 1])
@pytest.mark.parametrize("late", ["a line", "a task run", "both"])
def test_what_comes_after_a_run_was_kept_appears(read_once, late, looks):
    """A hook goes on after the end, a worker has a last word, an event was on its way."""
    with fw.connect(URL, transport=read_once):
        view = fw.FlowRunView.from_flow_run_id(RUN)
        if looks:
            view.get_logs()
            view.get_all_task_runs()
        if late != "a task run":
            read_once.lines.append(line(3_000))
        if late != "a line":
            read_once.task_runs.append(task_run(3))
        wanted = len(read_once.lines), len(read_once.task_runs)
        latest = view.get_latest()
        assert (len(latest.get_logs()), len(latest.get_all_task_runs())) == wanted
        again = fw.FlowRunView.from_flow_run_id(RUN)
        assert (len(again.get_logs()), len(again.get_all_task_runs())) == wanted
        again.connection.backend._library.wait()
    kept = Library(Path(os.environ["FLOWRUN_STORE"])).find(URL, RUN)
    assert (kept.extent.lines, kept.extent.task_runs) == wanted


def test_a_task_run_that_ended_after_the_copy_was_made_is_seen_to_have_ended(read_once):
    read_once.task_runs.append(task_run(3, "RUNNING", "Running"))
    with fw.connect(URL, transport=read_once) as connection:
        fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True).get_logs()
        connection.backend._library.wait()
        read_once.task_runs[-1] = task_run(3)
        view = fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True)
        assert [one.state.name for one in view.get_all_task_runs()] == ["Completed"] * 3


@pytest.fixture
def prefect1_run(recorded_store, tmp_path):
    """A Prefect 1 server over a store of its own, a run of it that was read once, and how many questions came."""
    store = Path(shutil.copy(recorded_store, tmp_path / "server.sqlite"))
    asked: list[httpx.Request] = []
    inside = httpx.WSGITransport(app=Gateway(store).wsgi)

    class Server(httpx.BaseTransport):
        def handle_request(self, request):
            asked.append(request)
            return inside.handle_request(request)

    run_id = recording(NAMES[0]).flow_run_id
    with fw.connect("http://p1.test/graphql", transport=Server()) as connection:
        run = fw.FlowRunView.from_flow_run_id(run_id)
        run.get_logs()
        run.get_all_task_runs()
        connection.backend._library.wait()
    return Server(), store, run, asked


def test_on_prefect_1_one_question_tells_that_a_copy_is_whole(prefect1_run):
    server, _, run, asked = prefect1_run
    with fw.connect("http://p1.test/graphql", transport=server):
        before = len(asked)
        again = fw.FlowRunView.from_flow_run_id(run.flow_run_id)
        assert list(again.get_logs()) == list(run.get_logs())
        assert len(again.get_all_task_runs()) == len(run.get_all_task_runs())
        assert len(asked) == before + 1


@pytest.mark.parametrize("looks", [0, 1])
def test_on_prefect_1_a_line_that_came_later_appears(prefect1_run, looks):
    server, store, run, _ = prefect1_run
    with fw.connect("http://p1.test/graphql", transport=server):
        again = fw.FlowRunView.from_flow_run_id(run.flow_run_id)
        if looks:
            again.get_logs()
        with sqlite3.connect(store) as rows:
            rows.execute(
                "insert into log (id, flow_run_id, timestamp, level, message, created, updated) "
                "select ?, flow_run_id, max(timestamp) + 1, 'ERROR', 'hook failed', max(created), max(updated) + 1 "
                "from log where flow_run_id = ?",
                (str(UUID(int=987)), run.flow_run_id),
            )
        latest = again.get_latest()
        assert latest.get_logs()[-1].message == "hook failed"
        assert len(latest.get_logs()) == len(run.get_logs()) + 1


def test_a_copy_serves_where_the_server_does_not_say_how_much_there_is(read_once):
    def broken(request):
        is_question = request.url.path.endswith("/filter")
        return httpx.Response(500, json={"detail": "broken"}) if is_question else None

    read_once.first = broken
    with fw.connect(URL, transport=read_once):
        view = fw.FlowRunView.from_flow_run_id(RUN)
        assert len(view.get_logs()) == 5
        assert set(view.missing) == {"late lines", "late task runs"}


def test_a_run_of_which_a_part_was_missing_is_not_kept(nothing_configured):
    fake = FakePrefect(lines=[line(1)])
    fake.first = lambda request: (
        httpx.Response(500) if request.url.path.endswith("/flow_run_states/") else None
    )
    with fw.connect(URL, transport=fake):
        view = fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True)
        view.get_logs()
        assert set(view.missing) == {"history"}
    assert not (nothing_configured / "store.sqlite").exists()


def test_a_run_that_changed_on_the_server_is_read_from_it(tmp_path):
    fake = FakePrefect(lines=[*map(line, range(5))])
    fake.state = {**fake.state, "timestamp": "2023-01-01T00:00:00Z"}
    with fw.connect(URL, transport=fake) as connection:
        view = fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True)
        view.get_logs()
        connection.backend._library.wait()
        view = fw.FlowRunView.from_flow_run_id(RUN)
        view.get_logs()
        fake.state = {**fake.state, "name": "Again", "timestamp": "2023-01-02T00:00:00Z"}
        fake.lines.append(line(6))
        assert len(view.get_latest().get_logs()) == 6
        assert len(fw.FlowRunView.from_flow_run_id(RUN).get_logs()) == 6


def test_a_run_read_right_after_its_end_is_read_again(tmp_path):
    library = Library(tmp_path / "s.sqlite")
    assert kept(library, small(), read_at=ENDED.add(seconds=5))
    assert not library.find(URL, RUN_ID).is_settled
    assert kept(library, small(), read_at=ENDED.add(seconds=61))
    assert library.find(URL, RUN_ID).is_settled


def test_a_run_that_the_server_has_forgotten_comes_from_the_library(nothing_configured):
    library = Library(nothing_configured / "store.sqlite")
    kept(library, small(), logs=some_lines(3))
    gone = httpx.MockTransport(lambda _: httpx.Response(404, json={"detail": "gone"}))
    with fw.connect(URL, transport=gone):
        view = fw.FlowRunView.from_flow_run_id(RUN_ID)
        assert view.connection.label == "local store"
        assert len(view.get_logs()) == 3
        assert view.get_latest() == view
        with pytest.raises(NotFound):
            fw.FlowRunView.from_flow_run_id(str(UUID(int=77)))
    fw.disconnect()
    assert len(fw.FlowRunView.from_flow_run_id(RUN_ID).get_logs()) == 3


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_whoever_opts_out_keeps_nothing(nothing_configured, monkeypatch, how):
    if how == "environment":
        monkeypatch.setenv("FLOWRUN_LIBRARY", "off")
    with fw.connect(URL, transport=FakePrefect(), library=how == "environment"):
        view = fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True)
        view.get_logs()
    assert not (nothing_configured / "store.sqlite").exists()


def test_a_run_that_still_goes_on_is_not_kept(nothing_configured):
    fake = FakePrefect()
    fake.state = {**fake.state, "type": "RUNNING", "name": "Running"}
    with fw.connect(URL, transport=fake):
        fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True).get_logs()
    assert not (nothing_configured / "store.sqlite").exists()


def test_above_the_cap_the_run_that_was_opened_longest_ago_goes(tmp_path):
    path = tmp_path / "s.sqlite"
    library = Library(path)
    for number in (1, 2):
        kept(library, small(number), logs=some_lines(500, 1000 * number))
    with sqlite3.connect(path) as store:
        store.execute(
            "update flow_run set extra = json_set(extra, '$.kept.opened_at', 5) where id = ?",
            (str(UUID(int=2)),),
        )
    size = library.store.kept(RUN_ID)["bytes"]
    assert kept(Library(path, int(size * 2.5)), small(3), logs=some_lines(500, 3000))
    assert [library.find(URL, str(UUID(int=n))) is not None for n in (1, 2, 3)] == [
        True,
        False,
        True,
    ]
    with sqlite3.connect(path) as store:
        left = store.execute("select count(*) from log where flow_run_id = ?", (str(UUID(int=2)),))
        assert left.fetchone() == (0,)
    assert not kept(Library(path, size // 2), small(4), logs=some_lines(500, 4000))
    assert library.find(URL, RUN_ID) is not None


def test_runs_that_others_wrote_into_the_store_are_left_alone(store):
    from tests.stores import FLOW_RUN_ID

    library = Library(store)
    before = library.store.flow_run(FLOW_RUN_ID)
    assert not kept(library, small(id=FLOW_RUN_ID))
    assert library.store.flow_run(FLOW_RUN_ID).identity() == before.identity()
    assert library.find(URL, FLOW_RUN_ID) is None


def test_several_writers_at_once_keep_all_their_runs(tmp_path):
    path = tmp_path / "s.sqlite"
    threads = [
        threading.Thread(target=kept, args=(Library(path), small(n), (), some_lines(200, 1000 * n)))
        for n in range(1, 7)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    library = Library(path)
    assert all(library.find(URL, str(UUID(int=n))) for n in range(1, 7))
    assert all(
        len(library.store.logs(str(UUID(int=n)), None, None).columns) == 200 for n in range(1, 7)
    )


def test_a_store_that_cannot_be_written_disturbs_nobody(tmp_path, monkeypatch, caplog):
    path = tmp_path / "file" / "store.sqlite"
    path.parent.write_text("no folder")
    monkeypatch.setenv("FLOWRUN_STORE", str(path))
    with fw.connect(URL, transport=FakePrefect(lines=[line(1)])) as connection:
        view = fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True)
        assert len(view.get_logs()) == 1
        connection.backend._library.wait()
    assert "could not keep" in caplog.text


def test_a_file_that_is_no_store_disturbs_nobody(nothing_configured, caplog):
    (nothing_configured / "store.sqlite").write_bytes(b"x" * 5000)
    with fw.connect(URL, transport=FakePrefect(lines=[line(1)])):
        view = fw.FlowRunView.from_flow_run_id(RUN, load_static_tasks=True)
        assert len(view.get_logs()) == 1
    assert "local library" in caplog.text


def test_secrets_are_not_kept(tmp_path):
    library = Library(tmp_path / "s.sqlite")
    state = states.Failed("no access with password=hunter2", timestamp=ENDED)
    logs = LogColumns.from_lists(
        timestamps=[1, 2], levels=["INFO"] * 2, messages=["postgresql://me:hunter2@db/x", None], ids=[None] * 2,
        loggers=[None] * 2, task_run_ids=[None] * 2, tasks={},
    )  # fmt: skip
    run = small(state=state, states=(state,), parameters=FrozenDict(db_password="hunter2", day="x"))
    assert kept(library, run, [TaskRunRecord("t", RUN_ID, state)], logs)
    assert b"hunter2" not in b"".join(one.read_bytes() for one in tmp_path.glob("s.sqlite*"))
    assert library.find(URL, RUN_ID).record.parameters == {"db_password": REDACTED, "day": "x"}
    back = library.store.logs(RUN_ID, None, None).columns.table["message"].to_pylist()
    assert back == [f"postgresql://{REDACTED}@db/x", None]


@pytest.mark.parametrize(
    "text",
    [
        "https://user:s3cr3t@host/x", "Authorization: Bearer s3cr3t.token", "key AKIAS3CR3TS3CR3TS3CR now",
        "password=s3cr3t", '{"api_key": "s3cr3t"}', "AWS_SECRET_ACCESS_KEY=s3cr3t", "pnu_s3cr3ts3cr3ts3cr3t",
        "Authorization: Basic s3cr3t", "token: s3cr3t",
    ],
)  # fmt: skip
def test_a_secret_in_a_text_is_replaced(text):
    clean = redacted_text(text)
    assert "s3cr3t" not in clean.lower()
    assert REDACTED in clean
    assert redacted_text(clean) == clean


def test_texts_without_secrets_stay_as_they_are():
    for text in (
        "loaded 5 rows from https://host/x@y",
        "tokens used: 5",
        "the secretary",
        "passwords",
    ):
        assert redacted_text(text) == text


def test_names_tell_secrets():
    assert all(
        map(
            is_secret_name,
            ("password", "dbPassword", "API_KEY", "auth-token", "aws_secret_access_key"),
        )
    )
    assert not any(map(is_secret_name, ("max_tokens", "secretary", "day", "keyboard", "author")))
    assert redacted_json({"a": [{"token": 5, "has_token": True}]}) == {
        "a": [{"token": REDACTED, "has_token": True}]
    }


def test_the_cap_is_a_number_of_bytes():
    assert library_cap({}) == 500_000_000
    assert library_cap({"FLOWRUN_LIBRARY_CAP": "7"}) == 7
    assert library_cap({"FLOWRUN_LIBRARY": "OFF"}) is None
    with pytest.raises(fw.errors.SettingsError):
        library_cap({"FLOWRUN_LIBRARY_CAP": "much"})


def test_lines_keep_their_columns():
    assert LogColumns().with_levels({"odd": None}).table.schema == LogColumns().table.schema
    assert isinstance(some_lines().with_messages(some_lines().table["message"]).table, pa.Table)
