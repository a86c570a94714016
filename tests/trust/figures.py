"""The tables of docs/trust.md: `make trust` prints them and writes them into the page, tests read them back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PAGE = Path(__file__).parents[2] / "docs" / "trust.md"


def publish(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table as Markdown, and put it into the page between the two comments of this name."""
    table = "\n".join(
        [_line(columns), _line(["---"] * len(columns)), *(_line(_shown(row)) for row in rows)]
    )
    print(f"\n{table}")
    page, found = _block(name).subn(lambda at: f"{at[1]}{table}\n{at[3]}", PAGE.read_text("utf-8"))
    if found != 1:
        raise LookupError(f"docs/trust.md has {found} tables named {name}, not one.")
    PAGE.write_text(page, "utf-8")


def published(name: str) -> list[dict[str, str]]:
    """Return the rows of a table as the page has them, by the names of its columns."""
    found = _block(name).search(PAGE.read_text("utf-8"))
    if not found:
        raise LookupError(f"docs/trust.md has no table named {name}.")
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in found[2].splitlines()
    ]
    return [dict(zip(head, row, strict=True)) for row in rows]


def _block(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- table: {name} -->\n\n)(.*?)(\n<!-- end -->)", re.DOTALL)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(row: Sequence[object]) -> list[str]:
    return [
        f"{cell:,}" if isinstance(cell, int) else f"{cell:,.1f}" if isinstance(cell, float) else str(cell).replace("|", "\\|")
        for cell in row
    ]  # fmt: skip
