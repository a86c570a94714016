"""Servers that do not know something, or of which one part fails: the rest is there, and what is missing is said."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets import errors
from tests.unit.test_library import task_run

from .fake import RUN, START, URL, FakePrefect, line, state


def refusing(*places: str, as_fastapi: bool = False):
    """Refuse fields and sorts, such as `task_runs.end_time` and `sort END_TIME_DESC`, as Prefect does, and note it."""
    refused: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        body = json.loads(request.content) if request.content else {}
        details = []
        for place in places:
            path, _, value = place.partition(" ")
            keys, node = path.split("."), body
            for key in keys:
                node = node.get(key) if isinstance(node, dict) else None
            if node is not None and value in ("", node):
                kind = "enum" if value else "extra_forbidden"
                details.append({"type": kind, "loc": ["body", *keys], "msg": "…"})
        if not details:
            return None
        refused.append(request.url.path)
        if as_fastapi:
            return httpx.Response(422, json={"detail": details})
        said = {"exception_message": "Invalid request received.", "exception_detail": details}
        return httpx.Response(422, json=said)

    answer.refused = refused
    return answer


def missing_route(*paths: str, status: int = 404):
    return lambda request: (
        httpx.Response(status, json={"detail": "Not Found"})
        if any(request.url.path.endswith(path) for path in paths)
        else None
    )


@pytest.fixture
def fake():
    """A run that goes on, with 230 lines and 230 task runs."""
    fake = FakePrefect(lines=[line(n, START + timedelta(seconds=n)) for n in range(230)])
    fake.state = state("RUNNING", "Running")
    fake.task_runs = [
        {**task_run(n % 60), "id": f"00000000-0000-0000-0000-{n:012}"} for n in range(230)
    ]
    return fake


@pytest.mark.parametrize("as_fastapi", [False, True])
@pytest.mark.parametrize(
    "places",
    [
        ["task_runs.end_time"],
        ["task_runs.expected_start_time"],
        ["task_runs.end_time", "task_runs.expected_start_time"],
        ["task_runs.start_time"],
        ["task_runs.operator"],
        ["task_runs.state"],
        ["task_runs.end_time", "sort END_TIME_DESC"],
        ["task_runs.expected_start_time", "sort EXPECTED_START_TIME_DESC", "task_runs.end_time"],
        ["sort EXPECTED_START_TIME_ASC"],
        ["task_runs.tomorrow"],
    ],
    ids=" and ".join,
)
def test_a_field_or_sort_that_is_not_known_costs_nothing_but_requests(fake, places, as_fastapi):
    fake.first = refusing(*places, as_fastapi=as_fastapi)
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        run.get_logs()
        assert len(run.get_all_task_runs()) == 230
        fake.task_runs.append({**task_run(59), "id": "00000000-0000-0000-0000-000000009999"})
        fake.lines.append(line(300, START + timedelta(seconds=300)))
        latest = run.get_latest()
        assert (len(latest.get_logs()), len(latest.get_all_task_runs())) == (231, 231)
        before = len(fake.first.refused)
        later = latest.get_latest()
        assert len(later.get_all_task_runs()) == 231
        assert len(fake.first.refused) == before, "what is not known is asked for once"


@pytest.mark.parametrize("place", ["logs.level", "logs.task_run_id"])
def test_lines_that_the_server_cannot_choose_are_chosen_here(fake, place):
    fake.lines[7] |= {"level": 40, "task_run_id": fake.task_runs[3]["id"]}
    fake.first = refusing(place)
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        if place == "logs.level":
            fake.state = state("FAILED", "Failed")
            assert [one.level for one in run.get_logs(level="error")] == [40]
            assert len(fw.FlowRunView.from_flow_run_id(RUN).peek().last) == 200
        else:
            assert len(run.get_logs(task=fake.task_runs[3]["id"])) == 1


def test_a_wrong_value_is_an_error_and_nothing_is_learned_of_it(fake):
    def once(request):
        if request.url.path.endswith("/task_runs/filter") and not seen:
            seen.append(request)
            detail = [{"type": "uuid_parsing", "loc": ["body", "task_runs", "flow_run_id"]}]
            said = {"exception_message": "Invalid request received.", "exception_detail": detail}
            return httpx.Response(422, json=said)
        return None

    seen: list[httpx.Request] = []
    fake.first = once
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        with pytest.raises(errors.QueryRejected, match="Invalid request"):
            run.get_all_task_runs()
        assert len(run.get_all_task_runs()) == 230


@pytest.mark.parametrize("status", [404, 405, 422, 500, 503])
@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/flow_run_states/", {"history"}),
        ("/flows/11111111-c6bb-4b96-8661-63a5bbfb5596", {"flow name"}),
        ("/graph-v2", set()),
        ("/artifacts/filter", set()),
        ("/task_runs/count", set()),
        ("/task_run_states/", set()),
        ("/ui-settings", set()),
    ],
)
def test_a_part_that_fails_costs_itself_alone(fake, path, status, missing, tmp_path):
    fake.state = state("FAILED", "Failed", message="no rows")
    fake.lines[-1] |= {"task_run_id": fake.task_runs[0]["id"]}
    fake.first = missing_route(path, status=status)
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        assert set(run.missing) == missing
        assert run.name == "amber-heron"
        assert run.state.message == "no rows"
        assert len(run.peek().last) == 200
        assert len(run.get_timeline()) == 230
        assert len(run.get_logs()) == len(run.get_all_task_runs()) == 230
        assert run.get_latest().state == run.state
        assert "no rows" in run.digest()
        assert run.ui_url == f"http://prefect3.test/runs/flow-run/{RUN}"
        lacks = set(run.save(tmp_path / "night.flowrun").missing)
        assert missing <= lacks
        run.to_html(tmp_path / "night.html")
        fake.first = None
        assert not run.get_latest().missing


@pytest.mark.parametrize("path", ["/logs/filter", "/graph-v2"])
def test_a_first_look_shows_what_can_be_had(fake, path):
    fake.first = missing_route(path, status=500)
    with fw.connect(URL, transport=fake, library=False):
        peek = fw.FlowRunView.from_flow_run_id(RUN).peek()
        assert len(peek.timeline) == 230
        assert bool(len(peek.last)) == (path == "/graph-v2")
        fake.first = missing_route("/logs/filter", "/graph-v2", "/task_runs/filter", status=500)
        with pytest.raises(errors.BackendError):
            fw.FlowRunView.from_flow_run_id(RUN).peek()


@pytest.mark.parametrize("path", ["/graph-v2", "/flow_run_states/", "/task_runs/filter"])
def test_a_card_shows_what_can_be_had_and_says_what_is_missing(fake, path):
    fake.state = state("FAILED", "Failed", message="no rows")
    fake.first = missing_route(path, status=500)
    with fw.connect(URL, transport=fake, library=False):
        card = fw.FlowRunView.from_flow_run_id(RUN).card()
        assert card.wait_until_loaded(30)
        notice = card.shown.notice
        assert card.shown.logs.total == 230
        if path == "/graph-v2":
            assert notice is None
        elif path == "/flow_run_states/":
            assert "history" in notice.text
            assert "500" in notice.detail
        else:
            assert "500" in notice.text
        if path != "/task_runs/filter":
            assert card.shown.tasks.total == 230
        card.close()


def test_lists_come_where_the_names_of_flows_do_not(fake):
    fake.first = missing_route("/flows/filter", status=500)
    with fw.connect(URL, transport=fake, library=False):
        runs = fw.find_flow_runs()
        assert [run.flow_name for run in runs] == [None]
        assert set(runs[0].missing) == {"flow name"}


def test_the_first_list_heeds_a_lower_limit(fake):
    fake.limit = 50
    with fw.connect(URL, transport=fake, library=False):
        assert len(fw.find_flow_runs()) == 1
        assert fw.latest().flow_run_id == RUN


# Servers and proxies that do not heed what they are asked.


def heeding_no(*words: str, task_runs=(), lines=()):
    """Answer every list with the same full page."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        path = request.url.path
        body = json.loads(request.content) if request.content else {}
        if body.get("limit", 0) < 200:
            return None
        if path.endswith("/logs/filter") and "logs" in words:
            return httpx.Response(200, json=lines[:200])
        if path.endswith("/task_runs/filter") and "task runs" in words:
            return httpx.Response(200, json=task_runs[:200])
        if path.endswith("/flow_runs/filter") and "flow runs" in words:
            run = {"id": RUN, "name": "x", "state": state()}
            return httpx.Response(200, json=[{**run, "id": f"{n:032}"} for n in range(200)])
        return None

    return answer


@pytest.mark.parametrize("every", [0, 1], ids=["one time", "many times"])
def test_no_walk_over_lines_goes_on_without_anything_new(fake, every):
    lines = [line(n, START + timedelta(seconds=n * every)) for n in range(200)]
    fake.first = heeding_no("logs", lines=lines)
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        with pytest.raises(errors.UnexpectedAnswer, match=r"keeps sending|same|different order"):
            run.get_logs()
    assert len(fake.requests) < 40


def test_no_walk_over_task_runs_goes_on_without_anything_new(fake):
    fake.first = heeding_no("task runs", task_runs=fake.task_runs)
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        for ask in (run.get_all_task_runs, run.get_task_run_ids):
            with pytest.raises(errors.UnexpectedAnswer, match=r"keeps sending|same"):
                ask()
    assert len(fake.requests) < 60


def test_no_list_of_runs_goes_on_without_anything_new(fake):
    fake.first = heeding_no("flow runs")
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        with pytest.raises(errors.UnexpectedAnswer, match="same"):
            len(fw.find_flow_runs(limit=5_000))
        with pytest.raises(errors.UnexpectedAnswer, match="same"):
            run.get_subflow_runs()
    assert len(fake.requests) < 60
