"""`Artifact`: a text, table or link that a run published."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from pendulum import DateTime

from flowrun_widgets.containers import thaw
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.plain_text import plain, shortened
from flowrun_widgets.records import ArtifactRecord
from flowrun_widgets.redaction.records import redacted_record
from flowrun_widgets.report.markup import MARKDOWN
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE, HasTexts
from flowrun_widgets.views.view import View

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["Artifact"]

MAX_TEXT_CHARS = 4_000
LINK = re.compile(r"(?:\[([^\]]*)\]\()?(https?://[^\s)]+)\)?")
"""A link as Prefect 3 stores it, `[label](address)`, or a bare address."""


class Artifact(View[ArtifactRecord], HasTexts):
    """One artifact: text, table or link. `print()` shows its content; nothing in it is ever executed or loaded.

    A notebook displays it without secrets.
    """

    __slots__ = ()

    @property
    def artifact_id(self) -> str:
        """The artifact's id."""
        return self._record.id

    @property
    def kind(self) -> str:
        """`markdown`, `table`, `link`, `progress`, `image`, or the server's own name of the kind."""
        return self._record.kind

    @property
    def key(self) -> str | None:
        """The key that its versions share, if it has one."""
        return self._record.key

    @property
    def description(self) -> str | None:
        """The author's description."""
        return self._record.description

    @property
    def data(self) -> Any:
        """The content: text for markdown, links and images, a number for progress, rows or columns for a table."""
        return self._record.data

    @property
    def task_run_id(self) -> str | None:
        """The task run that published it; None if the flow itself did."""
        return self._record.task_run_id

    @property
    def created_at(self) -> DateTime | None:
        """When it was made."""
        return self._record.created_at

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        shown = self._without_secrets()
        return {"text/html": shown._html(), **_texts_of(shown)}

    def _texts(self) -> dict[str, str]:
        return _texts_of(self._without_secrets())

    def _without_secrets(self) -> Artifact:
        redaction = self._connection.redaction
        if redaction is None:
            return self
        return Artifact(redacted_record(self._record, redaction), self._connection)

    def _html(self) -> str:
        if isinstance(self.data, list | tuple | dict):
            return self.to_pandas()._repr_html_()  # pyright: ignore
        text = str(self.data)
        link = LINK.fullmatch(text.strip())
        if link is None:
            return f'<pre style="white-space:pre-wrap">{escape(text)}</pre>'
        label, address = link[1] or link[2], link[2]
        return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(label)}</a>'

    def to_pandas(self) -> pd.DataFrame:
        """Return a table as a DataFrame, with the columns its author chose.

        Raises:
            InvalidArgument: not a table.
        """
        import pandas as pd

        if not isinstance(self.data, list | tuple | dict):
            raise InvalidArgument(f"this artifact is not a table but {self.kind}")
        return pd.DataFrame(thaw(self.data))

    def __str__(self) -> str:
        if self.kind == "progress":
            return f"{self.data} %"
        return str(self.to_pandas()) if isinstance(self.data, tuple | dict) else str(self.data)

    def __repr__(self) -> str:
        text = str(self.data)
        shown = text if len(text) <= 60 else text[:60] + "…"
        return f"Artifact(kind={self.kind!r}, key={self.key!r}, data={shown!r})"


def _texts_of(shown: Artifact) -> dict[str, str]:
    content = plain(shortened(str(shown), MAX_TEXT_CHARS))
    name = MARKDOWN.quoted(shown.key or shown.artifact_id)
    return {
        PLAIN_TYPE: repr(shown),
        MARKDOWN_TYPE: MARKDOWN.gap.join(
            [f"Artifact {name}, {MARKDOWN.quoted(shown.kind)}", MARKDOWN.block(content.split("\n"))]
        ),
    }
