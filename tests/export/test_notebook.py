"""A notebook as one page: executed by nbclient, then exported, without a kernel and without a network."""

import html
import json
import re
import subprocess
import sys

import nbformat
import pytest
from nbconvert.exporters import get_exporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import expect

from flowrun_widgets.cli import main
from flowrun_widgets.errors import InvalidArgument, NotFound, SettingsError
from flowrun_widgets.export.notebook import export_notebook
from tests.browser.runs import DEMO
from tests.export.conftest import only_chromium
from tests.export.runs import EXECUTE, ROOT
from tests.secrets import CANARY

CELLS = [
    new_markdown_cell("# A *title* and $x^2$\n\n![away](https://example.invalid/a.png)"),
    new_code_cell(DEMO),
    new_code_cell("run = fw.FlowRunView.from_flow_run_id(demo.failed)\nrun"),
    new_code_cell(
        "from IPython.display import HTML, Javascript, display\n"
        "print('before')\n"
        "display(fw.FlowRunView.from_flow_run_id(demo.succeeded))\n"
        "print('between')\n"
        "display(HTML(\"<b onclick='x()'>bold</b><script>document.title='broken'</script>\"))\n"
        'display(HTML(\'<img src="https://example.invalid/b.png"><iframe src="https://example.invalid/"></iframe>\'))\n'
        "display(Javascript(\"document.title='broken'\"))"
    ),
    new_code_cell("import ipywidgets\nipywidgets.IntSlider(7)"),
    new_code_cell("from tests.big_run import big_run\nlong = big_run(5_000, 400)\nlong"),
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    path = tmp_path_factory.mktemp("notebook") / "night.ipynb"
    nbformat.write(new_notebook(cells=CELLS), path)
    subprocess.run([sys.executable, "-c", EXECUTE, path], cwd=ROOT, check=True)
    return path


@pytest.fixture(scope="module")
def page(executed):
    path = executed.with_suffix(".html")
    made = export_notebook(executed, path)
    assert made.runs == 3
    return path


def test_its_cards_are_interactive(page, opened):
    shown = opened(page)
    failed, done, long = (shown.card(n) for n in range(3))
    failed.filter.fill("level:error")
    failed.expect_hits(4)
    done.show("Timeline")
    expect(done.tab("Timeline")).to_have_attribute("aria-selected", "true")
    expect(done.root.get_by_role("tabpanel")).to_be_visible()
    long.filter.fill("level:error")
    expect(long.root.get_by_text(re.compile("in the .* loaded lines")).first).to_be_visible()
    long.button("Download").click()
    long.root.get_by_role("group", name="Download").get_by_role("button").first.click()
    expect(long.root.get_by_text("only a part of the log")).to_be_visible()
    assert shown.page.locator(".frw-fallback").filter(visible=True).count() == 0
    assert shown.complaints == []


def test_what_stands_round_the_cards_stays(page, opened):
    shown = opened(page).page
    expect(shown.get_by_role("heading", name="A title")).to_be_visible()
    for text in ("before", "between", "bold", "IntSlider(value=7)"):
        expect(shown.get_by_text(text, exact=False).last).to_be_visible()
    expect(shown.locator("pre").filter(has_text="fw.FlowRunView").first).to_be_visible()
    assert shown.title() != "broken"


@only_chromium
def test_without_scripts_every_twin_is_there(page, opened):
    shown = opened(page, scripts=False).page
    assert shown.locator(".frw-fallback").filter(visible=True).count() == 3


def test_no_address_is_left_to_load_from(page):
    text = page.read_text("utf-8")
    assert re.findall(r"<(?:script|link|img|iframe)[^>]*\s(?:src|href)=\"(?!data:)", text) == []
    assert text.index("Content-Security-Policy") < text.index("charset")


def test_a_card_without_saved_state_leaves_its_twin(executed, tmp_path, opened):
    notebook = nbformat.read(executed, 4)
    del notebook.metadata["widgets"]
    nbformat.write(notebook, tmp_path / "bare.ipynb")
    made = export_notebook(tmp_path / "bare.ipynb", tmp_path / "bare.html")
    assert made.runs == 0
    shown = opened(tmp_path / "bare.html")
    assert shown.page.locator(".frw-fallback").filter(visible=True).count() == 3
    assert shown.page.get_by_text("rror displaying widget").count() == 0
    assert shown.complaints == []


def test_damaged_state_leaves_the_twin(executed, tmp_path):
    notebook = nbformat.read(executed, 4)
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    for number, model in enumerate(states.values()):
        for one in model.get("buffers", []):
            one["data"] = ["AAAA", 3, None][number % 3]
    nbformat.write(notebook, tmp_path / "odd.ipynb")
    assert export_notebook(tmp_path / "odd.ipynb", tmp_path / "odd.html").runs == 0


def test_pins_and_filter_of_a_saved_card_are_there(tmp_path, opened):
    path = tmp_path / "annotated.ipynb"
    show = "card = run.card()\ncard.query = 'level:error'\ncard.pin(seq=card.filtered_logs.seq.iloc[0], note='look here')\ncard"
    cells = [*CELLS[1:3], new_code_cell(show)]
    nbformat.write(new_notebook(cells=cells), path)
    subprocess.run([sys.executable, "-c", EXECUTE, path], cwd=ROOT, check=True)
    export_notebook(path, tmp_path / "annotated.html")
    card = opened(tmp_path / "annotated.html").card(1)
    expect(card.filter).to_have_value("level:error")
    expect(card.root.get_by_text("look here").first).to_be_visible()


def secretive():
    """A notebook made where nothing was redacted."""
    outputs = [
        new_output("stream", name="stdout", text=f"password={CANARY}\n\ud800"),
        new_output("display_data", {"text/html": f"<p>token: <b>x</b> api_key={CANARY}</p>"}),
        new_output("display_data", {"text/html": f"<a href='https://ann:{CANARY}@host/'>link</a>"}),
        new_output(
            "error", ename="E", evalue=f"token={CANARY}", traceback=[f"token={CANARY}", "x"]
        ),
    ]
    source = f"token = read()\nfw.connect(url, api_key=key)\npassword = '{CANARY}'"
    cells = [new_code_cell(source, outputs=outputs), new_markdown_cell(f"token: {CANARY}")]
    return new_notebook(cells=cells)


def test_secrets_are_taken_out_of_cells_and_outputs(tmp_path):
    (tmp_path / "secret.ipynb").write_text(json.dumps(secretive()))
    made = export_notebook(tmp_path / "secret.ipynb", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text("utf-8")
    assert CANARY not in text
    assert made.redacted == 7
    code = re.sub(r"<[^>]*>", "", text)
    assert "token = read()" in code
    assert "api_key=key)" in code


def test_secrets_are_taken_out_of_saved_cards(tmp_path):
    """Of a kernel in which redaction was off."""
    path = tmp_path / "open.ipynb"
    cells = [
        new_code_cell(
            "from tests.export.test_secrets import telling_run\n"
            "run = telling_run()\nrun.connection.redaction = None\nrun"
        )
    ]
    nbformat.write(new_notebook(cells=cells), path)
    subprocess.run([sys.executable, "-c", EXECUTE, path], cwd=ROOT, check=True)
    from tests.export.test_secrets import every_byte

    assert CANARY in path.read_text("utf-8")
    assert export_notebook(path, tmp_path / "shown.html", redact=False).redacted is None
    assert CANARY.encode() in every_byte(tmp_path / "shown.html")
    export_notebook(path, tmp_path / "clean.html", redact=True)
    assert CANARY.encode() not in every_byte(tmp_path / "clean.html")


def test_nbconvert_knows_it_by_name(executed):
    exporter = get_exporter("flowrun-html")()
    text, resources = exporter.from_filename(str(executed))
    assert "frw-page-card" in text
    assert resources["flowrun"]["cards"] == 3
    assert resources["output_extension"] == ".html"


@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_ordinary_nbconvert_keeps_the_twins(executed, kind):
    text, _ = get_exporter(kind)().from_filename(str(executed))
    assert text.count('class="frw-fallback ') == 3
    plain = html.unescape(re.sub(r"<[^>]*>", "", text))
    for words in (
        "stoic-marmot",
        "IncompleteJournalError",
        "amber-heron",
        "Connection reset by peer",
    ):
        assert words in plain


def test_the_command_writes_beside_the_notebook(executed, tmp_path, capsys):
    copy = tmp_path / "copy.ipynb"
    copy.write_bytes(executed.read_bytes())
    assert main(["export", str(copy)]) == 0
    said = capsys.readouterr()
    assert "copy.html: 3 runs" in said.out
    assert said.err == ""
    assert (tmp_path / "copy.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_the_command_says_how_a_notebook_keeps_its_cards(executed, tmp_path, capsys):
    notebook = nbformat.read(executed, as_version=4)
    notebook.metadata.pop("widgets")
    copy = tmp_path / "copy.ipynb"
    nbformat.write(notebook, copy)
    assert main(["export", str(copy)]) == 0
    assert "Save Widget State Automatically" in capsys.readouterr().err


def test_the_command_prints_a_pdf(executed, tmp_path, chromium_path, monkeypatch, capsys):
    monkeypatch.setenv("FLOWRUN_CHROMIUM", str(chromium_path))
    output = tmp_path / "night.pdf"
    assert main(["export", str(executed), "-o", str(output), "--pdf"]) == 0
    assert output.read_bytes().startswith(b"%PDF-")
    monkeypatch.setenv("FLOWRUN_CHROMIUM", "no-such-browser")
    assert main(["export", str(executed), "-o", str(output), "--pdf"]) == 1
    assert "FLOWRUN_CHROMIUM" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"nbformat": 4}', "null", "\x00", '{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}'])  # fmt: skip
def test_what_is_no_notebook_is_refused(tmp_path, text):
    (tmp_path / "odd.ipynb").write_text(text)
    with pytest.raises(InvalidArgument):
        export_notebook(tmp_path / "odd.ipynb", tmp_path / "odd.html")


def test_a_missing_notebook_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        export_notebook(tmp_path / "none.ipynb", tmp_path / "none.html")


def test_without_nbconvert_the_line_to_run_is_said(tmp_path, monkeypatch):
    (tmp_path / "secret.ipynb").write_text(json.dumps(secretive()))
    monkeypatch.delitem(sys.modules, "flowrun_widgets.export.exporter", raising=False)
    monkeypatch.setitem(sys.modules, "nbconvert.exporters.html", None)
    with pytest.raises(SettingsError, match=r"pip install 'flowrun-widgets\[export\]'"):
        export_notebook(tmp_path / "secret.ipynb", tmp_path / "page.html")
