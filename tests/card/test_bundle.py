"""A run's bundle in a real kernel: complete for any caller of the formatter, and displayed as two outputs that are updated in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VIEW = "application/vnd.jupyter.widget-view+json"
FORMS = [VIEW, "text/html", "text/markdown", "text/plain"]
SETUP = """
import ipywidgets
from IPython.core.formatters import format_display_data
from IPython.display import clear_output, display, update_display
from IPython.utils.capture import capture_output
import flowrun_widgets as fw
from flowrun_widgets.widget import registry
demo = fw.demo(pace=1e-9)
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


def shown(kernel: Kernel) -> list[tuple[str, str]]:
    """Return what was displayed and updated: the kind of message, and `twin`, `card`, `all` or a text."""
    found: list[tuple[str, str]] = []
    for said in kernel.said:
        if said["msg_type"] in {"display_data", "update_display_data", "execute_result"}:
            kind = {"display_data": "new", "update_display_data": "update"}.get(
                said["msg_type"], "result"
            )
            found.append((kind, _what(said["content"]["data"])))
    return found


def _what(data: Mapping[str, Any]) -> str:
    has_view, has_twin = VIEW in data, "frw-fallback" in data.get("text/html", "")
    if has_view and has_twin:
        return "all"
    return "card" if has_view else "twin" if has_twin else data["text/plain"]


BOTH = [("new", "twin"), ("new", "card")]


@pytest.mark.parametrize("code", ["run", "display(run)", "run.card()", "display(run.card())"])
def test_an_ordinary_display_leaves_two_outputs(kernel, code):
    kernel.run(code, "ordinary")
    assert shown(kernel) == BOTH


@pytest.mark.parametrize("code", ["card", "display(card)"])
def test_a_card_that_was_closed_is_displayed_as_a_new_one(kernel, code):
    kernel.run("card = run.card()\ncard.close()")
    kernel.run(code, "closed")
    assert shown(kernel) == BOTH


@pytest.mark.parametrize("code", ["format_display_data(run)", "format_display_data(run.card())"])
def test_who_asks_for_a_bundle_has_every_form_and_displays_nothing(kernel, code):
    kernel.run(f"data = {code}[0]")
    assert shown(kernel) == []
    assert kernel.value("sorted(data)") == FORMS
    assert "**Failed**" in kernel.value("data['text/markdown']")
    assert "IncompleteJournalError" in kernel.value("data['text/plain']")


def test_what_was_captured_is_whole_and_shown_as_two_outputs_later(kernel):
    kernel.run("with capture_output() as captured:\n    display(run)")
    assert shown(kernel) == []
    assert kernel.value("[sorted(one.data) for one in captured.outputs]") == [FORMS]
    kernel.run("captured.show()")
    assert shown(kernel) == BOTH


def test_an_output_widget_keeps_the_bundle(kernel):
    kernel.run("out = ipywidgets.Output()\nout.append_display_data(run)")
    assert shown(kernel) == []
    assert kernel.value("[sorted(one['data']) for one in out.outputs]") == [FORMS]


def test_a_display_id_is_updated_in_both_places(kernel):
    kernel.run("handle = display(run, display_id=True)")
    kernel.run("handle.update(run.get_latest())\nhandle.update(other)\nhandle.update('done')")
    both = [("update", "twin"), ("update", "card")]
    assert shown(kernel) == [*BOTH, *both, *both, ("update", "'done'"), ("update", "")]
    names = [
        said["content"]["transient"]["display_id"]
        for said in kernel.said
        if "transient" in said["content"]
    ]
    assert set(names) == {names[0], f"{names[0]}-card"}


def test_an_update_of_what_was_something_else_has_one_place(kernel):
    kernel.run("handle = display('waiting', display_id=True)\nhandle.update(run)")
    assert shown(kernel) == [("new", "'waiting'"), ("update", "all")]


def test_a_loop_that_clears_its_output_keeps_one_card(kernel):
    before = kernel.value("len(list(registry.open_cards()))")
    kernel.run(
        "for _ in range(5):\n    clear_output(wait=True)\n    display(run.get_latest())", "loop"
    )
    assert kernel.value("len(list(registry.open_cards()))") == before + 1
    assert (
        len(
            {
                said["content"]["data"][VIEW]["model_id"]
                for said in kernel.said
                if VIEW in said["content"].get("data", {})
            }
        )
        == 1
    )
    assert kernel.value("next(registry.open_cards()).wait_until_loaded(60)")


def test_a_cell_that_runs_again_leaves_the_same_twin(kernel):
    pages = []
    for _ in range(2):
        kernel.run("display(run.get_latest())", "again")
        pages.append(
            next(
                said["content"]["data"]["text/html"]
                for said in kernel.said
                if "frw-fallback" in str(said["content"].get("data"))
            )
        )
        kernel.said.clear()
    assert pages[0] == pages[1]


@pytest.mark.parametrize("code", ["runs", "display(runs)"])
def test_a_list_of_runs_is_displayed_as_a_twin_and_a_table(kernel, code):
    kernel.run("runs = fw.find_flow_runs(subflows=True)")
    kernel.run(code, "list")
    assert shown(kernel) == BOTH
    assert kernel.value("len(next(registry.open_cards()).subject)") == kernel.value("len(runs)")
    assert kernel.value("next(registry.open_cards())._payload().expression") == "runs"


def test_a_list_without_a_name_is_called_by_its_output(kernel):
    kernel.run("fw.find_flow_runs(subflows=True)")
    assert shown(kernel) == BOTH
    name = kernel.value("next(registry.open_cards())._payload().expression")
    assert kernel.value(f"{name} is next(registry.open_cards()).subject")
    assert kernel.value(f"{name}.selection == []")


def test_a_table_is_closed_when_its_cell_runs_again(kernel):
    kernel.run("runs = fw.find_flow_runs(subflows=True)")
    kernel.run("runs", "table")
    kernel.run("first = next(registry.open_cards())")
    kernel.run("runs", "table")
    assert kernel.value("first.comm is None")
    assert kernel.value("next(registry.open_cards()).comm is not None")


def test_the_twin_of_a_table_has_the_class_by_which_the_page_finds_it(kernel):
    kernel.run("display(fw.find_flow_runs(subflows=True))", "twin")
    twins = [
        said["content"]["data"]["text/html"]
        for said in kernel.said
        if "text/html" in said["content"].get("data", {})
    ]
    name = kernel.value("next(registry.open_cards()).twin")
    assert [f'class="frw-fallback {name}"' in twin for twin in twins] == [True]
