"""The page that `make demo` writes, and the one that `flowrun export` makes of its notebook."""

import pytest

from flowrun_widgets.cli import main
from tests.demo import DEMO, expect_lines


@pytest.mark.usefixtures("demo")
def test_every_card_of_the_page_shows_its_lines(opened):
    page = opened(DEMO / "tour.html")
    expect_lines(page.page.locator("body"))
    assert page.complaints == []


@pytest.mark.usefixtures("demo")
def test_every_card_shows_its_lines_after_an_export(opened, tmp_path):
    path = tmp_path / "exported.html"
    main(["export", str(DEMO / "tour.ipynb"), "--output", str(path)])
    page = opened(path)
    expect_lines(page.page.locator("body"))
    assert page.complaints == []
