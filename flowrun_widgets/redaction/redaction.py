"""What counts as a secret, as a setting: our own rules, and those of whoever knows the data."""

from __future__ import annotations

from dataclasses import dataclass

from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.redaction.names import words_of

__all__ = ["DEFAULT", "Redaction"]

MAX_PATTERNS = 200
MAX_PATTERN_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Redaction:
    """Which values are taken out before a run is displayed, saved or exported.

    Args:
        patterns: regular expressions of RE2 (no look-around); whatever one matches, groups included, is replaced.
        names: names of parameters and of other keys, by their words: "customer email" is also `customerEmail` and
            `CUSTOMER_EMAIL_2`. Their values are replaced, in texts behind `=` and `:` as well.
        defaults: our own rules as well: keys and tokens of known looks, passwords in addresses, `password=…`, and
            what goes by the name of a secret.

    Raises:
        InvalidArgument: not a regular expression, or one that matches everywhere; a name without a letter.
    """

    patterns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    defaults: bool = True

    def __post_init__(self) -> None:
        for field in ("patterns", "names"):
            given = getattr(self, field)
            if isinstance(given, str) or not isinstance(given, list | tuple | set | frozenset):
                raise InvalidArgument(f"{field} are several texts: {field}=({given!r:.60},)")
            ordered = sorted(given, key=str) if isinstance(given, set | frozenset) else given
            for one in ordered:
                if not isinstance(one, str) or not 0 < len(one) <= MAX_PATTERN_CHARS:
                    raise InvalidArgument(
                        f"one of the {field} is no text of 1 to {MAX_PATTERN_CHARS:,} characters: {one!r:.60}"
                    )
            if len(given) > MAX_PATTERNS:
                raise InvalidArgument(f"{len(given)} {field} are too many: {MAX_PATTERNS} at most.")
            object.__setattr__(self, field, tuple(ordered))
        if self.patterns:
            from flowrun_widgets.redaction.patterns import check_pattern

            for pattern in self.patterns:
                check_pattern(pattern)
        for name in self.names:
            if not words_of(name):
                raise InvalidArgument(f"{name!r:.60} is no name: it has no letter.")


DEFAULT = Redaction()
"""Our own rules."""
