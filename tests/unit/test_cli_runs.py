"""The command's words for a run, its exit statuses, and what it prints of the recorded runs."""

import csv
import io
import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import flowrun_widgets as fw
from flowrun_widgets.cli import main
from flowrun_widgets.cli.main import COMMANDS
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import FLOW_RUN_ID, identifier, log_row, small_run
from tests.terminals import ROOT, in_pipe, surroundings

FAILED = recording("failed-with-retries").flow_run_id
SUCCEEDED = recording("mapped-success").flow_run_id


@pytest.fixture
def api(recorded_store):
    return str(recorded_store)


@pytest.fixture
def said(api, capsys):
    """Runs a command on the recorded runs; returns its status, its output and its messages."""

    def run(*arguments):
        status = main([*arguments, "--api", api])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return run


@pytest.fixture
def printed(said):
    """Runs a command that must succeed, and returns what it prints as JSON."""

    def run(*arguments):
        status, out, _ = said(*arguments, "--json")
        assert status == 0
        return json.loads(out)

    return run


@pytest.mark.parametrize(
    "word",
    [
        FAILED,
        FAILED[:8],
        FAILED[:4].upper(),
        FAILED[:13],
        "stoic-marmot",
        f"/default/flow-run/{FAILED}?tab=logs",
    ],
)
def test_a_run_is_an_id_a_beginning_of_one_a_name_or_a_link(said, word):
    status, out, _ = said("why", word)
    assert status == 0
    assert FAILED in out


@pytest.mark.parametrize("word", ["nonesuch", "0000", "f", "stoic", ""])
def test_what_names_no_run_says_what_lists_them(said, word):
    status, out, err = said("why", word)
    assert (status, out) == (1, "")
    (line,) = err.splitlines()
    assert "`flowrun runs` lists the runs there." in line


def test_several_runs_that_a_word_means_are_listed(tmp_path, capsys):
    path = tmp_path / "twins.sqlite"
    with StoreWriter(path) as writer:
        for number in (0xA, 0xB):
            tables = small_run(logs=[], id=identifier(number), name="twin")
            for table in ("flow_run_state", "task_run", "task_run_state"):
                tables[table] = []
            writer.add(tables)
    for word in ("twin", "0000"):
        assert main(["why", word, "--api", str(path)]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"flowrun: 2 runs match '{word}'.")
        assert identifier(0xA) in line
        assert identifier(0xB) in line


@pytest.mark.parametrize(
    ("word", "status"), [(FAILED, 3), (SUCCEEDED, 0), ("brisk-otter", 3), ("nonesuch", 5)]
)
@pytest.mark.parametrize("command", ["why", "show", "logs", "tasks"])
def test_the_exit_status_says_how_a_run_ended_if_it_is_asked_to(said, command, word, status):
    assert said(command, word, "--exit-status")[0] == status
    assert said(command, word)[0] == (1 if status == 5 else 0)


def test_a_run_that_goes_on_has_a_status_of_its_own(store, capsys):
    assert main(["why", FLOW_RUN_ID, "--api", str(store), "--exit-status"]) == 4
    assert "flowrun watch" in capsys.readouterr().out


def test_without_a_word_why_takes_the_newest_run_that_failed(said):
    status, out, _ = said("why")
    assert status == 0
    assert FAILED in out
    assert FAILED in said("why", "--flow", "ledger-close")[1]
    status, _, err = said("why", "--flow", "nightly-orders")
    assert (status, "No run of the flow 'nightly-orders' failed" in err) == (1, True)


def test_why_says_what_failed_with_its_lines_and_what_to_do_next(said):
    lines = said("why", FAILED)[1].splitlines()
    assert lines[0] == "✕ Failed  ledger-close / stoic-marmot"
    assert any("IncompleteJournalError: journal of Österreich" in line for line in lines)
    assert any(
        "Caused by json.decoder.JSONDecodeError: Unterminated string" in line for line in lines
    )
    assert any("flows/ledger.py:33 in decode_journal" in line for line in lines)
    assert any(
        "Exception encountered during task execution! … +33 lines … " in line for line in lines
    )
    assert "Never started because of it: post_balances, reconcile" in lines
    commands = [line.split("flowrun ")[1] for line in lines if line.startswith("  flowrun ")]
    assert [command.split()[0] for command in commands] == ["logs", "diff"]
    assert main(commands[0].split()) == 0


def test_a_run_that_did_not_fail_says_so(said):
    out = said("why", SUCCEEDED)[1]
    assert "It did not fail." in out
    assert "Last lines" not in out


def test_the_json_of_a_failure_names_the_line_that_reports_it(printed):
    found = printed("why", FAILED)
    assert found["run"]["id"] == FAILED
    assert found["run"]["state"]["type"] == "Failed"
    failure = found["failure"]
    assert failure["line"]["level_name"] == "ERROR"
    assert failure["last_lines"][-1] == failure["line"]
    assert failure["frames"][-1] == {
        "file": "flows/ledger.py",
        "line": 33,
        "function": "decode_journal",
        "code": "raise IncompleteJournalError(",
    }
    assert failure["never_started"] == ["post_balances", "reconcile"]
    assert printed("why", SUCCEEDED)["failure"] is None
    assert printed("show", FAILED)["failure"]["error"] == failure["error"]


RUN_FIELDS = [
    "id",
    "name",
    "flow",
    "project",
    "state",
    "is_finished",
    "is_successful",
    "created_at",
    "scheduled_at",
    "started_at",
    "ended_at",
    "took_seconds",
    "ran_seconds",
    "attempts",
    "parameters",
    "tags",
    "labels",
    "deployment_id",
    "work_pool",
    "parent_task_run_id",
    "url",
    "as_of",
]
TASK_FIELDS = [
    "id",
    "name",
    "task",
    "map_index",
    "state",
    "is_finished",
    "is_successful",
    "started_at",
    "ended_at",
    "ran_seconds",
    "waited_seconds",
    "attempts",
    "subflow_run_id",
]
LINE_FIELDS = ["at", "level", "level_name", "task", "task_run_id", "logger", "message"]


def test_the_shapes_of_json_are_those_that_are_documented(printed, said):
    assert [*printed("runs")[0]] == RUN_FIELDS
    assert [*printed("tasks", FAILED)[0]] == TASK_FIELDS
    assert [*json.loads(said("logs", FAILED, "--json", "--tail", "1")[1])] == LINE_FIELDS
    assert [*printed("show", FAILED)] == [
        "run",
        "failure",
        "line_count",
        "task_run_counts",
        "redacted",
    ]
    assert [*printed("why", FAILED)] == ["run", "failure", "redacted", "next"]
    assert [*printed("patterns", FAILED)["patterns"][0]] == (
        ["pattern", "count", "level", "first_at", "last_at", "example"]
    )
    assert [*printed("diff", FAILED, SUCCEEDED)] == (
        ["run", "baseline", "is_same", "summary", "differences", "tasks", "patterns"]
    )
    documented = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    for name in (*RUN_FIELDS, *TASK_FIELDS, *LINE_FIELDS, *printed("why", FAILED)["failure"]):
        assert f"`{name}`" in documented


def test_runs_are_listed_and_chosen(said, printed):
    head, *rows = said("runs")[1].splitlines()
    assert head.split() == ["STATE", "NAME", "FLOW", "STARTED", "(UTC)", "RAN", "ID"]
    assert [row.split()[2] for row in rows] == [
        "lively-tern", "brisk-otter", "stoic-marmot", "amber-heron",
    ]  # fmt: skip
    assert [run["name"] for run in printed("runs", "--state", "failed")] == ["stoic-marmot"]
    assert [run["name"] for run in printed("runs", "--flow", "nightly-orders")] == ["amber-heron"]
    found = printed("runs", "--state", "failed", "--state", "cancelled", "--since", "2026-11-22")
    assert [run["name"] for run in found] == ["brisk-otter", "stoic-marmot"]
    assert [run["name"] for run in printed("runs", "--parameter", "period=2026-10")] == [
        "stoic-marmot"
    ]
    status, out, err = said("runs", "--limit", "2")
    assert (status, len(out.splitlines())) == (0, 3)
    assert "--limit shows more" in err
    status, out, err = said("runs", "--flow", "nonesuch")
    assert (status, out) == (0, "")
    assert "no run matches" in err


def test_task_runs_are_listed_in_the_order_of_their_start(printed):
    found = printed("tasks", FAILED)
    began = [task["started_at"] for task in found if task["started_at"]]
    assert began == sorted(began)
    assert [task["name"] for task in printed("tasks", FAILED, "--state", "failed")] == [
        "journal of Österreich Handel GmbH", "post_balances", "reconcile",
    ]  # fmt: skip
    assert len(printed("tasks", FAILED, "--failed")) == 3


def test_lines_of_what_failed_and_of_levels_and_tasks(said):
    def tasks(*more):
        out = said("logs", FAILED, "--json", *more)[1]
        return {json.loads(line)["task"] for line in out.splitlines()}

    failed = "journal of Österreich Handel GmbH"
    assert tasks("--failed") == {failed}
    assert tasks("--failed", "--tail", "3") == {failed}
    assert tasks("--task", "reconcile") == {"reconcile"}
    assert tasks("--level", "error") == {failed, "notify_finance"}
    assert tasks("--level", "error", "--failed") == {failed}
    assert None in tasks()
    assert said("logs", FAILED, "--task", "nonesuch")[0] == 1
    assert said("logs", FAILED, "--level", "loud")[0] == 1


def test_the_ends_of_a_log_are_its_first_and_last_lines(said):
    whole = said("logs", FAILED)[1].splitlines()
    newest, oldest = (said("logs", FAILED, f"--{end}", "3")[1] for end in ("tail", "head"))
    assert newest.splitlines() == whole[-3:]
    assert oldest.splitlines() == whole[:3]
    assert said("logs", FAILED, "--since", "2026-11-22T17:44:58.8")[1].splitlines() == [
        line for line in whole if line >= "2026-11-22 17:44:58.8"
    ]
    assert said("logs", FAILED, "--where", "level>=error", "--tail", "1")[1].count("ERROR") == 1


@pytest.mark.parametrize(
    "both", [["--head", "1", "--tail", "1"], ["--json", "-o", "csv"], ["-f", "--subflows"]]
)
def test_options_that_exclude_each_other_are_a_wrong_command_line(both, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["logs", FAILED, *both])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be used together. `flowrun logs --help` says more." in line


def test_lines_are_csv_and_parquet_for_other_tools(said, api, tmp_path):
    whole = [json.loads(line) for line in said("logs", FAILED, "--json")[1].splitlines()]
    rows = [*csv.DictReader(io.StringIO(said("logs", FAILED, "-o", "csv")[1]))]
    assert [row["message"] for row in rows] == [line["message"] for line in whole]
    assert [row["at"] for row in rows] == [line["at"] for line in whole]
    file = tmp_path / "lines.parquet"
    with file.open("wb") as target:
        subprocess.run(
            [sys.executable, "-m", "flowrun_widgets", "logs", FAILED, "--api", api, "-o", "parquet"],
            stdout=target, check=True, env=surroundings(),
        )  # fmt: skip
    table = pq.read_table(file)
    assert table["message"].to_pylist() == [line["message"] for line in whole]
    assert pa.types.is_timestamp(table.schema.field("timestamp").type)


def test_secrets_are_in_no_output(tmp_path, capsys):
    canary = "hunter2-canary"
    path = tmp_path / "secret.sqlite"
    tables = small_run(
        logs=[log_row(1, 1, f"login with password={canary}", "ERROR")],
        parameters={"api_key": canary},
        state="Failed",
        serialized_state={
            "type": "Failed", "message": f"password={canary}", "context": {}, "cached_inputs": {},
        },
    )  # fmt: skip
    with StoreWriter(path) as writer:
        writer.add(tables)
    for command in ("why", "show", "logs", "tasks", "patterns"):
        for form in ([], ["--json"]):
            assert main([command, FLOW_RUN_ID, "--api", str(path), *form]) == 0
            shown = capsys.readouterr()
            assert canary not in shown.out + shown.err
    for form in ([], ["--json"]):
        assert main(["runs", "--api", str(path), *form]) == 0
        assert canary not in capsys.readouterr().out


def test_a_diff_and_patterns_are_those_of_the_views(said, recorded_store):
    with fw.connect(recorded_store):
        mine, theirs = map(fw.FlowRunView.from_flow_run_id, (FAILED, SUCCEEDED))
        text = str(fw.compare(mine, theirs))
    assert said("diff", FAILED, SUCCEEDED)[1].rstrip("\n") == text
    head, *rows = said("patterns", FAILED, "--limit", "3")[1].splitlines()
    assert head.split()[:2] == ["LEVEL", "LINES"]
    assert len(rows) == 3


def test_a_run_without_a_page_cannot_be_opened(said):
    status, out, err = said("open", FAILED)
    assert (status, out) == (1, "")
    assert f"flowrun show {FAILED}" in err


def test_watching_a_run_that_has_ended_says_why_it_did(said):
    status, out, _ = said("watch", FAILED, "--exit-status")
    assert status == 3
    assert "IncompleteJournalError" in out
    lines = said("watch", FAILED, "--json")[1].splitlines()
    assert [json.loads(line)["is_finished"] for line in lines] == [True]


def test_watching_can_end_before_the_run_does(store, capsys):
    assert (
        main(["watch", FLOW_RUN_ID, "--api", str(store), "--timeout", "1s", "--exit-status"]) == 4
    )
    assert "has not ended after 1 s" in capsys.readouterr().err


def test_every_command_has_help_and_says_what_is_wrong_in_one_line(capsys):
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        assert f"Usage: flowrun {name}" in capsys.readouterr().out
        with pytest.raises(SystemExit) as ended:
            main([name, "--nonesuch"])
        assert ended.value.code == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    with pytest.raises(SystemExit):
        main(["wyh"])
    assert "Did you mean 'why'?" in capsys.readouterr().err


def test_the_package_is_the_command(api):
    done = in_pipe("--version")
    assert done.stdout == f"flowrun-widgets {fw.__version__}\n"
    assert in_pipe("why", FAILED, "--api", api).returncode == 0


@pytest.mark.parametrize("arguments", [["logs", FAILED, "--tail", "5"], ["why", FAILED]])
def test_lines_and_causes_need_no_tables_and_no_console(api, arguments):
    code = (
        "import sys; from flowrun_widgets.cli import main; main(); "
        "names = ('rich', 'pandas', 'ipywidgets', 'IPython', 'httpx', 'tqdm'); "
        "print(*[name for name in names if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--api", api],
        capture_output=True,
        text=True,
        check=True,
        env=surroundings(),
    )
    assert done.stdout
    assert done.stderr == "\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", FAILED],
        ["runs"],
        ["tasks", FAILED],
        ["diff", FAILED, SUCCEEDED],
        ["patterns", FAILED, "--limit", "1000"],
        ["watch", FAILED],
        ["logs", FAILED, "--where", "level>=error"],
        ["logs", FAILED, "-o", "csv"],
    ],
)
def test_commands_in_a_process_of_their_own_print_the_same(said, api, arguments):
    done = in_pipe(*arguments, "--api", api)
    assert (done.returncode, done.stderr) == (0, "")
    if arguments[0] != "watch":
        assert done.stdout == said(*arguments)[1]
