"""The names of runs and flows that complete a command line: never an error, and never a long wait."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from flowrun_widgets.plain_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.records import FlowRunRecord

__all__ = ["flow_names", "run_names"]

MAX_RUNS = 100
"""How many of the newest runs are offered."""
SECONDS = 1.0
"""How long a server may take to answer."""
SAFE = re.compile(r"[A-Za-z0-9][\w.:@+-]{0,80}", re.ASCII)
"""Names that a shell takes as they are; others could be commands."""


def run_names(api: str | None, flow: str | None, incomplete: str) -> list[CompletionItem[str]]:
    """Return the names of runs that begin so, and ids if no name does; with their flow and state."""
    records = _records(api, flow)
    names = [
        CompletionItem(record.name or "", help=_help(record))
        for record in records
        if (record.name or "").startswith(incomplete) and SAFE.fullmatch(record.name or "")
    ]
    if names or not incomplete:
        return [*{item.value: item for item in reversed(names)}.values()][::-1]
    return [
        CompletionItem(record.id, help=_help(record))
        for record in records
        if record.id.startswith(incomplete) and SAFE.fullmatch(record.id)
    ]


def flow_names(api: str | None, incomplete: str) -> list[CompletionItem[str]]:
    """Return the names of flows that begin so."""
    names = {record.flow_name or "": None for record in _records(api, None)}
    return [
        CompletionItem(name)
        for name in names
        if name.startswith(incomplete) and SAFE.fullmatch(name)
    ]


def _records(api: str | None, flow: str | None) -> list[FlowRunRecord]:
    import logging

    logging.disable(logging.CRITICAL)  # a message would land in the command line
    try:
        return [*_newest(api, flow)]
    except Exception:  # noqa: BLE001  whatever is wrong, the line is completed without names
        return []


def _newest(api: str | None, flow: str | None) -> Iterator[FlowRunRecord]:
    os.environ["FLOWRUN_TOTAL_SECONDS"] = str(SECONDS)
    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.connection.connection import connect

    connection = connect(api, timeout_seconds=SECONDS, total_seconds=SECONDS)
    return connection.backend.flow_runs(RunFilter(flow_name=flow, only_begun=True), MAX_RUNS)


def _help(record: FlowRunRecord) -> str:
    return one_line(" ".join(filter(None, (record.flow_name, record.state.name))))[:60]
