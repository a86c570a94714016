"""Flows that fail in every way a flow can fail, run by Prefect 3's Python: `python flows.py NAME` runs one of them.

The first line that a run prints is its id, as JSON. The answer of each in `cases/` describes what happens.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

from prefect import allow_failure, flow, get_run_logger, task, unmapped
from prefect.flow_runs import pause_flow_run
from prefect.runtime import flow_run as this_run
from prefect.states import Cancelled, Failed


def say_id():
    print(json.dumps(this_run.get_id()), flush=True)


class WarehouseError(Exception):
    """Raised by the flows of a made-up company."""


@task
def extract(rows):
    get_run_logger().info("read %d rows", rows)
    return rows


@task
def load(rows):
    raise WarehouseError(f"the table orders is locked, {rows} rows wait")


@task
def optional():
    raise ValueError("the optional source is away")


@task
def report(rows):
    get_run_logger().info("reported %s", rows)


@flow
def task_fails():
    say_id()
    report(load(extract(3)))


@flow
def handled_then_fails():
    say_id()
    optional(return_state=True)
    get_run_logger().info("went on without it")
    extract(2)
    ledger = {}
    ledger["ledger_id"]


@flow
def same_words_elsewhere():
    say_id()
    optional(return_state=True)
    raise ValueError("the optional source is away")


@flow(retries=1)
def flow_retried():
    say_id()
    if this_run.get_run_count() == 1:
        raise ConnectionError("warehouse.example.com refused the connection")
    load(extract(1))


@task(retries=2, retry_delay_seconds=0.4)
def flaky():
    from prefect.context import TaskRunContext

    attempt = TaskRunContext.get().task_run.run_count
    get_run_logger().info("attempt %d", attempt)
    if attempt < 3:
        raise ConnectionError(f"attempt {attempt} was cut off")
    raise TimeoutError("no answer within 30 s")


@flow
def task_retried():
    say_id()
    flaky()


@task
def deep_task(customer):
    return {"customer_1": 1}[customer]


@flow
def grandchild(customer):
    extract(1)
    return deep_task(customer)


@flow
def child(customer):
    return grandchild(customer)


@flow
def subflow_fails():
    say_id()
    grandchild("customer_7")


@flow
def subflows_three_deep():
    say_id()
    extract(5)
    middle("customer_9")


@flow
def middle(customer):
    return child(customer)


@flow
def subflow_handled():
    say_id()
    grandchild("customer_8", return_state=True)
    load(2)


@flow
def subflow_wrapped():
    say_id()
    try:
        grandchild("customer_4")
    except KeyError as error:
        raise WarehouseError("the nightly load is not complete") from error


@flow
def states_returned():
    say_id()
    return [extract(1, return_state=True), load(2, return_state=True), report(3, return_state=True)]


@flow
def not_ready():
    say_id()
    first = load.submit(4)
    second = report.submit(first)
    third = report.submit(second)
    return third.result()


@flow
def not_ready_returned():
    say_id()
    first = load.submit(4)
    report.submit(first)
    extract.submit(1, wait_for=[first])
    return first


@task
def divide(number):
    if number % 3 == 0:
        raise ZeroDivisionError(f"number {number}")
    return number


@flow
def mapped():
    say_id()
    return divide.map(range(1, 8)).result()


@task
def group():
    found = []
    for shard in ("alpha", "beta", "gamma"):
        try:
            raise ValueError(f"shard {shard} is corrupt")
        except ValueError as error:
            found.append(error)
    raise ExceptionGroup("3 of 40 shards failed", found)


@flow
def exception_group():
    say_id()
    group()


async def fetch(name):
    await asyncio.sleep(0.01)
    raise ConnectionError(f"{name} hung up")


@flow
async def task_group():
    say_id()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(fetch("north"))
        tasks.create_task(fetch("south"))


@task
def chained():
    try:
        try:
            raise ConnectionRefusedError("cannot reach 10.2.3.4:5432")
        except OSError as error:
            raise WarehouseError("no connection left in the pool") from error
    except WarehouseError as error:
        raise RuntimeError("load step failed") from error


@flow
def chain():
    say_id()
    chained()


@task
def broken_handler():
    try:
        raise WarehouseError("the table orders is locked")
    except WarehouseError as error:
        error.args[0].no_such_method()


@flow
def context():
    say_id()
    broken_handler()


@flow
def handler_raises():
    say_id()
    try:
        load(9)
    except WarehouseError:
        raise RuntimeError("the pipeline failed")  # noqa: B904


@flow
def system_exit():
    say_id()
    optional(return_state=True)
    get_run_logger().error("going down")
    raise SystemExit(3)


@task
def exiting():
    raise SystemExit("no licence")


@flow
def task_exits():
    say_id()
    exiting()


@task
def slow(seconds):
    get_run_logger().info("copying")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.02)


@flow
def interrupted():
    say_id()
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    slow(30)


@flow
def terminated():
    say_id()
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
    slow(30)


@flow(timeout_seconds=1)
def flow_times_out():
    say_id()
    extract(1)
    slow(30)


@task(timeout_seconds=0.5)
def limited():
    slow.fn(30)


@flow
def task_times_out():
    say_id()
    limited()


@flow
def cancelled_after_failures():
    say_id()
    load(1, return_state=True)
    load(2, return_state=True)
    return Cancelled(message="Cancelled by ops: too many locks")


@flow
def failed_returned():
    say_id()
    optional(return_state=True)
    return Failed(message="only 12 of 40 000 rows came: not published")


@flow
def parameters_refused(rows: int, day: str):
    say_id()


@task
def validate():
    from pydantic import BaseModel

    class Order(BaseModel):
        price: float
        customer: str

    Order.model_validate({"price": "abc", "customer": None})


@flow
def pydantic_error():
    say_id()
    validate()


@task
def sql():
    import sqlalchemy

    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(
            sqlalchemy.text("SELECT pric\nFROM orders WHERE day = :day"), {"day": "2026-11-21"}
        )


@flow
def sql_error():
    say_id()
    sql()


CHILD = "import json\ndef read():\n    json.loads('{oops')\nread()"


@task
def command():
    get_run_logger().info("dump begins")
    subprocess.run([sys.executable, "-c", "import sys; sys.exit(4)"], check=True)


@flow
def command_fails():
    say_id()
    command()


@task
def quoted():
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the importer said:\n{done.stderr}")


@flow
def traceback_in_the_message():
    say_id()
    quoted()


def remote(number):
    if number == 2:
        try:
            raise WarehouseError("part 2 is damaged")
        except WarehouseError as error:
            raise ValueError("cannot sum part 2") from error
    return number


@task
def pooled():
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        return sum(pool.map(remote, range(4)))


@flow
def process_pool():
    say_id()
    pooled()


@task
def multiprocessed():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return sum(pool.map(remote, range(4)))


@flow
def multiprocessing_pool():
    say_id()
    multiprocessed()


@task
def deep(number):
    return deep_function(number)


def deep_function(number):
    return deep_function(number + 1)


@flow
def recursion():
    say_id()
    deep(0)


@task
def generated():
    exec(compile("def rate(day):\n    retrn 3\n", "rules/rates.py", "exec"))


@flow
def syntax_error():
    say_id()
    generated()


@task
def noted():
    error = ValueError("row 17 has no date")
    error.add_note("file: 2026-11-21.csv")
    error.add_note("sent by: store 12")
    raise error


@flow
def notes():
    say_id()
    noted()


@task
def logs_a_traceback_of_its_own():
    try:
        raise LookupError("no cache yet")
    except LookupError:
        get_run_logger().exception("the cache is empty, reading everything")
    raise WarehouseError("the table customers is locked")


@flow
def another_traceback_before():
    say_id()
    logs_a_traceback_of_its_own()


def complain(_flow, _run, _state):
    raise OSError("the pager is not reachable")


@flow(on_failure=[complain])
def hook_fails_afterwards():
    say_id()
    load(1)


@flow
def finally_raises():
    say_id()
    try:
        load(8)
    finally:
        raise OSError("cannot remove /tmp/staging")


@flow
def allowed_to_fail():
    say_id()
    first = optional.submit()
    report(allow_failure(first))
    load(6)


@flow
async def gathered():
    say_id()
    await asyncio.gather(async_load(1), async_load(2), async_load(3))


@task
async def async_load(part):
    await asyncio.sleep(0.05 * part)
    if part == 2:
        raise WarehouseError(f"part {part} is locked")


@flow
def paused_too_long():
    say_id()
    pause_flow_run(timeout=1, poll_interval=1)


@flow(retries=1, retry_delay_seconds=0)
def retried_and_well():
    say_id()
    if this_run.get_run_count() == 1:
        load(1)


@flow(retries=2, retry_delay_seconds=0)
def another_task_each_attempt():
    say_id()
    if this_run.get_run_count() < 3:
        optional()
    load(unmapped(3).value)


@task
def empty_words():
    raise AssertionError


@flow
def error_without_words():
    say_id()
    empty_words()


@task
def blank_lines():
    raise WarehouseError("two things are wrong:\n\n  1. no date\n\n  2. no store\n\nsee the manual")


@flow
def blank_lines_in_the_error():
    say_id()
    blank_lines()


@flow
def secondary_handled_in_subflow():
    say_id()
    careful_child()
    load(7)


@flow
def careful_child():
    optional(return_state=True)
    return 1


def main(name, *arguments):
    one = globals()[name]
    if name == "parameters_refused":
        state = one("many", ["2026"], return_state=True)
        print(json.dumps(str(state.state_details.flow_run_id)), flush=True)
        return
    if asyncio.iscoroutinefunction(one.fn):
        asyncio.run(one(return_state=True))
    else:
        one(return_state=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
