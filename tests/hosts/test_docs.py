"""What the documentation says of the hosts is what the tests see."""

from __future__ import annotations

from .matrix import HOSTS, POSSIBLE, SITUATIONS, table
from .programs import ROOT

PAGE = ROOT / "docs" / "hosts.md"
PICTURES = ROOT / "docs" / "images" / "hosts"


def test_the_table_in_the_documentation_is_that_of_the_tests() -> None:
    """Each test compares its cell with what is on the screen."""
    expected = table({(host, situation): HOSTS[host][situation] for host, situation in POSSIBLE})
    _, _, rest = PAGE.read_text("utf-8").partition("<!-- matrix -->\n")
    written, _, _ = rest.partition("<!-- /matrix -->")
    assert written == expected


def test_every_cell_says_what_is_seen_or_why_there_is_nothing() -> None:
    for cells in HOSTS.values():
        assert list(cells) == SITUATIONS
        assert all(
            shown in ("card", "twin", "text") or shown.startswith("n/a: ")
            for shown in cells.values()
        )


def test_there_is_a_small_picture_of_every_host() -> None:
    text = PAGE.read_text("utf-8")
    sizes = {path.name: path.stat().st_size for path in PICTURES.glob("*.png")}
    assert all(f"images/hosts/{name}" in text for name in sizes)
    assert len(sizes) == len(HOSTS)
    assert max(sizes.values()) <= 60_000
    assert sum(sizes.values()) <= 600_000
