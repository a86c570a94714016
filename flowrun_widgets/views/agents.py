"""`check_for_compatible_agents()`: which Prefect 1 agents can start a run with given labels."""

from __future__ import annotations

from collections.abc import Iterable

from flowrun_widgets.connection.connection import Connection, source
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.records import AgentRecord
from flowrun_widgets.times import now

__all__ = ["check_for_compatible_agents"]


def check_for_compatible_agents(
    labels: Iterable[str], since_minutes: float = 1, *, api: Connection | None = None
) -> str:
    """Return one or two sentences about which agents could start a run with these labels.

    An agent matches if it has all of the labels; without labels, if it has none either. It is healthy if it asked for
    work in the last `since_minutes`. Costs one request.

    Raises:
        InvalidArgument: the labels are not texts, `since_minutes` is not a number, or the source has no agents, such as
            Prefect 3, which has work pools.
        BackendError: the server failed to answer or refused the request.
    """
    wanted = _checked(labels)
    if isinstance(since_minutes, bool) or not isinstance(since_minutes, int | float):
        raise InvalidArgument(f"since_minutes has to be a number, not {since_minutes!r:.80}")
    connection = source(api)
    if not connection.backend.has_agents:
        raise InvalidArgument(
            f"{connection.url} is {connection.label}, which has work pools instead of agents."
        )
    agents = [one for one in connection.backend.agents() if one.last_queried_at is not None]
    since = now().subtract(seconds=since_minutes * 60)
    healthy = [one for one in agents if one.last_queried_at and one.last_queried_at >= since]
    fitting = [one for one in agents if _fits(one, wanted)]
    fitting_healthy = [one for one in fitting if one in healthy]
    described = f"labels {{{', '.join(map(repr, sorted(wanted)))}}}" if wanted else "empty labels"
    if len(fitting_healthy) == 1:
        return f"{_introduced(fitting_healthy[0])}. It should deploy your flow run."
    if fitting_healthy:
        return (
            f"Found {len(fitting_healthy)} healthy agents with matching labels. "
            "One of them should pick up your flow."
        )
    if len(fitting) == 1:
        return (
            f"{_introduced(fitting[0])}. Since it hasn't queried recently, it looks unhealthy. "
            f"Restart it or start a new agent with {described} to deploy your flow run."
        )
    if fitting:
        return (
            f"Found {len(fitting)} agents with matching labels but they have not queried recently and look unhealthy. "
            f"Restart one of them or start a new agent with {described} deploy your flow run."
        )
    if not healthy:
        return (
            "There are no healthy agents in your tenant and it does not look like an agent with the required labels "
            f"has been run recently. Start an agent with {described} to run your flow."
        )
    return (
        f"You have {len(healthy)} healthy agents in your tenant but do not have an agent with {described}. "
        "Start an agent with matching labels to deploy your flow run."
    )


def _checked(labels: Iterable[str]) -> frozenset[str]:
    given = None if isinstance(labels, str) else labels
    try:
        wanted = frozenset(given or ())
    except TypeError:
        given = None
        wanted = frozenset()
    if given is None or not all(isinstance(label, str) for label in wanted):
        raise InvalidArgument(
            f"labels have to be a list of texts, such as ['gpu'], not {labels!r:.80}"
        )
    return wanted


def _fits(agent: AgentRecord, wanted: frozenset[str]) -> bool:
    return wanted.issubset(agent.labels) if wanted else not agent.labels


def _introduced(agent: AgentRecord) -> str:
    name = f" ({agent.name})" if agent.name else ""
    when = "" if agent.last_queried_at is None else agent.last_queried_at.diff_for_humans()
    return f"Agent {agent.id}{name} has matching labels and last queried {when}"
