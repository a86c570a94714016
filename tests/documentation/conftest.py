"""Nothing is configured where commands run."""

from tests.stores import nothing_configured

__all__ = ["nothing_configured"]
