"""Which source an address or a file is: one line for each kind. The servers of Prefect are told apart in `backends/detect`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.settings.addresses import shown

if TYPE_CHECKING:
    from flowrun_widgets.backends.protocol import Backend
    from flowrun_widgets.settings import Secret

__all__ = ["SCHEMES", "file_at", "has_own_scheme", "source_of_file", "source_of_scheme"]

SCHEMES = {
    "postgres": "flowrun_widgets.gateway.attached:attached",
    "postgresql": "flowrun_widgets.gateway.attached:attached",
}
"""By the scheme of an address, what opens its source: called with the address, a `Secret`, and a time-out in seconds."""
SUFFIXES = {".flowrun": "flowrun_widgets.store.archive:ArchiveStore"}
"""By the suffix of a file, what opens it: called with its path."""
STORE = "flowrun_widgets.store.reader:Store"
"""What opens every other file."""


def has_own_scheme(url: str) -> bool:
    """Return whether an address is not that of a server of Prefect."""
    return _scheme(url) in SCHEMES


def source_of_scheme(address: Secret, timeout_seconds: float | None) -> Backend:
    """Return the source at an address that has a scheme of its own.

    Raises:
        InvalidArgument: no such address, or not such a source.
        BackendUnavailable: it does not answer.
    """
    return _loaded(SCHEMES[_scheme(address.reveal())])(address, timeout_seconds)


def source_of_file(path: Path) -> Backend:
    """Return the source that a file is. Nothing is read."""
    return _loaded(SUFFIXES.get(path.suffix, STORE))(path)


def file_at(text: str | Path) -> Path:
    """Return the path of a store's file that is there."""
    try:
        path = Path(text).expanduser()
        is_file = S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(
            f"There is no store at {shown(str(text))}. A server's address begins with http:// or https://."
        ) from None
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it is no path"
        raise InvalidArgument(f"{shown(str(text))} cannot be opened: {why}.") from None
    if not is_file:
        raise InvalidArgument(f"{shown(str(text))} is no file: a store is one.")
    return path


def _scheme(url: str) -> str:
    scheme, mark, _ = url.partition("://")
    return scheme.lower() if mark else ""


def _loaded(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)
