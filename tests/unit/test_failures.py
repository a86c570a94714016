"""Failed runs by cause: fingerprints, planted causes, what is read, and what is shown."""

from __future__ import annotations

from collections import Counter, defaultdict

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets import states
from flowrun_widgets.analysis.failures import FailureSorter
from flowrun_widgets.analysis.fingerprint import fingerprints_of
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.times import from_micros
from tests.causes import CAUSES, failures
from tests.runs import small

BEGIN = 1_700_000_000_000_000
KINDS = {"FAILED": states.Failed, "CRASHED": states.Crashed}


def record_of(failure, number):
    at = from_micros(BEGIN - number * 60_000_000)
    return small(
        number,
        flow_name=failure.flow,
        name=f"run-{number}",
        state=KINDS[failure.kind](failure.message, name="Failed", timestamp=at),
        started_at=at,
        ended_at=at,
    )


def lines_of(messages, start=BEGIN):
    count = len(messages)
    return LogColumns.from_lists(
        timestamps=range(start, start + count), levels=["ERROR"] * count, messages=messages, ids=[None] * count,
        loggers=[None] * count, task_run_ids=["t"] * (count - 1) + [None] if count == 3 else [None] * count, tasks={},
    )  # fmt: skip


def sorted_out(planted):
    sorter = FailureSorter([record_of(one, number) for number, one in enumerate(planted)])
    read = 0
    for _ in range(2):
        wanted = sorter.wanted
        read += len(wanted)
        sorter.learn({place: lines_of(planted[place].lines) for place in wanted})
    return sorter.causes(), read


@pytest.mark.parametrize("seed", range(5))
def test_planted_causes_are_found_again(seed):
    planted = failures(500, seed)
    found, _ = sorted_out(planted)
    assert sorted(place for one in found for place in one.members) == list(range(500))
    groups = [Counter(planted[place].cause for place in one.members) for one in found]
    pure = sum(len(group) == 1 for group in groups) / len(groups)
    groups_of = defaultdict(set)
    for number, group in enumerate(groups):
        for cause in group:
            groups_of[cause].add(number)
    a_cause = sum(map(len, groups_of.values())) / len(groups_of)
    print(f"{len(groups)} groups, {pure:.0%} pure, {a_cause:.2f} a cause")
    assert len(groups_of) == len(CAUSES)
    assert pure >= 0.95
    assert a_cause <= 1.2


def test_runs_are_read_only_where_the_message_says_too_little():
    planted = [one for one in failures(500, 1) if one.flow in {"load-orders", "sync"}]
    _, read = sorted_out(planted)
    assert read == 0


def test_of_runs_that_agree_eight_are_read():
    planted = [one for one in failures(500, 1) if one.flow == "report"]
    planted = [one for one in planted if one.message.endswith("subscriptable")]
    found, read = sorted_out(planted)
    assert len(planted) > 10
    assert read == 8
    assert [one.assumed for one in found] == [len(planted) - 8]
    assert found[0].fingerprint.places == ("report.py:join",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ValueError: bad row 17", "ValueError('bad row 18')"),
        ("psycopg2.errors.Locked: table 'orders' is locked", "Locked: table 'orders' is locked"),
        ("OSError: cannot open '/tmp/a/b'", "OSError: cannot open 'C:\\x\\y'"),
        ("ValueError: missing ['a', 'b', 'c'] today", "ValueError: missing ['x'] today"),
        ("ValueError: 1 row is without a date", "ValueError: 12 rows are without a date"),
        ("E: order 3fa85f64-5717-4562-b3fc-2c963f66afa6 is late", "E: order 12 is late"),
        ("TimeoutError: no answer in 30 s", "TimeoutError: no answer in 2.5 s"),
    ],
)
def test_wordings_of_one_cause_have_one_fingerprint(one, other):
    first, second = fingerprints_of([one, other])
    assert first.id == second.id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KeyError: 'price'", "KeyError: 'day'"),
        ("OSError: [Errno 2] No such file: '/a'", "OSError: [Errno 28] No such file: '/a'"),
        ("exited with status code 1", "exited with status code 137"),
        ("ProgrammingError: relation \"a\" does not exist", "ProgrammingError: relation \"b\" does not exist"),
        ("DatabaseError: ORA-00942: no", "DatabaseError: ORA-12541: no"),
        ("ValueError: no rows", "TypeError: no rows"),
    ],
)  # fmt: skip
def test_different_causes_have_different_fingerprints(one, other):
    first, second = fingerprints_of([one, other])
    assert first.id != second.id


def test_a_fingerprint_does_not_depend_on_the_others():
    texts = [f"Flow {one.message}" for one in failures(200, 3)]
    together = fingerprints_of(texts)
    alone = [fingerprints_of([text])[0] for text in texts]
    assert together == alone


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("ValueError: bad row 17", "f1-e25f3911"),
        ("KeyError: 'order_id'", "f1-857143f5"),
        (
            "FileNotFoundError: [Errno 2] No such file or directory: '/data/2026-11-22/o.csv'",
            "f1-699b78de",
        ),
        ("HTTPError: 404 Client Error: Not Found for url: https://x.example/q?a=1", "f1-c26fde15"),
        (
            "OSError: 3fa85f64-5717-4562-b3fc-2c963f66afa6 of 10.0.0.7 at 2026-11-22T03:00:00Z",
            "f1-dc4630fb",
        ),
        ("Flow run exceeded timeout of 1.0 second(s)", "f1-a953e52b"),
    ],
)
def test_the_ids_of_version_1_stay(text, id):
    """A change of the rules, or of the masks of templates, needs a new version: tickets hold ids."""
    [one] = fingerprints_of([text])
    assert one.id == id


def test_a_word_that_is_different_in_each_run_is_data():
    names = ["anna", "ben", "chloe", "david", "elif", "farid"]
    texts = [f"ValueError: no stock for {name} today" for name in names]
    texts += ["ValueError: no stock for orders today"]
    records = [
        small(number, state=states.Failed(text, name="Failed")) for number, text in enumerate(texts)
    ]
    [cause] = FailureSorter(records).causes()
    assert cause.fingerprint.pattern == "no stock for … today"


def test_a_word_of_many_runs_is_the_name_of_a_cause():
    names = ["orders", "stores", "prices", "days"] * 10
    records = [
        small(number, state=states.Failed(f"ValueError: the table {name} is locked", name="Failed"))
        for number, name in enumerate(names)
    ]
    assert [len(one.members) for one in FailureSorter(records).causes()] == [10] * 4


class Counting(httpx.BaseTransport):
    """A Prefect 1 server that counts its requests."""

    def __init__(self, app):
        self.inner = httpx.WSGITransport(app=app)
        self.asked = 0

    def handle_request(self, request):
        self.asked += 1
        return self.inner.handle_request(request)


def test_prefect_1_reads_several_runs_in_one_request(recorded_store):
    with fw.connect(recorded_store) as store:
        ids = [run.flow_run_id for run in fw.find_flow_runs(api=store)]
        own = store.backend
        transport = Counting(Gateway(recorded_store).wsgi)
        with fw.connect("http://prefect1.test", transport=transport, library=False) as server:
            server.backend  # noqa: B018  which Prefect answers is found out first
            transport.asked = 0
            lines, tasks = (
                server.backend.lines_of_runs(ids, 40),
                server.backend.task_runs_of(ids),
            )
            assert transport.asked == 2
            failures = fw.find_flow_runs(api=server).failures()
        for one in ids:
            alone = own.logs(one, None, None, min_level=40).columns
            assert lines[one].table["message"].to_pylist() == alone.table["message"].to_pylist()
            assert [task.id for task in tasks[one]] == [
                task.id for task in own.task_runs(one).records
            ]
        assert [group.example.name for group in failures] == ["stoic-marmot"]
