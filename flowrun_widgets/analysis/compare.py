"""`compare_runs()`: what differs between two runs: their facts, their task runs, and the patterns of their lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from pendulum import DateTime

from flowrun_widgets.analysis.compare_lines import TemplateDifference, template_differences
from flowrun_widgets.analysis.compare_tasks import TaskComparison, compare_tasks
from flowrun_widgets.analysis.durations import took_seconds
from flowrun_widgets.containers import thaw
from flowrun_widgets.records import FlowRecord, FlowRunRecord, beginnings
from flowrun_widgets.redaction.shareable import RunContent
from flowrun_widgets.times import seconds_between

__all__ = ["Comparison", "Difference", "Side", "compare_runs"]

DEEPEST = 8
"""The depth to which nested values are compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that differs between two runs; None if one of them does not have it.

    `what` is the name of the fact: `state`, `took_seconds`, `parameters.period`.
    """

    what: str
    run: Any
    baseline: Any


class Values(NamedTuple):
    """One fact of both runs, and its values without secrets."""

    run: Any
    baseline: Any
    told: Any
    told_baseline: Any


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs: its content without secrets, its record with secrets, and when it was fetched."""

    content: RunContent
    record: FlowRunRecord
    as_of: DateTime


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs, the most relevant first. The records are those without secrets."""

    run: FlowRunRecord
    baseline: FlowRunRecord
    took: tuple[float | None, float | None]
    lines: tuple[int, int]
    differences: tuple[Difference, ...]
    tasks: tuple[TaskComparison, ...]
    templates: tuple[TemplateDifference, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs, durations included."""
        return not (
            self.differences
            or self.templates
            or any(pair.is_different for task in self.tasks for pair in task.pairs)
        )


def compare_runs(run: Side, baseline: Side) -> Comparison:
    """Return what differs between two runs, of the same flow or not."""
    sides = run.content, baseline.content
    return Comparison(
        run=sides[0].run,
        baseline=sides[1].run,
        took=(took_seconds(run.record, run.as_of), took_seconds(baseline.record, baseline.as_of)),
        lines=(len(sides[0].logs), len(sides[1].logs)),
        differences=tuple(_differences(run, baseline)),
        tasks=compare_tasks(sides[0].task_runs, sides[1].task_runs, run.as_of, baseline.as_of),
        templates=template_differences(
            sides[0].logs, sides[1].logs, (sides[0].run.name, sides[1].run.name)
        ),
    )


def _differences(run: Side, baseline: Side) -> Iterator[Difference]:
    own = [_facts(side.record, side.content.flow, side.as_of) for side in (run, baseline)]
    told = [_facts(side.content.run, side.content.flow, side.as_of) for side in (run, baseline)]
    for name in own[0]:
        values = Values(own[0][name], own[1][name], told[0][name], told[1][name])
        yield from _unlike(name, values, DEEPEST)


def _facts(record: FlowRunRecord, flow: FlowRecord | None, as_of: DateTime) -> dict[str, Any]:
    """Return the facts of a run that are compared, in the order in which they are shown."""
    version = record.extra.get("flow_version")
    return {
        "flow": record.flow_name,
        "project": record.project_name,
        "state": record.state.name,
        "message": record.state.message,
        "took_seconds": took_seconds(record, as_of),
        "late_start_seconds": _between(record.scheduled_start_at, record.started_at),
        "attempts": record.run_count if record.run_count is not None else beginnings(record.states),
        "flow_version": version if flow is None else flow.version,
        "core_version": None if flow is None else flow.core_version,
        "labels": sorted(map(str, record.labels or ())),
        "tags": sorted(map(str, record.tags)),
        "parameters": record.parameters,
        "context": record.context,
        "run_config": record.run_config or {},
        "deployment": record.deployment_id,
        "work_pool": record.work_pool_name,
        "work_queue": record.work_queue_name,
    }


def _unlike(name: str, values: Values, depth: int) -> Iterator[Difference]:
    """Yield the differences between two values, as deep as their keys may be shown."""
    run, baseline, told, told_baseline = values
    if _text(run) == _text(baseline):
        return
    if (
        depth
        and all(isinstance(value, dict) for value in values)
        and set(run) == set(told)
        and set(baseline) == set(told_baseline)
    ):
        for key in {**run, **baseline}:
            inner = Values(*(value.get(key) for value in values))
            yield from _unlike(f"{name}.{key}", inner, depth - 1)
    elif depth and all(isinstance(value, tuple) and len(value) == len(run) for value in values):
        for place in range(len(run)):
            inner = Values(*(value[place] for value in values))
            yield from _unlike(f"{name}[{place}]", inner, depth - 1)
    else:
        yield Difference(name, told, told_baseline)


def _text(value: Any) -> str:
    """Return a value as JSON, in which true is not 1, and NaN is equal to itself."""
    return json.dumps(thaw(value), sort_keys=True, default=str)


def _between(start: DateTime | None, end: DateTime | None) -> float | None:
    return None if start is None or end is None else max(0.0, seconds_between(start, end))
