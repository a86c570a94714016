"""The filter text on a log, on the command line, and what it says of names that nobody has."""

import pickle
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import flowrun_widgets.query
from flowrun_widgets.cli import main
from flowrun_widgets.errors import InvalidArgument, QuerySyntaxError
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.query import nearest, parse, suggest
from flowrun_widgets.query.terms import KEYS, LEVELS
from flowrun_widgets.views.logs import FlowRunLogs
from tests.stores import FLOW_RUN_ID

from .lines import SHARED, columns_of, said

RUN = SHARED["sets"]["run"]["lines"]
NIGHT = SHARED["sets"]["night"]["lines"]
GRAMMAR = Path(flowrun_widgets.query.__file__).with_name("grammar.ebnf")


def seqs(logs):
    return logs.columns.table["seq"].to_pylist()


def test_where_gives_a_log_of_the_lines_that_fit():
    logs = FlowRunLogs(columns_of(RUN))
    found = logs.where("level>=warning task:load -logger:urllib")
    assert isinstance(found, FlowRunLogs)
    assert seqs(found) == [2, 3, 6]
    assert seqs(found.where("timeout")) == [3]
    assert len(logs) == len(RUN)


def test_the_empty_text_is_every_line():
    logs = FlowRunLogs(columns_of(RUN))
    assert logs.where("") == logs
    assert len(FlowRunLogs().where("level>=warning time:02:29..")) == 0
    assert len(FlowRunLogs(LogColumns()).where("-a /b/ task:c")) == 0


def test_a_time_of_day_is_on_the_first_day_of_the_log():
    """Also after an earlier `where`, in a slice of it, and in a copy."""
    logs = FlowRunLogs(columns_of(NIGHT))
    assert seqs(logs.where("time:23:00..23:59")) == [1]
    assert seqs(logs.where("time:00:30..01:00", tz="Europe/Berlin")) == []
    assert seqs(logs.where("time:23:00..23:30", tz="Europe/Berlin")) == [0]
    later = logs.where("-time:..2026-11-22T00:00Z")
    assert seqs(later) == [4, 5]
    assert seqs(later.where("time:22:00..")) == [4, 5]
    assert seqs(later[1:].where("time:22:00..")) == [5]
    assert seqs(pickle.loads(pickle.dumps(later)).where("time:22:00..")) == [4, 5]


def test_an_attempt_fits_where_it_is_known():
    begun = {"load[1]": [0, 1_795_314_630_000_000]}
    assert seqs(FlowRunLogs(columns_of(RUN)).where("attempt:1")) == []
    assert seqs(FlowRunLogs(columns_of(RUN), running=begun).where("attempt:2")) == [5]
    assert seqs(FlowRunLogs(columns_of(RUN), running=begun).where("attempt:1")) == [3, 4]


def test_what_cannot_be_read_is_an_error_with_its_position():
    with pytest.raises(QuerySyntaxError, match=r"^Unknown key: tsk. Keys: level, task") as caught:
        FlowRunLogs().where("timeout tsk:load")
    assert caught.value.position == 8
    with pytest.raises(QuerySyntaxError, match="unpaired surrogate"):
        parse("a \ud800")


@pytest.mark.parametrize("tz", ["Mars/Base", "", "../etc/passwd", "Europe", "\x00", None, 1])
def test_a_time_zone_that_is_none_is_named(tz):
    with pytest.raises(InvalidArgument, match="Unknown time zone"):
        FlowRunLogs().where("a", tz=tz)


def test_a_filter_is_text():
    with pytest.raises(InvalidArgument, match="A filter is text, not NoneType"):
        FlowRunLogs().where(None)


def test_a_query_compares_hashes_prints_and_cannot_be_changed():
    query = parse("LEVEL=error  task:load /a+/")
    assert query == parse("level:40 TASK:load /a+/")
    assert hash(query) == hash(parse("level:40 task:load /a+/"))
    assert query != parse("task:load level:error /a+/")
    assert repr(query) == "Query('level:error task:load /a+/')"
    assert pickle.loads(pickle.dumps(query)) == query
    assert not parse("  ")
    with pytest.raises(AttributeError):
        query.terms = ()


def test_the_first_day_may_be_an_instant():
    began = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert parse("time:01:00..", "Europe/Berlin", began) == parse(
        "time:01:00..", "Europe/Berlin", date(2026, 11, 22)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("task:laod", "No task is called laod. Did you mean task:load?"),
        ('task="lod"', 'No task is called lod. Did you mean task="load"?'),
        ("task:laod[1]", "No task is called laod[1]. Did you mean task:load[1]?"),
        ("a task:costumers", 'No task is called costumers. Did you mean task:"Load customers"?'),
        (
            "logger:boto3.sesion",
            "No logger is called boto3.sesion. Did you mean logger:boto3.session?",
        ),
        ("run:nigtly", "No run is called nigtly. Did you mean run:nightly?"),
        ("task:zzz", "No task is called zzz."),
        ("task:load", None),
        ("-task:laod", None),
        ("laod", None),
        ('task=""', None),
    ],
)
def test_a_name_that_no_line_has_is_answered_with_the_nearest(text, said):
    names = ["load", "load[0]", "load[1]", "Load customers"]
    rows = [*RUN, *({**RUN[1], "task": name} for name in names)]
    if "costumers" in text:
        rows = [{**row, "task": row["task"] and "Customers"} for row in rows]
        said = "No task is called costumers. Did you mean task:Customers?"
    assert suggest(parse(text), columns_of(rows, 2)) == said


def test_the_nearest_of_none_is_none():
    assert nearest("load", []) is None
    assert suggest(parse("task:load"), columns_of([])) == "No task is called load."
    assert suggest(parse("task:load"), columns_of(said(["a"]))) == "No task is called load."


def test_the_grammar_names_every_key_and_level():
    written = set(re.findall(r'"([a-z]+):?"', GRAMMAR.read_text(encoding="utf-8")))
    assert {*KEYS, *LEVELS} <= written


def test_the_command_prints_the_lines_that_fit(store, capsys):
    arguments = ["logs", FLOW_RUN_ID, "--api", str(store)]
    assert main([*arguments, "--where", "level>=warning"]) == 0
    assert [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()] == ["first"]
    assert main([*arguments, "--where", "attempt:1 -first"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("second")
    assert main([*arguments, "--where", ""]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_the_command_says_what_is_wrong_before_it_asks_a_server(capsys):
    address = "http://127.0.0.1:9/api"
    assert main(["logs", FLOW_RUN_ID, "--api", address, "--where", "a tsk:load"]) == 1
    message = "flowrun: Unknown key: tsk. Keys: level, task, logger, attempt, time."
    assert capsys.readouterr().err.splitlines() == [message, "  a tsk:load", "    ^"]


def test_a_log_without_a_line_that_fits_says_which_name_nobody_has():
    logs = FlowRunLogs(columns_of(RUN))
    assert logs.where("level>=debug").hint is None
    none = logs.where("logger:prefect.tsk")
    assert none.hint
    assert none.hint.startswith("No logger is called prefect.tsk. Did you mean ")
    page = none._repr_mimebundle_()["text/html"]
    assert "No logger is called prefect.tsk." in page
    assert "0 of 0" not in page


def test_the_command_suggests_the_nearest_name(store, capsys):
    assert main(["logs", FLOW_RUN_ID, "--api", str(store), "--where", "logger:prefect.tsk"]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("flowrun: No logger is called prefect.tsk. Did you mean")
