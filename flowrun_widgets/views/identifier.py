"""Ids that users give."""

from __future__ import annotations

from uuid import UUID

from flowrun_widgets.errors import InvalidArgument

__all__ = ["checked_id"]


def checked_id(value: object, what: str) -> str:
    """Return the id as servers write it, in lower case with hyphens.

    Raises:
        InvalidArgument: not a UUID.
    """
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str):
        raise InvalidArgument(f"Unexpected type {type(value)} for `{what}`, expected 'str'.")
    try:
        return str(UUID(value.strip()))
    except ValueError:
        shown = value if len(value) <= 60 else value[:60] + "…"
        raise InvalidArgument(
            f"{shown!r} is no {what}: it looks like '4c0101af-c6bb-4b96-8661-63a5bbfb5596'. "
            "The server's UI has it in the address of the run."
        ) from None
