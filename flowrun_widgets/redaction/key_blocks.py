"""Finds private keys that were logged line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowrun_widgets.arrow import pc, true_positions
from flowrun_widgets.redaction.rules import PEM, REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

__all__ = ["begins", "key_lines"]

BEGIN = rf"-----BEGIN [A-Z0-9 ]*{PEM}"
HEAD = re.compile(rf"(?s:.*\n)?(.*?){BEGIN}")
BODY = re.compile(r"[A-Za-z0-9+/=]{4,}|(?:Proc-Type|DEK-Info|Version|Comment):.*")
MAX_LINES = 2_000
"""How many log lines are searched for the end of a key."""


def begins(messages: pa.Array) -> list[int]:
    """Return the positions of messages that contain the beginning but not the end of a private key."""
    opened = pc.match_substring_regex(messages, rf"(?s){BEGIN}")
    if not pc.any(opened).as_py():
        return []
    closed = pc.match_substring_regex(messages, rf"(?s){BEGIN}.*-----END ")
    return true_positions(pc.and_not(opened, closed)).to_pylist()


def key_lines(table: pa.Table, positions: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Yield the positions of lines with a part of a key, and their text without it.

    `positions` are the lines that begin a key; its other lines belong to the same task run and have the same prefix.
    """
    columns = table.select(["message", "task_run_id"])
    opened: dict[str | None, tuple[int, str]] = {}
    """For each task run, where its key begins and the prefix before it."""
    first = {*positions}
    for start in _blocks(first, len(table)):
        messages, owners = (
            column.to_pylist() for column in columns.slice(start, MAX_LINES).columns
        )
        for place, message, owner in zip(range(start, len(table)), messages, owners, strict=False):
            if place in first:
                head = HEAD.match(message)
                opened[owner] = place, head[1] if head else ""
            elif owner in opened:
                began, before = opened[owner]
                text = (message or "").removeprefix(before).strip()
                if place - began >= MAX_LINES or (text and not BODY.fullmatch(text)):
                    del opened[owner]
                elif text:
                    yield place, before + REDACTED


def _blocks(first: set[int], count: int) -> list[int]:
    """Return where the blocks of lines begin that may contain a part of a key."""
    numbers = {at // MAX_LINES + more for at in first for more in (0, 1)}
    return sorted(number * MAX_LINES for number in numbers if number * MAX_LINES < count)
