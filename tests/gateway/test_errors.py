"""Refusals have Apollo's bodies and status codes; failures of one root field come with status 200."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flowrun_widgets.gateway import Gateway

    from .conftest import Ask, World

INVALID = "GRAPHQL_VALIDATION_FAILED"


def answer(
    gateway: Gateway, document: Any, variables: Any = None, name: Any = None
) -> tuple[int, Any]:
    response = gateway.execute(document, variables, name)
    text = b"".join(response.body).decode()
    return response.status, json.loads(text) if text.startswith("{") else text


def test_an_unknown_field_word_for_word(gateway: Gateway) -> None:
    assert answer(gateway, "{ flow_run { zz } }") == (
        400,
        {
            "errors": [
                {
                    "message": 'Cannot query field "zz" on type "flow_run".',
                    "locations": [{"line": 1, "column": 14}],
                    "extensions": {"code": INVALID},
                }
            ]
        },
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{ zz }", 'Cannot query field "zz" on type "Query".'),
        (
            '{ flow_run(where: { id: { _foo: "x" } }) { id } }',
            'Field "_foo" is not defined by type uuid_comparison_exp.',
        ),
        (
            "{ flow_run(where: { zzz: { _eq: 1 } }) { id } }",
            'Field "zzz" is not defined by type flow_run_bool_exp.',
        ),
        ('{ flow_run(limit: "3") { id } }', 'Expected type Int, found "3".'),
        ("{ flow_run(where: { name: { _eq: 3 } }) { id } }", "Expected type String, found 3."),
        ("{ flow_run(where: 3) { id } }", "Expected type flow_run_bool_exp, found 3."),
        ("{ flow_run(order_by: { id: up }) { id } }", "Expected type order_by, found up."),
        (
            "query($i: String) { flow_run(where: { id: { _eq: $i } }) { id } }",
            'Variable "$i" of type "String" used in position expecting type "uuid".',
        ),
        (
            "{ flow_run }",
            'Field "flow_run" of type "[flow_run!]!" must have a selection of subfields. Did you mean "flow_run { ... }"?',
        ),
        (
            "{ flow_run(zz: 1) { id } }",
            'Unknown argument "zz" on field "flow_run" of type "Query".',
        ),
        (
            "{ flow_run_by_pk { id } }",
            'Field "flow_run_by_pk" argument "id" of type "uuid!" is required, but it was not provided.',
        ),
        ("{ flow_run { ...F } }", 'Unknown fragment "F".'),
    ],
)
def test_validation(gateway: Gateway, document: str, message: str) -> None:
    status, body = answer(gateway, document)
    assert status == 400
    assert body["errors"][0]["message"] == message
    assert body["errors"][0]["extensions"] == {"code": INVALID}
    assert "data" not in body


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "Syntax Error: Expected Name, found <EOF>"),
        ("{ flow_run( { id } }", "Syntax Error: Expected Name, found {"),
        ("{ }", "Syntax Error: Expected Name, found }"),
        ("hello", 'Syntax Error: Unexpected Name "hello"'),
        ('{ a(b: "', "Syntax Error: Unterminated string"),
    ],
)
def test_syntax(gateway: Gateway, document: str, message: str) -> None:
    status, body = answer(gateway, document)
    assert status == 400
    assert body["errors"][0]["message"].rstrip(".") == message
    assert body["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


@pytest.mark.parametrize(
    ("document", "variables", "name", "message"),
    [
        (
            "query($i: uuid!) { flow_run_by_pk(id: $i) { id } }",
            None,
            None,
            'Variable "$i" of required type "uuid!" was not provided.',
        ),
        (
            "query A { hello } query B { hello }",
            None,
            None,
            "Must provide operation name if query contains multiple operations.",
        ),
        ("query A { hello }", None, "C", 'Unknown operation named "C".'),
    ],
)
def test_requests_that_cannot_be_run(
    gateway: Gateway, document: str, variables: Any, name: Any, message: str
) -> None:
    status, body = answer(gateway, document, variables, name)
    assert status == 400
    assert body["errors"][0]["message"] == message
    assert body["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


def test_a_variable_of_the_wrong_type(gateway: Gateway) -> None:
    status, body = answer(gateway, "query($n: Int) { flow_run(limit: $n) { id } }", {"n": "x"})
    assert status == 400
    assert body["errors"][0]["message"].startswith(
        'Variable "$n" got invalid value "x"; Expected type Int.'
    )


@pytest.mark.parametrize("document", [None, "", 7, ["{ hello }"]])
def test_no_document(gateway: Gateway, document: Any) -> None:
    assert answer(gateway, document) == (400, "Must provide query string.")


def test_variables_that_are_no_json(gateway: Gateway) -> None:
    assert answer(gateway, "{ hello }", "{")[0] == 400
    assert answer(gateway, "{ hello }", "[1]")[0] == 400


def nested(levels: int) -> str:
    document = "id"
    for level in range(levels):
        document = f"{'flow_runs' if (levels - level) % 2 else 'flow'} {{ {document} }}"
    return f"{{ flow {{ {document} }} }}"


def test_documents_may_be_seven_deep(gateway: Gateway, world: World) -> None:
    assert "errors" not in gateway.query(nested(6))
    status, body = answer(gateway, nested(7))
    assert status == 400
    assert body["errors"][0]["message"] == "'' exceeds maximum operation depth of 7"
    assert body["errors"][0]["extensions"]["code"] == INVALID


def test_fragments_do_not_hide_depth(gateway: Gateway) -> None:
    document = (
        "query Deep { flow { ...A } } fragment A on flow { flow_runs { flow { flow_runs { ...B } } } } "
        "fragment B on flow_run { flow { flow_runs { flow { flow_runs { flow { id } } } } } }"
    )
    assert answer(gateway, document)[1]["errors"][0]["message"].startswith("'Deep' exceeds")


def test_a_document_has_two_hundred_roots_at_the_most(gateway: Gateway) -> None:
    def asking(count: int) -> tuple[int, Any]:
        roots = " ".join(f"a{n}: flow_run(limit: 1) {{ id }}" for n in range(count))
        return answer(gateway, f"{{ ...roots }} fragment roots on Query {{ {roots} }}")

    status, answered = asking(200)
    assert status == 200
    assert len(answered["data"]) == 200
    status, refused = asking(201)
    assert status == 400
    assert "several requests" in refused["errors"][0]["message"]


def test_introspection_has_no_depth_limit(gateway: Gateway) -> None:
    deep = "name"
    for _ in range(12):
        deep = f"ofType {{ {deep} }}"
    assert answer(gateway, f"{{ __schema {{ types {{ {deep} }} }} }}")[0] == 200


def test_a_malformed_id_is_a_data_exception_of_its_root_field(gateway: Gateway) -> None:
    message = 'invalid input syntax for type uuid: "baduuid"'
    status, body = answer(gateway, '{ flow_run(where: { id: { _eq: "baduuid" } }) { id } }')
    assert status == 200
    assert body == {
        "errors": [
            {
                "message": message,
                "locations": [{"line": 1, "column": 3}],
                "path": ["flow_run"],
                "extensions": {
                    "path": "$",
                    "code": "data-exception",
                    "exception": {"message": message},
                },
            }
        ],
        "data": None,
    }


def test_a_root_that_may_be_null_fails_alone(gateway: Gateway, world: World) -> None:
    status, body = answer(gateway, '{ run: flow_run_by_pk(id: "x") { id } tenant { slug } }')
    assert status == 200
    assert body["data"] == {"run": None, "tenant": [{"slug": "acme"}]}
    assert body["errors"][0]["path"] == ["run"]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ('{ id: { _in: ["x"] } }', 'invalid input syntax for type uuid: "x"'),
        ('{ id: { _eq: "" } }', 'invalid input syntax for type uuid: ""'),
        (
            '{ id: { _eq: "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" } }',
            "invalid input syntax for type uuid",
        ),
        ("{ id: { _eq: 7 } }", 'invalid input syntax for type uuid: "7"'),
        (
            '{ flow: { project: { id: { _gt: "zz" } } } }',
            'invalid input syntax for type uuid: "zz"',
        ),
        (
            '{ created: { _gt: "soon" } }',
            'invalid input syntax for type timestamp with time zone: "soon"',
        ),
        (
            '{ created: { _gt: "2022-13-01" } }',
            'date/time field value out of range: "2022-13-01"',
        ),
        (
            '{ flow: { tasks: { retry_delay: { _eq: "long" } } } }',
            'invalid input syntax for type interval: "long"',
        ),
        ('{ name: { _regex: "(" } }', "invalid regular expression: "),
        ('{ name: { _similar: "(" } }', "invalid regular expression: "),
        ('{ name: { _like: "a\\\\" } }', "LIKE pattern must not end with escape character"),
    ],
)
def test_values_that_postgresql_would_refuse(refuse: Ask, where: str, message: str) -> None:
    error = refuse(f"{{ flow_run(where: {where}) {{ id }} }}")
    assert error["message"].startswith(message)
    assert error["extensions"]["code"] == "data-exception"


@pytest.mark.parametrize(
    "document",
    [
        "mutation { delete_log(where: {}) { affected_rows } }",
        "subscription { flow_run { id } }",
        "mutation M { hello } query Q { hello }",
    ],
)
def test_nothing_can_be_written(gateway: Gateway, document: str) -> None:
    status, body = answer(gateway, document, None, "Q" if "Q" in document else None)
    assert status == 400
    assert "only reads" in body["errors"][0]["message"]


@pytest.mark.parametrize(
    "opening", ["{a", "{ flow_run(where: {_not: ", "{ flow_run(where: {_and: [", "[", "{...{"]
)
def test_bottomless_documents_are_refused(gateway: Gateway, opening: str) -> None:
    assert answer(gateway, opening * 5000)[0] == 400
    closed = "{ flow_run(where: " + "{_not: " * 3000 + "{}" + "}" * 3000 + ") { id } }"
    status, body = answer(gateway, closed)
    assert "errors" in body
    assert status in {200, 400}
