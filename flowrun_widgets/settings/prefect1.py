"""Prefect 1's configuration, as its client 1.4.1 reads it.

Later sources override earlier ones: packaged values, `config.toml`, `backend.toml`, environment variables `PREFECT__…`.
In each value, environment variables (`$NAME`) are replaced first, then other keys (`${server.host}`). The key and the
tenant for the address may also be in `auth.toml`.
"""

from __future__ import annotations

import re
import uuid
from ast import literal_eval
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flowrun_widgets.errors import SettingsError
from flowrun_widgets.settings.files import home, read_toml, user_path
from flowrun_widgets.settings.model import Secret, Settings, sendable, timeout
from flowrun_widgets.settings.urls import configured_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["UUID", "prefect1_settings", "stored_login"]

UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
PACKAGED = {
    "home_dir": "~/.prefect",
    "backend": "cloud",
    "server.host": "http://localhost",
    "server.port": "4200",
    "server.endpoint": "${server.host}:${server.port}",
    "cloud.endpoint": "https://api.prefect.io",
    "cloud.api": "${${backend}.endpoint}",
}
PREFIX = "PREFECT__"
VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})", re.ASCII)
KEY = re.compile(r"\$\{([^${}]*)\}")
MAX_ROUNDS = 10
"""The maximum number of rounds in which references in values are replaced."""
NOT_LITERAL = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)


def prefect1_settings(environ: Mapping[str, str]) -> Settings | None:
    """Return the server that Prefect 1 is configured for; None if there is none. The packaged address does not count.

    Raises:
        SettingsError: a file cannot be read, or a value is invalid.
    """
    configuration = _Configuration(environ)
    value, origin = configuration.text, configuration.origin
    backend, url = value("backend"), value("cloud.api")
    if not url:
        return None
    stored = _stored(configuration.folder / "auth.toml", url)
    key = value("cloud.api_key") or stored.get("api_key")
    of_the_url = ["cloud.api", f"{backend}.endpoint"]
    if backend == "server":
        of_the_url += ["server.host", "server.port", "backend"]
    given = [name for name in of_the_url if configuration.is_given(name)]
    if given:
        named = origin(given[0])
    elif key:
        named = "Prefect 1's default, since an API key for it is configured"
    else:
        return None
    plain, credentials = configured_url(url, named)
    tenant = _tenant(value("cloud.tenant_id") or stored.get("tenant_id"))
    return Settings(
        url=plain,
        origin=named,
        generation="prefect1",
        api_key=sendable(Secret.of(key), "PREFECT__CLOUD__API_KEY"),
        auth_string=sendable(
            Secret.of(credentials), "the password in Prefect 1's address", is_encoded=True
        ),
        # The client sends a tenant only together with a key: a self-hosted server requires neither.
        tenant_id=tenant if key else None,
        timeout_seconds=_seconds(value("cloud.request_timeout")) or 30.0,
    )


def stored_login(url: str, environ: Mapping[str, str]) -> tuple[Secret | None, str | None]:
    """Return the key and the tenant that `prefect auth login` stored for a server, if it did.

    Raises:
        SettingsError: a file cannot be read, or a value is invalid.
    """
    configuration = _Configuration(environ)
    stored = _stored(configuration.folder / "auth.toml", url)
    key = sendable(Secret.of(stored.get("api_key")), "the key in auth.toml")
    return key, _tenant(stored.get("tenant_id")) if key else None


class _Configuration:
    """The values of every layer under dotted names, and the origin of each."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._values: dict[str, Any] = dict(PACKAGED)
        self._origins: dict[str, str] = {}
        folder = home(environ) / ".prefect"
        for file, variable in (
            ("config.toml", "PREFECT__USER_CONFIG_PATH"),
            ("backend.toml", "PREFECT__BACKEND_CONFIG_PATH"),
        ):
            named = environ.get(variable)
            path = user_path(self._expanded(named), variable) if named else folder / file
            for name, value in _flat(read_toml(path)):
                self._give(name, value, f"{name} in {path}")
        for variable, value in environ.items():
            if variable.startswith(PREFIX):
                name = variable.removeprefix(PREFIX).lower().replace("__", ".")
                self._give(name, value, f"the environment variable {variable}")
        self._values = {name: self._typed(value) for name, value in self._values.items()}

    @property
    def folder(self) -> Path:
        """The folder with Prefect's own files."""
        return user_path(self.text("home_dir") or "~", self.origin("home_dir"))

    def is_given(self, name: str) -> bool:
        """Whether this value is configured."""
        return name in self._origins

    def origin(self, name: str) -> str:
        """Return where a value was configured."""
        return self._origins.get(name, "Prefect 1's default")

    def text(self, name: str) -> str | None:
        """Return a value as text with its references replaced; None if it is missing or empty."""
        value = self._values.get(name)
        for _ in range(MAX_ROUNDS):
            reference = KEY.search(value) if isinstance(value, str) else None
            if reference is None:
                break
            assert isinstance(value, str)
            found = self._values.get(reference[1], "")
            value = found if value == reference[0] else value.replace(reference[0], str(found), 1)
        return None if value is None or value is False or value == "" else str(value)

    def _give(self, name: str, value: Any, origin: str) -> None:
        self._values[name] = value
        if value not in (None, ""):
            self._origins[name] = origin
        else:
            self._origins.pop(name, None)

    def _typed(self, value: Any) -> Any:
        """Return a text with variables replaced, converted if it is a Python literal."""
        if not isinstance(value, str):
            return value
        text = self._expanded(value)
        if text.upper() in ("TRUE", "FALSE"):
            return text.upper() == "TRUE"
        try:
            value = literal_eval(text)
            str(value)  # a number may have more digits than Python converts
        except NOT_LITERAL:
            return text
        return value

    def _expanded(self, text: str) -> str:
        for _ in range(MAX_ROUNDS):
            before = text
            text = VARIABLE.sub(lambda m: self._environ.get(m[1] or m[2], m[0]), text)
            if text == "~" or text.startswith("~/"):
                text = f"{home(self._environ)}{text[1:]}"
            if text == before:
                break
        return text


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _stored(path: Path, url: str) -> dict[str, str]:
    """Return what `prefect auth login` stored for the host of `url`, whose name it writes with hyphens."""
    try:
        host = urlsplit(url).netloc or url
    except ValueError:  # not an address: the code that uses it reports that
        return {}
    slug = re.sub(r"[^-.a-z0-9]+", "-", host.lower()).strip("-")
    table = read_toml(path).get(slug, {})
    return {k: v for k, v in table.items() if isinstance(v, str)} if isinstance(table, dict) else {}


def _tenant(text: str | None) -> str | None:
    if not text:
        return None
    if not UUID.fullmatch(text):
        raise SettingsError("PREFECT__CLOUD__TENANT_ID, or tenant_id in auth.toml, must be a UUID.")
    return str(uuid.UUID(text))


def _seconds(text: str | None) -> float | None:
    seconds = timeout(text)
    if text and seconds is None:
        raise SettingsError("PREFECT__CLOUD__REQUEST_TIMEOUT must be a number of seconds above 0.")
    return seconds
