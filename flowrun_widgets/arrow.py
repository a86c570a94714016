"""pyarrow's compute functions, which it makes at run time where no type checker sees them."""

from __future__ import annotations

from typing import Any

import pyarrow.compute

__all__ = ["pc"]

pc: Any = pyarrow.compute
