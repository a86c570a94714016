r"""Which words of masked texts are values by their form, which are never part of a slot, and where texts are divided.

A masked text has marks in place of numbers, ids, times, addresses and paths; `0` stands for any whole number. The
expressions are for RE2. The lists are short and know no program but Prefect.
"""

from __future__ import annotations

from flowrun_widgets.log_columns import NAMES
from flowrun_widgets.states import State

__all__ = [
    "EMPTY", "EQUALS", "KEPT_NAMES", "KEPT_WORDS", "LETTERS", "MARK_OR_LETTER", "NAMED", "NESTED", "NOUNS", "OF_PREFECT",
    "PHRASE", "PURE", "QUOTED", "SLOT", "WORD",
]  # fmt: skip

TIME = "\x05"
"""The mark of a time, which may contain a blank, so that it is never part of a word."""
SLOT = r"[\x01-\x04\x06-\x08\x0e0]"
"""The other marks."""
LETTER = f"A-Za-z{chr(0x80)}-{chr(0x10FFFF)}"
LETTERS = f"[{LETTER}]{{2}}"
MARK_OR_LETTER = f"[{LETTER}]|{SLOT}"
WORD = rf"[^\s=,;:()\[\]{{}}<>|\"'…\x{{FFFD}}{TIME}]+"
PHRASE = r"[^ \t]*[^ \t,;:.]"
"""What stands between blanks, without punctuation at its end."""

END = r"[.!?]*$"
HOST = (
    r"(?:[\w-]+\.)+(?:com|net|org|edu|gov|mil|info|biz|io|dev|app|cloud|local|localdomain|internal|lan|corp|arpa"
    r"|(?:com|net|org|edu|gov|co|ac)\.[a-z][a-z])"
)
PURE = rf"^[^{LETTER}]*{SLOT}[^{LETTER}]*$|^{HOST}{END}"
"""A word that is nothing but a value: marks without letters, or a host."""
NAMED = (
    rf"@.*\.|{SLOT}.*{SLOT}|{SLOT}.*[./@\\]|[./@\\].*{SLOT}"
    r"|^(?:com|org|net|io|edu|gov)(?:\.[\w$-]+){2,}"
    rf"|^(?:[Tt]rue|TRUE|[Ff]alse|FALSE|[Nn]ull|NULL|[Nn]one){END}"
    rf"|^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec){END}"
)
"""Other values by their form: an id of several parts, a package with dots, a truth value, a day, a month."""
NESTED = rf"^[^{LETTER}={TIME}]*{SLOT}[^{LETTER}={TIME}]*$"
"""A phrase of values and punctuation alone: `(0:0)`."""
EMPTY = r"(?:\(\)|\[\]|\{\}|<>)"
"""Brackets without a value."""
NOUNS = ["user", "username", "account", "host", "hostname", "server", "node", "client"]
EQUALS = ["=", " = ", "= ", "='", '="']
"""What a name follows: `user anna`, `user=anna`."""

STATES = [
    *State.children(names_only=True),
    *("Success", "Successful", "Succeeded", "Completed", "Crashed", "Late", "AwaitingRetry", "RolledBack", "Error"),
    *("AwaitingConcurrencySlot", "Resuming", "Blocked"),
]  # fmt: skip
LEVELS = [*NAMES.values(), "Warn", "Fatal", "Trace"]
KEPT_WORDS = rf"(?:^|[^a-z0.])(?:{'|'.join(sorted({word.lower() for word in (*STATES, *LEVELS)}))})(?:{END}|[^a-z0.])"
"""States and levels, in lower case, which no slot takes in."""
KEPT_NAMES = (
    r"[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Failure|Fault|Timeout|Abort|Run|Result|NotFound"
    r"|Exists)\b"
)
"""Names of exceptions, which no slot takes in."""
OF_PREFECT = r"(?i)\b(?:flow|subflow|task|deployment|run|state|worker|agent)s?\b"
QUOTED = rf"""(?:^|[^{LETTER}])(?:'[^']+'|"[^"]+")"""
"""A text that speaks of one of these and quotes something may be Prefect's."""
