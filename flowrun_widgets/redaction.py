"""What must not be kept: values whose name says secret, and secrets inside of texts. Pure, and the same when done twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.containers import freeze

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["REDACTED", "is_secret_name", "redacted_json", "redacted_messages", "redacted_text"]

REDACTED = "[redacted]"
WORDS = (
    "password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|"
    "authorization|credential|credentials|auth[_-]?string|secrets|passwords"
)
NAME = re.compile(rf"(?:^|[^a-z])(?:{WORDS})(?:$|[^a-z])")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Each keeps what stands before the secret. They mean the same in RE2, which looks for lines that have any.
PATTERNS = (
    r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s:@]*:[^/\s@]+(?=@)",
    r"(?i)(\bbearer\s+)[a-z0-9._~+/=-]{6,}",
    r"(?i)(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:basic|digest|token)\s+)[a-z0-9._~+/=-]+",
    r"()\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"()\b(?:pn[ub]|gh[pousr])_[A-Za-z0-9]{16,}",
    rf"(?i)((?:{WORDS})[\"']?\s*[:=]\s*[\"']?)(?!bearer\s|basic\s|digest\s|token\s|\[redacted\])[^\s\"',;&)}}\]]+",
)
SECRETS = tuple(re.compile(pattern) for pattern in PATTERNS)
SUSPECT = "(?i)" + "|".join(
    (r"://[^/\s]*@", r"\bbearer\s", "akia|asia", "pn[ub]_|gh[pousr]_", WORDS)
)


def is_secret_name(name: str) -> bool:
    """Whether what goes by this name is a secret: `db_password`, `apiKey`, `AWS_SECRET_ACCESS_KEY`; not `max_tokens`."""
    return NAME.search(CAMEL.sub("_", name).lower()) is not None


def redacted_text(text: str) -> str:
    """Return the text with passwords in URLs, Bearer tokens, known kinds of keys and `password=…` replaced."""
    for secret in SECRETS:
        text = secret.sub(rf"\g<1>{REDACTED}", text)
    return text


def redacted_json(value: Any) -> Any:
    """Return JSON data, frozen, without values of secret names (empty ones say nothing) and without secrets in its texts."""
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, dict):
        return freeze(
            {
                key: REDACTED
                if item and not isinstance(item, bool) and is_secret_name(str(key))
                else redacted_json(item)
                for key, item in value.items()
            }
        )
    return freeze([*map(redacted_json, value)]) if isinstance(value, list | tuple) else value


def redacted_messages(
    messages: pa.ChunkedArray, redact: Callable[[str], str] = redacted_text
) -> pa.ChunkedArray:
    """Return the texts of a log without secrets; texts without any are not copied one by one."""
    suspect = pc.fill_null(pc.match_substring_regex(messages, SUSPECT), False)
    if not pc.any(suspect).as_py():
        return messages
    cleaned = pa.array(map(redact, messages.filter(suspect).to_pylist()), messages.type)
    return pc.replace_with_mask(messages, suspect.combine_chunks(), cleaned)
