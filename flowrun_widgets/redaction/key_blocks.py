"""Private keys that were logged line by line: what follows the line that begins one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowrun_widgets.arrow import pc
from flowrun_widgets.redaction.rules import PEM, REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

__all__ = ["begins", "key_lines"]

BEGIN = rf"-----BEGIN [A-Z0-9 ]*{PEM}"
HEAD = re.compile(rf"(?s:.*\n)?(.*?){BEGIN}")
BODY = re.compile(r"[A-Za-z0-9+/=]{4,}|(?:Proc-Type|DEK-Info|Version|Comment):.*")
MOST_LINES = 2_000
"""How many lines of the log are looked through for the end of a key."""


def begins(messages: pa.Array) -> list[int]:
    """Return which messages begin a private key and do not end it."""
    opened = pc.match_substring_regex(messages, rf"(?s){BEGIN}")
    if not pc.any(opened).as_py():
        return []
    closed = pc.match_substring_regex(messages, rf"(?s){BEGIN}.*-----END ")
    return pc.indices_nonzero(pc.and_not(opened, closed)).to_pylist()


def key_lines(table: pa.Table, positions: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Yield the positions of lines with a part of a key, and what they are without it.

    `positions` are those of the lines that begin a key; its other lines are of the same task run, and begin with what
    stands before it.
    """
    for start in positions:
        part = table.slice(start, MOST_LINES).select(["message", "task_run_id"])
        messages, owners = (column.to_pylist() for column in part.columns)
        head = HEAD.match(messages[0])
        before = head[1] if head else ""
        for place in range(1, len(messages)):
            if owners[place] != owners[0]:
                continue
            text = (messages[place] or "").removeprefix(before).strip()
            if not text:
                continue
            if not BODY.fullmatch(text):
                break
            yield start + place, before + REDACTED
