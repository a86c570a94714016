"""Every example of the page 'Inspecting flow runs' prints what the page shows."""

import ast
import json
from pathlib import Path

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.store.writer import StoreWriter

from .seed_page import examples, graphql_example, normalised

FIXTURE = Path(__file__).parents[1] / "fixtures" / "seed_page.json"
CODE = [example.code for example in examples()]


@pytest.fixture(scope="module")
def seed_store(tmp_path_factory):
    content = json.loads(FIXTURE.read_text("utf-8"))
    assert "not recorded" in content["about"]["description"]
    path = tmp_path_factory.mktemp("seed") / "store.sqlite"
    with StoreWriter(path) as writer:
        writer.add(content["tables"])
    return path


@pytest.fixture(params=["store", "gateway"])
def connected(request, seed_store):
    """The ambient connection: the store itself, or the gateway over it as a server."""
    if request.param == "store":
        with fw.connect(seed_store):
            yield
        return
    gateway = Gateway(seed_store)
    with fw.connect("http://seed.test", transport=httpx.WSGITransport(app=gateway.wsgi)):
        yield
    gateway.close()


@pytest.mark.parametrize("position", range(len(CODE)), ids=CODE)
def test_an_example_prints_what_the_page_shows(position, connected):
    """All lines up to this one run in order, with the import changed and nothing else."""
    names = {}
    printed = None
    for code in CODE[: position + 1]:
        code = code.replace("from prefect.backend", "from flowrun_widgets")
        statement = ast.parse(code).body[0]
        if isinstance(statement, ast.Expr):
            printed = repr(eval(code, names))
        else:
            exec(code, names)
            printed = (
                repr(names[statement.targets[0].id]) if isinstance(statement, ast.Assign) else None
            )
    shown = examples()[position].shown
    if shown is not None:
        assert normalised(printed) == normalised(shown)


def test_the_query_of_the_page_gives_the_response_of_the_page(connected):
    query, response = graphql_example()
    assert fw.graphql(query) == json.loads(response)


def test_the_page_has_eight_examples_with_output():
    assert len([example for example in examples() if example.shown]) == 8
    assert len(CODE) == 10


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "DateTime(1978, 03, 08, 22, 30, 00, tzinfo=Timezone('+00:00'))",
            "DateTime(1978, 3, 8, 22, 31, 0, tzinfo=Timezone('UTC'))",
        ),
        (
            "DateTime(1978, 3, 8, 22, 30, 0, 5, tzinfo=Timezone('UTC'))",
            "DateTime(1978, 3, 8, 22, 30, 0, tzinfo=Timezone('UTC'))",
        ),
        ("Timezone('+01:00')", "Timezone('UTC')"),
        ("['a b']", "['ab']"),
        ("['a', 'b']", "['b', 'a']"),
    ],
)
def test_texts_that_say_different_things_stay_different(one, other):
    assert normalised(one) != normalised(other)


def test_the_spellings_of_one_moment_are_the_same():
    spellings = [
        "DateTime(1978, 03, 08, 22, 30, 00, 000000, tzinfo=Timezone('+00:00'))",
        "DateTime(1978, 3, 8, 22, 30, 0, tzinfo=Timezone('UTC'))",
        """DateTime(1978, 3, 8, 22, 30, 0,\n  tzinfo=FixedTimezone(0, name="+00:00"))""",
    ]
    assert len({normalised(spelling) for spelling in spellings}) == 1
