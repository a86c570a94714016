"""The demo: runs to look at, and nothing left behind."""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

import flowrun_widgets as fw
from flowrun_widgets.connection.connection import ambient, current
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.times import now

THREAD = "flowrun demo"


def demo_threads():
    return [thread for thread in threading.enumerate() if thread.name == THREAD]


def test_its_ids_are_runs_of_the_ambient_connection():
    with fw.demo() as demo:
        names = {}
        for name in ("succeeded", "failed", "cancelled", "live"):
            run = fw.FlowRunView.from_flow_run_id(getattr(demo, name))
            names[name] = run.state.type
            assert getattr(demo, name) in repr(demo)
        assert names | {"live": None} == {
            "succeeded": "Success", "failed": "Failed", "cancelled": "Cancelled", "live": None,
        }  # fmt: skip


def test_the_live_run_happens_now_and_can_be_finished_at_once():
    with fw.demo() as demo:
        run = fw.FlowRunView.from_flow_run_id(demo.live)
        assert not run.state.is_finished()
        assert abs((now() - run.created_at).total_seconds()) < 30
        run.get_logs()
        demo.finish()
        latest = run.get_latest()
        assert latest.state.is_successful()
        assert len(latest.get_logs()) == len(recording("live-demo").tables["log"])
        assert not run.state.is_finished()


def test_it_goes_on_by_itself():
    with fw.demo(pace=1000) as demo:
        (thread,) = demo_threads()
        thread.join(20)
        assert not thread.is_alive()
        assert fw.FlowRunView.from_flow_run_id(demo.live).state.is_successful()


def test_closing_leaves_no_thread_no_folder_and_the_connection_of_before(recorded_store):
    before = fw.connect(recorded_store)
    demo = fw.demo()
    folder = demo.path.parent
    assert current() is demo.connection
    assert demo_threads()
    demo.close()
    assert not demo_threads()
    assert not folder.exists()
    assert ambient() is not demo.connection
    assert current() in {None, before}
    demo.close()
    before.close()


def test_closing_leaves_a_connection_alone_that_was_made_meanwhile(recorded_store):
    demo = fw.demo()
    chosen = fw.connect(recorded_store)
    demo.close()
    assert current() is chosen
    chosen.close()


def test_a_store_of_ones_own_stays(tmp_path):
    path = tmp_path / "mine.sqlite"
    with fw.demo(path) as demo:
        live = demo.live
    assert path.exists()
    with fw.connect(path):
        assert fw.FlowRunView.from_flow_run_id(live).name == "lively-tern"


def test_a_store_that_is_there_is_not_written_over(store):
    before = store.read_bytes()
    with pytest.raises(fw.errors.InvalidArgument, match="exists"):
        fw.demo(store)
    assert store.read_bytes() == before


@pytest.mark.parametrize("pace", [0, -1, float("nan"), "fast", True])
def test_a_pace_is_above_nothing(pace, tmp_path):
    with pytest.raises(fw.errors.InvalidArgument, match="pace"):
        fw.demo(pace=pace)
    assert not demo_threads()


def test_a_path_is_text():
    with pytest.raises(fw.errors.InvalidArgument, match=r"fw\.demo"):
        fw.demo(5)


def test_the_folder_of_a_killed_demo_goes_with_the_next_and_that_of_a_living_one_stays(tmp_path):
    code = "import os, flowrun_widgets as fw; demo = fw.demo(); print(demo.path.parent, flush=True); input()"
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}

    def begun():
        process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return process, Path(process.stdout.readline().strip())

    killed, left = begun()
    with killed:
        killed.terminate()
    assert left.exists()
    living, kept = begun()
    with living:
        assert not left.exists()
        another, third = begun()
        with another:
            assert kept.exists()
            another.communicate("\n")
        assert not third.exists()
        living.communicate("\n")
    assert not list(tmp_path.glob("flowrun-demo-*"))


def test_what_others_put_beside_the_folders_of_demos_is_neither_waited_for_nor_removed(
    tmp_path, monkeypatch
):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "held").touch()
    (tmp_path / "flowrun-demo-link").symlink_to(kept)
    pipe = tmp_path / "flowrun-demo-pipe"
    pipe.mkdir()
    os.mkfifo(pipe / "held")
    linked = tmp_path / "flowrun-demo-held"
    linked.mkdir()
    (linked / "held").symlink_to(kept / "held")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with fw.demo():
        pass
    left = {one.name.removeprefix("flowrun-demo-") for one in tmp_path.glob("flowrun-demo-*")}
    assert left == {"link", "pipe", "held"}
    assert (kept / "held").exists()


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root gives a folder away")
def test_a_folder_of_another_user_stays(tmp_path, monkeypatch):
    folder = tmp_path / "flowrun-demo-theirs"
    folder.mkdir()
    (folder / "held").touch()
    os.chown(folder, 12_345, 12_345)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with fw.demo():
        assert folder.exists()


def test_views_of_a_closed_demo_keep_what_they_hold():
    with fw.demo() as demo:
        run = fw.FlowRunView.from_flow_run_id(demo.failed)
        logs = run.get_logs()
    assert run.get_logs() == logs
    assert run.state.is_failed()
    with pytest.raises(fw.errors.ConnectionClosed, match=r"fw\.connect"):
        run.get_latest()
