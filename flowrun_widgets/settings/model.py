"""The classes `Settings`, `DatabaseSettings` and `Secret`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from flowrun_widgets.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LONGEST_SECONDS",
    "DatabaseSettings",
    "Generation",
    "Secret",
    "Settings",
    "sendable",
    "timeout",
]

Generation = Literal["prefect1", "prefect3"]
LONGEST_SECONDS = 86_400.0
SENDABLE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
"""What a header may contain: latin-1 without control characters, except the tab."""
ENCODABLE = re.compile("[^\x00-\x1f\x7f\ud800-\udfff]*")
"""Text without control characters and unpaired surrogates."""


class Secret:
    """A key or a password that is never printed; only the transport reveals it."""

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
        """Return the text as a secret, without surrounding blanks; None if the text is None or empty."""
        if isinstance(value, str):
            value = value.strip()
        return None if value is None or value == "" else cls(value)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            "a secret cannot be pickled: the process that loads it must read its own settings"
        )


def sendable(secret: Secret | None, name: str, *, is_encoded: bool = False) -> Secret | None:
    """Return the secret if a header can hold it; `is_encoded` means that it is sent as the base64 of its UTF-8.

    Raises:
        SettingsError: a header cannot hold it; the error names the setting and shows nothing of its value.
    """
    if secret is None:
        return None
    if not isinstance(secret.reveal(), str):
        raise SettingsError(f"{name} must be text.")
    allowed = ENCODABLE if is_encoded else SENDABLE
    if not allowed.fullmatch(secret.reveal()):
        raise SettingsError(
            f"{name} contains a line break or another character that cannot be sent. "
            "Copy the value again, without anything around it."
        )
    return secret


def timeout(value: object) -> float | None:
    """Return a timeout in seconds, given as a number or as text; None if it is not valid."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds <= LONGEST_SECONDS else None


@dataclass(frozen=True, slots=True)
class Settings:
    """One server or store to read. `url` contains no secret; `origin` says in words where it was configured."""

    url: str
    origin: str
    generation: Generation | None = None
    """Which generation of Prefect the server runs; None: not known yet."""
    api_key: Secret | None = None
    auth_string: Secret | None = None
    tenant_id: str | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0
    """How many seconds one attempt waits for its answer."""
    total_seconds: float | None = None
    """How many seconds all attempts of a request wait in total; None: 45, or one attempt's timeout if longer."""
    headers: Mapping[str, Secret] = field(default_factory=dict)
    verify_tls: bool = True
    ca_file: str | None = None
    ui_url: str | None = None
    """The address of its UI, if that is configured."""
    requests_per_minute: int | None = None
    """The most requests per minute; None: no limit on our side."""

    def secrets(self) -> tuple[Secret, ...]:
        """Return every secret of these settings, for masking."""
        return tuple(
            s for s in (self.api_key, self.auth_string, *self.headers.values()) if s is not None
        )


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """The database that Prefect 3 uses on this machine without a server; `origin` says in words where it was found."""

    address: Secret
    origin: str
