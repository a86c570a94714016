"""What settings are, whoever configured them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Generation", "Secret", "Settings"]

Generation = Literal["prefect1", "prefect3"]


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
        """Return the secret of a text; None and the empty text are none."""
        return cls(value) if value else None

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a secret is never pickled: the other side reads its own settings")


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
    headers: Mapping[str, Secret] = field(default_factory=dict)
    verify_tls: bool = True
    ca_file: str | None = None
    requests_per_minute: int | None = None
    """At most so many requests; None: no limit of ours."""

    def secrets(self) -> tuple[Secret, ...]:
        """Return every secret of these settings, for masking."""
        return tuple(
            s for s in (self.api_key, self.auth_string, *self.headers.values()) if s is not None
        )
