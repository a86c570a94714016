"""Rewords graphql-core's messages as those of graphql-js 14, which Prefect's Apollo service runs.

graphql-core quotes like Python, and its messages differ between releases 3.2 and 3.3; both are handled here.
"""

from __future__ import annotations

import re

__all__ = ["apollo_text"]

_QUOTED = re.compile(r"'([^'\s\"]*)'|'([\w$]+ \{ \.\.\. \})'")

_REWRITES: list[tuple[str, str]] = [
    (
        r'^Expected value of type "(\w+)" not to include unknown field "(\w+)"'
        r"(?:, found: .*|\.( Did you mean .*?\?) Found: .*)$",
        r'Field "\2" is not defined by type "\1".\3',
    ),
    (r'is not defined by type "([^"]+)"', r"is not defined by type \1"),
    (
        r'^Unknown argument "([^"]+)" on field "(\w+)\.(\w+)"',
        r'Unknown argument "\1" on field "\3" of type "\2"',
    ),
    (r'^Argument "\w+\.(\w+)\((\w+):\)" of type', r'Field "\1" argument "\2" of type'),
    (
        r'^(Variable "\$\w+") (?:has invalid value:|got invalid value .*?;) '
        r"((Int|Float|String|Boolean) cannot represent .*?: (.+))$",
        r"\1 got invalid value \4; Expected type \3. \2",
    ),
    (
        r'^(Variable "\$\w+") has invalid value: Expected a value of non-null type ("[^"]+") to be provided\.$',
        r"\1 of required type \2 was not provided.",
    ),
    (
        r'^(Variable "\$\w+") has invalid value: Expected value of non-null type ("[^"]+") not to be None\.$',
        r"\1 of non-null type \2 must not be null.",
    ),
    (r"^(Int|Float|String|Boolean) cannot represent .*?: (.+)$", r"Expected type \1, found \2."),
    (
        r'^Enum "(\w+)" cannot represent non-enum value: (.+?)\.(?= Did|$)',
        r"Expected type \1, found \2.",
    ),
    (r'^Value "([^"]+)" does not exist in "(\w+)" enum\.', r"Expected type \2, found \1."),
    (
        r'^Expected value of type "([^"]+)" to be an object, found: (.+?)\.?$',
        r"Expected type \1, found \2.",
    ),
    (r'^Expected value of type "([^"]+)", found (.+?)\.?$', r"Expected type \1, found \2."),
    (
        r'^Expected value of non-null type "([^"]+)" not to be None\.$',
        r"Expected type \1, found null.",
    ),
    (r"^(Syntax Error: .*?)\.?$", r"\1"),
]
_COMPILED = [(re.compile(pattern, re.DOTALL), replacement) for pattern, replacement in _REWRITES]

_SUGGESTION = re.compile(
    r"^((?:Field .* is not defined by type|Expected type) .*)\. (Did you mean .*)$", re.DOTALL
)
_BARE_SIGN = re.compile(r'"([^\w"]+)"')


def apollo_text(message: str) -> str:
    """Return graphql-core's message in the wording of graphql-js 14."""
    message = _QUOTED.sub(lambda found: f'"{found[1] or found[2] or ""}"', message)
    for pattern, replacement in _COMPILED:
        message = pattern.sub(replacement, message)
    if message.startswith("Syntax Error: "):
        return _BARE_SIGN.sub(r"\1", message)
    if suggestion := _SUGGESTION.match(message):
        return f"{suggestion[1]}; {suggestion[2].replace(chr(34), '')}"
    return message
