"""The text of a page that is visible on the screen, from any element."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, NamedTuple

from tests.browser.card_page import CardPage

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Locator, Page

    from .notebook import Run

SECONDS = 80
PROBLEMS = re.compile(
    r"Error displaying widget|Loading widget|model not found|<[\w.]+ object at 0x[0-9a-f]+>"
    r"|\bFlowRunCard\(|\bFlowRunView\(|Cell In ?\[|error when executing cell"
)
# Text nodes in the document and in every shadow root, except what is transparent, clipped to a point or not drawn.
TEXTS = """(start) => {
  const words = [];
  const isClipped = (element, box) => {
    for (let at = element; at && at !== document.body; at = at.parentElement ?? at.getRootNode().host) {
      const { overflow, clipPath, position } = getComputedStyle(at);
      const own = at.getBoundingClientRect();
      if (clipPath !== 'none' && own.width <= 1) return true;
      if (overflow !== 'visible' && (own.width <= 1 || own.height <= 1)) return true;
      if (position === 'fixed') break;
    }
    return box.right <= 0 || box.bottom + scrollY <= 0;
  };
  const read = (root) => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = nodes.currentNode; node; node = nodes.nextNode()) {
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.shadowRoot) read(node.shadowRoot);
        continue;
      }
      const parent = node.parentElement ?? node.getRootNode().host;
      if (!node.data?.trim() || !parent?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width > 0 && box.height > 0 && !isClipped(parent, box)) words.push(node.data);
    }
  };
  read(start);
  return words;
}"""
VISIBLE_TEXT = f"() => ({TEXTS})(document.body).join('\\n')"
EMPTY_OUTPUTS = f"""() => [...document.querySelectorAll('.jp-OutputArea-child')]
  .filter((output) => output.getBoundingClientRect().height > 8 && !({TEXTS})(output).length)
  .map((output) => `empty: ${{output.getBoundingClientRect().height}} px of ${{output.outerHTML.slice(0, 300)}}`)"""


class Seen(NamedTuple):
    """The words on a page, with one space between any two, and how many cards and twins show themselves."""

    text: str
    cards: int
    twins: int

    def wrong(self, runs: list[Run], said: list[str], cards: int, *, has_marks: bool) -> list[str]:
        """Return what is not as it should be, where so many of the runs are cards.

        `has_marks`: twins can be told by their class.
        """
        wrong = [f"on the screen: {found.group()!r}" for found in PROBLEMS.finditer(self.text)]
        words = [*said, *(word for run in runs for word in run.said)]
        wrong += [
            f"not on the screen: {word!r}"
            for word in dict.fromkeys(words)
            if " ".join(word.split()) not in self.text
        ]
        for run in {run.name: run for run in runs}.values():
            wanted = sum(one.name == run.name for one in runs)
            if self.text.count(run.name) < wanted:
                wrong.append(f"{run.name!r} stands there {self.text.count(run.name)} times")
        if has_marks and (self.cards, self.twins) != (cards, len(runs) - cards):
            wrong.append(f"{self.cards} cards and {self.twins} twins; {cards} were to be cards")
        return wrong


def seen(page: Page | Frame) -> Seen:
    return Seen(
        text=" ".join(page.evaluate(VISIBLE_TEXT).split()),
        cards=cards(page).filter(visible=True).count(),
        twins=page.locator(".frw-fallback").filter(visible=True).count(),
    )


def cards(page: Page | Frame) -> Locator:
    return page.get_by_role("article", name=re.compile("^Flow run"))


def expect_readable(
    page: Page | Frame, runs: list[Run], said: list[str], cards: int, *, has_marks: bool = True
) -> None:
    """Wait until the first runs are readable as cards and the others as twins, with what stands around them.

    A card's task table is a tab away; afterwards its log is shown again.
    """
    expected = [run.first_look for run in runs[:cards]] + runs[cards:]
    deadline = time.monotonic() + SECONDS
    while wrong := [
        *seen(page).wrong(expected, said, cards, has_marks=has_marks),
        *page.evaluate(EMPTY_OUTPUTS),
    ]:
        assert time.monotonic() < deadline, "\n".join([*wrong, seen(page).text[:3_000]])
        page.wait_for_timeout(100)
    for nth, run in enumerate(runs[:cards]):
        card = CardPage(page.locator("body"), nth).wait()
        card.show("Task runs")
        for task in run.tasks:
            card.tasks.get_by_text(task).first.wait_for(timeout=SECONDS * 1_000)
        card.show("Logs")
