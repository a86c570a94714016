"""Chooses which of the settings on this machine apply."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from flowrun_widgets.errors import InvalidArgument, SettingsError
from flowrun_widgets.settings.files import user_path
from flowrun_widgets.settings.model import (
    LONGEST_SECONDS,
    Secret,
    Settings,
    sendable,
    timeout,
)
from flowrun_widgets.settings.prefect1 import UUID, prefect1_settings, stored_login
from flowrun_widgets.settings.prefect3 import (
    prefect3_ca_file,
    prefect3_database,
    prefect3_settings,
    requests_per_minute,
    without_authorization,
)
from flowrun_widgets.settings.urls import generation_of, host_of, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flowrun_widgets.settings.model import DatabaseSettings

__all__ = [
    "ambient_database",
    "ambient_settings",
    "check_timeout",
    "explicit_settings",
    "library_cap",
    "store_path",
    "trace_url",
]


def store_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return the path of the local store: `FLOWRUN_STORE`, else a file in the user's data folder."""
    environ = os.environ if environ is None else environ
    if named := environ.get("FLOWRUN_STORE"):
        return user_path(named, "FLOWRUN_STORE")
    from platformdirs import user_data_path

    return user_data_path("flowrun-widgets", appauthor=False) / "store.sqlite"


LIBRARY_CAP_BYTES = 500_000_000
OFF = ("off", "0", "false", "no")


def library_cap(environ: Mapping[str, str] | None = None) -> int | None:
    """Return the size limit of the local library in bytes, from `FLOWRUN_LIBRARY_CAP`; None: `FLOWRUN_LIBRARY=off`.

    Raises:
        SettingsError: the cap is not a number of bytes.
    """
    environ = os.environ if environ is None else environ
    if environ.get("FLOWRUN_LIBRARY", "").strip().lower() in OFF:
        return None
    text = environ.get("FLOWRUN_LIBRARY_CAP", "").strip() or str(LIBRARY_CAP_BYTES)
    if not text.isdecimal():
        raise SettingsError(f"FLOWRUN_LIBRARY_CAP must be a number of bytes, not {text!r}.")
    return int(text)


def explicit_settings(
    url: str,
    *,
    api_key: Secret | None = None,
    auth_string: Secret | None = None,
    tenant_id: str | None = None,
    timeout_seconds: float | None = None,
    total_seconds: float | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings for a URL that was passed; keys that were not passed come from this machine's configuration.

    A configured key, header or permission to skip the check of certificates is used only for the host that it is
    configured for, and what `prefect auth login` stored only for the host that it was stored for.
    """
    environ = os.environ if environ is None else environ
    plain, credentials = without_credentials(url)
    configured = ambient_settings(environ)
    if tenant_id is not None and not (isinstance(tenant_id, str) and UUID.fullmatch(tenant_id)):
        raise InvalidArgument(f"tenant_id must be a UUID, not {tenant_id!r:.80}")
    check_timeout(timeout_seconds)
    check_timeout(total_seconds, "total_seconds")
    base = Settings(plain, "fw.connect()", ca_file=prefect3_ca_file(environ))
    if configured is not None and host_of(configured.url) == host_of(plain):
        same = configured.url == plain
        base = replace(
            configured,
            url=plain,
            origin=base.origin,
            generation=configured.generation if same else None,
            ui_url=configured.ui_url if same else None,
        )
        if api_key:
            base = replace(base, auth_string=None)
        if api_key or auth_string or credentials:
            base = replace(base, headers=without_authorization(base.headers))
    if not (api_key or auth_string or credentials or base.api_key or base.auth_string):
        key, tenant = stored_login(plain, environ)
        base = replace(base, api_key=key, tenant_id=tenant or base.tenant_id)
    return replace(
        base,
        generation=base.generation or generation_of(plain),
        api_key=sendable(api_key, "api_key") or base.api_key,
        auth_string=sendable(auth_string, "auth_string", is_encoded=True)
        or sendable(Secret.of(credentials), "the password in the address", is_encoded=True)
        or base.auth_string,
        tenant_id=tenant_id or base.tenant_id,
        timeout_seconds=timeout_seconds or base.timeout_seconds,
        total_seconds=total_seconds or _total_seconds(environ),
        requests_per_minute=requests_per_minute(plain, environ),
    )


def check_timeout(seconds: object, name: str = "timeout_seconds") -> None:
    """Raise InvalidArgument unless this is a valid timeout; None means the default."""
    if seconds is not None and (isinstance(seconds, str) or timeout(seconds) is None):
        raise InvalidArgument(
            f"{name} must be a number above 0 and at most {LONGEST_SECONDS:.0f}, not {seconds!r:.80}"
        )


def ambient_settings(environ: Mapping[str, str] | None = None) -> Settings | None:
    """Return the settings of this machine, Prefect 3 before Prefect 1; None if nothing is configured.

    Raises:
        SettingsError: a configuration file cannot be read.
    """
    environ = os.environ if environ is None else environ
    found = prefect3_settings(environ) or prefect1_settings(environ)
    return found and replace(found, total_seconds=_total_seconds(environ))


def ambient_database(environ: Mapping[str, str] | None = None) -> DatabaseSettings | None:
    """Return the database of Prefect 3 on this machine, which is read where no server is configured; None: none.

    Raises:
        SettingsError: a configuration file cannot be read.
    """
    return prefect3_database(os.environ if environ is None else environ)


def trace_url(environ: Mapping[str, str] | None = None) -> str | None:
    """Return the address under which traces are shown, with a place for `{trace_id}`, from `FLOWRUN_TRACE_URL`.

    Raises:
        SettingsError: it is not such an address.
    """
    environ = os.environ if environ is None else environ
    text = environ.get("FLOWRUN_TRACE_URL", "").strip()
    if text and not (text.startswith(("http://", "https://")) and "{trace_id}" in text):
        raise SettingsError(
            "FLOWRUN_TRACE_URL must be an http(s) address with {trace_id} in it, "
            "such as https://jaeger.example.com/trace/{trace_id}."
        )
    return text or None


def _total_seconds(environ: Mapping[str, str]) -> float | None:
    text = environ.get("FLOWRUN_TOTAL_SECONDS", "").strip()
    seconds = timeout(text)
    if text and seconds is None:
        raise SettingsError("FLOWRUN_TOTAL_SECONDS must be a number of seconds above 0.")
    return seconds
