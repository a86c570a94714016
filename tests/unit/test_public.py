"""What is public: names that shadow nothing, annotations that can be read, types that can be imported."""

import builtins
import inspect
import typing

import pytest

import flowrun_widgets as fw

INNER = {
    "found",
    "backend",
    "columns",
    "content",
    "evidence",
    "fetched",
    "flow_run",
    "record",
    "shown",
}
"""Attributes for the rooms of the package: their types are not public."""
CLASSES = [one for name in fw.__all__ if inspect.isclass(one := getattr(fw, name))] + [
    one
    for module in (fw.errors, fw.states)
    for one in vars(module).values()
    if inspect.isclass(one) and one.__module__ == module.__name__
]


def functions_of(cls):
    """Yield the public functions of a class and of ours that it inherits from, by name."""
    for name in dir(cls):
        found = inspect.getattr_static(cls, name)
        found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
        is_public = name == "__init__" or not name.startswith("_")
        if is_public and inspect.isfunction(found) and found.__module__.startswith(fw.__name__):
            yield name, found


def types_in(hint):
    """Yield the classes that an annotation names."""
    if isinstance(hint, type):
        yield hint
    for part in (typing.get_origin(hint), *typing.get_args(hint)):
        if part is not None:
            yield from types_in(part)


def test_an_import_of_everything_shadows_no_builtin():
    assert not set(fw.__all__) & set(dir(builtins))
    assert fw.open is not builtins.open


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_annotations_can_be_read_and_what_is_returned_can_be_imported(cls):
    typing.get_type_hints(cls)
    for name, function in functions_of(cls):
        hints = typing.get_type_hints(function)
        for one in types_in(hints.get("return")) if name not in INNER else ():
            is_ours = one.__module__.startswith(fw.__name__)
            assert not is_ours or one in CLASSES, (name, one)


@pytest.mark.parametrize(
    "function",
    [one for name in fw.__all__ if inspect.isfunction(one := getattr(fw, name))],
    ids=lambda function: function.__name__,
)
def test_annotations_of_functions_too(function):
    for one in types_in(typing.get_type_hints(function).get("return")):
        assert not one.__module__.startswith(fw.__name__) or one in CLASSES


def test_the_card_is_a_function():
    assert inspect.isfunction(fw.card)
