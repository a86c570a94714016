"""Parses GraphQL documents, validates them against the schema, and limits their size. Errors are worded as Apollo's."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import graphql
from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    type_from_ast,
)
from graphql.execution.values import get_variable_values

from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.gateway.errors import INVALID, rejected, too_deep
from flowrun_widgets.gateway.values import read_input, read_literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Document", "Documents"]

_DEEPEST = 7
_KEPT = 128
_LONGEST_KEPT = 20_000
_FAILED = "INTERNAL_SERVER_ERROR"
# graphql-core 3.3 would accept `{ }`, which GraphQL does not.
_STRICT: dict[str, Any] = (
    {"allow_empty_selection_sets": False} if graphql.version_info >= (3, 3) else {}
)


@dataclass(frozen=True)
class Document:
    """A valid document."""

    node: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run.

        Raises:
            RequestError: there are several operations and `name` is None, or none has this name.
        """
        operations = [
            node for node in self.node.definitions if isinstance(node, OperationDefinitionNode)
        ]
        if name is not None:
            named = [node for node in operations if node.name and node.name.value == name]
            if not named:
                raise rejected([GraphQLError(f'Unknown operation named "{name}".')], _FAILED)
            return named[0]
        if len(operations) != 1:
            message = "Must provide operation name if query contains multiple operations."
            raise rejected([GraphQLError(message)], _FAILED)
        return operations[0]


class Documents:
    """Reads documents and caches the last ones, since clients send the same few repeatedly."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._lock = unlocked_in_child(threading.Lock())

    def read(self, text: str) -> Document:
        """Return the document in `text`.

        Raises:
            RequestError: the text is not GraphQL, not valid for the schema, nested too deeply, or would write.
        """
        with self._lock:
            if (known := self._kept.get(text)) is not None:
                self._kept.move_to_end(text)
                return known
        document = self._checked(text)
        if len(text) <= _LONGEST_KEPT:
            with self._lock:
                self._kept[text] = document
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return document

    def _checked(self, text: str) -> Document:
        try:
            node = graphql.parse(text, **_STRICT)
            _check_reads(node)
            node = _with_number_offsets(node) if "offset" in text else node
            errors = graphql.validate(self._schema, node)
        except GraphQLError as error:
            raise rejected([error], "GRAPHQL_PARSE_FAILED") from None
        except RecursionError:
            raise too_deep() from None
        if errors:
            raise rejected(errors, INVALID)
        fragments = {
            each.name.value: each
            for each in node.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        for operation in node.definitions:
            if isinstance(operation, OperationDefinitionNode):
                _check_operation(operation, fragments)
        return Document(node, fragments)

    def variables(
        self, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the values of the operation's variables; variables without a value have no entry.

        Raises:
            RequestError: a value is missing or of the wrong type.
        """
        definitions = operation.variable_definitions or ()
        outcome = get_variable_values(self._schema, definitions, dict(given))
        if isinstance(outcome, list):
            raise rejected(outcome, _FAILED)
        values: dict[str, Any] = {}
        for definition in definitions:
            name = definition.variable.name.value
            kind: Any = type_from_ast(self._schema, definition.type)
            if name in given:
                values[name] = read_input(given[name], kind)
            elif definition.default_value is not None:
                values[name] = read_literal(definition.default_value, kind, {})
        return values


def _check_reads(document: DocumentNode) -> None:
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and node.operation is not OperationType.QUERY:
            message = (
                f"Schema is not configured for {node.operation.value}s: this server only reads."
            )
            raise rejected([GraphQLError(message, node)], INVALID)


def _with_number_offsets(document: DocumentNode) -> DocumentNode:
    """Accept `offset: "1"` as a number, as Hasura does."""

    class Offsets(graphql.Visitor):
        def enter_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
            value = node.value
            if node.name.value != "offset" or not isinstance(value, StringValueNode):
                return None
            if not re.fullmatch(r"\d+", value.value):
                return None
            number = IntValueNode(value=value.value, loc=value.loc)
            return ArgumentNode(name=node.name, value=number, loc=node.loc)

    return graphql.visit(document, Offsets())


def _check_operation(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> None:
    name = operation.name.value if operation.name else ""
    deep = _too_deep(operation.selection_set, fragments, 0, {})
    if deep is not None:
        message = f"'{name}' exceeds maximum operation depth of {_DEEPEST}"
        error = GraphQLError(message, deep)
        refusal = rejected([error], INVALID)
        assert isinstance(refusal.answer, list)
        refusal.answer[0]["message"] = message
        raise refusal


def _too_deep(
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    depth: int,
    seen: dict[str, int],
) -> FieldNode | None:
    """Return a field that is nested too deeply. `seen` has the greatest depth at which each fragment was checked."""
    for node in selections.selections:
        found: FieldNode | None = None
        if isinstance(node, FieldNode):
            if depth > _DEEPEST:
                return node
            if node.selection_set and not node.name.value.startswith("__"):
                found = _too_deep(node.selection_set, fragments, depth + 1, seen)
        elif isinstance(node, InlineFragmentNode):
            found = _too_deep(node.selection_set, fragments, depth, seen)
        elif isinstance(node, FragmentSpreadNode) and seen.get(node.name.value, -1) < depth:
            seen[node.name.value] = depth
            found = _too_deep(fragments[node.name.value].selection_set, fragments, depth, seen)
        if found is not None:
            return found
    return None
