"""Compares the digest of a run with the right answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.report.digest_markdown import remark_words

if TYPE_CHECKING:
    import flowrun_widgets as fw
    from tests.failures.case import Answer


@dataclass(frozen=True)
class Said:
    """What is said of a run, as far as an answer speaks of it."""

    is_there: bool
    run: tuple[str, ...]
    task: str | None
    attempt: int | None
    error: str
    causes: tuple[str, ...]
    functions: frozenset[str]
    held_up: tuple[str, ...]
    remarks: tuple[str, ...]
    is_sure: bool
    text: str


def said_of(run: fw.FlowRunView) -> Said:
    """Return what the digest of a run says."""
    text = run.digest(20_000)
    held = run.fetched
    found: Any = digest(run.record, held.task_runs.records, run.get_logs().columns, held.background)
    if found is None:
        return Said(False, (), None, None, "", (), frozenset(), (), (), True, text)
    frames = [*found.frames, *(frame for cause in found.causes for frame in cause.frames)]
    return Said(
        True,
        tuple(run.flow_name for run in found.runs),
        found.task_run and (found.task_run.task_name or found.task_run.label),
        found.attempt,
        found.error,
        tuple(cause.error for cause in found.causes),
        frozenset(frame.function for frame in frames),
        found.held_up,
        tuple(remark_words(one, str) for one in found.remarks),
        found.doubt is None,
        text,
    )


def first_line(text: str) -> str:
    return text.strip().split("\n")[0]


def wrong(answer: Answer, said: Said) -> list[str]:
    """Return which failure, message or frames are not the right ones."""
    found: list[str] = []
    if said.run != answer.run:
        found.append(f"in {said.run}, not {answer.run}")
    if said.task != answer.task:
        found.append(f"task {said.task}, not {answer.task}")
    if not first_line(said.error).startswith(first_line(answer.error)):
        found.append(f"error {first_line(said.error)!r}, not {answer.error!r}")
    if answer.attempt is not None and said.attempt != answer.attempt:
        found.append(f"attempt {said.attempt}, not {answer.attempt}")
    if missing := set(answer.frames) - said.functions:
        found.append(f"without the frames {missing}")
    return found


def lacking(answer: Answer, said: Said) -> list[str]:
    """Return what else is not said."""
    found = [f"without {word!r}" for word in answer.says if word not in said.text]
    found += [
        f"without the cause {one!r}"
        for one in answer.causes
        if not any(first_line(c).startswith(one) for c in said.causes)
    ]
    if (
        answer.causes
        and said.causes
        and not first_line(said.causes[0]).startswith(answer.causes[0])
    ):
        found.append(f"the root is said to be {first_line(said.causes[0])!r}")
    if tuple(sorted(label.rsplit("-", 1)[0] for label in said.held_up)) != answer.held_up:
        found.append(f"held up {said.held_up}, not {answer.held_up}")
    found += [
        f"no remark of {word!r}"
        for word in answer.remarks
        if not any(word in one for one in said.remarks)
    ]
    return found


def problems(answer: Answer, said: Said) -> tuple[list[str], bool]:
    """Return what is not right, and whether a wrong failure is told as if it were sure."""
    if answer.unsure:
        return (["told as if it were sure"], True) if said.is_sure else ([], False)
    if answer.ended != "failed":
        if answer.error and answer.error not in said.text:
            return [f"without {answer.error!r}"], False
        quiet = ["First failure"] if answer.ended in {"well", "cancelled"} else []
        found = [f"says {word!r}" for word in quiet if word in said.text]
        return found + [
            f"no word of {word!r}" for word in answer.remarks if word not in said.text
        ], bool(found)
    if not said.is_there:
        return ["nothing is said"], False
    mistakes = wrong(answer, said)
    return mistakes + lacking(answer, said), bool(mistakes) and said.is_sure
