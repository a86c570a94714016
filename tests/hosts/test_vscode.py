"""A page built as VS Code builds that of a notebook's outputs: a reconstruction, since VS Code itself is not there.

Every output lies in a positioned box of its own, whose height the editor sets; a widget in one more, and none of them
has a class that a Jupyter page has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from flowrun_widgets.card.scripts import script

from .notebook import RUNS, SAID, Run
from .screen import expect_readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from .conftest import Hosts

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
SHOWN: list[Run] = RUNS[:3]
PAGE = """<!doctype html><meta charset=utf-8><title>outputs</title>
<style>.cell_container, .output_container, .output { position: relative } .output_container { overflow: hidden }
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
    context = browser.new_context(viewport={"width": 1280, "height": 4_200}, timezone_id="UTC")
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
