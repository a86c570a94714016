"""Messages from a page, which may say anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_widgets.widget import protocol

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
KINDS = [
    "query", "rows", "find", "line", "text", "tasks", "templates", "related", "open", "suggest", "download",
    "select", "pin", "refresh", "follow", "visible", "hello", "bye", "code",
]  # fmt: skip
FIELDS = [
    "kind", "view", "n", "snapshot", "start", "count", "seq", "query", "near", "what", "at", "step",
    "text", "caret", "format", "seqs", "tasks", "note", "selection", "range", "id", "is_on", "is_visible",
]  # fmt: skip
QUERY = {
    "text": "level:error",
    "zone": "Europe/Berlin",
    "lines": "context",
    "context": 2,
    "opened": [[7, 20], [40, -3]],
    "folds_repeats": False,
    "is_newest_first": False,
}
SELECTION = {"query": QUERY, "from": 3, "to": 7}
WHO = {"view": "v", "n": 1, "snapshot": 1}
ASKED = {**WHO, "kind": "rows", "query": QUERY, "start": 0, "count": 10}


@given(JSON | st.dictionaries(st.sampled_from(FIELDS), JSON | st.sampled_from(KINDS)))
def test_whatever_a_page_sends_is_a_question_or_nothing(content):
    question = protocol.parse(content)
    assert question is None or isinstance(question, protocol.Question)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "format the disk"},
        {"kind": None},
        {"n": "1"},
        {"n": 1.5},
        {"n": True},
        {"view": 7},
        {"count": "all"},
        {"start": None},
        {"count": 10**30},
        {"snapshot": [1]},
    ],
)
def test_a_question_of_wrong_types_is_none(change):
    assert protocol.parse({**ASKED, **change}) is None


@pytest.mark.parametrize("missing", list(ASKED))
def test_a_question_that_lacks_something_is_none(missing):
    assert protocol.parse({key: value for key, value in ASKED.items() if key != missing}) is None


@pytest.mark.parametrize(
    "query",
    [
        {**QUERY, "text": None},
        {**QUERY, "opened": [[1]]},
        {**QUERY, "opened": [[1, 2, 3]]},
        {**QUERY, "context": "2"},
        {**QUERY, "lines": "some"},
        {**QUERY, "is_newest_first": 1},
        None,
        [],
    ],
)
def test_a_question_with_a_query_of_wrong_types_is_none(query):
    assert protocol.parse({**ASKED, "query": query}) is None


@pytest.mark.parametrize(
    ("kind", "fields", "cls"),
    [
        ("query", {"query": QUERY, "near": None, "count": 80}, protocol.Query),
        ("rows", {"query": QUERY, "start": -5, "count": 2**40}, protocol.Rows),
        ("find", {"query": QUERY, "what": "hit", "at": 3, "step": -1}, protocol.Find),
        ("line", {"seq": 3}, protocol.Line),
        ("tasks", {"start": 0, "count": 1}, protocol.Tasks),
        ("templates", {"query": QUERY}, protocol.Templates),
        ("suggest", {"text": "le", "caret": 2}, protocol.Suggest),
        ("download", {"query": None, "format": "txt"}, protocol.Download),
        ("text", {"selection": SELECTION}, protocol.Text),
        ("related", {}, protocol.AskRelated),
        ("open", {"id": "4c0101af"}, protocol.OpenRun),
        ("visible", {"is_visible": True}, protocol.Visible),
        ("select", {"seqs": [1, 2], "range": None, "tasks": ["a"]}, protocol.Select),
        ("select", {"seqs": [], "range": SELECTION, "tasks": []}, protocol.Select),
        ("pin", {"seq": 1, "note": None}, protocol.PinLine),
        ("refresh", {}, protocol.Refresh),
        ("hello", {}, protocol.Hello),
        ("bye", {}, protocol.Bye),
        ("code", {}, protocol.Code),
    ],
)
def test_each_kind_of_question_is_understood(kind, fields, cls):
    assert type(protocol.parse({**WHO, "kind": kind, **fields})) is cls


def test_a_question_from_a_newer_page_may_say_more():
    assert isinstance(protocol.parse({**ASKED, "newer": True}), protocol.Rows)


def test_an_answer_is_addressed_to_who_asked():
    question = protocol.parse({**ASKED, "view": "left", "n": 7})
    answer = question.reply(protocol.Heard(3))
    assert answer == {"kind": "heard", "snapshot": 3, "view": "left", "n": 7}
