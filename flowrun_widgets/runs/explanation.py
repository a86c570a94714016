"""`RunExplanation`: what separates two groups of runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import pyarrow as pa

from flowrun_widgets.analysis.explain import RunFactor, explain
from flowrun_widgets.analysis.templates import masked, written
from flowrun_widgets.arrow import pc
from flowrun_widgets.backends.progress import shown_progress
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.report.explain_findings import FACTOR_COLUMNS, explain_findings
from flowrun_widgets.report.findings import Findings
from flowrun_widgets.runs.clean import by_connection, clean_lines, clean_records
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.shown import ShownFindings

if TYPE_CHECKING:
    import pandas as pd

    from flowrun_widgets.log_columns import LogColumns
else:
    pd = LazyModule("pandas")

__all__ = ["RunExplanation", "explain_groups"]

WARNING, ERROR = 30, 40
MAX_READ = 20
"""Of how many runs of each group the warnings are read."""


@dataclass(frozen=True, slots=True, repr=False)
class RunExplanation(ShownFindings, Sequence[RunFactor]):
    """What runs of one group have more often than runs of another, the clearest difference first.

    A sequence of factors, immutable, without secrets. As the last line of a cell it is displayed as a table; `print()`
    shows it as text. Nothing here costs a request.
    """

    factors: tuple[RunFactor, ...]
    failed_count: int
    """How many runs the first group has."""
    ok_count: int
    """How many runs the second group has."""
    tried_count: int
    """How many values and spans were tried."""
    read_counts: tuple[int, int]
    """Of how many runs of each group the warnings were read."""

    @property
    def is_clear(self) -> bool:
        """Whether anything separates the groups clearly."""
        return any(one.is_clear for one in self.factors)

    def __len__(self) -> int:
        return len(self.factors)

    @overload
    def __getitem__(self, key: int) -> RunFactor: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[RunFactor, ...]: ...
    def __getitem__(self, key: int | slice) -> RunFactor | tuple[RunFactor, ...]:
        return self.factors[key]

    def __iter__(self) -> Iterator[RunFactor]:
        return iter(self.factors)

    def to_pandas(self) -> pd.DataFrame:
        """Return the factors as a DataFrame, one row per factor, in their order, index from 0.

        Columns, in order: `what` str (`parameters.region = "eu"`) · `fact` str (`parameters.region`) · `failed_count`,
        `failed_total`, `ok_count`, `ok_total` int64 · `difference`, `low`, `high` float64 (of the two shares, with its
        95 % interval) · `is_clear` bool · `also` str (what holds for exactly the same runs, separated by "; ").
        """
        from flowrun_widgets.report.frames import frame_of

        rows = [
            (
                one.what,
                one.fact,
                one.failed_count,
                one.failed_total,
                one.ok_count,
                one.ok_total,
                one.difference,
                one.low,
                one.high,
                one.is_clear,
                "; ".join(one.also),
            )
            for one in self.factors
        ]
        return frame_of(rows, FACTOR_COLUMNS)

    def _findings(self) -> Findings:
        return explain_findings(
            self.factors, self.failed_count, self.ok_count, self.tried_count, self.read_counts
        )


def explain_groups(
    failed: Iterable[FlowRunView], ok: Iterable[FlowRunView], *, lines: bool
) -> RunExplanation:
    """Return what separates two groups of runs; see `FlowRunList.explain`."""
    groups = _views(failed), _views(ok)
    records = clean_records(groups[0]), clean_records(groups[1])
    patterns: dict[str, set[str]] = {}
    if lines and all(groups):
        with shown_progress():
            for group in groups:
                patterns |= _patterns(group)
    factors, tries = explain(*records, patterns)
    return RunExplanation(
        tuple(factors),
        failed_count=len(groups[0]),
        ok_count=len(groups[1]),
        tried_count=tries,
        read_counts=(
            sum(run.flow_run_id in patterns for run in groups[0]),
            sum(run.flow_run_id in patterns for run in groups[1]),
        ),
    )


def _views(runs: Iterable[FlowRunView]) -> list[FlowRunView]:
    found: list[FlowRunView] = []
    for run in runs:
        if not isinstance(run, FlowRunView):
            raise InvalidArgument(
                f"explain() takes two groups of flow runs (FlowRunView), not of {type(run).__name__}."
            )
        found.append(run)
    return found


def _patterns(runs: Sequence[FlowRunView]) -> dict[str, set[str]]:
    """Return the patterns of the warnings of the newest runs, by run id; one request to each source."""
    found: dict[str, set[str]] = {}
    for connection, places in by_connection(runs[:MAX_READ]):
        lines = connection.backend.lines_of_runs([runs[n].flow_run_id for n in places], WARNING)
        clean = clean_lines(list(lines.values()), connection.redaction)
        found |= {run: _of_warnings(one) for run, one in zip(lines, clean, strict=True)}
    return found


def _of_warnings(columns: LogColumns) -> set[str]:
    """Return the patterns of warnings; those of errors say only that a run failed."""
    messages = columns.table.filter(pc.less(columns.table["level"], ERROR))["message"]
    if not len(messages):
        return set()
    keys, _ = masked(pa.chunked_array(messages.chunks, messages.type))
    return {written(key) for key in keys.to_pylist()}
