"""The lines of a harvest as DataFrames: of pandas with categories, and of Dask with texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.errors import MissingExtra
from flowrun_widgets.harvest.layout import LOGS
from flowrun_widgets.harvest.parts import COLUMNS
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.report.frames import extract_frame, logs_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dask.dataframe as dd
    import pandas as pd

    from flowrun_widgets.harvest.parts import Part, Reader

__all__ = ["dask_frame", "harvested_frame"]

TEXTS = pa.schema(
    [
        pa.field(
            name,
            pa.large_string()
            if name == "flow" or LOGS.field(name).type == pa.string()
            else LOGS.field(name).type,
            name != "seq",
        )
        for name in COLUMNS
    ]
)
"""Names as texts, since the partitions of a Dask DataFrame have different categories."""


def harvested_frame(table: pa.Table) -> pd.DataFrame:
    """Return lines as the DataFrame that `HarvestedLogs.to_pandas` describes."""
    table = table.unify_dictionaries()
    frame = logs_frame(LogColumns(table))
    for name in ("flow_run_id", "flow"):
        frame[name] = table[name].to_pandas()
    return frame


def dask_frame(reader: Reader, parts: Sequence[Part]) -> dd.DataFrame:
    """Return the Dask DataFrame that `HarvestedLogs.to_dask` describes.

    Raises:
        MissingExtra: Dask is not installed.
    """
    try:
        from dask.dataframe import from_map, from_pandas
    except ImportError:
        raise MissingExtra(
            "A Dask DataFrame needs Dask: pip install 'flowrun-widgets[dask]'"
        ) from None
    nothing = _texts(reader.nothing(), COLUMNS)
    if not parts:
        return from_pandas(nothing, npartitions=1)
    return from_map(_part, parts, reader=reader, meta=nothing)


def _part(part: Part, reader: Reader, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a partition; Dask passes the `columns` that are needed."""
    wanted = COLUMNS if columns is None else columns
    return _texts(reader.read(part, wanted), wanted)


def _texts(columns: LogColumns, wanted: Sequence[str]) -> pd.DataFrame:
    schema = pa.schema([TEXTS.field(name) for name in wanted])
    return extract_frame(columns.table.select([*wanted]).cast(schema))
