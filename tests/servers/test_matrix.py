"""What is offered for a run works on servers of every version, and says what their own client says."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import flowrun_widgets as fw
from tests.unit.following import no_followers

from .conftest import FLOWS
from .matrix import USES, VERSIONS, table

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = FLOWS.parents[2]
MOST_LOOKS = 200
CELLS: dict[str, Callable[..., None]] = {}


def cell(test: Callable[..., None]) -> Callable[..., None]:
    """Make a test that of a cell, by its name."""
    CELLS[test.__name__.replace("_", " ")] = test
    return test


@pytest.mark.parametrize("use", USES)
def test_it_works(place, connection, record_property, tmp_path, use: str) -> None:
    CELLS[use](place, tmp_path)
    record_property("worked", (place.version, use))


def opened(place, name: str) -> fw.FlowRunView:
    return fw.FlowRunView.from_flow_run_id(place.ids[name])


@cell
def open(place, _folder) -> None:
    theirs = place.official[place.ids["failure"]]
    root = place.server.url.removesuffix("/api")
    place_in_ui = f"runs/flow-run/{place.ids['failure']}"
    known = opened(place, "failure")
    run = fw.open(f"{root}/{place_in_ui}")
    assert (run.name, run.state.name) == (theirs["name"], theirs["state"])
    assert run.state.message == theirs["message"]
    assert len(run.states) == theirs["states"]
    assert run.flow_name == "failure"
    assert not run.missing
    if place.server.has_ui:
        said = httpx.get(f"{root}/ui-settings").json()
        base = said.get("v2_base_url", "/") if said.get("default_ui") == "v2" else "/"
        assert known.ui_url == f"{root}{base.rstrip('/')}/{place_in_ui}"
        assert run.ui_url in (known.ui_url, f"{root}/{place_in_ui}")
        for address in {known.ui_url, run.ui_url}:
            page = httpx.get(address, headers={"Accept": "text/html"})
            assert page.status_code == 200
        assert "<html" in page.text
    assert fw.open(run.ui_url) == run
    failed = run.get_task_run("load")
    assert fw.open(f"{root}/v2/runs/task-run/{failed.task_run_id}") == run
    assert fw.open(run.flow_run_id) == run
    assert fw.open(failed.task_run_id) == run


@cell
def refresh(place, _folder) -> None:
    run = fw.FlowRunView.from_flow_run_id(place.going["refresh"][0])
    run.get_logs()
    run.get_all_task_runs()
    assert not run.state.is_finished()
    lines = tasks = 0
    while lines < 8 or tasks < 2:
        earlier, run = run, run.get_latest()
        changes = run.changes_since(earlier)
        lines += changes.new_lines
        tasks += len(changes.finished)
    place.end("refresh")
    for _ in range(MOST_LOOKS):  # its last events are still on their way to the server
        run = run.get_latest()
        if run.state.is_finished() and is_whole(place, run):
            break
    assert run.state.is_successful()
    assert is_whole(place, run)
    assert run == fw.FlowRunView.from_flow_run_id(run.flow_run_id)


@cell
def watch(place, _folder) -> None:
    run = fw.FlowRunView.from_flow_run_id(place.going["watch"][0])
    seen = 0
    for last in run.watch(interval=0.1):
        seen += 1
        if seen == 5:
            place.end("watch")
        if last.state.is_finished() and is_whole(place, last):
            break
    assert seen > 5
    assert last.state.is_successful()
    assert is_whole(place, last)
    assert no_followers()


@cell
def logs(place, _folder) -> None:
    for name in ("failure", "mapped", "parent"):
        run = opened(place, name)
        said = place.official[run.flow_run_id]["logs"]
        assert sorted([line.level, line.message] for line in run.get_logs()) == sorted(said)
    run = opened(place, "failure")
    assert {line.level for line in run.get_logs(level="warning")} == {30, 40}
    assert set(run.get_logs(task="extract").to_pandas()["message"]) >= {"read 3 rows"}
    both = opened(place, "parent").get_logs(subflows=True).to_pandas()
    assert "hello from the child" in set(both["message"])


@cell
def task_runs(place, _folder) -> None:
    for name in ("failure", "mapped", "parent"):
        run = opened(place, name)
        ours = {view.name: [view.task_run_id, view.state.name] for view in run.get_all_task_runs()}
        assert ours == place.official[run.flow_run_id]["task_runs"]
    assert len(opened(place, "mapped").get_timeline()) == 5
    load = opened(place, "failure").get_task_run("load")
    assert load.run_count == 2
    assert load.states[-1].is_failed()
    assert "three rows are too few" in load.get_logs().to_pandas()["message"].str.cat()


@cell
def digest(place, _folder) -> None:
    text = opened(place, "failure").digest()
    assert "load" in text
    assert "three rows are too few" in text


@cell
def save(place, folder) -> None:
    run = opened(place, "parent")
    saved = run.save(folder / "night.flowrun", subflows=True)
    assert (saved.runs, saved.missing) == (2, ())
    with fw.open_archive(folder / "night.flowrun") as archive:
        back = archive.runs[run.flow_run_id]
        assert list(back.get_logs()) == list(run.get_logs())
        assert back.get_task_run_ids() == run.get_task_run_ids()
    run.to_html(folder / "night.html")
    assert fw.open_page(folder / "night.html").runs[0].name == run.name


@cell
def find(place, _folder) -> None:
    ids, going = place.ids, {run_id for run_id, _ in place.going.values()}
    found = fw.find_flow_runs()
    by_flow = {
        flow: {run.flow_run_id for run in found if run.flow_name == flow}
        for flow in ("parent", "mapped", "running", "child")
    }
    assert by_flow == {
        "parent": {ids["parent"]},
        "mapped": {ids["mapped"]},
        "running": going,
        "child": set(),
    }
    assert ids["failure"] in found
    assert all(run.started_at for run in found)
    below = [run for run in fw.find_flow_runs(subflows=True) if run not in found]
    assert [run.flow_name for run in below] == ["child"]
    to_come = {ids["scheduled"], ids["late"]}
    assert {run.flow_run_id for run in fw.find_flow_runs(state="pending")} == to_come
    assert fw.latest("parent").flow_run_id == ids["parent"]
    assert fw.latest("parent", "late").flow_run_id == ids["late"]
    assert fw.find_flow_runs(limit=2) == found[:2]


@cell
def find_by_details(place, _folder) -> None:
    with httpx.Client(base_url=place.server.url) as server:

        def made(path: str, **body: Any) -> str:
            # A server whose database is busy refuses for a moment.
            for _ in range(50):
                answer = server.post(path, json=body)
                if answer.is_success:
                    return answer.json().get("id", "")
                Event().wait(0.2)
            raise AssertionError(answer.text)

        flow = made("/flows/", name="detailed")
        made("/work_pools/", name="details", type="process")
        deployment = made(
            "/deployments/",
            name="nightly",
            flow_id=flow,
            work_pool_name="details",
            tags=["every"],
            enforce_parameter_schema=False,
        )
        ids = []
        for region, kind in (("eu", "COMPLETED"), ("us", "FAILED"), ("eu", "CANCELLED")):
            path = f"/deployments/{deployment}/create_flow_run"
            ids.append(made(path, parameters={"region": region, "day": 1}, tags=[region]))
            state = {"type": kind, "name": kind.title()}
            made(f"/flow_runs/{ids[-1]}/set_state", state=state, force=True)
    eu, us, cancelled = ids

    def found(**conditions: Any) -> set[str]:
        return {run.flow_run_id for run in fw.find_flow_runs("detailed", **conditions)}

    assert found(tags="eu") == {eu, cancelled}
    assert found(tags=["every", "us"]) == {us}
    assert found(parameters={"region": "eu"}, limit=None) == {eu, cancelled}
    assert found(state=["failed", "cancelled"]) == {us, cancelled}
    assert found(state=["cached", "Late", "success"]) == {eu}
    assert found(work_pool="details") == {eu, us, cancelled}
    assert found(work_pool="other") == set()
    for name in ("nightly", deployment):
        assert found(deployment=name) == {eu, us, cancelled}


def is_whole(place, run: fw.FlowRunView) -> bool:
    """Whether every line and every task run that the server has by now is there."""
    wanted = {"any_": [run.flow_run_id]}
    lines = rows(place, "/logs/filter", {"logs": {"flow_run_id": wanted}, "sort": "TIMESTAMP_ASC"})
    theirs = sorted((line["level"], line["message"]) for line in lines)
    if sorted((line.level, line.message) for line in run.get_logs()) != theirs:
        return False
    tasks = rows(place, "/task_runs/filter", {"flow_runs": {"id": wanted}, "sort": "ID_DESC"})
    names = {one["id"]: one["state"]["name"] for one in tasks}
    return {view.task_run_id: view.state.name for view in run.get_all_task_runs()} == names


def rows(place, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all rows of a list, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        question = {**body, "limit": 200, "offset": len(found)}
        page = httpx.post(f"{place.server.url}{path}", json=question).json()
        found += page
        if len(page) < 200:
            return found


def test_the_table_in_the_documentation_is_that_of_the_tests() -> None:
    expected = table({(version, use) for version in VERSIONS for use in USES})
    _, _, rest = (ROOT / "docs" / "servers.md").read_text("utf-8").partition("<!-- servers -->\n")
    written, _, _ = rest.partition("<!-- /servers -->")
    assert written == expected
