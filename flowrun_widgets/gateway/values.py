"""Converts arguments and variables to Python values, with the keys of input objects in the order of the document.

graphql-core returns coerced objects in the schema's order, but `order_by: {name: asc, version: desc}` needs the order
of the document. The input has been validated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ABSENT", "read_input", "read_literal"]


class _Absent:
    """Marks a value that was not passed, which is not the same as null."""


ABSENT: Final = _Absent()


def read_literal(
    node: ValueNode, kind: GraphQLInputType | None, variables: Mapping[str, Any]
) -> Any:
    """Return the value of a literal of type `kind`; without a type, the value as written."""
    if isinstance(node, VariableNode):
        return variables.get(node.name.value, ABSENT)
    if isinstance(node, NullValueNode):
        return None
    if isinstance(kind, GraphQLNonNull):
        return read_literal(node, kind.of_type, variables)
    if isinstance(kind, GraphQLList):
        nodes = node.values if isinstance(node, ListValueNode) else (node,)
        return [_present(read_literal(each, kind.of_type, variables)) for each in nodes]
    if isinstance(node, ObjectValueNode):
        known = kind.fields if isinstance(kind, GraphQLInputObjectType) else {}
        pairs = [
            (
                each.name.value,
                read_literal(
                    each.value,
                    known[each.name.value].type if each.name.value in known else None,
                    variables,
                ),
            )
            for each in node.fields
        ]
        return {name: value for name, value in pairs if value is not ABSENT}
    return _leaf(node, variables)


def _present(value: Any) -> Any:
    return None if value is ABSENT else value


def _leaf(node: ValueNode, variables: Mapping[str, Any]) -> Any:
    match node:
        case IntValueNode():
            return int(node.value)
        case FloatValueNode():
            return float(node.value)
        case StringValueNode() | BooleanValueNode() | EnumValueNode():
            return node.value
        case ListValueNode():
            return [_present(read_literal(each, None, variables)) for each in node.values]
        case _:
            raise TypeError(f"Unexpected literal: {node!r}")


def read_input(value: Any, kind: GraphQLInputType) -> Any:
    """Return the value of a variable of type `kind`, with single values wrapped in lists where a list is required."""
    if isinstance(kind, GraphQLNonNull):
        return read_input(value, kind.of_type)
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        values = value if isinstance(value, list | tuple) else [value]
        return [read_input(each, kind.of_type) for each in values]
    if isinstance(kind, GraphQLInputObjectType):
        return {name: read_input(each, kind.fields[name].type) for name, each in value.items()}
    return int(value) if kind is GraphQLInt else value
