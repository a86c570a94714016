"""The same calls, with the import changed, return and raise here what they do in the client of Prefect 1.4.1."""

from __future__ import annotations

import builtins
import inspect
import json
import os
import pickle
import re
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway, Server
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import FLOW_RUN_ID, at, identifier, made, serialized, small_run, task_run_row

from .seed_page import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).with_name("oracle_calls.py")
BOX = re.compile(r"BoxList\((\[.*?\])\)")
WRITERS = {
    *("create_link_artifact", "create_markdown_artifact", "delete_artifact", "delete_key", "get_key_value"),
    *("list_keys", "set_key_value", "update_link_artifact", "update_markdown_artifact"),
}  # fmt: skip
"""What writes to a server, and Cloud's key-value store: not offered here."""
GROUP, ALONE, NEWER, ELSEWHERE, TENANT, NOBODY = map(
    identifier, (0xC, 0xD2, 0xD1, 0xD3, 0xE, 0xFFF)
)
STORAGE = {
    "type": "Local",
    "flows": {},
    "secrets": [],
    "directory": "/",
    "path": None,
    "stored_as_script": False,
}


def kept(value: Any) -> dict[str, Any]:
    return {"type": "PrefectResult", "location": json.dumps(value), "__version__": "1.4.1"}


def local(name: str) -> dict[str, Any]:
    return {"type": "LocalResult", "dir": "RESULTS", "location": name, "__version__": "1.4.1"}


NO_RESULT = {"type": "NoResultType", "__version__": "1.4.1"}
# The state and the result of a task run by its slug, and those of its mapped children by map index.
TASK_RUNS: dict[str, tuple[str, Any, dict[int, tuple[str, Any]]]] = {
    "json": ("Success", kept({"a": [1, None, "x"]}), {}),
    "none": ("Success", kept(None), {}),
    "failed": ("Failed", kept("so far"), {}),
    "no-json": ("Success", {**kept(1), "location": "nope"}, {}),
    "no-result": ("Success", NO_RESULT, {}),
    "no-location": ("Success", {**local(""), "location": None}, {}),
    "constant": ("Success", {"type": "ConstantResult", "location": None}, {}),
    "custom": ("Success", {"type": "my.Result", "location": "x"}, {}),
    "base": ("Success", {"type": "Result", "location": "x"}, {}),
    "pickled": ("Success", local("pickled"), {}),
    "pickled-long-ago": ("Success", local("base64"), {}),
    "nothing-there": ("Success", local("nothing-there"), {}),
    "running": ("Running", kept(1), {}),
    "pending": ("Pending", NO_RESULT, {}),
    "mapped": ("Mapped", None, {2: ("Success", kept("c")), 0: ("Success", kept("a")), 1: ("Cached", kept("b"))}),
    "mapped-to-nothing": ("Mapped", None, {}),
    "mapped-and-running": ("Mapped", None, {0: ("Success", kept(0)), 1: ("Running", NO_RESULT)}),
    "mapped-without-result": ("Mapped", None, {0: ("Success", kept(0)), 1: ("Failed", NO_RESULT)}),
    "mapped-with-a-hole": ("Mapped", None, {0: ("Success", kept(0)), 2: ("Success", kept(2))}),
    "stateless": ("", None, {}),
}  # fmt: skip
CALLS = [
    f"FlowRunView.from_flow_run_id('{FLOW_RUN_ID}')",
    f"FlowRunView.from_flow_run_id('{FLOW_RUN_ID}', True)",
    f"FlowRunView.from_flow_run_id('{FLOW_RUN_ID}', load_static_tasks=True).get_latest()",
    f"FlowRunView.from_flow_run_id('{FLOW_RUN_ID}').get_latest(True)",
    f"FlowRunView.from_flow_run_id('{NOBODY}')",
    "FlowRunView.from_flow_run_id('zz')",
    f"FlowRunView.from_flow_run_id('{FLOW_RUN_ID}').get_flow_metadata(no_cache=True)",
    f"FlowRunView.from_flow_run_id('{FLOW_RUN_ID}').get_task_run()",
    f"FlowRunView.from_flow_run_id('{FLOW_RUN_ID}').get_task_run('json')",
    f"FlowRunView.from_flow_run_id('{FLOW_RUN_ID}').get_task_run('mapped', map_index=1)",
    f"FlowRunView.from_flow_run_id('{FLOW_RUN_ID}').get_task_run('nope')",
    f"FlowView.from_id('{ALONE}')",
    f"FlowView.from_id(flow_id='{GROUP}').flow_id",
    f"FlowView.from_id('{NOBODY}')",
    "FlowView.from_id('zz')",
    "FlowView.from_id(5)",
    f"FlowView.from_flow_id('{ALONE}').storage is None",
    f"FlowView.from_flow_id('{NOBODY}')",
    "FlowView.from_flow_id(5)",
    f"FlowView.from_flow_group_id('{GROUP}')",
    f"FlowView.from_flow_group_id('{NOBODY}')",
    "FlowView.from_flow_group_id(None)",
    "FlowView.from_flow_name('alone')",
    "FlowView.from_flow_name('alone', 'default')",
    "FlowView.from_flow_name('alone', project_name='other').flow_id",
    "FlowView.from_flow_name('alone', project_name=None)",
    "FlowView.from_flow_name('hello')",
    "FlowView.from_flow_name('hello', 'other').flow_id",
    "FlowView.from_flow_name('hello', last_updated=True).flow_id",
    "FlowView.from_flow_name('hello', 'default', True).flow_id",
    "FlowView.from_flow_name('old')",
    "FlowView.from_flow_name('nope')",
    "TenantView.from_current_tenant()",
    f"TenantView.from_tenant_id('{TENANT}')",
    f"TenantView.from_tenant_id(tenant_id='{TENANT}').slug",
    f"TenantView.from_tenant_id('{NOBODY}')",
    "TenantView.from_tenant_id('zz')",
    "check_for_compatible_agents(['gone'])",
    "check_for_compatible_agents({'old'}, since_minutes=5)",
    "check_for_compatible_agents(labels=['twice'])",
    "check_for_compatible_agents([])",
    "TaskRunView.from_task_run_id()",
    "TaskRunView.from_task_run_id(5)",
    f"TaskRunView.from_task_run_id('{NOBODY}')",
    f"TaskRunView.from_task_slug('nope', '{FLOW_RUN_ID}')",
    f"TaskRunView.from_task_slug('mapped', '{FLOW_RUN_ID}', 2)",
    f"TaskRunView.from_task_slug('mapped', flow_run_id='{FLOW_RUN_ID}', map_index=7)",
    f"[(line.level, line.message) for line in watch_flow_run('{identifier(0xA1)}', stream_logs=False)]",
    f"list(watch_flow_run('{identifier(0xA1)}', stream_states=False, stream_logs=False))",
    *(
        call.replace("SLUG", f"'{slug}', '{FLOW_RUN_ID}'")
        for slug in TASK_RUNS if slug != "stateless"
        for call in (
            "TaskRunView.from_task_slug(SLUG)",
            "result(TaskRunView.from_task_slug(SLUG))",
            "(lambda view: (result(view), repr(view)))(TaskRunView.from_task_slug(SLUG))",
            "(lambda view: (result(view), view.get_latest()))(TaskRunView.from_task_slug(SLUG))",
            "TaskRunView.from_task_slug(SLUG) == TaskRunView.from_task_slug(SLUG).get_latest()",
            "[child.map_index for child in TaskRunView.from_task_slug(SLUG).iter_mapped()]",
            "list(TaskRunView.from_task_slug(SLUG).iter_mapped())",
        )
    ),
    f"TaskRunView.from_task_slug('stateless', '{FLOW_RUN_ID}')",
]  # fmt: skip


def tables(results: Path) -> dict[str, list[Any]]:
    """Return what the calls are about."""
    found = small_run()
    [flow], [run] = found["flow"], found["flow_run"]
    ended = serialized("Success", "All is well")
    found["flow_run"].append(
        {
            **run,
            "id": identifier(0xA1),
            "state": "Success",
            "serialized_state": ended,
            "end_time": at(9),
        }
    )
    flow |= {"storage": STORAGE, "name": "hello", "archived": True}
    found["flow"] += [
        {**flow, "id": NEWER, "archived": False, **made(5)},
        {
            **flow,
            "id": ALONE,
            "name": "alone",
            "archived": False,
            "flow_group_id": identifier(0xC1),
        },
        {**flow, "id": ELSEWHERE, "archived": False, "project_id": identifier(0xB1), **made(9)},
        {**flow, "id": identifier(0xD4), "name": "old"},
    ]
    found["flow"][3]["flow_group_id"] = identifier(0xC1)
    found["flow_group"].append({"id": identifier(0xC1), "labels": None, **made(0)})
    found["project"].append({"id": identifier(0xB1), "name": "other", **made(0)})
    found["tenant"] = [{"id": TENANT, "name": "Default", "slug": "default", **made(0)}]
    found["agent"] = [
        {"id": identifier(0x300 + n), "name": name, "labels": labels, "last_queried": asked, **made(0)}
        for n, (name, labels, asked) in enumerate([
            ("a", ["old", "x"], "2021-03-04T05:06:07+00:00"), (None, ["twice"], "2021-03-04T05:06:07+00:00"),
            ("b", ["twice"], "2020-03-04T05:06:07+00:00"), ("never", ["gone"], None),
        ])
    ]  # fmt: skip
    number = 0x20
    for slug, (kind, result, children) in TASK_RUNS.items():
        number += 1
        task = {
            "id": identifier(number),
            "flow_id": identifier(0xD),
            "name": slug,
            "slug": slug,
            **made(0),
        }
        found["task"].append(task)
        for index, (state, stored) in {-1: (kind, result), **children}.items():
            more = {"n_map_states": len(children)} if state == "Mapped" else {"_result": stored}
            said = serialized(state, None, **more) if state else None
            row = task_run_row(
                0x1000 + 10 * number + index, number, state or "Pending", map_index=index
            )
            found["task_run"].append({**row, "serialized_state": said})
    return json.loads(json.dumps(found).replace("RESULTS", str(results)))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that the calls are about, with results on the disk."""
    folder = tmp_path_factory.mktemp("calls")
    results = folder / "results"
    results.mkdir()
    value = {"a": [1, None], "b": {2.5}}
    (results / "pickled").write_bytes(pickle.dumps(value))
    (results / "base64").write_bytes(b64encode(pickle.dumps(value)))
    with StoreWriter(folder / "store.sqlite") as writer:
        writer.add(tables(results))
    return folder / "store.sqlite"


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[Server]:
    gateway = Gateway(store)
    with Server(gateway, port=0) as server:
        yield server
    gateway.close()


@pytest.fixture(scope="module")
def oracle(oracle_python: Path, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the client says to every call, over HTTP."""
    folder = tmp_path_factory.mktemp("oracle")
    environment = {
        "PATH": os.defpath, "HOME": str(folder), "PREFECT__BACKEND": "server", "PREFECT__CLOUD__API": server.url,
        "PREFECT__LOGGING__LEVEL": "CRITICAL", "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(
        [oracle_python, SCRIPT, folder / "said.json"], input=json.dumps(CALLS), env=environment,
        cwd=folder, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads((folder / "said.json").read_text())


@pytest.fixture(params=["store", "gateway in process", "over HTTP"])
def ours(
    request: pytest.FixtureRequest, store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Our names, while the ambient connection is one to the same store."""
    monkeypatch.setenv("FLOWRUN_LIBRARY", "off")
    gateway = Gateway(store)
    place: dict[str, Any] = {
        "store": {"url": store},
        "gateway in process": {"url": "http://h.test/graphql", "transport": httpx.WSGITransport(app=gateway.wsgi)},
        "over HTTP": {"url": f"{server.url}/graphql"},
    }[request.param]  # fmt: skip
    with fw.connect(**place):
        yield {**vars(fw), "result": lambda view: view.get_result(allow_pickle=True)}
    gateway.close()


def alike(text: str) -> str:
    return BOX.sub(r"\1", normalised(text))


def test_calls_return_and_raise_the_same(oracle: Any, ours: dict[str, Any]) -> None:
    ours |= {name: getattr(fw, name) for name in fw.__all__}
    differ: list[str] = []
    for call, theirs in zip(CALLS, oracle["answers"], strict=True):
        try:
            said = repr(eval(call, dict(ours)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
            kind = getattr(builtins, theirs.get("error", ""), None)
            if (
                kind is None
                or not isinstance(error, kind)
                or not isinstance(error, fw.FlowRunError)
            ):
                differ.append(f"{call}\n  theirs {theirs}\n  ours   {error!r}")
        else:
            if "error" in theirs or alike(said) != alike(theirs["value"]):
                differ.append(f"{call}\n  theirs {theirs}\n  ours   {said}")
    assert not differ, "\n".join(differ)


def test_the_calls_are_answered_and_refused(oracle: Any) -> None:
    """The comparison is of something."""
    refused = sum("error" in answer for answer in oracle["answers"])
    assert refused > 40
    assert len(oracle["answers"]) - refused > 40


def test_every_signature_takes_what_theirs_takes(oracle: Any) -> None:
    for path, theirs in oracle["signatures"].items():
        name, _, method = path.partition(".")
        function = getattr(fw, name)
        parameters = list(
            inspect.signature(getattr(function, method) if method else function).parameters.values()
        )
        for position, (parameter, kind, has_default) in enumerate(theirs):
            mine = parameters[position]
            assert (mine.name, mine.kind.name) == (parameter, kind), path
            assert has_default <= (mine.default is not mine.empty), path
        for added in parameters[len(theirs) :]:
            assert added.kind is added.KEYWORD_ONLY, path
            assert added.default is not added.empty, path


def test_every_attribute_is_there(oracle: Any) -> None:
    """But for `FlowView.flow`, which would be a flow of Prefect 1."""
    for name, attributes in oracle["attributes"].items():
        missing = {each for each in attributes if not hasattr(getattr(fw, name), each)}
        assert missing == ({"flow"} if name == "FlowView" else set())


def test_every_name_but_those_that_write_is_there(oracle: Any) -> None:
    assert set(oracle["names"]) - WRITERS <= set(fw.__all__)
