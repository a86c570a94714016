"""Checks the patterns of a redaction."""

from __future__ import annotations

import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.redaction.rules import whole_rule

__all__ = ["check_pattern"]


def check_pattern(pattern: str) -> None:
    """Raise InvalidArgument unless this is an RE2 regular expression that does not match everywhere."""
    try:
        is_everywhere = pc.match_substring_regex(pa.array([""]), pattern)[0].as_py()
        pc.match_substring_regex(pa.array([""]), whole_rule(pattern)[0])
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        why = str(error).rpartition(": ")[2]
        raise InvalidArgument(
            f"{pattern!r:.80} is not an RE2 regular expression (RE2 has no look-around): {why:.120}"
        ) from None
    if is_everywhere:
        raise InvalidArgument(
            f"the pattern {pattern!r:.80} matches everywhere, so nothing would be left."
        )
