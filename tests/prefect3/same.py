"""Compares what two sources say of the same runs, field by field: Prefect 3's REST API and its database."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.prefect3.source import Prefect3
from flowrun_widgets.backends.run_filter import RunFilter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowrun_widgets.backends.protocol import Backend, LogPeek
    from flowrun_widgets.records import FlowRunRecord, TimelineBar

__all__ = ["assert_same"]

WORDS = (
    "failed",
    "pending",
    "finished",
    "Cancelled",
    "crashed",
    "Skipped",
    "late",
    "paused",
    "cached",
    "x",
)


def assert_same(rest: Backend, database: Backend, flow_run_ids: Iterable[str]) -> None:
    """Assert that both say the same of these runs, and of the lists that they are in.

    The database does not know the address of the UI, and the first lines of its logs have the names of task runs.
    """
    differ = [
        f"{what}: {ours!r:.600} instead of {theirs!r:.600}"
        for question in (*(of_run(key, rest) for key in flow_run_ids), of_lists())
        for what, ask in question
        for what, theirs, ours in unequal(what, ask(rest), ask(database))
    ]
    assert not differ, "\n".join(differ[:20])


def of_run(key: str, rest: Backend) -> Iterator[tuple[str, Any]]:
    assert isinstance(rest, Prefect3)
    yield "run", lambda it: without_ui(it.flow_run(key))
    yield "refreshed run", lambda it: without_ui(it.latest(key, None, None).record)
    yield "identity", lambda it: without_ui(it.flow_run(key)).identity()
    yield "task runs", lambda it: it.task_runs(key).records
    yield "ids of task runs", lambda it: it.task_run_ids(key)
    yield "task run", lambda it: [it.task_run(one) for one in it.task_run_ids(key)[:4]]
    yield "log", lambda it: it.logs(key, None, None).columns.table.to_pylist()
    yield "part of the log", lambda it: part_of_log(it, key)
    yield "logs of sub-flows", lambda it: logs_with_subflows(it, key)
    yield "ends of the log", lambda it: ends(it.log_peek(key, errors_first=False))
    yield "first errors", lambda it: ends(it.log_peek(key, errors_first=True))
    yield "ends of the log", lambda it: log_ends(it, key)
    yield "artifacts", lambda it: it.artifacts(key)
    if rest._graph(key) is not None:  # the server of 3.3.2 fails to make it
        yield "timeline", lambda it: [with_sorted_ids(bar) for bar in it.timeline(key)]
    yield "sub-flow runs", lambda it: [*map(without_ui, it.subflow_runs(key))]
    yield "unsuccessful", lambda it: list(it.unsuccessful_task_runs(key, 5))
    yield "flow", lambda it: it.flow(it.flow_run(key).flow_id)
    yield "flow by name", lambda it: list(it.flows_named(it.flow_run(key).flow_name, None))


def of_lists() -> Iterator[tuple[str, Any]]:
    for more in ({}, {"only_begun": True}, {"only_begun": True, "only_top_level": True}):
        yield f"runs {more}", lambda it, c=more: listed(it, **c)
    for words in (*((word,) for word in WORDS), WORDS):
        yield f"runs that are {words}", lambda it, w=words: listed(it, states=w)
    yield "runs of a flow", lambda it: listed(it, flow_name="mapped")
    yield "runs of a time", lambda it: listed(it, since=middle(it), until=middle(it))
    yield "task runs of several", lambda it: it.task_runs_of(ended(it))
    yield "errors of several", lambda it: errors_of(it)
    for field in ("deployment", "work_pool"):
        yield f"runs of no {field}", lambda it, f=field: listed(it, **{f: "no such name"})
    yield "runs with a tag", lambda it: listed(it, tags=("no such tag",))


def listed(it: Backend, **chosen: Any) -> list[FlowRunRecord]:
    """Return a list; runs that were due at one time may be in any order."""
    found = [*map(without_ui, it.flow_runs(RunFilter(**chosen), 50))]
    return sorted(found, key=lambda one: (str(one.scheduled_start_at), one.id))


def ended(it: Backend) -> list[str]:
    return [run.id for run in listed(it, states=("finished",))][:9]


def errors_of(it: Backend) -> list[tuple[str, int]]:
    found = it.lines_of_runs([run.id for run in listed(it, states=("failed",))][:9], 40)
    return sorted((key, len(columns)) for key, columns in found.items())


def middle(it: Backend) -> Any:
    runs = [*it.flow_runs(RunFilter(), 50)]
    return runs[len(runs) // 2].scheduled_start_at


def part_of_log(it: Backend, key: str) -> list[dict[str, Any]]:
    columns = it.logs(key, None, None).columns
    if not len(columns):
        return []
    moments = columns.table["timestamp"].to_pylist()
    start, end = moments[len(moments) // 3], moments[-1 - len(moments) // 3]
    ids = columns.task_run_ids()[:1]
    parts = (
        it.logs(key, start, end),
        it.logs(key, None, None, min_level=30),
        it.logs(key, None, None, task_run_ids=ids),
    )
    # The server also counts the line at exactly the start, which does not belong to the part.
    return [line for part in parts for line in part.columns.table.drop_columns("seq").to_pylist()]


def logs_with_subflows(it: Backend, key: str) -> list[dict[str, Any]]:
    return it.logs_with_subflows(it.flow_run(key), None, None).table.to_pylist()


def ends(peek: LogPeek) -> list[Any]:
    tables = [part.table.drop_columns("task") for part in (peek.first, peek.last)]
    return [*(table.to_pylist() for table in tables), peek.is_whole]


def log_ends(it: Backend, key: str) -> list[Any]:
    """Return the lines at the ends of each kind that every server can filter by."""
    columns = it.logs(key, None, None).columns
    moments, ids = columns.table["timestamp"].to_pylist(), columns.task_run_ids()[:1]
    middle = moments[len(moments) // 2] if moments else None
    parts = (
        it.log_end(key, 200, until=middle),
        it.log_end(key, 200, min_level=30),
        it.log_end(key, 200, task_run_ids=ids or (key,)),
        it.log_end(key, 3, is_newest=False),
    )
    return [one for part in parts for one in part.table.drop_columns(["task", "seq"]).to_pylist()]


def without_ui(record: FlowRunRecord) -> FlowRunRecord:
    return replace(record, ui_url=None)


def with_sorted_ids(bar: TimelineBar) -> TimelineBar:
    """SQLite returns what was passed to a task run in no order."""
    return replace(bar, upstream_ids=type(bar.upstream_ids)(sorted(bar.upstream_ids)))


def unequal(what: str, theirs: Any, ours: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the parts that differ, each with its name."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        yield from unequal(what, sorted(theirs.items()), sorted(ours.items()))
    elif isinstance(theirs, list | tuple) and isinstance(ours, list | tuple):
        if len(theirs) != len(ours):
            yield f"number of {what}", theirs, ours
            return
        for number, pair in enumerate(zip(theirs, ours, strict=True)):
            yield from unequal(f"{what}[{number}]", *pair)
    elif is_dataclass(theirs) and type(theirs) is type(ours):
        for field in fields(theirs):
            name = field.name
            yield from unequal(f"{what}.{name}", getattr(theirs, name), getattr(ours, name))
    elif type(theirs) is not type(ours) or theirs != ours:
        yield what, theirs, ours
