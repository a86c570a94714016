"""What `make demo` leaves, for the tests that look at it."""

from __future__ import annotations

import fcntl
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.card_page import CardPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "build" / "demo"
CARDS = 2


def built(folder: Path) -> str:
    """Do what `make demo` does, unless it was done for that folder; return what it printed."""
    said = folder / "demo.txt"
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            program = [sys.executable, "tools/build_demo.py"]
            done = subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True)
            said.write_text(done.stdout, "utf-8")
    return said.read_text("utf-8")


def expect_lines(part: Locator) -> None:
    """Wait until every card shows lines, and the one that was saved with a filter its 7 hits of 94 lines."""
    for nth in range(CARDS):
        card = CardPage(part, nth).wait()
        expect(card.rows.first).to_be_visible()
        expect(card.root.get_by_text("No line matches")).to_have_count(0)
    expect(CardPage(part, CARDS).root).to_have_count(0)
    filtered = CardPage(part)
    filtered.expect_hits(7)
    expect(filtered.lines.locator(".line")).to_have_count(7)
    expect(filtered.root.locator("footer")).to_contain_text(re.compile("94 of 94 lines"))
    filtered.filter.fill("")
    expect(filtered.rows.nth(7)).to_be_visible()
