"""`RunFilter`: which flow runs are listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowrun_widgets.containers import FrozenDict, thaw
from flowrun_widgets.states import types_like

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pendulum import DateTime

    from flowrun_widgets.records import FlowRunRecord

__all__ = ["RunFilter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which flow runs are listed: those that meet every condition. A condition that is not given does not count.

    The time of a run is when it began, else when it was due.
    """

    name: str | None = None
    """The name of the run itself."""
    flow_name: str | None = None
    states: tuple[str, ...] = ()
    """Any of these: the name of a state class of this package, which includes its subclasses ("failed": TimedOut,
    Crashed, …), or the server's own name of a state. Case is ignored."""
    since: DateTime | None = None
    """The start of a time span, included."""
    until: DateTime | None = None
    """The end of a time span, included."""
    tags: tuple[str, ...] = ()
    """All of these."""
    parameters: FrozenDict = FrozenDict()
    """Parameters with these values, among others."""
    deployment: str | None = None
    """The name or the id of a deployment."""
    work_pool: str | None = None
    only_begun: bool = False
    """Leave out runs that have not begun; used without `states`."""
    only_top_level: bool = False
    """Leave out runs that another run called."""

    @property
    def state_types(self) -> frozenset[str]:
        """The names of the state classes that `states` name."""
        return frozenset(name for word in self.states for name in types_like(word))

    def has_details(self, record: FlowRunRecord) -> bool:
        """Return whether a run has the tags and the parameters."""
        return set(self.tags) <= set(record.tags) and self.has_parameters(record.parameters)

    def has_parameters(self, parameters: Mapping[str, Any]) -> bool:
        """Return whether these are the parameters, among others."""
        return all(
            key in parameters and thaw(parameters[key]) == thaw(value)
            for key, value in self.parameters.items()
        )

    def has_state(self, record: FlowRunRecord) -> bool:
        """Return whether a run is in one of the states."""
        if not self.states:
            return True
        words = {word.lower() for word in self.states if not types_like(word)}
        return type(record.state).__name__ in self.state_types or record.state.name.lower() in words

    def has_time(self, record: FlowRunRecord) -> bool:
        """Return whether the time of a run is in the span."""
        moment = record.started_at or record.scheduled_start_at
        if moment is None:
            return self.since is None and self.until is None
        return (self.since is None or moment >= self.since) and (
            self.until is None or moment <= self.until
        )
