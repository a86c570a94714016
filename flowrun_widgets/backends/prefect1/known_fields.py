"""Finds out which fields a Prefect 1 server has: older servers lack some of the fields in the queries.

Until a query is rejected, the newest schema is assumed and not asked for. After the first rejection, the schema is read
once from the server; from then on, fields that it lacks are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["INTROSPECTION", "NAMES_A_MISSING_FIELD", "KnownFields"]

INTROSPECTION = (
    "{__schema{queryType{name} types{name fields{name "
    "type{name ofType{name ofType{name ofType{name}}}}}}}}"
)
NAMES_A_MISSING_FIELD = re.compile(
    r"Cannot query field|is not defined (?:by|in) type|not found in type"
)
"""The messages of Apollo, graphql-core and Hasura about unknown fields."""
WORD = re.compile(r"\w+|[{}]")


class KnownFields:
    """The fields of each type, and the type of each field; without `types`, every field exists."""

    def __init__(
        self, types: Mapping[str, Mapping[str, str]] | None = None, root: str = ""
    ) -> None:
        self._types = types
        self._root = root

    @classmethod
    def of(cls, answer: Any) -> KnownFields:
        """Return the fields in an answer to `INTROSPECTION`.

        Raises:
            KeyError, TypeError, AttributeError: the answer has another shape.
        """
        schema = answer["__schema"]
        types = {
            kind["name"]: {field["name"]: _named(field["type"]) for field in kind["fields"] or ()}
            for kind in schema["types"]
        }
        return cls(types, str(schema["queryType"]["name"]))

    @property
    def is_learned(self) -> bool:
        """Whether the schema was read from the server."""
        return self._types is not None

    def has_table(self, table: str) -> bool:
        """Whether the server has this table."""
        return self._types is None or table in self._types.get(self._root, {})

    def has(self, table: str, path: str) -> bool:
        """Whether a table has a column; a path such as `task.slug` refers to a related table."""
        if self._types is None:
            return True
        kind = table
        for name in path.split("."):
            if name not in self._types.get(kind, {}):
                return False
            kind = self._types[kind][name]
        return True

    def selection(self, table: str, fields: str) -> str:
        """Return the part of a selection such as `id name task{slug}` that the server has."""
        if self._types is None:
            return fields
        return self._kept(table, iter(WORD.findall(fields)))

    def order(self, table: str, *keys: str) -> str:
        """Return the order by keys such as `task.slug:asc`, without columns that the server lacks."""
        wanted = [key.split(":") for key in keys]
        return f"[{','.join(_nested(path, way) for path, way in wanted if self.has(table, path))}]"

    def _kept(self, kind: str, words: Iterator[str]) -> str:
        """Return the fields up to the closing brace, without those that the type lacks."""
        kept: list[tuple[str, str]] = []
        for word in words:
            if word == "}":
                break
            if word == "{":
                name, _ = kept.pop()
                below = self._kept(self._types_of(kind).get(name, ""), words)
                if below:
                    kept.append((name, f"{name}{{{below}}}"))
            else:
                kept.append((word, word))
        there = self._types_of(kind)
        return " ".join(text for name, text in kept if name in there)

    def _types_of(self, kind: str) -> Mapping[str, str]:
        return (self._types or {}).get(kind, {})


def _named(kind: Mapping[str, Any]) -> str:
    """Return the name of a type within lists and non-nulls."""
    while kind.get("name") is None:
        kind = kind["ofType"]
    return str(kind["name"])


def _nested(path: str, way: str) -> str:
    *above, column = path.split(".")
    text = f"{{{column}:{way}}}"
    for name in reversed(above):
        text = f"{{{name}:{text}}}"
    return text
