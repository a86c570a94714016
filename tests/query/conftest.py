"""Nothing is configured while these tests run."""

from tests.stores import nothing_configured, recorded, recorded_store, small_store, store

__all__ = ["nothing_configured", "recorded", "recorded_store", "small_store", "store"]
