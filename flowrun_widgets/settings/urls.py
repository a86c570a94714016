"""What the address of a server says by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from flowrun_widgets.errors import InvalidArgument

if TYPE_CHECKING:
    from flowrun_widgets.settings.model import Generation

__all__ = ["generation_of", "host_of", "is_cloud", "without_credentials"]

CLOUD_PATH = re.compile(r"/api/accounts/[^/]+/workspaces/[^/]+/?")


def without_credentials(url: str) -> tuple[str, str | None]:
    """Return the URL without user and password, and these as `user:password` if there were any."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidArgument("the address of a server begins with http:// or https://")
    credentials, _, host = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", "")), credentials or None


def host_of(url: str) -> str:
    """Return the host with its port."""
    return urlsplit(url).netloc.lower()


def is_cloud(url: str) -> bool:
    """Whether the address is that of a workspace of Prefect Cloud."""
    return CLOUD_PATH.fullmatch(urlsplit(url).path) is not None


def generation_of(url: str) -> Generation | None:
    """Return which Prefect answers at an address that leaves no doubt; None: it has to be asked."""
    if is_cloud(url):
        return "prefect3"
    return "prefect1" if urlsplit(url).path.rstrip("/").endswith("/graphql") else None
