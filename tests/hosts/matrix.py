"""How each host shows a run in each situation: read from `matrix.json`, printed as a table."""

from __future__ import annotations

import json
from pathlib import Path

MATRIX = json.loads(Path(__file__).with_name("matrix.json").read_text("utf-8"))
SITUATIONS: list[str] = MATRIX["situations"]
HOSTS: dict[str, dict[str, str]] = MATRIX["hosts"]
NOT_POSSIBLE = "n/a: "
POSSIBLE = [
    (host, situation)
    for host, cells in HOSTS.items()
    for situation in SITUATIONS
    if not cells[situation].startswith(NOT_POSSIBLE)
]


def table(shown: dict[tuple[str, str], str]) -> str:
    """Return the matrix as a Markdown table with what was shown; a host is a column, a reason a note below it."""
    reasons: list[str] = []
    rows = [["", *HOSTS], ["---"] * (len(HOSTS) + 1)]
    for situation in SITUATIONS:
        row = [situation]
        for host, cells in HOSTS.items():
            is_possible = (host, situation) in POSSIBLE
            reason = cells[situation].removeprefix(NOT_POSSIBLE)
            if not is_possible and reason not in reasons:
                reasons.append(reason)
            row.append(
                shown.get((host, situation), "not run")
                if is_possible
                else f"n/a ({reasons.index(reason) + 1})"
            )
        rows.append(row)
    lines = [f"| {' | '.join(row)} |".replace("|  |", "| |", 1) for row in rows]
    notes = [f"{number}. {reason}" for number, reason in enumerate(reasons, 1)]
    return "\n".join([*lines, "", *notes, ""])
