"""A run's log as a sequence of lines."""

import copy
import pickle
from collections.abc import Sequence
from uuid import UUID

import pandas as pd
import pyarrow as pa
import pytest

from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.times import from_micros
from flowrun_widgets.views.logs import FlowRunLog, FlowRunLogs

TIME = "datetime64[us, UTC]"
pandas3 = pytest.mark.skipif(
    pd.__version__ < "3", reason="`str` is a dtype of its own since pandas 3"
)


def logs(count):
    return FlowRunLogs(
        LogColumns.from_lists(
            timestamps=[n * 1000 for n in range(count)],
            levels=["INFO"] * count,
            messages=[f"line {n}" for n in range(count)],
            ids=[str(UUID(int=n)) for n in range(count)],
            loggers=["prefect"] * count,
            task_run_ids=[None] * count,
            tasks={},
        )
    )


def lines(count):
    return [FlowRunLog(from_micros(n * 1000), 20, f"line {n}") for n in range(count)]


def test_it_is_a_sequence():
    assert len(logs(5)) == 5
    assert logs(5).count(lines(5)[0]) == 1
    assert list(logs(5)) == lines(5)
    assert list(reversed(logs(3))) == lines(3)[::-1]
    assert lines(3)[1] in logs(3)
    assert logs(3).index(lines(3)[2]) == 2


def test_arrow_takes_it_as_it_is():
    """With the columns of `to_pandas`. Polars looks for that only in what is not registered as a sequence."""
    given = logs(5)
    assert not isinstance(given, Sequence)
    for some in (given, given[:0], given[::2]):
        table = pa.table(some)
        assert table.column_names == [*some.to_pandas().columns]
        assert table["message"].to_pylist() == [line.message for line in some]


def test_iteration_goes_past_one_batch():
    assert [log.message for log in logs(10_001)][-2:] == ["line 9999", "line 10000"]


@pytest.mark.parametrize("index", [0, 4, -1, -5])
def test_an_index_gives_the_line_of_a_list(index):
    assert logs(5)[index] == lines(5)[index]


@pytest.mark.parametrize("index", [5, -6])
def test_an_index_outside_is_an_index_error(index):
    with pytest.raises(IndexError):
        logs(5)[index]


@pytest.mark.parametrize(
    "part",
    [
        slice(None),
        slice(1, 3),
        slice(-2, None),
        slice(None, None, 2),
        slice(None, None, -1),
        slice(4, 1),
        slice(3, 99),
    ],
)
def test_a_slice_is_a_log_again(part):
    sliced = logs(5)[part]
    assert isinstance(sliced, FlowRunLogs)
    assert sliced == lines(5)[part]


def test_it_compares_like_the_list():
    assert logs(3) == lines(3)
    assert lines(3) == logs(3)
    assert logs(3) == logs(3)
    assert logs(3) != lines(2)
    assert logs(3) != "line"
    assert hash(logs(3)) == hash(logs(3))


def test_a_short_log_prints_every_line():
    assert repr(logs(2)) == repr(lines(2)).replace("), F", "),\n F")
    assert repr(logs(0)) == "[]"
    assert repr(logs(1000)).count("FlowRunLog(") == 1000


def test_a_long_log_prints_its_ends():
    text = repr(logs(1001))
    assert text.count("FlowRunLog(") == 6
    assert "…" in text
    assert "line 0'" in text
    assert "line 1000'" in text


def test_a_line_unpacks_to_exactly_three():
    timestamp, level, message = logs(1)[0]
    assert (timestamp, level, message) == (from_micros(0), 20, "line 0")


def test_it_pickles_and_copies():
    assert pickle.loads(pickle.dumps(logs(3))) == logs(3)
    assert copy.deepcopy(logs(3)) == logs(3)


def test_a_pickled_slice_does_not_take_the_whole_log_along():
    assert len(pickle.dumps(logs(10_000)[:3])) < 5_000


@pytest.mark.parametrize("change", ["append", "sort", "clear", "__setitem__", "__delitem__"])
def test_it_has_no_method_that_changes(change):
    assert not hasattr(logs(1), change)


def test_a_line_of_unknown_level_and_no_message_is_a_line():
    log = FlowRunLogs(
        LogColumns.from_lists(
            timestamps=[0], levels=["TRACE"], messages=[None], ids=[None], loggers=[None],
            task_run_ids=[None], tasks={},
        )
    )  # fmt: skip
    assert log[0] == (from_micros(0), None, None)


@pandas3
@pytest.mark.parametrize("count", [0, 3])
def test_templates_keep_their_contract(count):
    frame = logs(count).templates()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "pattern": "str", "count": "int64", "first_at": TIME, "last_at": TIME, "level": "Int16", "example": "str",
    }  # fmt: skip
    assert isinstance(frame.index, pd.RangeIndex)


def test_templates_are_patterns_with_their_counts_times_and_first_message():
    (row,) = logs(3).templates().itertuples(index=False, name=None)
    first, last = (pd.Timestamp(micros, unit="us", tz="UTC") for micros in (0, 2000))
    assert row == ("line <int>", 3, first, last, 20, "line 0")


def test_only_the_most_frequent_templates_are_kept():
    assert len(logs(3).templates(most=1)) == 1
    with pytest.raises(InvalidArgument):
        logs(3).templates(most=0)


def test_what_a_template_masks_can_be_extracted():
    pattern = logs(3).templates()["pattern"][0]
    frame = logs(3).extract(pattern)
    assert list(frame.columns) == ["timestamp", "int_1", "task", "level", "seq"]
    assert frame["int_1"].tolist() == [0, 1, 2]


def test_templates_and_extract_read_a_slice_or_what_was_filtered():
    assert logs(9)[2:4].templates()["count"].tolist() == [2]
    assert logs(9).where("/[47]/").extract("line <n:int>")["n"].tolist() == [4, 7]
