"""Colours, sizes and motion of the card are those that it was drawn with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .card_page import CardPage
    from .lab import Lab, Theme

FAMILIES = {
    "failed": ("#bf2222", "#ff7f76"),
    "done": ("#1b7035", "#6fcf8a"),
    "running": ("#1d5cc9", "#82b1ff"),
    "waiting": ("#7d5200", "#efc062"),
    "retry": ("#a8430a", "#ffa56e"),
    "paused": ("#5548c8", "#b5aeff"),
    "cached": ("#0b6a7c", "#62cfe0"),
    "muted": ("#586470", "#aab4be"),
}
TOKENS = {"--on-badge": ("#ffffff", "#111111"), "--hit": ("#ffe58a", "#6b5200")}
MIXES = {
    "--fg1": 0.88,
    "--fg2": 0.70,
    "--fg3": 0.62,
    "--graphic": 0.48,
    "--surface1": 0.025,
    "--surface2": 0.055,
    "--surface3": 0.10,
}
PAINTED = """(card, probes) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const probe = card.appendChild(document.createElement('i'));
  const painted = probes.map(([family, name]) => {
    probe.className = family;
    probe.style.color = `var(${name})`;
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  });
  probe.remove();
  return painted;
}"""
FAINT = """card => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const light = () => {
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paint = colour => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
  };
  const isText = part => [...part.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  return [card, ...card.querySelectorAll('*')].filter(part => part.checkVisibility() && isText(part))
    .flatMap(part => {
      const behind = [];
      for (let at = part; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
      paint('Canvas');
      behind.forEach(paint);
      const ground = light();
      paint(getComputedStyle(part).color);
      const [low, high] = [ground, light()].sort((a, b) => a - b);
      const ratio = (high + 0.05) / (low + 0.05);
      return ratio < 4.5 ? [`${part.outerHTML.slice(0, 120)} ${ratio.toFixed(1)}`] : [];
    });
}"""
MOVING = """card => [card, ...card.querySelectorAll('*')].filter(element => {
  const { transitionDuration, transitionProperty, animationName } = getComputedStyle(element);
  const isStill = transitionProperty === 'none' || /^[0s, ]+$/.test(transitionDuration);
  return !isStill || animationName !== 'none';
}).map(element => element.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_the_tokens_of_the_drawing(standing: Lab, card: CardPage, theme: Theme) -> None:
    standing.theme(theme)
    probes = [(name, "", name) for name in ("--fg", "--bg", *TOKENS, *MIXES)]
    probes += [(family, "", f"--{family}") for family in FAMILIES]
    found = card.root.evaluate(PAINTED, [(family, name) for _, family, name in probes])
    painted = dict(zip([token for token, *_ in probes], found, strict=True))
    front, back = painted["--fg"], painted["--bg"]
    expected = {name: rgb(pair[theme == "dark"]) for name, pair in {**TOKENS, **FAMILIES}.items()}
    for name, share in MIXES.items():
        expected[name] = [
            round(a * share + b * (1 - share)) for a, b in zip(front, back, strict=True)
        ]
    differing = {
        name: (painted[name], value)
        for name, value in expected.items()
        if any(abs(a - b) > 1 for a, b in zip(painted[name], value, strict=True))
    }
    assert differing == {}


def test_sizes_are_those_of_the_drawing(card: CardPage) -> None:
    warning = card.root.get_by_role("button", name=re.compile("^Warning"))
    card.rows.first.wait_for()
    sizes = {
        "card": style(card.root, "border-top-left-radius", "border-top-width"),
        "badge": height(card.root.locator(".badge")),
        "tab": height(card.tab("Logs")),
        "chosen tab": style(card.tab("Logs"), "font-weight"),
        "other tab": style(card.tab("Timeline"), "font-weight"),
        "filter line": height(card.root.locator(".filter-line")),
        "filter text": style(card.filter, "font-size"),
        "level pill": height(warning),
        "level pill's edge": style(warning, "border-top-left-radius"),
        "log row": height(card.rows.first),
        "log text": style(card.rows.first, "font-size", "line-height"),
        "footer text": style(card.root.locator(".footer"), "font-size", "line-height"),
    }
    card.show("Task runs")
    row = card.tasks.get_by_role("row")
    row.nth(1).wait_for()
    sizes |= {"table head": height(row.first), "table row": height(row.nth(1))}
    assert sizes == {
        "card": ["6px", "1px"],
        "badge": 24,
        "tab": 36,
        "chosen tab": ["600"],
        "other tab": ["400"],
        "filter line": 32,
        "filter text": ["12px"],
        "level pill": 24,
        "level pill's edge": ["12px"],
        "log row": 20,
        "log text": ["12px", "20px"],
        "footer text": ["11px", "16px"],
        "table head": 28,
        "table row": 28,
    }


def test_nothing_moves_for_a_reader_who_wants_that(standing: Lab, card: CardPage) -> None:
    assert card.root.evaluate(MOVING)
    standing.reduced_motion()
    assert card.root.evaluate(MOVING) == []


def test_text_stays_legible_in_forced_colours(standing: Lab, card: CardPage) -> None:
    """All text stands out from what is behind it, also what is chosen."""
    standing.reduced_motion()  # colours would still be on their way
    standing.forced_colors()
    card.button("^Error").click()
    expect(card.button("^Error")).to_have_attribute("aria-pressed", "true")
    assert card.root.evaluate(FAINT) == []


def height(part: Locator) -> int:
    """Return how high a part is, in whole pixels."""
    box = part.first.bounding_box()
    assert box
    return round(box["height"])


def style(part: Locator, *names: str) -> list[str]:
    """Return computed values of a part."""
    return part.first.evaluate(
        "(part, names) => names.map(name => getComputedStyle(part).getPropertyValue(name))",
        list(names),
    )


def rgb(text: str) -> list[int]:
    return [int(text[at : at + 2], 16) for at in (1, 3, 5)]
