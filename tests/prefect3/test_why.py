"""`flowrun why` on Prefect 3: what it asks for, and that the evidence is found wherever it is in a long log."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.cli import main
from flowrun_widgets.views.cause import cause_of

from .fake import RUN, START, URL, FakePrefect, line, stamp, state

LINES = 2_000
TASK, OTHER = "22222222-c6bb-4b96-8661-63a5bbfb5596", "33333333-c6bb-4b96-8661-63a5bbfb5596"
ERROR = "ValueError: no rows for 2026-11-21"
TRACEBACK = f"""Task run failed with exception: ValueError('no rows for 2026-11-21')
Traceback (most recent call last):
  File "/srv/flows/orders.py", line 41, in load
    raise ValueError("no rows for 2026-11-21")
{ERROR}"""


def failed_run(place: int, *, by: str | None = TASK, errors_every: int = 50) -> FakePrefect:
    """Return a server with a run of 2,000 lines, one each second; a task run, or the flow itself, failed at `place`."""
    lines = []
    for number in range(LINES):
        row = line(number, START + timedelta(seconds=number)) | {"task_run_id": OTHER}
        if number == place:
            row |= {"task_run_id": by, "level": 40, "message": TRACEBACK}
        elif number % errors_every == 0:
            row |= {"level": 40, "message": f"Batch {number} is refused, tried again"}
        elif place - 5 < number < place:
            row |= {"task_run_id": by}
        lines.append(row)
    server = FakePrefect(lines=lines)
    ended = stamp(START + timedelta(seconds=place + 1))
    message = f"Flow run encountered an exception: {ERROR}"
    server.state = state("FAILED", "Failed", message=message, timestamp=ended)
    if by is not None:
        failed = state("FAILED", "Failed", message=f"Task run encountered an exception {ERROR}")
        server.task_runs = [
            {
                "id": by, "name": "load-3f1", "flow_run_id": RUN, "state": {**failed, "timestamp": ended},
                "run_count": 1, "start_time": stamp(START), "end_time": ended,
            },
        ]  # fmt: skip
    return server


@pytest.fixture
def net(monkeypatch):
    """Returns a function that puts a server at https://p.test; its value are the requests."""
    monkeypatch.setenv("FLOWRUN_LIBRARY", "off")

    def put(server: FakePrefect) -> list[httpx.Request]:
        monkeypatch.setattr(
            httpx.HTTPTransport, "handle_request", lambda _, request: server.handle_request(request)
        )
        return server.requests

    return put


def test_from_a_link_to_the_cause_are_six_requests(net, capsys):
    requests = net(failed_run(700))
    assert main(["why", f"https://p.test/runs/flow-run/{RUN}"]) == 0
    out = capsys.readouterr().out
    assert f"  {ERROR}\n" in out
    assert "load-3f1, attempt 1 of 1" in out
    assert "/srv/flows/orders.py:41 in load" in out
    assert f"flowrun logs {RUN} --api https://p.test/api --failed" in out
    assert f"https://p.test/runs/flow-run/{RUN}" not in out.replace("--api", "")
    assert len(requests) == 6
    asked = [json.loads(one.content) for one in requests if one.url.path == "/api/logs/filter"]
    assert all(body["limit"] <= 200 for body in asked)


def test_the_configured_server_is_not_asked_for_more(net, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://p.test/api")
    requests = net(failed_run(700))
    assert main(["why", f"https://p.test/runs/flow-run/{RUN}", "--exit-status"]) == 3
    assert len(requests) == 6


@pytest.mark.parametrize("by", [TASK, None])
@pytest.mark.parametrize("errors_every", [2, 50])
@pytest.mark.parametrize("place", [3, 701, 1_999])
def test_the_evidence_is_found_wherever_it_is(by, errors_every, place):
    server = failed_run(place, by=by, errors_every=errors_every)
    with fw.connect(URL, transport=server, library=False):
        found = cause_of(fw.FlowRunView.from_flow_run_id(RUN))
        assert found.found is not None
        assert found.found.error == ERROR
        assert found.found.task == (None if by is None else "load-3f1")
        position = found.found.position
        assert position is not None
        assert found.logs is not None
        assert found.logs.table["message"][position].as_py() == TRACEBACK
        assert len(found.found.tail) >= 2
        assert not found.is_complete


def test_a_run_that_did_not_fail_costs_no_line(net, capsys):
    requests = net(FakePrefect(lines=[line(1)]))
    assert main(["why", f"https://p.test/runs/flow-run/{RUN}"]) == 0
    assert "It did not fail." in capsys.readouterr().out
    assert len(requests) == 3


def test_the_ends_of_a_log_cost_their_pages(net, capsys):
    requests = net(failed_run(700))
    link = f"https://p.test/runs/flow-run/{RUN}"
    assert main(["logs", link, "--tail", "250"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 250
    assert lines[-1].endswith("line 1999")
    assert sum(one.url.path == "/api/logs/filter" for one in requests) == 2
