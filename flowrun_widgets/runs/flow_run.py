"""The public view of a flow run: a snapshot that shows itself, and that can be followed, saved and exported."""

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
from flowrun_widgets.views.background import read_background
from flowrun_widgets.views.content import known_content
from flowrun_widgets.views.flow_run import FlowRunSnapshot

if TYPE_CHECKING:
    from flowrun_widgets.runs import card as cards
else:
    cards = LazyModule("flowrun_widgets.runs.card")

__all__ = ["FlowRunView"]


class FlowRunView(FlowRunSnapshot):
    """A flow run at the moment it was fetched.

    Immutable: attributes and containers refuse change, equal snapshots are `==` and hash alike, it pickles and copies.
    Attributes are free; calls may fetch, and say what they cost. In a notebook it shows itself as a card.
    """

    __slots__ = ()

    def card(self, *, follow: bool = False) -> cards.FlowRunCard:
        """Return the interactive card of this run as a widget; with `follow` it follows the run, as `card.follow` does.

        A thread of its own reads log and task runs, and costs what `get_logs()` and `get_all_task_runs()` cost, nothing
        if they were read; of a failed run, what `digest()` costs.
        """
        return cards.FlowRunCard(self, follow=follow)

    def digest(self, max_chars: int = 4_000) -> str:
        """Return why the run ended, as Markdown of at most `max_chars` characters: for a ticket, a chat, a model.

        It names the failure that ended the run, in the task run or the run of a sub-flow where it began: what was
        raised and what that came from, the frames in the user's own code, the attempts and the waits between them, the
        last lines, what was held up; and, as remarks, what failed besides. Where the run does not say which of several
        failures ended it, the digest says so. A run that did not fail is told in a few lines. Secrets are left out.

        Costs what `get_logs()` and `get_all_task_runs()` cost, nothing if they were read. A failed run may cost more
        the first time: on Prefect 3 six requests for each run of a sub-flow on the way down, five deep at most, and two
        for the history of a task run that was retried; on Prefect 1 one for the tasks of its flow.

        Raises:
            InvalidArgument: `max_chars` is no positive whole number.
        """
        if isinstance(max_chars, bool) or not isinstance(max_chars, int) or max_chars < 1:
            raise InvalidArgument(
                f"max_chars has to be a positive whole number: {max_chars!r:.100}"
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
        """Save this run into an archive such as `night.flowrun`, without its secrets; `fw.open_archive()` gives it back.

        An archive that is there gets the run added, in the place of the one it has; no other file is ever overwritten.
        What the view has not read yet is read, and costs what `get_logs()` and `get_all_task_runs()` cost.

        Args:
            path: the file.
            redact: take secrets out: True by our own rules, False not at all, or by a `fw.Redaction(…)`; None as the
                connection says.
            subflows: save the runs below this one as well.

        Raises:
            ArchiveError: a file is there that is no archive, or nothing can be written.
            InvalidArgument: no file can be there.
            BackendError: the server did not do its part.
        """
        from flowrun_widgets.export.archive import save

        return save([self], path, redact=redact, subflows=subflows)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        redact: bool | Redaction | None = None,
    ) -> Saved:
        """Write this run as one HTML file that works offline and for ever: its card over its whole log, without secrets.

        It needs no server and no Python; without scripts it is the static twin. `night.html#line=41100&q=level:error`
        opens it at a line and with a filter; `fw.open_page()` gives the run back. A file that is there is replaced.
        What the view has not read yet is read, and costs what `get_logs()` and `get_all_task_runs()` cost, and two
        requests.

        Args:
            path: the file, such as `night.html`.
            redact: take secrets out: True by our own rules, False not at all, or by a `fw.Redaction(…)`; None as the
                connection says.

        Raises:
            InvalidArgument: no file can be there.
            BackendError: the server did not do its part.
        """
        from flowrun_widgets.export.page import save_page

        return save_page([self], path, redact=redact)

    def watch(
        self,
        *,
        max_duration: timedelta | None = None,
        interval: float = 2.0,
    ) -> Watch[Self]:
        """Return an iterator over snapshots: the run as it is now, then a new one each time that something changed.

        Each has read its log and task runs, and `snapshot.changes_since(earlier)` says what is new. It ends by itself
        when the run has ended and no line has arrived for 15 seconds, as long as late batches take; at once if the run
        ended over ten minutes ago. `close()`, `break` and an interrupt end it at once.

        A look costs what `get_latest()` costs, the first what reading log and task runs does. After a change the next
        one is `interval` seconds away, each that brings nothing makes the wait half as long again, up to 15 times
        `interval`. All who watch one run over one connection share them. Nothing is asked while no `next()` waits.

        A server that does not answer or wants fewer requests is waited for, as long as its `Retry-After` says or up to
        a minute, without end unless there is a `max_duration`.

        Args:
            max_duration: give up on a run that has not ended after so long; None: never. Looked at between requests.
            interval: seconds from a change to the next look, 0.1 to 3600.

        Raises:
            InvalidArgument: an interval or a duration that cannot be.
            WatchTimeout: the run did not end within `max_duration`; also a RuntimeError.
            NotFound: the run was deleted.
            AccessDenied: the key is no longer accepted.
            BackendError: the server rejects the question, or failed in an odd way five times in a row.
        """
        from flowrun_widgets.live.watch import watch

        return watch(self, max_duration=max_duration, interval=interval)

    def _repr_mimebundle_(
        self,
        include: Container[str] | None = None,
        exclude: Container[str] | None = None,
        **_: Any,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        from flowrun_widgets.widget.display import flow_run_bundle

        return flow_run_bundle(self, self.card, include, exclude)

    def _display_(self) -> cards.FlowRunCard:
        return self.card()
