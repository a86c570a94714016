"""Recognises names of secret values: `db_password`, `apiKey`, `AWS_SECRET_ACCESS_KEY`; not `max_tokens`."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

__all__ = ["is_secret_name", "words_of"]

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
WORD = re.compile(r"[^\W_]+")
MAX_NAME_CHARS = 1_000

SECRET = frozenset(
    {
        "password", "passwords", "passwd", "passphrase", "passcode", "pwd", "secret", "secrets", "token", "credential",
        "credentials", "authorization",
    }
)  # fmt: skip
PAIRS = frozenset(
    {
        ("api", "key"), ("access", "key"), ("account", "key"), ("private", "key"), ("secret", "key"), ("signing",
        "key"), ("encryption", "key"), ("master", "key"), ("auth", "key"), ("auth", "string"), ("session", "cookie"),
    }
)  # fmt: skip
JOINED = ("password", "passwd", "passphrase", *("".join(pair) for pair in PAIRS))
"""Words that are also found in names of mixed case: `PassWord`, `aPiKeY`."""
ENDINGS = ("token", "secret")
ABOUT = frozenset(
    {
        "count", "counts", "limit", "limits", "length", "len", "size", "budget", "type", "types", "name", "names", "url",
        "uri", "endpoint", "expiry", "expires", "expiration", "ttl", "usage", "policy", "ids", "ref", "path", "file", "dir",
        "seconds", "minutes", "hours", "in", "at", "provider", "manager", "version", "required", "enabled",
    }
)  # fmt: skip
"""Last words of names that refer to a secret but do not hold one: `token_count`, `secret_name`."""


@lru_cache(4096)
def is_secret_name(
    name: str, more: frozenset[tuple[str, ...]] = frozenset(), defaults: bool = True
) -> bool:
    """Whether a value of this name is secret, by the default words or by `more`, each a name split into words."""
    words = words_of(name)
    joined = "".join(words)
    if any(joined == "".join(one) or _holds(words, one) for one in more):
        return True
    if not defaults or not words or words[-1] in ABOUT:
        return False
    return (
        not SECRET.isdisjoint(words)
        or any(pair in PAIRS for pair in pairwise(words))
        or any(one in joined for one in JOINED)
        or joined.endswith(ENDINGS)
    )


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: `dbPassword_2` is db, password, 2."""
    return tuple(WORD.findall(CAMEL.sub("_", name[:MAX_NAME_CHARS]).lower()))


def _holds(words: tuple[str, ...], some: tuple[str, ...]) -> bool:
    return any(words[n : n + len(some)] == some for n in range(len(words) - len(some) + 1))
