"""Two of six mapped children fail."""

from prefect import Flow, task
from prefect.executors import LocalExecutor
from prefect.run_configs import LocalRun


@task
def stores():
    return [1, 2, 3, 4, 5, 6]


@task
def read(store):
    if store % 3 == 0:
        raise OSError(f"store {store} is closed")
    return store


@task
def total(numbers):
    return sum(numbers)


with Flow("stores") as flow:
    total(read.map(stores()))
flow.executor = LocalExecutor()
flow.run_config = LocalRun(labels=["warehouse"])
