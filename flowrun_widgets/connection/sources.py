"""The kinds of sources for addresses and files, one line for each; `backends/detect` distinguishes Prefect servers."""

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
    "postgres": "flowrun_widgets.connection.databases:postgresql",
    "postgresql": "flowrun_widgets.connection.databases:postgresql",
    "postgresql+asyncpg": "flowrun_widgets.connection.databases:postgresql",
    "sqlite": "flowrun_widgets.connection.databases:sqlite",
    "sqlite+aiosqlite": "flowrun_widgets.connection.databases:sqlite",
}
"""The function that opens a source, by the scheme of its address; it gets the address, a `Secret`, and a timeout."""
SUFFIXES = {".flowrun": "flowrun_widgets.store.archive:ArchiveStore"}
"""The function that opens a file, by its suffix; it gets the path."""
STORE = "flowrun_widgets.store.reader:Store"
"""The function that opens every other file."""


def has_own_scheme(url: str) -> bool:
    """Return whether an address has a scheme other than that of a Prefect server."""
    return _scheme(url) in SCHEMES


def source_of_scheme(address: Secret, timeout_seconds: float | None) -> Backend:
    """Return the source at an address with such a scheme.

    Raises:
        InvalidArgument: the address is invalid, or is not that of such a source.
        BackendUnavailable: the source does not answer.
    """
    return _loaded(SCHEMES[_scheme(address.reveal())])(address, timeout_seconds)


def source_of_file(path: Path) -> Backend:
    """Return the source for a file. Nothing is read."""
    return _loaded(SUFFIXES.get(path.suffix, STORE))(path)


def file_at(text: str | Path) -> Path:
    """Return the path of an existing store's file."""
    try:
        path = Path(text).expanduser()
        is_file = S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(
            f"There is no store at {shown(str(text))}. A server's address begins with http:// or https://."
        ) from None
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it is not a path"
        raise InvalidArgument(f"cannot open {shown(str(text))}: {why}.") from None
    if not is_file:
        raise InvalidArgument(f"{shown(str(text))} is not a file: a store must be a file.")
    return path


def _scheme(url: str) -> str:
    scheme, mark, _ = url.partition("://")
    return scheme.lower() if mark else ""


def _loaded(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)
