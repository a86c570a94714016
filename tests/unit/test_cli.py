"""The command's answers to what cannot be done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import flowrun_widgets as fw
from flowrun_widgets.cli import main
from flowrun_widgets.cli.main import OTHERS
from tests.stores import FLOW_RUN_ID


def test_serve_refuses_what_is_no_store_before_it_says_anything(tmp_path, capsys):
    file = tmp_path / "passwd"
    file.write_text("root:x:0:0\n" * 100)
    assert main(["serve", "--store", str(file), "--port", "0"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "as a store" in said.err


@pytest.mark.parametrize("port", ["99999", "-1", "\u00b2", "x", "0000000001"])
def test_a_port_that_cannot_be_is_refused(port, capsys):
    with pytest.raises(SystemExit):
        main(["serve", f"--port={port}"])
    assert "0 to 65535" in capsys.readouterr().err


def test_serve_without_its_extra_says_what_to_install(store, capsys, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("flowrun_widgets.gateway")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "waitress", None)
    assert main(["serve", "--store", str(store)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "pip install 'flowrun-widgets[gateway]'" in line


def test_a_question_to_a_store_without_the_extra_says_what_to_install(store, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("flowrun_widgets.gateway")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "waitress", None)
    with (
        fw.connect(store) as connection,
        pytest.raises(fw.FlowRunError, match=r"pip install 'flowrun-widgets\[gateway\]'") as caught,
    ):
        connection.graphql("{hello}")
    assert isinstance(caught.value, ImportError)


def flowrun(store, command, **more):
    return subprocess.run(
        [sys.executable, "-m", "flowrun_widgets.cli", command, FLOW_RUN_ID, "--api", store],
        cwd=Path(__file__).parents[2], stderr=subprocess.PIPE, text=True, check=False, **more,
    )  # fmt: skip


def test_a_terminal_that_knows_only_ascii_is_no_failure(store):
    done = flowrun(
        store, "show", stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is /dev/full")
def test_a_full_disk_is_one_line(store):
    with open("/dev/full", "w") as full:
        done = flowrun(store, "logs", stdout=full)
    assert (done.returncode, done.stderr) == (1, "flowrun: No space left on device\n")


def test_a_command_of_another_room_is_one_line(monkeypatch, capsys):
    place = "flowrun_widgets.connection.connection:connect"
    monkeypatch.setitem(OTHERS, "link", (place, "Connect."))
    assert main(["--help"]) == 0
    assert "Connect." in capsys.readouterr().out
    assert main(["link", "--api", "thing://nowhere"]) == 1
    assert "not the address of a server" in capsys.readouterr().err


def test_without_a_command_the_help_is_printed(capsys):
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("Usage: flowrun [OPTIONS]")
