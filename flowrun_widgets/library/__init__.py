"""The local library: finished runs that were read once are kept in the local store (docs/decisions/library.md)."""

from flowrun_widgets.library.library import KeptRun, Library
from flowrun_widgets.library.source import Kept

__all__ = ["Kept", "KeptRun", "Library"]
