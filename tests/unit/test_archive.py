"""The archive: what comes back equals what went in, what is refused, and who is protected."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import weakref
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import flowrun_widgets as fw
from flowrun_widgets.cli import main
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import (
    Ambiguous,
    ArchiveError,
    BackendUnavailable,
    FlowRunError,
    InvalidArgument,
    NotFound,
)
from flowrun_widgets.export.archive import save
from flowrun_widgets.export.saved import Saved
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.recordings.replay import NAMES, recording
from flowrun_widgets.records import ArtifactRecord, TaskRunRecord
from flowrun_widgets.redaction import Redaction
from flowrun_widgets.redaction.records import redacted_record
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.runs.archive import open_archive
from flowrun_widgets.states import Failed, Running, State, Success
from flowrun_widgets.store.archive import ArchiveStore, _alone, write
from tests.prefect3.fake import RUN, URL, FakePrefect, line
from tests.prefect3.fake import state as fake_state
from tests.runs import (
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
from tests.secrets import CANARY, TEXTS_WITH_CANARIES
from tests.stores import FLOW_RUN_ID, log_row, small_run

ROOT = Path(__file__).parents[2]
json_data = st.one_of(st.none(), st.text(max_size=5), st.integers(0, 9), st.just(({"a": 1}, 2)))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """An archive that many examples are written into."""
    return tmp_path_factory.mktemp("archive") / "x.flowrun"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.flowrun"


def view(run):
    """Return all that a view of a run says, its log without `seq`."""
    return (
        run.record.identity(),
        [one._record.identity() for one in run.get_all_task_runs()],
        plain(run.get_logs().columns),
        run.get_flow_metadata()._record.identity(),
    )


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(run=flow_runs, tasks=task_runs, logs=any_lines(), flow=some(flows), data=json_data)
def test_what_comes_back_equals_what_went_in(shared, run, tasks, logs, flow, data):
    artifacts = (
        ArtifactRecord("a", "table", data, "key", "text", None, None),
        ArtifactRecord("b", "markdown", "# x", task_run_id="t"),
    )
    content = RunContent(run, tasks, logs, flow, artifacts)
    write(shared, [(content, {})], 5)
    store = ArchiveStore(shared)
    assert store.flow_run(RUN_ID).identity() == run.identity()
    assert [one.identity() for one in store.task_runs(RUN_ID).records] == [
        one.identity() for one in tasks
    ]
    assert plain(store.logs(RUN_ID, None, None).columns) == plain(logs)
    assert [one.identity() for one in store.artifacts(RUN_ID)] == [
        one.identity() for one in artifacts
    ]
    if flow is not None and run.flow_id is not None:
        assert store.flow(flow.id).identity() == flow.identity()
    store.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_run_comes_back_as_it_was(recorded, path, name):
    run = fw.FlowRunView.from_flow_run_id(recording(name).flow_run_id)
    save([run], path)
    with open_archive(path) as archive:
        [back] = archive.runs
        assert view(back) == view(run)
        assert back.states == run.states
        assert back.get_latest() == back
        assert [*back.get_logs().to_pandas()["message"]] == [*run.get_logs().to_pandas()["message"]]
        assert back.get_task_run(task_run_id=run.get_task_run_ids()[0]).states
        assert back.as_of == run.as_of
        assert back.connection.label == "archive"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_taken_out_of_a_run_that_has_no_secret(recorded, name):
    run = fw.FlowRunView.from_flow_run_id(recording(name).flow_run_id)
    tasks = tuple(one._record for one in run.get_all_task_runs())
    content = RunContent(run.record, tasks, run.get_logs().columns, run.get_flow_metadata()._record)
    clean = shareable(content, Redaction())
    assert clean.count == 0
    assert clean.value.run is content.run
    assert clean.value.logs is content.logs
    assert all(a is b for a, b in zip(clean.value.task_runs, tasks, strict=True))


def test_an_archive_is_a_source_like_any_other(recorded, path, capsys):
    run = fw.FlowRunView.from_flow_run_id(recording(NAMES[1]).flow_run_id)
    run.save(path)
    with fw.connect(path) as connection:
        assert connection.label == "archive"
        assert view(fw.FlowRunView.from_flow_run_id(run.flow_run_id)) == view(run)
        assert fw.latest(api=connection).record.identity() == run.record.identity()
        assert fw.graphql("{ flow_run { name } }") == {"data": {"flow_run": [{"name": run.name}]}}
    assert main(["show", run.flow_run_id, "--api", str(path)]) == 0
    assert run.name in capsys.readouterr().out


def test_lines_of_one_moment_keep_their_order(path):
    count = 300
    logs = LogColumns.from_lists(
        timestamps=[5] * count, levels=["INFO"] * count, messages=[f"line {n}" for n in range(count)],
        ids=[str(UUID(int=(n * 7919) % 1009)) for n in range(count)], loggers=[None] * count,
        task_run_ids=[None] * count, tasks={},
    )  # fmt: skip
    write(path, [(RunContent(small(), (), logs), {})], 5)
    back = ArchiveStore(path).logs(RUN_ID, None, None).columns.table
    assert back["message"].to_pylist() == [f"line {n}" for n in range(count)]
    assert back["seq"].to_pylist() == [*range(count)]


@pytest.mark.parametrize("read", ["nothing", "logs", "task runs", "everything"])
def test_a_run_that_was_read_in_part_is_saved_whole(path, read):
    fake = FakePrefect(lines=[*map(line, range(450))])
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        if read in {"logs", "everything"}:
            run.get_logs()
        if read in {"task runs", "everything"}:
            run.get_all_task_runs()
        asked = len(fake.requests)
        saved = save([run], path)
        if read == "everything":
            assert fake.paths()[asked:] == [f"/flows/{run.flow_id}", "/artifacts/filter"]
    assert saved.missing == ("artifacts",)
    with open_archive(path) as archive:
        assert len(archive.runs[0].get_logs()) == 450
        assert archive.runs[0].record.identity() == run.record.identity()
        assert archive.runs[0].get_flow_metadata().name == "nightly"


def test_histories_that_a_list_does_not_have_are_read_for_what_was_tried_again(path):
    import httpx

    def task(number, count):
        return {
            "id": str(UUID(int=number)), "name": f"load-{number}", "task_key": "load", "dynamic_key": str(number),
            "flow_run_id": RUN, "state": fake_state("COMPLETED", "Completed"), "run_count": count,
        }  # fmt: skip

    def first(request):
        place = request.url.path.removeprefix("/api")
        if place.startswith("/task_runs/0000"):
            return httpx.Response(200, json=task(2, 3))
        if place == "/task_run_states/":
            states = [fake_state("RUNNING", "Running"), fake_state("COMPLETED", "Completed")]
            return httpx.Response(200, json=states)
        return None

    fake = FakePrefect(first=first)
    fake.task_runs = [task(1, 1), task(2, 3)]
    with fw.connect(URL, transport=fake, library=False):
        fw.FlowRunView.from_flow_run_id(RUN).save(path)
    with fw.open_archive(path) as archive:
        once, again = archive.runs[0].get_all_task_runs()
        assert [len(one.states) for one in (once, again)] == [0, 2]
        assert again.run_count == 3


def test_a_run_is_saved_once_and_others_stay(path):
    def names():
        with open_archive(path) as archive:
            return [run.name for run in archive.runs]

    first, second = small(1, name="one"), small(2, name="two")
    for record in (first, second, replace(first, name="again")):
        write(path, [(RunContent(record, (), some_lines(5, int(UUID(record.id)) * 100)), {})], 5)
    assert names() == ["two", "again"]
    with open_archive(path) as archive:
        assert [len(run.get_logs()) for run in archive.runs] == [5, 5]
        with pytest.raises(NotFound):
            archive.runs["one"]


def test_nothing_of_a_run_that_was_replaced_is_left(recorded, path):
    run = small(name="x", parameters=FrozenDict(note=f"password={CANARY}"))
    write(path, [(RunContent(run, (), some_lines(300)), {})], 5)
    assert CANARY.encode() in path.read_bytes()
    write(path, [(shareable(RunContent(run), Redaction()).value, {})], 5)
    assert CANARY.encode() not in path.read_bytes()


def test_runs_are_found_by_position_name_and_id(path):
    records = [
        small(1, name="one"),
        small(2, name="two"),
        small(3, name="two"),
        small(4, name=None),
    ]
    write(path, [(RunContent(record), {}) for record in records], 5)
    with open_archive(path) as archive:
        runs = archive.runs
        assert len(runs) == 4
        assert runs["one"] == runs[0] == runs[UUID(int=1)] == runs[str(UUID(int=1))]
        assert [run.flow_run_id for run in runs[1:3]] == [str(UUID(int=2)), str(UUID(int=3))]
        assert runs._ipython_key_completions_() == ["one", "two", "two", str(UUID(int=4))]
        assert "one" in runs
        assert runs[0] in runs
        assert "x" not in runs
        with pytest.raises(Ambiguous) as caught:
            runs["two"]
        assert len(caught.value.candidates) == 2
        with pytest.raises(NotFound):
            runs["three"]
        with pytest.raises(IndexError):
            runs[9]
        assert "one" in repr(archive)


def test_archives_and_their_views_pickle(recorded, path):
    run = fw.FlowRunView.from_flow_run_id(recording(NAMES[0]).flow_run_id)
    save([run], path)
    with open_archive(path, redact=Redaction(names=("iban",))) as archive:
        for back in (
            pickle.loads(pickle.dumps(archive)).runs[0],
            pickle.loads(pickle.dumps(archive.runs[0])),
        ):
            assert back == archive.runs[0]
            assert back.as_of == run.as_of
            assert back.connection.redaction == Redaction(names=("iban",))
            assert len(back.get_logs()) == len(run.get_logs())


def test_a_closed_archive_reads_no_more(path):
    write(path, [(RunContent(small()), {})], 5)
    archive = open_archive(path)
    run = archive.runs[0]
    archive.close()
    with pytest.raises(FlowRunError):
        run.get_logs()


def test_an_archive_that_was_replaced_while_it_is_open_is_read_anew(path):
    write(path, [(RunContent(small(), (), some_lines(3)), {})], 5)
    with open_archive(path) as archive:
        run = archive.runs[0]
        assert len(run.get_logs()) == 3
        write(path, [(RunContent(small(), (), some_lines(8)), {})], 5)
        assert len(run.get_latest().get_logs()) == 8
        path.unlink()
        with pytest.raises(NotFound):
            run.get_latest()


def test_sub_flows_are_saved_with_their_parent(path):
    parent = small(1, name="parent")
    stands_for = TaskRunRecord(
        str(UUID(int=50)), parent.id, Success(), "child-0", child_flow_run_id=str(UUID(int=2))
    )
    child = small(2, name="child", parent_task_run_id=stands_for.id)
    write(
        path,
        [
            (RunContent(parent, (stands_for,), some_lines(2)), {}),
            (RunContent(child, (), some_lines(3, 100)), {}),
        ],
        5,
    )
    with open_archive(path) as archive:
        [below] = archive.runs["parent"].get_subflow_runs()
        assert below == archive.runs["child"]
        assert len(archive.runs["parent"].get_logs(subflows=True)) == 5
        assert len(archive.runs["parent"].get_logs()) == 2


def test_reading_writes_nothing(path):
    write(path, [(RunContent(small(), (), some_lines(3)), {})], 5)
    path.chmod(0o444)
    before = path.read_bytes(), path.stat().st_mtime_ns
    with open_archive(path) as archive:
        archive.runs[0].get_logs()
        archive.runs[0].get_all_task_runs()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [one.name for one in path.parent.iterdir() if one.suffix not in {""}] == ["x.flowrun"]


def test_an_archive_keeps_its_rights_and_a_link_stays_a_link(path, tmp_path):
    write(path, [(RunContent(small()), {})], 5)
    path.chmod(0o640)
    link = tmp_path / "link.flowrun"
    link.symlink_to(path)
    with fw.connect(tmp_path / "x.flowrun"):
        run = fw.FlowRunView.from_flow_run_id(RUN_ID)
        saved = save([run], link)
    assert saved.path == path
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_was_noted_of_a_run_survives_saving_it_again(recorded, path, tmp_path):
    run = fw.FlowRunView.from_flow_run_id(recording(NAMES[0]).flow_run_id)
    save([run], path)
    with open_archive(path) as archive:
        save(archive.runs, tmp_path / "y.flowrun")
        with open_archive(tmp_path / "y.flowrun") as again:
            assert view(again.runs[0]) == view(run)
            assert again.runs[0].as_of == run.as_of
            noted = again.runs[0].connection.backend.kept(run.flow_run_id)
            assert noted["source_url"] == recorded.url


# What is no archive


def other_files(tmp_path, store):
    """Return files that are not archives of this package."""
    made = {}

    def put(name, content):
        made[name] = tmp_path / f"{name}.flowrun"
        made[name].write_bytes(content)

    put("empty", b"")
    put("text", b"hello" * 2000)
    put("picture", b"\x89PNG\r\n" + bytes(5000))
    put("head only", b"SQLite format 3\0")
    put("store in use", store.read_bytes())
    for name, statements in {
        "other database": ["create table x (a)"],
        "same number": ["pragma application_id = 1179406935", "create table flow_run (id)"],
    }.items():
        made[name] = tmp_path / f"{name}.flowrun"
        with closing(sqlite3.connect(made[name], isolation_level=None)) as other:
            for statement in statements:
                other.execute(statement)
    return made


def test_what_is_no_archive_is_neither_opened_nor_overwritten(tmp_path, store, recorded):
    run = fw.FlowRunView.from_flow_run_id(recording(NAMES[0]).flow_run_id)
    for name, file in other_files(tmp_path, store).items():
        before = file.read_bytes()
        with pytest.raises(ArchiveError):
            open_archive(file)
        with pytest.raises(ArchiveError):
            save([run], file)
        assert file.read_bytes() == before, name


def test_a_path_that_no_file_can_have_is_refused(tmp_path, recorded):
    run = fw.FlowRunView.from_flow_run_id(recording(NAMES[0]).flow_run_id)
    with pytest.raises(NotFound):
        open_archive(tmp_path / "none.flowrun")
    with pytest.raises(FlowRunError):
        open_archive(tmp_path)
    for wrong in (
        tmp_path / "no" / "x.flowrun",
        "\0",
        tmp_path / ("x" * 300),
        5,
        "~nobody-here/x.flowrun",
    ):
        with pytest.raises(InvalidArgument):
            save([run], wrong)
    with pytest.raises(FlowRunError):
        save([run], tmp_path)
    with pytest.raises(InvalidArgument):
        save(["x"], tmp_path / "x.flowrun")
    with pytest.raises(InvalidArgument):
        save([run], tmp_path / "x.flowrun", redact="yes")
    assert not (tmp_path / "x.flowrun").exists()


def test_a_newer_format_says_so(path):
    write(path, [(RunContent(small()), {})], 5)
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("pragma user_version = 99")
    with pytest.raises(ArchiveError, match="newer"):
        open_archive(path)
    with pytest.raises(ArchiveError, match="newer"):
        write(path, [(RunContent(small()), {})], 5)


def test_a_failed_write_leaves_the_old_archive_and_no_rest(path):
    write(path, [(RunContent(small(), (), some_lines(3)), {})], 5)
    before = path.read_bytes()
    same_id = some_lines(1)
    with pytest.raises(ArchiveError):
        write(
            path,
            [(RunContent(small(2), (), same_id), {}), (RunContent(small(3), (), same_id), {})],
            5,
        )
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir() if one.is_file()] == ["x.flowrun"]


def test_a_run_that_cannot_be_read_is_not_saved_by_half(path):
    def late(request):
        import httpx

        return httpx.Response(503) if "logs" in request.url.path else None

    fake = FakePrefect(first=late)
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        import stamina

        with stamina.set_testing(True, attempts=1), pytest.raises(BackendUnavailable):
            save([run], path)
    assert not path.exists()


def test_several_savers_at_once_lose_no_run(path):
    def one(number):
        write(path, [(RunContent(small(number), (), some_lines(50, 1000 * number)), {})], 5)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_archive(path) as archive:
        assert len(archive.runs) == 6
        assert all(len(run.get_logs()) == 50 for run in archive.runs)


SAVING = """
import sys
from pathlib import Path
from flowrun_widgets.redaction.shareable import RunContent
from flowrun_widgets.store.archive import write
from tests.runs import small, some_lines
for number in map(int, sys.argv[2:]):
    write(Path(sys.argv[1]), [(RunContent(small(number), (), some_lines(20, 1000 * number)), {})], 5)
"""


def test_several_processes_that_save_at_once_lose_no_run(path):
    numbers = [("1", "2", "3"), ("4", "5", "6")]
    savers = [
        subprocess.Popen([sys.executable, "-c", SAVING, path, *some], cwd=ROOT) for some in numbers
    ]
    assert [saver.wait(60) for saver in savers] == [0, 0]
    with open_archive(path) as archive:
        assert len(archive.runs) == 6
    assert [one.name for one in path.parent.iterdir() if one.is_file()] == ["x.flowrun"]


FULL = """
import resource, signal, sys
from pathlib import Path
import flowrun_widgets as fw
from flowrun_widgets.redaction.shareable import RunContent
from flowrun_widgets.store.archive import write
from tests.export.runs import run_saying
from tests.runs import small, some_lines
run = run_saying(["x" * 900] * 900)
lines = some_lines(5000, 9000)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
path = Path(sys.argv[1])
try:
    if path.suffix == ".html":
        run.to_html(path)
    else:
        write(path, [(RunContent(small(2), (), lines), {})], 5)
except fw.FlowRunError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["x.flowrun", "x.html"])
@pytest.mark.parametrize("limit", [100_000, 120_000])
def test_a_full_disk_leaves_the_old_file_whole(tmp_path, name, limit):
    path = tmp_path / name
    if name == "x.html":
        path.write_text("what was there before")
    else:
        write(path, [(RunContent(small(), (), some_lines(3)), {})], 5)
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", FULL, path, str(limit)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "cannot" in done.stdout or "can be written" in done.stdout
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [name]


# Archives that somebody made on purpose


def tampered(path, *statements, values=()):
    """Change an archive as an attacker with the file could, bypassing every constraint."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("pragma ignore_check_constraints = on")
        other.execute("pragma writable_schema = on")
        for statement in statements:
            other.execute(statement, values if "?" in statement else ())


@pytest.mark.parametrize(
    "statement",
    [
        "create trigger evil after insert on log begin delete from flow_run; end",
        "create view extra as select load_extension('x')",
        "create table more (a)",
        "create index more on log (message)",
        "create index more on flow_run (json(parameters))",
        "alter table flow_run add column x text generated always as (hex(randomblob(1000000)))",
        "drop index by_flow_run_name",
        "drop table cloud_hook",
        "create virtual table v using fts5(a)",
        "update sqlite_master set sql = replace(sql, 'name text', 'name text default (hex(1))') where name = 'flow_run'",
    ],
)
def test_a_schema_that_is_not_ours_is_refused(path, statement):
    write(path, [(RunContent(small()), {})], 5)
    tampered(path, statement)
    with pytest.raises(ArchiveError):
        open_archive(path)
    with pytest.raises(ArchiveError):
        write(path, [(RunContent(small()), {})], 5)


HOSTILE_KEPT = [
    '{"kept": {"record": {"state": {"state": ["replace", {}]}}}}',
    '{"kept": {"record": {"state": {"state": ["state_from_json", {"json": {}}]}}}}',
    '{"kept": {"record": {"state": {"state": ["Failed", {"message": {"object": {}}}]}}}}',
    '{"kept": {"record": {"state": 5}}}',
    '{"kept": {"record": {"name": 5}}}',
    '{"kept": {"record": {"id": {"object": {}}}}}',
    '{"kept": {"record": {"tags": {"list": [5]}}}}',
    '{"kept": {"record": {"states": {"tuple": [5]}}}}',
    '{"kept": {"record": {"created_at": {"time": 99999999999999999999}}}}',
    '{"kept": {"record": {"created_at": {"time": "x"}}}}',
    '{"kept": {"record": {"parameters": {"evil": 1}}}}',
    '{"kept": {"record": {"parameters": {"object": 5}}}}',
    '{"kept": {"record": {"parameters": {"a": 1, "b": 2}}}}',
    '{"kept": {"record": {"run_count": true}}}',
    '{"kept": {"record": [1]}}',
    '{"kept": {"record": ' + '{"object": {"a": ' * 500 + "1" + "}}" * 500 + "}}",
    "[" * 100_000,
    "not json",
    "5",
]


@pytest.mark.parametrize("extra", HOSTILE_KEPT, ids=range(len(HOSTILE_KEPT)))
def test_odd_values_are_our_errors_and_never_called(path, extra):
    write(path, [(RunContent(small(), (), some_lines(2)), {})], 5)
    tampered(path, "update flow_run set extra = ?", values=(extra,))
    try:
        with open_archive(path) as archive:
            for run in archive.runs:
                run.get_logs()
                assert isinstance(run.flow_run_id, str)
                assert isinstance(run.state, State)
    except FlowRunError:
        pass
    else:
        assert extra in {"5", *HOSTILE_KEPT[:2]}


@pytest.mark.parametrize(
    "kept",
    [
        '{"kept": {"levels": {"INFO": "x"}, "tasks": [1]}}',
        '{"kept": {"levels": {"INFO": 99999999}, "tasks": {"a": 5}}}',
        '{"kept": {"levels": 5, "tasks": 5, "read_at": "x"}}',
        '{"kept": {"read_at": 1e300}}',
        '{"kept": {"read_at": 99999999999999999999999}}',
        '{"kept": {"read_at": null, "source_url": {}}}',
        '{"kept": {}}',
    ],
)
def test_odd_notes_are_left_out(path, kept):
    write(path, [(RunContent(small(), (), some_lines(2)), {})], 5)
    tampered(path, "update flow_run set extra = ?", values=(kept,))
    with open_archive(path) as archive:
        assert len(archive.runs[0].get_logs()) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "update log set timestamp = 9223372036854775807",
        "update flow_run set parameters = '[1, 2]'",
        "update flow_run set serialized_state = '{\"type\": 5}'",
        "update flow_run set serialized_state = '\"x\"'",
        "update flow_run set start_time = 9223372036854775807",
        "update flow_run set name = cast(x'ff' as text)",
        "update log set message = cast(x'fffe41' as text)",
        "update task_run set extra = 'x'",
        "update task_run set map_index = 9223372036854775807",
    ],
)
def test_values_of_other_kinds_are_our_errors(path, statement):
    task = TaskRunRecord(str(UUID(int=9)), RUN_ID, Failed("x"), "t")
    write(path, [(RunContent(small(), (task,), some_lines(2)), {})], 5)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(statement)
    try:
        with open_archive(path) as archive:
            for run in archive.runs:
                run.get_logs().to_pandas()
                run.get_all_task_runs()
    except FlowRunError:
        return
    assert "map_index" in statement or "parameters" in statement


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_is_our_error_or_reads(tmp_path_factory, data):
    whole = damaged_base(tmp_path_factory)
    broken = bytearray(whole)
    if data.draw(st.booleans(), "cut"):
        del broken[data.draw(st.integers(0, len(broken) - 1), "length") :]
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6), "places"):
        if place < len(broken):
            broken[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.flowrun"
    path.write_bytes(bytes(broken))
    try:
        with open_archive(path) as archive:
            for run in archive.runs:
                run.get_logs().to_pandas()
                run.get_all_task_runs()
                run.get_artifacts()
    except FlowRunError:
        pass


_base: list[bytes] = []


def damaged_base(tmp_path_factory):
    if not _base:
        path = tmp_path_factory.mktemp("whole") / "x.flowrun"
        task = TaskRunRecord(str(UUID(int=9)), RUN_ID, Failed("x"), "t", states=(Failed("x"),))
        write(path, [(RunContent(small(), (task,), some_lines(20)), {})], 5)
        _base.append(path.read_bytes())
    return _base[0]


def test_a_link_to_something_else_is_refused_and_left_alone(tmp_path, path):
    secret = tmp_path / "passwd"
    secret.write_text("root:x:0:0")
    path.symlink_to(secret)
    with pytest.raises(ArchiveError):
        open_archive(path)
    with pytest.raises(ArchiveError):
        write(path, [(RunContent(small()), {})], 5)
    assert secret.read_text() == "root:x:0:0"
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(FlowRunError):
        open_archive(path)


@pytest.mark.parametrize("kind", ["cut", "trigger", "missing"])
def test_a_damaged_archive_is_not_served(path, capsys, kind):
    """The gateway reads it as a store, so it is looked through as an archive before."""
    write(path, [(RunContent(small(), (), some_lines(200)), {})], 5)
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:-1024])
    elif kind == "trigger":
        tampered(path, "create trigger evil after insert on log begin delete from flow_run; end")
    else:
        path.unlink()
    assert main(["serve", "--store", str(path), "--port", "0"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert {
        "cut": "damaged",
        "trigger": "not an archive of this package",
        "missing": "no archive at",
    }[kind] in said.err


def test_a_page_that_is_used_twice_is_refused(path):
    """Otherwise a file of some kilobytes could return the same megabytes a million times."""
    long = LogColumns.from_lists(
        timestamps=[1, 2], levels=["INFO"] * 2, messages=["a" * 30_000, "b" * 30_000], ids=[None] * 2,
        loggers=[None] * 2, task_run_ids=[None] * 2, tasks={},
    )  # fmt: skip
    write(path, [(RunContent(small(), (), long), {})], 5)
    content = bytearray(path.read_bytes())
    first = [n for n in range(0, len(content), 1024) if content[n + 4 : n + 900] == b"a" * 896]
    second = [n for n in range(0, len(content), 1024) if content[n + 4 : n + 900] == b"b" * 896]
    content[second[3] : second[3] + 4] = content[first[3] : first[3] + 4]
    path.write_bytes(bytes(content))
    with pytest.raises(ArchiveError):
        open_archive(path)


# Secrets


def test_no_canary_is_in_any_byte_of_an_archive(store, path):
    from flowrun_widgets.store.writer import StoreWriter
    from tests.stores import identifier, serialized

    texts = [f"{n}: {text}" for n, text in enumerate(TEXTS_WITH_CANARIES)]
    with StoreWriter(store) as writer:
        writer.add(
            {
                "log": [log_row(100 + n, 3, text) for n, text in enumerate(texts)],
                "flow_run": [
                    {
                        **small_run()["flow_run"][0],
                        "parameters": {"texts": texts, "PassWord": CANARY, "deep": [{"apiKey": {"x": CANARY}}]},
                        "context": {"token": CANARY, "said": texts},
                        "run_config": {"env": {"DB_PASSWORD": CANARY}},
                        "serialized_state": serialized("Failed", texts[0], _result={"location": texts[5]}),
                    }
                ],
                "task_run_artifact": [
                    {
                        "id": identifier(77), "task_run_id": identifier(0x101), "kind": "markdown",
                        "data": {"markdown": texts[3]}, "created": 1, "updated": 1,
                    }
                ],
            }
        )  # fmt: skip
    with fw.connect(store):
        run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        saved = save([run], path)
        assert CANARY in repr(run.parameters)
        assert CANARY.encode() not in path.read_bytes()
        assert saved.redacted > 2 * len(texts)
        with open_archive(path) as archive:
            [back] = archive.runs
            assert back.record.identity() == redacted_record(run.record).identity()
            assert back.fetched.logs is None
            assert save([back], path).redacted == saved.redacted
        assert save([run], path, redact=False).redacted is None
        assert CANARY.encode() in path.read_bytes()
        save([run], path)
        assert CANARY.encode() not in path.read_bytes()


def test_the_rules_of_the_connection_hold(store, path):
    with fw.connect(store, redact=Redaction(names=("day",))):
        run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        assert save([run], path).redacted == 1
    with fw.connect(store, redact=False):
        assert save([fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)], path).redacted is None


def test_what_was_saved_is_said_in_a_line(path):
    assert repr(Saved(path, 1, 1, 5)) == f"{path}: 1 run, 1 value redacted, 1 kB"
    many = Saved(path, 2, None, 2_500_000, ("artifacts",))
    assert repr(many) == f"{path}: 2 runs, nothing redacted, 2.5 MB, without artifacts"


# The command


def test_the_command_saves_runs(recorded_store, path, capsys):
    ids = [recording(name).flow_run_id for name in NAMES[:2]]
    assert main(["save", *ids, "-o", str(path), "--api", str(recorded_store)]) == 0
    assert "2 runs" in capsys.readouterr().out
    with open_archive(path) as archive:
        assert {run.flow_run_id for run in archive.runs} == set(ids)


def test_the_command_saves_the_runs_since_a_day(recorded_store, path, capsys):
    assert (
        main(["save", "--since", "2000-01-01", "-o", str(path), "--api", str(recorded_store)]) == 0
    )
    with open_archive(path) as archive:
        assert len(archive.runs) == len(NAMES)
    assert (
        main(["save", "--since", "2999-01-01", "-o", str(path), "--api", str(recorded_store)]) == 1
    )
    assert main(["save", "-o", str(path), "--api", str(recorded_store)]) == 1
    said = capsys.readouterr().err
    assert "No flow run" in said
    assert "Say which runs" in said


def test_the_command_redacts_as_it_is_told(store, path, capsys):
    call = ["save", FLOW_RUN_ID, "-o", str(path), "--api", str(store)]
    assert main([*call, "--no-redact"]) == 0
    assert "nothing redacted" in capsys.readouterr().out
    assert main([*call, "--redact"]) == 0
    assert "0 values redacted" in capsys.readouterr().out


def test_no_file_is_left_open(path):
    write(path, [(RunContent(small()), {})], 5)
    with open_archive(path) as archive:
        archive.runs[0].get_logs()
    gc.collect()
    if os.path.isdir("/proc/self/fd"):
        held = [
            os.readlink(f"/proc/self/fd/{n}")
            for n in os.listdir("/proc/self/fd")
            if os.path.islink(f"/proc/self/fd/{n}")
        ]
        assert str(path) not in held


def test_the_runs_of_a_generator_are_let_go_one_by_one(recorded, path):
    """Memory holds a run or two, however many are saved."""
    lines: list[weakref.ref[LogColumns]] = []

    def views():
        for name in NAMES:
            run = fw.FlowRunView.from_flow_run_id(recording(name).flow_run_id, api=recorded)
            lines.append(weakref.ref(run.get_logs().columns))
            yield run
            del run
            gc.collect()
            assert sum(each() is not None for each in lines) <= 1

    assert save(views(), path).runs == len(NAMES)


def test_a_run_that_goes_on_is_said_to(path):
    going = small(state=Running(), ended_at=None)
    write(path, [(RunContent(going), {}), (RunContent(small(2)), {})], 5)
    with open_archive(path) as archive:
        saved = save(archive.runs, path.with_name("again.flowrun"))
    assert saved.going == 1
    assert "2 runs, 1 still going" in repr(saved)


def test_an_interrupt_in_the_middle_leaves_the_old_archive(recorded, path):
    def interrupted():
        yield fw.FlowRunView.from_flow_run_id(recording(NAMES[0]).flow_run_id, api=recorded)
        raise KeyboardInterrupt

    write(path, [(RunContent(small()), {})], 5)
    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        save(interrupted(), path)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir() if one.is_file()] == [path.name]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_that_was_forked_during_a_save_keeps_nobody_from_saving(tmp_path):
    import fcntl

    with _alone(tmp_path):
        child = os.fork()
        if not child:
            signal.pause()
            os._exit(0)
    opened = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(opened)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
