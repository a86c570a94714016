"""Tasks run side by side on threads; a number cannot be read."""

from prefect import Flow, task
from prefect.executors import LocalDaskExecutor
from prefect.run_configs import LocalRun


@task
def parse(text):
    return int(text)


@task
def total(numbers):
    return sum(numbers)


with Flow("numbers") as flow:
    total(parse.map(["1", "2", "three"]))
flow.executor = LocalDaskExecutor()
flow.run_config = LocalRun(labels=["warehouse"])
