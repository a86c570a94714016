"""Reads configuration files, which may be missing."""

from __future__ import annotations

import tomllib
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["home", "read_dotenv", "read_toml", "user_path"]


def home(environ: Mapping[str, str]) -> Path:
    """Return the user's home folder."""
    return Path(environ["HOME"]) if environ.get("HOME") else Path.home()


def user_path(text: str, name: str) -> Path:
    """Return the path that a setting gives; `~` is the user's home folder.

    Raises:
        SettingsError: the path names the home folder of an unknown user.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise SettingsError(
            f"{name} begins with the home folder of a user who does not exist on this machine."
        ) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file; empty if the file is missing.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        return tomllib.loads(_text(path) or "")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _unreadable(path, error) from None


def read_dotenv(path: Path) -> dict[str, str]:
    """Return the assignments of a `.env` file, names in upper case, as python-dotenv reads them for Prefect.

    `${NAME}` in a value refers to an environment variable, or to an earlier variable of the file.

    Raises:
        SettingsError: the file cannot be read.
    """
    text = _text(path)
    if text is None:
        return {}
    from dotenv import dotenv_values

    values = dotenv_values(stream=StringIO(text.removeprefix("\ufeff")))
    return {name.upper(): value for name, value in values.items() if value is not None}


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> SettingsError:
    return SettingsError(f"cannot read {path}: {type(error).__name__}. Fix or remove the file.")
