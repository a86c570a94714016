"""The real client of Prefect 1.4.1, unmodified, reads from us what our views say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway, Server
from flowrun_widgets.recordings.replay import NAMES, recording

from .our_dump import dump

SCRIPT = Path(__file__).with_name("oracle_dump.py")
RUNS = {name: recording(name).flow_run_id for name in NAMES}


@pytest.fixture(scope="module")
def gateway(recorded_store):
    gateway = Gateway(recorded_store)
    yield gateway
    gateway.close()


@pytest.fixture(scope="module")
def server(gateway):
    with Server(gateway, port=0) as server:
        yield server


def read_by_oracle(python, url, flow_run_ids, folder):
    """Return what the client reads from the server at `url`."""
    written = folder / "dump.json"
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "PREFECT__BACKEND": "server",
        "PREFECT__CLOUD__API": url,
        "PREFECT__LOGGING__LEVEL": "CRITICAL",
        "PYTHONWARNINGS": "ignore",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [python, SCRIPT, written, *flow_run_ids],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answer = json.loads(written.read_text())
    assert answer["version"] == "1.4.1"
    return answer["flow_runs"]


@pytest.fixture(scope="module")
def oracle(oracle_python, server, tmp_path_factory):
    """What the client reads of every recorded run, over HTTP."""
    folder = tmp_path_factory.mktemp("oracle")
    return read_by_oracle(oracle_python, server.url, RUNS.values(), folder)


@pytest.fixture(params=["store", "gateway in process", "over HTTP"])
def ours(request, recorded_store, gateway, server):
    """A connection of ours to the same runs."""
    connection = {
        "store": lambda: fw.connect(recorded_store),
        "gateway in process": lambda: fw.connect(
            "http://gateway.test", transport=httpx.WSGITransport(app=gateway.wsgi)
        ),
        "over HTTP": lambda: fw.connect(server.url),
    }[request.param]()
    with connection:
        yield connection


@pytest.mark.parametrize("name", NAMES)
def test_our_views_say_what_the_client_reads(name, oracle, ours):
    flow_run_id = RUNS[name]
    theirs, said = oracle[flow_run_id], dump(ours, [flow_run_id])[flow_run_id]
    assert said.keys() == theirs.keys()
    for key in theirs:
        assert said[key] == theirs[key], key


@pytest.mark.parametrize("name", NAMES)
def test_the_comparison_is_of_something(name, oracle):
    run = oracle[RUNS[name]]
    tables = recording(name).tables
    assert len(run["logs"]) == len(tables["log"]) > 0
    assert len(run["all_task_runs"]) == len(tables["task_run"]) > 0
    assert len(run["states"]) == len(tables["flow_run_state"]) > 0
    assert len(run["children"]) == sum(row["state"] == "Mapped" for row in tables["task_run"]) > 0


def test_the_command_serves_the_client(oracle, oracle_python, recorded_store, tmp_path):
    """`flowrun serve` prints its address first, and the client reads from there."""
    command = [sys.executable, "-m", "flowrun_widgets.cli", "serve"]
    with subprocess.Popen(
        [*command, "--store", recorded_store, "--port", "0"],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    ) as serving:
        try:
            url = serving.stdout.readline().split()[0]
            flow_run_id = RUNS["cancelled-in-part"]
            read = read_by_oracle(oracle_python, url, [flow_run_id], tmp_path)
        finally:
            serving.terminate()
    assert read == {flow_run_id: oracle[flow_run_id]}
