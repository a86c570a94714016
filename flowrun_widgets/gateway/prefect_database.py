"""Opens a Prefect 1 server's PostgreSQL database read-only, and finds out which tables and columns it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from flowrun_widgets.backends.postgresql import (
    connected,
    session_options,
    shown_address,
    unavailable,
)
from flowrun_widgets.errors import BackendUnavailable, InvalidArgument
from flowrun_widgets.gateway.tables import TABLES, narrowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowrun_widgets.gateway.tables import Table
    from flowrun_widgets.settings import Secret

__all__ = ["open_database"]

CONNECTIONS = 16
"""The number of connections, equal to the number of threads of the HTTP server; further requests wait."""
WAIT_SECONDS = 30

SCALARS = {
    "uuid": "uuid",
    "varchar": "String",
    "text": "String",
    "bpchar": "String",
    "int2": "Int",
    "int4": "Int",
    "bool": "Boolean",
    "timestamptz": "timestamptz",
    "jsonb": "jsonb",
    "interval": "interval",
}

# Columns that this user may not read are left out.
_COLUMNS = sa.text(
    "select relation.relname, attribute.attname, type.typname, attribute.attnotnull "
    "from pg_catalog.pg_class relation "
    "join pg_catalog.pg_attribute attribute on attribute.attrelid = relation.oid "
    "join pg_catalog.pg_type type on type.oid = attribute.atttypid "
    "where relation.relname = any(:names) and relation.relkind in ('r', 'p', 'v', 'm', 'f') "
    "and pg_catalog.pg_table_is_visible(relation.oid) "
    "and attribute.attnum > 0 and not attribute.attisdropped "
    "and pg_catalog.has_column_privilege(relation.oid, attribute.attnum, 'select')"
)


def open_database(address: Secret, timeout_seconds: float) -> tuple[sa.Engine, Mapping[str, Table]]:
    """Return a read-only engine for the database at `address`, and its tables.

    Parts that the address does not have come from libpq's environment: PGPASSWORD, PGSSLMODE, ~/.pgpass. Each statement
    may take at most `timeout_seconds`.

    Raises:
        InvalidArgument: the address is not PostgreSQL's, or the database is not Prefect 1's.
        BackendUnavailable: the database does not answer or refuses this user.
    """
    options = session_options(address, timeout_seconds)
    engine = sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: connected(options),
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    try:
        return engine, _tables(engine, shown_address(address))
    except BaseException:
        engine.dispose()
        raise


def _tables(engine: sa.Engine, shown: str) -> Mapping[str, Table]:
    there: dict[str, dict[str, tuple[str, bool]]] = {}
    try:
        with engine.connect() as connection:
            for table, column, kind, required in connection.execute(
                _COLUMNS, {"names": list(TABLES)}
            ):
                if kind in SCALARS:
                    there.setdefault(table, {})[column] = (SCALARS[kind], required)
    except DBAPIError as error:
        raise BackendUnavailable(unavailable(shown, error.orig)) from None
    tables = narrowed(there)
    if "flow_run" not in tables:
        raise InvalidArgument(
            f"The database at {shown} has no table flow_run with an id that this user may read: is it Prefect 1's?"
        )
    return tables
