"""A store and a Prefect 1 database with the same rows give the same answer to the same document."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrun_widgets.gateway import Gateway

from .stores import Store
from .strategies import documents, worlds

if TYPE_CHECKING:
    from .stores import Database
    from .strategies import Row


def rounded(value: Any) -> Any:
    """Return parsed JSON with numbers to 12 digits."""
    match value:
        case dict():
            return {key: rounded(each) for key, each in value.items()}
        case list():
            return [rounded(each) for each in value]
        case int() | float() if abs(value) > 10**12 or isinstance(value, float):
            return float(f"{value:.12g}")
        case _:
            return value


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(rows=worlds(), asked=st.lists(documents(), min_size=1, max_size=5))
def test_both_databases_give_the_same_answer(
    prefect1_database: Database, rows: list[Row], asked: list[str]
) -> None:
    database = prefect1_database
    database.empty()
    database.count = 0
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store.db")
        for table, row in rows:
            for filled in (store, database):
                filled.add(table, **row)
        gateways = [Gateway(filled.address) for filled in (store, database)]
        try:
            for document in asked:
                ours, theirs = (rounded(each.query(document)) for each in gateways)
                assert ours == theirs, document
                assert "errors" not in ours, document
        finally:
            for gateway in gateways:
                gateway.close()
            store.close()
