"""What a task returned: which results load, and that nothing is run that was not allowed to."""

from __future__ import annotations

import json
import os
import pickle
import threading
from base64 import b64encode
from io import BytesIO
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pandas as pd
import pytest

import flowrun_widgets as fw
from flowrun_widgets import states
from flowrun_widgets.errors import ResultMissing, ResultUnavailable
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.views import result as results
from tests.stores import identifier, serialized, small_run, task_run_row

VIEW_ID = identifier(0x1F1)
BOOBY_TRAP = b"cos\nsystem\n(S'exit 1'\ntR."


class Trap:
    """Leaves a file behind where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.fixture
def view(tmp_path):
    """Make a view of a finished task run with this result."""
    path = tmp_path / "runs.sqlite"

    def made(stored, kind="Success"):
        tables = small_run()
        row = task_run_row(0xF1, 1, kind, map_index=7)
        tables["task_run"].append({**row, "serialized_state": serialized(kind, _result=stored)})
        with StoreWriter(path) as writer:
            writer.add(tables)
        fw.connect(path)
        return fw.TaskRunView.from_task_run_id(VIEW_ID)

    return made


@pytest.fixture
def stored(view, tmp_path):
    """Make a view of a task run whose LocalResult has these bytes."""

    def made(data, name="result"):
        (tmp_path / name).write_bytes(data)
        return view({"type": "LocalResult", "dir": str(tmp_path), "location": name})

    return made


def kept(value):
    return {"type": "PrefectResult", "location": json.dumps(value)}


@pytest.mark.parametrize("value", [None, 0, "x", [1, {"a": None}], {"b": 1.5}])
def test_what_the_server_keeps_itself_loads(value, view):
    task_run = view(kept(value))
    assert repr(task_run).endswith("result=<not loaded>)")
    assert task_run.get_result() == value
    assert repr(task_run).endswith(f"result={value!r})")


def test_json_on_the_disk_loads(stored):
    assert stored(b'{"a": [1, 2]}').get_result() == {"a": [1, 2]}


@pytest.mark.parametrize("wrapped", [bytes, b64encode], ids=["as it is", "as base64"])
def test_a_pickle_loads_only_if_that_is_allowed(wrapped, stored, tmp_path):
    trap = tmp_path / "was-here"
    task_run = stored(wrapped(pickle.dumps(Trap(trap))))
    with pytest.raises(
        ResultUnavailable, match=r"runs any code .* get_result\(allow_pickle=True\)"
    ):
        task_run.get_result()
    assert not trap.exists()
    task_run.get_result(allow_pickle=True).close()
    assert trap.exists()


@pytest.mark.parametrize(
    "data", [b"", b"\x93NUMPY", b"a,b\n1,2\n", b"{", BOOBY_TRAP, b"[" * 100_000]
)
@pytest.mark.parametrize("allow_pickle", [False, True])
def test_what_is_neither_json_nor_a_pickle_of_prefect_is_not_guessed(data, allow_pickle, stored):
    with pytest.raises(ResultUnavailable, match="neither JSON nor a pickle"):
        stored(data).get_result(allow_pickle=allow_pickle)


def test_a_serializer_of_ones_own_makes_the_value(stored):
    task_run = stored(b"a,b\n1,2\n")
    frame = task_run.get_result(deserialize=lambda data: pd.read_csv(BytesIO(data)))
    assert frame.to_dict("list") == {"a": [1], "b": [2]}
    assert task_run.get_result() is frame


@pytest.mark.parametrize("data", [b"\x80\x04\x95", b"\x80\x05cno_such_module\nThing\n."])
def test_a_pickle_that_does_not_load_says_why(data, stored):
    with pytest.raises(
        ResultUnavailable, match=r"cannot be loaded \(.+: .*\). Loading it needs the modules"
    ) as caught:
        stored(data).get_result(allow_pickle=True)
    assert caught.value.__cause__ is not None


def test_a_result_is_loaded_once_and_goes_with_the_latest(stored, tmp_path):
    task_run = stored(b"[1]")
    value = task_run.get_result()
    (tmp_path / "result").unlink()
    assert task_run.get_result() is value
    assert task_run.get_latest().get_result() is value
    assert pickle.loads(pickle.dumps(task_run)) == task_run


def test_a_task_that_ran_again_has_another_result(stored, tmp_path):
    task_run = stored(b"[1]")
    task_run.get_result()
    (tmp_path / "result").write_bytes(b"[2]")
    with StoreWriter(tmp_path / "runs.sqlite") as writer:
        writer.add_task_run_state(
            {"id": identifier(0x777), "task_run_id": VIEW_ID, "timestamp": "2026-11-23T00:00:00+00:00",
             "state": "Success", "version": 9, "created": "2026-11-23T00:00:00+00:00",
             "updated": "2026-11-23T00:00:00+00:00",
             "serialized_state": serialized("Success", _result={
                 "type": "LocalResult", "dir": str(tmp_path), "location": "result"})}
        )  # fmt: skip
    assert task_run.get_latest().get_result() == [2]
    assert task_run.get_result() == [1]


def test_a_file_of_another_machine_is_missing(view):
    task_run = view({"type": "LocalResult", "dir": "/no/such", "location": "file"})
    with pytest.raises(ResultMissing, match=r"/no/such/file.*stays on the machine") as caught:
        task_run.get_result()
    assert isinstance(caught.value, FileNotFoundError | ValueError)


@pytest.mark.parametrize("name", ["folder", "pipe", "zero"])
def test_only_files_are_read(name, view, tmp_path):
    if name == "folder":
        (tmp_path / name).mkdir()
    elif name == "pipe":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(ResultUnavailable, match="is not a file"):
        view({"type": "LocalResult", "dir": str(tmp_path), "location": name}).get_result()


@pytest.mark.parametrize("location", ["a\x00b", "x" * 5_000, "\ud800"])
def test_what_is_no_path_is_said_to_be_none(location):
    state = states.Success(
        stored_result=states.StoredResult("LocalResult", location, states.FrozenDict(dir="/"))
    )
    with pytest.raises(ResultUnavailable) as caught:
        results.result_of(state, False, None)
    assert len(str(caught.value)) < 400


def test_a_huge_file_is_not_read(stored, tmp_path):
    task_run = stored(b"")
    os.truncate(tmp_path / "result", results.MAX_BYTES + 1)
    with pytest.raises(ResultUnavailable, match="2,000,000,001 bytes"):
        task_run.get_result()


@pytest.mark.parametrize(
    ("stored_as", "words"),
    [
        ({"type": "AzureResult", "container": "c", "location": "blob"}, ["AzureResult", "blob"]),
        ({"type": "SecretResult", "location": "DB_PASS", "secret_type": "PrefectSecret"}, ["name of a secret"]),
        ({"type": "ConstantResult", "location": None}, ["flow's code"]),
        ({"type": "my.own.Result", "location": "there"}, ["my.own.Result", "there"]),
        ({"type": "ResultRecordMetadata", "location": "key"}, ["ResultRecordMetadata", "key"]),
    ],
)  # fmt: skip
def test_what_cannot_be_loaded_from_here_says_where_it_lies(stored_as, words, view):
    with pytest.raises(ResultUnavailable) as caught:
        view(stored_as).get_result(allow_pickle=True)
    assert isinstance(caught.value, ValueError | TypeError)
    assert all(word in str(caught.value) for word in words)


def test_a_result_in_a_repr_is_short_and_without_secrets(view):
    secret = {"password": "hunter2-hunter2", "rows": ["x" * 5_000]}
    task_run = view(kept(secret))
    assert task_run.get_result() == secret
    assert "hunter2" not in repr(task_run)
    assert len(repr(task_run)) < 1_500
    assert repr(task_run).endswith("…)")


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="only Linux has it")
def test_a_file_without_a_size_is_read_up_to_a_bound(view, monkeypatch):
    monkeypatch.setattr(results, "MAX_BYTES", 10)
    task_run = view({"type": "LocalResult", "dir": "/proc/self", "location": "maps"})
    with pytest.raises(ResultUnavailable, match="has 11 bytes"):
        task_run.get_result()


@pytest.mark.parametrize("kind", ["LocalResult", "PrefectResult"])
@pytest.mark.parametrize("location", [5, ["a"], {"a": 1}])
def test_a_location_that_is_no_text_is_none(kind, location, view):
    with pytest.raises(ResultUnavailable, match="has no `location`"):
        view({"type": kind, "location": location}).get_result()


def test_a_value_whose_repr_fails_leaves_the_repr_of_the_view(stored):
    class Odd:
        def __repr__(self):
            raise RuntimeError("canary")

    task_run = stored(b"[1]")
    task_run.get_result(deserialize=lambda data: Odd())
    assert "result=<Odd whose repr fails: RuntimeError>" in repr(task_run)


def test_a_redaction_that_is_off_is_off(view, tmp_path):
    task_run = view(kept({"password": "hunter2-hunter2"}))
    with fw.connect(tmp_path / "runs.sqlite", redact=False) as connection:
        plain = fw.TaskRunView.from_task_run_id(task_run.task_run_id, api=connection)
        plain.get_result()
        assert "hunter2" in repr(plain)


@pytest.fixture
def s3(monkeypatch):
    """A server that speaks as much S3 as reading needs, with three objects in a bucket."""
    objects = {
        "/bucket/a/json": b'{"a": 1}', "/bucket/a/pickle": pickle.dumps({1}), "/bucket/a/text": b"text",
    }  # fmt: skip

    def answer(environ, start):
        data = objects.get(environ["PATH_INFO"])
        headers = [
            ("Content-Length", str(len(data or b""))),
            ("Last-Modified", "Sun, 22 Nov 2026 00:00:00 GMT"),
        ]
        start("404 Not Found" if data is None else "200 OK", headers)
        return [data or b""] if environ["REQUEST_METHOD"] == "GET" else []

    class Silent(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    with make_server("127.0.0.1", 0, answer, handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "here", "AWS_EC2_METADATA_DISABLED": "true",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        yield lambda name: {"type": "S3Result", "bucket": "bucket", "location": f"a/{name}"}
        server.shutdown()
        thread.join()


def test_a_result_in_a_bucket_loads(s3, view):
    assert view(s3("json")).get_result() == {"a": 1}


def test_no_pickle_of_another_machine_is_loaded_by_accident(s3, view):
    task_run = view(s3("pickle"))
    with pytest.raises(ResultUnavailable, match="is a pickle"):
        task_run.get_result()
    assert task_run.get_result(allow_pickle=True) == {1}


def test_a_result_that_is_in_no_bucket_is_missing(s3, view):
    with pytest.raises(ResultMissing, match="s3://bucket/a/nope"):
        view(s3("nope")).get_result()


def test_a_bucket_that_cannot_be_reached_says_so(s3, view, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    with pytest.raises(ResultUnavailable, match="s3://bucket/a/json' cannot be read: "):
        view(s3("json")).get_result()
