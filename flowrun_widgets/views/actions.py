"""What a flow run offers from the rooms above: the one file where views reach upwards, inside methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import InvalidArgument

if TYPE_CHECKING:
    import os

    from flowrun_widgets.archive import Saved
    from flowrun_widgets.card.widget import FlowRunCard
    from flowrun_widgets.live.differences import Changes
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["FlowRunActions"]


class FlowRunActions:
    """Display, the card, the digest of a failure, and the difference to an earlier snapshot."""

    __slots__ = ()

    def card(self: FlowRunView, **options: Any) -> FlowRunCard:  # pyright: ignore[reportGeneralTypeIssues]
        """Return the interactive card of this run as a widget; unknown options are refused by name."""
        from flowrun_widgets.card.widget import FlowRunCard

        return FlowRunCard(self, **options)

    def changes_since(self: FlowRunView, earlier: FlowRunView) -> Changes:  # pyright: ignore[reportGeneralTypeIssues]
        """Return what this snapshot has that `earlier`, one of the same run, had not. Costs no request."""
        from flowrun_widgets.live.differences import changes_between

        return changes_between(earlier, self)

    def digest(self: FlowRunView, max_chars: int = 4_000) -> str:  # pyright: ignore[reportGeneralTypeIssues]
        """Return why the run failed, as Markdown of at most `max_chars` characters: for a ticket, a chat, a model.

        It names the first task run that failed, what it said, the frames in the user's own code, its attempts and the
        waits between them, its last lines, and what was held up, without secrets. A run that did not fail is told in two lines. Costs
        what `get_logs()` and `get_all_task_runs()` cost, nothing if they were read.

        Raises:
            InvalidArgument: `max_chars` is no positive whole number.
        """
        from flowrun_widgets.analysis.digest import digest
        from flowrun_widgets.analysis.markdown import digest_markdown
        from flowrun_widgets.views.shown import shown

        if isinstance(max_chars, bool) or not isinstance(max_chars, int) or max_chars < 1:
            raise InvalidArgument(
                f"max_chars has to be a positive whole number: {max_chars!r:.100}"
            )
        task_runs = [view.record for view in self.get_all_task_runs()]
        told = shown(self, task_runs, self.get_logs().columns)
        found = digest(told.run.record, told.task_runs, told.logs)
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

    def _ipython_display_(self: FlowRunView) -> None:  # pyright: ignore[reportGeneralTypeIssues]
        from flowrun_widgets.card.display import display_flow_run

        display_flow_run(self)
