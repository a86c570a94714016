"""Prefect 1's configuration, as its client 1.4.1 reads it: `PREFECT__…`, `backend.toml`, `config.toml`, `auth.toml`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import SettingsError
from flowrun_widgets.settings.files import home, read_toml, user_path
from flowrun_widgets.settings.model import Secret, Settings, sendable, timeout
from flowrun_widgets.settings.urls import host_of, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["UUID", "prefect1_settings"]

UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


def prefect1_settings(environ: Mapping[str, str]) -> Settings | None:
    """Return what Prefect 1 is configured to read from; None if it is not.

    Raises:
        SettingsError: a file cannot be read, or a value cannot mean what it should.
    """

    def place(name: str, otherwise: Path) -> Path:
        return user_path(environ[name], name) if environ.get(name) else otherwise

    folder = place("PREFECT__HOME_DIR", home(environ) / ".prefect")
    user = read_toml(place("PREFECT__USER_CONFIG_PATH", folder / "config.toml"))
    switch = read_toml(place("PREFECT__BACKEND_CONFIG_PATH", folder / "backend.toml"))

    def value(*path: str) -> str | None:
        name = "PREFECT__" + "__".join(path).upper()
        if environ.get(name):
            return environ[name]
        for table in (switch, user):
            found: Any = table
            for part in path:
                found = found.get(part) if isinstance(found, dict) else None
            if isinstance(found, str | int | float) and found != "":
                return str(found)
        return None

    backend = value("backend") or "cloud"
    url, origin = _url(value, backend)
    key = value("cloud", "api_key")
    if url is None and key and backend == "cloud":
        url, origin = (
            "https://api.prefect.io",
            "Prefect 1's default, since an API key for it is configured",
        )
    if url is None:
        return None
    plain, credentials = without_credentials(url)
    stored = _auth_file(folder / "auth.toml", plain)
    key = key or stored.get("api_key")
    tenant = value("cloud", "tenant_id") or stored.get("tenant_id")
    if tenant and not UUID.fullmatch(tenant):
        raise SettingsError(
            "PREFECT__CLOUD__TENANT_ID, or tenant_id in auth.toml, has to be a UUID."
        )
    given = value("cloud", "request_timeout")
    seconds = timeout(given)
    if given and seconds is None:
        raise SettingsError(
            "PREFECT__CLOUD__REQUEST_TIMEOUT has to be a number of seconds above 0."
        )
    return Settings(
        url=plain,
        origin=origin,
        generation="prefect1",
        api_key=sendable(Secret.of(key), "PREFECT__CLOUD__API_KEY"),
        auth_string=sendable(Secret.of(credentials), "the password in Prefect 1's address"),
        tenant_id=tenant or None,
        timeout_seconds=seconds or 30.0,
    )


def _url(value: Any, backend: str) -> tuple[str | None, str]:
    files = "Prefect 1's configuration (environment or config.toml)"
    if api := value("cloud", "api"):
        return api, files
    if endpoint := value(backend, "endpoint"):
        return endpoint, files
    if backend == "server" and (
        value("server", "host") or value("server", "port") or value("backend")
    ):
        host, port = (
            value("server", "host") or "http://localhost",
            value("server", "port") or "4200",
        )
        return f"{host}:{port}", "Prefect 1's backend is set to 'server'"
    return None, ""


def _auth_file(path: Path, url: str) -> dict[str, str]:
    """Return what `prefect auth login` stored for the host of `url` (its port after a hyphen)."""
    table = read_toml(path).get(host_of(url).replace(":", "-"), {})
    return {k: v for k, v in table.items() if isinstance(v, str)} if isinstance(table, dict) else {}
