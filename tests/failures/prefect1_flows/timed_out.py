"""A task takes longer than it may."""

import time

from prefect import Flow, task
from prefect.run_configs import LocalRun


@task(timeout=1)
def copy():
    time.sleep(20)


with Flow("copies") as flow:
    copy()
flow.run_config = LocalRun(labels=["warehouse"])
