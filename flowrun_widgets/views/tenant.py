"""`TenantView`: a tenant of Prefect 1."""

from __future__ import annotations

from typing import Any

from flowrun_widgets.connection.connection import Connection, source
from flowrun_widgets.errors import NotFound
from flowrun_widgets.records import TenantRecord
from flowrun_widgets.views.identifier import checked_id
from flowrun_widgets.views.view import View

__all__ = ["TenantView"]


class TenantView(View[TenantRecord]):
    """A Prefect 1 tenant: the owner of flows and runs. Immutable; every attribute is free."""

    __slots__ = ()

    @classmethod
    def from_tenant_id(cls, tenant_id: str, *, api: Connection | None = None) -> TenantView:
        """Fetch a tenant. Costs one request.

        Raises:
            InvalidArgument: not an id.
            NotFound: no such tenant; Prefect 3 has no tenants.
        """
        return cls._of(checked_id(tenant_id, "tenant_id"), source(api))

    @classmethod
    def from_current_tenant(cls, *, api: Connection | None = None) -> TenantView:
        """Fetch the tenant that is configured, else the one of the API key, else the server's first.

        Costs one request, and one more to look up the tenant of an API key.

        Raises:
            NotFound: the server has no tenant; Prefect 3 has no tenants.
        """
        return cls._of(None, source(api))

    @classmethod
    def _of(cls, tenant_id: str | None, connection: Connection) -> TenantView:
        found = connection.backend.tenants(tenant_id)
        if not found:
            wanted = "tenant" if tenant_id is None else f"tenant {tenant_id}"
            raise NotFound(f"No {wanted} at {connection.url} ({connection.label}).")
        return cls(found[0], connection)

    @property
    def tenant_id(self) -> str:
        """The tenant's id."""
        return self._record.id

    @property
    def name(self) -> str | None:
        """The tenant's name."""
        return self._record.name

    @property
    def slug(self) -> str | None:
        """The tenant's name as used in URLs."""
        return self._record.slug

    def __repr__(self) -> str:
        return f"TenantView(tenant_id={self.tenant_id!r}, name={self.name!r}, slug={self.slug!r})"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))
