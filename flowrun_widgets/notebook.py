"""The notebook that this runs in."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["kernel"]


def kernel() -> Any:
    """Return the kernel of the notebook that this runs in; None elsewhere, and in a process that a kernel forked."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    found = getattr(shell, "kernel", None)
    session = getattr(found, "session", None)
    return found if getattr(session, "pid", os.getpid()) == os.getpid() else None
