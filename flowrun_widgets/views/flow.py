"""`FlowView`: a flow as it was registered."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flowrun_widgets.connection.connection import Connection, source
from flowrun_widgets.containers import FrozenDict, FrozenList
from flowrun_widgets.errors import Ambiguous, NotFound
from flowrun_widgets.records import FlowRecord
from flowrun_widgets.views.identifier import checked_id, checked_text
from flowrun_widgets.views.view import View

__all__ = ["FlowView"]

MAX_NAMED = 5
"""The largest number of candidates that an error lists."""


class FlowView(View[FlowRecord]):
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

    @classmethod
    def from_flow_group_id(cls, flow_group_id: str, *, api: Connection | None = None) -> FlowView:
        """Fetch the most recently registered flow of a group. Costs one request.

        Raises:
            InvalidArgument: not an id.
            NotFound: no such group; Prefect 3 has no groups.
        """
        connection = source(api)
        group_id = checked_id(flow_group_id, "flow_group_id")
        return cls(connection.backend.flow_of_group(group_id), connection)

    @classmethod
    def from_id(cls, flow_id: str, *, api: Connection | None = None) -> FlowView:
        """Fetch a flow by its id, or by its group's id. Costs one or two requests.

        Raises:
            InvalidArgument: not an id.
            NotFound: neither a flow nor a group has this id.
        """
        connection = source(api)
        for fetch in (cls.from_flow_id, cls.from_flow_group_id):
            with suppress(NotFound):
                return fetch(flow_id, api=connection)
        raise NotFound(
            f"Given id {flow_id!r:.60} is not an existing flow or flow group id at {connection.url}."
        )

    @classmethod
    def from_flow_name(
        cls,
        flow_name: str,
        project_name: str | None = "",
        last_updated: bool = False,
        *,
        api: Connection | None = None,
    ) -> FlowView:
        """Fetch a flow by its name, without versions that were replaced by newer ones. Costs one request.

        Args:
            flow_name: the flow's name.
            project_name: the project's name; "" for any project, None for flows without one. Prefect 3 has no projects.
            last_updated: if several flows match, take the one that was registered last.
            api: the connection to read from; the ambient connection if None.

        Raises:
            InvalidArgument: a name is not text.
            NotFound: no such flow.
            Ambiguous: several flows match; the error lists them.
        """
        connection = source(api)
        name = checked_text(flow_name, "flow_name")
        project = None if project_name is None else checked_text(project_name, "project_name")
        found = [cls(one, connection) for one in connection.backend.flows_named(name, project)]
        wanted = f"flow {name!r:.100}" + (f" of project {project!r:.100}" if project else "")
        if not found:
            raise NotFound(f"No {wanted} at {connection.url}.")
        if len(found) > 1 and not last_updated:
            candidates = [f"{one.flow_id} of project {one.project_name!r:.60}" for one in found]
            raise Ambiguous(
                f"{len(found)} results for {wanted}: {', '.join(candidates[:MAX_NAMED])}. Pass `project_name`, or "
                "`last_updated=True` for the one that was registered last.",
                candidates,
            )
        return found[0]

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
        """How many times it was registered; Prefect 1 only."""
        return self._record.version

    @property
    def archived(self) -> bool:
        """Whether a newer version replaced it."""
        return self._record.archived

    @property
    def core_version(self) -> str | None:
        """The version of Prefect that registered it; Prefect 1 only."""
        return self._record.core_version

    @property
    def settings(self) -> FrozenDict | None:
        """The flow's settings on the server."""
        return self._record.settings

    @property
    def run_config(self) -> FrozenDict | None:
        """The configuration its runs are started with."""
        return self._record.run_config

    @property
    def serialized_flow(self) -> FrozenDict | None:
        """Prefect 1's description of the flow."""
        return self._record.serialized_flow

    @property
    def storage(self) -> FrozenDict | None:
        """Where its code is stored."""
        return self._record.storage

    @property
    def storage_type(self) -> str | None:
        """The kind of storage: "Module", "Local", "Docker", …"""
        kind = (self._record.storage or {}).get("type")
        return kind if isinstance(kind, str) else None

    @property
    def flow_group_labels(self) -> FrozenList[str] | None:
        """The labels of the flow's group; None if they were never set."""
        return self._record.flow_group_labels

    def __repr__(self) -> str:
        return (
            f"FlowView(flow_id={self.flow_id!r}, name={self.name!r}, project_name={self.project_name!r}, "
            f"storage_type={self.storage_type})"
        )

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))
