"""The notebook that this runs in."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["is_terminal", "kernel"]


def kernel() -> Any:
    """Return the kernel of the notebook that this runs in; None elsewhere, and in a process that a kernel forked."""
    found = getattr(_shell(), "kernel", None)
    session = getattr(found, "session", None)
    return found if getattr(session, "pid", os.getpid()) == os.getpid() else None


def is_terminal() -> bool:
    """Whether this is IPython without a notebook: it shows text."""
    return _shell() is not None and kernel() is None


def _shell() -> Any:
    # Another thread may be in the middle of importing it.
    get = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return None if get is None else get()
