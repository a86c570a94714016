"""Finds out which generation of Prefect answers at an address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from flowrun_widgets.backends.prefect1.source import Prefect1
from flowrun_widgets.backends.prefect3.source import Prefect3
from flowrun_widgets.backends.transport import Transport
from flowrun_widgets.errors import InvalidArgument, UnexpectedAnswer
from flowrun_widgets.settings import explicit_settings
from flowrun_widgets.settings.addresses import api_root
from flowrun_widgets.settings.urls import host_of, is_loopback, without_credentials

if TYPE_CHECKING:
    import httpx

    from flowrun_widgets.backends.protocol import Backend
    from flowrun_widgets.settings import Settings

__all__ = ["found_backend", "known_backend"]

NOT_OURS = (200, 400, 404, 405, 406)
"""Statuses that another server may answer to Prefect 3's health check."""


def known_backend(
    settings: Settings, transport: httpx.BaseTransport | None = None
) -> Backend | None:
    """Return the source if the settings say which one it is, else None. Costs no request."""
    if settings.generation == "prefect1":
        return Prefect1(Transport(settings, transport), settings.tenant_id)
    return _prefect3(settings, transport) if settings.generation == "prefect3" else None


def found_backend(settings: Settings, transport: httpx.BaseTransport | None = None) -> Backend:
    """Ask the server which Prefect it is: `GET /health` of Prefect 3 needs no key and answers `true`.

    The address may also be that of a Prefect 3 UI, which names its API. Costs one request; up to four if the address is
    not that of a Prefect 3 API.

    Raises:
        BackendUnavailable: the server does not answer.
    """
    asked = Transport(settings, transport)
    if _is_prefect3(asked):
        return Prefect3(asked, settings.ui_url)
    beside = api_root(settings.url)
    for ask in (lambda: f"{beside}/api", lambda: _api_of_ui(asked, beside)):
        url = ask()
        if url is None or url == settings.url:
            continue
        there = _for(url, settings)
        found = Transport(there, transport)
        if _is_prefect3(found):
            asked.close()
            return Prefect3(found, there.ui_url)
        found.close()
    return Prefect1(asked, settings.tenant_id)


def _prefect3(settings: Settings, transport: httpx.BaseTransport | None) -> Prefect3:
    return Prefect3(Transport(settings, transport), settings.ui_url)


def _is_prefect3(transport: Transport) -> bool:
    answer = transport.get("/health", accept=NOT_OURS)
    try:
        return answer.status == 200 and answer.json() is True
    except UnexpectedAnswer:
        return False


def _api_of_ui(transport: Transport, root: str) -> str | None:
    """Return the API of the UI at an address; None: it is not Prefect's UI, or it names its own loopback address."""
    answer = transport.get("/ui-settings", root=root, accept=NOT_OURS)
    try:
        named = answer.json().get("api_url") if answer.status == 200 else None
    except (UnexpectedAnswer, AttributeError):
        return None
    if not isinstance(named, str) or not named:
        return None
    try:
        url, _ = without_credentials(urljoin(f"{root}/", named))
    except InvalidArgument:
        return None
    return None if is_loopback(url) and not is_loopback(root) else url


def _for(url: str, settings: Settings) -> Settings:
    """Return the settings for another address; keys are included only if the host is the same."""
    if host_of(url) == host_of(settings.url):
        return replace(settings, url=url)
    return replace(explicit_settings(url), timeout_seconds=settings.timeout_seconds)
