"""Makes docs/images/card.gif: the card of a failed run in JupyterLab, filtered, read, and looked at as a timeline."""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.card_page import CardPage  # noqa: E402
from tests.browser.conftest import CHROMIUM_OPTIONS, SCREENSHOTS  # noqa: E402
from tests.browser.lab import Lab  # noqa: E402
from tests.browser.server import LabServer  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

PICTURE = ROOT / "docs" / "images" / "card.gif"
WIDTH, HEIGHT = 960, 900
CELL = "import flowrun_widgets as fw\ndemo = fw.demo(pace=1e-9)"
COLOURS = 32


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    server = LabServer(folder)
    chromium = os.environ.get("FLOWRUN_CHROMIUM") or shutil.which("chromium")
    try:
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_OPTIONS])
            page = browser.new_page(viewport={"width": WIDTH + 60, "height": 1_500})
            frames = [*scenes(Lab(page, server, "picture", SCREENSHOTS))]
            browser.close()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    first, *others = [
        picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        for picture, _ in frames
    ]
    first.save(
        PICTURE, save_all=True, append_images=others, duration=[ms for _, ms in frames], loop=0
    )
    print(f"{PICTURE.relative_to(ROOT)}: {len(frames)} pictures, {PICTURE.stat().st_size:,} bytes")


def scenes(lab: Lab) -> Iterator[tuple[Image.Image, int]]:
    """Yield pictures of the card, with how many milliseconds each is shown."""
    lab.write("picture.ipynb", [CELL, 'fw.latest(state="failed")'])
    lab.open("picture.ipynb")
    lab.run_all()
    card = CardPage(lab.cell(1)).wait()
    yield taken(lab.page, card), 2_500
    card.filter.fill("journal")
    yield taken(lab.page, card), 1_500
    card.root.get_by_role("radio", name="Only hits").click()
    yield taken(lab.page, card), 2_000
    card.filter.fill("level:error")
    yield taken(lab.page, card), 2_000
    card.show("Timeline")
    yield taken(lab.page, card), 2_500
    card.show("Task runs")
    yield taken(lab.page, card), 2_000


def taken(page: Page, card: CardPage) -> Image.Image:
    page.wait_for_timeout(700)
    box = card.root.bounding_box()
    assert box
    clip = {"x": box["x"], "y": box["y"], "width": box["width"], "height": min(box["height"], HEIGHT)}  # fmt: skip
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    whole = Image.new("RGB", (int(box["width"]), HEIGHT), "white")
    whole.paste(picture, (0, 0))
    return whole


if __name__ == "__main__":
    main()
