"""The sources of runs: one folder per protocol, the HTTP transport, and the interface that every source implements."""

import sys

# httpx imports its own command line if Click and Rich are there, which takes longer than the rest of it.
sys.modules.setdefault("httpx._main", None)  # pyright: ignore[reportArgumentType]
