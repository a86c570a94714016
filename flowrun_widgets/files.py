"""Files that a user names: their paths, and writing that leaves the old file or the new one, never a part."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from flowrun_widgets.errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["absolute_path", "beside", "move", "unwritable", "write_file"]


def absolute_path(path: object, example: str) -> Path:
    """Return the absolute path of a file that a user has named; `example` shows how such a path looks.

    Raises:
        InvalidArgument: `path` is not a path.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidArgument(f"a path must be text such as {example!r}, not {type(path).__name__}")
    try:
        return Path(path).expanduser().resolve()  # pyright: ignore[reportArgumentType]
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise InvalidArgument(f"{str(path)!r:.200} is not a valid path: {error!s:.100}") from None


@contextmanager
def beside(path: Path) -> Generator[Path]:
    """Make an empty file in the same folder, and remove it at the end unless it was moved.

    Raises:
        InvalidArgument: no file can be made there.
    """
    new = path.with_name(f".{path.name[:100]}.{uuid4().hex[:8]}.tmp")
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from None
    try:
        yield new
    finally:
        for rest in (new, new.with_name(f"{new.name}-journal")):
            with suppress(OSError):
                rest.unlink()


def move(new: Path, path: Path) -> None:
    """Put a file that is complete in the place of another, and keep the other's permissions.

    Raises:
        OSError: the file cannot be replaced; it is as it was.
    """
    with suppress(FileNotFoundError):
        shutil.copymode(path, new)
    with new.open("rb+") as file:
        os.fsync(file.fileno())
    new.replace(path)


def write_file(path: Path, fill: Callable[[Path], object]) -> int:
    """Write a file by `fill`, which gets the path of an empty one; return its size in bytes.

    Raises:
        InvalidArgument: no file can be written at `path`.
    """
    with beside(path) as new:
        try:
            fill(new)
            size = new.stat().st_size
            move(new, path)
        except OSError as error:
            raise unwritable(path, error) from None
    return size


def unwritable(path: Path, error: Exception) -> InvalidArgument:
    """Return the error for a path at which nothing can be written."""
    why = getattr(error, "strerror", None) or error
    return InvalidArgument(f"No file can be written at {str(path)!r:.200}: {why}.")
