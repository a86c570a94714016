"""Data blocks in a page: script elements that no browser runs, holding gzip in base64, so that no text can end them."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib
from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ANNOTATIONS", "ARCHIVE", "ATTEMPTS", "LINES", "NAMES", "PAYLOAD", "TASKS", "Block", "block", "blocks_of", "unpacked"]  # fmt: skip

PAYLOAD, ANNOTATIONS, TASKS, NAMES, LINES, ATTEMPTS, ARCHIVE = "p", "k", "t", "n", "l", "r", "a"
"""The kinds of blocks: the card's payload, pins and filter text, all task runs, names used by lines, lines, when task
runs began, records."""
KIND = "application/x-flowrun"
MAX_BYTES = 256_000_000
"""The largest size of an unpacked block, in bytes."""
PATTERN = re.compile(
    rf'<script type="{re.escape(KIND)}" data-card="(\d{{1,6}})" data-part="([a-z])">([A-Za-z0-9+/=\s]*)</script>'
)


class Block(NamedTuple):
    """One block in a page. `text` is base64."""

    card: int
    part: str
    text: str


def block(card: int, part: str, data: bytes) -> str:
    """Return the element that holds `data`."""
    text = base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()
    return f'<script type="{KIND}" data-card="{card}" data-part="{part}">{text}</script>\n'


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the blocks of a page, in their order."""
    for found in PATTERN.finditer(page):
        yield Block(int(found[1]), found[2], found[3])


def unpacked(found: Block) -> bytes:
    """Return the unpacked data of a block.

    Raises:
        ArchiveError: the block is damaged, or larger than 256 MB when unpacked.
    """
    try:
        packed = base64.b64decode(found.text)
        reader = zlib.decompressobj(wbits=31)
        data = reader.decompress(packed, MAX_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise ArchiveError(f"a part of the page is damaged: {error!s:.100}") from None
    if len(data) > MAX_BYTES:
        raise ArchiveError(f"a part of the page is larger than {MAX_BYTES // 1_000_000} MB.")
    if not reader.eof:
        raise ArchiveError("a part of the page is truncated.")
    return data
