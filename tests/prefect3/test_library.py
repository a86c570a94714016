"""The local library before a real Prefect 3 server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.connection import library

from . import seed


class Counting(httpx.BaseTransport):
    """Notes what is asked."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@pytest.fixture
def read(prefect3, runs, monkeypatch):
    """A run that was read whole once; every copy counts as made long after the run's end."""
    monkeypatch.setattr(library, "SETTLED_SECONDS", 0.0)
    with fw.connect(prefect3.url):
        run = fw.FlowRunView.from_flow_run_id(runs.ids["mapped"])
        run.get_logs()
        run.get_all_task_runs()
    return run


def test_a_run_that_was_read_once_opens_again_with_three_small_requests(prefect3, read) -> None:
    counting = Counting()
    with fw.connect(prefect3.url, transport=counting):
        again = fw.FlowRunView.from_flow_run_id(read.flow_run_id)
        assert again.get_logs() == read.get_logs()
        assert [one.record for one in again.get_all_task_runs()] == [
            one.record for one in read.get_all_task_runs()
        ]
        assert again.state == read.state
        assert again.flow_name == read.flow_name
    asked = [path for path in counting.paths if read.flow_run_id in path]
    assert asked == [f"/api/flow_runs/{read.flow_run_id}"]
    assert sorted(counting.paths[:4]) == [
        f"/api/flow_runs/{read.flow_run_id}",
        "/api/logs/filter",
        "/api/task_runs/filter",
        "/ui-settings",
    ]
    assert len(counting.paths) == 4


def test_a_line_and_a_task_run_that_came_later_are_seen(prefect3, runs, monkeypatch) -> None:
    monkeypatch.setattr(library, "SETTLED_SECONDS", 0.0)
    run_id = seed.copy_flow_run(prefect3.database, runs.ids["success"])
    written = datetime.now(UTC)

    def look() -> tuple[int, int]:
        with fw.connect(prefect3.url):
            run = fw.FlowRunView.from_flow_run_id(run_id)
            return len(run.get_logs()), len(run.get_all_task_runs())

    assert look() == look() == (0, 0)
    line = seed.lines(run_id, 1, written, every=timedelta(0), created=written)
    seed.add_lines(prefect3.database, line)
    assert look() == (1, 0)
    seed.add_task_runs(prefect3.database, runs.ids["success"], run_id, 1, written)
    assert look() == (1, 1)


def test_a_run_that_was_read_once_opens_without_its_server(prefect3, read) -> None:
    fw.disconnect()
    again = fw.FlowRunView.from_flow_run_id(read.flow_run_id)
    assert again.connection.label == "local store"
    assert again.get_logs() == read.get_logs()
    assert len(again.get_all_task_runs()) == len(read.get_all_task_runs())


def test_who_wants_no_library_has_none(prefect3, read) -> None:
    counting = Counting()
    with fw.connect(prefect3.url, transport=counting, library=False):
        fw.FlowRunView.from_flow_run_id(read.flow_run_id).get_logs()
    assert any(path.endswith("/logs/filter") for path in counting.paths)
