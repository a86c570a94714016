"""`NotebookRedaction`: removes secrets from the cells, outputs and saved cards of a notebook before export."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.export.saved_cards import SavedCard
from flowrun_widgets.redaction import REDACTED
from flowrun_widgets.redaction.records import redacted_json, redacted_text
from flowrun_widgets.redaction.texts import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_widgets.redaction import Redaction

__all__ = ["NotebookRedaction"]

MARKUP = re.compile(
    r"(<!--.*?-->|<style\b.*?</style\s*>|<script\b.*?</script\s*>|<[^<>]*>)", re.S | re.I
)
PARAMETER = re.compile(r"(<dt><code>)([^<>]*)(</code></dt><dd><code>)([^<>]*)(</code></dd>)")
TEXTS = ("text/", "application/javascript", "application/x-")
MAYBE_TEXT = re.compile(r"""\"{3}|'{3}|^\s*[%!]|[=(]\s*!""", re.M)
"""Marks of code in which lines without quotes can be text: triple-quoted strings, magics, and shell commands."""
QUOTE = re.compile(r"""["'#]""")
MESSAGE, LENGTH = 6, 7
"""The positions of message and length in a row of a log."""


class NotebookRedaction:
    """Removes secrets, and counts in `count` the texts that had any."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._is_secret = rules_of(redaction).is_secret_name
        self.count = 0

    def cells(self, cells: Iterable[Any]) -> None:
        """Clean cells in place: sources and outputs."""
        for cell in cells:
            if cell.get("cell_type") == "code":
                cell["source"] = self._code(_joined(cell.get("source", "")))
            else:
                cell["source"] = self._text(cell.get("source", ""))
            for output in cell.get("outputs", ()):
                self._output(output)

    def card(self, card: SavedCard) -> SavedCard:
        """Return a saved card without secrets."""
        before = self.count
        payload = self._json(card.payload)
        header = payload["header"]
        for name in ("parameters", "context", "job_variables"):
            header[name] = [self._pair(pair) for pair in card.payload["header"].get(name, ())]
        if self.count > before and isinstance(payload.get("redacted"), int):
            payload["redacted"] += self.count - before
        return SavedCard(payload, self._json(card.annotations))

    def _code(self, source: str) -> str:
        """Clean the strings in code; `token = read()` names a secret but does not contain one."""
        clean = redacted_text(source, self._redaction)
        lines, cleaned = source.split("\n"), clean.split("\n")
        if len(lines) == len(cleaned) and not MAYBE_TEXT.search(source):
            pairs = zip(lines, cleaned, strict=True)
            clean = "\n".join(new if QUOTE.search(old) else old for old, new in pairs)
        self.count += clean != source
        return clean

    def _output(self, output: Any) -> None:
        for name in ("text", "evalue"):
            if name in output:
                output[name] = self._text(output[name])
        if "traceback" in output:
            output["traceback"] = self._text(output["traceback"]).split("\n")
        data = output.get("data")
        for kind in data or ():
            if kind in {"text/html", "image/svg+xml"}:
                data[kind] = self._markup(_joined(data[kind]))
            elif kind.startswith(TEXTS):
                data[kind] = self._text(data[kind])
            elif kind.endswith("json"):
                data[kind] = self._json(data[kind])

    def _markup(self, text: str) -> str:
        """Clean the text between tags; a tag that contained a secret is removed."""
        parts = MARKUP.split(PARAMETER.sub(self._parameter, text))
        for place, part in enumerate(parts):
            plain = html.unescape(part)
            clean = self._text(plain)
            if clean != plain:
                parts[place] = "" if place % 2 else html.escape(clean)
        return "".join(parts)

    def _parameter(self, found: re.Match[str]) -> str:
        """Clean a parameter in a twin."""
        name, value = self._pair((html.unescape(found[2]), html.unescape(found[4])))
        return f"{found[1]}{html.escape(name)}{found[3]}{html.escape(value)}{found[5]}"

    def _text(self, given: object) -> str:
        text = _joined(given)
        clean = redacted_text(text, self._redaction)
        self.count += clean != text
        return clean

    def _pair(self, pair: Any) -> Any:
        """Clean a parameter, given as its name and its value as JSON text."""
        name, value = map(str, pair)
        if self._is_secret(name):
            clean = value if value == msgspec.json.encode(REDACTED).decode() else None
            self.count += clean is None
            return [name, clean or msgspec.json.encode(REDACTED).decode()]
        try:
            told = msgspec.json.decode(value)
        except msgspec.MsgspecError:
            return [name, self._text(value)]
        clean = self._json(told)
        return [name, value if clean == told else msgspec.json.encode(clean).decode()]

    def _json(self, value: Any) -> Any:
        clean = redacted_json(value, self._redaction)
        self.count += clean != value
        return _with_lengths(clean, value)


def _with_lengths(clean: Any, before: Any) -> Any:
    """Return plain lists and dicts; in rows of a log whose message changed, the length is updated."""
    if isinstance(before, dict) and isinstance(clean, dict):
        return {name: _with_lengths(value, before.get(name)) for name, value in clean.items()}
    if not isinstance(before, list) or not isinstance(clean, list | tuple):
        return clean
    made = [_with_lengths(new, old) for new, old in zip(clean, before, strict=True)]
    if len(made) == 10 and isinstance(made[MESSAGE], str) and isinstance(made[LENGTH], int):
        made[LENGTH] += len(made[MESSAGE]) - len(before[MESSAGE])
    return made


def _joined(text: object) -> str:
    return "\n".join(map(str, text)) if isinstance(text, list) else str(text)
