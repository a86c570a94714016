"""pyarrow's compute functions, which pyarrow creates at run time, where type checkers do not see them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute

__all__ = ["pc", "true_positions"]

pc: Any = pyarrow.compute


def true_positions(mask: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return where a mask is true. Up to pyarrow 25, `indices_nonzero` crashes the process on chunks without values."""
    return pc.indices_nonzero(mask) if len(mask) else pa.array([], pa.uint64())
