"""`ShownFindings`: how the results of analyses of many runs are displayed: as text, Markdown and HTML."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from flowrun_widgets.plain_text import shortened
from flowrun_widgets.report.findings import findings_markdown, findings_text
from flowrun_widgets.report.html.findings_html import findings_html
from flowrun_widgets.report.html.state_look import MAX_TEXT
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE, HasTexts

if TYPE_CHECKING:
    from flowrun_widgets.report.findings import Findings

__all__ = ["ShownFindings"]


class ShownFindings(HasTexts):
    """A result that is displayed as a table; the same words are its text, its Markdown and its HTML."""

    __slots__ = ()

    @abstractmethod
    def _findings(self) -> Findings:
        """Return what is shown, without secrets."""

    def to_markdown(self) -> str:
        """Return the result as Markdown, for a ticket or a chat, without secrets; at most 30 rows of each table."""
        return findings_markdown(self._findings())

    def __str__(self) -> str:
        return findings_text(self._findings())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._findings().title}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": findings_html(self._findings()), **self._texts()}

    def _texts(self) -> dict[str, str]:
        found = self._findings()
        return {
            PLAIN_TYPE: shortened(findings_text(found), MAX_TEXT),
            MARKDOWN_TYPE: shortened(findings_markdown(found), 4 * MAX_TEXT),
        }
