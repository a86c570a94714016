"""Pages of documentation with the themes' own styles: the twin in the light, in the dark and on paper; and Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from nbconvert.exporters import MarkdownExporter

import flowrun_widgets as fw
from flowrun_widgets.plain_text import unfenced
from flowrun_widgets.report.html.template import whole_html

from .builders import BUILDERS, DARK, built
from .contrast import faint
from .notebook import RUNS, SAID
from .programs import ROOT
from .screen import expect_readable

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from .conftest import Hosts
    from .programs import Programs

CLIP = {"x": 0, "y": 0, "width": 1280, "height": 1_100}


@pytest.mark.parametrize("builder", BUILDERS)
def test_the_twin_is_read_in_the_light_in_the_dark_and_on_paper(
    hosts: Hosts, browser: Browser, programs: Programs, builder: str
) -> None:
    copy = hosts.executed.source.with_name("documented.ipynb")
    copy.write_bytes(hosts.executed.by_nbclient.read_bytes())
    page = browser.new_page(viewport={"width": 1280, "height": 4_000}, offline=True)
    page.goto(built(builder, copy, programs).as_uri(), wait_until="domcontentloaded")
    for look in ("light", "dark"):
        if look == "dark":
            page.evaluate(DARK[builder])
        expect_readable(page, RUNS, SAID, cards=0)
        page.locator(".frw-fallback").first.scroll_into_view_if_needed()
        page.wait_for_timeout(500)  # themes let colours change slowly
        assert faint(page, ".frw-fallback") == []
        page.screenshot(path=ROOT / "build" / "hosts" / f"{builder}-{look}.png", clip=CLIP)
    page.emulate_media(media="print")
    assert page.locator(".frw-fallback").filter(visible=True).count() == len(RUNS)
    page.context.close()


def test_a_twin_is_one_block_of_html_in_markdown(hosts: Hosts) -> None:
    """An empty line would end it, and what a message says would be read as Markdown."""
    text, _ = MarkdownExporter().from_notebook_node(nbformat.read(hosts.executed.by_nbclient, 4))
    found = text.split('<div class="frw-fallback')[1:]
    assert len(found) == len(RUNS)
    for one in found:
        block = one.partition("\n\n")[0]
        assert block.rstrip().endswith("</div>")


def test_a_message_ends_no_block() -> None:
    message = "one\n\n# two\n \t\n```\n</pre></div>"
    html = whole_html("logs.html.j2", title="t", log_text=message, levels=[], span="", words="")
    assert not any(not line.strip() for line in html.split("\n"))
    assert "&#10;" in html
    assert "</pre></div>&lt;" not in html
    assert "\n    ```" in unfenced(message)


def test_every_view_is_one_block() -> None:
    with fw.demo() as demo:
        run = fw.FlowRunView.from_flow_run_id(demo.failed)
        for view in (run.get_logs(), run.get_all_task_runs()[0], fw.find_flow_runs()):
            bundle = view._repr_mimebundle_()
            html = (bundle[0] if isinstance(bundle, tuple) else bundle)["text/html"]
            assert "\n\n" not in html
