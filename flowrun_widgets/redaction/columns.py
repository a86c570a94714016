"""Redacts log lines: lines that were searched once are not searched again when lines are added."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.redaction.key_blocks import begins, key_lines
from flowrun_widgets.redaction.records import Redacted
from flowrun_widgets.redaction.texts import marks, rules_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.redaction.redaction import Redaction
    from flowrun_widgets.redaction.texts import Rules

    Place = tuple[int, int, int]

__all__ = ["redacted_columns"]

LABELS = ("task", "logger", "flow_run")


@dataclass(slots=True)
class _Searched:
    """The chunks of a log that were searched. Keeping them here prevents that their memory addresses are reused."""

    chunks: dict[Place, tuple[pa.Array, pa.Array, int]] = field(default_factory=dict)
    table: pa.Table | None = None
    result: Redacted[LogColumns] | None = None


def redacted_columns(columns: LogColumns, redaction: Redaction) -> Redacted[LogColumns]:
    """Return log lines without secrets in messages, task labels and logger names; the same object if there are none.

    The findings are stored with the lines and passed on by `with_new`, so watching a run costs only the new lines.
    Chunks without secrets are shared, not copied.
    """
    known = columns.derived.get(redaction)
    searched = known if isinstance(known, _Searched) else _Searched()
    if searched.result is not None and searched.table is columns.table:
        return searched.result
    work = _Work(rules_of(redaction), searched.chunks)
    table, count = columns.table, 0
    for name in ("message", *LABELS):
        if name not in table.column_names:
            continue
        old = table[name].chunks
        new = [work.texts(one) if name == "message" else work.labels(one) for one in old]
        if any(one is not chunk for (one, _), chunk in zip(new, old, strict=True)):
            position = table.schema.get_field_index(name)
            column = pa.chunked_array([one for one, _ in new], table.schema.field(position).type)
            table = table.set_column(position, table.schema.field(position), column)
        if name == "message":  # a label belongs to a task run, which counts it itself
            count = sum(found for _, found in new)
            if redaction.defaults:
                table, hidden = _without_keys(columns.table, table, [found for _, found in new])
                count += hidden
    clean = columns if table is columns.table else LogColumns(table, columns.arrived)
    result = Redacted(clean, count)
    columns.derived[redaction] = _Searched(work.used, columns.table, result)
    return result


def _without_keys(before: pa.Table, table: pa.Table, counts: Sequence[int]) -> tuple[pa.Table, int]:
    """Return the lines without keys that span several lines, and the number of lines with a part of such a key."""
    positions: list[int] = []
    start = 0
    for chunk, count in zip(before["message"].chunks, counts, strict=True):
        if count:
            positions += [start + place for place in begins(chunk)]
        start += len(chunk)
    found = dict(key_lines(before, positions)) if positions else {}
    if not found:
        return table, 0
    position = table.schema.get_field_index("message")
    field = table.schema.field(position)
    chunks: list[pa.Array] = []
    start = 0
    for chunk in table["message"].chunks:
        mine = {
            place - start: text for place, text in found.items() if 0 <= place - start < len(chunk)
        }
        start += len(chunk)
        mask = np.zeros(len(chunk), bool)
        mask[[*mine]] = True
        said = pa.array([mine[place] for place in sorted(mine)], field.type)
        chunks.append(pc.replace_with_mask(chunk, pa.array(mask), said) if mine else chunk)
    return table.set_column(position, field, pa.chunked_array(chunks, field.type)), len(found)


class _Work:
    def __init__(self, rules: Rules, known: dict[Place, tuple[pa.Array, pa.Array, int]]) -> None:
        self._rules = rules
        self._known = known
        self.used: dict[Place, tuple[pa.Array, pa.Array, int]] = {}

    def texts(self, chunk: pa.Array) -> tuple[pa.Array, int]:
        place = _place(chunk)
        before, after, count = self._known.get(place) or (None, None, 0)
        if before is None or after is None or len(before) < len(chunk):
            before, (after, count) = chunk, self._rules.cleaned(chunk)
        self.used[place] = (before, after, count)
        if not count:
            return chunk, 0
        if len(before) > len(chunk):
            after = after.slice(0, len(chunk))
            count = marks(after)
        return (chunk if after.equals(chunk) else after), count

    def labels(self, chunk: pa.DictionaryArray) -> tuple[pa.Array, int]:
        words = chunk.dictionary
        clean, _ = self.texts(words)
        if clean is words:
            return chunk, 0
        return clean.take(chunk.indices).dictionary_encode(), 0


def _place(chunk: pa.Array) -> Place:
    """Return the memory address at which the texts of a chunk begin; every prefix of the chunk has the same one."""
    _, offsets, texts = chunk.buffers()
    return (
        0 if offsets is None else offsets.address,
        0 if texts is None else texts.address,
        chunk.offset,
    )
