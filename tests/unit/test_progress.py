"""How far a long read is."""

from __future__ import annotations

import io
import sys

import pytest

from flowrun_widgets.backends import progress


def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Put a terminal in place, in which a read takes long from its first page on.

    No fixture: pytest's capturing puts its own stderr in place between set-up and test.
    """
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.0)
    return screen


def test_a_terminal_shows_a_bar_and_clears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch)
    with progress.shown_progress():
        progress.report("lines", 200)
        assert "lines" in screen.getvalue()
    assert screen.getvalue().endswith("\r")


def test_nothing_is_shown_where_nobody_looks(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.0)
    with progress.shown_progress():
        progress.report("lines", 200)
    assert capfd.readouterr() == ("", "")


def test_who_listens_is_told_instead_of_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch)
    told: list[tuple[str, int]] = []
    listening = progress.progress_to(lambda what, count: told.append((what, count)))
    with listening, progress.shown_progress():
        progress.report("lines", 200)
    assert told == [("lines", 200)]
    assert screen.getvalue() == ""


def test_what_a_listener_raises_ends_the_read() -> None:
    def enough(_what: str, _count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), progress.progress_to(enough):
        progress.report("lines", 200)


def test_a_part_says_what_it_is_a_part_of(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch)
    with progress.shown_progress(), progress.part_of("run 2"):
        progress.report("lines", 200)
    assert "lines of run 2 [00:00]" in screen.getvalue()
