"""The harness itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lab import Lab

COUNTER = """
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = '''
    export default {
      render({ model, el }) {
        const button = document.createElement("button");
        const draw = () => { button.textContent = `clicked ${model.get("count")}`; };
        button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
        model.on("change:count", draw);
        draw();
        el.append(button);
      },
    };
    '''
    count = traitlets.Int(0).tag(sync=True)

counter = Counter()
counter
"""


def test_a_widget_answers_a_click(lab: Lab) -> None:
    """A click in the page reaches Python, and the saved notebook has what Python then said."""
    lab.write("counter.ipynb", [COUNTER, "print('count', counter.count)"])
    lab.open("counter.ipynb")
    lab.run(0)
    button = lab.output(0).get_by_role("button")
    button.click()
    lab.output(0).get_by_text("clicked 1").wait_for()
    lab.run(1)
    assert lab.output(1).inner_text().strip() == "count 1"
    lab.theme("dark")
    lab.width(700)
    lab.screenshot("counter-dark")
    lab.save()
    assert lab.read("counter.ipynb").cells[1].outputs[0].text == "count 1\n"
    assert lab.errors == []


def test_a_reopened_notebook_has_a_new_kernel(lab: Lab) -> None:
    lab.write("kernel.ipynb", ["import os; print(os.getpid())"])
    lab.open("kernel.ipynb")
    lab.run_all()
    first = lab.output(0).inner_text()
    lab.save()
    lab.reopen()
    assert lab.output(0).inner_text() == first
    lab.run_all()
    assert lab.output(0).inner_text() != first
