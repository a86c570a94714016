"""Harvesting runs into Parquet files: what is written, when, and that a crash does no harm."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import flowrun_widgets as fw
from flowrun_widgets.cli import main
from flowrun_widgets.connection.connection import Connection
from flowrun_widgets.errors import BackendUnavailable, InvalidArgument, NotFound, UnexpectedAnswer
from flowrun_widgets.harvest.layout import FLOW_RUNS, LOGS, TASK_RUNS
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.flow_runs import FlowRunList
from flowrun_widgets.states import Running
from flowrun_widgets.times import now
from tests.generated_runs import FLOWS, ManyRuns, many_runs, run_id
from tests.harvests import killed_and_resumed, names_of
from tests.secrets import CANARY, TEXTS_WITH_CANARIES

KILLS = 5
RUNS, LINES = 40, 5_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A harvest of 200,000 lines that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    many_runs(ManyRuns(RUNS, LINES)).to_parquet(folder)
    return folder


def logs_of(source):
    return pa.concat_tables(
        source.columns(number).table.select(["timestamp", "message"])
        for number in range(source.runs)
    ).sort_by([("timestamp", "ascending"), ("message", "ascending")])


def test_every_line_and_every_run_is_in_the_files_once(whole):
    source = ManyRuns(RUNS, LINES)
    read = pq.read_table(whole / "logs")
    assert read.select(["timestamp", "message"]).sort_by(
        [("timestamp", "ascending"), ("message", "ascending")]
    ).cast(logs_of(source).schema) == logs_of(source)
    frame = pd.read_parquet(whole / "runs")
    assert sorted(frame["flow_run_id"]) == sorted(map(run_id, range(RUNS)))
    assert set(frame["line_count"]) == {LINES}
    assert len(pd.read_parquet(whole / "task_runs")) == 5 * RUNS


def test_columns_are_plain_strings_and_times_in_microseconds(whole):
    for kind, schema in (("logs", LOGS), ("task_runs", TASK_RUNS), ("runs", FLOW_RUNS)):
        for name in (whole / kind).rglob("*.parquet"):
            assert pq.read_schema(name).equals(schema)
            assert pq.ParquetFile(name).schema.column(0).max_definition_level == 1


@pytest.mark.parametrize("kind", ["logs", "task_runs", "runs"])
def test_pandas_duckdb_and_polars_read_the_same_from_it(whole, kind):
    by_pandas = pd.read_parquet(whole / kind)
    glob = f"{whole}/{kind}/*/*/*.parquet"
    by_duckdb = (
        duckdb.sql(f"from read_parquet('{glob}', hive_types_autocast = false)").arrow().read_all()
    )
    by_polars = polars.read_parquet(glob, hive_partitioning=True, try_parse_hive_dates=False)
    key = ["flow_run_id"] + (
        ["seq"] if kind == "logs" else ["task_run_id"] if kind == "task_runs" else []
    )
    texts = ["flow", "date", "flow_run_id"] + (["message"] if kind == "logs" else [])
    expected = by_pandas.sort_values(key)[texts].astype("str").reset_index(drop=True)
    for other in (by_duckdb.to_pandas(), by_polars.to_pandas()):
        assert set(other.columns) == set(by_pandas.columns)
        found = other.sort_values(key)[texts].astype("str").reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected)
    assert set(by_pandas["flow"]) == set(FLOWS)


def test_a_harvest_that_is_killed_at_random_moments_ends_with_the_same_rows(whole, tmp_path):
    killed = killed_and_resumed(tmp_path / "out", whole, RUNS, LINES, KILLS, seed=3)
    assert killed >= 2
    assert names_of(tmp_path / "out") == names_of(whole)


def test_a_second_harvest_reads_no_log_and_writes_nothing(tmp_path):
    source = ManyRuns(6, 10)
    many_runs(source).to_parquet(tmp_path)
    before = written_at(tmp_path)
    source.read.clear()
    done = many_runs(source).to_parquet(tmp_path)
    assert (done.runs, done.written, source.read) == (6, 0, [])
    assert written_at(tmp_path) == before


def written_at(folder):
    """Return for each file when it was written, and which file it is."""
    found = {name: (folder / name).stat() for name in names_of(folder)}
    return {name: (stat.st_mtime_ns, stat.st_ino) for name, stat in found.items()}


def test_the_next_day_only_new_runs_are_read(tmp_path):
    many_runs(ManyRuns(6, 10)).to_parquet(tmp_path)
    source = ManyRuns(8, 10)
    assert many_runs(source).to_parquet(tmp_path).written == 2
    assert source.read == [run_id(7), run_id(6)]
    many_runs(source).to_parquet(tmp_path / "other")
    assert names_of(tmp_path / "other") == [
        name for name in names_of(tmp_path) if not name.startswith("other/")
    ]


class Going(ManyRuns):
    """Its newest run goes on, or has just ended."""

    ended_at = None

    def record(self, number):
        record = super().record(number)
        if number < self.runs - 1:
            return record
        if self.ended_at is None:
            return replace(record, state=Running(timestamp=record.started_at), ended_at=None)
        return replace(
            record, ended_at=self.ended_at, state=replace(record.state, timestamp=self.ended_at)
        )


def test_a_run_that_goes_on_is_read_again_until_all_of_its_lines_must_be_there(tmp_path):
    source = Going(3, 10)
    newest = run_id(2)
    assert many_runs(source).to_parquet(tmp_path).going == 1
    source.read.clear()
    source.lines = 15
    assert many_runs(source).to_parquet(tmp_path).going == 1
    assert source.read == [newest]
    assert fw.read_logs(tmp_path).count() == 10 + 10 + 15
    source.ended_at = now().subtract(seconds=5)
    assert many_runs(source).to_parquet(tmp_path).going == 1
    source.ended_at = now().subtract(seconds=90)
    assert many_runs(source).to_parquet(tmp_path).going == 0
    source.read.clear()
    assert many_runs(source).to_parquet(tmp_path).written == 0


def test_a_run_that_began_on_another_day_than_it_was_due_is_there_once(tmp_path):
    source = Going(1, 10)
    [record] = source.flow_runs(many_filter())
    due = replace(record, started_at=None, scheduled_start_at=record.started_at.subtract(days=1))
    connection = Connection(source, "a test")
    FlowRunList([FlowRunView(due, connection)]).to_parquet(tmp_path)
    many_runs(source).to_parquet(tmp_path)
    assert len(names_of(tmp_path)) == 3
    assert fw.read_logs(tmp_path).count() == 10


def many_filter():
    from flowrun_widgets.backends.run_filter import RunFilter

    return RunFilter()


class Broken(ManyRuns):
    """One run cannot be read."""

    def __init__(self, runs, lines, broken, error):
        super().__init__(runs, lines)
        self.broken, self.error = broken, error

    def logs(self, flow_run_id, start, end, **more):
        if flow_run_id == run_id(self.broken):
            raise self.error
        return super().logs(flow_run_id, start, end, **more)


def test_a_run_that_cannot_be_read_is_named_and_the_others_are_written(tmp_path):
    source = Broken(4, 10, 2, UnexpectedAnswer("half an answer"))
    done = many_runs(source).to_parquet(tmp_path)
    assert (done.written, done.failed) == (3, ((run_id(2), "half an answer"),))
    assert run_id(2) in repr(done)
    assert many_runs(ManyRuns(4, 10)).to_parquet(tmp_path).written == 1


def test_a_server_that_does_not_answer_ends_it_and_what_was_written_stays(tmp_path):
    source = Broken(4, 10, 1, BackendUnavailable("down"))
    with pytest.raises(BackendUnavailable):
        many_runs(source).to_parquet(tmp_path)
    assert fw.read_logs(tmp_path).count() == 20
    assert many_runs(ManyRuns(4, 10)).to_parquet(tmp_path).written == 2


class Named(ManyRuns):
    """Runs with flows of these names, and ids that a test sets."""

    names = (
        None, "", ".", "..", "../../etc/passwd", "a=b/c", "x" * 5_000, "\u00fc" * 300, "__HIVE_DEFAULT_PARTITION__",
        "new\nline", "nul\0", "%2e%2e", "date=2020-01-01", "\u202eright to left", " blank ", "C:\\x", "*?[a]", "~", "日本語",
    )  # fmt: skip

    def record(self, number):
        return replace(super().record(number), flow_name=self.names[number])


def test_no_flow_name_leads_out_of_the_folder_and_each_is_found(tmp_path):
    names = Named.names
    many_runs(Named(len(names), 3)).to_parquet(tmp_path / "in")
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["in"]
    for name in names_of(tmp_path / "in"):
        parts = name.split("/")
        assert len(parts) == 4
        assert max(len(os.fsencode(part)) for part in parts) < 250
    logs = fw.read_logs(tmp_path / "in")
    assert logs.count() == 3 * len(names)
    for name in names:
        if name:
            assert logs.where(flow=name).count() == 3, name
    assert logs.to_pandas()["flow"].isna().sum() == 0
    runs = pd.read_parquet(tmp_path / "in" / "runs")
    assert {"x" * 5_000, "../../etc/passwd", "nul\0"} <= set(runs["flow_name"].dropna())


def test_an_id_that_is_not_an_id_names_no_file(tmp_path):
    class Hostile(ManyRuns):
        def record(self, number):
            return replace(super().record(number), id="../../../x")

    done = many_runs(Hostile(1, 1)).to_parquet(tmp_path / "in")
    assert "not the id" in done.failed[0][1]
    assert names_of(tmp_path / "in") == []


class Leaking(ManyRuns):
    """Every text is one with a secret."""

    def record(self, number):
        record = super().record(number)
        return replace(
            record,
            name=f"token={CANARY}",
            flow_name=f"password={CANARY}",
            state=replace(record.state, message=TEXTS_WITH_CANARIES[number]),
        )

    def columns(self, number):
        texts = TEXTS_WITH_CANARIES
        return LogColumns.from_lists(
            timestamps=range(len(texts)), levels=["INFO"] * len(texts), messages=texts, ids=[None] * len(texts),
            loggers=[f"token={CANARY}"] * len(texts), task_run_ids=["x"] * len(texts), tasks={"x": f"pwd={CANARY}"},
        )  # fmt: skip


def texts_in(folder):
    """Return all that a harvest says: names, metadata and rows."""
    for name in names_of(folder):
        file = pq.ParquetFile(folder / name)
        yield name
        yield str(file.metadata.metadata)
        yield json.dumps(file.read().to_pylist(), default=str)


def test_no_secret_is_written_unless_that_is_asked_for(tmp_path):
    done = many_runs(Leaking(2, 1)).to_parquet(tmp_path)
    assert done.redacted > 2 * len(TEXTS_WITH_CANARIES)
    assert not any(CANARY in text for text in texts_in(tmp_path))
    assert many_runs(Leaking(2, 1)).to_parquet(tmp_path).written == 0
    done = many_runs(Leaking(2, 1)).to_parquet(tmp_path, redact=False)
    assert (done.written, done.redacted) == (2, None)
    assert any(CANARY in text for text in texts_in(tmp_path))
    assert many_runs(Leaking(2, 1)).to_parquet(tmp_path, redact=True).written == 2
    assert not any(CANARY in text for text in texts_in(tmp_path))


def test_a_file_that_is_not_ours_or_of_another_version_is_written_again(tmp_path):
    many_runs(ManyRuns(3, 5)).to_parquet(tmp_path)
    first, second, third = (
        tmp_path / name for name in names_of(tmp_path) if name.startswith("runs/")
    )
    first.write_bytes(b"PAR1 not really")
    pq.write_table(pa.table({"x": [1]}), second)
    table = pq.read_table(third, partitioning=None)
    facts = json.loads(table.schema.metadata[b"flowrun"]) | {"format": 0}
    pq.write_table(table.replace_schema_metadata({b"flowrun": json.dumps(facts)}), third)
    assert many_runs(ManyRuns(3, 5)).to_parquet(tmp_path).written == 3


def test_a_missing_file_is_written_again(tmp_path):
    many_runs(ManyRuns(3, 5)).to_parquet(tmp_path)
    next((tmp_path / "logs").rglob("*.parquet")).unlink()
    assert many_runs(ManyRuns(3, 5)).to_parquet(tmp_path).written == 1


def test_what_a_crash_left_is_removed_and_read_by_nobody(tmp_path):
    many_runs(ManyRuns(2, 5)).to_parquet(tmp_path)
    left = tmp_path / ".partial" / f".{run_id(0)}.parquet.0a1b2c3d.tmp"
    left.parent.mkdir()
    left.write_bytes(b"PAR1 half a file")
    assert fw.read_logs(tmp_path).count() == 10
    many_runs(ManyRuns(2, 5)).to_parquet(tmp_path)
    assert not left.parent.exists()


def test_two_at_once_do_not_write_into_one_folder(tmp_path):
    class Twice(ManyRuns):
        def logs(self, *arguments, **more):
            with pytest.raises(InvalidArgument, match="Another process is writing"):
                many_runs(ManyRuns(1, 1)).to_parquet(tmp_path)
            return super().logs(*arguments, **more)

    assert many_runs(Twice(1, 1)).to_parquet(tmp_path).written == 1


def test_a_long_log_is_in_row_groups_that_a_reader_can_hold(tmp_path):
    many_runs(ManyRuns(1, 150_000)).to_parquet(tmp_path)
    [path] = (tmp_path / "logs").rglob("*.parquet")
    file = pq.ParquetFile(path)
    sizes = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    assert sizes == [65_536, 65_536, 18_928]

    class Wide(ManyRuns):
        def columns(self, number):
            columns = super().columns(number)
            return columns.with_messages(
                pa.chunked_array([pa.array(["x" * 1_000_000] * len(columns), pa.large_string())])
            )

    many_runs(Wide(1, 40)).to_parquet(tmp_path / "wide")
    [path] = (tmp_path / "wide" / "logs").rglob("*.parquet")
    assert pq.ParquetFile(path).num_row_groups == 4


@pytest.mark.parametrize("scheme", ["memory", "file", "shelf"])
def test_a_url_is_a_folder_too(scheme, tmp_path, whole):
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Shelf(MemoryFileSystem):
        """A file system in which a file can be seen before all of it was written."""

        protocol = ("shelf",)
        store, pseudo_dirs = {}, [""]

    fsspec.register_implementation("shelf", Shelf, clobber=True)
    url = {
        "memory": "memory://lake/runs",
        "file": f"file://{tmp_path}/lake",
        "shelf": "shelf://lake",
    }[scheme]
    source = ManyRuns(5, 20)
    assert many_runs(source).to_parquet(url).written == 5
    source.read.clear()
    assert many_runs(source).to_parquet(url).written == 0
    assert source.read == []
    assert many_runs(ManyRuns(6, 20)).to_parquet(url, redact=False).written == 6
    logs = fw.read_logs(url)
    assert logs.count() == 120
    assert logs.where(flow="2024").count() == 20
    many_runs(ManyRuns(6, 20)).to_parquet(tmp_path / "same")
    same = fw.read_logs(tmp_path / "same")
    pd.testing.assert_frame_equal(logs.to_pandas(), same.to_pandas())
    if scheme == "shelf":
        assert not [name for name in Shelf.store if ".partial" in name]


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:C4NARY@bucket/x",
        "https://h/x?sig=C4NARYc4narYC4NARYc4%3D&se=1",
        "sftp://me:C4NARY@host/x",
    ],
)
def test_a_url_with_a_key_is_refused_and_not_repeated(url):
    for ask in (lambda: many_runs(ManyRuns(1, 1)).to_parquet(url), lambda: fw.read_logs(url)):
        with pytest.raises(InvalidArgument, match="environment") as caught:
            ask()
        assert "C4NARY" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidArgument, match="No file can be written"):
        many_runs(ManyRuns(1, 1)).to_parquet(tmp_path / "file")
    with pytest.raises(InvalidArgument, match="path"):
        many_runs(ManyRuns(1, 1)).to_parquet(7)


def test_a_list_without_runs_writes_nothing(tmp_path):
    done = FlowRunList().to_parquet(tmp_path / "none")
    assert (done.runs, done.written) == (0, 0)
    with pytest.raises(NotFound, match="to_parquet"):
        fw.read_logs(tmp_path / "none")


def test_the_command_harvests_and_can_be_repeated(recorded_store, tmp_path, capsys):
    command = [
        "save",
        "--since",
        "9999d",
        "--to",
        str(tmp_path / "out"),
        "--api",
        str(recorded_store),
    ]
    assert main(command) == 0
    said = capsys.readouterr()
    assert "runs written" in said.out
    assert said.err == ""
    assert main(command) == 0
    assert "0\u202fruns" not in capsys.readouterr().err
    with fw.connect(recorded_store):
        listed = fw.find_flow_runs(limit=None, subflows=True)
        expected = sum(len(run.get_logs()) for run in listed)
    assert fw.read_logs(tmp_path / "out").count() == expected


@pytest.mark.parametrize(
    "wrong",
    [["--since", "7x"], ["--since", "7d", "-o", "x.flowrun"], ["--requests-per-minute", "0"], []],
)
def test_the_command_refuses_what_makes_no_sense(wrong, tmp_path, recorded_store):
    command = ["save", "--to", str(tmp_path / "out"), "--api", str(recorded_store), *wrong]
    try:
        status = main(command)
    except SystemExit as error:
        status = error.code
    assert status in (1, 2)
    assert not Path(tmp_path / "out").exists()
