r"""Translates the regular expressions of a filter text to RE2, with the same meaning as in the page.

Case is ignored. `\d \w \s \b` are strictly ASCII: `\w` does not match `ſ`, although its capital is `S`. `.` is any
character but a line feed, `$` the end of the text. Syntax that JavaScript and RE2 could read differently is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["PatternError", "re2"]

MAX_EXPRESSION_CHARS = 1_000
"""The maximum number of characters in an expression, counting repetitions. RE2 repeats at most 1,000 times."""
DEEPEST = 50
SET = r"\\[dDwWsS]"
ESCAPED = r"\\(?:x[0-9a-fA-F]{2}|[nrtfv -/:-@\[-`{-~])"
ONE = rf"(?:{ESCAPED}|[^\\\[\]-])"
ITEM = re.compile(rf"({ONE})-({ONE})|{SET}|{ONE}|-")
TOKEN = re.compile(
    r"(?P<open>\((?:\?:)?(?!\?))|(?P<close>\))|(?P<mark>[|^$]|\\b)"
    r"|(?P<repeat>(?P<how>[*+?]|\{(?P<least>[0-9]{1,4})(?P<range>,(?P<most>[0-9]{1,4})?)?\})(?P<lazy>\??))"
    rf"|\[(?P<sign>\^|(?!\^))(?P<items>(?!\])-?(?:{ONE}-{ONE}|{SET}|{ONE})*-?)\]"
    rf"|(?P<one>{SET}|\.|{ESCAPED}|[^\\^$*+?()\[\]{{}}|])"
)
REFUSED = re.compile(r"\(\?.?|\\.?|.", re.DOTALL)
SYNTAX = set("^$\\.*+?()[]{}|-")
LETTERS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}


class PatternError(ValueError):
    """The expression is invalid or unsupported; `offset` counts from its first character, -1 is the slash before it."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@lru_cache(maxsize=256)
def re2(source: str) -> str:
    """Return the expression for RE2, for use with its option to ignore case.

    Raises:
        PatternError: the expression is invalid, or uses syntax that is not supported.
    """
    written: list[str] = []
    groups: list[tuple[int, int]] = []
    size = at = 0
    last = 0  # the number of characters of the preceding part; 0 if there is nothing to repeat
    while at < len(source):
        token = TOKEN.match(source, at)
        if token is None:
            raise _refused(source, at)
        before = size
        if token["open"]:
            groups.append((at, size))
            written.append("(?:")
            last = 0
        elif token["close"]:
            if not groups:
                raise PatternError("This ) has no matching (.", at)
            outside = groups.pop()[1]
            size = max(size, outside + 1)
            last = size - outside
            written.append(")")
        elif token["repeat"]:
            least, most = int(token["least"] or 0), int(token["most"] or 0)
            if not last:
                raise PatternError(f"There is nothing to repeat before {token['how']}.", at)
            if token["most"] and most < least:
                raise PatternError(f"The range {token['how']} runs backwards.", at)
            size += last * (max(1, least, most) - 1)
            last = 0
            # RE2 reads a count with a leading zero as text.
            most_written = f",{most}" if token["most"] else token["range"] or ""
            written.append(
                (f"{{{least}{most_written}}}" if token["least"] else token["how"]) + token["lazy"]
            )
        elif token["mark"]:
            written.append(token[0])
            last = 0
        else:
            one = token["one"]
            count, text = (
                (1, _single(one)) if one else _class(token["sign"], token["items"], source, at)
            )
            size += count
            last = size - before
            written.append(text)
        if size > MAX_EXPRESSION_CHARS or len(groups) > DEEPEST:
            raise PatternError("This term is too long.", -1)
        at = token.end()
    if groups:
        raise PatternError("The ( is never closed.", groups[0][0])
    return "".join(written)


def _single(one: str) -> str:
    if one == ".":
        return r"[^\n]"
    if re.fullmatch(SET, one):
        return f"(?-i:{one})" if one[1] in "wW" else one
    return _literal(_character(one))


def _class(sign: str, items: str, source: str, at: int) -> tuple[int, str]:
    """Return the number of items of a character class, and the class for RE2."""
    count = 0
    folded: list[str] = []
    exact: list[str] = []
    for item in ITEM.finditer(items):
        count += 1
        if item[2]:
            low, high = _character(item[1]), _character(item[2])
            if low > high:
                raise PatternError(f"The range {item[0]} runs backwards.", at)
            folded.append(f"{_literal(low)}-{_literal(high)}")
        elif re.fullmatch(SET, item[0]):
            (exact if item[0][1] in "wW" else folded).append(item[0])
        else:
            folded.append(_literal(_character(item[0])))
    inside = "".join(folded)
    if not exact:
        return count, f"[{sign}{inside}]"
    return count, f"(?-i:[{sign}{inside}{_other_cases(inside) if inside else ''}{''.join(exact)}])"


def _refused(source: str, at: int) -> PatternError:
    found = REFUSED.match(source, at)
    what = found[0] if found else ""
    if what == "[" and "]" not in source[at:]:
        return PatternError("The [ is never closed.", at)
    if what and what in "{}]":
        return PatternError(f"To find a {what} itself, write \\{what}.", at)
    return PatternError(f"Not supported in a regular expression: {what}", at)


def _character(one: str) -> str:
    if one[0] != "\\":
        return one
    return chr(int(one[2:], 16)) if one[1] == "x" else LETTERS.get(one[1], one[1])


def _literal(character: str) -> str:
    return f"\\{character}" if character in SYNTAX else character


@lru_cache(maxsize=1)
def _cased() -> str:
    everything = (chr(code) for code in range(0x1F000) if not 0xD800 <= code <= 0xDFFF)
    return "".join(c for c in everything if not c == c.lower() == c.upper() == c.casefold())


def _other_cases(items: str) -> str:
    """Return every letter that matches the items of a class when case is ignored."""
    import pyarrow as pa

    from flowrun_widgets.arrow import pc

    letters = pa.array(list(_cased()))
    fits = pc.match_substring_regex(letters, f"[{items}]", ignore_case=True)
    return "".join(letters.filter(fits).to_pylist())
