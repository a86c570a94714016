"""Reads long lists page by page, ahead of the caller that processes them."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import datetime
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from flowrun_widgets.backends.prefect3.keyset import REPEATS
from flowrun_widgets.backends.progress import contexts
from flowrun_widgets.backends.together import CHECK_SECONDS
from flowrun_widgets.errors import UnexpectedAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flowrun_widgets.backends.prefect3.keyset import KeysetWalk, Row

__all__ = ["Progress", "from_both_ends", "offset_pages"]

T = TypeVar("T")
RowT = TypeVar("RowT", bound="Row")

AHEAD = 32
"""The maximum number of pages that wait for the caller."""


def from_both_ends(
    upwards: KeysetWalk[RowT],
    downwards: KeysetWalk[RowT],
    ask: Callable[[KeysetWalk[RowT]], list[RowT]],
    page_size: Callable[[], int],
) -> Iterator[tuple[bool, list[RowT]]]:
    """Yield the new rows of each page, and whether they came from the upper end, where the newest rows come first.

    The two walks run in parallel until they meet, which hides half of the latency. Where they meet, a few rows come
    from both.
    """

    def have_met() -> bool:
        low, high = _moment(upwards.at), _moment(downwards.at)
        return low is not None and high is not None and high < low

    def pages(walk: KeysetWalk[RowT]) -> Iterator[tuple[bool, list[RowT]]]:
        while not (walk.is_done or have_met()):
            page = ask(walk)
            yield walk is downwards, walk.take(page, page_size())

    first = pages(upwards)
    yield next(first)
    if not upwards.is_done:
        yield from _ahead(first, pages(downwards))


def offset_pages(
    ask: Callable[[int], list[RowT]], page_size: Callable[[], int]
) -> Iterator[list[RowT]]:
    """Yield pages by offset: for sorts with a total order, and lists that grow only at the front.

    Rows that are added meanwhile move others to the next page, where these appear again.

    Raises:
        UnexpectedAnswer: pages repeatedly have no new rows, because the server ignores the offset.
    """

    def pages() -> Iterator[list[RowT]]:
        offset, is_over = len(first), False
        while not is_over:
            page = ask(offset)
            offset += len(page)
            is_over = progress.is_last(page, page_size())
            yield page

    progress, first = Progress(), ask(0)
    is_whole = progress.is_last(first, page_size())
    yield first
    if not is_whole:
        yield from _ahead(pages())


class Progress:
    """Checks that the pages of one list still have new rows."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._repeats = 0

    def is_last(self, page: Sequence[Row], page_size: int) -> bool:
        """Note a page, and return whether it is the last one, because it is not full.

        Raises:
            UnexpectedAnswer: full pages repeatedly have no new rows.
        """
        before = len(self._seen)
        self._seen.update(row.id for row in page)
        self._repeats = 0 if len(self._seen) > before else self._repeats + 1
        if len(page) < page_size:
            return True
        if self._repeats > REPEATS:
            raise UnexpectedAnswer(
                f"The server sends the same {len(self._seen):,} rows for every page, so it seems to ignore the offset. "
                "Check whether a proxy changes requests or answers."
            )
        return False


class _End(NamedTuple):
    """The last item from each thread; `error` is the exception that ended it, if any."""

    error: Exception | None = None


def _ahead(*sources: Iterator[T]) -> Iterator[T]:
    """Yield the items of several sources, each read on its own thread; the first error of any is raised here."""
    waiting: Queue[T | _End] = Queue(AHEAD)
    is_over = threading.Event()

    def put(item: T | _End) -> None:
        while not is_over.is_set():
            with suppress(Full):
                waiting.put(item, timeout=CHECK_SECONDS)
                return

    def run(source: Iterator[T]) -> None:
        try:
            for item in source:
                put(item)
                if is_over.is_set():
                    return
        except Exception as error:  # noqa: BLE001  it is raised where the pages are wanted
            put(_End(error))
        else:
            put(_End())

    for source, context in zip(sources, contexts(len(sources)), strict=True):
        threading.Thread(
            target=context.run, args=(run, source), name="flowrun-pages", daemon=True
        ).start()
    going = len(sources)
    try:
        while going:
            with suppress(Empty):
                item = waiting.get(timeout=CHECK_SECONDS)
                if not isinstance(item, _End):
                    yield item
                elif item.error is not None:
                    raise item.error
                else:
                    going -= 1
    finally:
        is_over.set()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
