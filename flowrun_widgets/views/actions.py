"""What views offer from the rooms above: the one file where they reach upwards, inside methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import InvalidArgument

if TYPE_CHECKING:
    import os
    from collections.abc import Container
    from datetime import timedelta

    from flowrun_widgets.archive import Saved
    from flowrun_widgets.card.widget import FlowRunCard
    from flowrun_widgets.live.differences import Changes
    from flowrun_widgets.live.watch import Watch
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.views.flow_run import FlowRunView
    from flowrun_widgets.views.flow_runs import FlowRunList
    from flowrun_widgets.views.task_run import TaskRunView

__all__ = ["FlowRunActions", "FlowRunsDisplay", "TaskRunDisplay"]


class FlowRunActions:
    """Display, the card, the digest of a failure, following, and the difference to an earlier snapshot."""

    __slots__ = ()

    def card(self: FlowRunView, *, follow: bool = False) -> FlowRunCard:  # pyright: ignore[reportGeneralTypeIssues]
        """Return the interactive card of this run as a widget; with `follow` it follows the run, as `card.follow` does.

        A thread of its own reads log and task runs, and costs what `get_logs()` and `get_all_task_runs()` cost, nothing
        if they were read; of a failed run, what `digest()` costs.
        """
        from flowrun_widgets.card.widget import FlowRunCard

        return FlowRunCard(self, follow=follow)

    def changes_since(self: FlowRunView, earlier: FlowRunView) -> Changes:  # pyright: ignore[reportGeneralTypeIssues]
        """Return what this snapshot has that `earlier`, one of the same run, had not. Costs no request."""
        from flowrun_widgets.live.differences import changes_between

        return changes_between(earlier, self)

    def digest(self: FlowRunView, max_chars: int = 4_000) -> str:  # pyright: ignore[reportGeneralTypeIssues]
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
        from flowrun_widgets.analysis.digest import digest
        from flowrun_widgets.analysis.markdown import digest_markdown
        from flowrun_widgets.views.background import read_background, without_secrets
        from flowrun_widgets.views.shown import shown

        if isinstance(max_chars, bool) or not isinstance(max_chars, int) or max_chars < 1:
            raise InvalidArgument(
                f"max_chars has to be a positive whole number: {max_chars!r:.100}"
            )
        task_runs = [view.record for view in self.get_all_task_runs()]
        told = shown(self, task_runs, self.get_logs().columns)
        background = without_secrets(read_background(self), self.connection.redaction)
        found = digest(told.run.record, told.task_runs, told.logs, background)
        return digest_markdown(told.run, found, told.task_runs, told.logs, max_chars)

    def save(
        self: FlowRunView,  # pyright: ignore[reportGeneralTypeIssues]
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
        from flowrun_widgets.archive import save

        return save([self], path, redact=redact, subflows=subflows)

    def to_html(
        self: FlowRunView,  # pyright: ignore[reportGeneralTypeIssues]
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
        from flowrun_widgets.sharing.export.page import save_page

        return save_page([self], path, redact=redact)

    def watch(
        self: FlowRunView,  # pyright: ignore[reportGeneralTypeIssues]
        *,
        max_duration: timedelta | None = None,
        interval: float = 2.0,
    ) -> Watch:
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
        self: FlowRunView,  # pyright: ignore[reportGeneralTypeIssues]
        include: Container[str] | None = None,
        exclude: Container[str] | None = None,
        **_: Any,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        from flowrun_widgets.card.display import flow_run_bundle

        return flow_run_bundle(self, include, exclude)

    def _display_(self: FlowRunView) -> FlowRunCard:  # pyright: ignore[reportGeneralTypeIssues]
        return self.card()


class TaskRunDisplay:
    """Display of a task run."""

    __slots__ = ()

    def _repr_mimebundle_(self: TaskRunView, **_: Any) -> dict[str, str]:  # pyright: ignore[reportGeneralTypeIssues]
        from flowrun_widgets.sharing.task_run_twin import task_run_bundle

        return task_run_bundle(self)


class FlowRunsDisplay:
    """Display of a list of flow runs."""

    __slots__ = ()

    def _repr_mimebundle_(self: FlowRunList, **_: Any) -> dict[str, str]:  # pyright: ignore[reportGeneralTypeIssues]
        from flowrun_widgets.sharing.flow_runs_twin import flow_runs_bundle

        return flow_runs_bundle(self)
