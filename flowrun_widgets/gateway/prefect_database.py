"""The connections to a Prefect 1 server's own PostgreSQL database: read-only, and aware of which tables it really has."""

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
"""As many as the HTTP server has threads; who asks for more waits."""
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

# Columns that this user may not read are not there for him.
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
    """Return an engine that reads the database at `address` and cannot write to it, and the tables it has.

    What the address leaves open comes from libpq's environment: PGPASSWORD, PGSSLMODE, ~/.pgpass. No statement may take
    longer than `timeout_seconds`.

    Raises:
        InvalidArgument: no PostgreSQL address, or no Prefect 1 database there.
        BackendUnavailable: the database does not answer or does not let this user in.
    """
    given = _parts(address)
    options: dict[str, Any] = {
        "connect_timeout": os.environ.get("PGCONNECT_TIMEOUT", CONNECT_SECONDS),
        "application_name": "flowrun",
        **given,
        # The last word is ours.
        "options": (
            f"{given.get('options') or os.environ.get('PGOPTIONS', '')} -c timezone=UTC "
            "-c default_transaction_read_only=on -c client_encoding=UTF8 "
            f"-c statement_timeout={max(1, round(timeout_seconds * 1000))}"
        ).strip(),
    }

    def connect() -> psycopg.Connection[Any]:
        connection = psycopg.connect(**options)
        # All statements of one answer see the same moment.
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
        InvalidArgument: no PostgreSQL address.
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
        # libpq's own words repeat the address with its password.
        raise InvalidArgument(
            "The database's address cannot be read: it looks like postgresql://user@host:5432/prefect_server, with "
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
    """Return why a database failed, in its own words but without any statement."""
    said = error.orig
    if isinstance(said, psycopg.Error) and said.diag.message_primary:
        return said.diag.message_primary
    return str(said).partition("\n")[0][:300] or "no more words"
