"""A probe fails first and is handled by a notice; later the extract fails and holds up all that the run depends on."""

import time

from prefect import Flow, task
from prefect.run_configs import LocalRun
from prefect.triggers import any_failed


@task
def probe():
    raise ConnectionError("the status page does not answer")


@task(trigger=any_failed)
def notice():
    return "sent"


@task
def extract():
    time.sleep(1.5)
    raise LookupError("no file 2026-11-21.csv")


@task
def load(rows):
    return rows


@task
def report(rows):
    return rows


with Flow("orders") as flow:
    notice(upstream_tasks=[probe()])
    report(load(extract()))
flow.run_config = LocalRun(labels=["warehouse"])
