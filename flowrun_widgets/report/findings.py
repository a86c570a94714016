"""`Findings`: what an analysis of many runs found, as sentences and tables; written as text and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from flowrun_widgets.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "BLUE",
    "MAX_ROWS",
    "Column",
    "Findings",
    "Link",
    "Table",
    "findings_markdown",
    "findings_text",
    "percent",
    "sparkline",
]

MAX_ROWS = 30
"""How many rows of a table are shown."""
MAX_CELL_CHARS = 160
"""How many characters of a cell are shown."""
BLUE = "#4c86e0"
"""The colour of bars that are neither good nor bad; readable on light and dark."""
STEPS = "▁▂▃▄▅▆▇█"
NOTHING = "·"
MARKDOWN = str.maketrans({character: f"\\{character}" for character in r"\`*_[]<>|#~&$"})


class Column(NamedTuple):
    """A column of a table."""

    head: str
    kind: Literal["text", "figure", "code", "bar"] = "text"
    """`figure` is aligned to the right; `code` is a pattern or a value; `bar` repeats as characters what another says."""
    colour: str = ""


class Link(NamedTuple):
    """A cell that links to a page of the server."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Rows beyond 30 are left out and counted."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str | Link]]
    caption: str = ""

    @property
    def shown(self) -> list[list[Link]]:
        """The rows that are shown, each cell in one line."""
        return [[_cell(cell) for cell in row] for row in self.rows[:MAX_ROWS]]

    @property
    def left_out(self) -> str:
        """How many rows are not shown, as a sentence; empty if all are."""
        more = len(self.rows) - MAX_ROWS
        return f"{more} more {'row is' if more == 1 else 'rows are'} left out." if more > 0 else ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What an analysis found, without secrets. The texts of servers in it are not escaped yet."""

    title: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    note: str = ""
    """What was read, and what was left out."""


def findings_text(found: Findings) -> str:
    """Return the findings as text, with aligned tables."""
    parts = [found.title, " ".join(map(_flat, found.sentences))]
    for table in found.tables:
        if table.rows:
            head = [column.head for column in table.columns]
            rows = [head, *([cell.text for cell in row] for row in table.shown)]
            parts += ["", *([table.title] if table.title else []), *_aligned(rows, table.columns)]
            parts += [table.left_out] if table.left_out else []
    return "\n".join(
        [*filter(None, parts[:2]), *parts[2:], *(["", found.note] if found.note else [])]
    )


def findings_markdown(found: Findings) -> str:
    """Return the findings as Markdown that no text of a server can end or format."""
    parts = [f"**{_escaped(found.title)}**", " ".join(map(_escaped, found.sentences))]
    for table in found.tables:
        if not table.rows:
            continue
        lines = [
            _row(column.head for column in table.columns),
            _row("---:" if column.kind == "figure" else "---" for column in table.columns),
        ]
        for row in table.shown:
            cells = zip(table.columns, row, strict=True)
            lines.append(_row(_markdown_cell(column, cell) for column, cell in cells))
        parts += [f"**{_escaped(table.title)}**"] if table.title else []
        parts.append("\n".join(lines))
        parts += [table.left_out] if table.left_out else []
    parts += [_escaped(found.note)] if found.note else []
    return "\n\n".join(filter(None, parts)) + "\n"


def percent(share: float) -> str:
    """Return a share as a percentage: `12 %`, `0.4 %`, `100 %`."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 9.95 or value == 0 else f"{value:.1f} %"


def sparkline(counts: Iterable[float]) -> str:
    """Return numbers as a row of bars, one character each; a dot stands for zero."""
    values = list(counts)
    most = max(values, default=0)
    return "".join(
        STEPS[min(len(STEPS) - 1, int(len(STEPS) * value / most))] if value > 0 else NOTHING
        for value in values
    )


def _cell(cell: str | Link) -> Link:
    text, url = cell if isinstance(cell, Link) else (cell, None)
    is_address = url is not None and url.startswith(("http://", "https://"))
    return Link(shortened(_flat(text), MAX_CELL_CHARS), url if is_address else None)


def _flat(text: str) -> str:
    """Return a text in one line; no-break spaces stay."""
    return " ".join(
        part for part in plain(text).replace("\t", " ").replace("\n", " ").split(" ") if part
    )


def _aligned(rows: Sequence[Sequence[str]], columns: Sequence[Column]) -> list[str]:
    widths = [max(map(len, part)) for part in zip(*rows, strict=True)]
    return [
        "  ".join(
            f"{cell:>{width}}" if column.kind == "figure" else f"{cell:{width}}"
            for cell, width, column in zip(row, widths, columns, strict=True)
        ).rstrip()
        for row in rows
    ]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_cell(column: Column, cell: Link) -> str:
    if column.kind in {"code", "bar"} and cell.text:
        return f"`{cell.text.replace('`', chr(39)).replace('|', '¦')}`"
    text = _escaped(cell.text)
    if cell.url is None:
        return text
    url = cell.url.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("|", "%7C")
    return f"[{text}](<{url.replace('<', '%3C').replace('>', '%3E')}>)"


def _escaped(text: str) -> str:
    return _flat(text).translate(MARKDOWN)
