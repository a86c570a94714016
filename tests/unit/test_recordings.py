"""The recorded runs that ship with the package."""

import itertools
import json
import re
from datetime import datetime
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "flowrun_widgets" / "recordings"
TABLES = [
    *("tenant", "project", "flow_group", "flow", "task", "edge", "flow_run"),
    *("flow_run_state", "task_run", "task_run_state", "log"),
]
ENDINGS = {
    "mapped-success": "Success",
    "failed-with-retries": "Failed",
    "cancelled-in-part": "Cancelled",
    "live-demo": "Success",
}
TASK_STATES = {
    "mapped-success": {"Pending", "Running", "Mapped", "Cached", "Looped", "Retrying", "Success"},
    "failed-with-retries": {"Mapped", "Retrying", "Failed", "TriggerFailed", "Success"},
    "cancelled-in-part": {"Mapped", "Skipped", "Cancelled", "Success"},
    "live-demo": {"Mapped", "Retrying", "Failed", "Success"},
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?\+00:00")
ABSOLUTE_PATH = re.compile(
    r"(?<![\w./:-])/(home|root|tmp|usr|opt|var|work|Users|private)/|[A-Z]:\\\\"
)


def read(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(params=sorted(ENDINGS))
def recording(request):
    return read(request.param)


def test_recordings_stay_under_400_kilobytes():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(ENDINGS)
    assert sum(path.stat().st_size for path in FOLDER.glob("*.json")) < 400_000


def test_a_recording_holds_every_table_of_one_run(recording):
    tables = recording["tables"]
    assert list(tables) == TABLES
    assert all(tables.values())
    assert [row["id"] for row in tables["flow_run"]] == [recording["about"]["flow_run_id"]]
    assert recording["about"]["recorded_with"] == "prefect 1.4.1"


def test_a_recording_contains_the_states_it_promises(recording):
    name = recording["about"]["name"]
    tables = recording["tables"]
    assert tables["flow_run"][0]["state"] == ENDINGS[name]
    assert tables["flow_run_state"][-1]["state"] == ENDINGS[name]
    assert {row["state"] for row in tables["task_run_state"]} >= TASK_STATES[name]


def test_a_cancelled_run_was_cancelling_first():
    states = [row["state"] for row in read("cancelled-in-part")["tables"]["flow_run_state"]]
    assert states[-3:] == ["Running", "Cancelling", "Cancelled"]


def test_one_task_run_failed_three_times_with_a_traceback_through_user_code():
    tables = read("failed-with-retries")["tables"]
    failed = [row["task_run_id"] for row in tables["task_run_state"] if row["state"] == "Failed"]
    assert len(failed) == 3
    assert len(set(failed)) == 1
    traces = [row["message"] for row in tables["log"] if "Traceback" in row["message"]]
    assert [trace.count('File "flows/ledger.py"') for trace in traces] == [4, 4, 4]


def test_the_logs_contain_what_displays_get_wrong():
    logs = [row for name in ENDINGS for row in read(name)["tables"]["log"]]
    messages = "\n".join(row["message"] for row in logs)
    assert {row["level"] for row in logs} == {"DEBUG", "INFO", "WARNING", "ERROR"}
    assert "<class 'function'>" in messages
    assert "\x1b[" in messages
    assert "渋谷" in messages


def test_all_recordings_share_a_tenant_and_a_project():
    assert len({read(name)["tables"]["tenant"][0]["id"] for name in ENDINGS}) == 1
    assert len({read(name)["tables"]["project"][0]["id"] for name in ENDINGS}) == 1


def test_rows_refer_to_rows_of_the_same_recording(recording):
    tables = recording["tables"]
    ids = {table: {row["id"] for row in rows} for table, rows in tables.items()}
    for rows in tables.values():
        for row in rows:
            for column, value in row.items():
                table = re.sub(r"^(up|down)stream_", "", column).removesuffix("_id")
                if column.endswith("_id") and table in ids and value is not None:
                    assert value in ids[table], (column, row["id"])


def test_ids_are_lower_case_uuids(recording):
    ids = [row["id"] for rows in recording["tables"].values() for row in rows]
    assert all(UUID.fullmatch(each) for each in ids)
    assert len(ids) == len(set(ids))


def test_times_read_as_postgres_prints_them_and_rows_arrive_in_order(recording):
    for rows in recording["tables"].values():
        arrivals = [datetime.fromisoformat(row["created"]) for row in rows]
        assert arrivals == sorted(arrivals)
        for row in rows:
            assert TIME.fullmatch(row["created"])
            assert TIME.fullmatch(row["updated"])
            assert datetime.fromisoformat(row["created"]) <= datetime.fromisoformat(row["updated"])
            if "timestamp" in row:
                at = datetime.fromisoformat(row["timestamp"])
                assert TIME.fullmatch(row["timestamp"])
                assert at <= datetime.fromisoformat(row["created"])


def test_the_demo_lasts_between_45_and_90_seconds():
    tables = read("live-demo")["tables"]
    arrivals = [datetime.fromisoformat(row["created"]) for row in tables["log"]]
    pauses = [(b - a).total_seconds() for a, b in itertools.pairwise(arrivals)]
    assert 45 <= (arrivals[-1] - arrivals[0]).total_seconds() <= 90
    assert max(pauses) < 6


def test_nothing_in_a_recording_names_the_machine_it_was_made_on(recording):
    text = json.dumps(recording, ensure_ascii=False)
    assert not ABSOLUTE_PATH.search(text)
    assert not re.search(r'File \\"(/|[A-Z]:)', text)
    assert recording["tables"]["flow_run"][0]["labels"] == ["warehouse"]
