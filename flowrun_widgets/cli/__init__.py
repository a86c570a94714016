"""The command `flowrun`: what is known about runs, in a terminal, in a pipe, and as JSON."""

from __future__ import annotations

from flowrun_widgets.cli.main import main

__all__ = ["main"]
