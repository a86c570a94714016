"""Rows that Prefect 1 never sends become one of our errors, which names what, the field and the source."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets import errors
from tests.stores import identifier

from .line import FLOW_RUN_ID, URL, Line

HUGE = 10**30
EARLY = "0001-01-01T00:00:00+14:00"
STATE = {"type": "Success", "message": "ok"}
RUN = {"id": FLOW_RUN_ID, "flow_id": identifier(1), "serialized_state": STATE}
TASK_RUN = {"id": identifier(2), "flow_run_id": FLOW_RUN_ID, "serialized_state": STATE}
LINE = {
    "id": identifier(3), "timestamp": "2026-11-22T02:00:00+00:00", "level": "INFO", "message": "hi",
    "name": "prefect", "task_run_id": None, "updated": "2026-11-22T02:00:00+00:00",
}  # fmt: skip
FLOW = {"id": identifier(1), "name": "f"}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


def connect(**tables: Any) -> None:
    data = {"flow_run": [RUN], "log": [], "labels": [], "task_run": [], "flow": [FLOW], **tables}
    fw.connect(URL, transport=Line(then=lambda _: httpx.Response(200, json={"data": data})))


def run() -> fw.FlowRunView:
    return fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)


def assert_unexpected(caught: pytest.ExceptionInfo[errors.UnexpectedAnswer], *words: str) -> None:
    said = str(caught.value)
    assert all(word in said for word in (URL, "fw.graphql()", *words)), said
    assert len(said) < 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", []), ("name", 5), ("flow_id", {}), ("created", EARLY), ("updated", "x"), ("updated", {}),
        ("start_time", HUGE), ("end_time", True), ("parameters", []), ("parameters", nested(600)), ("context", "x"),
        ("labels", "x"), ("labels", [[]]), ("run_config", 5), ("serialized_state", "x"), ("states", 5), ("flow", 5),
    ],
)  # fmt: skip
def test_a_field_of_a_flow_run_with_another_type_is_named(field: str, value: Any) -> None:
    connect(flow_run=[{**RUN, field: value}])
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        run()
    assert_unexpected(caught, "flow run", f"`{field}`")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("map_index", "x"), ("map_index", 1.5), ("map_index", HUGE), ("map_index", True), ("updated", "x"),
        ("updated", 10**19), ("updated", {}), ("name", []), ("task", "x"),
    ],
)  # fmt: skip
def test_a_field_of_a_task_run_with_another_type_is_named(field: str, value: Any) -> None:
    connect(task_run=[{**TASK_RUN, field: value}])
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        run().get_all_task_runs()
    assert_unexpected(caught, "task run", f"`{field}`")


def test_the_updates_of_task_runs_are_text_or_nothing() -> None:
    connect(task_run=[{**TASK_RUN, "updated": 5}])
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        run().get_all_task_runs()
    assert_unexpected(caught, "task run", "`updated`")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 5), ("id", [1]), ("id", None), ("updated", "x"), ("updated", 5), ("updated", {}), ("timestamp", EARLY),
        ("timestamp", "9999-12-31T23:59:59-14:00"), ("timestamp", HUGE), ("timestamp", None), ("level", []),
        ("message", {}), ("name", 5), ("task_run_id", 5),
    ],
)  # fmt: skip
def test_a_field_of_a_log_line_with_another_type_is_named(field: str, value: Any) -> None:
    connect(log=[{**LINE, field: value}])
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        run().get_logs()
    assert_unexpected(caught, "log line", f"`{field}`")


@pytest.mark.parametrize(("field", "value"), [("storage", "x"), ("version", "x"), ("name", 5)])
def test_a_field_of_a_flow_with_another_type_is_named(field: str, value: Any) -> None:
    connect(flow=[{**FLOW, field: value}])
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        fw.FlowView.from_flow_id(identifier(1))
    assert_unexpected(caught, "flow", f"`{field}`")


def test_the_errors_hold_nothing_of_the_value() -> None:
    connect(flow_run=[{**RUN, "updated": "canary"}])
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        run()
    assert "canary" not in str(caught.value)


def test_an_update_at_the_beginning_of_time_can_be_refreshed() -> None:
    connect(log=[{**LINE, "updated": "0001-01-01T00:00:00+00:00"}])
    seen = run()
    assert len(seen.get_logs()) == 1
    assert len(seen.get_latest().get_logs()) == 1


def test_a_message_of_null_is_no_more_words() -> None:
    body = {"errors": [{"message": None}]}
    fw.connect(URL, transport=Line(then=lambda _: httpx.Response(200, json=body)))
    with pytest.raises(errors.QueryRejected, match="no message"):
        run()


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"data": {"flow_run": [{**RUN, "name": "a\ud800b"}]}}).encode(),
        json.dumps({"data": {"flow_run": [{**RUN, "name": "a\ufffdb"}]}}).encode("utf-8-sig"),
    ],
)
def test_half_a_character_or_a_byte_order_mark_hides_nothing_else(content: bytes) -> None:
    fw.connect(URL, transport=Line(then=lambda _: httpx.Response(200, content=content)))
    assert run().name == "a\ufffdb"


@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_nested_without_end_is_an_error_of_ours(status: int) -> None:
    body = b"[" * 100_000 + b"]" * 100_000
    fw.connect(URL, transport=Line(then=lambda _: httpx.Response(status, content=body)))
    with pytest.raises(errors.BackendError):
        run()
