"""`write_table()`: rows in columns; on a terminal cut to its width, in a pipe as wide as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.plain_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowrun_widgets.cli.output import Output

__all__ = ["Column", "write_table"]

GAP = 2
MIN_CELLS = 10
"""A flexible column is not made narrower than this."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, whether its text may be cut on a terminal, and whether it is aligned to the right."""

    head: str
    is_flexible: bool = False
    is_right: bool = False


def write_table(
    output: Output,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    styles: Sequence[str | None] = (),
) -> None:
    """Write a table with a head. `styles` are of the first cells of the rows.

    On a terminal the flexible columns share what is left of its width, and what does not fit ends in an ellipsis. In a
    pipe nothing is cut, so that what follows can search whole names; columns are two or more blanks apart.
    """
    from rich.cells import cell_len, set_cell_size

    def cut(text: str, width: int) -> str:
        return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"

    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [
        max(map(cell_len, (column.head, *(row[n] for row in cells))))
        for n, column in enumerate(columns)
    ]
    if output.width is not None:
        widths = _fitting(widths, columns, output.width)

    def texts(row: Sequence[str], first: str | None, others: str | None) -> Iterator[str]:
        for n, (text, width, column) in enumerate(zip(row, widths, columns, strict=True)):
            shown = cut(text, width)
            room = " " * (width - cell_len(shown))
            styled = output.styled(shown, others if n else first)
            is_last = n == len(columns) - 1
            yield room + styled if column.is_right else styled + ("" if is_last else room)

    gap = " " * GAP
    output.line(gap.join(texts([column.head for column in columns], "quiet", "quiet")))
    known = [*styles, *([None] * (len(cells) - len(styles)))]
    for row, style in zip(cells, known, strict=True):
        output.line(gap.join(texts(row, style, None)).rstrip())


def _fitting(widths: list[int], columns: Sequence[Column], room: int) -> list[int]:
    """Return widths that fit, taking from the widest of the flexible columns."""
    widths = [*widths]
    least = [max(len(column.head), MIN_CELLS) for column in columns]
    while sum(widths) + GAP * (len(widths) - 1) > room:
        wider = [
            n for n, column in enumerate(columns) if column.is_flexible and widths[n] > least[n]
        ]
        if not wider:
            break
        widths[max(wider, key=widths.__getitem__)] -= 1
    return widths
