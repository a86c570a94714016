"""The frozen list and dictionary, and the plain ones that they stand for."""

import copy
import json
import pickle
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_widgets.containers import (
    FrozenDict,
    FrozenList,
    freeze,
    frozen_dict,
    frozen_list,
    thaw,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_frozen_data_prints_compares_and_serialises_like_the_plain(value):
    frozen = freeze(value)
    assert repr(frozen) == repr(value)
    assert frozen == value
    assert value == frozen
    assert (frozen != value) is False
    assert json.dumps(frozen) == json.dumps(value)
    assert thaw(frozen) == value


@given(VALUES)
def test_frozen_data_hashes_pickles_and_copies(value):
    frozen = freeze(value)
    assert hash(frozen) == hash(freeze(copy.deepcopy(value)))
    for twin in (pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen)):
        assert type(twin) is type(frozen)
        assert twin == frozen
        assert hash(twin) == hash(frozen)


def test_what_is_thawed_is_plain_however_deep():
    plain = thaw(freeze({"a": [{"b": []}]}))
    assert type(plain) is dict
    assert type(plain["a"]) is list
    assert type(plain["a"][0]) is dict
    assert type(plain["a"][0]["b"]) is list


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.__setitem__("a", 1),
        lambda d: d.__delitem__("a"),
        lambda d: d.update(b=1),
        lambda d: d.setdefault("b", 1),
        lambda d: d.pop("a"),
        lambda d: d.popitem(),
        lambda d: d.clear(),
        lambda d: d.__ior__({"b": 1}),
    ],
)
def test_a_frozen_dictionary_refuses_change_and_says_how_to_copy(change):
    frozen = FrozenDict(a=1)
    with pytest.raises(TypeError, match="makes a copy"):
        change(frozen)
    assert frozen == {"a": 1}


@pytest.mark.parametrize(
    "name", ["append", "extend", "insert", "pop", "remove", "sort", "clear", "reverse"]
)
def test_a_frozen_list_has_no_method_that_changes(name):
    assert not hasattr(FrozenList([2, 1]), name)


def test_a_frozen_list_refuses_items():
    frozen = FrozenList([2, 1])
    with pytest.raises(TypeError):
        frozen[0] = 3
    with pytest.raises(TypeError):
        del frozen[0]


def test_a_slice_of_a_frozen_list_prints_like_the_slice_of_a_list():
    assert repr(FrozenList([1, 2, 3])[1:]) == "[2, 3]"


def test_a_frozen_list_adds_up_with_lists():
    frozen = FrozenList([1])
    assert add(frozen, [2]) == [1, 2]
    assert add([0], frozen) == [0, 1]
    assert type(add([0], frozen)) is list


def test_a_frozen_list_is_no_set_or_text():
    assert FrozenList("ab") != "ab"
    assert FrozenList([1]) != {1}


def test_a_copy_of_a_frozen_dictionary_can_be_changed():
    copied = FrozenDict(a=1).copy()
    copied["b"] = 2
    assert copied == {"a": 1, "b": 2}


def test_none_is_the_empty_container():
    assert frozen_dict(None) == {}
    assert frozen_list(None) == []


def test_freezing_leaves_the_original_alone():
    original = {"a": [1]}
    frozen = freeze(original)
    original["a"].append(2)
    assert frozen == {"a": [1]}
