"""Checks that an answer is about what was requested. An answer about something else is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.errors import UnexpectedAnswer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["check_ids"]


def check_ids(found: Iterable[object], asked: Collection[str], what: str, url: str) -> None:
    """Raise UnexpectedAnswer unless all ids are among the requested ones; rows without an id are skipped."""
    wanted = {one.lower() for one in asked}
    for one in found:
        if one and str(one).lower() not in wanted:
            listed = ", ".join([*asked][:3])
            raise UnexpectedAnswer(
                f"{url} was asked for {what} {listed} but answered about {str(one)[:80]}. "
                "Check whether a proxy or a shared socket mixes up answers."
            )
