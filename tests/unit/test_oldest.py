"""Versions of what this is built on: a failed run is read, told and shown, also one without a single line."""

import sqlite3
from contextlib import closing
from shutil import copy

import flowrun_widgets as fw


def test_a_failed_run_without_lines_is_told_and_shown(recorded_store, tmp_path):
    """With pyarrow 17 to 25 the process died of it."""
    path = tmp_path / "silent.sqlite"
    copy(recorded_store, path)
    with closing(sqlite3.connect(path)) as store:
        store.execute("delete from log")
        store.commit()
    fw.connect(path)
    run = fw.latest(state="failed")
    assert len(run.get_logs()) == 0
    assert run.digest().startswith("**Failed**")
    card = run.card()
    assert card.wait_until_loaded(60)
    assert card.shown.digest is not None
    card.close()
