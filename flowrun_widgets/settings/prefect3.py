"""Prefect 3's configuration, in the order of its own client 3.8.

Each value by itself: environment > `.env` > `prefect.toml` > `[tool.prefect]` of `pyproject.toml`, all of the working
folder, > the active profile of `profiles.toml`. The packaged `ephemeral` profile configures no server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.errors import SettingsError
from flowrun_widgets.settings.files import home, read_dotenv, read_toml, user_path
from flowrun_widgets.settings.model import Secret, Settings, sendable, timeout
from flowrun_widgets.settings.urls import configured_url, generation_of, is_cloud

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CLOUD_REQUESTS_PER_MINUTE",
    "prefect3_ca_file",
    "prefect3_settings",
    "requests_per_minute",
]

CLOUD_REQUESTS_PER_MINUTE = 200
"""Cloud's smallest plan allows 250 for the whole account: the flows that run need some of them."""
TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
OURS = ("user-agent", "prefect-csrf-token", "prefect-csrf-client")
"""Headers that Prefect's client does not let anybody override either."""
HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class _Layer:
    origin: str
    values: Mapping[str, Any]
    """By the names of environment variables."""


def prefect3_settings(environ: Mapping[str, str], folder: Path | None = None) -> Settings | None:
    """Return what Prefect 3 is configured to read from; None if it has no address.

    Raises:
        SettingsError: a file cannot be read, or a value cannot mean what it should.
    """
    layers = _layers(environ, folder or Path())
    url, origin = _value(layers, "PREFECT_API_URL")
    if not isinstance(url, str):
        return None
    plain, credentials = configured_url(url, origin)
    key, auth = (
        _text(layers, "PREFECT_API_KEY"),
        _text(layers, "PREFECT_API_AUTH_STRING") or credentials,
    )
    return Settings(
        url=plain,
        origin=origin,
        generation=generation_of(plain),
        api_key=sendable(Secret.of(key), "PREFECT_API_KEY"),
        auth_string=sendable(Secret.of(auth), "PREFECT_API_AUTH_STRING", is_encoded=True),
        timeout_seconds=_seconds(layers, "PREFECT_API_REQUEST_TIMEOUT") or 30.0,
        headers=_headers(layers),
        verify_tls=(_text(layers, "PREFECT_API_TLS_INSECURE_SKIP_VERIFY") or "").lower()
        not in TRUE,
        ca_file=_text(layers, "PREFECT_API_SSL_CERT_FILE"),
        requests_per_minute=requests_per_minute(plain, environ),
    )


def prefect3_ca_file(environ: Mapping[str, str], folder: Path | None = None) -> str | None:
    """Return the file of certificates that is configured for whichever server."""
    return _text(_layers(environ, folder or Path()), "PREFECT_API_SSL_CERT_FILE")


def requests_per_minute(url: str, environ: Mapping[str, str]) -> int | None:
    """Return the budget for a server: `FLOWRUN_REQUESTS_PER_MINUTE` (0: none), else one for Cloud alone."""
    named = environ.get("FLOWRUN_REQUESTS_PER_MINUTE")
    if named is None:
        return CLOUD_REQUESTS_PER_MINUTE if is_cloud(url) else None
    if not re.fullmatch(r"[0-9]{1,9}", named.strip()):
        raise SettingsError("FLOWRUN_REQUESTS_PER_MINUTE has to be a whole number; 0 is no limit.")
    return int(named) or None


def _layers(environ: Mapping[str, str], folder: Path) -> list[_Layer]:
    dotenv = read_dotenv(folder / ".env")
    own = read_toml(folder / "prefect.toml")
    tool = read_toml(folder / "pyproject.toml").get("tool", {})
    project = tool.get("prefect", {}) if isinstance(tool, dict) else {}
    tables = [own, project if isinstance(project, dict) else {}]
    profile, values = _profile(environ, _profiles_path(environ, dotenv, tables))
    return [
        _Layer("the environment variable {name}", {k.upper(): v for k, v in environ.items()}),
        _Layer("the file .env in this folder", dotenv),
        _Layer("the file prefect.toml in this folder", _flat(tables[0])),
        _Layer("[tool.prefect] of pyproject.toml in this folder", _flat(tables[1])),
        _Layer(f"Prefect's profile {profile!r}", values),
    ]


def _profiles_path(
    environ: Mapping[str, str], dotenv: Mapping[str, str], tables: list[dict[str, Any]]
) -> Path:
    named = environ.get("PREFECT_PROFILES_PATH") or dotenv.get("PREFECT_PROFILES_PATH")
    for table in tables:
        named = named or table.get("profiles_path")
    if isinstance(named, str) and named:
        return user_path(named, "PREFECT_PROFILES_PATH")
    own = environ.get("PREFECT_HOME")
    folder = user_path(own, "PREFECT_HOME") if own else home(environ) / ".prefect"
    return folder / "profiles.toml"


def _profile(environ: Mapping[str, str], path: Path) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the values of the active profile. One that is not there is the packaged, empty one."""
    file = read_toml(path)
    name = environ.get("PREFECT_PROFILE") or file.get("active")
    profiles = file.get("profiles")
    values = profiles.get(name) if isinstance(profiles, dict) and isinstance(name, str) else None
    return str(name), values if isinstance(values, dict) else {}


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
        if value not in (None, ""):
            return value, layer.origin.replace("{name}", name)
    return None, ""


def _text(layers: list[_Layer], name: str) -> str | None:
    value, _ = _value(layers, name)
    return None if value is None else str(value)


def _seconds(layers: list[_Layer], name: str) -> float | None:
    value, origin = _value(layers, name)
    seconds = timeout(value)
    if value is not None and seconds is None:
        raise SettingsError(f"{name} ({origin}) has to be a number of seconds above 0.")
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
    if not isinstance(value, dict) or not all(HEADER.fullmatch(str(name)) for name in value):
        raise SettingsError(
            f"{setting} ({origin}) has to be a JSON object of header names and values."
        )
    headers: dict[str, Secret] = {}
    for name, text in value.items():
        secret = sendable(Secret(str(text).strip()), f"{setting} ({origin}: {name:.60})")
        if secret is not None and name.lower() not in OURS:
            headers[name] = secret
    return headers
