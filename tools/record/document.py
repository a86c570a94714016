"""The part of GraphQL that the Prefect 1.4.1 client writes: one operation, no fragments."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r'"(?:\\.|[^"\\])*"'
    r"|[_A-Za-z]\w*"
    r"|-?\d+(?:\.\d+)?"
    r"|[{}()\[\]:!$]"
)
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass
class Selection:
    """A selected field, its arguments and what is selected below it."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    fields: list[Selection] = field(default_factory=list)


def parse(document: str, variables: dict[str, Any]) -> list[Selection]:
    """Return the root fields of the document's only operation, variables filled in."""
    return _Parser(_TOKEN.findall(document), variables).operation()


class _Parser:
    def __init__(self, tokens: list[str], variables: dict[str, Any]) -> None:
        self._tokens = tokens
        self._variables = variables
        self._at = 0

    def operation(self) -> list[Selection]:
        while self._peek() != "{":
            if self._next() == "(":
                self._skip_to(")")
        return self._selections()

    def _selections(self) -> list[Selection]:
        self._expect("{")
        found = []
        while self._peek() != "}":
            selection = Selection(self._next())
            if self._peek() == "(":
                selection.arguments = self._pairs("(", ")")
            if self._peek() == "{":
                selection.fields = self._selections()
            found.append(selection)
        self._expect("}")
        return found

    def _pairs(self, opening: str, closing: str) -> dict[str, Any]:
        self._expect(opening)
        pairs = {}
        while self._peek() != closing:
            name = self._next()
            self._expect(":")
            pairs[name] = self._value()
        self._expect(closing)
        return pairs

    def _value(self) -> Any:
        token = self._peek()
        if token == "{":
            return self._pairs("{", "}")
        if token == "[":
            return self._list()
        self._next()
        if token == "$":
            return self._variables[self._next()]
        if token in _CONSTANTS:
            return _CONSTANTS[token]
        if token[0] == '"' or token[0] == "-" or token[0].isdigit():
            return json.loads(token)
        return token

    def _list(self) -> list[Any]:
        self._expect("[")
        values = []
        while self._peek() != "]":
            values.append(self._value())
        self._expect("]")
        return values

    def _peek(self) -> str:
        return self._tokens[self._at]

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise ValueError(f"expected {token!r} in the query, found {found!r}")

    def _skip_to(self, token: str) -> None:
        while self._next() != token:
            pass
