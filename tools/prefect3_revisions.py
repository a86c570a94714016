"""Print the revisions of the database of an installed Prefect 3, for `prefect3_database/revisions.py`.

python tools/prefect3_revisions.py .cache/prefect-3.9.1
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

OLDEST = {"sqlite": "5952a5498b51", "postgresql": "68a44144428d"}
"""The revisions that added the last of the columns that are read."""
ASSIGNED = re.compile(
    r"^(down_revision|revision)(?:: *[^=]+)? *= *[\"']([^\"']+)[\"']", re.MULTILINE
)


def revisions(environment: Path, kind: str) -> list[str]:
    """Return the revisions of an environment's Prefect from the oldest that is read to its newest, in order."""
    (folder,) = environment.glob(
        f"lib/python3*/site-packages/prefect/server/database/_migrations/versions/{kind}"
    )
    after: dict[str, str] = {}
    for path in folder.glob("*.py"):
        named = dict(ASSIGNED.findall(path.read_text("utf-8")))
        if "down_revision" in named:
            after[named["down_revision"]] = named["revision"]
    found = [OLDEST[kind]]
    while found[-1] in after:
        found.append(after[found[-1]])
    return found


def main(environment: Path) -> None:
    for kind in OLDEST:
        print(f'    "{kind}": (')
        for revision in revisions(environment, kind):
            print(f'        "{revision}",')
        print("    ),")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
