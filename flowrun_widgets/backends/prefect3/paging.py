"""Long lists, page by page: the next page is on its way while the caller digests one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from flowrun_widgets.backends.prefect3.keyset import KeysetWalk, Row

__all__ = ["keyset_pages", "offset_pages"]

T = TypeVar("T")
RowT = TypeVar("RowT", bound="Row")


def keyset_pages(
    walk: KeysetWalk[RowT],
    ask: Callable[[str | None, int], list[RowT]],
    page_size: Callable[[], int],
) -> Iterator[list[RowT]]:
    """Yield the rows of each page that were not seen before. `ask` gets the time to begin at and the offset."""
    with _one_ahead() as pool:
        page = ask(walk.after, walk.offset)
        while True:
            fresh = walk.take(page, page_size())
            if walk.is_done:
                yield fresh
                return
            coming = pool.submit(ask, walk.after, walk.offset)
            yield fresh
            page = coming.result()


def offset_pages(ask: Callable[[int], list[T]], page_size: Callable[[], int]) -> Iterator[list[T]]:
    """Yield pages by offset: for sorts that are an order of their own, and lists that grow only at the front."""
    with _one_ahead() as pool:
        offset = 0
        page = ask(offset)
        while len(page) >= page_size():
            offset += len(page)
            coming = pool.submit(ask, offset)
            yield page
            page = coming.result()
        yield page


@contextmanager
def _one_ahead() -> Generator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(1, "flowrun-page")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
