"""An error with a cause, after a traceback of its own in the log."""

import prefect
from prefect import Flow, task
from prefect.run_configs import LocalRun


@task
def load():
    try:
        raise LookupError("no cache yet")
    except LookupError:
        prefect.context.get("logger").exception("the cache is empty, reading everything")
    try:
        raise ConnectionRefusedError("cannot reach 10.2.3.4:5432")
    except OSError as error:
        raise RuntimeError("load step failed") from error


with Flow("warehouse") as flow:
    load()
flow.run_config = LocalRun(labels=["warehouse"])
