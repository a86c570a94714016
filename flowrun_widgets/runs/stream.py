"""Following a run as lines, the way Prefect 1.4.1 does: `watch_flow_run` and `stream_flow_run_logs`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from heapq import merge

from flowrun_widgets.arrow import pc
from flowrun_widgets.connection.connection import Connection
from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.live.rhythm import Clock, SystemClock
from flowrun_widgets.live.watch import watch
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.plain_text import plain
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.states import State
from flowrun_widgets.times import now
from flowrun_widgets.views.agents import check_for_compatible_agents
from flowrun_widgets.views.logs import FlowRunLog, FlowRunLogs

__all__ = ["lines_of", "stream_flow_run_logs", "watch_flow_run"]

FIRST_WARNING_SECONDS, NEXT_WARNING_SECONDS = 15, 30
"""How long Prefect 1.4.1 waits for an agent before it warns."""


def watch_flow_run(
    flow_run_id: str,
    stream_states: bool = True,
    stream_logs: bool = True,
    max_duration: timedelta | None = None,
    *,
    api: Connection | None = None,
) -> Iterator[FlowRunLog]:
    """Yield the states and log lines of a flow run, as log lines, until it has ended and its last lines have arrived.

    Each line of the run is yielded once: first the existing ones, oldest first, then the new ones of each request,
    oldest first. A line that arrives late is yielded when it arrives. States are lines of level 20 that say "Entered
    state <Running>: …". If the run has already ended, the first line says so, and its states and log follow. While no
    Prefect 1 agent has taken the run, a line of level 30 says after 15 seconds, and then every 30 seconds, which agents
    could take it.

    Args:
        flow_run_id: the run's id, a UUID.
        stream_states: yield the states, and the warnings about agents.
        stream_logs: yield the log.
        max_duration: stop waiting after this time; None waits forever (Prefect 1 waits twelve hours).
        api: the connection to read from; the ambient connection if None.

    Costs what `FlowRunView.watch()` costs, plus one request for each warning.

    Raises:
        WatchTimeout: the run did not end within `max_duration`; a RuntimeError, as in Prefect 1.
        NotFound: the run does not exist, or was deleted while it was watched.
        BackendError: an error that `FlowRunView.watch()` does not retry.
    """
    run = FlowRunView.from_flow_run_id(flow_run_id, api=api)
    if stream_states and run.state.is_finished():
        ended_at = run.ended_at or run.state.timestamp or run.updated_at
        when = "" if ended_at is None else f" {ended_at.diff_for_humans()}"
        yield FlowRunLog(now(), logging.INFO, f"Your flow run finished{when}")
    yield from lines_of(run, stream_states, stream_logs, max_duration)


def lines_of(
    run: FlowRunView,
    stream_states: bool,
    stream_logs: bool,
    max_duration: timedelta | None,
    *,
    clock: Clock | None = None,
    chance: Callable[[], float] | None = None,
) -> Iterator[FlowRunLog]:
    """Yield the states and log lines of a run as log lines; `clock` and `chance` are those of `watch`."""
    told: set[tuple[object, ...]] = set()
    arrived = 0
    warns = stream_states and run.connection.backend.has_agents
    agents = _Agents(clock or SystemClock())
    with watch(
        run, max_duration=max_duration, clock=clock, chance=chance, every_look=warns
    ) as snapshots:
        for snapshot in snapshots:
            if warns and (warning := agents.warning(snapshot)) is not None:
                yield warning
            states = [line for state in snapshot.states if (line := _entered(state, told))]
            columns = snapshot.get_logs().columns
            lines = _arrived_since(columns, arrived)
            arrived = columns.arrived
            yield from merge(
                sorted(states, key=_moment) if stream_states else (),
                lines if stream_logs else (),
                key=_moment,
            )


class _Agents:
    """Warns about a run that no agent takes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_at = clock.now()
        self._next_at = self._began_at + FIRST_WARNING_SECONDS

    def warning(self, run: FlowRunView) -> FlowRunLog | None:
        """Return the warning that is due now, or None."""
        time, state = self._clock.now(), run.state
        if state.is_submitted() or state.is_running() or state.is_finished():
            return None
        if time < self._next_at:
            return None
        self._next_at = time + NEXT_WARNING_SECONDS
        with suppress(FlowRunError):  # the watch goes on without the warning
            about = check_for_compatible_agents(run.labels, api=run.connection)
            seconds = round((time - self._began_at) / 5) * 5
            said = f"It has been {seconds} seconds and your flow run has not been submitted by an agent. {about}"
            return FlowRunLog(now(), logging.WARNING, said)
        return None


def stream_flow_run_logs(
    flow_run_id: str,
    max_duration: timedelta | None = None,
    *,
    api: Connection | None = None,
) -> None:
    """Print what `watch_flow_run` yields, as `02:31:07 | INFO    | message`, in this machine's time zone.

    Control characters in messages are removed.
    """
    for line in watch_flow_run(flow_run_id, max_duration=max_duration, api=api):
        level = "" if line.level is None else logging.getLevelName(line.level)
        clock = line.timestamp.in_timezone("local").format("HH:mm:ss")
        print(f"{clock} | {level:<7} | {plain(line.message or '')}", flush=True)  # noqa: T201


def _entered(state: State, told: set[tuple[object, ...]]) -> FlowRunLog | None:
    key = state.timestamp, state.name, state.message
    if state.timestamp is None or key in told:
        return None
    told.add(key)
    said = "" if state.message is None else f": {state.message}"
    return FlowRunLog(state.timestamp, logging.INFO, f"Entered state <{state.name}>{said}")


def _arrived_since(columns: LogColumns, seq: int) -> FlowRunLogs:
    if not seq:
        return FlowRunLogs(columns)
    table = columns.table.filter(pc.greater_equal(columns.table["seq"], seq))
    return FlowRunLogs(LogColumns(table, columns.arrived))


def _moment(line: FlowRunLog) -> datetime:
    return line.timestamp
