"""Where to read from: arguments, then the environment, then Prefect's own files, then the local store.

Names and precedence of Prefect 1 follow its client 1.4.1 (`PREFECT__…`, `backend.toml`, `config.toml`, `auth.toml`),
those of Prefect 3 its client 3.8. A packaged default such as Prefect 1's `api.prefect.io` never counts as configured.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from flowrun_widgets.errors import InvalidArgument, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Secret", "Settings", "ambient_settings", "explicit_settings", "store_path"]

Generation = Literal["prefect1", "prefect3"]


class Secret:
    """A key or a password that shows itself to nobody but the transport."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a secret is never pickled: the other side reads its own settings")


@dataclass(frozen=True, slots=True)
class Settings:
    """One place to read from. `url` holds no secret; `origin` says in words where it was configured."""

    url: str
    origin: str
    generation: Generation | None = None
    """Which Prefect answers there; None: to be found out."""
    api_key: Secret | None = None
    auth_string: Secret | None = None
    tenant_id: str | None = None
    timeout_seconds: float = 30.0
    headers: Mapping[str, Secret] = field(default_factory=dict)
    verify_tls: bool = True
    ca_file: str | None = None

    def secrets(self) -> tuple[Secret, ...]:
        """Return every secret of these settings, for masking."""
        return tuple(s for s in (self.api_key, self.auth_string, *self.headers.values()) if s is not None)


def store_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return the local store's file: `FLOWRUN_STORE`, else one in the user's data folder."""
    environ = os.environ if environ is None else environ
    if named := environ.get("FLOWRUN_STORE"):
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("flowrun-widgets", appauthor=False) / "store.sqlite"


def explicit_settings(
    url: str,
    *,
    api_key: str | None = None,
    auth_string: str | None = None,
    tenant_id: str | None = None,
    timeout_seconds: float | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings of an URL that was given; keys that were not come from the environment or `auth.toml`.

    A key from the environment is used only for the URL that the environment names, never for another host.
    """
    environ = os.environ if environ is None else environ
    plain, credentials = without_credentials(url)
    configured = ambient_settings(environ)
    same = configured is not None and _host(configured.url) == _host(plain)
    if tenant_id is not None and not UUID.fullmatch(tenant_id):
        raise InvalidArgument(f"tenant_id has to be a UUID, not {tenant_id!r}")
    key = Secret(api_key) if api_key else configured.api_key if same and configured else None
    auth = Secret(auth_string or credentials) if auth_string or credentials else None
    if auth is None and same and configured and not api_key:
        auth = configured.auth_string
    return Settings(
        url=plain,
        origin="fw.connect()",
        generation=configured.generation if same and configured and configured.url == plain else None,
        api_key=key,
        auth_string=auth,
        tenant_id=tenant_id or (configured.tenant_id if same and configured else None),
        timeout_seconds=timeout_seconds or 30.0,
    )


def ambient_settings(environ: Mapping[str, str] | None = None) -> Settings | None:
    """Return what is configured on this machine, Prefect 3 before Prefect 1; None if nothing is.

    Raises:
        SettingsError: a configuration file cannot be read.
    """
    environ = os.environ if environ is None else environ
    return _prefect3(environ) or _prefect1(environ)


def without_credentials(url: str) -> tuple[str, str | None]:
    """Return the URL without user and password, and these as `user:password` if there were any."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidArgument("the address of a server begins with http:// or https://")
    credentials, _, host = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", "")), credentials or None


UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _prefect3(environ: Mapping[str, str]) -> Settings | None:
    url = environ.get("PREFECT_API_URL")
    if not url:
        return None
    plain, credentials = without_credentials(url)
    key, auth = environ.get("PREFECT_API_KEY"), environ.get("PREFECT_API_AUTH_STRING") or credentials
    return Settings(
        url=plain,
        origin="the environment variable PREFECT_API_URL",
        api_key=Secret(key) if key else None,
        auth_string=Secret(auth) if auth else None,
    )


def _prefect1(environ: Mapping[str, str]) -> Settings | None:
    home = Path(environ.get("PREFECT__HOME_DIR") or _home(environ) / ".prefect").expanduser()
    user = _toml(Path(environ.get("PREFECT__USER_CONFIG_PATH") or home / "config.toml").expanduser())
    switch = _toml(Path(environ.get("PREFECT__BACKEND_CONFIG_PATH") or home / "backend.toml").expanduser())

    def value(*path: str) -> str | None:
        name = "PREFECT__" + "__".join(path).upper()
        if environ.get(name):
            return environ[name]
        for table in (switch, user):
            found: Any = table
            for part in path:
                found = found.get(part) if isinstance(found, dict) else None
            if isinstance(found, str | int) and found != "":
                return str(found)
        return None

    backend = value("backend") or "cloud"
    url, origin = _prefect1_url(value, backend)
    key = value("cloud", "api_key")
    if url is None and key and backend == "cloud":
        url, origin = "https://api.prefect.io", "Prefect 1's default, since an API key for it is configured"
    if url is None:
        return None
    plain, credentials = without_credentials(url)
    stored = _auth_file(home / "auth.toml", plain)
    key = key or stored.get("api_key")
    tenant = value("cloud", "tenant_id") or stored.get("tenant_id")
    timeout = value("cloud", "request_timeout")
    return Settings(
        url=plain,
        origin=origin,
        generation="prefect1",
        api_key=Secret(key) if key else None,
        auth_string=Secret(credentials) if credentials else None,
        tenant_id=tenant or None,
        timeout_seconds=float(timeout) if timeout and timeout.isdigit() else 30.0,
    )


def _prefect1_url(value: Any, backend: str) -> tuple[str | None, str]:
    files = "Prefect 1's configuration (environment or config.toml)"
    if api := value("cloud", "api"):
        return api, files
    if endpoint := value(backend, "endpoint"):
        return endpoint, files
    if backend == "server" and (value("server", "host") or value("server", "port") or value("backend")):
        host, port = value("server", "host") or "http://localhost", value("server", "port") or "4200"
        return f"{host}:{port}", "Prefect 1's backend is set to 'server'"
    return None, ""


def _auth_file(path: Path, url: str) -> dict[str, str]:
    """Return what `prefect auth login` stored for the host of `url` (its port after a hyphen)."""
    table = _toml(path).get(_host(url).replace(":", "-"), {})
    return {k: v for k, v in table.items() if isinstance(v, str)} if isinstance(table, dict) else {}


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ["HOME"]) if environ.get("HOME") else Path.home()


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {type(error).__name__}. Mend the file or remove it.") from None
