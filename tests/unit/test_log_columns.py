"""Log columns: how lines become columns, and how later reads join them."""

import pickle
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_widgets.log_columns import FULL_CHUNK, MAX_CHUNKS, SCHEMA, LogColumns

COUNT = 12


def columns(lines, **more):
    """Return the columns of lines that are (number, time, …): the number makes id and message."""
    given = {
        "timestamps": [moment for _, moment in lines],
        "levels": ["INFO"] * len(lines),
        "messages": [f"line {number}" for number, _ in lines],
        "ids": [str(UUID(int=number)) for number, _ in lines],
        "loggers": ["prefect"] * len(lines),
        "task_run_ids": [None] * len(lines),
        "tasks": {},
    }
    return LogColumns.from_lists(**{**given, **more})


def messages(log):
    return log.table["message"].to_pylist()


def numbers(log):
    return [int(message.removeprefix("line ")) for message in messages(log)]


def seq_by_line(log):
    return dict(zip(messages(log), log.table["seq"].to_pylist(), strict=True))


LINES = st.lists(st.integers(0, 5), min_size=COUNT, max_size=COUNT).map(
    lambda times: list(enumerate(times))
)
READS = st.lists(st.sets(st.integers(0, COUNT - 1)), min_size=1, max_size=5)


@given(LINES, READS)
def test_reads_that_overlap_join_to_one_sorted_log_without_duplicates(lines, reads):
    """Each line keeps its arrival number, and lines of one time stand in the order of arrival."""
    log = LogColumns()
    arrived = []
    for read in reads:
        before = seq_by_line(log)
        log = log.with_new(columns([lines[number] for number in sorted(read)]))
        arrived += sorted(read - set(arrived))
        assert seq_by_line(log).items() >= before.items()
    expected = sorted(arrived, key=lambda number: (lines[number][1], arrived.index(number)))
    assert numbers(log) == expected
    assert sorted(log.table["seq"].to_pylist()) == list(range(len(arrived)))
    assert log.arrived == len(arrived)
    assert log.table.schema == SCHEMA


@given(LINES, READS)
def test_a_read_of_nothing_new_returns_the_same_object(lines, reads):
    log = columns(lines)
    for read in reads:
        assert log.with_new(columns([lines[number] for number in sorted(read)])) is log


@given(LINES)
def test_a_read_is_sorted_by_time_and_ties_keep_the_servers_order(lines):
    assert numbers(columns(lines)) == [
        number for number, _ in sorted(lines, key=lambda line: line[1])
    ]


def test_what_lies_before_the_new_lines_is_shared_not_copied():
    log = columns([(n, n) for n in range(100)])
    later = log.with_new(columns([(n, n) for n in range(95, 110)]))
    old, new = (each.table["message"].chunk(0).buffers()[2].address for each in (log, later))
    assert old == new
    assert numbers(later) == list(range(110))


def test_the_older_snapshot_stays_as_it_was():
    log = columns([(1, 10), (2, 20)])
    log.with_new(columns([(3, 5), (4, 15)]))
    assert numbers(log) == [1, 2]


def test_many_small_reads_are_compacted():
    log = LogColumns()
    widest = 0
    for number in range(3 * MAX_CHUNKS):
        new = columns([(number, number)], loggers=[f"logger {number}"])
        log = log.with_new(new)
        widest = max(widest, log.table["message"].num_chunks)
    assert widest <= MAX_CHUNKS
    assert numbers(log) == list(range(3 * MAX_CHUNKS))
    assert log.table["logger"].to_pylist() == [f"logger {n}" for n in range(3 * MAX_CHUNKS)]


def test_lines_that_are_added_a_few_at_a_time_leave_the_long_log_before_them_where_it_is():
    log = columns([(number, number) for number in range(1_000)])
    begin = log.table["message"].chunk(0).buffers()[2].address
    for number in range(1_000, 1_000 + 4 * MAX_CHUNKS):
        log = log.with_new(columns([(number, number)]))
    assert log.table["message"].chunk(0).buffers()[2].address == begin
    assert log.table["message"].num_chunks <= MAX_CHUNKS
    assert numbers(log) == list(range(1_000 + 4 * MAX_CHUNKS))


def test_full_chunks_stay_where_they_are_however_many_follow():
    part = columns([(number, number) for number in range(FULL_CHUNK)])
    log = LogColumns(pa.concat_tables([part.table] * 3), 3 * FULL_CHUNK)
    before = [chunk.buffers()[2].address for chunk in log.table["message"].chunks]
    for number in range(FULL_CHUNK, FULL_CHUNK + MAX_CHUNKS):
        log = log.with_new(columns([(number, number)]))
    after = [chunk.buffers()[2].address for chunk in log.table["message"].chunks]
    assert after[:3] == before
    assert len(after) <= MAX_CHUNKS


@pytest.mark.parametrize(
    ("given", "number", "name"),
    [
        ("INFO", 20, "INFO"),
        ("WARN", 30, "WARN"),
        ("critical", 50, "critical"),
        ("TRACE", None, "TRACE"),
        (None, None, None),
        (40, 40, "ERROR"),
        (25, 25, "Level 25"),
        (99_999, None, "Level 99999"),
    ],
)
def test_a_level_has_the_servers_word_and_a_number_if_there_is_one(given, number, name):
    log = columns([(1, 1), (2, 2)], levels=["DEBUG", given])
    assert log.table["level"].to_pylist() == [10, number]
    assert log.table["level_name"].to_pylist() == ["DEBUG", name]


@pytest.mark.parametrize("broken", [None, "", "zz", "ab", "ab" * 17, "not-a-uuid", "é" * 32])
def test_a_malformed_id_is_null_and_leaves_the_others_alone(broken):
    whole = str(UUID(int=7))
    log = columns([(1, 1), (2, 2), (3, 3)], ids=[whole, broken, whole])
    packed = UUID(int=7).bytes
    assert log.table["id"].to_pylist() == [packed, None, packed]


def test_two_malformed_ids_that_are_long_enough_together_stay_malformed():
    assert columns([(1, 1), (2, 2)], ids=["ab" * 15, "ab" * 17]).table["id"].to_pylist() == [
        None,
        None,
    ]


def test_lines_without_ids_are_never_taken_for_one_another():
    log = columns([(1, 1), (2, 2)], ids=[None, None])
    assert len(log.with_new(columns([(3, 2)], ids=[None]))) == 3


def test_task_runs_get_the_label_that_is_known():
    log = columns([(1, 1), (2, 2), (3, 3)], task_run_ids=["a", "b", None], tasks={"a": "load[0]"})
    assert log.table["task"].to_pylist() == ["load[0]", None, None]
    assert log.table["task_run_id"].to_pylist() == ["a", "b", None]


def test_two_task_runs_of_one_label_stay_two():
    log = columns([(1, 1), (2, 2)], task_run_ids=["a", "b"], tasks={"a": "load", "b": "load"})
    assert log.table["task"].to_pylist() == ["load", "load"]
    assert log.table["task_run_id"].to_pylist() == ["a", "b"]


def test_a_message_may_be_missing():
    assert messages(columns([(1, 1)], messages=[None])) == [None]


def test_between_is_open_at_the_start_and_closed_at_the_end():
    log = columns([(n, n) for n in range(5)])
    assert numbers(log.between(pa.scalar(1, SCHEMA.field("timestamp").type), None)) == [2, 3, 4]
    assert numbers(log.between(None, pa.scalar(1, SCHEMA.field("timestamp").type))) == [0, 1]


def test_columns_refuse_change_and_pickle():
    log = columns([(1, 1), (2, 2)])
    with pytest.raises(AttributeError):
        log.arrived = 5
    copied = pickle.loads(pickle.dumps(log))
    assert copied == log
    assert copied.arrived == log.arrived


def test_no_lines_have_the_same_columns():
    assert columns([]).table.schema == LogColumns().table.schema == SCHEMA
    assert len(columns([])) == 0
