"""Opens a Prefect 1 server's PostgreSQL database read-only, and finds out which tables and columns it has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from flowrun_widgets.errors import BackendUnavailable, InvalidArgument
from flowrun_widgets.gateway.tables import TABLES, narrowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowrun_widgets.gateway.tables import Table
    from flowrun_widgets.settings import Secret

__all__ = ["open_database", "reason", "shown_address"]

SCHEMES = ("postgresql://", "postgres://")
CONNECTIONS = 16
"""The number of connections, equal to the number of threads of the HTTP server; further requests wait."""
WAIT_SECONDS = 30
CONNECT_SECONDS = 10

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
    given = _parts(address)
    options: dict[str, Any] = {
        "connect_timeout": os.environ.get("PGCONNECT_TIMEOUT", CONNECT_SECONDS),
        "application_name": "flowrun",
        **given,
        # Our options come last and override the others.
        "options": (
            f"{given.get('options') or os.environ.get('PGOPTIONS', '')} -c timezone=UTC "
            "-c default_transaction_read_only=on -c client_encoding=UTF8 "
            f"-c statement_timeout={max(1, round(timeout_seconds * 1000))}"
        ).strip(),
    }

    def connect() -> psycopg.Connection[Any]:
        connection = psycopg.connect(**options)
        # All statements of one answer read the same snapshot.
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return connection

    engine = sa.create_engine(
        "postgresql+psycopg://",
        creator=connect,
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


def shown_address(address: Secret) -> str:
    """Return the address without its password and its options.

    Raises:
        InvalidArgument: the address is not PostgreSQL's.
    """
    parts = _parts(address)
    user = f"{quote(parts['user'], safe='')}@" if parts.get("user") else ""
    database = quote(str(parts.get("dbname") or ""), safe="")
    host, port = str(parts.get("host") or ""), str(parts.get("port") or "")
    if host.startswith(("/", "@")) or "," in host:  # sockets, and several hosts
        asked = urlencode({name: parts[name] for name in ("host", "port") if parts.get(name)})
        return f"postgresql://{user}/{database}?{asked}"
    host = f"[{host}]" if ":" in host else quote(host, safe="")
    return f"postgresql://{user}{host}{f':{port}' if port else ''}/{database}"


def _parts(address: Secret) -> dict[str, Any]:
    try:
        if not address.reveal().startswith(SCHEMES):
            raise ValueError  # conninfo_to_dict takes `host=…` too
        return {
            name: value
            for name, value in conninfo_to_dict(address.reveal()).items()
            if value is not None
        }
    except (psycopg.Error, UnicodeError, ValueError):
        # libpq's own message repeats the address with its password.
        raise InvalidArgument(
            "The database's address is invalid: it must look like postgresql://user@host:5432/prefect_server, with "
            "special characters written as %40."
        ) from None


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
        raise BackendUnavailable(
            f"The database at {shown} does not answer ({reason(error)}). Is the address right, is it running, and may "
            "this user connect? A password comes from the address, PGPASSWORD or ~/.pgpass."
        ) from None
    tables = narrowed(there)
    if "flow_run" not in tables:
        raise InvalidArgument(
            f"The database at {shown} has no table flow_run with an id that this user may read: is it Prefect 1's?"
        )
    return tables


def reason(error: DBAPIError) -> str:
    """Return the database's own message for a failure, without the statement."""
    said = error.orig
    if isinstance(said, psycopg.Error) and said.diag.message_primary:
        return said.diag.message_primary
    return str(said).partition("\n")[0][:300] or "no message"
