"""Tracebacks as they stand in log messages."""

import concurrent.futures
import multiprocessing
import subprocess
import sys
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


def printed(error):
    """Return an exception as Python prints it."""
    return "".join(traceback.format_exception(error))


def raised(call, *arguments):
    """Return the exception that a call raises."""
    try:
        call(*arguments)
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("nothing was raised")


def causes(found):
    return [(cause.how, cause.error) for cause in found.causes]


def functions(frames):
    return [frame.function for frame in frames]


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


def test_the_last_of_a_chain_counts_and_the_others_are_its_causes():
    chained = (
        TEXT
        + "\nDuring handling of the above exception, another exception occurred:\n\n"
        + TEXT.replace("3", "4")
    )
    found = parse(chained)
    assert found.error.startswith("LedgerError: off by 4")
    assert causes(found) == [("context", "LedgerError: off by 3\n  of 5 accounts")]


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

    found = parse(printed(raised(broken)))
    assert found.error == "KeyError: 'a\\nb'"
    assert functions(found.frames) == ["raised", "broken"]
    assert found.frames[-1].code == 'raise KeyError("a\\nb")'


def chained():
    try:
        try:
            raise ConnectionError("no route")
        except OSError as error:
            raise ValueError("no pool\n\nand no hope") from error
    except ValueError:
        raise RuntimeError("load step failed")  # noqa: B904


def test_a_real_chain_is_told_with_its_root_first():
    found = parse(printed(raised(chained)))
    assert found.error == "RuntimeError: load step failed"
    assert causes(found) == [
        ("cause", "ConnectionError: no route"),
        ("context", "ValueError: no pool\n\nand no hope"),
    ]
    assert functions(found.causes[0].frames) == ["chained"]


def test_the_text_of_an_error_ends_where_the_message_ends():
    error = raised(chained).__context__
    error.__cause__ = None
    error.__suppress_context__ = True
    error.add_note("see\n\n  the manual")
    assert parse(printed(error)).error == "ValueError: no pool\n\nand no hope\nsee\n\n  the manual"


def nested():
    found = [raised(call) for call in (lambda: int("x"), chained, lambda: [][1])]
    inner = ExceptionGroup("inner", found[1:])
    raise ExceptionGroup("3 of 40 shards failed", [found[0], inner, TypeError("never raised")])


def test_a_real_group_is_told_with_its_members_in_order():
    found = parse("Task run failed with exception: …\n" + printed(raised(nested)))
    assert found.error == "ExceptionGroup: 3 of 40 shards failed (3 sub-exceptions)"
    told = [error for _, error in causes(found)]
    assert told[0].startswith("ValueError: invalid literal for int()")
    assert told[-1] == "TypeError: never raised"
    assert set(told) >= {
        "ExceptionGroup: inner (2 sub-exceptions)",
        "RuntimeError: load step failed",
        "ConnectionError: no route",
        "IndexError: list index out of range",
    }


def test_a_real_group_within_a_chain_is_a_part_of_it():
    def end():
        try:
            nested()
        except ExceptionGroup as error:
            raise RuntimeError("the end") from error

    found = parse(printed(raised(end)))
    assert found.error == "RuntimeError: the end"
    assert ("cause", "ExceptionGroup: 3 of 40 shards failed (3 sub-exceptions)") in causes(found)
    assert ("member", "TypeError: never raised") in causes(found)


def test_a_traceback_that_is_indented_is_read_like_others():
    indented = "".join(f"    {line}\n" for line in TEXT.splitlines())
    found = parse(f"the worker said:\n{indented}")
    assert (found.error, found.frames) == (parse(TEXT).error, parse(TEXT).frames)


def fail_elsewhere(number):
    raise ValueError(f"part {number} is damaged")


def test_a_real_traceback_of_another_process_joins_that_of_this_one():
    with concurrent.futures.ProcessPoolExecutor(
        1, multiprocessing.get_context("forkserver")
    ) as pool:
        error = raised(pool.submit(fail_elsewhere, 3).result)
    found = parse(printed(error))
    assert found.error == "ValueError: part 3 is damaged"
    assert found.causes == ()
    assert functions(found.own_frames())[-1] == "fail_elsewhere"


def test_a_traceback_that_the_error_quotes_is_its_cause_not_the_error():
    code = "import json\ndef read():\n    json.loads('{oops')\nread()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    def broken():
        raise RuntimeError(f"the importer said:\n{done.stderr}")

    found = parse(printed(raised(broken)))
    assert found.error == "RuntimeError: the importer said:"
    assert [how for how, _ in causes(found)] == ["quoted"]
    assert found.causes[0].error.startswith("json.decoder.JSONDecodeError")
    assert "read" in functions(found.causes[0].own_frames())
    assert functions(found.own_frames())[-1] == "broken"


def test_what_the_state_says_decides_between_a_quotation_and_a_chain():
    quoted = TEXT.replace("LedgerError: off by 3", "RuntimeError: it said:\n" + TEXT.strip())
    both = quoted + "\nDuring handling of the above exception, another exception occurred:\n\n"
    both += "Traceback (most recent call last):\n" + '  File "a.py", line 1, in end\nOSError: gone'
    assert parse(both, "OSError: gone").error == "OSError: gone"
    assert parse(both, "RuntimeError: it said:\nTraceback").error.startswith("RuntimeError")
    assert parse(both, "LedgerError('off by 3\\n  of 5 accounts')").error.startswith("LedgerError")


JAVA = """Task run failed with exception: Py4JJavaError()
Traceback (most recent call last):
  File "/srv/flows/job.py", line 9, in job
    frame.count()
py4j.protocol.Py4JJavaError: An error occurred while calling o45.count.
: org.apache.spark.SparkException: Job aborted due to stage failure
\tat org.apache.spark.scheduler.DAGScheduler.abortStage(DAGScheduler.scala:2844)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.io.FileNotFoundException: File hdfs://orders does not exist
\tat org.apache.hadoop.fs.RawLocalFileSystem.open(RawLocalFileSystem.java:150)
\t... 12 more
"""


def test_what_java_says_is_read_without_its_calls():
    found = parse(JAVA)
    assert found.error.splitlines() == [
        "py4j.protocol.Py4JJavaError: An error occurred while calling o45.count.",
        ": org.apache.spark.SparkException: Job aborted due to stage failure",
    ]
    assert causes(found) == [
        ("quoted", "java.io.FileNotFoundException: File hdfs://orders does not exist")
    ]


IPYTHON = """---------------------------------------------------------------------------
KeyError                                  Traceback (most recent call last)
Cell In[4], line 1
----> 1 total('revenue')

File ~/shop/frames.py:12, in total(name)
     11 def total(name):
---> 12     return frame[name]

KeyError: 'revenue'
"""


def test_what_ipython_prints_is_read():
    found = parse(IPYTHON)
    assert found.error == "KeyError: 'revenue'"
    assert [(f.file, f.line, f.code) for f in found.frames] == [
        ("Cell In[4]", 1, "total('revenue')"),
        ("~/shop/frames.py", 12, "return frame[name]"),
    ]


def test_a_cause_in_words_is_no_cause_without_java():
    text = TEXT.replace("  of 5 accounts", "Caused by: the month's end")
    assert parse(text).error == "LedgerError: off by 3\nCaused by: the month's end"
    assert parse(text).causes == ()


def test_lines_of_a_plan_are_no_margin_of_a_group():
    text = TEXT.replace("  of 5 accounts", "'Project ['price]\n+- 'Relation [orders]\n| a | b |")
    assert parse(text).error.endswith("'Project ['price]\n+- 'Relation [orders]\n| a | b |")


@given(st.text())
def test_any_text_can_be_parsed(text):
    parse(text)
    parse(text, text)
    assert parse("Traceback (most recent call last):\n" + text) is not None


@given(
    st.lists(
        st.sampled_from([*TEXT.splitlines(), *JAVA.splitlines(), *IPYTHON.splitlines()])
        | st.sampled_from(
            [
                "  + Exception Group Traceback (most recent call last):",
                "  | ExceptionGroup: x (2 sub-exceptions)",
                "  +-+---------------- 1 ----------------",
                "    +---------------- 2 ----------------",
                "    | Traceback (most recent call last):",
                "    | ValueError: y",
                "    +------------------------------------",
                "The above exception was the direct cause of the following exception:",
                '"""',
                "│ /srv/a.py:12 in load │",
            ]
        )
    )
)
def test_any_mixture_of_lines_can_be_parsed(lines):
    parse("\n".join(lines), "LedgerError: off by 3")


@pytest.mark.parametrize("line", ["+" + "-" * 100_000, " " * 100_000, "a:" * 50_000, "│" * 100_000])
def test_a_long_line_takes_no_long_time(line):
    parse("  + Exception Group Traceback (most recent call last):\n" + line)
    parse(TEXT + line)


@pytest.mark.parametrize(
    ("file", "is_own"),
    [
        ("/home/ada/prefect3/flows.py", True),
        ("flows/json_reader.py", True),
        ("C:\\work\\prefect-flows\\orders.py", True),
        ("<dynamic-code>", True),
        ("<ipython-input-3-1>", True),
        ("/srv/venv/lib/python3.11/site-packages/prefect/engine.py", False),
        ("/usr/lib/python3.11/json/decoder.py", False),
        ("C:\\Python311\\Lib\\json\\decoder.py", False),
        ("/opt/spark/python/lib/pyspark.zip/pyspark/worker.py", False),
        ("prefect/engine/task_runner.py", False),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_own_code_is_told_from_installed_packages_by_its_folder(file: str, is_own: bool) -> None:
    assert Frame(file, 1, "f").is_own is is_own
