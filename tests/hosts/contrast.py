"""Text that is hard to read on its ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

LEAST = 4.5
FAINT = """([part, least]) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [[red, green, blue], alpha / 255];
  };
  const above = (element) => element.parentElement ?? element.getRootNode().host;
  const ground = (element) => {
    const over = [];
    for (let at = element; at; at = above(at)) over.push(parse(getComputedStyle(at).backgroundColor));
    return over.reverse().reduce(
      (under, [colour, alpha]) => under.map((value, i) => value * (1 - alpha) + colour[i] * alpha), [255, 255, 255]);
  };
  const light = (colour) => colour
    .map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  const read = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) read(element.shadowRoot);
      if (element.closest('[aria-hidden], svg, style') || !element.checkVisibility()) continue;
      if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
      const [one, other] = [light(parse(getComputedStyle(element).color)[0]), light(ground(element))];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      if (contrast < least) found.push(`${contrast.toFixed(1)} ${element.localName}: ${element.textContent.slice(0, 60)}`);
    }
  };
  for (const element of document.querySelectorAll(part)) read(element);
  return [...new Set(found)];
}"""


def faint(page: Page | Frame, part: str) -> list[str]:
    """Return the text within parts of a page whose contrast to its ground is below what WCAG asks for."""
    return page.evaluate(FAINT, [part, LEAST])
