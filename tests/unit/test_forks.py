"""Processes that are forked while others read, follow and show runs, and answers about another run."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import UnexpectedAnswer
from flowrun_widgets.gateway import Gateway

FORKS = 8
PROGRAM = Path(__file__).parent / "forking.py"


def test_children_read_follow_and_show_what_they_asked_for(recorded_store):
    """Nothing hangs, nothing fails, and nobody gets another run, in parent and children."""
    done = subprocess.run(
        [
            sys.executable,
            "-Xfaulthandler",
            "-Wignore",
            str(PROGRAM),
            str(recorded_store),
            str(FORKS),
        ],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.stdout.strip() == str({"right": FORKS}), done.stderr[-4_000:]


IN_THE_MIDDLE = """
import os, sys, threading, time
import flowrun_widgets as fw

with fw.connect(sys.argv[1]):
    run = fw.find_flow_runs()[0]
threading.Thread(target=run.card).start()
while "flowrun_widgets.widget.widget" not in sys.modules:
    time.sleep(0.001)
child = os.fork()
if child == 0:
    os._exit(0 if run.card().wait_until_loaded(20) else 1)
deadline = time.monotonic() + 30
while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < deadline:
    time.sleep(0.01)
if ended == (0, 0):
    os.kill(child, 9)
print("hangs" if ended == (0, 0) else os.waitstatus_to_exitcode(ended[1]))
"""


def test_a_child_imports_what_its_parent_was_importing(recorded_store):
    """A thread of the parent has the lock of the module."""
    done = subprocess.run(
        [sys.executable, "-Wignore", "-c", IN_THE_MIDDLE, str(recorded_store)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == "0", done.stderr[-4_000:]


WHILE_SQLITE_IS_BUSY = """
import os, sys, threading, time
from pathlib import Path
from flowrun_widgets.sqlite import open_sqlite, read_only_uri

def read():
    database = open_sqlite(read_only_uri(Path(sys.argv[1])), uri=True)
    for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
        database.execute(f"select * from {table} limit 200").fetchall()
    database.close()

def go_on():
    while True:
        read()

def ended(child):
    deadline = time.monotonic() + 10
    while (told := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, 9)
            return "hangs"
        time.sleep(0.001)
    return os.waitstatus_to_exitcode(told[1])

for _ in range(2):
    threading.Thread(target=go_on, daemon=True).start()
for fork in range(int(sys.argv[2])):
    child = os.fork()
    if child == 0:
        read()
        os._exit(0)
    if told := ended(child):
        sys.exit(f"fork {fork}: {told}")
print("right")
"""


def test_a_child_opens_a_store_while_its_parent_reads_it(recorded_store):
    """SQLite has locks of its own. Without `unforked`, one child in ten inherits one that is held."""
    done = subprocess.run(
        [sys.executable, "-Wignore", "-c", WHILE_SQLITE_IS_BUSY, str(recorded_store), "200"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.strip() == "right", done.stderr[-4_000:]


class Mixed(httpx.BaseTransport):
    """A gateway whose answers are about another run than was asked for, once it is told to mix them up."""

    def __init__(self, store: Path, *ids: str) -> None:
        self._inside = httpx.WSGITransport(app=Gateway(store).wsgi)
        self._ids = ids
        self.is_mixed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        body = request.content
        if self.is_mixed:
            one, other = (id.encode() for id in self._ids)
            body = body.replace(one, other)
        headers = {"Content-Type": "application/json"}
        asked = httpx.Request("POST", request.url, headers=headers, content=body)
        return self._inside.handle_request(asked)


@pytest.mark.parametrize(
    "ask",
    [
        lambda run: fw.FlowRunView.from_flow_run_id(run.flow_run_id),
        lambda run: run.get_latest(),
        lambda run: run.get_logs(),
        lambda run: run.get_logs(level="error"),
        lambda run: run.get_all_task_runs(),
        lambda run: run.get_task_run_ids(),
    ],
    ids=["run", "latest", "log", "part of the log", "task runs", "ids of task runs"],
)
def test_an_answer_about_another_run_is_an_error(ask, recorded_store):
    with fw.connect(recorded_store):
        one, other = (run.flow_run_id for run in fw.find_flow_runs()[:2])
    server = Mixed(recorded_store, one, other)
    with fw.connect("http://p1.test/graphql", transport=server, library=False):
        run = fw.FlowRunView.from_flow_run_id(one)
        server.is_mixed = True
        with pytest.raises(UnexpectedAnswer, match=f"asked for .* {one} but answered about"):
            ask(run)
