"""Messages from a page, which may say anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_widgets.card import protocol

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
KINDS = ["rows", "line", "tasks", "refresh", "hello", "bye", "code"]
FIELDS = ["kind", "view", "n", "snapshot", "start", "count", "seq"]
ASKED = {"kind": "rows", "view": "v", "n": 1, "snapshot": 1, "start": 0, "count": 10}


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
    ("content", "kind"),
    [
        (ASKED, protocol.Rows),
        ({**ASKED, "start": -5, "count": 2**40}, protocol.Rows),
        ({"kind": "line", "view": "v", "n": 1, "snapshot": 1, "seq": 3}, protocol.Line),
        (
            {"kind": "tasks", "view": "v", "n": 1, "snapshot": 1, "start": 0, "count": 1},
            protocol.Tasks,
        ),
        *(
            ({"kind": kind, "view": "v", "n": 1, "snapshot": 1}, cls)
            for kind, cls in (
                ("refresh", protocol.Refresh),
                ("hello", protocol.Hello),
                ("bye", protocol.Bye),
                ("code", protocol.Code),
            )
        ),
    ],
)
def test_each_kind_of_question_is_understood(content, kind):
    assert type(protocol.parse(content)) is kind


def test_a_question_from_a_newer_page_may_say_more():
    assert isinstance(protocol.parse({**ASKED, "newer": True}), protocol.Rows)


def test_an_answer_is_addressed_to_who_asked():
    question = protocol.parse({**ASKED, "view": "left", "n": 7})
    answer = question.reply(protocol.Heard(3))
    assert answer == {"kind": "heard", "snapshot": 3, "view": "left", "n": 7}
