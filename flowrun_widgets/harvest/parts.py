"""The files of a harvest, part by part: `Part` is what is read at once, `Reader` reads one in any process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import dataset

from flowrun_widgets.errors import ArchiveError
from flowrun_widgets.harvest.choice import Choice
from flowrun_widgets.harvest.folder import Folder
from flowrun_widgets.harvest.layout import LOGS
from flowrun_widgets.log_columns import DICTIONARY, LogColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COLUMNS", "Part", "Reader", "found_parts"]

COLUMNS = [*LOGS.names, "flow"]
"""The columns of lines that are read back: those of the files, and the name of the flow's folder."""
NAMES = [one.name for one in LOGS if one.type == pa.string() and one.name != "message"]
PARTITIONS = pa.schema([pa.field("flow", pa.string()), pa.field("date", pa.string())])
FOOTERS_AT_ONCE = 8
IN_MEMORY = dict.fromkeys(NAMES, DICTIONARY) | {"message": pa.large_string()}
"""The types of lines in memory, where they differ from those in files."""


@dataclass(frozen=True, slots=True)
class Part:
    """Row groups of one file, which are read at once."""

    number: int
    """Its place among all parts, in order of flow, day and run."""
    name: str
    """The path of the file in the folder."""
    row_groups: tuple[int, ...]
    line_count: int
    flow: str | None
    first_at: int | None = None
    """The time of the first line in microseconds since 1970; None: there is no line."""
    last_at: int | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the chosen lines of a part. It pickles as the folder's address and the choice, without any credential."""

    folder: Folder
    choice: Choice = field(default_factory=Choice)

    def read(self, part: Part, wanted: Sequence[str] = tuple(COLUMNS)) -> LogColumns:
        """Return these columns of the chosen lines, in the order of `COLUMNS`.

        Raises:
            ArchiveError: the file is not one of a harvest.
        """
        needed = {*wanted, *self.choice.columns()}
        if not needed & {*LOGS.names}:
            needed.add("level")
        names = [name for name in LOGS.names if name in needed]
        try:
            with self.folder.opened(part.name, read_dictionary=NAMES) as file:
                table = file.read_row_groups([*part.row_groups], columns=names, use_threads=False)
        except pa.ArrowInvalid as error:
            raise ArchiveError(f"{part.name:.300} cannot be read: {error!s:.200}") from None
        table = _in_memory(table, names, part.name)
        mask = self.choice.mask(LogColumns(table))
        if mask is not None:
            table = table.filter(mask)
        if "flow" in wanted:
            flow = pa.repeat(pa.scalar(part.flow, pa.string()), len(table)).dictionary_encode()
            table = table.append_column(pa.field("flow", DICTIONARY), pa.chunked_array([flow]))
        return LogColumns(table.select([name for name in COLUMNS if name in wanted]))

    def nothing(self) -> LogColumns:
        """Return all columns without a line."""
        return LogColumns(pa.schema([(one, _type(one)) for one in COLUMNS]).empty_table())


def found_parts(folder: Folder, choice: Choice) -> tuple[Part, ...]:
    """Return the parts that can have chosen lines, by the names of folders and the statistics in files.

    Raises:
        ArchiveError: a file is not a Parquet file.
    """
    names = folder.files("logs")
    if not names:
        return ()
    schema = pa.unify_schemas([LOGS, PARTITIONS])
    files = dataset.dataset(
        [folder.path(name) for name in names],
        schema=schema,
        filesystem=folder.filesystem,
        format="parquet",
        partitioning=dataset.partitioning(PARTITIONS, flavor="hive"),
        partition_base_dir=folder.path("logs"),
    )
    condition = choice.expression()
    known = {folder.path(name): name for name in names}
    fragments: list[Any] = sorted(files.get_fragments(condition), key=lambda one: one.path)

    def pieces(fragment: Any) -> list[Part]:
        name = known[fragment.path]
        values = dataset.get_partition_keys(fragment.partition_expression)
        try:
            groups = fragment.split_by_row_group(condition, schema)
            return [_part(name, group.row_groups[0], values.get("flow")) for group in groups]
        except pa.ArrowInvalid as error:
            raise ArchiveError(f"{name:.300} is not a Parquet file: {error!s:.200}") from None

    with ThreadPoolExecutor(FOOTERS_AT_ONCE) as threads:
        found = [part for parts in threads.map(pieces, fragments) for part in parts]
    return tuple(
        Part(number, one.name, one.row_groups, one.line_count, one.flow, one.first_at, one.last_at)
        for number, one in enumerate(found)
    )


def _part(name: str, group: Any, flow: str | None) -> Part:
    times = (group.statistics or {}).get("timestamp") or {}
    first, last = (
        None
        if times.get(end) is None
        else pa.scalar(times[end], LOGS.field("timestamp").type).value
        for end in ("min", "max")
    )
    return Part(0, name, (group.id,), group.num_rows, flow, first, last)


def _type(name: str) -> pa.DataType:
    return DICTIONARY if name == "flow" else IN_MEMORY.get(name, LOGS.field(name).type)


def _in_memory(table: pa.Table, names: list[str], file: str) -> pa.Table:
    schema = pa.schema([pa.field(name, _type(name)) for name in names])
    if table.column_names == names:
        try:
            return table.cast(schema)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError):
            pass
    raise ArchiveError(f"{file:.300} does not have the columns of a harvest.")
