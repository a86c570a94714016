"""Keeps libraries from importing others that a short command does not need, and that take most of its time."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["leave_out", "let_in"]

UNNEEDED = frozenset(("pandas", "prometheus_client", "structlog", "tornado"))
"""What pyarrow, stamina and tenacity import if it is there, and do without if it is not."""


class _LeavingOut:
    """A finder of modules that does not find these."""

    @staticmethod
    def find_spec(name: str, _path: Any = None, _target: Any = None) -> None:
        if name in UNNEEDED:
            raise ModuleNotFoundError(f"{name} is left out of this command", name=name)


def leave_out() -> None:
    """Find none of them from now on, in the process of the command."""
    if _LeavingOut not in sys.meta_path:
        sys.meta_path.insert(0, _LeavingOut)  # pyright: ignore[reportArgumentType]


def let_in() -> None:
    """Find them again."""
    if _LeavingOut in sys.meta_path:
        sys.meta_path.remove(_LeavingOut)  # pyright: ignore[reportArgumentType]
