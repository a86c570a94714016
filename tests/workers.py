"""Which tests share a worker of pytest-xdist, and which tests start first."""

from __future__ import annotations

import re

__all__ = ["group", "is_long", "turn"]

TOGETHER = ("browser", "servers", "prefect3", "gateway", "hosts", "export")
"""Folders whose tests share servers or a browser, in the order in which they begin: what takes long comes first."""
LONG = ("tests/unit/test_watch_schedules.py", "tests/card/test_lifetime.py")
"""Files that take long by themselves; they come next."""
VERSION = re.compile(r"\[.*?(\d+\.\d+\.\d+)")


def group(nodeid: str) -> str:
    """Return what a test shares a worker with: a folder of `TOGETHER`, of `servers` one version, else its file."""
    folder = _folder(nodeid)
    if folder not in TOGETHER:
        return nodeid.partition("::")[0]
    version = VERSION.search(nodeid) if folder == "servers" else None
    return f"{folder} {version[1]}" if version else folder


def turn(nodeid: str) -> int:
    """Return a number by which tests are sorted, for the workers to end at about the same time."""
    folder = _folder(nodeid)
    if folder in TOGETHER:
        return TOGETHER.index(folder)
    return len(TOGETHER) + (not is_long(nodeid))


def is_long(nodeid: str) -> bool:
    """Return whether a test is one of those that take long."""
    return _folder(nodeid) in TOGETHER or nodeid.startswith(LONG)


def _folder(nodeid: str) -> str:
    return nodeid.split("/")[1]
