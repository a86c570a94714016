"""A long log is parsed while it arrives, and the result is the same as if it were read at once."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowrun_widgets as fw
from flowrun_widgets import errors
from flowrun_widgets.backends import progress
from flowrun_widgets.backends.prefect1 import log_stream
from flowrun_widgets.backends.prefect1.source import Prefect1
from flowrun_widgets.backends.transport import Transport
from flowrun_widgets.settings import Settings
from tests.stores import identifier

from .line import FLOW_RUN_ID, URL, Line

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE = 10**9
HOSTILE = [
    '},{"id":"', '}],"labels":[{"id":"', '"labels":', "labels", "},{", "}\n{", '\\"},{\\"id\\":\\"', "\u0000", "\U0001f600",
    "\\u0041", "\u2028", "ö\u20ac", "]}", "", "\x1b[31m", "\\",
]  # fmt: skip


def row(number: int, message: str | None = "words", **other: Any) -> dict[str, Any]:
    values = {
        "id": identifier(number),
        "timestamp": f"2026-11-22T02:{number // 60 % 60:02}:{number % 60:02}.5+00:00",
        "updated": f"2026-11-22T03:00:00.{number % 1000 + 1:06}+00:00",
        "level": "INFO",
        "name": "prefect",
        "message": message,
        "task_run_id": identifier(number % 3) if number % 3 else None,
    }
    return {**values, **other}


LABELS = [
    {"id": identifier(number), "name": None, "map_index": -1, "task": {"name": f"task {number}"}}
    for number in (1, 2)
]


def document(rows: list[Any], **other: Any) -> dict[str, Any]:
    return {"data": {"log": rows, "labels": LABELS}, **other}


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class Pieces(httpx.SyncByteStream):
    """A body in pieces of these sizes, the last one for good; it may break."""

    def __init__(self, body: bytes, sizes: list[int], breaks: Exception | None = None) -> None:
        self._body = body
        self._sizes = sizes
        self._breaks = breaks
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        at, sizes = 0, iter(self._sizes)
        size = 1
        while at < len(self._body):
            size = next(sizes, size)
            yield self._body[at : at + size]
            at += size
        if self._breaks is not None:
            raise self._breaks

    def close(self) -> None:
        self.closed = True


def read(stream: Pieces, block_bytes: int, monkeypatch: pytest.MonkeyPatch, **headers: str) -> Any:
    """Return the log, or which error it became."""
    monkeypatch.setattr(log_stream, "BLOCK_BYTES", block_bytes)
    line = Line(then=lambda _: httpx.Response(200, headers=headers, stream=stream))
    source = Prefect1(Transport(Settings(url=URL, origin="test", generation="prefect1"), line))
    try:
        return source.logs(FLOW_RUN_ID, None, None)
    except errors.FlowRunError as error:
        return type(error), str(error)
    finally:
        assert stream.closed
        assert len(line.requests) == 1


def assert_same(body: bytes, sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Both ways give the same columns, the same cursor or the same error."""
    streamed = read(Pieces(body, sizes), 300, monkeypatch)
    whole = read(Pieces(body, [len(body)]), WHOLE, monkeypatch)
    if isinstance(whole, tuple):
        assert streamed == whole
    else:
        ours, theirs = streamed.columns.table, whole.columns.table
        assert ours.select(["seq", "timestamp", "level", "message", "id"]).equals(
            theirs.select(["seq", "timestamp", "level", "message", "id"])
        )
        for name in ("level_name", "task_run_id", "task", "logger"):
            assert ours[name].to_pylist() == theirs[name].to_pylist()
        assert (streamed.cursor, streamed.columns.arrived) == (whole.cursor, whole.columns.arrived)
    return streamed


texts = (
    st.none() | st.text(max_size=20) | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join)
)
rows = st.lists(
    st.builds(
        row,
        st.integers(0, 3000),
        texts,
        level=st.sampled_from(["INFO", "ERROR", "odd", None]),
        name=texts,
    ),
    max_size=40,
)
written = st.sampled_from(
    [
        compact,
        lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(),
        lambda value: json.dumps(value).encode(),
        lambda value: json.dumps(value, indent=1).encode(),
        lambda value: compact(value).replace(b'"},{"id":', b'"}, \n {"id":'),
    ]
)


@settings(max_examples=120, deadline=None)
@given(rows, written, st.lists(st.integers(1, 700), min_size=1, max_size=20))
def test_a_log_in_pieces_is_the_log(lines: list[Any], write: Any, sizes: list[int]) -> None:
    """Whatever the messages say, wherever the bytes are cut, and however the server sets its blanks."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        seen = assert_same(write(document(lines)), sizes, monkeypatch)
    messages = [line["message"] for line in sorted(lines, key=lambda line: line["timestamp"])]
    assert seen.columns.table["message"].to_pylist() == messages


ODD_ROWS = [
    {"message": 5}, {"message": {"id": "x"}}, {"id": None}, {"id": 5}, {"id": "no uuid"}, {"timestamp": None},
    {"timestamp": 1_700_000_000_000_000}, {"timestamp": "0001-01-01T00:00:00+00:00"}, {"timestamp": "20261122T020000Z"},
    {"timestamp": "2026-11-22T02:00:00.123456789+02:00"}, {"timestamp": "soon"}, {"level": 30}, {"level": True},
    {"updated": "x"}, {"updated": 5}, {"updated": None}, {"updated": "0001-01-01T00:00:00+00:00"}, {"name": []},
    {"task_run_id": 5}, {"message": "half \ud800 a character"}, {"unheard": [{"id": "x"}, 5]},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD_ROWS, ids=repr)
@pytest.mark.parametrize("at", [0, 13, 39])
def test_an_odd_row_is_what_it_is_in_a_short_log(
    odd: dict[str, Any], at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [row(number) for number in range(40)]
    lines[at] |= odd
    assert_same(compact(document(lines)), [97], monkeypatch)


LINES = [row(number) for number in range(40)]


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"message": "boom"}], **document(LINES)},
        document(LINES, errors=[{"message": "boom"}]),
        {"data": {"labels": LABELS, "log": LINES}},
        {"data": {"log": LINES}},
        {"data": {"log": LINES}, "errors": [{"message": "boom"}]},
        {"data": {"log": LINES, "labels": None}, "errors": [{"message": "boom"}]},
        {"data": {"log": None, "labels": LABELS * 30}},
        {"data": {"log": [], "labels": LABELS * 30}},
        {"data": {"log": LINES[:1], "labels": LABELS * 30}},
        {"data": {"log": [dict(reversed(line.items())) for line in LINES], "labels": LABELS}},
        {
            "data": {
                "log": [LINES[0], *(dict(reversed(line.items())) for line in LINES)],
                "labels": [],
            }
        },
        {"data": {"log": [*LINES, 5], "labels": LABELS}},
        [document(LINES)],
    ],
    ids=lambda body: compact(body)[:30].decode(),
)
def test_an_answer_of_another_shape_is_read_as_ever(
    body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_same(compact(body), [64], monkeypatch)


@pytest.mark.parametrize(
    "change", [(b"},{", b"}{"), (b"},{", b"},,{"), (b"words", b"\xff"), (b"words", b"\x01")]
)
def test_what_is_no_json_is_refused(
    change: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = compact(document(LINES))
    middle = len(body) // 2
    body = body[:middle] + body[middle:].replace(*change, 1)
    kind, said = assert_same(body, [100], monkeypatch)
    assert kind is errors.UnexpectedAnswer
    assert "instead of JSON" in said


def test_no_part_of_a_log_passes_for_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    body = compact(document(LINES))
    for length in range(1, len(body), 41):
        kind, _ = read(Pieces(body[:length], [128]), 300, monkeypatch)
        assert kind is errors.UnexpectedAnswer


def test_a_connection_that_breaks_in_the_middle_is_an_error_and_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Pieces(compact(document(LINES))[:5000], [128], httpx.RemoteProtocolError("cut off"))
    kind, said = read(broken, 300, monkeypatch)
    assert kind is errors.BackendUnavailable
    assert "cut off" in said


def test_a_compressed_log_is_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    body = gzip.compress(compact(document(LINES)))
    seen = read(Pieces(body, [50]), 300, monkeypatch, **{"content-encoding": "gzip"})
    assert len(seen.columns) == 40


def test_how_far_a_log_is_gets_told_while_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    with progress.progress_to(lambda _, count: told.append(count)):
        read(Pieces(compact(document(LINES)), [128]), 1000, monkeypatch)
    assert len(told) > 3
    assert told == sorted(set(told))
    assert told[-1] == 39


def test_a_message_longer_than_many_blocks_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [row(1), row(2, "long" * 5000), row(3)]
    seen = assert_same(compact(document(lines)), [100], monkeypatch)
    assert seen.columns.table["message"].to_pylist()[1] == "long" * 5000


def test_many_blocks_are_few_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [row(number) for number in range(400)]
    seen = read(Pieces(compact(document(lines)), [400]), 500, monkeypatch)
    assert len(seen.columns) == 400
    assert seen.columns.table["message"].num_chunks < 40


def test_a_failure_before_the_first_piece_is_asked_again() -> None:
    answers = iter([httpx.Response(502), httpx.Response(200, json=document(LINES))])
    run = {"id": FLOW_RUN_ID, "serialized_state": {"type": "Success"}}
    first = httpx.Response(200, json={"data": {"flow_run": [run]}})
    line = Line(then=lambda request: next(answers) if b"log(" in request.content else first)
    fw.connect(URL, transport=line)
    assert len(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).get_logs()) == 40
    assert len(line.requests) == 3
