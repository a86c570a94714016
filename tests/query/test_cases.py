"""The file of cases that Python and the page share."""

from datetime import date

import pytest

from flowrun_widgets.errors import QuerySyntaxError
from flowrun_widgets.query import attempts_of, parse, with_term, without_key, without_term
from flowrun_widgets.times import parse_micros

from .lines import SHARED, columns_of, said

CASES = SHARED["cases"]
HITS = [case for case in CASES if "hits" in case]
ERRORS = [case for case in CASES if "error" in case]
REWRITE = {"with": with_term, "without": without_term, "without_key": without_key}


def query_of(case):
    day = case.get("first_day")
    return parse(case["text"], case.get("tz", "UTC"), date.fromisoformat(day) if day else None)


def running_of(name):
    running = SHARED["sets"][name]["running"]
    return {task: [parse_micros(at) for at in times] for task, times in running.items()}


def test_there_are_at_least_300():
    texts = {(case["text"], case.get("tz"), case.get("lines")) for case in CASES}
    assert len(texts) >= 300


@pytest.mark.parametrize("chunks", [1, 3])
@pytest.mark.parametrize("case", HITS, ids=lambda case: case["text"][:40])
def test_a_query_fits_exactly_these_lines(case, chunks):
    rows = said(case["messages"]) if "messages" in case else SHARED["sets"][case["lines"]]["lines"]
    columns = columns_of(rows, chunks)
    running = running_of(case.get("lines", "none"))
    mask = query_of(case).mask(columns, attempts=running)
    assert mask.null_count == 0
    assert columns.table.filter(mask)["seq"].to_pylist() == case["hits"]


@pytest.mark.parametrize("case", HITS, ids=lambda case: case["text"][:40])
def test_the_canonical_text_asks_the_same(case):
    query = query_of(case)
    assert parse(str(query)) == query
    assert str(parse(str(query))) == str(query)


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case["text"][:40])
def test_what_cannot_be_read_says_where_and_why(case):
    with pytest.raises(QuerySyntaxError) as caught:
        query_of(case)
    error = {"position": caught.value.position, "message": str(caught.value)}
    assert error == case["error"]


@pytest.mark.parametrize(
    "case", SHARED["rewrites"], ids=lambda case: f"{case['do']} {case['text']}"
)
def test_a_click_writes_into_the_text(case):
    assert REWRITE[case["do"]](case["text"], case["with"]) == case["gives"]


def test_the_attempt_of_a_line_is_the_number_of_running_states_up_to_its_time():
    rows = SHARED["sets"]["run"]["lines"]
    columns = columns_of(rows, 3)
    expected = [row["attempt"] for row in rows]
    assert attempts_of(columns.table, running_of("run")).to_pylist() == expected
