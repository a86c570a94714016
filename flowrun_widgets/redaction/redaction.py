"""The setting `Redaction`: the default rules for secrets, and additional ones for the user's data."""

from __future__ import annotations

from dataclasses import dataclass

from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.redaction.names import words_of

__all__ = ["DEFAULT", "Redaction"]

MAX_PATTERNS = 200
MAX_PATTERN_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Redaction:
    """Says which values are removed before a run is displayed, saved or exported.

    Args:
        patterns: RE2 regular expressions (no look-around); the whole match is replaced, including its groups.
        names: names of parameters and other keys, matched by their words: "customer email" also matches
            `customerEmail` and `CUSTOMER_EMAIL_2`. Their values are replaced, also in texts after `=` and `:`.
        defaults: apply the default rules as well: keys and tokens of known formats, passwords in addresses,
            `password=…`, and values with the name of a secret.

    Raises:
        InvalidArgument: a pattern is not a regular expression or matches everywhere, or a name has no letter.
    """

    patterns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    defaults: bool = True

    def __post_init__(self) -> None:
        for field in ("patterns", "names"):
            given = getattr(self, field)
            if isinstance(given, str) or not isinstance(given, list | tuple | set | frozenset):
                raise InvalidArgument(
                    f"{field} must be a sequence of texts: {field}=({given!r:.60},)"
                )
            ordered = sorted(given, key=str) if isinstance(given, set | frozenset) else given
            for one in ordered:
                if not isinstance(one, str) or not 0 < len(one) <= MAX_PATTERN_CHARS:
                    raise InvalidArgument(
                        f"each of the {field} must be text of 1 to {MAX_PATTERN_CHARS:,} characters, not {one!r:.60}"
                    )
            if len(given) > MAX_PATTERNS:
                raise InvalidArgument(f"too many {field}: {len(given)}, at most {MAX_PATTERNS}")
            object.__setattr__(self, field, tuple(ordered))
        if self.patterns:
            from flowrun_widgets.redaction.patterns import check_pattern

            for pattern in self.patterns:
                check_pattern(pattern)
        for name in self.names:
            if not words_of(name):
                raise InvalidArgument(f"{name!r:.60} is not a name: it has no letter.")


DEFAULT = Redaction()
"""The default rules."""
