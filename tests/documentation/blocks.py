"""The code blocks of README and docs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    page: Path
    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    """Return the blocks in these languages, page by page, in their order."""
    return [
        Block(page, language, text)
        for page in PAGES
        for language, text in BLOCK.findall(page.read_text("utf-8"))
        if language in languages
    ]


def pages(*languages: str) -> dict[str, list[str]]:
    """Return the texts of the blocks in these languages by the name of the page."""
    found: dict[str, list[str]] = {}
    for block in blocks(*languages):
        found.setdefault(block.page.name, []).append(block.text)
    return found
