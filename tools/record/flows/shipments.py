"""Shipment tracking: poll the carriers, match events to parcels, refresh the dashboard."""

import random
import time
from datetime import timedelta

import prefect
from prefect import Flow, Parameter, task, unmapped
from prefect.engine.results import LocalResult
from prefect.executors import LocalDaskExecutor
from prefect.run_configs import LocalRun

CARRIERS = {"postnord": 8, "correos": 7, "dhl-paket": 10, "la-poste": 7}
EVENTS = ["accepted", "in transit", "out for delivery", "delivered", "returned"]
RESULTS = LocalResult(
    dir="results", location="{flow_name}/{task_full_name}.pickle", validate_dir=False
)


class CarrierBusyError(RuntimeError):
    """The carrier asks to come back later."""


@task
def open_window(hours: int) -> list[str]:
    logger = prefect.context.get("logger")
    time.sleep(1.0)
    logger.info("Window: the last %d hours", hours)
    return sorted(CARRIERS)


def get_page(carrier: str, page: int, attempt: int) -> list[str]:
    if carrier == "correos" and page == 4 and attempt == 1:
        raise CarrierBusyError(f"{carrier}: 429 Too Many Requests, retry after 6 s")
    dice = random.Random(f"{carrier}/{page}")
    return [dice.choice(EVENTS) for _ in range(dice.randint(60, 200))]


@task(task_run_name="poll {carrier}", max_retries=2, retry_delay=timedelta(seconds=6))
def poll_carrier(carrier: str, hours: int) -> dict[str, int]:
    logger = prefect.context.get("logger")
    attempt = prefect.context.get("task_run_count", 1)
    logger.info("%s: %d pages of the last %d hours", carrier, CARRIERS[carrier], hours)
    counts = dict.fromkeys(EVENTS, 0)
    for page in range(1, CARRIERS[carrier] + 1):
        time.sleep(random.Random(f"{carrier}-{page}").uniform(1.0, 2.4))
        events = get_page(carrier, page, attempt)
        for event in events:
            counts[event] += 1
        logger.info("%s: page %d of %d, %d events", carrier, page, CARRIERS[carrier], len(events))
        returned = events.count("returned")
        if returned > 35:
            logger.warning("%s: many returns on page %d (%d)", carrier, page, returned)
    logger.info("%s: %s", carrier, counts)
    return counts


@task
def match_parcels(counts: list[dict[str, int]]) -> int:
    logger = prefect.context.get("logger")
    total = sum(sum(each.values()) for each in counts)
    logger.info("Matching %d events to parcels", total)
    for share in range(10, 101, 10):
        time.sleep(1.3)
        logger.info("%3d %% matched", share)
    logger.warning("17 events name a parcel that is not ours")
    return total - 17


@task
def refresh_dashboard(matched: int) -> None:
    logger = prefect.context.get("logger")
    for view in ("parcels_open", "parcels_late", "carrier_punctuality", "returns_by_reason"):
        time.sleep(1.6)
        logger.info("REFRESH MATERIALIZED VIEW tracking.%s", view)
    logger.info("\x1b[32mDashboard is up to date\x1b[0m — %d events 📦", matched)


@task
def move_watermark(matched: int) -> None:
    logger = prefect.context.get("logger")
    time.sleep(2.5)
    logger.info("Watermark moved after %d events", matched)


with Flow(
    "track-shipments",
    executor=LocalDaskExecutor(num_workers=2),
    run_config=LocalRun(labels=["warehouse"], env={"PREFECT__CLOUD__LOGGING_HEARTBEAT": "2"}),
    result=RESULTS,
) as flow:
    hours = Parameter("hours", default=6)
    carriers = open_window(hours)
    counts = poll_carrier.map(carriers, unmapped(hours))
    matched = match_parcels(counts)
    refresh_dashboard(matched)
    move_watermark(matched)
