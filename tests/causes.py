"""Twenty causes of failures, in the words in which Prefect 3 reports them, each worded anew for each run."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CAUSES", "Failure", "failures"]

WORDS = ["north", "south", "harbour", "meadow", "quartz", "violet", "ember", "willow"]


class Failure(NamedTuple):
    """One failed run: its cause, its flow, the type and message of its state, and its error lines, oldest first."""

    cause: int
    flow: str
    kind: str
    message: str
    lines: list[str]


class Cause(NamedTuple):
    """`error` words the exception; `where` is the function that raises it, in which file."""

    flow: str
    error: Callable[[random.Random], str]
    where: str
    in_task: bool = False
    """Whether the message of the run says only how many task runs failed."""
    kind: str = "FAILED"


def uuid(r: random.Random) -> str:
    return str(UUID(int=r.getrandbits(128)))


def day(r: random.Random) -> str:
    return f"2026-{r.randint(1, 12):02}-{r.randint(1, 28):02}"


CAUSES = [
    Cause("load-orders", lambda r: f"ValueError: bad row {r.randint(1, 9999)}", "load.py:parse"),
    Cause("load-orders", lambda r: f"FileNotFoundError: [Errno 2] No such file or directory: '/data/{day(r)}/{r.choice(WORDS)}.csv'", "load.py:read"),
    Cause("load-orders", lambda r: f"LookupError: no stock of {r.choice(WORDS)} in the {r.choice(['big', 'small'])} warehouse", "load.py:parse"),
    Cause("load-orders", lambda r: f"ValueError: could not convert string to float: '{r.choice(WORDS)}'", "load.py:parse"),
    Cause("report", lambda r: "KeyError: 'order_id'", "report.py:join"),
    Cause("report", lambda r: "KeyError: 'order_id'", "report.py:pivot"),
    Cause("report", lambda r: "IndexError: list index out of range", "report.py:top"),
    Cause("report", lambda r: "TypeError: 'NoneType' object is not subscriptable", "report.py:join"),
    Cause("sync", lambda r: f"requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.example.com', port=443): Max retries exceeded with url: /v1/orders/{uuid(r)} (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x{r.getrandbits(44):x}>: Failed to establish a new connection: [Errno 111] Connection refused'))", "sync.py:push"),
    Cause("sync", lambda r: f"HTTPError: 404 Client Error: Not Found for url: https://api.example.com/v1/customers/{r.randint(1, 10**6)}", "sync.py:fetch"),
    Cause("sync", lambda r: f"HTTPError: 503 Server Error: Service Unavailable for url: https://api.example.com/v1/{r.choice(WORDS)}", "sync.py:fetch"),
    Cause("sync", lambda r: f"psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint \"orders_pkey\"\nDETAIL:  Key (id)=({r.randint(1, 9999)}) already exists.", "sync.py:store"),
    Cause("sync", lambda r: f"psycopg2.OperationalError: connection to server at \"10.0.{r.randint(0, 9)}.{r.randint(1, 200)}\", port 5432 failed: timeout expired", "sync.py:store"),
    Cause("train", lambda r: f"MemoryError: Unable to allocate {r.uniform(1, 99):.2f} GiB for an array with shape ({r.randint(1, 9)}000, {r.randint(1, 999)}) and data type float64", "train.py:fit"),
    Cause("train", lambda r: f"Flow run infrastructure exited with non-zero status code 137: OOM killed (pod {r.choice(WORDS)}-{r.getrandbits(30):x}).", "", kind="CRASHED"),
    Cause("train", lambda r: f"TimeoutError('no answer within {r.choice(['30', '45', '12.5'])} s from worker {r.randint(1, 40)}')", "train.py:wait", in_task=True),
    Cause("train", lambda r: f"ValueError: Input contains NaN in column {r.randint(1, 50)}", "train.py:check", in_task=True),
    Cause("clean", lambda r: f"PermissionError: [Errno 13] Permission denied: '/mnt/{r.choice(WORDS)}/{uuid(r)}.parquet'", "clean.py:remove", in_task=True),
    Cause("clean", lambda r: "AssertionError", "clean.py:verify", in_task=True),
    Cause("clean", lambda r: f"ValidationError: {r.randint(1, 3)} validation errors for Order\nprice\n  Input should be a valid number", "clean.py:check"),
]  # fmt: skip


def failures(number: int, seed: int) -> list[Failure]:
    """Return so many failed runs with the twenty causes, of different frequency."""
    r = random.Random(seed)
    weights = [1 + r.random() * 4 for _ in CAUSES]
    chosen = [*range(len(CAUSES)), *r.choices(range(len(CAUSES)), weights, k=number - len(CAUSES))]
    r.shuffle(chosen)
    return [_failure(cause, r) for cause in chosen]


def _failure(number: int, r: random.Random) -> Failure:
    cause = CAUSES[number]
    error = cause.error(r)
    if not cause.where:
        return Failure(number, cause.flow, cause.kind, error, [])
    file, function = cause.where.split(":")
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3.11/site-packages/prefect/engine.py", line 42, in run\n    call()\n'
        f'  File "/srv/flows/{file}", line {r.randint(10, 90)}, in {function}\n    step()\n{error}'
    )
    total = r.randint(3, 9)
    if cause.in_task:
        message = f"{r.randint(1, 2)}/{total} states failed."
        lines = [
            f"Task run failed with exception: {error.split(':')[0]}(...)\n{trace}",
            f"Finished in state Failed('Task run encountered an exception {error}')",
            f"Finished in state Failed('{message}')",
        ]
        return Failure(number, cause.flow, cause.kind, message, lines)
    message = f"Flow run encountered an exception: {error}"
    lines = [
        f"Encountered exception during execution: {error}\n{trace}",
        f"Finished in state Failed('{message}')",
    ]
    return Failure(number, cause.flow, cause.kind, message, lines)
