"""Look at a workflow run from a notebook.

import flowrun_widgets as fw

run = fw.FlowRunView.from_flow_run_id("…")   # a snapshot; in a notebook it shows itself as a card
run.get_logs().to_pandas()                   # its log as a DataFrame
run = run.get_latest()                       # a new snapshot
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from flowrun_widgets import errors as errors
    from flowrun_widgets import states as states
    from flowrun_widgets.analysis.baseline import NewPattern as NewPattern
    from flowrun_widgets.analysis.baseline import TaskSpread as TaskSpread
    from flowrun_widgets.analysis.baseline import UnusualFact as UnusualFact
    from flowrun_widgets.analysis.changes import Changes as Changes
    from flowrun_widgets.analysis.compare import Difference as Difference
    from flowrun_widgets.analysis.compare_lines import TemplateDifference as TemplateDifference
    from flowrun_widgets.analysis.compare_tasks import TaskComparison as TaskComparison
    from flowrun_widgets.analysis.compare_tasks import TaskFigures as TaskFigures
    from flowrun_widgets.analysis.explain import RunFactor as RunFactor
    from flowrun_widgets.analysis.flaky import FlakyFlow as FlakyFlow
    from flowrun_widgets.analysis.task_durations import DurationRow as DurationRow
    from flowrun_widgets.connection.connection import Connection as Connection
    from flowrun_widgets.connection.connection import connect as connect
    from flowrun_widgets.connection.connection import disconnect as disconnect
    from flowrun_widgets.connection.connection import graphql as graphql
    from flowrun_widgets.containers import FrozenDict as FrozenDict
    from flowrun_widgets.containers import FrozenList as FrozenList
    from flowrun_widgets.errors import FlowRunError as FlowRunError
    from flowrun_widgets.export.saved import Saved as Saved
    from flowrun_widgets.harvest.harvested import Harvested as Harvested
    from flowrun_widgets.harvest.logs import HarvestedLogs as HarvestedLogs
    from flowrun_widgets.harvest.logs import read_logs as read_logs
    from flowrun_widgets.live.watch import Watch as Watch
    from flowrun_widgets.recordings.demo import Demo as Demo
    from flowrun_widgets.recordings.demo import demo as demo
    from flowrun_widgets.records import TimelineBar as TimelineBar
    from flowrun_widgets.redaction import Redaction as Redaction
    from flowrun_widgets.runs.archive import Archive as Archive
    from flowrun_widgets.runs.archive import ArchivedRuns as ArchivedRuns
    from flowrun_widgets.runs.archive import open_archive as open_archive
    from flowrun_widgets.runs.baseline import BaselineComparison as BaselineComparison
    from flowrun_widgets.runs.card import FlowRunCard as FlowRunCard
    from flowrun_widgets.runs.cards import card as card
    from flowrun_widgets.runs.comparison import RunComparison as RunComparison
    from flowrun_widgets.runs.comparison import compare as compare
    from flowrun_widgets.runs.durations import RunDurations as RunDurations
    from flowrun_widgets.runs.explanation import RunExplanation as RunExplanation
    from flowrun_widgets.runs.failures import FailureGroup as FailureGroup
    from flowrun_widgets.runs.failures import FlowRunFailures as FlowRunFailures
    from flowrun_widgets.runs.find import find_flow_runs as find_flow_runs
    from flowrun_widgets.runs.find import latest as latest
    from flowrun_widgets.runs.find import open as open
    from flowrun_widgets.runs.flaky import FlakyFlows as FlakyFlows
    from flowrun_widgets.runs.flow_run import FlowRunView as FlowRunView
    from flowrun_widgets.runs.flow_runs import FlowRunList as FlowRunList
    from flowrun_widgets.runs.page import open_page as open_page
    from flowrun_widgets.runs.run_grid import FlowRunGrid as FlowRunGrid
    from flowrun_widgets.runs.show import show as show
    from flowrun_widgets.runs.stream import stream_flow_run_logs as stream_flow_run_logs
    from flowrun_widgets.runs.stream import watch_flow_run as watch_flow_run
    from flowrun_widgets.views.agents import (
        check_for_compatible_agents as check_for_compatible_agents,
    )
    from flowrun_widgets.views.artifact import Artifact as Artifact
    from flowrun_widgets.views.flow import FlowView as FlowView
    from flowrun_widgets.views.log_ends import Peek as Peek
    from flowrun_widgets.views.logs import FlowRunLog as FlowRunLog
    from flowrun_widgets.views.logs import FlowRunLogs as FlowRunLogs
    from flowrun_widgets.views.task_run import TaskRunView as TaskRunView
    from flowrun_widgets.views.tenant import TenantView as TenantView
    from flowrun_widgets.widget.annotations import Pin as Pin

PUBLIC = {
    "Archive": "runs.archive",
    "ArchivedRuns": "runs.archive",
    "Artifact": "views.artifact",
    "BaselineComparison": "runs.baseline",
    "Changes": "analysis.changes",
    "Connection": "connection.connection",
    "Demo": "recordings.demo",
    "Difference": "analysis.compare",
    "DurationRow": "analysis.task_durations",
    "FailureGroup": "runs.failures",
    "FlakyFlow": "analysis.flaky",
    "FlakyFlows": "runs.flaky",
    "FlowRunCard": "runs.card",
    "FlowRunError": "errors",
    "FlowRunFailures": "runs.failures",
    "FlowRunGrid": "runs.run_grid",
    "FlowRunList": "runs.flow_runs",
    "FlowRunLog": "views.logs",
    "FlowRunLogs": "views.logs",
    "FlowRunView": "runs.flow_run",
    "FlowView": "views.flow",
    "FrozenDict": "containers",
    "FrozenList": "containers",
    "Harvested": "harvest.harvested",
    "HarvestedLogs": "harvest.logs",
    "NewPattern": "analysis.baseline",
    "Peek": "views.log_ends",
    "Pin": "widget.annotations",
    "Redaction": "redaction",
    "RunComparison": "runs.comparison",
    "RunDurations": "runs.durations",
    "RunExplanation": "runs.explanation",
    "RunFactor": "analysis.explain",
    "Saved": "export.saved",
    "TaskComparison": "analysis.compare_tasks",
    "TaskFigures": "analysis.compare_tasks",
    "TaskRunView": "views.task_run",
    "TaskSpread": "analysis.baseline",
    "TemplateDifference": "analysis.compare_lines",
    "TenantView": "views.tenant",
    "TimelineBar": "records",
    "UnusualFact": "analysis.baseline",
    "Watch": "live.watch",
    "card": "runs.cards",
    "check_for_compatible_agents": "views.agents",
    "compare": "runs.comparison",
    "connect": "connection.connection",
    "demo": "recordings.demo",
    "disconnect": "connection.connection",
    "errors": "",
    "find_flow_runs": "runs.find",
    "graphql": "connection.connection",
    "latest": "runs.find",
    "open": "runs.find",
    "open_archive": "runs.archive",
    "open_page": "runs.page",
    "read_logs": "harvest.logs",
    "show": "runs.show",
    "states": "",
    "stream_flow_run_logs": "runs.stream",
    "watch_flow_run": "runs.stream",
}
"""Where each public name lives: loaded at its first use, so that the import itself is quick."""

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    "Archive",
    "ArchivedRuns",
    "Artifact",
    "BaselineComparison",
    "Changes",
    "Connection",
    "Demo",
    "Difference",
    "DurationRow",
    "FailureGroup",
    "FlakyFlow",
    "FlakyFlows",
    "FlowRunCard",
    "FlowRunError",
    "FlowRunFailures",
    "FlowRunGrid",
    "FlowRunList",
    "FlowRunLog",
    "FlowRunLogs",
    "FlowRunView",
    "FlowView",
    "FrozenDict",
    "FrozenList",
    "Harvested",
    "HarvestedLogs",
    "NewPattern",
    "Peek",
    "Pin",
    "Redaction",
    "RunComparison",
    "RunDurations",
    "RunExplanation",
    "RunFactor",
    "Saved",
    "TaskComparison",
    "TaskFigures",
    "TaskRunView",
    "TaskSpread",
    "TemplateDifference",
    "TenantView",
    "TimelineBar",
    "UnusualFact",
    "Watch",
    "__version__",
    "card",
    "check_for_compatible_agents",
    "compare",
    "connect",
    "demo",
    "disconnect",
    "errors",
    "find_flow_runs",
    "graphql",
    "latest",
    "open_archive",
    "open_page",
    "read_logs",
    "show",
    "states",
    "stream_flow_run_logs",
    "watch_flow_run",
]


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{PUBLIC[name] or name}")
    value = getattr(module, name) if PUBLIC[name] else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "open"])
