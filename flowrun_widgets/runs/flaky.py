"""`FlakyFlows`: the flows of a list of runs that are flaky."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from flowrun_widgets.analysis.flaky import FlakyFlow, flaky
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.report.findings import Findings
from flowrun_widgets.report.flaky_findings import FLAKY_COLUMNS, flaky_findings
from flowrun_widgets.runs.clean import clean_records
from flowrun_widgets.runs.flow_runs import FlowRunList
from flowrun_widgets.runs.shown import ShownFindings

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["FlakyFlows", "flaky_of"]


@dataclass(frozen=True, slots=True, repr=False)
class FlakyFlows(ShownFindings, Sequence[FlakyFlow]):
    """Flows that failed and succeeded at one version, or succeeded only after retries, the flakiest first.

    A sequence, immutable, without secrets. As the last line of a cell it is displayed as a table; `print()` shows it as
    text. Nothing here costs a request.
    """

    flows: tuple[FlakyFlow, ...]
    runs: FlowRunList
    """The runs that were examined; `runs_of()` returns those of one flow."""

    def __len__(self) -> int:
        return len(self.flows)

    @overload
    def __getitem__(self, key: int) -> FlakyFlow: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[FlakyFlow, ...]: ...
    def __getitem__(self, key: int | slice) -> FlakyFlow | tuple[FlakyFlow, ...]:
        return self.flows[key]

    def __iter__(self) -> Iterator[FlakyFlow]:
        return iter(self.flows)

    def runs_of(self, flow: FlakyFlow) -> FlowRunList:
        """Return the runs that count for one of these flows, newest first."""
        runs = [self.runs[place] for place in flow.members]
        return FlowRunList(runs, as_of=self.runs.as_of, place=self.runs.place)

    def to_pandas(self) -> pd.DataFrame:
        """Return the flows as a DataFrame, one row per flow, version and deployment, in their order, index from 0.

        Columns, in order: `flow`, `version`, `deployment_id` str · `count`, `failed_count`, `retried_count` int64 ·
        `share` float64 (that failed or needed a retry) · `low`, `high` float64 (its 95 % interval) · `flip_count`,
        `same_parameters_count` int64 · `last_failed_at` datetime64[us, UTC].
        """
        from flowrun_widgets.report.frames import frame_of

        return frame_of(
            [tuple(getattr(one, name) for name in FLAKY_COLUMNS) for one in self.flows],
            FLAKY_COLUMNS,
        )

    def _findings(self) -> Findings:
        return flaky_findings(self.flows, len(self.runs))


def flaky_of(runs: FlowRunList) -> FlakyFlows:
    """Return the flaky flows of a list of runs; see `FlowRunList.flaky`."""
    return FlakyFlows(tuple(flaky(clean_records(list(runs)))), runs)
