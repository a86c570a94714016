"""A failed run is readable in every host and situation that there can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .matrix import HOSTS, POSSIBLE
from .notebook import RUNS, SAID
from .programs import ROOT
from .screen import expect_readable

PICTURES = {
    "JupyterLab": "live kernel",
    "Notebook 7": "saved and re-opened",
    "Voilà": "live kernel",
    "marimo": "live kernel",
    "nbconvert HTML": "nbclient",
    "sanitised HTML": "nbclient",
    "exported page": "nbclient",
}
"""Of each host one picture is left in build/hosts/; those in docs/images/hosts/ were made of such ones."""
CLIP = {"x": 0, "y": 0, "width": 1280, "height": 1_100}

if TYPE_CHECKING:
    from .conftest import Hosts


@pytest.mark.parametrize(
    ("host", "situation"), [pytest.param(*cell, id=", ".join(cell)) for cell in POSSIBLE]
)
def test_runs_are_readable(
    hosts: Hosts, shown: dict[tuple[str, str], str], host: str, situation: str
) -> None:
    """Their names, states, failures and task tables, and what stands around them; nothing else is on the screen."""
    kind = HOSTS[host][situation]
    place = hosts[host]
    page = place.enter(situation)
    cards = place.cards if kind == "card" else 0
    expect_readable(page, RUNS, SAID, cards, has_marks=place.has_marks)
    shown[host, situation] = kind
    if PICTURES.get(host) == situation:
        name = host.lower().replace(" ", "-").replace("à", "a")
        page.screenshot(path=ROOT / "build" / "hosts" / f"{name}.png", clip=CLIP)
