"""Runs the few tests that failed beside thousands of others once more, alone; `make python` calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MOST = 3
"""More failures than this are not the fault of a busy machine."""


def main(cache: Path) -> int:
    found = cache / "v" / "cache" / "lastfailed"
    failed = [*json.loads(found.read_text("utf-8"))] if found.is_file() else []
    if not 1 <= len(failed) <= MOST:
        return 1
    print("\n== pytest, once more and alone ==\nfailed:", *failed, sep="\n  ", flush=True)
    alone = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *failed])
    if alone.returncode == 0:
        print("PASSED ONLY ALONE, and to be mended:", *failed, sep="\n  ")
    return alone.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
