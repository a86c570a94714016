"""The probe fails and is handled; what the run depends on fails later."""

import time

from prefect import Flow, task
from prefect.run_configs import LocalRun
from prefect.triggers import all_finished


@task
def probe():
    raise ConnectionError("the status page does not answer")


@task(trigger=all_finished)
def note():
    time.sleep(0.5)


@task
def publish():
    time.sleep(1)
    raise PermissionError("no right to write to the bucket reports")


with Flow("publishing") as flow:
    note(upstream_tasks=[probe()])
    last = publish(upstream_tasks=[note.copy()()])
    flow.set_reference_tasks([last])
flow.run_config = LocalRun(labels=["warehouse"])
