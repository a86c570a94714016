r"""Patterns of log lines: literal text with slots, `rows=<int> in <seconds:float>s`.

A backslash marks text that looks like a slot but is not one: `\<module>`. Backslashes are special only there, where a
literal one is doubled: `C:\\<int>` is a backslash and a slot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowrun_widgets.errors import InvalidArgument

__all__ = ["CUT", "KINDS", "Slot", "escaped", "split"]

KINDS = ("int", "float", "word", "str", "path", "url", "uuid", "hex", "ip", "version", "time")
CUT = "…"
"""Marks the end of a pattern that was cut: any text may follow."""
MAX_TEXT_CHARS = 4_000
HALF_CHARACTER = re.compile("[\ud800-\udfff]")
SLOT = re.compile(r"(\\*)<([A-Za-z_][A-Za-z0-9_]*)(?::([A-Za-z_][A-Za-z0-9_]*))?>")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a pattern where lines differ. `name` is None if the pattern does not name it."""

    kind: str
    name: str | None = None

    def __str__(self) -> str:
        return f"<{self.name}:{self.kind}>" if self.name else f"<{self.kind}>"


def split(pattern: str) -> list[str | Slot]:
    """Return the parts of a pattern: texts, none of them empty, and slots.

    Raises:
        InvalidArgument: the pattern is not text, longer than 4,000 characters, not valid Unicode, or has a slot of
            unknown kind.
    """
    if not isinstance(pattern, str):
        raise InvalidArgument(f"A pattern has to be text, not {type(pattern).__name__}.")
    if len(pattern) > MAX_TEXT_CHARS:
        raise InvalidArgument(f"A pattern can have at most {MAX_TEXT_CHARS:,} characters.")
    if HALF_CHARACTER.search(pattern):
        raise InvalidArgument(
            "The pattern contains an unpaired surrogate, which is not valid Unicode."
        )
    parts: list[str | Slot] = []
    text, at = "", 0
    for found in SLOT.finditer(pattern):
        slashes, first, second = found.groups()
        text += pattern[at : found.start()] + "\\" * (len(slashes) // 2)
        at = found.end()
        if len(slashes) % 2:
            text += found[0][len(slashes) :]
            continue
        kind, name = (second, first) if second else (first, None)
        if kind not in KINDS:
            raise InvalidArgument(
                f"Unknown slot: {found[0][len(slashes) :]}. Kinds: {', '.join(KINDS)}. "
                f"To match it as text, write \\{found[0][len(slashes) :]}."
            )
        parts += [text, Slot(kind, name)] if text else [Slot(kind, name)]
        text = ""
    text += pattern[at:]
    return [*parts, text] if text else parts


def escaped(text: str, *, before_slot: bool = False) -> str:
    """Return a text as it is written in a pattern."""
    written = SLOT.sub(lambda found: "\\" * len(found[1]) + "\\" + found[0], text)
    if before_slot:
        written += "\\" * (len(written) - len(written.rstrip("\\")))
    return written
