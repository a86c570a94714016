"""The phrases that the engines of Prefect 1 and 3 put around an exception, in state messages and logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrun_widgets.states import State

__all__ = [
    "is_decided_by_task_runs",
    "is_of_end",
    "is_of_engine",
    "is_of_hook",
    "is_unfinished",
    "said_of",
]

BEFORE = re.compile(
    r"(?:(?:Flow|Task) run encountered an (?:unexpected )?exception[:.]?"
    r"|(?:Flow|Task) run failed due to timeout:"
    r"|Validation of flow parameters failed with error:"
    r"|Submission failed\."
    r"|Failed to submit flow run to infrastructure:"
    r"|Execution was interrupted by an unexpected exception:"
    r"|Error during execution of task:"
    r"|Unexpected error(?: while running flow)?:"
    r"|Failed to load and execute (?:flow run|Flow's environment):) ?"
)
BY_TASK_RUNS = re.compile(
    r"Some reference tasks failed\.|\d+/\d+ states (?:failed|are not final)\."
)
UNFINISHED = re.compile(r"(?:UnfinishedRun|MissingResult)\b")
ENGINE = re.compile(
    r"Task run failed with exception|Encountered exception during execution"
    r"|Unexpected exception encountered when trying to load flow|Engine execution (?:exited|interrupted)"
    r"|Failed to submit flow run|Failed to load and execute|Unexpected error"
    r"|Task '[^\n]*': Exception encountered during task execution!"
)
FINISHED = "Finished in state"
HOOK = re.compile(r"An error was encountered while running hook")


def said_of(state: State) -> str:
    """Return the exception or reason in a state's message, without the engine's phrases."""
    message = state.message or ""
    found = BEFORE.match(message)
    return message[found.end() :].strip() if found else message.strip()


def is_decided_by_task_runs(said: str) -> bool:
    """Whether the message only says that the states of task runs made the flow run fail."""
    return BY_TASK_RUNS.fullmatch(said) is not None


def is_unfinished(said: str) -> bool:
    """Whether the message says that a flow asked for the result of a task run that had none."""
    return UNFINISHED.match(said) is not None


def is_of_engine(message: str) -> bool:
    """Whether an engine wrote this log message about an exception that ended a run."""
    return ENGINE.match(message) is not None


def is_of_end(message: str) -> bool:
    """Whether a log message is the engine's last one, which repeats the message of the state."""
    return message.startswith(FINISHED)


def is_of_hook(message: str) -> bool:
    """Whether a log message is about a hook, which runs when a run has ended."""
    return HOOK.match(message) is not None
