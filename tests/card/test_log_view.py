"""Random logs and random queries: what the card counts and shows is what plain Python finds in the same DataFrame."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun_widgets.query import running_times
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.report.frames import logs_frame
from flowrun_widgets.report.log import matches as hits_module
from flowrun_widgets.report.log.lines import Lines
from flowrun_widgets.report.log.matches import read
from flowrun_widgets.report.log.rows import logs_part
from flowrun_widgets.report.log.view import log_view
from flowrun_widgets.report.wire import LogQuery, Spot
from flowrun_widgets.states import Failed, Looped, Retrying, Running, Success
from flowrun_widgets.times import from_micros
from flowrun_widgets.views.logs import FlowRunLogs
from tests.query.lines import columns_of

DAY = 86_400_000_000
BEGIN = 1_795_305_600_000_000 - DAY // 4
"""Six in the evening, so that a log of some hours is of two days."""
TASKS = ["load", "load[1]", "extract", None]
WORDS = ["reset", "Reset by peer", "rows=12", "", "Ü 😀", None]
TEXTS = [
    "", "reset", "-reset", "/r\\w+t/", "level>=warning", "level:info rows", "task:load", 'task="load"',
    'task="" reset', "attempt:2", "attempt>1 level>=error", "nothing-has-it", "time:23:00..",
    "time:..2026-11-21T22:00Z", "reset time:2026-11-21T19:00Z..2026-11-22T01:00Z", "-time:..21:00",
    "logger:boto -level:debug", "-attempt:1", "time:2030-01-01T00:00Z..",
]  # fmt: skip
ROW = 11
"""How many values a row has; no other item has so many."""
MOMENTS = st.integers(0, 20).map(lambda step: BEGIN + step * DAY // 40)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "at": MOMENTS,
            "level": st.sampled_from([None, 0, 10, 20, 25, 30, 35, 40, 50]),
            "task": st.sampled_from(TASKS),
            "logger": st.sampled_from(["boto3", "prefect", None]),
            "run": st.none(),
            "message": st.sampled_from(WORDS),
        }
    ),
    max_size=300,
)


def history(*states):
    """Return a history from pairs of a class and a step of time."""
    return tuple(cls(timestamp=from_micros(BEGIN + step * DAY // 40)) for cls, step in states)


def task_run(name, *states, **more):
    return TaskRunRecord(name, None, Success(), name=name, states=history(*states), **more)


RECORDS = [
    task_run("load", (Running, 1), (Retrying, 3), (Running, 5), (Failed, 8), (Running, 14)),
    task_run("load[1]", (Running, 2), (Looped, 4), (Running, 4), (Retrying, 9), (Running, 11)),
    task_run("extract", has_history=False),
]
DIVIDERS = {
    ("load", 2): (5, 3, 2),
    ("load", 3): (14, 3, 6),
    ("load[1]", 2): (11, 2, 2),
}
"""Task and attempt: the step from which on it ran, of how many, and after how many steps of waiting."""
STEP_SECONDS = DAY / 40 / 1_000_000


@st.composite
def logs(draw):
    """Return lines in one or several chunks, sorted by time, as columns, and the same as a DataFrame."""
    rows = sorted(draw(ROWS), key=lambda row: row["at"])
    arrival = draw(st.permutations(range(len(rows)))) if len(rows) < 30 else range(len(rows))
    rows = [{**row, "seq": seq} for row, seq in zip(rows, arrival, strict=True)]
    columns = columns_of(rows, draw(st.sampled_from([1, 3])))
    return columns, logs_frame(columns)


@st.composite
def views(draw):
    """Return lines, their DataFrame and a query."""
    columns, frame = draw(logs())
    seqs = st.integers(0, max(1, len(frame)))
    return (
        columns,
        frame,
        LogQuery(
            text=draw(st.sampled_from(TEXTS)),
            zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "Mars/Olympus"])),
            lines=draw(st.sampled_from(["all", "hits", "context"])),
            context=draw(st.sampled_from([0, 1, 2, 7])),
            opened=tuple(draw(st.lists(st.tuples(seqs, st.integers(-5, 5)), max_size=2))),
            folds_repeats=draw(st.booleans()),
            is_newest_first=draw(st.booleans()),
        ),
    )


IDLE = ((BEGIN + DAY // 10, BEGIN + DAY // 5), (BEGIN + DAY // 3, BEGIN + 2 * DAY // 5))


def lines_of(columns, *, idle=()):
    return Lines(columns, began_at=from_micros(BEGIN), task_runs=RECORDS, idle=idle)


def fitting(columns, text, zone="UTC"):
    """Return the positions of what `logs.where` finds."""
    found = FlowRunLogs(columns, began_at=from_micros(BEGIN), running=running_times(RECORDS)).where(
        text, zone if zone != "Mars/Olympus" else "UTC"
    )
    wanted = set(found.columns.table["seq"].to_pylist())
    return [at for at, seq in enumerate(columns.table["seq"].to_pylist()) if seq in wanted]


def shown_positions(frame, query, hits):
    """Return the positions shown, by the definition: all, or hits, lines round them, and what was opened."""
    if query.lines == "all" or not query.text:
        return list(range(len(frame)))
    shown = set(hits)
    for hit in hits:
        around = query.context if query.lines == "context" else 0
        shown |= set(range(hit - around, hit + around + 1))
    for seq, count in query.opened:
        for at in frame.index[frame["seq"] == seq]:
            count_by_time = -count if query.is_newest_first else count
            if count_by_time > 0:
                shown |= set(range(at, at + count_by_time))
            elif count_by_time:
                shown |= set(range(at + count_by_time + 1, at + 1))
    return sorted(shown & set(range(len(frame))))


def attempt_of(line):
    """Return the task and the attempt after the first that a line belongs to, or None."""
    step = (line.timestamp.value // 1000 - BEGIN) / (DAY / 40)
    begun = [
        attempt
        for (task, attempt), (since, _, _) in DIVIDERS.items()
        if task == line.task and step >= since
    ]
    return (line.task, max(begun)) if begun else None


def says(frame, at):
    """Return what a line says: its text, level, task and logger."""
    line = frame.iloc[at]
    texts = [line[name] for name in ("message", "level", "level_name", "task", "logger")]
    return ["" if pd.isna(text) else text for text in texts]


def folded(frame, query, shown):
    """Return the shown positions that are left, and how many lines each stands for."""
    rows = []
    for at in shown:
        before = rows[-1] if rows else None
        last = before and before[0] + (before[1] - 1 if query.lines == "context" else 0)
        is_near = before and (query.lines != "context" or not query.text or at == last + 1)
        if query.folds_repeats and is_near and says(frame, before[2]) == says(frame, at):
            before[1:] = [before[1] + 1, at]
        else:
            rows.append([at, 1, at])
    return [(at, size, last) for at, size, last in rows]


def items_by_hand(frame, query, hits):
    """Return the items of a query from the frame alone."""
    shown = folded(frame, query, shown_positions(frame, query, hits))
    has_gaps = query.lines == "context" and query.text
    ends = [(-1, 1, -1), *shown, (len(frame), 1, len(frame))] if shown else []
    items, seen = [], set()
    for (_, _, before), (at, size, _) in pairwise(ends):
        if at - before > 1 and has_gaps:
            hidden = frame["seq"].iloc[before + 1 : at].tolist()
            ends = hidden[::-1] if query.is_newest_first else hidden
            items.append((None, len(hidden), ends[0], ends[-1]))
        if at == len(frame):
            break
        line = frame.iloc[at]
        attempt = attempt_of(line)
        if attempt and attempt not in seen:
            seen.add(attempt)
            _, attempts, waited = DIVIDERS[attempt]
            items.append(("retry", *attempt, attempts, pytest.approx(waited * STEP_SECONDS)))
        items.append((int(line["seq"]), at, at in set(hits), size))
    return items[::-1] if query.is_newest_first else items


def brief(items):
    """Return items as `items_by_hand` has them."""
    return [(item[0], *item[8:]) if len(item) == ROW else item for item in items]


@given(views())
@settings(derandomize=True, deadline=None, max_examples=150)
def test_items_are_what_the_frame_says(view):
    columns, frame, query = view
    seen = log_view(lines_of(columns), query)
    hits = fitting(columns, query.text, query.zone)
    wanted = items_by_hand(frame, query, hits)
    window = seen.window(0, 2_000)
    assert brief(window.items) == wanted
    assert window.total == len(wanted)
    assert seen.hits.count == len(hits)
    shown = shown_positions(frame, query, hits)
    assert seen.shown == len(shown) if not query.folds_repeats else seen.shown <= len(shown)
    if query.lines == "context" and query.text and seen.shown:
        hidden = sum(item[1] for item in window.items if item[0] is None)
        lines = sum(item[10] for item in window.items if len(item) == ROW)
        assert hidden + lines == len(frame)


@given(views(), st.integers(-5, 320), st.integers(-2, 50))
@settings(derandomize=True, deadline=None, max_examples=80)
def test_a_window_is_a_stretch_of_the_items(view, start, count):
    columns, _, query = view
    seen = log_view(lines_of(columns), query)
    everything = seen.window(0, 2_000).items
    window = seen.window(start, count)
    assert 0 <= window.start <= max(0, len(everything) - 1)
    assert window.items == everything[window.start : window.start + max(0, count)]


@given(logs())
@settings(derandomize=True, deadline=None, max_examples=40)
def test_rows_say_what_the_frame_says(made):
    columns, frame = made
    rows = log_view(lines_of(columns), LogQuery()).window(0, 2_000).items
    rows = [row for row in rows if len(row) == ROW]
    assert [row[0] for row in rows] == frame["seq"].tolist()
    assert [row[1] * 1000 for row in rows] == [at.value for at in frame["timestamp"]]
    for place, name in ((2, "level"), (3, "level_name"), (4, "task"), (5, "logger")):
        wanted = [None if pd.isna(value) else value for value in frame[name]]
        assert [row[place] for row in rows] == wanted
    assert [row[6] for row in rows] == ["" if pd.isna(m) else m for m in frame["message"]]
    assert [row[7] for row in rows] == [len(row[6]) for row in rows]


@given(views())
@settings(derandomize=True, deadline=None, max_examples=80)
def test_queries_that_were_read_block_by_block_are_the_same(view):
    """Also what is told before the end is what the whole answer has in those places."""
    columns, _, query = view
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hits_module, "FIRST_BLOCK", 7)
        patch.setattr(hits_module, "LARGEST_BLOCK", 20)
        seen = log_view(lines_of(columns), query, count=5, tell=told.append)
    whole = log_view(lines_of(columns), query)
    assert seen.window(0, 2_000) == whole.window(0, 2_000)
    assert len(told) <= 1
    for window in told:
        assert (window.start, window.total) == (0, None)
        assert window.items == whole.window(0, 5).items


@pytest.mark.parametrize("count", range(1, 12))
@pytest.mark.parametrize(
    "query",
    [
        LogQuery(text="a", lines="hits", is_newest_first=True),
        LogQuery(text="a", lines="context", context=1, is_newest_first=True),
        LogQuery(text="a", lines="context", context=9, opened=((6, 1), (1, 1))),
        LogQuery(text="a", lines="context", context=0, opened=((0, 40),)),
    ],
)
def test_nothing_is_told_early_that_later_lines_may_change(query, count, monkeypatch):
    """Neither a divider whose attempt has older lines, nor a gap in which there is context of a later hit."""
    rows = [
        {"at": BEGIN + 15 * DAY // 40, "level": 20, "task": ("load", "extract")[seq % 2],
         "logger": None, "run": None, "message": "a" if seq > 11 else "b", "seq": seq}
        for seq in range(60)
    ]  # fmt: skip
    monkeypatch.setattr(hits_module, "FIRST_BLOCK", 7)
    monkeypatch.setattr(hits_module, "LARGEST_BLOCK", 20)
    told = []
    seen = log_view(lines_of(columns_of(rows)), query, count=count, tell=told.append)
    for window in told:
        assert window.items == seen.window(0, count).items


@given(views(), st.booleans())
@settings(derandomize=True, deadline=None, max_examples=100)
def test_bins_count_the_hits_whatever_their_time(view, is_folded):
    columns, frame, query = view
    seen = log_view(lines_of(columns, idle=IDLE if is_folded else ()), query)
    bins = seen.hits.bins
    untimed = " ".join(part for part in query.text.split() if "time:" not in part)
    chosen = frame.iloc[fitting(columns, untimed)]
    level = chosen["level"].astype("Float64").fillna(-1)
    at = chosen["timestamp"].astype("int64")
    edges = np.array(bins.at)
    steps = np.searchsorted(edges, at, side="right") - 1
    kinds = {
        "error": level >= 40,
        "warning": (level >= 30) & (level < 40),
        "other": level < 30,
    }
    for kind, is_of in kinds.items():
        counted = np.bincount(steps[is_of.to_numpy(bool)], minlength=len(edges) - 1)
        assert list(getattr(bins, kind)) == counted.tolist()
    assert list(bins.at) == sorted(bins.at)
    assert len(bins.at) - 1 <= 120
    if len(frame):
        assert (bins.at[0], bins.at[-1]) == (
            frame["timestamp"].iloc[0].value // 1000,
            frame["timestamp"].iloc[-1].value // 1000 + 1,
        )


def test_steps_are_equal_on_the_axis_without_its_idle_stretches():
    rows = [
        {"at": BEGIN + at, "level": 20, "task": None, "logger": None, "run": None,
         "message": "", "seq": seq}
        for seq, at in enumerate((0, 1_000, 9_001_000, 9_002_399))
    ]  # fmt: skip
    idle = ((BEGIN + 1_000, BEGIN + 9_001_000),)
    bins = log_view(lines_of(columns_of(rows), idle=idle), LogQuery()).hits.bins
    folded = [at - BEGIN if at <= BEGIN + 1_000 else at - BEGIN - 9_000_000 for at in bins.at]
    assert set(np.diff(folded).tolist()) == {20}
    assert sum(bins.other) == 4


@given(views(), st.sampled_from(["hit", "error", "pin"]), st.sampled_from([1, -1]), st.data())
@settings(derandomize=True, deadline=None, max_examples=150)
def test_finding_goes_from_one_to_the_next_and_round_the_end(view, what, step, data):
    columns, frame, query = view
    seen = log_view(lines_of(columns), query)
    pins = data.draw(st.sets(st.integers(0, max(0, len(frame))), max_size=5))
    if query.folds_repeats:
        pins &= {item[0] for item in seen.window(0, 2_000).items}
    places = [
        (place, item[0])
        for place, item in enumerate(seen.window(0, 2_000).items)
        if len(item) == ROW
        and {"hit": item[9], "error": (item[2] or 0) >= 40, "pin": item[0] in pins}[what]
    ]
    at = None
    for round_ in range(len(places) + 2):
        spot = seen.find(what, at, step, pins)
        if not places:
            assert spot == Spot()
            return
        number = round_ % len(places) if step == 1 else -1 - round_ % len(places)
        assert (spot.place, spot.seq) == places[number]
        if not query.folds_repeats:
            assert spot.nth == number % len(places) + 1
        at = spot.seq


@given(views(), st.integers(-2, 320), st.integers(-2, 22))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_a_line_or_a_time_leads_to_the_nearest_line_shown(view, seq, step):
    columns, frame, query = view
    seen = log_view(lines_of(columns), query)
    rows = {
        item[8]: (place, item[0])
        for place, item in enumerate(seen.window(0, 2_000).items)
        if len(item) == ROW
    }
    known = frame.index[frame["seq"] == seq].tolist()
    micros = BEGIN + step * DAY // 40
    since = frame.index[frame["timestamp"] >= pd.Timestamp(micros * 1000, tz="UTC")].tolist()
    for what, at, target in (
        ("line", seq, known[0] if known else None),
        ("time", micros, since[0] if since else len(frame) - 1),
    ):
        spot = seen.find(what, at, 1)
        if target is None or not rows:
            assert spot == Spot()
        else:
            nearest = min(rows, key=lambda row: (abs(row - target), row))
            assert (spot.place, spot.seq) == rows[nearest]
    assert seen.place_of(seq) == (seen.find("line", seq, 1).place)


@given(views())
@settings(derandomize=True, deadline=None, max_examples=80)
def test_marks_say_where_among_the_items_something_is(view):
    columns, _, query = view
    seen = log_view(lines_of(columns), query)
    items = seen.window(0, 2_000).items
    wanted = {"error": set(), "warning": set(), "hit": set()}
    for place, item in enumerate(items):
        if len(item) == ROW:
            cell = place * 200 // len(items)
            level = item[2] or 0
            if level >= 30:
                wanted["error" if level >= 40 else "warning"].add(cell)
            if item[9]:
                wanted["hit"].add(cell)
    if all(item[9] for item in items if len(item) == ROW):
        wanted["hit"] = set()
    for kind, cells in wanted.items():
        assert getattr(seen.marks, kind) == tuple(sorted(cells))


@given(logs())
@settings(derandomize=True, deadline=None, max_examples=60)
def test_level_and_name_counts_are_those_of_the_frame(made):
    columns, frame = made
    lines = lines_of(columns)
    assert lines.level_counts == Counter(frame["level"].dropna().tolist())
    for key in ("task", "logger"):
        wanted = Counter(None if pd.isna(name) else name for name in frame[key])
        assert lines.names(key) == wanted
        assert list(lines.names(key).values()) == sorted(wanted.values(), reverse=True)
    counted = logs_part(lines, is_finished=True, is_failed=False).levels
    level = frame["level"]
    assert counted.critical == (level >= 50).sum()
    assert counted.error == ((level >= 40) & (level < 50)).sum()
    assert counted.warning == ((level >= 30) & (level < 40)).sum()
    assert counted.info == ((level >= 20) & (level < 30)).sum() + level.isna().sum()
    assert counted.debug == (level < 20).sum()


@given(logs())
@settings(derandomize=True, deadline=None, max_examples=40)
def test_the_window_that_travels_with_the_card_is_one_of_the_empty_query(made):
    """Its places and its total are those that later questions speak of."""
    columns, _ = made
    lines = lines_of(columns)
    whole = log_view(lines, LogQuery()).window(0, 2_000)
    for is_finished, is_failed in ((True, True), (True, False), (False, False)):
        part = logs_part(lines, is_finished=is_finished, is_failed=is_failed)
        window = part.window
        assert window.total == whole.total
        assert window.items == whole.items[window.start : window.start + 200]
        if is_failed and part.first_error is not None:
            assert part.first_error in [item[0] for item in window.items if len(item) == ROW]


def test_a_query_with_an_outrageous_context_or_opening_is_bounded():
    rows = [
        {"at": BEGIN, "level": 20, "task": None, "logger": None, "run": None,
         "message": str(seq), "seq": seq}
        for seq in range(5_000)
    ]  # fmt: skip
    lines = lines_of(columns_of(rows))
    opened = ((0, -(2**62)), (9, 2**62)) * 600
    query = LogQuery(text='"2500"', lines="context", context=2**60, opened=opened)
    assert 0 < log_view(lines, query).shown <= 5_000
    assert log_view(lines, LogQuery(text='"2500"', lines="context", context=-7)).shown == 1


def test_work_that_is_overtaken_ends_between_two_blocks(monkeypatch):
    """And what it had found is not taken for an answer."""
    rows = [
        {"at": BEGIN, "level": 20, "task": None, "logger": None, "run": None,
         "message": "a", "seq": seq}
        for seq in range(100)
    ]  # fmt: skip
    monkeypatch.setattr(hits_module, "FIRST_BLOCK", 10)
    monkeypatch.setattr(hits_module, "LARGEST_BLOCK", 10)
    lines, told, checks = lines_of(columns_of(rows)), [], []

    def check():
        checks.append(len(checks))
        if len(checks) == 4:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        log_view(lines, LogQuery(text="a", lines="hits"), count=25, tell=told.append, check=check)
    assert [len(window.items) for window in told] == [25]
    assert len(checks) == 4
    assert log_view(lines, LogQuery(text="a", lines="hits")).hits.count == 100


def test_equal_queries_are_computed_once():
    lines = lines_of(columns_of([]))
    assert log_view(lines, LogQuery(text="a", lines="hits")) is log_view(
        lines, LogQuery(text="a", lines="hits")
    )


def test_the_text_of_a_page_means_what_where_takes_it_for():
    """Its clock times are of the day on which the run began where the reader is."""
    lines = lines_of(columns_of([]))
    berlin = read(lines, "time:19:00..", "Europe/Berlin")
    assert str(berlin) == "time:2026-11-21T18:00:00Z.."
