"""`fw.show` in a kernel: what each view leaves in the notebook, and in which order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import flowrun_widgets as fw
from flowrun_widgets.widget.display import ONLY_VSCODE
from tests.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

VIEW = "application/vnd.jupyter.widget-view+json"
SETUP = """
import ipywidgets
import flowrun_widgets as fw
demo = fw.demo()
run = fw.FlowRunView.from_flow_run_id(demo.failed)
other = fw.latest("nightly-orders")
"""


@pytest.fixture(scope="module")
def standing() -> Iterator[Kernel]:
    with Kernel() as kernel:
        kernel.run(SETUP)
        yield kernel


@pytest.fixture
def kernel(standing: Kernel) -> Kernel:
    standing.said.clear()
    return standing


def kinds(kernel: Kernel) -> list[str]:
    """Return what was displayed, one after the other: `twin stoic-marmot`, `widget`, `page` for other HTML, or a text."""
    found: list[str] = []
    for said in kernel.said:
        content = said["content"]
        if said["msg_type"] == "stream":
            found.append(content["text"].strip())
        elif said["msg_type"] == "display_data":
            page = content["data"].get("text/html", "")
            names = [name for name in ("stoic-marmot", "amber-heron") if f" / {name}</h3>" in page]
            if VIEW in content["data"]:
                assert set(content["data"]) == {VIEW, ONLY_VSCODE, "text/plain"}
                assert re.search("stoic-marmot|amber-heron", content["data"][ONLY_VSCODE])
                assert content["data"]["text/plain"] == ""
                found.append("widget")
            elif names and "display_id" in content["transient"]:
                found.append(f"twin {names[0]}")
            else:
                found.append("page" if page else content["data"]["text/plain"])
    return found


def test_each_card_is_behind_its_twin(kernel):
    kernel.run("fw.show(run, other.card())")
    assert kinds(kernel) == ["twin stoic-marmot", "widget", "twin amber-heron", "widget"]


def test_task_runs_logs_lists_and_anything_else_are_shown_as_they_are(kernel):
    kernel.run("fw.show(run.get_logs(), run.get_all_task_runs()[0], fw.find_flow_runs(), 5)")
    assert kinds(kernel) == ["page", "page", "page", "widget", "5"]


def test_in_a_terminal_the_reprs_are_printed(recorded, capsys):
    run = fw.latest("ledger-close")
    fw.show(run, run.card())
    assert capsys.readouterr().out == f"{run!r}\n<FlowRunCard of stoic-marmot: Failed>\n"


def test_nothing_is_shown_of_nothing(kernel):
    kernel.run("fw.show()")
    assert kinds(kernel) == []


def test_all_twins_of_a_container_come_before_it(kernel):
    kernel.run(
        """
card = run.card()
inner = ipywidgets.VBox([ipywidgets.Label("x"), ipywidgets.HBox([other.card()]), card])
fw.show(ipywidgets.Accordion([card, inner]))
print("after")
"""
    )
    assert kinds(kernel) == ["twin stoic-marmot", "twin amber-heron", "widget", "after"]


def test_a_container_without_cards_is_shown_as_it_is(kernel):
    kernel.run("fw.show(ipywidgets.VBox([ipywidgets.Label('x')]))")
    [said] = [said for said in kernel.said if said["msg_type"] == "display_data"]
    assert "VBox" in said["content"]["data"]["text/plain"]


def test_cards_in_an_output_widget_are_found(kernel):
    kernel.run(
        """
out = ipywidgets.Output()
card = run.card()
out.outputs = ({"output_type": "display_data", "metadata": {},
                "data": {"application/vnd.jupyter.widget-view+json": {"model_id": card.model_id}}},
               {"output_type": "stream", "name": "stdout", "text": "x"})
fw.show(ipywidgets.Tab([out]))
"""
    )
    assert kinds(kernel) == ["twin stoic-marmot", "widget"]


def test_a_cell_that_runs_again_shows_the_cards_of_a_container_that_it_showed_before(kernel):
    """They are closed only once they are shown no more."""
    kernel.run("cards = [run.card(), other.card()]\nbox = ipywidgets.VBox(cards)")
    for _ in range(2):
        kernel.run("fw.show(box)", cell="containers")
        assert kinds(kernel) == ["twin stoic-marmot", "twin amber-heron", "widget"]
        kernel.said.clear()
        assert kernel.value("[card.comm is not None for card in cards]") == [True, True]
    kernel.run("fw.show(run)", cell="containers")
    assert kernel.value("[card.comm is None for card in cards]") == [True, True]


def test_two_cards_of_one_cell_stay_open_when_it_runs_again(kernel):
    kernel.run("first, second = run.card(), other.card()")
    for _ in range(2):
        kernel.run("display(first)\ndisplay(second)", cell="two")
        assert kernel.value("[first.comm is not None, second.comm is not None]") == [True, True]


def test_without_a_notebook_the_reprs_are_printed(recorded, capsys):
    run = fw.latest()
    fw.show(run, run.get_logs())
    assert capsys.readouterr().out == f"{run!r}\n{run.get_logs()!r}\n"
