"""VS Code: saved notebooks in its own view, and live cards on a page with the classes and variables of its own.

The kernels of VS Code come with an extension that no registry here has. On that page every output lies in a positioned
box of its own, whose height the editor sets; a widget in one more, on white ground and with light variables of JupyterLab
in every theme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from playwright.sync_api import expect

from flowrun_widgets.report.scripts import script

from .contrast import faint
from .notebook import RUNS, SAID, Run
from .programs import ROOT
from .screen import expect_readable
from .vscode import THEMES, VSCodeHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from .conftest import Hosts

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
SHOWN: list[Run] = RUNS[:3]
PAGE = """<!doctype html><meta charset=utf-8><title>outputs</title>
<style>
:root { --jp-layout-color0: #fff; --jp-ui-font-color0: #000; --jp-content-link-color: #1976d2; --jp-border-color2: #e0e0e0 }
.vscode-dark { --vscode-editor-background: #1f1f1f; --vscode-foreground: #ccc; --vscode-textLink-foreground: #4daafc }
.vscode-light { --vscode-editor-background: #fff; --vscode-foreground: #3b3b3b; --vscode-textLink-foreground: #005fb8 }
.vscode-high-contrast { --vscode-editor-background: #000; --vscode-foreground: #fff; --vscode-contrastBorder: #6fc3df;
  --vscode-textLink-foreground: #21a6ff }
.vscode-high-contrast-light { --vscode-editor-background: #fff; --vscode-foreground: #292929;
  --vscode-contrastBorder: #0f4a85; --vscode-textLink-foreground: #0f4a85 }
body { background: var(--vscode-editor-background) }
.cell_container, .output_container, .output { position: relative } .output_container { overflow: hidden }
.output { padding: 0 8px } .cell-output-ipywidget-background { background: #fff }</style>
<body class="vscode-light"><div id="container"></div></body>"""
BUILD = """([outputs, code]) => {
  const container = document.getElementById('container');
  const box = (parent, name) => {
    const made = document.createElement('div');
    made.classList.add(name);
    return parent.appendChild(made);
  };
  const cell = box(container, 'cell_container');
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  window.ends = [];
  window.cards = outputs.map(({ html, state }) => {
    const output = box(box(cell, 'output_container'), 'output');
    if (html !== null) output.innerHTML = html;
    if (state === null) return async () => {};
    const bytes = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    const model = { get: (name) => name in state.bytes ? bytes(state.bytes[name]) : state.texts[name],
      set() {}, save_changes() {}, on() {}, off() {}, send() {} };
    return async () => {
      const el = box(output, 'cell-output-ipywidget-background');
      const end = await (await import(url)).default.render({ model, el });
      window.ends.push(() => { end(); el.remove(); });
    };
  });
}"""


def state(model: Any) -> dict[str, dict[str, str]]:
    return {
        "texts": {name: text for name, text in model["state"].items() if isinstance(text, str)},
        "bytes": {one["path"][0]: one["data"] for one in model["buffers"]},
    }


def outputs(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Return what each output of the notebook is to the editor; containers are left out."""
    models = notebook.metadata.widgets[STATE]["state"]
    found: list[dict[str, Any]] = []
    for cell in notebook.cells[:-1]:
        for output in cell.outputs:
            data = output.get("data", {"text/plain": output.get("text")})
            model = models[data[VIEW]["model_id"]] if VIEW in data else None
            html = None if model else data.get("text/html", f"<pre>{data['text/plain']}</pre>")
            found.append({"html": html, "state": model and state(model)})
    return found


@pytest.fixture(scope="module")
def page(hosts: Hosts, browser: Browser) -> Iterator[Page]:
    notebook = nbformat.read(hosts.executed.by_nbclient, 4)
    context = browser.new_context(
        viewport={"width": 1280, "height": 4_200}, timezone_id="UTC", reduced_motion="reduce"
    )
    page = context.new_page()
    page.route("https://outputs.invalid/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))  # fmt: skip
    page.goto("https://outputs.invalid/")
    page.evaluate(BUILD, [outputs(notebook), script("card.js").decode()])
    yield page
    context.close()


def test_without_a_kernel_the_twins_are_readable(page: Page) -> None:
    expect_readable(page, SHOWN, SAID, cards=0)


def test_live_cards_hide_their_twins_and_nothing_else(page: Page) -> None:
    page.evaluate("Promise.all(cards.map((show) => show()))")
    expect_readable(page, SHOWN, SAID, cards=len(SHOWN))
    page.evaluate("ends.splice(0).forEach((end) => end())")
    expect_readable(page, SHOWN, SAID, cards=0)


@pytest.mark.parametrize("theme", THEMES.values())
def test_a_live_card_has_the_colours_of_the_theme(page: Page, theme: str) -> None:
    """Its ground, its text, the error and its links; nothing is white in a dark window."""
    page.evaluate("Promise.all(cards.map((show) => show()))")
    kinds = f"{theme} vscode-high-contrast" if "contrast" in theme else theme
    page.evaluate("kinds => { document.body.className = kinds }", kinds)
    scheme = "light" if theme.endswith("light") else "dark"
    expect(page.locator(f".frw-place[data-scheme={scheme}]")).to_have_count(len(SHOWN))
    assert faint(page, ".frw-live") == []
    grounds = page.evaluate(
        """() => [document.body, document.querySelector('.frw-place').shadowRoot.querySelector('.frw'),
          document.querySelector('.cell-output-ipywidget-background')]
          .map((part) => getComputedStyle(part).backgroundColor)"""
    )
    assert grounds[0] == grounds[1]
    assert grounds[2] == "rgba(0, 0, 0, 0)"
    page.screenshot(
        path=ROOT / "build" / "hosts" / f"live-{theme}.png",
        clip={"x": 0, "y": 0, "width": 1280, "height": 1_100},
    )
    page.evaluate("ends.splice(0).forEach((end) => end())")
    page.evaluate("document.body.className = 'vscode-light'")


@pytest.mark.parametrize("is_trusted", [True, False], ids=["trusted", "restricted"])
def test_a_saved_run_is_read_in_every_theme(hosts: Hosts, is_trusted: bool) -> None:
    """As the twin, and as text in a restricted window, where no HTML is shown."""
    vscode = hosts["VS Code"]
    assert isinstance(vscode, VSCodeHost)
    for theme, kind in THEMES.items():
        outputs = vscode.open(hosts.executed.by_nbclient, is_trusted=is_trusted, theme=theme)
        outputs.wait_for_function("kind => document.body.classList.contains(kind)", arg=kind)
        said = SAID if is_trusted else SAID[:3]
        expect_readable(outputs, RUNS, said, cards=0, has_marks=is_trusted)
        window = "trusted" if is_trusted else "restricted"
        vscode.page.screenshot(
            path=ROOT / "build" / "hosts" / f"{kind}-{window}.png",
            clip={"x": 0, "y": 0, "width": 1280, "height": 1_100},
        )
