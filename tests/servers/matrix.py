"""Which versions of Prefect's server are read, and what of them: each cell is a test in `test_matrix.py`."""

from __future__ import annotations

VERSIONS = ["2.20.25", "3.0.11", "3.3.2", "3.4.25", "3.6.20", "3.8.8", "3.9.1"]
USES = [
    "open",
    "refresh",
    "watch",
    "logs",
    "task runs",
    "digest",
    "save",
    "find",
    "find by details",
]


def table(worked: set[tuple[str, str]]) -> str:
    """Return the cells as a Markdown table; one that was not seen to work is empty."""
    rows = [
        ["Prefect", *USES],
        ["---"] * (len(USES) + 1),
        *(
            [version, *("yes" if (version, use) in worked else "" for use in USES)]
            for version in VERSIONS
        ),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
