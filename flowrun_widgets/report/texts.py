"""`HasTexts`: what is displayed, for people and programs that see no widget and no HTML."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["MARKDOWN_TYPE", "PLAIN_TYPE", "AiRepr", "HasTexts"]

PLAIN_TYPE, MARKDOWN_TYPE = "text/plain", "text/markdown"


class AiRepr(dict[str, str]):
    """Texts by MIME type. `await` of it returns itself, for callers that expect a coroutine.

    Jupyter's enhancement proposal 129 leaves open which of the two `_ai_repr_` is.
    """

    def __await__(self) -> Generator[None, None, AiRepr]:
        yield from ()
        return self


class HasTexts:
    """Tells itself as plain text and as Markdown: bounded, without secrets and control characters."""

    __slots__ = ()

    @abstractmethod
    def _texts(self) -> dict[str, str]:
        """Return what is told, as `text/plain` and `text/markdown`."""

    def _ai_repr_(self, **_: Any) -> AiRepr:
        """Return what an assistant is told (Jupyter's enhancement proposal 129): the texts that a notebook stores.

        https://github.com/jupyter/enhancement-proposals/pull/129. Hints such as `multimodal=` are accepted and change
        nothing: there is only text.
        """
        return AiRepr(self._texts())
