"""`Folder`: the folder of a harvest, on this machine or at a URL that fsspec knows."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pyarrow as pa
from pyarrow import fs
from pyarrow.parquet import ParquetFile

from flowrun_widgets.errors import ArchiveError, InvalidArgument, MissingExtra
from flowrun_widgets.files import absolute_path, beside, move, unwritable
from flowrun_widgets.lazy import lazy
from flowrun_widgets.redaction.records import redacted_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["Folder"]

EXAMPLE = "lake/flowruns"
PARTIAL = ".partial"
"""Files that are being written are in this folder, where no reader looks."""
WHOLE_OBJECTS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "memory"})
"""Stores in which an object is not visible before all of it was written."""


@dataclass(frozen=True)
class Folder:
    """A folder, by its absolute path or its URL. Pickles as that text: no open file, no credential."""

    url: str

    @classmethod
    def of(cls, place: object) -> Folder:
        """Return the folder that a user has named.

        Raises:
            InvalidArgument: it is neither a path nor a URL, or the URL contains a key or a password.
        """
        if not isinstance(place, str) or "://" not in place:
            return cls(str(absolute_path(place, EXAMPLE)))
        parts = urlsplit(place)
        if parts.scheme == "file":
            return cls(str(absolute_path(unquote(parts.path), EXAMPLE)))
        if redacted_text(place) != place or ":" in parts.netloc.rpartition("@")[0]:
            raise InvalidArgument(
                "The URL of a harvest cannot contain a key or a password: put it where fsspec looks for it, into the "
                "environment or its configuration."
            )
        return cls(place.rstrip("/"))

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return "://" not in self.url

    @lazy
    def _opened(self) -> tuple[fs.FileSystem, str, Any]:
        """The file system, the path in it, and fsspec's own file system."""
        if self.is_local:
            return fs.LocalFileSystem(), self.url, None
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise MissingExtra(
                "Files at a URL are read and written by fsspec: pip install 'flowrun-widgets[harvest]'"
            ) from None
        try:
            system, root = url_to_fs(self.url)
        except ImportError as error:
            raise MissingExtra(f"{self.url:.200}: {error}") from None
        except (ValueError, OSError) as error:
            raise InvalidArgument(f"{self.url:.200} cannot be opened: {error!s:.200}") from None
        return fs.PyFileSystem(fs.FSSpecHandler(system)), root.rstrip("/"), system

    def __getstate__(self) -> dict[str, str]:
        return {"url": self.url}

    @property
    def filesystem(self) -> fs.FileSystem:
        """The file system, for pyarrow."""
        return self._opened[0]

    def path(self, name: str) -> str:
        """Return the path of a file in the file system, from its path in this folder."""
        return f"{self._opened[1]}/{name}"

    def files(self, kind: str) -> list[str]:
        """Return the Parquet files below a folder, sorted, by their paths in this folder."""
        found = self.filesystem.get_file_info(
            fs.FileSelector(self.path(kind), recursive=True, allow_not_found=True)
        )
        names = [
            one.path.lstrip("/")[len(self._opened[1].lstrip("/")) + 1 :]
            for one in found
            if one.type == fs.FileType.File and one.base_name.endswith(".parquet")
        ]
        return sorted(name for name in names if not _is_hidden(name))

    def opened(self, name: str, **options: Any) -> ParquetFile:
        """Open a Parquet file; the caller closes it.

        Raises:
            ArchiveError: it is not a Parquet file.
        """
        try:
            return ParquetFile(
                self.path(name), filesystem=self.filesystem, pre_buffer=False, **options
            )
        except pa.ArrowInvalid as error:
            raise ArchiveError(f"{name:.300} is not a Parquet file: {error!s:.200}") from None
        except KeyError:
            raise ArchiveError(f"{name:.300} does not have the columns of a harvest.") from None

    def write(self, name: str, fill: Callable[[Any], object]) -> int:
        """Write a file by `fill`, which gets a file to write into; return its size in bytes.

        No reader sees a part of it under its name. An existing file is replaced.
        """
        if self.is_local:
            return self._write_here(Path(self.url, name), fill)
        buffer = pa.BufferOutputStream()
        fill(buffer)
        data = buffer.getvalue()
        system = self._opened[2]
        path = self.path(name)
        if urlsplit(self.url).scheme in WHOLE_OBJECTS:
            system.pipe_file(path, data.to_pybytes())
            return data.size
        new = self.path(f"{PARTIAL}/{uuid4().hex}")
        for folder in (new, path):
            system.makedirs(folder.rpartition("/")[0], exist_ok=True)
        try:
            system.pipe_file(new, data.to_pybytes())
            if system.exists(path):
                system.rm_file(path)
            system.mv(new, path)
        finally:
            if system.exists(new):
                system.rm_file(new)
        return data.size

    def _write_here(self, path: Path, fill: Callable[[Any], object]) -> int:
        partial = Path(self.url, PARTIAL)
        try:
            partial.mkdir(parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside(partial / path.name) as new:
                with pa.OSFile(str(new), "wb") as file:
                    fill(file)
                size = new.stat().st_size
                move(new, path)
        except OSError as error:
            raise unwritable(path, error) from None
        return size

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self.filesystem.delete_file(self.path(name))

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep other processes of this machine from writing, and remove what a crash left.

        At a URL nothing is locked: two writers of one run write the same.

        Raises:
            InvalidArgument: another process is writing, or nothing can be written there.
        """
        if not self.is_local:
            yield
            return
        root = Path(self.url)
        try:
            root.mkdir(parents=True, exist_ok=True)
            opened = os.open(root, os.O_RDONLY)
        except OSError as error:
            raise unwritable(root, error) from None
        try:
            if _locked(opened, root):
                for rest in root.glob(f"{PARTIAL}/.*.tmp"):
                    with suppress(OSError):
                        rest.unlink()
            yield
        finally:
            os.close(opened)
            with suppress(OSError):
                (root / PARTIAL).rmdir()


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/"))


def _locked(opened: int, root: Path) -> bool:
    """Lock a folder; return False where locks are not available."""
    try:
        import fcntl

        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InvalidArgument(
            f"Another process is writing into {str(root)!r:.200}. Start this again when it has ended."
        ) from None
    except (ImportError, OSError):
        return False
    return True
