"""`fingerprints_of()`: what makes two failures the same: exception type, message pattern, and frames where needed.

`docs/decisions/failures.md` describes the rules. A change of the rules changes `VERSION`, which is part of every id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.analysis.engine_words import is_decided_by_task_runs, is_unfinished
from flowrun_widgets.analysis.templates import (
    PATH_MARK,
    TIME_MARK,
    URL_MARK,
    UUID_MARK,
    WORD_MARK,
    masked,
)
from flowrun_widgets.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowrun_widgets.analysis.traceback_text import Frame

__all__ = ["VERSION", "Fingerprint", "fingerprints_of", "merged", "places_of"]

VERSION = 1
SLOT = "…"
"""Stands for every part in which messages of one pattern may differ."""
MAX_TEXT_CHARS = 1_000
"""How many characters of a message are read."""
MAX_PATTERN_CHARS = 200
MIN_VARIANTS, MAX_RUNS_A_VARIANT = 4, 4
"""A word is taken for data if at least so many words stand in its place, each in so few runs on average."""
MAX_FRAMES = 2
"""How many of the innermost frames in the user's own code count."""

EXCEPTION = re.compile(
    r"(?:\w+\.)*(?P<type>[A-Z]\w*(?:\(\w+\))?)(?:: ?(?P<text>.*)|\((?P<args>.*)\)|)$", re.DOTALL
)
"""An exception as `str` or as `repr` writes it, with or without its module."""
QUOTED_WHOLE = re.compile(r"""(['"])(?P<text>.*)\1,?""", re.DOTALL)
QUOTED = re.compile(
    r"""(?P<before>\w*)(?P<gap>[\s=:(\[]*)(?P<mark>['"`‘“])(?P<text>[^'"`’”]*)['"`’”]"""
)
NAME = re.compile(r"[A-Za-z_][\w.-]*")
ABOUT_NAMES = frozenset({
    "KeyError", "AttributeError", "NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "TypeError",
    "UndefinedError", "UndefinedTable", "UndefinedColumn", "UnknownColumn", "ColumnNotFoundError",
})  # fmt: skip
"""Exceptions that quote names of the code or of a schema, which distinguish causes; others quote data."""
BEFORE_NAMES = frozenset({
    "argument", "attribute", "bucket", "class", "column", "connection", "constraint", "database", "deployment", "field",
    "function", "host", "index", "key", "library", "method", "model", "module", "named", "package", "parameter", "queue",
    "relation", "role", "schema", "secret", "server", "service", "table", "task", "topic", "type", "variable", "view",
    "worker",
})  # fmt: skip
"""Words before a quoted name that distinguishes causes."""
CODES = re.compile(
    r"\b(?:errno|winerror|sqlstate|http|status|code|signal|exit|ora|tns|pls|sql)"
    r"(?:[ \]:=-]{0,2}(?:error|code|status)?[ :=-]{0,2})?-?\d+|\b[45]\d\d (?=(?:Client|Server) Error)",
    re.IGNORECASE,
)
"""Numbers that name a kind of failure, such as `[Errno 28]` and `status code 137`; they are kept."""
CODE_MARKS = str.maketrans("0123456789", "".join(map(chr, range(0xE000, 0xE00A))))
"""Digits of codes, while other digits are replaced."""
CODE_DIGITS = str.maketrans("".join(map(chr, range(0xE000, 0xE00A))), "0123456789")
UUID = re.compile(UUID_MARK)
WHOLE = re.compile(f"[{URL_MARK}{PATH_MARK}{TIME_MARK}{WORD_MARK}]")
NUMBERED = re.compile(r"[-+]?[\w.\-]*[0\x02\x06-\x08][\w.\-\x02\x06-\x08]*%?")
"""A word with a number in it, among the marks of `templates`."""
LISTED = re.compile(r"…(?:['\"]?(?:[,;/|]|, and| and)?\s*['\"]?…)+")
ADDRESS = re.compile(r"<(?:[\w.]+) object at …>|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

FORMS = {"are": "i", "have": "ha", "were": "wa"}
"""Words that agree with a number: `1 row is` and `2 rows are` have one id, in which no word ends with an s."""
WORD = re.compile(r"[^\W\d_]{2,}")
FOLDER = re.compile(r"[/\\]")
OF_LANGUAGE = frozenset({
    "AssertionError", "AttributeError", "BaseExceptionGroup", "CalledProcessError", "ExceptionGroup", "IndexError",
    "KeyError", "NameError", "NotImplementedError", "OverflowError", "RecursionError", "RetryError", "StopIteration",
    "SystemExit", "TypeError", "UnboundLocalError", "ZeroDivisionError",
})  # fmt: skip
"""Exceptions whose message does not say what failed; the frames do."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes two failures the same. `exception` is None if the message does not name one."""

    exception: str | None
    pattern: str
    places: tuple[str, ...] = ()
    """Where it was raised, in the user's own code, the innermost last: `etl.py:load`. Empty where it does not count."""

    @property
    def id(self) -> str:
        """A short text that is equal for equal fingerprints of one version: `f1-9b2d04c1`."""
        words = [FORMS.get(word, word.rstrip("s")) for word in self.pattern.casefold().split()]
        parts = [self.exception or "", " ".join(words), *self.places]
        digest = sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
        return f"f{VERSION}-{digest[:8]}"

    @property
    def name(self) -> str:
        """The exception with its pattern, in one line."""
        said = ": ".join(filter(None, [self.exception, self.pattern])) or "failed without a message"
        return f"{said} in {self.places[-1]}" if self.places else said

    @property
    def says_enough(self) -> bool:
        """Whether it distinguishes causes without frames."""
        if self.exception is None:
            return bool(self.pattern) and not is_vague(self.pattern)
        return self.exception not in OF_LANGUAGE and len(WORD.findall(self.pattern)) > 1


def fingerprints_of(texts: Sequence[str]) -> list[Fingerprint]:
    """Return the fingerprints of errors, without frames: the text of an exception, or of a state's message.

    They do not depend on each other. The texts are those of `engine_words.said_of`, without the engine's phrases.
    """
    parsed = [_parsed(text[:MAX_TEXT_CHARS]) for text in texts]
    heads = [_unquoted(kind, _first_line(text)) for kind, text in parsed]
    coded = [CODES.sub(lambda found: found[0].translate(CODE_MARKS), head) for head in heads]
    if not coded:
        return []
    keys, codes = masked(pa.chunked_array([pa.array(coded, pa.large_string())]))
    patterns = [_pattern(key) for key in keys.to_pylist()]
    return [
        Fingerprint(kind, patterns[code])
        for (kind, _), code in zip(parsed, codes.tolist(), strict=True)
    ]


def merged(counts: Mapping[Fingerprint, int]) -> dict[Fingerprint, Fingerprint]:
    """Return for each fingerprint the one that it is grouped under; `counts` are the numbers of their runs.

    Patterns that differ in one word are one pattern with a slot in its place, if there are many such words for few
    runs: `no stock for anna`, `no stock for ben`, … Then it is data, and not the name of a cause.
    """
    found = {one: one for one in counts}
    alike: dict[tuple[str | None, tuple[str, ...], str], list[Fingerprint]] = {}
    for one in counts:
        words = one.pattern.split()
        for place in range(len(words)):
            pattern = " ".join([*words[:place], SLOT, *words[place + 1 :]])
            alike.setdefault((one.exception, one.places, pattern), []).append(one)
    for (_, _, pattern), same in sorted(alike.items(), key=lambda item: -len(item[1])):
        left = [one for one in same if found[one] is one]
        number = sum(counts[one] for one in left)
        is_data = len(left) >= MIN_VARIANTS and number <= MAX_RUNS_A_VARIANT * len(left)
        if is_data and len(WORD.findall(pattern)) > 1:
            found |= dict.fromkeys(left, replace(left[0], pattern=pattern))
    return found


def places_of(frames: Sequence[Frame]) -> tuple[str, ...]:
    """Return the file names and functions of the innermost frames in the user's own code, each once."""
    own = [frame for frame in frames if frame.is_own]
    places = [f"{FOLDER.split(one.file)[-1]}:{one.function}" for one in own]
    return tuple(dict.fromkeys(places))[-MAX_FRAMES:]


def is_vague(said: str) -> bool:
    """Whether a message only says that something else failed."""
    return is_decided_by_task_runs(f"{said.replace(SLOT, '1/1')}.") or is_unfinished(said)


def _parsed(text: str) -> tuple[str | None, str]:
    """Return the type of the exception that a text begins with, without its module, and the rest."""
    text = plain(text).strip()
    found = EXCEPTION.match(text)
    if found is None:
        return None, text
    kind, rest = found["type"], found["text"]
    if rest is None:
        rest = found["args"] or ""
        if whole := QUOTED_WHOLE.fullmatch(rest.strip()):
            rest = whole["text"].replace("\\n", "\n").replace("\\'", "'")
    if inner := re.fullmatch(
        r"\w+\((\w+)\)", kind
    ):  # Ray names the exception of the task in parentheses
        kind = inner[1]
    if is_unfinished(kind):
        return None, text
    return kind, rest.strip()


def _first_line(text: str) -> str:
    """Return the first line that says something, together with the next one if it ends with a colon."""
    lines = [line.strip() for line in text.splitlines() if line.strip(" \t-=")]
    if len(lines) > 1 and lines[0].endswith(":"):
        return f"{lines[0]} {lines[1]}"
    return lines[0] if lines else ""


def _unquoted(kind: str | None, text: str) -> str:
    """Return a text in which quoted data is replaced, and quoted names are kept."""

    def written(found: re.Match[str]) -> str:
        is_name = NAME.fullmatch(found["text"]) and (
            kind in ABOUT_NAMES or found["before"].lower() in BEFORE_NAMES
        )
        return f"{found['before']}{found['gap']}'{found['text'] if is_name else SLOT}'"

    if kind == "KeyError" and NAME.fullmatch(text):
        return f"'{text}'"  # as `repr` was unquoted
    return QUOTED.sub(written, text)


def _pattern(key: str) -> str:
    """Return the pattern that a masked text of `templates` stands for; every kind of slot is written alike."""
    text = UUID.sub("0", key)
    text = NUMBERED.sub(SLOT, text)
    text = WHOLE.sub(SLOT, text)
    text = ADDRESS.sub(SLOT, text)
    text = " ".join(text.translate(CODE_DIGITS).split())
    while (shorter := LISTED.sub(SLOT, text)) != text:
        text = shorter
    return shortened(text.strip().rstrip(".!:;, "), MAX_PATTERN_CHARS)
