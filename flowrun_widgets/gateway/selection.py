"""Resolves fragments, directives and aliases to the fields that an operation requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    InlineFragmentNode,
    SelectionSetNode,
)

from flowrun_widgets.gateway.values import ABSENT, read_literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Field", "Selections"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the answer: its response key, its name, and its nodes in the document."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]


class Selections:
    """Reads selection sets with the fragments and variables of one operation.

    All composite types of the schema are objects, so in a valid document every fragment applies.
    """

    def __init__(
        self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        self._fragments = fragments
        self._variables = variables

    def fields(self, selection_sets: Iterable[SelectionSetNode | None]) -> list[Field]:
        """Return the fields of these sets in the order of their first occurrence."""
        found: dict[str, list[FieldNode]] = {}
        for selection_set in selection_sets:
            if selection_set is not None:
                self._collect(selection_set, found, set())
        return [Field(key, nodes[0].name.value, tuple(nodes)) for key, nodes in found.items()]

    def children(self, field: Field) -> list[Field]:
        """Return the fields that are requested of `field` itself."""
        return self.fields(node.selection_set for node in field.nodes)

    def arguments(self, field: Field, definition: GraphQLField) -> dict[str, Any]:
        """Return the arguments that were passed to `field`; absent ones have no entry."""
        given = {
            node.name.value: read_literal(
                node.value, definition.args[node.name.value].type, self._variables
            )
            for node in field.nodes[0].arguments or ()
        }
        return {name: value for name, value in given.items() if value is not ABSENT}

    def _collect(
        self, selection_set: SelectionSetNode, found: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for node in selection_set.selections:
            if not self._is_wanted(node.directives or ()):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                found.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                self._collect(node.selection_set, found, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                self._collect(self._fragments[node.name.value].selection_set, found, seen)

    def _is_wanted(self, directives: Iterable[DirectiveNode]) -> bool:
        for directive in directives:
            name = directive.name.value
            if name in {"skip", "include"} and directive.arguments:
                condition = read_literal(directive.arguments[0].value, None, self._variables)
                if bool(condition) == (name == "skip"):
                    return False
        return True
