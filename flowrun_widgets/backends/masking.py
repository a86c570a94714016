"""Masks the secrets of the settings in server messages, so that errors can repeat them."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowrun_widgets.backends.answer import MAX_SHOWN_CHARS
from flowrun_widgets.plain_text import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.settings import Settings

__all__ = ["base64", "masked", "spellings"]

MIN_MASKED_CHARS = 4
"""Shorter secrets are not masked: they occur in words by chance."""


def masked(text: str, secrets: Sequence[str]) -> str:
    """Return a server's message with every secret masked, without control characters, and of limited length."""
    text = one_line(text)
    for secret in secrets:
        text = text.replace(secret, "***")
    return shortened(" ".join(text.split()), MAX_SHOWN_CHARS)


def spellings(settings: Settings) -> list[str]:
    """Return every spelling in which an answer could repeat a secret, the longest first."""
    found = {secret.reveal() for secret in settings.secrets()}
    if settings.auth_string is not None:
        auth = settings.auth_string.reveal()
        encoded = base64(auth)
        found |= {encoded, encoded.rstrip("="), auth.partition(":")[2]}
    for text in tuple(found):
        found |= {repr(text)[1:-1], quote(text), quote(text, safe="")}
        found |= {json.dumps(text, ensure_ascii=ascii)[1:-1] for ascii in (True, False)}
    return sorted((t for t in found if len(t) >= MIN_MASKED_CHARS), key=len, reverse=True)


def base64(text: str) -> str:
    """Return a text encoded as in Basic authorization."""
    return b64encode(text.encode()).decode()
