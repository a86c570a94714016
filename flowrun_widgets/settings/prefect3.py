"""Prefect 3's configuration, as its own client 3.9 reads it.

Each value is looked up separately, in this order: environment variables; `.env`, `prefect.toml` and `[tool.prefect]` of
`pyproject.toml`, all in the working folder; the active profile of `profiles.toml`. An empty value counts as a value and
hides later ones. Without a `profiles.toml`, Prefect's packaged one applies, whose `ephemeral` configures no server.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import msgspec

from flowrun_widgets.errors import InvalidArgument, SettingsError
from flowrun_widgets.settings.files import home, read_dotenv, read_toml, user_path
from flowrun_widgets.settings.model import (
    DatabaseSettings,
    Secret,
    Settings,
    sendable,
    timeout,
)
from flowrun_widgets.settings.urls import (
    configured_url,
    generation_of,
    is_cloud,
    without_credentials,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CLOUD_REQUESTS_PER_MINUTE",
    "prefect3_ca_file",
    "prefect3_database",
    "prefect3_settings",
    "requests_per_minute",
    "without_authorization",
]

CLOUD_REQUESTS_PER_MINUTE = 200
"""Cloud's smallest plan allows 250 for the whole account, and running flows need some of them."""
TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
OURS = ("user-agent", "prefect-csrf-token", "prefect-csrf-client")
"""Headers that cannot be overridden in Prefect's client either."""
AUTHORIZATION = "authorization"
TABLES = ("PREFECT_API", "PREFECT_CLIENT")
TEST_MODES = (
    "PREFECT_TEST_MODE", "PREFECT_UNIT_TEST_MODE", "PREFECT_TESTING_TEST_MODE", "PREFECT_TESTING_UNIT_TEST_MODE",
)  # fmt: skip
"""Modes in which Prefect reads no profile."""
PACKAGED: Mapping[str, Any] = {
    "active": "ephemeral",
    "profiles": {"local": {"PREFECT_API_URL": "http://127.0.0.1:4200/api"}},
}
"""The servers in the `profiles.toml` of Prefect's package."""
DATABASE = ("PREFECT_SERVER_DATABASE_", "PREFECT_API_DATABASE_")
"""What the names of the settings of the database begin with, the newer ones first."""
POSTGRESQL, SQLITE = "postgresql+asyncpg", "sqlite+aiosqlite"
HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class _Layer:
    origin: str
    values: Mapping[str, Any]
    """The values, by the names of environment variables."""


def prefect3_settings(environ: Mapping[str, str], folder: Path | None = None) -> Settings | None:
    """Return the server that Prefect 3 is configured for; None if no address is configured.

    Raises:
        SettingsError: a file cannot be read, or a value is invalid.
    """
    layers = _layers(environ, folder or Path())
    url, origin = _value(layers, "PREFECT_API_URL")
    if not isinstance(url, str) or not url:
        return None
    plain, credentials = configured_url(url, origin)
    key = _text(layers, "PREFECT_API_KEY")
    auth = credentials or _text(layers, "PREFECT_API_AUTH_STRING")
    headers = _headers(layers)
    if credentials:
        headers = without_authorization(headers)
    elif any(name.lower() == AUTHORIZATION for name in headers):
        key = auth = None
    return Settings(
        url=plain,
        origin=origin,
        generation=generation_of(plain),
        api_key=sendable(Secret.of(key), "PREFECT_API_KEY"),
        auth_string=sendable(Secret.of(auth), "PREFECT_API_AUTH_STRING", is_encoded=True),
        timeout_seconds=_seconds(layers, "PREFECT_API_REQUEST_TIMEOUT") or 30.0,
        headers=headers,
        verify_tls=(_text(layers, "PREFECT_API_TLS_INSECURE_SKIP_VERIFY") or "").lower()
        not in TRUE,
        ca_file=_text(layers, "PREFECT_API_SSL_CERT_FILE"),
        ui_url=_ui_url(layers),
        requests_per_minute=requests_per_minute(plain, environ),
    )


def prefect3_database(
    environ: Mapping[str, str], folder: Path | None = None
) -> DatabaseSettings | None:
    """Return the database that Prefect 3 uses where no server is configured; None if there is none yet.

    It is the configured one, else `prefect.db` in `PREFECT_HOME`. An SQLite database counts if its file exists.

    Raises:
        SettingsError: a file cannot be read, or a value is invalid.
    """
    layers = _layers(environ, folder or Path())
    configured = _database_url(layers)
    if configured is not None:
        return configured
    named, origin = _database(layers, "NAME")
    driver, where = _database(layers, "DRIVER")
    if driver == POSTGRESQL:
        return _database_on_a_host(layers, where)
    if driver != SQLITE or not named:
        named, origin = str(_home(environ, layers) / "prefect.db"), "Prefect's own database"
    path = user_path(named, "the name of the database")
    return _existing(DatabaseSettings(Secret(f"sqlite:///{path}"), origin))


def prefect3_ca_file(environ: Mapping[str, str], folder: Path | None = None) -> str | None:
    """Return the configured file of certificates, which applies to every server."""
    return _text(_layers(environ, folder or Path()), "PREFECT_API_SSL_CERT_FILE")


def requests_per_minute(url: str, environ: Mapping[str, str]) -> int | None:
    """Return the request limit of a server: `FLOWRUN_REQUESTS_PER_MINUTE` (0: no limit), else one for Cloud only."""
    named = environ.get("FLOWRUN_REQUESTS_PER_MINUTE")
    if named is None:
        return CLOUD_REQUESTS_PER_MINUTE if is_cloud(url) else None
    if not re.fullmatch(r"[0-9]{1,9}", named.strip()):
        raise SettingsError("FLOWRUN_REQUESTS_PER_MINUTE must be a whole number; 0 means no limit.")
    return int(named) or None


def without_authorization(headers: Mapping[str, Secret]) -> dict[str, Secret]:
    """Return the headers without Authorization, for requests with an explicit key or password."""
    return {name: value for name, value in headers.items() if name.lower() != AUTHORIZATION}


def _layers(environ: Mapping[str, str], folder: Path) -> list[_Layer]:
    dotenv = read_dotenv(folder / ".env")
    own = read_toml(folder / "prefect.toml")
    tool = read_toml(folder / "pyproject.toml").get("tool", {})
    project = tool.get("prefect", {}) if isinstance(tool, dict) else {}
    tables = [own, project if isinstance(project, dict) else {}]
    profile, values = _profile(environ, _profiles_path(environ, dotenv, tables))
    variables = {k.upper(): v for k, v in environ.items()}
    return [
        # A variable may hold a whole table, which then overrides the variables of its single values.
        _Layer("an environment variable with a table", _tables(variables)),
        _Layer("a table in the file .env in this folder", _tables(dotenv)),
        _Layer("the environment variable {name}", variables),
        _Layer("the file .env in this folder", dotenv),
        _Layer("the file prefect.toml in this folder", _flat(tables[0])),
        _Layer("[tool.prefect] of pyproject.toml in this folder", _flat(tables[1])),
        _Layer(f"Prefect's profile {profile!r}", values),
    ]


def _profiles_path(
    environ: Mapping[str, str], dotenv: Mapping[str, str], tables: list[dict[str, Any]]
) -> Path | None:
    """Return the path of the profiles; None: those of Prefect's package."""
    named = environ.get("PREFECT_PROFILES_PATH") or dotenv.get("PREFECT_PROFILES_PATH")
    for table in tables:
        named = named or table.get("profiles_path")
    if isinstance(named, str) and named:
        return user_path(named, "PREFECT_PROFILES_PATH")
    if own := environ.get("PREFECT_HOME"):
        return user_path(own, "PREFECT_HOME") / "profiles.toml"
    path = home(environ) / ".prefect" / "profiles.toml"
    return path if path.exists() else None


def _profile(environ: Mapping[str, str], path: Path | None) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the values of the active profile; a missing profile is empty."""
    if any(environ.get(name) for name in TEST_MODES):
        return "none in test mode", {}
    file = PACKAGED if path is None else read_toml(path)
    name = environ.get("PREFECT_PROFILE") or file.get("active")
    profiles = file.get("profiles")
    values = profiles.get(name) if isinstance(profiles, dict) and isinstance(name, str) else None
    return str(name), values if isinstance(values, dict) else {}


def _tables(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of the tables that variables hold as JSON."""
    found: dict[str, Any] = {}
    for name in TABLES:
        with suppress(msgspec.DecodeError, ValueError, RecursionError):
            table = msgspec.json.decode(variables.get(name) or "null")
            found |= _flat(table, name) if isinstance(table, dict) else {}
    return found


def _flat(table: Mapping[str, Any], above: str = "PREFECT") -> dict[str, Any]:
    """Return nested tables under the names of environment variables: `[api] url` is PREFECT_API_URL."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{above}_{key.upper()}"
        flat[name] = value
        if isinstance(value, dict):
            flat |= _flat(value, name)
    return flat


def _value(layers: list[_Layer], name: str) -> tuple[Any, str]:
    for layer in layers:
        value = layer.values.get(name)
        if value is not None:
            return value, layer.origin.replace("{name}", name)
    return None, ""


def _text(layers: list[_Layer], name: str) -> str | None:
    value, _ = _value(layers, name)
    return None if value in (None, "") else str(value)


def _home(environ: Mapping[str, str], layers: list[_Layer]) -> Path:
    """Return Prefect's own folder."""
    named = _text(layers, "PREFECT_HOME")
    return user_path(named, "PREFECT_HOME") if named else home(environ) / ".prefect"


def _database(layers: list[_Layer], name: str) -> tuple[str, str]:
    """Return a setting of the database and where it is from; "" if it is not set."""
    for start in DATABASE:
        value, origin = _value(layers, f"{start}{name}")
        if value not in (None, ""):
            return str(value), origin
    return "", ""


def _database_url(layers: list[_Layer]) -> DatabaseSettings | None:
    """Return the configured address of the database, with the password that it refers to."""
    url, origin = _database(layers, "CONNECTION_URL")
    if not url or "memory" in url.partition("?")[0].rpartition("/")[2]:
        return None
    password, _ = _database(layers, "PASSWORD")
    for start in DATABASE:
        url = url.replace(f"${{{start}PASSWORD}}", quote_plus(password))
    return _existing(DatabaseSettings(Secret(url), origin))


def _database_on_a_host(layers: list[_Layer], origin: str) -> DatabaseSettings | None:
    """Return the address of a PostgreSQL database whose parts are configured."""
    host, user, name = (_database(layers, one)[0] for one in ("HOST", "USER", "NAME"))
    if not (host and user and name):
        return None
    password, port = _database(layers, "PASSWORD")[0], _database(layers, "PORT")[0] or "5432"
    login = quote(user, safe="")
    if password:
        login += f":{quote(password, safe='')}"
    address = f"postgresql://{login}@{host}:{port}/{quote(name, safe='')}"
    return DatabaseSettings(Secret(address), origin)


def _existing(found: DatabaseSettings) -> DatabaseSettings | None:
    """Return the settings unless they name a file that does not exist."""
    scheme, _, path = found.address.reveal().partition(":///")
    if not scheme.startswith("sqlite"):
        return found
    try:
        return found if user_path(path.partition("?")[0], found.origin).is_file() else None
    except (OSError, ValueError):
        return None


def _ui_url(layers: list[_Layer]) -> str | None:
    """Return the configured address of the UI; None if it is missing or not an address."""
    with suppress(InvalidArgument):
        return without_credentials(_text(layers, "PREFECT_UI_URL") or "")[0]
    return None


def _seconds(layers: list[_Layer], name: str) -> float | None:
    value, origin = _value(layers, name)
    seconds = timeout(value)
    if value is not None and seconds is None:
        raise SettingsError(f"{name} ({origin}) must be a number of seconds above 0.")
    return seconds


def _headers(layers: list[_Layer]) -> dict[str, Secret]:
    setting = "PREFECT_CLIENT_CUSTOM_HEADERS"
    value, origin = _value(layers, setting)
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (ValueError, RecursionError):
            value = False
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(
        HEADER.fullmatch(str(name)) and isinstance(text, str) for name, text in value.items()
    ):
        raise SettingsError(
            f"{setting} ({origin}) must be a JSON object of header names and values."
        )
    headers: dict[str, Secret] = {}
    for name, text in value.items():
        secret = sendable(Secret(text.strip()), f"{setting} ({origin}: {name:.60})")
        if secret is not None and name.lower() not in OURS:
            headers[name] = secret
    return headers
