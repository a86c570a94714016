"""`Markup`: how names and texts of a run are written into sentences, as Markdown and as plain text.

These texts are untrusted. Nothing in them can end the quotes, the code span or the block that they are put into.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from flowrun_widgets.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MARKDOWN", "MAX_NAME_CHARS", "PLAIN", "Markup"]

MAX_NAME_CHARS = 120
NOTHING = "?"
FENCE = "```"


class Markup(ABC):
    """A way of writing. `gap` stands between two paragraphs."""

    gap: str

    @abstractmethod
    def strong(self, text: str) -> str:
        """Return a word of ours that is to stand out."""

    @abstractmethod
    def quoted(self, text: str, most: int = MAX_NAME_CHARS) -> str:
        """Return untrusted text in one line, of at most `most` characters, marked as a quotation."""

    @abstractmethod
    def block(self, lines: Sequence[str]) -> str:
        """Return untrusted lines as a block that none of them can end, each made of one message."""

    @abstractmethod
    def quotation(self, lines: Sequence[str]) -> str:
        """Return the lines of one untrusted text as a block, in which none can look like a line of a `block`."""

    @abstractmethod
    def code(self, text: str) -> str:
        """Return an expression of ours."""

    @abstractmethod
    def address(self, url: str) -> str:
        """Return an address, which was checked."""


class Markdown(Markup):
    """Markdown: code spans and fenced blocks."""

    gap = "\n\n"

    def strong(self, text: str) -> str:
        return f"**{text}**"

    def quoted(self, text: str, most: int = MAX_NAME_CHARS) -> str:
        return f"`{_flat(text, most).replace('`', chr(39))}`"

    def block(self, lines: Sequence[str]) -> str:
        joined = "\n".join(lines).replace(FENCE, "'''")
        return f"{FENCE}\n{joined}\n{FENCE}"

    def quotation(self, lines: Sequence[str]) -> str:
        return self.block(lines)

    def code(self, text: str) -> str:
        return self.quoted(text)

    def address(self, url: str) -> str:
        return f"<{url}>"


class Plain(Markup):
    """Plain text: quotation marks, and blocks that are indented by four blanks, those of one text by a bar as well.

    No line is empty.
    """

    gap = "\n"

    def strong(self, text: str) -> str:
        return text

    def quoted(self, text: str, most: int = MAX_NAME_CHARS) -> str:
        return f'"{_flat(text, most).replace(chr(34), chr(39))}"'

    def block(self, lines: Sequence[str]) -> str:
        return _indented(lines, "    ")

    def quotation(self, lines: Sequence[str]) -> str:
        return _indented(lines, "    | ")

    def code(self, text: str) -> str:
        return text

    def address(self, url: str) -> str:
        return url


MARKDOWN, PLAIN = Markdown(), Plain()


def _indented(lines: Sequence[str], margin: str) -> str:
    parts = "\n".join(lines).split("\n")
    return "\n".join(f"{margin}{part}" for part in parts if part.strip())


def _flat(text: str, most: int) -> str:
    words = " ".join(plain(text[: 8 * most]).split())
    return shortened(words, most) or NOTHING
