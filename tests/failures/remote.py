"""Flows whose work fails elsewhere: on Dask, Ray and Spark, in dbt. Run by a Python that has these and Prefect 3.

python remote.py NAME
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.runtime import flow_run as this_run


def say_id():
    print(json.dumps(this_run.get_id()), flush=True)


class WarehouseError(Exception):
    """Raised by the flows of a made-up company."""


def parse(number):
    return 100 / (number - 3)


def checked(number):
    try:
        return parse(number)
    except ZeroDivisionError as error:
        raise WarehouseError(f"part {number} has no rows") from error


@task
def on_dask():
    from dask.distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        return sum(client.gather(client.map(checked, range(5))))


@flow
def dask_future():
    say_id()
    on_dask()


@task
def with_frames():
    import dask.dataframe as dd
    import pandas as pd

    frame = dd.from_pandas(pd.DataFrame({"price": ["1", "2", "x"]}), npartitions=1)
    return (
        frame["price"]
        .map_partitions(lambda part: part.astype(float), meta=("price", float))
        .sum()
        .compute()
    )


@flow
def dask_dataframe():
    say_id()
    with_frames()


@task
def price(number):
    get_run_logger().info("price %d", number)
    return checked(number)


@flow
def dask_task_runner():
    say_id()
    return [one.result() for one in price.map(range(5))]


@task
def on_ray():
    import ray

    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, configure_logging=False)
    try:
        return sum(ray.get([ray.remote(checked).remote(number) for number in range(5)]))
    finally:
        ray.shutdown()


@flow
def ray_task():
    say_id()
    on_ray()


@task
def nested_on_ray():
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)

    @ray.remote
    def outer(number):
        return ray.get(ray.remote(parse).remote(number))

    try:
        return ray.get(outer.remote(3))
    finally:
        ray.shutdown()


@flow
def ray_nested():
    say_id()
    nested_on_ray()


@task
def killed_on_ray():
    import os

    import ray

    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, configure_logging=False)

    @ray.remote(max_retries=0)
    def dies():
        os._exit(1)

    try:
        return ray.get(dies.remote())
    finally:
        ray.shutdown()


@flow
def ray_worker_died():
    say_id()
    killed_on_ray()


def session():
    from pyspark.sql import SparkSession

    return SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()


@task
def in_spark():
    spark = session()
    try:
        return spark.sparkContext.parallelize(range(5), 1).map(checked).collect()
    finally:
        spark.stop()


@flow
def spark_rdd():
    say_id()
    in_spark()


@task
def with_udf():
    from pyspark.sql.functions import udf

    spark = session()
    try:
        return spark.range(5).select(udf(parse, "double")("id")).collect()
    finally:
        spark.stop()


@flow
def spark_udf():
    say_id()
    with_udf()


@task
def with_sql():
    spark = session()
    try:
        return spark.sql("SELECT price FROM orders").collect()
    finally:
        spark.stop()


@flow
def spark_analysis():
    say_id()
    with_sql()


@task
def from_java():
    spark = session()
    try:
        return spark.read.text("hdfs-of-nobody/orders").count()
    finally:
        spark.stop()


@flow
def spark_no_file():
    say_id()
    from_java()


@task
def dbt_run():
    from dbt.cli.main import dbtRunner

    folder = Path("shop")
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nprofile: shop\n")
    (folder / "profiles.yml").write_text(
        "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n"
    )
    (folder / "models" / "orders.sql").write_text("select 1 as price\n")
    (folder / "models" / "revenue.sql").write_text("select pric\nfrom {{ ref('orders') }}\n")
    logger = get_run_logger()

    def hear(event):
        if event.info.level == "error":
            logger.error(event.info.msg)
        elif event.info.level == "info":
            logger.info(event.info.msg)

    done = dbtRunner(callbacks=[hear]).invoke(
        ["run", "--project-dir", str(folder), "--profiles-dir", str(folder), "--no-use-colors"]
    )
    if not done.success:
        failed = [one for one in done.result if one.status == "error"]
        raise RuntimeError("dbt run failed:\n" + "\n".join(str(one.message) for one in failed))


@flow
def dbt_model():
    say_id()
    dbt_run()


@task
def with_joblib():
    from joblib import Parallel, delayed

    return Parallel(2)(delayed(checked)(number) for number in range(5))


@flow
def joblib_parallel():
    say_id()
    with_joblib()


def main(name):
    one = globals()[name]
    if name == "dask_task_runner":
        from prefect_dask import DaskTaskRunner

        one = one.with_options(
            task_runner=DaskTaskRunner(
                cluster_kwargs={"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
            )
        )
    if asyncio.iscoroutinefunction(one.fn):
        asyncio.run(one(return_state=True))
    else:
        one(return_state=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
