"""Three attempts, each with its own error."""

from datetime import timedelta

import prefect
from prefect import Flow, task
from prefect.run_configs import LocalRun


@task(max_retries=2, retry_delay=timedelta(seconds=1))
def fetch():
    attempt = prefect.context.get("task_run_count", 1)
    if attempt < 3:
        raise ConnectionError(f"attempt {attempt} was cut off")
    raise ValueError("the answer is not JSON")


with Flow("weather") as flow:
    fetch()
flow.run_config = LocalRun(labels=["warehouse"])
