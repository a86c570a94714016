"""Runs of any shape that a server may send, and small runs."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import strategies as st

from flowrun_widgets import states
from flowrun_widgets.containers import FrozenList, freeze
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import FlowRecord, FlowRunRecord, TaskRunRecord
from flowrun_widgets.redaction.records import redacted_text
from flowrun_widgets.report.payload import payload
from flowrun_widgets.states import StoredResult
from flowrun_widgets.times import from_micros
from flowrun_widgets.views.content import known_content

RUN_ID, FLOW_ID = str(UUID(int=1)), str(UUID(int=2))
ENDED = from_micros(1_700_000_000_000_000)

words = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12).filter(
    lambda text: redacted_text(text) == text
)
names = st.sampled_from(["load", "Completed", "Ünïcode", "Retrying", "x y"])
moments = st.none() | st.integers(0, 4_000_000_000_000_000).map(from_micros)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | words | st.floats(-1e9, 1e9)
)
json = st.recursive(
    scalars, lambda x: st.lists(x, max_size=3) | st.dictionaries(names, x, max_size=3), max_leaves=6
)
objects = st.dictionaries(names, json, max_size=3).map(freeze)
lists = st.lists(names, max_size=3).map(FrozenList)
some = lambda values: st.none() | values  # noqa: E731


def payload_of(run, peek=None, **beside):
    """Return what a card shows of what a view has read."""
    return payload(known_content(run, peek), **beside)


@st.composite
def any_state(draw, depth=1):
    """Any state that some server may send."""
    cls = draw(st.sampled_from([*states.TYPES.values(), states.Unknown]))
    own = {
        "context": draw(objects), "cached_inputs": draw(objects), "timestamp": draw(moments), "name": draw(names),
        "stored_result": StoredResult(draw(names), draw(some(words)), draw(objects)),
    }  # fmt: skip
    fields = cls.__dataclass_fields__
    for name, values in {
        "start_time": moments, "run_count": st.integers(0, 9), "loop_count": st.integers(0, 9),
        "n_map_states": st.integers(0, 9), "cached_parameters": some(objects), "hashed_inputs": some(objects),
        "cached_result_expiration": moments,
    }.items():  # fmt: skip
        if name in fields:
            own[name] = draw(values)
    if "state" in fields and depth:
        own["state"] = draw(some(any_state(depth=0)))
    return cls(draw(some(words)), **own)


histories = st.lists(any_state(), max_size=3).map(tuple)
flow_runs = st.builds(
    FlowRunRecord, id=st.just(RUN_ID), name=some(names), flow_id=some(st.just(FLOW_ID)), state=any_state(),
    states=histories, flow_name=some(names), project_name=some(names), labels=some(lists), tags=lists, parameters=objects,
    context=objects, run_config=some(objects), created_at=moments, updated_at=moments, scheduled_start_at=moments,
    started_at=moments, ended_at=moments, ui_url=some(st.just("http://x/runs/1")), has_history=st.booleans(),
    run_count=some(st.integers(0, 5)), total_run_seconds=some(st.floats(0, 1e9)), parent_task_run_id=some(names), deployment_id=some(names),
    work_pool_name=some(names), work_queue_name=some(names), key_value_labels=objects, extra=objects,
)  # fmt: skip
one_task_run = st.builds(
    TaskRunRecord, id=st.just(""), flow_run_id=some(st.just(RUN_ID)), state=any_state(), name=some(names),
    task_id=some(names), task_slug=some(names), task_name=some(names), map_index=some(st.integers(-1, 2)),
    states=histories, created_at=moments, updated_at=moments, started_at=moments, ended_at=moments,
    has_history=st.booleans(), scheduled_start_at=moments, run_count=some(st.integers(0, 5)), tags=lists,
    total_run_seconds=some(st.floats(0, 1e9)), dynamic_key=some(names), child_flow_run_id=some(names),
    is_held_up=st.booleans(), upstream_ids=lists, extra=objects,
)  # fmt: skip
task_runs = st.lists(one_task_run, max_size=3).map(
    lambda found: [replace(one, id=str(UUID(int=100 + n))) for n, one in enumerate(found)]
)
flows = st.builds(
    FlowRecord, id=st.just(FLOW_ID), name=names, project_name=some(names), version=some(st.integers(0, 9)),
    archived=st.booleans(), core_version=some(names), settings=some(objects), run_config=some(objects),
    serialized_flow=some(objects), storage=some(objects), flow_group_id=some(names), flow_group_labels=some(lists),
    created_at=moments, extra=objects,
)  # fmt: skip


@st.composite
def any_lines(draw):
    """Lines with ties, levels without names or numbers, and without ids or texts."""
    level = st.one_of(
        st.sampled_from([10, 20, 25, 40, 70000]), st.sampled_from(["INFO", "Level 25", "odd", None])
    )
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 3), level, some(words), st.booleans(), some(names), some(names)
            ),
            max_size=8,
        )
    )
    numbers, named = draw(st.booleans()), [*zip(*rows, strict=True)] or [()] * 6
    levels = [x for x in named[1] if x is None or isinstance(x, int) is numbers]
    levels += [None] * (len(rows) - len(levels))
    return LogColumns.from_lists(
        timestamps=list(named[0]), levels=levels, messages=list(named[2]),
        ids=[str(UUID(int=n)) if has else None for n, has in enumerate(named[3])], loggers=list(named[4]),
        task_run_ids=list(named[5]), tasks={"load": "load-1", "x y": "other"},
    )  # fmt: skip


def plain(columns):
    """Return lines in a form in which equal lines compare equal, whatever their dictionaries; `seq` is counted again."""
    return [{k: v for k, v in row.items() if k != "seq"} for row in columns.table.to_pylist()]


def small(number=1, **changes):
    """Return the record of a small run."""
    state = states.Success(name="Completed", timestamp=ENDED)
    return replace(
        FlowRunRecord(str(UUID(int=number)), "amber", FLOW_ID, state, ended_at=ENDED), **changes
    )


def some_lines(count=10, start=0):
    """Return lines with ids of their own."""
    return LogColumns.from_lists(
        timestamps=range(count), levels=["INFO"] * count, messages=[f"line {n} " * 20 for n in range(count)],
        ids=[str(UUID(int=start + n)) for n in range(count)], loggers=[None] * count, task_run_ids=[None] * count,
        tasks={},
    )  # fmt: skip
