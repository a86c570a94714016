"""`named_run()`: the run that a word means: an id, the beginning of one, a link into Prefect's UI, or a name."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from flowrun_widgets.backends.run_filter import RunFilter
from flowrun_widgets.connection.connection import ambient, connect
from flowrun_widgets.errors import Ambiguous, InvalidArgument, NotFound
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.report.standing import began_words
from flowrun_widgets.runs.find import latest
from flowrun_widgets.runs.find import open as open_address
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.settings.addresses import parse_address

if TYPE_CHECKING:
    from flowrun_widgets.connection.connection import Connection
    from flowrun_widgets.records import FlowRunRecord

__all__ = ["argument_for", "connection_to", "named_run", "newest_failed"]

BEGINNING = re.compile(r"[0-9a-fA-F]{4,8}(?:-[0-9a-fA-F-]{0,27})?")
"""The beginning of an id, of at least four characters."""
PLAIN_NAME = re.compile(r"[A-Za-z0-9][\w.:-]{0,80}", re.ASCII)
MAX_SEARCHED = 1_000
"""How many of the newest runs are searched for one whose id begins so."""
MAX_NAMED = 20
"""How many runs of one name are looked at."""
MAX_LISTED = 5
MAX_NAME_CHARS = 60


def connection_to(api: str | None) -> Connection:
    """Return a connection to a server's address or a file, or for None what this machine is configured for."""
    return ambient() if api is None else connect(api)


def named_run(word: str, api: str | None = None) -> FlowRunView:
    """Return the run that a word means, with its history.

    An id and a link cost what `fw.open()` costs. A name costs one list more, and the beginning of an id the lists of
    the newest 1,000 runs.

    Raises:
        NotFound: no run is meant.
        Ambiguous: several are; the error lists them.
    """
    connection = connection_to(api)
    try:
        parse_address(word)
    except InvalidArgument:
        if "://" in word:
            raise
        found = _of_name(word, connection) or _of_beginning(word, connection)
        if not found:
            raise NotFound(
                f"No run {shortened(one_line(word), MAX_NAME_CHARS)!r} at {connection.url}: no id begins so among the "
                f"newest {MAX_SEARCHED:,} runs, and none has this name. `flowrun runs` lists the runs there."
            ) from None
        return _only(word, found, connection)
    return open_address(word)


def newest_failed(flow: str | None, api: str | None = None) -> FlowRunView:
    """Return the newest run that failed, with its history.

    Raises:
        NotFound: none failed.
    """
    connection = connection_to(api)
    try:
        return latest(flow, "failed", api=connection)
    except NotFound:
        of = "" if flow is None else f" of the flow {shortened(one_line(flow), MAX_NAME_CHARS)!r}"
        raise NotFound(
            f"No run{of} failed at {connection.url}. `flowrun runs` lists the runs there."
        ) from None


def argument_for(run: FlowRunView, *, has_place: bool = False) -> str:
    """Return the words that name a run on the command line; with `has_place` the source as well."""
    record = run.record
    name = record.name or ""
    is_safe = PLAIN_NAME.fullmatch(name) is not None and not BEGINNING.fullmatch(name)
    named = name if is_safe and not has_place else record.id
    return f"{named} --api {shlex.quote(run.connection.url)}" if has_place else named


def _of_name(word: str, connection: Connection) -> list[FlowRunRecord]:
    found = connection.backend.flow_runs(RunFilter(name=word), MAX_NAMED)
    return [record for record in found if record.name == word]


def _of_beginning(word: str, connection: Connection) -> list[FlowRunRecord]:
    if not BEGINNING.fullmatch(word):
        return []
    found = connection.backend.flow_runs(RunFilter(), MAX_SEARCHED)
    return [record for record in found if record.id.startswith(word.lower())]


def _only(word: str, found: list[FlowRunRecord], connection: Connection) -> FlowRunView:
    first, *others = found
    if others:
        listed = ", ".join(_listed(record) for record in found[:MAX_LISTED])
        more = f" and {len(found) - MAX_LISTED} more" if len(found) > MAX_LISTED else ""
        raise Ambiguous(
            f"{len(found)} runs match {word!r}. Use more of an id: {listed}{more}.",
            [record.id for record in found],
        )
    if first.has_history:
        return FlowRunView(first, connection)
    return FlowRunView.from_flow_run_id(first.id, api=connection)


def _listed(record: FlowRunRecord) -> str:
    names = " / ".join(filter(None, (record.flow_name, record.name)))
    title = shortened(one_line(names), MAX_NAME_CHARS)
    return f"{record.id} ({title}, {one_line(record.state.name)[:20]}, {began_words(record)})"
