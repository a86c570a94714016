"""Which Prefect answers at an address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowrun_widgets.backends.prefect1 import Prefect1
from flowrun_widgets.backends.prefect3.source import Prefect3
from flowrun_widgets.errors import UnexpectedAnswer
from flowrun_widgets.transport import Transport

if TYPE_CHECKING:
    import httpx

    from flowrun_widgets.backends.protocol import Backend
    from flowrun_widgets.settings import Settings

__all__ = ["found_backend", "known_backend"]

NOT_OURS = (200, 400, 404, 405, 406)
"""What another server may answer where Prefect 3 says that it is well."""


def known_backend(
    settings: Settings, transport: httpx.BaseTransport | None = None
) -> Backend | None:
    """Return the source where the settings leave no doubt. Costs no request."""
    if settings.generation == "prefect1":
        return Prefect1(Transport(settings, transport), settings.tenant_id)
    return Prefect3(Transport(settings, transport)) if settings.generation == "prefect3" else None


def found_backend(settings: Settings, transport: httpx.BaseTransport | None = None) -> Backend:
    """Ask what is there: `GET /health` of Prefect 3 is open to everybody and answers `true`.

    Costs one request; two where the address lacks Prefect 3's `/api`, or Prefect 1 answers.

    Raises:
        BackendUnavailable: nobody answers.
    """
    asked = Transport(settings, transport)
    if _is_prefect3(asked, ""):
        return Prefect3(asked)
    if not settings.url.endswith("/api") and _is_prefect3(asked, "/api"):
        asked.close()
        return Prefect3(Transport(replace(settings, url=f"{settings.url}/api"), transport))
    return Prefect1(asked, settings.tenant_id)


def _is_prefect3(transport: Transport, path: str) -> bool:
    answer = transport.get(f"{path}/health", accept=NOT_OURS)
    try:
        return answer.status == 200 and answer.json() is True
    except UnexpectedAnswer:
        return False
