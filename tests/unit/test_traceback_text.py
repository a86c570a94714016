"""Tracebacks as they stand in log messages."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_widgets.analysis.traceback_text import Frame, parse

TEXT = """Task 'load': Exception encountered during task execution!
Traceback (most recent call last):
  File "/opt/venv/lib/python3.11/site-packages/prefect/engine/task_runner.py", line 880, in get_task_run_state
    value = prefect.utilities.executors.run_task_with_timeout(
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "flows/ledger.py", line 41, in load
    raise LedgerError(f"off by {n}")
LedgerError: off by 3
  of 5 accounts
"""


def test_the_error_and_the_users_own_frames_are_found():
    found = parse(TEXT)
    assert found.error.startswith("LedgerError: off by 3")
    (frame,) = found.own_frames()
    assert (frame.file, frame.line, frame.function) == ("flows/ledger.py", 41, "load")
    assert frame.code == 'raise LedgerError(f"off by {n}")'
    assert frame.lines()[0] == 'File "flows/ledger.py", line 41, in load'
    assert len(found.frames) == 2


def test_if_no_frame_is_the_users_own_all_are_shown():
    text = TEXT.replace("flows/ledger.py", "/usr/lib/python3.11/json/decoder.py")
    assert len(parse(text).own_frames()) == 2


def test_the_last_of_several_tracebacks_counts():
    chained = (
        TEXT
        + "\nDuring handling of the above exception, another exception occurred:\n\n"
        + TEXT.replace("3", "4")
    )
    assert parse(chained).error.startswith("LedgerError: off by 4")


def test_a_message_without_a_traceback_has_none():
    assert parse("Traceback is a word") is None
    assert parse("") is None


def test_a_traceback_that_breaks_off_is_read_as_far_as_it_goes():
    found = parse(TEXT[: TEXT.index("    raise")])
    assert found.error == ""
    assert found.frames[-1].function == "load"


def test_a_real_traceback_is_read():
    def broken():
        raise KeyError("a\nb")

    try:
        broken()
    except KeyError as error:
        found = parse("".join(traceback.format_exception(error)))
    assert found.error == "KeyError: 'a\\nb'"
    assert [frame.function for frame in found.frames] == ["test_a_real_traceback_is_read", "broken"]
    assert found.frames[-1].code == 'raise KeyError("a\\nb")'


@given(st.text())
def test_any_text_can_be_parsed(text):
    parse(text)
    assert parse("Traceback (most recent call last):\n" + text) is not None


@pytest.mark.parametrize(
    ("file", "is_own"),
    [
        ("/home/ada/prefect3/flows.py", True),
        ("flows/json_reader.py", True),
        ("C:\\work\\prefect-flows\\orders.py", True),
        ("/srv/venv/lib/python3.11/site-packages/prefect/engine.py", False),
        ("/usr/lib/python3.11/json/decoder.py", False),
        ("prefect/engine/task_runner.py", False),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_own_code_is_told_from_installed_packages_by_its_folder(file: str, is_own: bool) -> None:
    assert Frame(file, 1, "f").is_own is is_own
