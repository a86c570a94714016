r"""The rules that find secrets in texts: RE2 regular expressions, whose time is linear in the length of the text.

A rule is a pattern and its replacement; the groups of a pattern precede the secret and stay. Applying the rules again
changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowrun_widgets.redaction.names import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    Rule = tuple[str, str]

__all__ = [
    "DEFAULT_SIGNS",
    "MARK",
    "PEM",
    "REDACTED",
    "default_rules",
    "named_rules",
    "named_signs",
    "whole_rule",
]

REDACTED = "[redacted]"
MARK = r"\[redacted\]"
UNTOUCHED = "\ufdd0"
"""Temporarily marks a word that is not a secret; a Unicode noncharacter, which has no meaning in text."""

NAMES = (
    "(?:password|passwd|passphrase|passcode|secret|credential)s?(?:_?(?:value|key_base|[0-9]{1,2}))?|token|"
    "(?:api|access|account|secret|private|signing|encryption|master|auth)[_-]?key|auth[_-]?string"
)
QUOTE = r"""\\*["']"""
BLANK = r"(?:\s|\\[nrt])"
LINE_END = r"(?:\n|\\n)"
EQUALS = "=>|:=|={1,2}|%3d"
SCHEME = "bearer|basic|digest|token|negotiate|apikey"
END = r"""[.:!]?(?:[\s"',;&)}\[\]\\]|\z)"""
BARE = rf"""(?:{MARK}|[^\s"',;&)}}\]\\{UNTOUCHED}]|\\[^"'nr\s])"""
BARE_FIRST = rf"""(?:{MARK}|[^\s"',;&)}}\]\\{UNTOUCHED}{{(\[]|\\[^"'nr\s])"""
BARE_WORD = rf"""[^\s0-9"',;&)}}\]\\{UNTOUCHED}{{(\[]"""
INSIDE = rf"""(?:{MARK}|[^\])}}\r\n{UNTOUCHED}])"""
PLAIN = rf"""(?:{MARK}|[^"'(\[{{\])}}\r\n{UNTOUCHED}])"""
OPENED = rf"""{PLAIN}*(?:[(\[{{]{PLAIN}*){{0,9}}["']"""
"""What precedes the first quote in brackets. The depth of brackets is limited, since a line may be full of them."""
CODE = r"str|bytes|int|self\.[a-z_.]+|os\.environ[a-z.]*|os\.getenv"
HARMLESS = (
    r"none|null|nil|undefined|true|false|string|any|required|missing|expired|invalid|revoked|ok|"
    rf"optional|password|token|secret|api_key|{CODE}|\*+|x{{3,}}|\.\.\."
)
"""What follows a secret's name in code and in prose about secrets."""

KEYS = "|".join(
    (
        r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16,}",  # Amazon
        r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{16,}",
        r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}",  # Slack
        r"AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}",  # Google
        r"pn[ub]_[A-Za-z0-9]{16,}",  # Prefect
        r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",  # JSON Web Tokens
        r"sk-(?:[A-Za-z0-9]{20,}|(?:ant|proj|svcacct|or)-[A-Za-z0-9_-]{20,})",
        r"[rs]k_(?:live|test)_[0-9A-Za-z]{16,}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}",
        r"pypi-AgE[A-Za-z0-9_-]{50,}|dapi[0-9a-f]{32}|hvs\.[A-Za-z0-9_-]{24,}",
        r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|ATATT3[A-Za-z0-9_=-]{20,}",
    )
)
PEM = r"PRIVATE KEY(?: BLOCK)?-----"

DEFAULTS: tuple[Rule, ...] = (
    (rf"-----BEGIN [A-Z0-9 ]*{PEM}(?s:.*?)(?:-----END [A-Z0-9 ]*{PEM}|\z)", REDACTED),
    (rf"(\b|_)(?:{KEYS})+", rf"\1{REDACTED}"),
    (
        r"""(?i)((?:[a-z][a-z0-9+.-]*:|["'=\s]|^)//)[^\s/:@"'<>]*:(?:[^\s/@"'<>]*@)+""",
        rf"\1{REDACTED}@",
    ),
    (r"(?i)(https?://)[a-z0-9_.~%+-]{20,}@", rf"\1{REDACTED}@"),
    (r"(?i)(jdbc:oracle:thin:)[^\s/@]+/[^\s@]+@", rf"\1{REDACTED}@"),
    (
        r"(?i)(hooks\.slack\.com/[a-z]+/|discord(?:app)?\.com/api/webhooks/|\.webhook\.office\.com/webhookb2/)[a-z0-9/@_-]{16,}",
        rf"\1{REDACTED}",
    ),
    (
        r"""(?i)([?&;](?:sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|x-goog-credential)=)[^\s&"'<>]+""",
        rf"\1{REDACTED}",
    ),
    (r"(?i)(\bsignature=)[0-9a-f]{32}[0-9a-z_]*", rf"\1{REDACTED}"),
    (
        r"""(?i)(\b(?:proxy-)?authorization["'\\]*\s*[:=]\s*["'\\]*)digest\s[^\r\n]+""",
        rf"\1{REDACTED}",
    ),
    (
        rf"""(?i)(\b(?:proxy-)?authorization["'\\]*\s*[:=]\s*["'\\]*(?:(?:{SCHEME})\s+)?)(?:{MARK}|[^\s"',;\\)}}\]])+""",
        rf"\1{REDACTED}",
    ),
    (
        r"(?i)(\bbearer\s+)(?:[a-z._~+/=-]{5,}[0-9][a-z0-9._~+/=-]*|[a-z._~+/=-]*[0-9][a-z0-9._~+/=-]{5,}|[a-z0-9._~+/=-]{24,})",
        rf"\1{REDACTED}",
    ),
    (r"(?i)(\bbasic\s+)[a-z0-9+/]{6,}={1,2}", rf"\1{REDACTED}"),
    (
        r"""(?i)(\b(?:set-)?cookie["'\\]*\s*:\s*["'\\]*)[^"'\r\n\\=]+=[^"'\r\n\\]+""",
        rf"\1{REDACTED}",
    ),
    (
        rf"""(?i)((?:\b|_)pwd(?:=|["']\s*[:=]\s*["']))(?:{MARK}|[^\s;,"'/\[][^\s;,"']*)""",
        rf"\1{REDACTED}",
    ),
    # Pairs: the environment of a container, headers, an account with its password.
    (
        rf"""(?i)({QUOTE}(?:name|key){QUOTE}\s*:\s*{QUOTE}[a-z0-9_.-]*(?:{NAMES}){QUOTE}\s*,\s*{QUOTE}value{QUOTE}\s*:\s*{QUOTE})[^"'\\\r\n]+""",
        rf"\1{REDACTED}",
    ),
    (
        rf"""(?i)(\bname:\s*(?:{QUOTE})?[a-z0-9_.-]*(?:{NAMES})(?:{QUOTE})?{BLANK}*{LINE_END}{BLANK}*value:\s*(?:{QUOTE})?)[^\s"'\\]+""",
        rf"\1{REDACTED}",
    ),
    (
        rf"""(?i)([\[(]\s*b?{QUOTE}[a-z0-9_-]*(?:{NAMES}){QUOTE}\s*,\s*b?{QUOTE})[^"'\\\r\n]+({QUOTE}\s*[\])])""",
        rf"\1{REDACTED}\2",
    ),
    (
        rf"""(?i)((?:\bauth\s*=\s*|(?:basic|digest)auth)\(\s*{QUOTE}[^"'\\\r\n]*{QUOTE}\s*,\s*{QUOTE})[^"'\\\r\n]+""",
        rf"\1{REDACTED}",
    ),
    (
        rf"""(?i)(--[a-z0-9_-]*(?:{NAMES})(?:["']\s*,\s*["']|\s+["']?))(?:{MARK}|[^\s"',\]\[-][^\s"',\]]*)""",
        rf"\1{REDACTED}",
    ),
    (
        r"""(?i)(\bcurl\b[^\r\n]*?\s(?:-u|--user)[ =]?["']?[^\s:"']+:)(?:[^\s"']+)""",
        rf"\1{REDACTED}",
    ),
    (rf"(?i)(<[a-z0-9_.:-]*(?:{NAMES})>)[^<\r\n]+", rf"\1{REDACTED}"),
)


DEFAULT_SIGNS = "|".join(
    (
        MARK,
        r"PRIVATE KEY|AKIA|ASIA|ABIA|ACCA|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|AIza|ya29\.|GOCSPX-|pn[ub]_",
        r"eyJ[A-Za-z0-9_-]{8}|sk-[A-Za-z0-9]{8}|sk-(?:ant|proj|svcacct|or)-|[rs]k_(?:live|test)_|hf_[A-Za-z0-9]{8}",
        r"npm_[A-Za-z0-9]{8}|pypi-AgE|dapi[0-9a-f]{8}|hvs\.|SG\.[A-Za-z0-9_-]{8}",
        r"//[^\s/@]*@|ATATT3",
        r"(?i:jdbc:oracle|hooks\.slack|/webhook|\bcurl\b|\bbearer\s|\bbasic\s|cookie[\"'\\]*\s*:|pwd[\"'=]|auth\s*=\s*\(|(?:basic|digest)auth\(|authorization[\"'\\]*\s*[:=])",
        r"(?i:[?&;](?:sig|x-amz-|x-goog-)|signature=)",
        rf"""(?i:(?:{NAMES})["'\\]*\s*(?:[:=>]|%3d)|--[a-z0-9_-]*(?:{NAMES})["'\s]|(?:{NAMES})["'\\]*{BLANK}*(?:,|{LINE_END}))""",
    )
)
"""Matches every text that a default rule changes, and every text that was changed; searched in one pass."""


def default_rules() -> tuple[Rule, ...]:
    """Return the rules for keys and passwords of known formats, and for `password=…`."""
    return (*DEFAULTS, *_assignments(NAMES))


def named_rules(names: Iterable[str]) -> tuple[Rule, ...]:
    """Return the rules for `name=…` and `"name": "…"` of other names."""
    return _assignments(_spellings(names))


def named_signs(names: Iterable[str]) -> str:
    """Return a pattern that matches every text that `named_rules` change."""
    return rf"""(?i:(?:{_spellings(names)})["'\\]*\s*(?:[:=]|%3d))"""


def whole_rule(pattern: str) -> Rule:
    """Return the rule that replaces the whole match of a pattern, including its groups."""
    return rf"{MARK}|(?:{pattern})", REDACTED


def _spellings(names: Iterable[str]) -> str:
    found = [r"[_\s.-]?".join(map(re.escape, words_of(name))) for name in names]
    return "|".join(rf"(?:\b|_){one}" if one.isascii() else one for one in found)


def _assignments(names: str) -> tuple[Rule, ...]:
    """Return the rules for a value after one of the names and `=`, `:` or `=>`, in quotes, escaped quotes or bare."""
    block = (
        rf"""(?:[ \t]*[|>][+-]?[ \t]*{LINE_END}{BLANK}*|{BLANK}*{LINE_END}[ \t]*-[ \t]+|{BLANK}*)"""
    )
    before = rf"""(?:{names})["'\\]*\s*(?:{EQUALS}|:){block}"""
    # Prefect 1 begins lines with a quoted name, a colon and a bare word: Task 'new_token': Starting task run
    bare = rf"""(?:{names})(?:["'\\]*\s*(?:{EQUALS})|\s*:){block}"""
    opening = rf"""{before}(?:[bruf]{{0,2}}\\*["'])?"""
    value = "|".join(
        (
            rf"""({before}[bruf]{{0,2}}(?:{QUOTE}){{3}})[^"'\\{UNTOUCHED}]+""",
            rf"""({before}[a-z_][a-z0-9_.]*\(\s*[bruf]{{0,2}}{QUOTE})[^"'\\\r\n{UNTOUCHED}]+""",
            rf"""({before}[\[({{]\s*){OPENED}{INSIDE}*""",
            rf"""({before}[bruf]{{0,2}}")(?:[^"\\\r\n{UNTOUCHED}]|\\.)(?:[^"\\\r\n]|\\.)*""",
            rf"""({before}[bruf]{{0,2}}')(?:[^'\\\r\n{UNTOUCHED}]|\\.)(?:[^'\\\r\n]|\\.)*""",
            rf"""({before}\\+["'])[^"'\\\r\n{UNTOUCHED}][^"'\\\r\n]*""",
            rf"""({bare}(?:(?:{SCHEME})\s+)?){BARE_FIRST}{BARE}*""",
            rf"""({before}){BARE_WORD}*[0-9]{BARE}*""",
        )
    )
    return (
        (rf"(?i)({opening}){UNTOUCHED}+", r"\1"),
        (rf"(?i)({opening})((?:{HARMLESS}){END}|(?:{CODE})\()", rf"\1{UNTOUCHED}\2"),
        (rf"(?i){value}", rf"\1\2\3\4\5\6\7\8{REDACTED}"),
        (rf"(?i)({opening}){UNTOUCHED}", r"\1"),
    )
