"""pyarrow's compute functions, which it makes at run time where no type checker sees them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute

__all__ = ["pc", "true_positions"]

pc: Any = pyarrow.compute


def true_positions(mask: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return where a mask is true. The process dies of `indices_nonzero` of chunks without a value up to pyarrow 25."""
    return pc.indices_nonzero(mask) if len(mask) else pa.array([], pa.uint64())
