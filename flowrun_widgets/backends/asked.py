"""Whether an answer is about what was asked for. One that is not is an error, whoever mixed up the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.errors import UnexpectedAnswer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["check_ids"]


def check_ids(found: Iterable[object], asked: Collection[str], what: str, url: str) -> None:
    """Raise UnexpectedAnswer unless all ids are among those that were asked for; what has no id is passed over."""
    wanted = {one.lower() for one in asked}
    for one in found:
        if one and str(one).lower() not in wanted:
            listed = ", ".join([*asked][:3])
            raise UnexpectedAnswer(
                f"{url} was asked for {what} {listed} and answered about another, {str(one)[:80]}. "
                "Does a proxy or a shared socket mix up answers?"
            )
