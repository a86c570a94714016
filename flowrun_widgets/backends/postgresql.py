"""Connects to a PostgreSQL database for reading only: its address, the options of a session, and reasons of failures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from flowrun_widgets.errors import InvalidArgument

if TYPE_CHECKING:
    from flowrun_widgets.settings import Secret

__all__ = ["connected", "reason", "session_options", "shown_address", "unavailable"]

SCHEMES = ("postgresql", "postgres")
CONNECT_SECONDS = 10
MAX_REASON = 300


def session_options(address: Secret, timeout_seconds: float) -> dict[str, Any]:
    """Return the arguments of `connected`: a session that cannot write, with times in UTC.

    Parts that the address does not have come from libpq's environment: PGPASSWORD, PGSSLMODE, ~/.pgpass. Each statement
    may take at most `timeout_seconds`.

    Raises:
        InvalidArgument: the address is not PostgreSQL's.
    """
    given = _parts(address)
    return {
        "connect_timeout": os.environ.get("PGCONNECT_TIMEOUT", CONNECT_SECONDS),
        "application_name": "flowrun",
        **given,
        # Our options come last and override the others.
        "options": (
            f"{given.get('options') or os.environ.get('PGOPTIONS', '')} -c timezone=UTC -c datestyle=ISO "
            "-c default_transaction_read_only=on -c client_encoding=UTF8 "
            f"-c statement_timeout={max(1, round(timeout_seconds * 1000))}"
        ).strip(),
    }


def connected(options: dict[str, Any]) -> psycopg.Connection[Any]:
    """Return a new connection. All statements of one transaction read the same snapshot.

    Raises:
        psycopg.Error: the database does not answer, or refuses this user.
    """
    connection = psycopg.connect(**options)
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


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


def reason(error: BaseException | None) -> str:
    """Return the database's own message for a failure, without the statement."""
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return error.diag.message_primary
    return str(error).partition("\n")[0][:MAX_REASON] or "no message"


def unavailable(shown: str, error: BaseException | None) -> str:
    """Return the message for a database that does not answer, or refuses this user."""
    return (
        f"The database at {shown} does not answer ({reason(error)}). Is the address right, is it running, and may "
        "this user connect? A password comes from the address, PGPASSWORD or ~/.pgpass."
    )


def _parts(address: Secret) -> dict[str, Any]:
    """Return the parts of an address; SQLAlchemy's addresses name a driver, `postgresql+asyncpg://…`, as Prefect's do."""
    try:
        scheme, mark, rest = address.reveal().partition("://")
        name, plus, driver = scheme.lower().partition("+")
        if not mark or name not in SCHEMES:  # conninfo_to_dict takes `host=…` too
            raise ValueError
        if plus:
            rest = _libpq(rest, driver)
        return {
            key: value
            for key, value in conninfo_to_dict(f"{name}://{rest}").items()
            if value is not None
        }
    except (psycopg.Error, UnicodeError, ValueError):
        # libpq's own message repeats the address with its password.
        raise InvalidArgument(
            "The database's address is invalid: it must look like postgresql://user@host:5432/prefect_server, with "
            "special characters written as %40."
        ) from None


def _libpq(rest: str, driver: str) -> str:
    """Return an address with libpq's name of an option that asyncpg calls otherwise."""
    place, mark, query = rest.partition("?")
    if not mark or driver != "asyncpg":
        return rest
    asked = [("sslmode" if key == "ssl" else key, value) for key, value in parse_qsl(query)]
    return f"{place}?{urlencode(asked)}"
