"""Finds the notebook kernel that this process runs in."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["is_terminal", "kernel"]


def kernel() -> Any:
    """Return the kernel of the notebook that this process runs in; None elsewhere, and in a fork of a kernel."""
    found = getattr(_shell(), "kernel", None)
    session = getattr(found, "session", None)
    return found if getattr(session, "pid", os.getpid()) == os.getpid() else None


def is_terminal() -> bool:
    """Whether this is IPython in a terminal, which shows text only."""
    return _shell() is not None and kernel() is None


def _shell() -> Any:
    # Another thread may be importing it right now.
    get = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return None if get is None else get()
