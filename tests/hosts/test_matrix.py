"""A failed run is readable in every host and situation that there can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Frame

from .matrix import HOSTS, POSSIBLE
from .notebook import RUNS, SAID
from .programs import ROOT
from .screen import expect_readable

CLIP = {"x": 0, "y": 0, "width": 1280, "height": 1_100}
PICTURES = ROOT / "build" / "hosts"
"""Of each cell a picture is left there; those in docs/images/hosts/ were made of such ones."""
TEXTS = SAID[:3]
"""What else is read where no HTML is shown."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Hosts


@pytest.mark.parametrize(
    ("host", "situation"), [pytest.param(*cell, id=", ".join(cell)) for cell in POSSIBLE]
)
def test_runs_are_readable(
    hosts: Hosts, record_property: Callable[[str, object], None], host: str, situation: str
) -> None:
    """Their names, states, failures and task tables, and what stands around them; nothing else is on the screen."""
    kind = HOSTS[host][situation]
    place = hosts[host]
    page = place.enter(situation)
    cards = place.cards if kind == "card" else 0
    is_text = kind == "text"
    expect_readable(
        page, RUNS, TEXTS if is_text else SAID, cards, has_marks=place.has_marks and not is_text
    )
    record_property("shown", (host, situation, kind))
    tab = page.page if isinstance(page, Frame) else page
    name = f"{host}-{situation}".lower().replace(" ", "-").replace("à", "a")
    tab.screenshot(path=PICTURES / f"{name}.png", clip=CLIP)
