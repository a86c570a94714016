"""Nightly orders: read every store's exports, convert to euros, load in chunks."""

import random
import time
from datetime import timedelta
from typing import Any

import prefect
from prefect import Flow, Parameter, task, unmapped
from prefect.engine import signals
from prefect.engine.results import LocalResult
from prefect.executors import LocalDaskExecutor
from prefect.run_configs import LocalRun

STORES = {
    "amsterdam-noord": "EUR",
    "bruxelles-midi": "EUR",
    "göteborg-haga": "SEK",
    "kraków-rynek": "PLN",
    "london-camden": "GBP",
    "lyon-part-dieu": "EUR",
    "münchen-süd": "EUR",
    "oslo-grünerløkka": "NOK",
    "porto-boavista": "EUR",
    "praha-vinohrady": "CZK",
    "tokyo-渋谷": "JPY",
    "zürich-west": "CHF",
}
CHUNK_ROWS = 1500
Totals = dict[str, Any]
RESULTS = LocalResult(
    dir="results", location="{flow_name}/{task_full_name}.pickle", validate_dir=False
)


def parse_decimal(text: str) -> float:
    return round(float(text.replace(",", ".")), 2)


@task
def list_stores(business_date: str) -> list[str]:
    logger = prefect.context.get("logger")
    logger.info("Looking for exports of %s in bucket orders-landing", business_date)
    logger.info("Found %d exports, expected %d", len(STORES), len(STORES))
    return sorted(STORES)


@task(cache_for=timedelta(hours=6))
def get_exchange_rates(business_date: str) -> dict[str, float]:
    logger = prefect.context.get("logger")
    logger.info("GET https://rates.example.com/eod?date=%s&base=EUR", business_date)
    time.sleep(1.2)
    rates = {"EUR": 1.0, "GBP": 0.86, "CHF": 0.96, "SEK": 11.4, "NOK": 11.6}
    rates.update({"PLN": 4.31, "CZK": 25.1, "JPY": 162.3})
    logger.info("%d currencies, base EUR", len(rates))
    return rates


@task(task_run_name="read {store}", max_retries=1, retry_delay=timedelta(seconds=2))
def read_store_orders(store: str, business_date: str, rates: dict[str, float]) -> Totals:
    logger = prefect.context.get("logger")
    dice = random.Random(store)
    rows = dice.randint(250, 900)
    logger.info("Reading %s/%s.csv.gz", business_date, store)
    time.sleep(dice.uniform(0.6, 1.8))
    if store == "london-camden" and prefect.context.get("task_run_count", 1) == 1:
        raise ConnectionResetError(104, "Connection reset by peer")
    late = dice.randint(0, 6)
    if late > 3:
        logger.warning("%d of %d orders carry an earlier business date", late, rows)
    if store == "tokyo-渋谷":
        logger.info("Notes column holds non-Latin text, e.g. '領収書をお願いします ✓'")
    time.sleep(dice.uniform(0.4, 1.4))
    rate = rates[STORES[store]]
    revenue = sum(dice.uniform(8, 140) for _ in range(rows)) * dice.uniform(0.9, 1.1)
    logger.info("%s: %d orders, %.2f EUR at %s", store, rows, revenue, rate)
    return {"store": store, "rows": rows, "revenue": round(revenue, 2)}


@task
def check_totals(stores: list[Totals]) -> int:
    logger = prefect.context.get("logger")
    logger.info("Applying converters:")
    for converter in (parse_decimal, sorted):
        logger.info(type(converter))
    rows = sum(store["rows"] for store in stores)
    median = sorted(store["rows"] for store in stores)[len(stores) // 2]
    for store in stores:
        if store["rows"] < 0.6 * median:
            logger.warning("%(store)s sent only %(rows)d orders", store)
    time.sleep(0.8)
    logger.info("%d orders from %d stores pass the checks", rows, len(stores))
    return rows


@task
def load_orders(rows: int) -> int:
    logger = prefect.context.get("logger")
    loaded = prefect.context.get("task_loop_result") or 0
    loaded = min(loaded + CHUNK_ROWS, rows)
    time.sleep(1.1)
    logger.info("COPY warehouse.orders: %d of %d rows", loaded, rows)
    if loaded < rows:
        message = f"{rows - loaded} rows left"
        raise signals.LOOP(message=message, result=loaded)
    return loaded


@task(log_stdout=True)
def print_summary(stores: list[Totals], loaded: int) -> None:
    best = sorted(stores, key=lambda store: -store["revenue"])[:5]
    lines = [f"{store['store']:<18} {store['revenue']:>12,.2f} EUR" for store in best]
    print("\x1b[1mTop stores\x1b[0m\n" + "\n".join(lines))
    print(f"\x1b[32m✔ {loaded} orders loaded\x1b[0m")


with Flow(
    "nightly-orders",
    executor=LocalDaskExecutor(num_workers=4),
    run_config=LocalRun(labels=["warehouse"]),
    result=RESULTS,
) as flow:
    business_date = Parameter("business_date")
    names = list_stores(business_date)
    rates = get_exchange_rates(business_date)
    stores = read_store_orders.map(names, unmapped(business_date), unmapped(rates))
    rows = check_totals(stores)
    loaded = load_orders(rows)
    print_summary(stores, loaded)
