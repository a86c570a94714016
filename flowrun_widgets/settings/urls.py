"""What can be told from a server's address without asking the server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from flowrun_widgets.errors import InvalidArgument, SettingsError

if TYPE_CHECKING:
    from flowrun_widgets.settings.model import Generation

__all__ = [
    "configured_url",
    "generation_of",
    "host_of",
    "is_cloud",
    "is_loopback",
    "without_credentials",
]

HOST = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]]+)(?::\d+)?")
CLOUD_PATH = re.compile(r"/api/accounts/[^/]+/workspaces/[^/]+/?")


def without_credentials(url: str) -> tuple[str, str | None]:
    """Return the URL without user and password, and these as decoded `user:password`, or None.

    Raises:
        InvalidArgument: not the address of a server.
    """
    parts = _parts(url if "://" in url else f"http://{url}")
    if parts is None:
        raise InvalidArgument(
            "This is not the address of a server. An address begins with http:// or https://, such as "
            "https://prefect.example.com/api."
        )
    credentials, _, host = parts.netloc.rpartition("@")
    plain = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    return plain, unquote(credentials) or None


def configured_url(url: str, origin: str) -> tuple[str, str | None]:
    """Do the same for a configured URL; `origin` says in words where it was configured.

    Raises:
        SettingsError: not the address of a server; the error says where it was configured, and shows nothing of it.
    """
    try:
        return without_credentials(url)
    except InvalidArgument as error:
        raise SettingsError(f"{error} It comes from {origin}.") from None


def _parts(url: str) -> SplitResult | None:
    """Return the parts of an http address; None if it is not one."""
    try:
        parts = urlsplit(url.strip())
        is_address = HOST.fullmatch(parts.netloc.rpartition("@")[2]) and parts.port != 0
        if (host := parts.hostname) and host.isascii():
            host.encode("idna")  # as sockets do: no empty label, none above 63 characters
    except ValueError:
        return None
    # An @ after the host belongs to a password that a typing error moved there.
    is_address = is_address and "@" not in parts.path + parts.query + parts.fragment
    return parts if is_address and parts.scheme in {"http", "https"} else None


def host_of(url: str) -> str:
    """Return the host with its port."""
    return urlsplit(url).netloc.lower()


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    name = urlsplit(url).hostname or ""
    return name == "localhost" or name == "::1" or name.startswith("127.")


def is_cloud(url: str) -> bool:
    """Whether this is the address of a workspace of Prefect Cloud."""
    return CLOUD_PATH.fullmatch(urlsplit(url).path) is not None


def generation_of(url: str) -> Generation | None:
    """Return the generation of Prefect if the address makes it certain; None: the server must be asked."""
    if is_cloud(url):
        return "prefect3"
    return "prefect1" if urlsplit(url).path.rstrip("/").endswith("/graphql") else None
