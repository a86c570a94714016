"""What settings are, whoever configured them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from flowrun_widgets.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LONGEST_SECONDS", "Generation", "Secret", "Settings", "sendable", "timeout"]

Generation = Literal["prefect1", "prefect3"]
LONGEST_SECONDS = 86_400.0
SENDABLE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
"""What a header may hold: latin-1 without control characters, the tab aside."""
ENCODABLE = re.compile("[^\x00-\x1f\x7f\ud800-\udfff]*")
"""What is left of any text without control characters and half characters."""


class Secret:
    """A key or a password that shows itself to nobody but the transport."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    @classmethod
    def of(cls, value: str | None) -> Secret | None:
        """Return the secret of a text without the blanks around it; None and the empty text are none."""
        if isinstance(value, str):
            value = value.strip()
        return None if value is None or value == "" else cls(value)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a secret is never pickled: the other side reads its own settings")


def sendable(secret: Secret | None, name: str, *, is_encoded: bool = False) -> Secret | None:
    """Return the secret if a header can hold it: `is_encoded` says that it is sent as the base64 of its UTF-8.

    Raises:
        SettingsError: it cannot; the error has the name of the setting and nothing of its value.
    """
    if secret is None:
        return None
    if not isinstance(secret.reveal(), str):
        raise SettingsError(f"{name} has to be text.")
    allowed = ENCODABLE if is_encoded else SENDABLE
    if not allowed.fullmatch(secret.reveal()):
        raise SettingsError(
            f"{name} holds a line break or another character that cannot be sent. Copy it again, alone."
        )
    return secret


def timeout(value: object) -> float | None:
    """Return a number of seconds that an answer may take, or its text, as a number; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds <= LONGEST_SECONDS else None


@dataclass(frozen=True, slots=True)
class Settings:
    """One place to read from. `url` holds no secret; `origin` says in words where it was configured."""

    url: str
    origin: str
    generation: Generation | None = None
    """Which Prefect answers there; None: to be found out."""
    api_key: Secret | None = None
    auth_string: Secret | None = None
    tenant_id: str | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0
    """How long one attempt waits for its answer."""
    total_seconds: float | None = None
    """How long all attempts at one question wait; None: 45, or as long as one attempt if that is more."""
    headers: Mapping[str, Secret] = field(default_factory=dict)
    verify_tls: bool = True
    ca_file: str | None = None
    ui_url: str | None = None
    """Where its UI is, if that is configured."""
    requests_per_minute: int | None = None
    """At most so many requests; None: no limit of ours."""

    def secrets(self) -> tuple[Secret, ...]:
        """Return every secret of these settings, for masking."""
        return tuple(
            s for s in (self.api_key, self.auth_string, *self.headers.values()) if s is not None
        )
