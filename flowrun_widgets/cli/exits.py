"""The exit statuses of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrun_widgets.states import State

__all__ = [
    "BROKEN_PIPE",
    "DONE",
    "ERROR",
    "FAILED",
    "GOING",
    "INTERRUPTED",
    "NOT_FOUND",
    "USAGE",
    "exit_of",
]

DONE = 0
"""It is done; with `--exit-status`, the run succeeded."""
ERROR = 1
"""An error of this package, such as a server that does not answer."""
USAGE = 2
"""The command line is wrong."""
FAILED = 3
"""With `--exit-status`: the run failed, crashed, timed out or was cancelled."""
GOING = 4
"""With `--exit-status`: the run has not ended yet."""
NOT_FOUND = 5
"""With `--exit-status`: there is no such run."""
INTERRUPTED = 130
"""Ctrl+C was pressed."""
BROKEN_PIPE = 141
"""The reader of a pipe has closed it, as `head` does."""


def exit_of(state: State) -> int:
    """Return the exit status that says how a run ended."""
    if not state.is_finished():
        return GOING
    return DONE if state.is_successful() else FAILED
