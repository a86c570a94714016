"""`FlowRunView`: the public view of a flow run, which can be displayed, followed, saved and exported."""

from __future__ import annotations

import os
from collections.abc import Container
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.export.saved import Saved
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.live.watch import Watch
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.redaction import Redaction
from flowrun_widgets.report.digest_markdown import digest_markdown
from flowrun_widgets.report.texts import HasTexts
from flowrun_widgets.views.background import read_background
from flowrun_widgets.views.content import known_content
from flowrun_widgets.views.flow_run import FlowRunSnapshot

if TYPE_CHECKING:
    from flowrun_widgets.runs import card as cards
else:
    cards = LazyModule("flowrun_widgets.runs.card")

__all__ = ["FlowRunView"]


class FlowRunView(FlowRunSnapshot, HasTexts):
    """A flow run at the moment it was fetched.

    Immutable: attributes and containers cannot be changed, equal snapshots compare equal and have the same hash, and
    views can be pickled and copied. Attributes are free; methods may fetch, and their docstrings say what that costs. A
    notebook displays it as a card.
    """

    __slots__ = ()

    def card(self, *, follow: bool = False) -> cards.FlowRunCard:
        """Return the interactive card of this run as a widget; with `follow`, a card that follows the run.

        A thread of the card reads log and task runs, which costs what `get_logs()` and `get_all_task_runs()` cost, and
        nothing if they were read before; for a failed run, what `digest()` costs.
        """
        return cards.FlowRunCard(self, follow=follow)

    def digest(self, max_chars: int = 4_000) -> str:
        """Return why the run ended, as Markdown of at most `max_chars` characters, for a ticket, a chat or a model.

        It names the failure that ended the run, in the task run or sub-flow run where it began: the exception and its
        cause, the frames in the user's own code, the attempts and the waits between them, the last lines, and the task
        runs that did not run because of it. Other failures follow as remarks. If the run does not say which of several
        failures ended it, the digest says so. For a run that did not fail, it is a few lines. Secrets are left out.

        Costs what `get_logs()` and `get_all_task_runs()` cost, nothing if they were read. A failed run may cost more
        the first time: on Prefect 3, six requests for each sub-flow run on the way down, at most five deep, and two for
        the history of a task run that was retried; on Prefect 1, one for the tasks of its flow.

        Raises:
            InvalidArgument: `max_chars` is not a positive whole number.
        """
        if isinstance(max_chars, bool) or not isinstance(max_chars, int) or max_chars < 1:
            raise InvalidArgument(
                f"max_chars has to be a positive whole number, not {max_chars!r:.100}."
            )
        self.get_all_task_runs()
        self.get_logs()
        read_background(self)
        known = known_content(self)
        task_runs, logs = known.task_runs or (), known.logs or LogColumns()
        return digest_markdown(known.run, known.found, task_runs, logs, max_chars)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        redact: bool | Redaction | None = None,
        subflows: bool = False,
    ) -> Saved:
        """Save this run into an archive such as `night.flowrun`, without secrets; `fw.open_archive()` reads it back.

        The run is added to an existing archive, and replaces the same run in it; any other existing file is left
        untouched. What the view has not read yet is read, which costs what `get_logs()` and `get_all_task_runs()` cost.

        Args:
            path: the file.
            redact: True removes secrets by the built-in rules, False removes none, a `fw.Redaction(…)` gives other
                rules; None uses the setting of the connection.
            subflows: save the sub-flow runs below this one as well.

        Raises:
            ArchiveError: the existing file is not an archive, or writing fails.
            InvalidArgument: no file can be written at `path`.
            BackendError: the server failed to answer or refused the request.
        """
        from flowrun_widgets.export.archive import save

        return save([self], path, redact=redact, subflows=subflows)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        redact: bool | Redaction | None = None,
    ) -> Saved:
        """Write this run as one HTML file that works offline: its card with the whole log, without secrets.

        It needs no server and no Python; without scripts it shows the static twin.
        `night.html#line=41100&q=level:error` opens it at a line and with a filter; `fw.open_page()` reads the run back.
        An existing file is replaced. What the view has not read yet is read, which costs what `get_logs()` and
        `get_all_task_runs()` cost, and two requests.

        Args:
            path: the file, such as `night.html`.
            redact: True removes secrets by the built-in rules, False removes none, a `fw.Redaction(…)` gives other
                rules; None uses the setting of the connection.

        Raises:
            InvalidArgument: no file can be written at `path`.
            BackendError: the server failed to answer or refused the request.
        """
        from flowrun_widgets.export.page import save_page

        return save_page([self], path, redact=redact)

    def to_trace(
        self, path: str | os.PathLike[str], *, redact: bool | Redaction | None = None
    ) -> Saved:
        """Write the timeline as a trace in Chrome's JSON format, which https://ui.perfetto.dev and chrome://tracing open.

        The run and its task runs are slices, with their attempts and waits inside; task runs that did not overlap share
        a track. Warnings and errors are instants, and arrows lead from a task run to those that waited for its result.
        Times are microseconds since 1970. Secrets are left out. An existing file is replaced. What the view has not
        read yet is read, which costs what `save()` costs.

        Args:
            path: the file, such as `night.trace.json`.
            redact: True removes secrets by the built-in rules, False removes none, a `fw.Redaction(…)` gives other
                rules; None uses the setting of the connection.

        Raises:
            InvalidArgument: no file can be written at `path`.
            BackendError: the server failed to answer or refused the request.
        """
        from flowrun_widgets.export.trace import save_trace

        return save_trace(self, path, redact=redact)

    def watch(
        self,
        *,
        max_duration: timedelta | None = None,
        interval: float = 2.0,
    ) -> Watch[Self]:
        """Return an iterator over snapshots: the run as it is now, then a new snapshot each time something changed.

        Each snapshot has read its log and task runs; `snapshot.changes_since(earlier)` says what is new. The iterator
        ends when the run has ended and no line has arrived for 15 seconds, the time that late batches take, or at once
        if the run ended over ten minutes ago. `close()`, `break` and an interrupt end it at once.

        The first poll costs what reading log and task runs costs, each later one what `get_latest()` costs. After a
        change the next poll is `interval` seconds later. Each poll that finds nothing new makes the next wait 1.5 times
        as long, up to 15 times `interval`. A Prefect 3 server can announce changes of states, which make the next poll
        due; meanwhile the waits grow to 30 times `interval`. All watchers of one run over one connection share the
        polls. Requests are sent only while a `next()` waits.

        If the server does not answer or limits the rate of requests, the poll is repeated after the time in its
        `Retry-After`, else after at most a minute. Without a `max_duration`, this is repeated until the server answers.

        Args:
            max_duration: stop waiting for a run that has not ended after this time; None waits forever. Checked between
                requests.
            interval: seconds from a change to the next poll, 0.1 to 3600.

        Raises:
            InvalidArgument: `interval` or `max_duration` is out of range.
            WatchTimeout: the run did not end within `max_duration`; also a RuntimeError.
            NotFound: the run was deleted.
            AccessDenied: the key is no longer accepted.
            BackendError: the server rejects the request, or gave an unexpected answer five times in a row.
        """
        from flowrun_widgets.live.watch import watch

        return watch(self, max_duration=max_duration, interval=interval)

    def _repr_mimebundle_(
        self,
        include: Container[str] | None = None,
        exclude: Container[str] | None = None,
        **_: Any,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        from flowrun_widgets.widget.display import subject_bundle
        from flowrun_widgets.widget.static_display import static_bundle

        return subject_bundle(self, self.card, lambda: static_bundle(self), include, exclude)

    def _texts(self) -> dict[str, str]:
        from flowrun_widgets.widget.static_display import static_texts

        return static_texts(self)

    def _display_(self) -> cards.FlowRunCard:
        return self.card()
