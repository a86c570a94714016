"""DataFrames with fixed columns: names, dtypes and order never depend on the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from flowrun_widgets.analysis.durations import ended_at, ran_seconds, took_seconds
from flowrun_widgets.times import seconds_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa
    from pendulum import DateTime

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
    from flowrun_widgets.report.run_grid import RunGrid
    from flowrun_widgets.states import State

__all__ = [
    "extract_frame",
    "flow_runs_frame",
    "frame_of",
    "logs_frame",
    "run_grid_frame",
    "states_frame",
    "task_runs_frame",
    "templates_frame",
]

TIME = "datetime64[us, UTC]"
TASK_RUN_COLUMNS = {
    "task_run_id": "str",
    "name": "str",
    "task_slug": "str",
    "map_index": "Int64",
    "state": "str",
    "state_name": "str",
    "message": "str",
    "started_at": TIME,
    "ended_at": TIME,
    "duration_seconds": "float64",
    "attempts": "int64",
    "ran_seconds": "float64",
}
FLOW_RUN_COLUMNS = {
    "flow_run_id": "str",
    "name": "str",
    "flow_name": "str",
    "state": "str",
    "state_name": "str",
    "message": "str",
    "scheduled_start_at": TIME,
    "started_at": TIME,
    "ended_at": TIME,
    "duration_seconds": "float64",
    "ui_url": "str",
    "ran_seconds": "float64",
}
STATE_COLUMNS = {
    "timestamp": TIME,
    "state": "str",
    "name": "str",
    "message": "str",
    "duration_seconds": "float64",
}

GRID_COLUMNS = {
    "task": "str",
    "flow_run_id": "str",
    "flow_run": "str",
    "started_at": TIME,
    "state": "str",
    "state_name": "str",
    "task_runs": "int64",
    "in_state": "int64",
    "ran_seconds": "float64",
}
COMPARED_TASK_RUN_COLUMNS = {
    "task": "str",
    "name": "str",
    "map_index": "Int64",
    "found_in": "str",
    "state": "str",
    "baseline_state": "str",
    "attempts": "Int64",
    "baseline_attempts": "Int64",
    "waited_seconds": "float64",
    "baseline_waited_seconds": "float64",
    "ran_seconds": "float64",
    "baseline_ran_seconds": "float64",
    "ran_difference_seconds": "float64",
    "task_run_id": "str",
    "baseline_task_run_id": "str",
}
COMPARED_TEMPLATE_COLUMNS = {
    "change": "str",
    "level": "Int16",
    "pattern": "str",
    "count": "int64",
    "baseline_count": "int64",
    "first_at": TIME,
    "example": "str",
}


def logs_frame(columns: LogColumns) -> pd.DataFrame:
    """Return log columns as the DataFrame that `FlowRunLogs.to_pandas` describes."""
    table = columns.table.unify_dictionaries()
    frame = pd.DataFrame(
        {
            "timestamp": table["timestamp"].to_pandas().dt.as_unit("us"),
            "level": table["level"]
            .to_pandas(types_mapper={_int16(): pd.Int16Dtype()}.get)
            .astype("Int16"),
            "level_name": _category(table["level_name"]),
            "task": _category(table["task"]),
            "logger": _category(table["logger"]),
            "message": table["message"].to_pandas().astype("str")
            if len(table) == 0
            else _text(table["message"]),
            "task_run_id": _category(table["task_run_id"]),
            "seq": table["seq"].to_pandas(),
        }
    )
    if "flow_run" in table.column_names:
        frame["flow_run"] = _category(table["flow_run"])
    return frame.reset_index(drop=True)


def extract_frame(table: pa.Table) -> pd.DataFrame:
    """Return a table of `analysis.extract` as the DataFrame that `FlowRunLogs.extract` describes."""
    table = table.unify_dictionaries()
    return pd.DataFrame(
        {field.name: _typed(table[field.name], field) for field in table.schema}
    ).reset_index(drop=True)


def templates_frame(
    rows: Sequence[tuple[str, int, int, int, int | None, str]],
) -> pd.DataFrame:
    """Return templates, each as its fields, as the DataFrame that `FlowRunLogs.templates` describes."""
    patterns, counts, firsts, lasts, levels, examples = (
        map(list, zip(*rows, strict=True)) if rows else ([] for _ in range(6))
    )
    return pd.DataFrame(
        {
            "pattern": _strings(patterns),
            "count": pd.Series(counts, dtype="int64"),
            "first_at": pd.Series(firsts, dtype="datetime64[us]").dt.tz_localize("UTC"),
            "last_at": pd.Series(lasts, dtype="datetime64[us]").dt.tz_localize("UTC"),
            "level": pd.Series(levels, dtype="Int16"),
            "example": _strings(examples),
        }
    )


def task_runs_frame(records: Iterable[TaskRunRecord]) -> pd.DataFrame:
    """Return task runs as the DataFrame that `FlowRunView.task_runs_frame` describes."""
    rows = [
        (
            record.id,
            record.label,
            record.task_slug,
            record.map_index,
            record.state.type,
            record.state.name,
            record.state.message,
            record.started_at,
            record.ended_at,
            _took(record),
            record.attempts,
            _ran(record),
        )
        for record in records
    ]
    return _frame(rows, TASK_RUN_COLUMNS)


def run_grid_frame(grid: RunGrid) -> pd.DataFrame:
    """Return the cells of a grid as the DataFrame that `FlowRunGrid.to_pandas` describes."""
    rows = [
        (
            task,
            run.id,
            run.name,
            run.started_at,
            cell.state.type,
            cell.state.name,
            cell.count,
            cell.unsuccessful,
            cell.ran_seconds,
        )
        for task in grid.tasks
        for run in grid.runs
        if (cell := grid.cells.get((task, run.id))) is not None
    ]
    return _frame(rows, GRID_COLUMNS)


def flow_runs_frame(records: Iterable[FlowRunRecord]) -> pd.DataFrame:
    """Return flow runs as the DataFrame that `FlowRunList.to_pandas` describes."""
    rows = [
        (
            record.id,
            record.name,
            record.flow_name,
            record.state.type,
            record.state.name,
            record.state.message,
            record.scheduled_start_at,
            record.started_at,
            record.ended_at,
            _took(record),
            record.ui_url,
            _ran(record),
        )
        for record in records
    ]
    return _frame(rows, FLOW_RUN_COLUMNS)


def states_frame(states: Sequence[State]) -> pd.DataFrame:
    """Return a history as the DataFrame that `FlowRunView.states_frame` describes."""
    times = [state.timestamp for state in states]
    spans = [
        _seconds(earlier, later) for earlier, later in zip(times, [*times[1:], None], strict=False)
    ]
    rows = [
        (state.timestamp, state.type, state.name, state.message, span)
        for state, span in zip(states, spans, strict=True)
    ]
    return _frame(rows, STATE_COLUMNS)


def compared_task_runs_frame(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Return pairs of task runs as the DataFrame that `RunComparison.task_runs_frame` describes."""
    return _frame(rows, COMPARED_TASK_RUN_COLUMNS)


def compared_templates_frame(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Return patterns as the DataFrame that `RunComparison.templates_frame` describes; `first_at` is in microseconds."""
    frame = _frame([(*row[:5], None, row[6]) for row in rows], COMPARED_TEMPLATE_COLUMNS)
    times = pd.Series([row[5] for row in rows], dtype="datetime64[us]")
    return frame.assign(first_at=times.dt.tz_localize("UTC"))


def frame_of(rows: Sequence[tuple[Any, ...]], columns: dict[str, str]) -> pd.DataFrame:
    """Return rows as a DataFrame with these columns, each with its dtype."""
    return _frame(rows, columns)


def _took(record: FlowRunRecord | TaskRunRecord) -> float | None:
    """Return the seconds from start to end; missing until it ends."""
    return took_seconds(record, None)


def _ran(record: FlowRunRecord | TaskRunRecord) -> float | None:
    """Return the seconds of its attempts; missing while one is running, since a frame has no current time."""
    if record.state.is_running():
        return None
    until = record.state.timestamp or ended_at(record) or record.updated_at
    return None if until is None else ran_seconds(record, until)


def _seconds(start: DateTime | None, end: DateTime | None) -> float | None:
    return seconds_between(start, end) if start and end else None


def _frame(rows: Sequence[tuple[Any, ...]], columns: dict[str, str]) -> pd.DataFrame:
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return pd.DataFrame(
        {
            name: _series(list(part), dtype)
            for (name, dtype), part in zip(columns.items(), values, strict=True)
        }
    )


def _series(values: list[Any], dtype: str) -> pd.Series:
    if dtype == TIME:
        return (
            pd.Series(pd.to_datetime(values, utc=True)).dt.as_unit("us")
            if values
            else pd.Series([], dtype=TIME)
        )
    return pd.Series(values, dtype=dtype) if dtype != "str" else _strings(values)


def _strings(values: list[Any]) -> pd.Series:
    return pd.Series(values, dtype=STRING)


def _category(column: Any) -> pd.Series:
    series = column.to_pandas()
    return (
        series
        if len(column)
        else pd.Series([], dtype=pd.CategoricalDtype(pd.Index([], dtype=STRING)))
    )


def _typed(column: Any, field: pa.Field) -> pd.Series:
    """Return a column: nullable numbers, times in µs, texts as `str`, names as categories."""
    kind = str(field.type)
    if kind.startswith("dictionary"):
        return _category(column)
    if kind.startswith("timestamp"):
        return column.to_pandas().dt.as_unit("us")
    if kind in NULLABLE and field.nullable:
        dtype: Any = NULLABLE[kind]
        return column.to_pandas(types_mapper={field.type: dtype}.get).astype(dtype)
    return _text(column) if kind == "large_string" else column.to_pandas()


def _text(column: Any) -> pd.Series:
    return column.to_pandas().astype(STRING)


def _int16() -> Any:
    import pyarrow as pa

    return pa.int16()


NULLABLE = {"int64": pd.Int64Dtype(), "int16": pd.Int16Dtype()}
STRING: Any = pd.Series(["a"]).dtype if pd.__version__ >= "3" else pd.StringDtype("pyarrow")
"""`str` on pandas 3; `string[pyarrow]` on 2.2, whose `str` means Python objects."""
