"""Whatever is sent over HTTP: no answer is a 5xx, no error shows SQL, and no statement writes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import sqlalchemy as sa
from graphql import print_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import Mode, nodes, queries

from flowrun_widgets.gateway import Gateway, Server
from flowrun_widgets.gateway.schema import build_schema

from .conftest import fill_world
from .stores import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

READS = re.compile(r"(?:begin$|SELECT\b|WITH\b|explain\b|select\b)")
SQL = re.compile(
    r"\b(?:select|insert|update|delete)\b .*\b(?:from|into|set)\b|json_(?:build_)?object|json_group|\[SQL|LINE \d"
    r"|psycopg|sqlite3|sqlalchemy|Traceback|\.py\b|AS anon_|pg_like",
    re.IGNORECASE,
)
SCHEMA = build_schema()
assert SCHEMA.query_type is not None
ROOTS = SCHEMA.query_type.fields
NAMES = sorted(set(re.findall(r"\b[A-Za-z_]\w*\b", print_schema(SCHEMA))))
NUMBERS = ["0", "-1", "7", "2147483648", "9" * 40, "1.5", "1e400", "-0"]
STRINGS = [
    '""',
    '"a"',
    '"\\u0000"',
    '"\\ud800"',
    '"{"',
    '"%\\\\"',
    '"(" ',
    '"2022-13-45"',
    '"infinity"',
    '"""x"""',
]
SIGNS = [
    *"{}()[]:,$!=@|&",
    "...",
    "on",
    "query",
    "mutation",
    "fragment",
    "$v",
    "null",
    "true",
    "#",
    "\ufeff",
]
TOKENS = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(NUMBERS),
    st.sampled_from(STRINGS),
    st.sampled_from(SIGNS),
)
SOUP = st.lists(TOKENS, max_size=30).map(" ".join)
TEXTS = st.text(max_size=6).map(nodes.String)
SCALARS = {
    "uuid": st.uuids().map(str).map(nodes.String) | TEXTS,
    "UUID": st.uuids().map(str).map(nodes.String) | TEXTS,
    "_uuid": st.lists(st.uuids(), max_size=2).map(
        lambda ids: nodes.String(f"{{{','.join(map(str, ids))}}}")
    ),
    "timestamptz": st.datetimes().map(lambda moment: nodes.String(moment.isoformat())) | TEXTS,
    "interval": st.sampled_from(["1 day", "00:01:30", "P1D"]).map(nodes.String) | TEXTS,
    "jsonb": TEXTS | st.integers().map(nodes.Int) | st.just(nodes.List([nodes.String("prod")])),
}


@st.composite
def with_values(draw: st.DrawFn) -> tuple[str, Any]:
    """Return a document with a variable of some type, and a value of any."""
    column, scalar = draw(
        st.sampled_from(
            [
                ("name", "String"),
                ("id", "uuid"),
                ("start_time", "timestamptz"),
                ("parameters", "jsonb"),
                ("version", "Int"),
                ("auto_scheduled", "Boolean"),
            ]
        )
    )
    operator = draw(
        st.sampled_from(["_eq", "_gt", "_in", "_nin", "_like", "_regex", "_contains", "_has_key"])
    )
    kind = f"[{scalar}!]" if operator in {"_in", "_nin"} else scalar
    document = f"query($v: {kind}) {{ flow_run(where: {{ {column}: {{ {operator}: $v }} }}, limit: 2) {{ id {column} }} }}"
    return document, {"v": draw(VALUES)}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "infinity",
            "now",
            "1 month",
            "P1Y",
            "\ud800",
            "\x00",
            "{}",
            "0" * 32,
            "24:00",
            "0001-01-01 BC",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[httpx.Client, list[str]]]:
    """A client of a server over the common rows, and every statement that the server sends."""
    if request.param == "sqlite":
        source: Any = Store(tmp_path_factory.mktemp("fuzz") / "store.db")
    else:
        source = request.getfixturevalue("prefect1_database")
        source.empty()
        source.count = 0
    fill_world(source)
    gateway = Gateway(source.address)
    sent: list[str] = []
    sa.event.listen(
        gateway.engine, "before_cursor_execute", lambda *said: sent.append(said[2].strip())
    )
    with Server(gateway, port=0) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        yield client, sent
    gateway.close()
    if isinstance(source, Store):
        source.close()


def check(served: tuple[httpx.Client, list[str]], body: bytes) -> httpx.Response:
    client, sent = served
    sent.clear()
    response = client.post("/", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code < 500, response.text
    if response.headers["content-type"].startswith("application/json"):
        answer = json.loads(response.content)
        for error in answer.get("errors", ()) if isinstance(answer, dict) else ():
            assert not SQL.search(json.dumps(error)), error
            assert error.get("extensions", {}).get("code") != "unexpected", error
    else:
        assert not SQL.search(response.text)
    assert [statement for statement in sent if not READS.match(statement)] == []
    return response


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("root", ROOTS)
def test_what_the_schema_allows_is_answered(served: Any, root: str) -> None:
    @settings(FUZZ, max_examples=3)
    @given(document=queries(SCHEMA, fields=[root], custom_scalars=SCALARS))
    def ask(document: str) -> None:
        answer = check(served, json.dumps({"query": document}).encode())
        if answer.status_code != httpx.codes.OK:
            assert "exceeds maximum operation depth" in answer.text

    ask()


@pytest.mark.parametrize("root", [name for name, field in ROOTS.items() if "limit" in field.args])
def test_what_the_schema_forbids_is_refused(served: Any, root: str) -> None:
    @settings(FUZZ, max_examples=2)
    @given(document=queries(SCHEMA, fields=[root], custom_scalars=SCALARS, mode=Mode.NEGATIVE))
    def ask(document: str) -> None:
        assert check(served, json.dumps({"query": document}).encode()).status_code == 400

    ask()


@FUZZ
@given(document=SOUP)
def test_no_documents(served: Any, document: str) -> None:
    check(served, json.dumps({"query": document}).encode())


@FUZZ
@given(asked=with_values())
def test_values(served: Any, asked: tuple[str, Any]) -> None:
    document, variables = asked
    check(served, json.dumps({"query": document, "variables": variables}).encode())


@settings(FUZZ, max_examples=60)
@given(
    body=st.binary(min_size=1, max_size=60).filter(bytes.strip)
    | st.fixed_dictionaries(
        {}, optional={"query": VALUES, "variables": VALUES, "operationName": VALUES, "x": VALUES}
    ).map(lambda asked: json.dumps(asked).encode())
)
def test_bodies(served: Any, body: bytes) -> None:
    check(served, body)
