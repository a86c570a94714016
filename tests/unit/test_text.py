"""Text of a run in every output: a name adds no line, two lines stay two, and long text hides nothing else."""

import re
import unicodedata

import pytest

import flowrun_widgets as fw
from flowrun_widgets.cli import main
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.plain_text import further_lines, one_line, plain
from flowrun_widgets.report.html.excerpt import excerpt
from flowrun_widgets.report.html.run_html import twin_html, twin_text
from flowrun_widgets.report.html.task_run_html import task_run_html
from flowrun_widgets.report.log_text import log_text
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.widget.downloads import file_parts
from tests.runs import payload_of
from tests.stores import FLOW_RUN_ID, at, identifier, log_row, serialized, small_run, task_run_row

FORGED = "2026-11-22 02:00:00.000Z ERROR    flow: forged"
LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z \S* +.*: ")
BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]


def columns(messages, task="load", level="ERROR"):
    count = len(messages)
    return LogColumns.from_lists(
        timestamps=[1_795_312_800_000_000 + n for n in range(count)],
        levels=[level] * count,
        messages=messages,
        ids=[None] * count,
        loggers=[None] * count,
        task_run_ids=["t"] * count,
        tasks={"t": task},
    )


def failed_run(folder, name, message="boom"):
    """Return a failed run in which every name is `name`."""
    tables = small_run(
        [log_row(1, 1, message, "ERROR", task_run_id=identifier(0x101), name=name)],
        name=name,
        state="Failed",
        serialized_state=serialized("Failed", message),
        end_time=at(60),
    )
    tables["flow"][0]["name"] = name
    tables["task_run"] = [
        task_run_row(1, 1, "Failed", name=name, message=message, end_time=at(9)),
        task_run_row(2, 2, "TriggerFailed", name=name),
    ]
    tables["task_run_state"] = []
    with StoreWriter(folder / "s.sqlite") as writer:
        writer.add(tables)
    return fw.connect(folder / "s.sqlite")


@pytest.mark.parametrize("end", BREAKS)
def test_whatever_ends_a_line_ends_it(end):
    assert plain(f"read 3{end}read 4") == "read 3\nread 4"
    assert one_line(f" read 3{end}read 4 ") == "read 3 read 4"
    assert further_lines(f"read 3{end}read 4{end}") == 2


def test_a_progress_bar_is_lines_not_one_word():
    assert plain("10 %\r50 %\r100 %\n") == "10 %\n50 %\n100 %\n"


@pytest.mark.parametrize("end", BREAKS)
def test_no_message_and_no_name_makes_a_line_of_the_log(end):
    lines = "\n".join(log_text(columns([f"first{end}{FORGED}", "second"], f"load{end}{FORGED}")))
    assert [bool(LINE.match(line)) for line in lines.split("\n")] == [True, False, True]
    assert f"    {FORGED}" in lines
    assert f"load {FORGED}: first" in lines


@pytest.mark.parametrize("end", BREAKS)
def test_no_level_makes_a_line_of_the_log(end):
    (line,) = log_text(columns(["x"], level=f"ODD{end}{FORGED}"))
    assert "\n" not in line


def test_the_command_prints_no_forged_line(tmp_path, capsys):
    with failed_run(tmp_path, f"load\n{FORGED}", f"boom\r{FORGED}"):
        assert main(["logs", FLOW_RUN_ID]) == 0
        printed = capsys.readouterr().out.splitlines()
        assert sum(bool(LINE.match(line)) for line in printed) == 1
        assert main(["show", FLOW_RUN_ID]) == 0
        assert not any(
            line.startswith("2026-11-22") for line in capsys.readouterr().out.split("\n")
        )


def test_a_name_with_line_feeds_is_one_line_in_every_output(tmp_path):
    with failed_run(tmp_path, f"amber\n{FORGED}"):
        run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        run.get_logs(), run.get_all_task_runs()
        texts = [
            twin_text(payload_of(run)),
            run.digest(),
            str(run.get_logs()),
            repr(fw.find_flow_runs()),
        ]
        assert not any(line.startswith(FORGED) for text in texts for line in text.split("\n"))


@pytest.mark.parametrize("letter", ["x", "漢", "\x1b[31m", "a\n"])
def test_a_long_name_pushes_nothing_out(letter, tmp_path):
    with failed_run(tmp_path, letter * 3_000):
        run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        logs = run.get_logs().columns
        record = run.get_all_task_runs()[0].record
        shown = payload_of(run)
        text = twin_text(shown)
        assert "Failed" in text.split("\n")[0]
        assert max(map(len, text.split("\n"))) < 400
        pages = [
            twin_html(shown, excerpt(logs), "frw-1"),
            task_run_html(record, logs, run.as_of),
            fw.find_flow_runs()._repr_mimebundle_()[0]["text/html"],
        ]
        for page in pages:
            assert (letter * 301).replace("\x1b[31m", "") not in page or letter == "\x1b[31m"
            assert len(page) < 12_000
        assert "boom" in run.digest()
        assert max(map(len, repr(fw.find_flow_runs()).split("\n"))) < 300
        header = shown.header
        assert max(len(one or "") for one in (header.name, header.flow, shown.digest.task)) <= 301


def test_a_file_of_text_is_lines_to_read():
    lines = columns(["read\r\n3 rows", "\x1b[31mred\x1b[0m"], "lo\nad")
    (part,) = file_parts(lines, "txt")
    assert part.decode() == (
        "2026-11-22 02:00:00.000Z ERROR    lo ad: read\n    3 rows\n"
        "2026-11-22 02:00:00.000Z ERROR    lo ad: red\n"
    )
    assert file_parts(LogColumns(), "txt") == [b""]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_files_for_programs_have_the_text_as_it_is(kind):
    text = b"".join(file_parts(columns(["read\r3 \x1b[31mrows"], "lo\nad"), kind)).decode()
    assert ("lo\nad" in text) or ("lo\\nad" in text)
    assert ("read\r3" in text) or ("read\\r3" in text)


def test_a_frame_has_the_text_as_it_is():
    frame = fw.FlowRunLogs(columns(["read\r3"], "lo\nad")).to_pandas()
    assert (frame["message"][0], frame["task"][0]) == ("read\r3", "lo\nad")


def test_what_is_printed_of_a_log_is_text_to_read_and_its_repr_that_of_a_list():
    logs = fw.FlowRunLogs(columns(["Traceback:\n  File x", "second"]))
    assert str(logs).split("\n") == [
        "2026-11-22 02:00:00.000Z ERROR    load: Traceback:",
        "      File x",
        "2026-11-22 02:00:00.000Z ERROR    load: second",
    ]
    assert repr(logs).startswith("[FlowRunLog(timestamp=")
    many = fw.FlowRunLogs(columns([f"line {n}" for n in range(1_200)]))
    assert "… 1,194 lines left out …" in str(many)
    assert str(many).split("\n")[-1].endswith("line 1199")
    assert str(fw.FlowRunLogs()) == ""


def test_no_output_has_control_characters(tmp_path):
    with failed_run(tmp_path, "a\x00b\x07c\x1b]0;t\x07d\u202ee", "\x9bboom\x08"):
        run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        run.get_all_task_runs()
        for text in (str(run.get_logs()), run.digest(), twin_text(payload_of(run))):
            assert not {c for c in text if unicodedata.category(c) in {"Cc", "Cs"}} - {"\n", "\t"}
            assert "\u202e" not in text
