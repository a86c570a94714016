"""The view of a flow as it was registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets.connection import source
from flowrun_widgets.records import FlowRecord
from flowrun_widgets.views.identifier import checked_id
from flowrun_widgets.views.snapshot import Snapshot

if TYPE_CHECKING:
    from flowrun_widgets.connection import Connection
    from flowrun_widgets.containers import FrozenDict, FrozenList

__all__ = ["FlowView"]


class FlowView(Snapshot[FlowRecord]):
    """What a server stored about a flow when it was registered. Immutable; every attribute is free."""

    __slots__ = ()

    @classmethod
    def from_flow_id(cls, flow_id: str, *, api: Connection | None = None) -> FlowView:
        """Fetch a flow. Costs one request.

        Raises:
            InvalidArgument: not an id.
            NotFound: no such flow.
        """
        connection = source(api)
        return cls(connection.backend.flow(checked_id(flow_id, "flow_id")), connection)

    @property
    def flow_id(self) -> str:
        """The flow's id."""
        return self._record.id

    @property
    def name(self) -> str:
        """The flow's name."""
        return self._record.name

    @property
    def project_name(self) -> str | None:
        """The project it was registered in; Prefect 1 only."""
        return self._record.project_name

    @property
    def version(self) -> int | None:
        """How often it was registered; Prefect 1 only."""
        return self._record.version

    @property
    def archived(self) -> bool:
        """Whether a newer version replaced it."""
        return self._record.archived

    @property
    def core_version(self) -> str | None:
        """The Prefect that registered it; Prefect 1 only."""
        return self._record.core_version

    @property
    def settings(self) -> FrozenDict | None:
        """The flow's settings at the server."""
        return self._record.settings

    @property
    def run_config(self) -> FrozenDict | None:
        """How its runs are started."""
        return self._record.run_config

    @property
    def serialized_flow(self) -> FrozenDict | None:
        """Prefect 1's description of the flow."""
        return self._record.serialized_flow

    @property
    def storage(self) -> FrozenDict | None:
        """Where its code lies."""
        return self._record.storage

    @property
    def storage_type(self) -> str | None:
        """The kind of that place: "Module", "Local", "Docker", …"""
        kind = (self._record.storage or {}).get("type")
        return kind if isinstance(kind, str) else None

    @property
    def flow_group_labels(self) -> FrozenList[str] | None:
        """Labels of the flow's group; None if none were ever set."""
        return self._record.flow_group_labels

    def __repr__(self) -> str:
        return (
            f"FlowView(flow_id={self.flow_id!r}, name={self.name!r}, project_name={self.project_name!r}, "
            f"storage_type={self.storage_type})"
        )

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))
