"""`flaky()`: flows of one version that succeeded only after retries, or both failed and succeeded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from pendulum import DateTime

from flowrun_widgets.analysis.failures import failed_at
from flowrun_widgets.analysis.intervals import quantile, wilson
from flowrun_widgets.containers import thaw
from flowrun_widgets.states import Success

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowrun_widgets.records import FlowRunRecord

__all__ = ["FlakyFlow", "flaky"]


@dataclass(frozen=True, slots=True)
class FlakyFlow:
    """The runs of one flow, deployment and version that ended by succeeding or failing."""

    flow: str
    version: str | None
    """The version of the deployment, else of the flow; on Prefect 1 the id of the flow, which each version has."""
    deployment_id: str | None
    count: int
    """How many runs there are."""
    failed_count: int
    retried_count: int
    """How many succeeded, but only after they were started again."""
    low: float
    """The 95 % interval (Wilson) of `share`, from `low` to `high`."""
    high: float
    flip_count: int
    """How often the outcome changed from one run to the next. 1: it broke, or was repaired, rather than being flaky."""
    same_parameters_count: int
    """How many runs failed although another run with the same parameters succeeded."""
    last_failed_at: DateTime | None
    members: tuple[int, ...]
    """The positions of the runs in the list that was examined."""

    @property
    def share(self) -> float:
        """The share of the runs that failed or needed a retry, from 0 to 1."""
        return (self.failed_count + self.retried_count) / self.count


def flaky(records: Sequence[FlowRunRecord]) -> list[FlakyFlow]:
    """Return the flaky flows, those with the highest lower end of the interval first; outcomes that flip come first.

    Not flaky is what always failed, or always succeeded at the first attempt.
    """
    groups: dict[tuple[str, str | None, str | None], list[int]] = {}
    for place, record in enumerate(records):
        if record.state.is_failed() or isinstance(record.state, Success):
            key = record.flow_name or "", _version(record), record.deployment_id
            groups.setdefault(key, []).append(place)
    found = [
        one
        for key, places in groups.items()
        if (one := _examined(key, places, [records[place] for place in places])) is not None
    ]
    return sorted(
        found, key=lambda one: (one.flip_count < 2 and not one.retried_count, -one.low, -one.count)
    )


def _examined(
    key: tuple[str, str | None, str | None], places: Sequence[int], runs: Sequence[FlowRunRecord]
) -> FlakyFlow | None:
    failed = [run for run in runs if run.state.is_failed()]
    retried = sum(run.attempts > 1 for run in runs if not run.state.is_failed())
    if not retried and len(failed) in (0, len(runs)):
        return None
    low, high = wilson(len(failed) + retried, len(runs), quantile())
    ordered = sorted((run for run in runs if failed_at(run)), key=lambda run: failed_at(run) or 0)
    outcomes = [run.state.is_failed() for run in ordered]
    worked = {_parameters(run) for run in runs if not run.state.is_failed()}
    return FlakyFlow(
        flow=key[0],
        version=key[1],
        deployment_id=key[2],
        count=len(runs),
        failed_count=len(failed),
        retried_count=retried,
        low=float(low),
        high=float(high),
        flip_count=sum(one is not other for one, other in pairwise(outcomes)),
        same_parameters_count=sum(_parameters(run) in worked for run in failed),
        last_failed_at=_last(failed),
        members=tuple(places),
    )


def _version(record: FlowRunRecord) -> str | None:
    own = record.extra.get("deployment_version") or record.extra.get("flow_version")
    if own is None and record.labels is not None:
        own = record.flow_id
    return None if own is None else str(own)


def _parameters(record: FlowRunRecord) -> str:
    return json.dumps(thaw(record.parameters), sort_keys=True, default=str)


def _last(runs: Iterable[FlowRunRecord]) -> DateTime | None:
    return max((at for run in runs if (at := failed_at(run)) is not None), default=None)
