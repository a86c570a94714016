"""The states, against facts that the real client 1.4.1 gave."""

import copy
import json
import pickle
from pathlib import Path

import pytest

from flowrun_widgets import states
from flowrun_widgets.states import Failed, Scheduled, State, Success, Unknown
from flowrun_widgets.times import isoformat, parse_time

FACTS = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "prefect1_states.json").read_text("utf-8")
)
SERIALIZABLE = sorted(name for name, facts in FACTS["states"].items() if facts["serialized"])
PREFECT3_ONLY = {"Crashed", "Suspended", "Unknown"}


@pytest.fixture(params=sorted(FACTS["states"]))
def named(request):
    """Each class with the facts about it."""
    return getattr(states, request.param), FACTS["states"][request.param]


def test_there_are_21_types():
    assert len(SERIALIZABLE) == 21


def test_a_class_stands_where_1_4_1_has_it(named):
    cls, facts = named
    assert cls.parents(names_only=True) == facts["parents"]


def test_a_class_has_the_colour_of_1_4_1(named):
    cls, facts = named
    assert cls.color == cls().color == facts["color"]


def test_predicates_hold_where_1_4_1_says_so(named):
    cls, facts = named
    state = cls("a message")
    assert {name for name in FACTS["predicates"] if getattr(state, name)()} == set(facts["true"])


def test_a_state_prints_as_in_1_4_1(named):
    cls, facts = named
    assert repr(cls("a message")) == facts["repr"]
    assert repr(cls()) == facts["repr_no_message"]


def test_the_message_prints_raw():
    assert repr(Success('say "hi"')) == FACTS["reprs"]["repr_double_quote"]
    assert repr(Failed("line1\nline2")) == FACTS["reprs"]["repr_newline"]
    assert repr(Success("")) == FACTS["reprs"]["repr_empty"]


@pytest.mark.parametrize("name", sorted(FACTS["children"]))
def test_children_come_in_the_order_of_1_4_1(name):
    ours = getattr(states, name).children(names_only=True)
    assert [child for child in ours if child not in PREFECT3_ONLY] == FACTS["children"][name]


@pytest.mark.parametrize("form", ["serialized", "default"])
@pytest.mark.parametrize("name", SERIALIZABLE)
def test_every_type_survives_the_round_trip(name, form):
    body = FACTS["states"][name][form]
    state = State.deserialize(body)
    assert type(state) is getattr(states, name)
    assert state.message == body["message"]
    assert state.serialize() == body
    assert State.deserialize(state.serialize()) == state


@pytest.mark.parametrize("variant", sorted(FACTS["variants"]))
def test_the_variants_survive_the_round_trip(variant):
    body = FACTS["variants"][variant]
    assert State.deserialize(body).serialize() == body


@pytest.mark.parametrize("name", sorted(FACTS["results"]))
def test_a_stored_result_says_its_kind_and_place_and_has_no_value(name):
    body = FACTS["results"][name]
    state = State.deserialize({"type": "Success", "_result": body})
    assert state.stored_result.kind == body["type"]
    assert state.stored_result.location == body.get("location")
    assert dict(state.stored_result.details) == {
        key: value for key, value in body.items() if key not in {"type", "location", "__version__"}
    }
    assert state.result is None
    assert state.serialize()["_result"] == body


@pytest.mark.parametrize("name", SERIALIZABLE)
def test_the_type_alone_is_enough(name):
    state = State.deserialize({"type": name})
    assert repr(state) == f"<{name}>"


@pytest.mark.parametrize(
    "body",
    [
        {"message": None, "context": None, "cached_inputs": None},
        {"_result": None},
        {"__version__": "9.9", "unheard": {"of": 1}, "result": 3},
    ],
)
def test_nulls_and_unknown_keys_are_tolerated(body):
    assert State.deserialize({"type": "Success", **body}) == Success()


def test_an_unknown_type_is_kept_and_nothing_is_claimed_about_it():
    state = State.deserialize({"type": "Hibernating", "message": "until spring"})
    assert isinstance(state, Unknown)
    assert (state.type, state.name) == ("Hibernating", "Hibernating")
    assert repr(state) == '<Hibernating: "until spring">'
    assert not any(getattr(state, name)() for name in FACTS["predicates"])
    assert state.serialize()["type"] == "Hibernating"


def test_two_unknown_types_are_not_equal():
    assert State.deserialize({"type": "Hibernating"}) != State.deserialize({"type": "Dreaming"})


@pytest.mark.parametrize("body", [{}, {"type": None}, {"type": ""}, {"type": 3}])
def test_a_state_without_a_type_is_a_value_error(body):
    with pytest.raises(ValueError, match="without a type"):
        State.deserialize(body)


def test_a_missing_start_time_stays_missing():
    """1.4.1 puts the moment of loading there, so that two loads of one answer differ."""
    assert State.deserialize({"type": "Scheduled"}).start_time is None


def test_meta_states_are_unwrapped():
    inner = Scheduled(start_time=parse_time("2022-01-02T03:04:05+00:00"))
    assert states.Queued(state=states.Submitted(state=inner)).state == inner


def test_equality_is_that_of_1_4_1():
    assert Success("one") == Success("two", context={"tags": ["a"]})
    assert Success(result=1) != Success(result=2)
    assert Success() != states.Mapped()
    assert Success() != "Success"
    one, two = (Scheduled(start_time=parse_time(f"202{n}-01-01T00:00:00")) for n in (1, 2))
    assert one != two


def test_equal_states_hash_alike_whatever_they_hold():
    assert hash(Success("one")) == hash(Success("two"))
    cached = State.deserialize(FACTS["variants"]["Cached(full)"])
    assert len({cached, State.deserialize(FACTS["variants"]["Cached(full)"])}) == 1


@pytest.mark.parametrize("name", ["message", "timestamp", "anything"])
def test_a_state_refuses_change(name):
    with pytest.raises(AttributeError):
        setattr(Success("ok"), name, "changed")


def test_the_context_refuses_change():
    state = State.deserialize(FACTS["variants"]["Scheduled(context task_run_count=3,tags)"])
    with pytest.raises(TypeError):
        state.context["tags"] = []
    with pytest.raises(AttributeError):
        state.context["tags"].append("t2")


@pytest.mark.parametrize("name", SERIALIZABLE)
def test_a_state_pickles_and_copies(name):
    state = State.deserialize(FACTS["states"][name]["serialized"])
    for twin in (pickle.loads(pickle.dumps(state)), copy.deepcopy(state), copy.copy(state)):
        assert twin == state
        assert twin.record() == state.record()


def test_at_names_the_moment_of_entry():
    moment = parse_time("2022-01-02T03:04:05.678901+00:00")
    state = Success("ok").at(moment)
    assert state.timestamp == moment
    assert isoformat(state.timestamp) == "2022-01-02T03:04:05.678901+00:00"


def test_a_mapped_state_has_one_place_for_each_child():
    state = State.deserialize(FACTS["variants"]["Mapped(n=3)"])
    assert state.n_map_states == 3
    assert state.map_states == [None] * 3
