"""The revisions of Prefect 3's database that are read, oldest first; alembic names the current one in the database.

A new Prefect may add revisions. `tools/prefect3_revisions.py` lists those of an installed one: add them here after the
tests in `tests/prefect3_database` have compared its database with its REST API.
"""

from __future__ import annotations

__all__ = ["NEWEST", "OLDEST", "REVISIONS"]

OLDEST, NEWEST = "3.2", "3.9.1"
"""The versions of Prefect whose databases are read."""
REVISIONS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "5952a5498b51",
        "a49711513ad4",
        "67f886da208e",
        "07ecde74d74d",
        "3457c6ca2360",
        "bbca16f6f218",
        "7655f31c5157",
        "3c841a1800a1",
        "bb2345678901",
        "8bb517bae6f9",
        "9e83011d1f2a",
        "a1b2c3d4e5f7",
        "4dfa692e02a7",
        "2095de406cbe",
        "79e7a60e43d8",
        "14806cb26270",
        "f416ea180ae1",
        "a3b9c7d2e5f1",
        "8f5eda7c1dd7",
        "27d8f4e1a6c9",
    ),
    "postgresql": (
        "68a44144428d",
        "5d03c01be85e",
        "c163acd7e8e3",
        "a03d00b8e275",
        "b5f5644500d2",
        "06b7c293bc69",
        "7a73514ca2d6",
        "4160a4841eed",
        "1c9bb7f78263",
        "aa1234567890",
        "3b86c5ea017a",
        "9e83011d1f2a",
        "a1b2c3d4e5f6",
        "09a9e091e578",
        "7218aad17905",
        "bad1e352c597",
        "50737cdaee36",
        "9e9dadc36797",
        "c8d5f2a71b3e",
        "d4a7e1c93f52",
        "e7f54680bce3",
        "91e2b8f3d6a4",
    ),
}
