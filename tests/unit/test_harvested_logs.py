"""Reading the lines of a harvest back: filters, patterns and counts, in memory that does not grow."""

from __future__ import annotations

import pickle
import re
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import flowrun_widgets as fw
from flowrun_widgets.analysis import template_counts
from flowrun_widgets.errors import ArchiveError, InvalidArgument, NotFound, QuerySyntaxError
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.views.logs import FlowRunLogs
from tests.generated_runs import FLOWS, ManyRuns, many_runs, run_id
from tests.harvests import levels_of_duckdb, templates_of_duckdb

RUNS, LINES = 15, 2_000
SOURCE = ManyRuns(RUNS, LINES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("harvest")
    many_runs(SOURCE).to_parquet(folder)
    return folder


@pytest.fixture(scope="module")
def logs(folder):
    return fw.read_logs(folder)


@pytest.fixture(scope="module")
def every(logs):
    """All lines as one log in memory, in the same order."""
    numbers = sorted(range(RUNS), key=lambda number: (folder_key(number), number))
    return FlowRunLogs(LogColumns.stacked([labelled(number) for number in numbers]))


def folder_key(number):
    from flowrun_widgets.harvest.layout import folder_of

    return folder_of(SOURCE.record(number))


def labelled(number):
    return SOURCE.columns(number).of_flow_run(f"run-{number}")


def counts_of(frame):
    return Counter(dict(zip(frame["pattern"], frame["count"], strict=True)))


def test_templates_and_levels_equal_what_duckdb_counts(logs, folder):
    assert counts_of(logs.templates(10_000)) == templates_of_duckdb(folder)
    levels = logs.level_counts()
    assert dict(zip(levels["level_name"], levels["count"], strict=True)) == levels_of_duckdb(folder)
    assert levels["level"].tolist() == [40, 30, 20, 10]


def test_templates_equal_those_of_one_log_in_memory(logs, every):
    found, expected = logs.templates(), every.templates()
    order = ["count", "pattern"]
    pd.testing.assert_frame_equal(
        found.drop(columns="example").sort_values(order, ignore_index=True),
        expected.drop(columns="example").sort_values(order, ignore_index=True),
    )
    assert list(found.dtypes) == list(expected.dtypes)
    patterns = [re.escape(pattern.split("<")[0]) for pattern in found["pattern"]]
    assert all(map(re.match, patterns, found["example"]))


@pytest.mark.parametrize(
    "text",
    [
        "level>=error", "level:debug level:error", "-level:info", "level>debug level<error", "level:notset", "retrying",
        "/day=[0-9]+/ -level:debug", "task:load-3", "task=\"\"", "logger:urllib3 timeout", "run:run-3", "-run:run-1", "attempt:1",
        "time:2025-11-22T05:00Z..", "time:..2025-11-22T05:00Z", "time:2025-11-22T04:30Z..2025-11-22T04:50Z level>=warning",
        "-time:2025-11-22T04:30Z..2025-11-22T04:50Z", "time:..2024-01-01T00:00Z", "traceback", "-traceback",
    ],
)  # fmt: skip
def test_a_filter_text_finds_the_same_lines_as_in_memory(logs, every, text):
    found, expected = logs.where(text), every.where(text)
    assert found.count() == len(expected)
    key = ["timestamp", "message"]
    pd.testing.assert_frame_equal(
        found.to_pandas()[key].sort_values(key, ignore_index=True),
        expected.to_pandas()[key].sort_values(key, ignore_index=True),
    )


def test_filters_after_each_other_are_all_met(logs):
    both = logs.where("level:error").where("level:warning", flow="2024")
    assert both.count() == 0
    one = logs.where("level>=warning").where("task:load-1").where(flow=["2024", "a/b=c%20"])
    assert (
        one.where(flow="2024").count()
        == logs.where("level>=warning task:load-1", flow="2024").count()
        > 0
    )
    assert one.where(flow="ledger close").count() == 0


def test_files_and_row_groups_that_cannot_match_are_not_read(folder, tmp_path):
    logs = fw.read_logs(folder)
    kept = {
        "flow": logs.where(flow="2024"),
        "since": logs.where(since="2025-11-23"),
        "until": logs.where(until="2025-11-22"),
        "time": logs.where("time:2025-11-22T04:30Z..2025-11-22T04:50Z"),
        "level": logs.where("level:critical"),
    }
    files = {name: len({part.name for part in one._parts}) for name, one in kept.items()}
    assert files == {"flow": 3, "since": 5, "until": 10, "time": 1, "level": 0}
    many_runs(ManyRuns(1, 150_000)).to_parquet(tmp_path)
    long = fw.read_logs(tmp_path)
    assert [len(one._parts) for one in (long, long.where("time:..2025-11-22T02:05Z"))] == [3, 1]


def test_extract_gives_the_values_of_all_runs_and_names_the_run(logs, every):
    pattern = "Loaded <rows:int> rows in <float> s"
    found, expected = logs.extract(pattern), every.extract(pattern)
    assert [*found.columns] == [*expected.columns, "flow_run_id"]
    assert Counter(found["rows"]) == Counter(expected["rows"])
    assert [str(kind) for kind in found.dtypes[:-1]] == [str(kind) for kind in expected.dtypes]
    assert set(found["flow_run_id"]) == set(map(run_id, range(RUNS)))
    with pytest.warns(UserWarning, match="No line matches"):
        assert len(logs.extract("nowhere <int>")) == 0
    with pytest.raises(InvalidArgument):
        logs.extract("<flow_run_id:int>")
    with pytest.raises(InvalidArgument):
        logs.extract("no slot")


def test_batches_are_plain_and_bounded(folder):
    batches = [*fw.read_logs(folder).to_batches()]
    assert sum(map(len, batches)) == RUNS * LINES
    assert max(map(len, batches)) <= 65_536
    assert not any(pa.types.is_dictionary(one.type) for one in batches[0].schema)
    assert {name for batch in batches for name in set(batch["flow"].to_pylist())} == set(FLOWS)


def test_a_frame_has_the_columns_of_a_log_and_where_the_line_is_from(logs, every):
    frame = logs.to_pandas()
    assert [*frame.columns] == [*every.to_pandas().columns, "flow_run_id", "flow"]
    assert len(frame) == RUNS * LINES
    assert frame[["flow", "flow_run_id"]].drop_duplicates().shape == (RUNS, 2)
    few = logs.to_pandas(limit=7)
    pd.testing.assert_frame_equal(few.astype(str), frame[:7].astype(str))
    assert len(logs.to_pandas(0)) == 0
    assert [*logs.where("nowhere").to_pandas().dtypes.index] == [*frame.columns]
    with pytest.raises(InvalidArgument):
        logs.to_pandas(-1)


def test_dask_reads_the_same(logs):
    frame = logs.to_dask()
    counts = frame.groupby("level_name").size().compute(scheduler="synchronous")
    levels = logs.level_counts()
    assert counts.to_dict() == dict(zip(levels["level_name"], levels["count"], strict=True))
    assert len(logs.where("nowhere").to_dask()) == 0
    assert len(logs.where("level:critical").to_dask()) == 0


def test_what_goes_to_a_worker_holds_no_key(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_API_KEY", "C4NARYc4narY")
    many_runs(ManyRuns(2, 10)).to_parquet(tmp_path)
    logs = fw.read_logs(tmp_path).where("level>=info")
    graph = pickle.dumps(dict(logs.to_dask().__dask_graph__()))
    assert str(tmp_path).encode() in graph
    for sent in (graph, pickle.dumps(logs), pickle.dumps(logs._reader)):
        assert b"C4NARY" not in sent
        assert b"httpx" not in sent
        assert b"Connection" not in sent
    assert pickle.loads(pickle.dumps(logs)).count() == logs.count()


def test_an_executor_may_do_the_counting(logs):
    with ThreadPoolExecutor(3) as executor:
        for ask in (logs.templates, logs.level_counts):
            pd.testing.assert_frame_equal(ask(executor=executor), ask())


def test_a_hostile_number_of_patterns_takes_bounded_memory_and_is_told(tmp_path, monkeypatch):
    class Wordy(ManyRuns):
        def columns(self, number):
            columns = super().columns(number)
            words = [
                f"{word}: it is done"
                for word in map(word_of, range(number * 400, number * 400 + 200))
            ]
            usual = ["nothing to do"] * (len(columns) - len(words))
            return columns.with_messages(
                pa.chunked_array([pa.array(words + usual, pa.large_string())])
            )

    def word_of(number):
        return "".join(chr(97 + int(digit)) for digit in str(number)) + "xyz" * (number % 50)

    many_runs(Wordy(4, 1_000)).to_parquet(tmp_path)
    logs = fw.read_logs(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exact = logs.templates()
    monkeypatch.setattr(template_counts, "MAX_KEYS", 100)
    monkeypatch.setattr(template_counts, "PENDING", 1)
    monkeypatch.setattr(template_counts, "merged_keys", lambda keys: (keys, [*range(len(keys))]))
    with pytest.warns(UserWarning, match="too many patterns"):
        found = logs.templates()
    assert len(found) <= 100
    assert counts_of(found)["nothing to do"] == counts_of(exact)["nothing to do"] == 3_200


def test_the_repr_says_what_is_there(logs):
    assert "15\u202fruns" in repr(logs) or "15 runs" in repr(logs)
    assert "22 Nov 2025, 02:00:0" in repr(logs)
    assert "where (level>=error)" in repr(logs.where("level>=error"))
    assert "at most" in repr(logs.where("level>=error"))


@pytest.mark.parametrize(
    "wrong", [{"since": "soon"}, {"until": 7}, {"flow": 7}, {"flow": [""]}, {"tz": "Nowhere", "text": "time:..2025-11-22T02:00"}]
)  # fmt: skip
def test_wrong_conditions_are_refused(logs, wrong):
    with pytest.raises(InvalidArgument):
        logs.where(**wrong)


def test_a_time_needs_a_date_and_a_wrong_text_says_where(logs):
    for text in ("time:02:00..", "level>="):
        with pytest.raises(QuerySyntaxError):
            logs.where(text)


def test_files_that_are_not_of_a_harvest_are_one_error(folder, tmp_path):
    with pytest.raises(NotFound):
        fw.read_logs(tmp_path / "nothing")
    many_runs(ManyRuns(1, 5)).to_parquet(tmp_path)
    [name] = (tmp_path / "logs").rglob("*.parquet")
    pq.write_table(pa.table({"level": pa.array([1, 2], pa.int16()), "x": [1, 2]}), name)
    with pytest.raises(ArchiveError, match="columns of a harvest"):
        fw.read_logs(tmp_path).templates()
    name.write_bytes(b"PAR1")
    for ask in (lambda: fw.read_logs(tmp_path).count(), lambda: repr(fw.read_logs(tmp_path))):
        with pytest.raises(ArchiveError, match="not a Parquet file"):
            ask()


def test_the_recipe_for_duckdb_in_the_docs_runs(folder, monkeypatch):
    text = (Path(__file__).parents[2] / "docs" / "harvest.md").read_text("utf-8")
    recipes = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    assert recipes
    monkeypatch.chdir(folder)
    for recipe in recipes:
        connection = duckdb.connect()
        statements = duckdb.extract_statements(recipe.replace("lake/flowruns/", ""))
        rows = [connection.execute(one).fetchall() for one in statements]
        assert rows[-1]
