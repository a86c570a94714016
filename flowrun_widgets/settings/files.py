"""Configuration files, which may be missing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["home", "read_dotenv", "read_toml", "user_path"]

ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*)")


def home(environ: Mapping[str, str]) -> Path:
    """Return the user's home folder."""
    return Path(environ["HOME"]) if environ.get("HOME") else Path.home()


def user_path(text: str, name: str) -> Path:
    """Return the path of a setting, `~` as the user's home folder.

    Raises:
        SettingsError: there is no such user.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise SettingsError(
            f"{name} begins with the home folder of a user who is not here."
        ) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file; a missing one has none.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        return tomllib.loads(_text(path) or "")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _unreadable(path, error) from None


def read_dotenv(path: Path) -> dict[str, str]:
    """Return the assignments of a `.env` file, names in upper case; values keep what quotes enclose.

    Raises:
        SettingsError: it cannot be read.
    """
    found: dict[str, str] = {}
    for line in (_text(path) or "").splitlines():
        match = ASSIGNMENT.fullmatch(line.strip())
        if match:
            found[match[1].upper()] = _unquoted(match[2])
    return found


def _unquoted(value: str) -> str:
    for quote in "'\"":
        if value.startswith(quote):
            inner, end, _ = value[1:].partition(quote)
            return inner if end else value
    return re.sub(r"\s+#.*", "", value).strip()


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> SettingsError:
    return SettingsError(f"cannot read {path}: {type(error).__name__}. Mend the file or remove it.")
