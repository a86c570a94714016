"""A comparison as HTML without scripts and as text, both made from the same words.

Arrows point from the baseline to the run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrun_widgets.analysis.compare_lines import MAX_DIFFERENCES
from flowrun_widgets.analysis.compare_tasks import total
from flowrun_widgets.containers import thaw
from flowrun_widgets.plain_text import plain, shortened
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.figures import UNKNOWN, count, date_and_clock, duration
from flowrun_widgets.report.html.run_html import LEVELS
from flowrun_widgets.report.html.state_look import BADGE_COLOURS
from flowrun_widgets.report.html.template import whole_html
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowrun_widgets.analysis.compare import Comparison, Difference
    from flowrun_widgets.analysis.compare_lines import TemplateDifference
    from flowrun_widgets.analysis.compare_tasks import (
        TaskComparison,
        TaskFigures,
        TaskRunPair,
    )
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.states import State

__all__ = ["comparison_html", "comparison_summary", "comparison_text"]

MAX_FACTS = 40
MAX_TASKS = 30
MAX_CHILDREN = 8
MAX_STATES = 4
"""How many states of one task are named."""
MAX_PATTERNS = 24
MAX_NAMED = 5
"""How many names a sentence lists."""
MAX_NAME_CHARS, MAX_VALUE_CHARS, MAX_PATTERN_CHARS = 60, 160, 200
"""How many characters of a name, a value and a pattern are shown."""
BEFORE = 30
"""How many characters of two long values are shown before the first difference."""
LEAST_SECONDS, LEAST_SHARE = 1.0, 0.1
"""A task that ended in the same state is shown if its run time differs by this much."""
TASK_HEADS = ("Task", "State", "Attempts", "Waited", "Ran", "Difference")
LINE_HEADS = ("Lines", "Level", "How many", "Pattern")
CHANGES = {"new": "new", "gone": "gone", "more": "more frequent", "fewer": "less frequent"}
ERROR, WARNING = 40, 30


class Head(NamedTuple):
    """One of the two runs."""

    flow: str
    name: str
    state: str
    colour: str
    began: str


class Words(NamedTuple):
    """Everything that is shown."""

    run: Head
    baseline: Head
    summary: str
    fact_heads: tuple[str, ...]
    facts: list[tuple[str, str, str]]
    tasks: list[tuple[str, ...]]
    lines: list[tuple[str, ...]]
    left_out: str


def comparison_html(found: Comparison) -> str:
    """Return the comparison as HTML that is readable without its styles."""
    return whole_html(
        "comparison.html.j2", words=_words(found), task_heads=TASK_HEADS, line_heads=LINE_HEADS
    )


def comparison_text(found: Comparison) -> str:
    """Return the comparison as text, with aligned tables."""
    words = _words(found)
    head = f"{_title(words.run)}, compared with {_title(words.baseline)}"
    parts = [head, words.summary]
    for title, heads, rows in (
        ("The runs", words.fact_heads, words.facts),
        ("Task runs", TASK_HEADS, words.tasks),
        ("Log lines", LINE_HEADS, words.lines),
    ):
        if rows:
            parts += ["", title, *_table([heads, *rows])]
    return "\n".join([*parts, "", words.left_out] if words.left_out else parts)


def comparison_summary(found: Comparison) -> str:
    """Return what differs, in a few sentences."""
    if found.is_same:
        return "Nothing differs."
    parts = [_state_sentence(found), _took_sentence(found), _facts_sentence(found.differences)]
    return " ".join(filter(None, [*parts, _tasks_sentence(found.tasks), _lines_sentence(found)]))


def _words(found: Comparison) -> Words:
    tasks = [task for task in found.tasks if _is_told(task)]
    run, baseline = _head(found.run), _head(found.baseline)
    names = (baseline.name, run.name) if run.name != baseline.name else ("Baseline", "Run")
    return Words(
        run=run,
        baseline=baseline,
        summary=comparison_summary(found),
        fact_heads=("What", *names),
        facts=[_fact(difference) for difference in found.differences[:MAX_FACTS]],
        tasks=[row for task in tasks[:MAX_TASKS] for row in _task_rows(task)],
        lines=[_line(one) for one in found.templates[:MAX_PATTERNS]],
        left_out=_left_out(found, len(tasks)),
    )


def _head(record: FlowRunRecord) -> Head:
    began = record.started_at
    return Head(
        flow=_name(record.flow_name or ""),
        name=_name(record.name or record.id),
        state=_state(record.state),
        colour=BADGE_COLOURS.get(badge(record.state).family, BADGE_COLOURS["unknown"]),
        began="never started"
        if began is None
        else f"started {date_and_clock(to_micros(began))} UTC",
    )


def _title(head: Head) -> str:
    flow = f"{head.flow} / " if head.flow else ""
    return f"{head.state}  {flow}{head.name} ({head.began})"


def _state_sentence(found: Comparison) -> str:
    one, other = _state(found.run.state), _state(found.baseline.state)
    return f"Both {one}." if one == other else f"{other} → {one}."


def _took_sentence(found: Comparison) -> str:
    mine, theirs = found.took
    if mine is None or theirs is None:
        return ""
    said = _change(duration(theirs), duration(mine))
    longer = "longer" if mine > theirs else "shorter"
    by = f", {duration(abs(mine - theirs))} {longer}" if "→" in said else ""
    return f"{'Took' if found.run.state.is_finished() else 'Takes so far'} {said}{by}."


def _facts_sentence(differences: Sequence[Difference]) -> str:
    told = ("state", "message", "took_seconds", "late_start_seconds")
    others = [plain(one.what) for one in differences if one.what not in told]
    return f"Different: {_listed(others)}." if others else ""


def _tasks_sentence(tasks: Sequence[TaskComparison]) -> str:
    otherwise = [task.task for task in tasks if any(p.is_state_different for p in task.pairs)]
    mine = [task.task for task in tasks if not task.figures(1)]
    theirs = [task.task for task in tasks if not task.figures(0)]
    parts = [
        f"{count(len(names), 'task')} {words}: {_listed(names)}."
        for names, words in (
            (otherwise, "ended differently"),
            (mine, "not in the baseline"),
            (theirs, "only in the baseline"),
        )
        if names
    ]
    return " ".join(parts)


def _lines_sentence(found: Comparison) -> str:
    parts: list[str] = []
    for change, words in CHANGES.items():
        levels = [one.level or 0 for one in found.templates if one.change == change]
        errors = sum(level >= ERROR for level in levels)
        warnings = sum(level >= WARNING for level in levels) - errors
        grave = [count(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
        if levels:
            of_them = f" ({' and '.join(grave)})" if grave else ""
            parts.append(f"{count(len(levels))} {words}{of_them}")
    so_many = (
        "Patterns of lines"
        if len(found.templates) < MAX_DIFFERENCES
        else "Patterns of lines, at least"
    )
    return f"{so_many}: {', '.join(parts)}." if parts else ""


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(map(_name, names[:MAX_NAMED]))
    return listed + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")


def _fact(difference: Difference) -> tuple[str, str, str]:
    texts = [_value(difference, value) for value in (difference.baseline, difference.run)]
    if max(map(len, texts)) > MAX_VALUE_CHARS:
        pairs = enumerate(zip(*texts, strict=False))
        alike = next((n for n, (one, other) in pairs if one != other), min(map(len, texts)))
        start = max(0, alike - BEFORE)
        texts = [shortened("…" * bool(start) + text[start:], MAX_VALUE_CHARS) for text in texts]
    what = difference.what.removesuffix("_seconds").replace("_", " ")
    is_named = "." in difference.what or "[" in difference.what
    return _name(difference.what if is_named else what), texts[0], texts[1]


def _value(difference: Difference, value: Any) -> str:
    if value is None:
        return UNKNOWN
    if difference.what.endswith("_seconds") and isinstance(value, float):
        return duration(value)
    is_text = isinstance(value, str)
    return _flat(value if is_text else json.dumps(thaw(value), ensure_ascii=False, default=str))


def _is_told(task: TaskComparison) -> bool:
    if any(pair.is_notable for pair in task.pairs):
        return True
    difference = abs(task.ran_difference_seconds or 0.0)
    longest = max(_total_ran(task.figures(side)) or 0.0 for side in (0, 1))
    return difference >= LEAST_SECONDS and difference >= LEAST_SHARE * longest


def _task_rows(task: TaskComparison) -> Iterator[tuple[str, ...]]:
    """Yield the row of a task; for one with several task runs, also the rows of the notable ones."""
    if len(task.pairs) == 1:
        yield _pair_row(task.pairs[0], "")
        return
    theirs, mine = (task.figures(side) for side in (1, 0))
    runs = _change(count(len(theirs)), count(len(mine)))
    attempts = [str(sum(one.record.attempts for one in side)) for side in (theirs, mine)]
    yield (
        f"{_name(task.task)} ({runs} task runs)",
        _change(_states(task.states(1)), _states(task.states(0))),
        _change(*attempts),
        _change(*(duration(total(one.waited_seconds for one in side)) for side in (theirs, mine))),
        _change(*(duration(_total_ran(side)) for side in (theirs, mine))),
        _signed(task.ran_difference_seconds),
    )
    if not mine or not theirs:
        return
    notable = [pair for pair in task.pairs if pair.is_notable and not pair.is_mapped]
    for pair in notable[:MAX_CHILDREN]:
        yield _pair_row(pair, "· ")
    if len(notable) > MAX_CHILDREN:
        more = count(len(notable) - MAX_CHILDREN, "other task run")
        yield (f"· {more} also differ", *[""] * 5)


def _pair_row(pair: TaskRunPair, mark: str) -> tuple[str, ...]:
    sides = pair.baseline, pair.run
    return (
        mark + _name(pair.label),
        _change(*(_state(one.record.state) if one else "not there" for one in sides)),
        _change(*(str(one.record.attempts) if one else UNKNOWN for one in sides)),
        _change(*(duration(one.waited_seconds if one else None) for one in sides)),
        _change(*(duration(one.ran_seconds if one else None) for one in sides)),
        _signed(pair.ran_difference_seconds),
    )


def _line(one: TemplateDifference) -> tuple[str, ...]:
    level = next((word for least, word in LEVELS if (one.level or 0) >= least), "")
    numbers = f"{count(one.baseline_count)} → {count(one.count)}"
    return one.change, level, numbers, shortened(_flat(one.pattern), MAX_PATTERN_CHARS) or "(empty)"


def _left_out(found: Comparison, tasks: int) -> str:
    parts: list[str] = []
    alike = len(found.tasks) - tasks
    if alike:
        parts.append(f"{count(alike, 'task')} ended in the same state, in about the same time.")
    for number, most, word in (
        (len(found.differences), MAX_FACTS, "difference"),
        (tasks, MAX_TASKS, "task"),
        (len(found.templates), MAX_PATTERNS, "pattern"),
    ):
        if number > most:
            parts.append(f"{count(number - most, f'more {word}')} left out.")
    mine, theirs = found.lines
    parts.append(f"Lines compared: {count(theirs)} and {count(mine)}.")
    return " ".join(parts)


def _change(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def _states(states: list[tuple[State, int]]) -> str:
    told = [f"{count(number)} {_state(state)}" for state, number in states[:MAX_STATES]]
    more = sum(number for _, number in states[MAX_STATES:])
    return ", ".join([*told, f"{count(more)} others"] if more else told) or "not there"


def _state(state: State) -> str:
    return f"{badge(state).character} {_name(state.name)}"


def _total_ran(figures: Iterable[TaskFigures]) -> float | None:
    return total(one.ran_seconds for one in figures)


def _signed(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    said = duration(abs(seconds))
    return said if said == duration(0.0) else f"{'+' if seconds > 0 else '−'}{said}"


def _name(text: str) -> str:
    return shortened(_flat(text), MAX_NAME_CHARS)


def _flat(text: str) -> str:
    """Return a text on one line."""
    return " ".join(plain(text).split())


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
