"""Checking the ids, names and numbers that users pass."""

from __future__ import annotations

from uuid import UUID

from flowrun_widgets.errors import InvalidArgument

__all__ = ["checked_id", "checked_map_index", "checked_text"]


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
            f"{shown!r} is not a valid {what}, which looks like '4c0101af-c6bb-4b96-8661-63a5bbfb5596'. "
            "The server's UI shows it in the address of the run."
        ) from None


def checked_text(value: object, what: str) -> str:
    """Return a name.

    Raises:
        InvalidArgument: not text, or text that is not valid Unicode.
    """
    if not isinstance(value, str):
        raise InvalidArgument(f"`{what}` has to be text, not {type(value).__name__}.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidArgument(
            f"`{what}` contains an unpaired surrogate, which is not valid Unicode: {value!r:.80}"
        ) from None
    return value


def checked_map_index(value: object) -> int:
    """Return the number of a mapped child; -1 if the task run is not a mapped child.

    Raises:
        InvalidArgument: not such a number.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not -1 <= value < 2**31:
        raise InvalidArgument(f"`map_index` has to be a number from 0 upwards, not {value!r:.80}.")
    return value
