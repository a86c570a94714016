"""Product catalogue refresh: full rebuild on Sundays, else the suppliers' changes."""

import time

import prefect
from prefect import Flow, Parameter, case, task
from prefect.engine.results import LocalResult
from prefect.executors import LocalDaskExecutor
from prefect.run_configs import LocalRun
from prefect.tasks.control_flow import merge

SUPPLIERS = ["acme-tools", "bauer-söhne", "citronella", "delta-parts", "éclat", "fjord-outdoor"]
RESULTS = LocalResult(
    dir="results", location="{flow_name}/{task_full_name}.pickle", validate_dir=False
)


@task
def is_full_rebuild(mode: str) -> bool:
    logger = prefect.context.get("logger")
    logger.info("Refresh mode is %r", mode)
    return mode == "full"


@task
def truncate_staging() -> None:
    logger = prefect.context.get("logger")
    logger.warning("Truncating staging.products")


@task
def rebuild_search_index(truncated: object) -> str:
    logger = prefect.context.get("logger")
    logger.info("Rebuilding index products-v7 from scratch")
    return "full"


@task
def read_watermark() -> str:
    logger = prefect.context.get("logger")
    time.sleep(0.6)
    logger.info("Watermark of staging.products is 2026-11-21T23:10:04Z")
    return "incremental"


@task
def list_suppliers(kind: str) -> list[str]:
    logger = prefect.context.get("logger")
    logger.info("%d suppliers have an %s feed", len(SUPPLIERS), kind)
    return SUPPLIERS


@task(task_run_name="feed {supplier}")
def pull_feed(supplier: str) -> int:
    logger = prefect.context.get("logger")
    pages = 4 if supplier in ("éclat", "fjord-outdoor") else 45
    for page in range(1, pages + 1):
        for _ in range(15):
            time.sleep(0.1)
        logger.info("%s: page %d of %d, 200 products", supplier, page, pages)
        if supplier == "delta-parts" and page == 3:
            logger.warning("delta-parts answers slowly; 42 pages to go")
    return pages * 200


@task
def publish_catalog(counts: list[int]) -> None:
    logger = prefect.context.get("logger")
    logger.info("Publishing %d products", sum(counts))


with Flow(
    "refresh-product-catalog",
    executor=LocalDaskExecutor(num_workers=3),
    run_config=LocalRun(labels=["warehouse"]),
    result=RESULTS,
) as flow:
    mode = Parameter("mode", default="incremental")
    full = is_full_rebuild(mode)
    with case(full, True):
        rebuilt = rebuild_search_index(truncate_staging())
    with case(full, False):
        watermark = read_watermark()
    suppliers = list_suppliers(merge(rebuilt, watermark))
    counts = pull_feed.map(suppliers)
    publish_catalog(counts)
