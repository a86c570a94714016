"""An exported page in a browser: alone, offline, with scripts and without."""

import re

import pytest
from playwright.sync_api import expect

import flowrun_widgets
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.export.page import save_page
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.report.scripts import script
from flowrun_widgets.runs.card import FlowRunCard
from flowrun_widgets.runs.flow_run import FlowRunView
from tests.export.conftest import only_chromium
from tests.export.runs import long_run, run_saying

LINES = 200_000
HOSTILE = [
    "</script><script>document.title = 'broken'</script>",
    "<!--<script>",
    "]]> --> <!-- </style></template></pre></div>",
    "line\u2028separator\u2029paragraph",
    "null\x00byte",
    "right\u202eto left\u200f and \u2066isolated",
    "<img src=x onerror=\"document.title='broken'\">",
    "emoji 🧨 and \ufffd and \uffff",
]


@pytest.fixture(scope="module")
def long_page(tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "long.html"
    saved = save_page([long_run(LINES)], path)
    assert saved.byte_count == path.stat().st_size
    return path


@pytest.fixture
def failed_page(recorded, tmp_path):
    """The page of a recorded run of a few lines."""
    run = FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id)
    run.to_html(tmp_path / "failed.html")
    return tmp_path / "failed.html"


def test_200_000_lines_take_less_than_4_mb(long_page):
    assert long_page.stat().st_size < 4_000_000


def test_a_small_run_takes_little_more_than_the_card_itself(failed_page):
    assert failed_page.stat().st_size < len(script("page.js")) + 50_000


def test_the_card_filters_counts_and_steps_over_every_line(long_page, opened):
    page = opened(long_page)
    card = page.card()
    card.filter.fill("needle")
    card.expect_hits(LINES // 4_000)
    card.button("Next").first.click()
    expect(card.rows.filter(has_text="needle").first).to_be_visible()
    card.filter.fill("level:error")
    card.expect_hits(20)
    card.filter.fill("")
    expect(card.root.get_by_text(re.compile(r"200\s000 of 200\s000 lines"))).to_be_visible()
    assert page.complaints == []


def test_task_table_and_timeline_show_every_task_run(long_page, opened):
    card = opened(long_page).card()
    card.show("Task runs")
    expect(card.root.get_by_text(re.compile("400 of 400 task runs"))).to_be_visible()
    card.show("Timeline")
    expect(card.root.get_by_text("load").first).to_be_visible()


OVERLAPPING = """card => {
  const edge = card.getBoundingClientRect();
  return ['.hist svg text', '.time-labels > *'].flatMap(labels => {
    const boxes = [...card.querySelectorAll(labels)].filter(label => label.textContent.trim())
      .map(label => [label.getBoundingClientRect(), label.textContent])
      .sort(([a], [b]) => a.left - b.left);
    return boxes.filter(([box], i) => box.left < edge.left || box.right > edge.right
      || (i > 0 && box.left < boxes[i - 1][0].right)).map(([, text]) => text);
  });
}"""
CUT = """(card, names) => [...card.querySelectorAll(names)]
  .filter(name => name.checkVisibility() && name.scrollWidth > name.clientWidth + 1)
  .map(name => name.textContent)"""


@pytest.mark.parametrize("width", [1600, 960, 640, 340])
def test_names_are_whole_and_the_labels_of_axes_stand_apart(failed_page, opened, width):
    page = opened(failed_page)
    page.page.set_viewport_size({"width": width, "height": 900})
    card = page.card()
    for tab, names in (
        ("Logs", ".cell-task"),
        ("Task runs", ".col-name"),
        ("Timeline", ".row-label"),
    ):
        card.show(tab)
        assert card.root.locator(names).count() > 0
        assert (tab, card.root.evaluate(OVERLAPPING)) == (tab, [])
        if width > 960:  # below, a long name may take a share of the width alone
            assert (tab, card.root.evaluate(CUT, names)) == (tab, [])
    card.show("Task runs")
    outer, inner = (part.bounding_box() for part in (card.root, card.tasks))
    assert inner["width"] > outer["width"] - 40


def test_a_message_is_shown_whole(tmp_path, opened):
    run_saying(["short", "x" * 5_000 + " the end"]).to_html(tmp_path / "whole.html")
    card = opened(tmp_path / "whole.html").card()
    card.rows.filter(has_text="xxx").click()
    card.button("Open this line").click()
    expect(card.root.get_by_text("the end")).to_be_visible()


def test_selected_text_becomes_a_filter(failed_page, opened):
    page = opened(failed_page)
    card = page.card()
    message = card.rows.and_(card.root.locator("[aria-current]")).locator(".message")
    expect(message).to_have_class(re.compile("is-traceback"))
    message.click(position={"x": 1, "y": 8})
    box = message.bounding_box()
    mouse, y = page.page.mouse, box["y"] + 8
    # Backwards, over the mark before the text: Firefox begins no selection on it.
    mouse.move(box["x"] + 140, y)
    mouse.down()
    mouse.move(box["x"] + 60, y, steps=3)
    mouse.move(box["x"] + 1, y, steps=3)
    mouse.up()
    card.button("Filter for this text").click()
    expect(card.filter).to_have_value(re.compile(r"\w{3}"))
    term = card.filter.input_value().strip('"')
    assert "▸" not in term
    assert term in message.inner_text()
    expect(card.rows.locator("mark").first).to_be_visible()
    assert page.complaints == []


@only_chromium
def test_a_download_has_the_lines_that_fit(failed_page, opened):
    page = opened(failed_page)
    card = page.card()
    card.filter.fill("level:error")
    card.expect_hits(4)
    card.button("Download").click()
    with page.page.expect_download() as download:
        card.root.get_by_role("group", name="Download").get_by_role(
            "button", name=re.compile("CSV")
        ).first.click()
    text = download.value.path().read_text("utf-8")
    assert text.startswith('"timestamp","level","level_name","task","logger","message","seq"\n')
    assert text.count('"ERROR"') == 4


def test_the_python_that_a_page_offers_gives_the_lines_that_it_shows(
    failed_page, opened, monkeypatch
):
    card = opened(failed_page).card()
    card.filter.fill('level:error task:"journal of Österreich Handel GmbH"')
    card.expect_hits(3)
    offered = card.root.locator(".python code").inner_text()
    monkeypatch.chdir(failed_page.parent)
    assert [line.level for line in eval(offered, {"fw": flowrun_widgets})] == [40] * 3
    card.rows.first.click()
    card.press("Space")
    expect(card.root.locator(".python code")).to_have_text(offered)


def test_a_page_offers_nothing_that_only_a_kernel_does(failed_page, opened):
    card = opened(failed_page).card()
    expect(card.rows.first).to_be_visible()
    for name in ("Refresh", "Follow"):
        expect(card.button(name)).to_have_count(0)


def test_patterns_are_found_and_lead_to_their_lines(long_page, opened):
    """The same ones, of as many lines, as Python finds."""
    page = opened(long_page)
    card = page.card()
    card.filter.fill("level:error")
    card.expect_hits(20)
    card.root.get_by_text("Patterns", exact=True).click()
    patterns = card.root.get_by_role("group", name="Patterns")
    found = patterns.get_by_role("button", name="Connection reset by peer while reading block")
    expect(found).to_contain_text("part-<int>.parquet")
    found.click()
    card.expect_hits(19)
    expect(card.rows.nth(9)).to_be_visible()
    assert page.complaints == []


def test_the_filter_line_completes_names_of_the_log(failed_page, opened):
    card = opened(failed_page).card()
    card.filter.press_sequentially("task:jour")
    option = card.root.get_by_role("option").first
    expect(option).to_contain_text(re.compile(r'task="\w*journal'))
    option.click()
    expect(card.filter).to_have_value(re.compile(r'^task="\w*journal'))
    expect(card.rows.first).to_be_visible()


def test_a_name_that_no_line_has_is_answered_with_the_nearest(failed_page, opened):
    card = opened(failed_page).card()
    card.filter.fill("task:reed_jornal")
    expect(card.root.get_by_text("No task is called reed_jornal. Did you mean")).to_be_visible()


def test_attempts_are_told_apart_and_divided(failed_page, opened):
    card = opened(failed_page).card()
    card.filter.fill("attempt:2")
    expect(card.lines.get_by_text(re.compile(r"attempt 2 of \d", re.I)).first).to_be_visible()
    expect(card.rows.first).to_be_visible()


@only_chromium
def test_pins_notes_and_query_of_a_card_are_in_its_page(tmp_path, opened):
    card = FlowRunCard(run_saying(["all quiet", "who is to blame", "all quiet again"]))
    card.pin(2, "ask the night shift")
    card.query = "who"
    assert card.to_html(tmp_path / "page.html").runs == 1
    card.close()
    page = opened(tmp_path / "page.html")
    live = page.card()
    expect(live.filter).to_have_value("who")
    live.expect_hits(1)
    expect(live.root.get_by_text("ask the night shift")).to_be_visible()
    twin = opened(tmp_path / "page.html", scripts=False).page.locator(".frw-fallback")
    expect(twin.get_by_text("ask the night shift")).to_be_visible()
    expect(twin.get_by_text("Filter who: 1 of 3 lines match.")).to_be_visible()


def test_a_link_opens_at_a_line_and_a_query(long_page, opened):
    page = opened(long_page, "#line=69963&q=level:error")
    card = page.card()
    card.expect_hits(20)
    expect(card.filter).to_have_value("level:error")
    expect(card.rows.filter(has_text="69963")).to_be_visible()


def test_a_link_opens_at_a_line_far_from_where_the_card_opens(long_page, opened):
    card = opened(long_page, "#line=41100").card()
    expect(card.rows.filter(has_text="41100")).to_be_visible()


def test_another_link_in_an_open_page_leads_there(long_page, opened):
    page = opened(long_page, "#line=41100")
    card = page.card()
    expect(card.rows.filter(has_text="41100")).to_be_visible()
    page.page.goto(f"{long_page.as_uri()}#line=123456&q=")
    expect(card.rows.filter(has_text="123456")).to_be_visible()


@pytest.mark.parametrize("link", ["#line=999999999", "#line=x&q=(", "#q=nosuch:(((", "#card=none&line=1", "#%"])  # fmt: skip
def test_a_link_that_leads_nowhere_leaves_the_card(failed_page, opened, link):
    page = opened(failed_page, link)
    card = page.card()
    expect(card.rows.first).to_be_visible()
    assert page.complaints == []


def test_an_expression_that_would_never_end_is_searched_all_the_same(tmp_path, opened):
    """It may come by a link; the browser's own engine would hold the page for ever."""
    run_saying(["x" * 50, "x" * 50 + "y"]).to_html(tmp_path / "page.html")
    card = opened(tmp_path / "page.html", "#q=/(x%2Bx%2B)%2By/").card()
    card.expect_hits(1)
    expect(card.rows.filter(has=card.page.locator("mark"))).to_contain_text("xxxy")


def test_a_run_that_appears_twice_has_two_cards(tmp_path, opened):
    run = run_saying(["only line"])
    save_page([run, run], tmp_path / "twice.html")
    page = opened(tmp_path / "twice.html")
    for n in range(2):
        expect(page.card(n).rows.filter(has_text="only line")).to_be_visible()


def test_a_run_that_still_goes_on_is_shown_as_of_then(recorded, tmp_path, opened):
    run = FlowRunView.from_flow_run_id(recording("live-demo").flow_run_id)
    run.to_html(tmp_path / "live.html")
    page = opened(tmp_path / "live.html")
    expect(page.card().root.get_by_text(re.compile("as of", re.I)).first).to_be_visible()
    assert page.complaints == []


@only_chromium
def test_without_scripts_the_twin_is_there(failed_page, opened):
    page = opened(failed_page, scripts=False).page
    twin = page.locator(".frw-fallback")
    expect(twin).to_be_visible()
    for text in ("stoic-marmot", "IncompleteJournalError", "Failed", "Task runs"):
        expect(twin.get_by_text(text).first).to_be_visible()


@only_chromium
def test_the_card_stands_in_place_of_the_twin_and_on_paper_the_twin_does(failed_page, opened):
    page = opened(failed_page)
    page.card()
    twin = page.page.locator(".frw-fallback")
    expect(twin).to_be_hidden()
    page.page.emulate_media(media="print")
    expect(twin).to_be_visible()
    expect(page.page.locator(".frw-page-card")).to_be_hidden()


def test_hostile_text_is_text_and_breaks_no_other_card(tmp_path, opened):
    """In messages, names, task labels and parameters; the card below it stands there as if alone."""
    hostile = run_saying(
        HOSTILE,
        levels=["ERROR"] * len(HOSTILE),
        name=HOSTILE[0],
        flow_name=HOSTILE[1],
        parameters=FrozenDict({text: text for text in HOSTILE}),
    )
    harmless = run_saying(["all is well"], number=2, name="harmless")
    save_page([hostile, harmless], tmp_path / "two.html")
    page = opened(tmp_path / "two.html")
    card, other = page.card(0), page.card(1)
    card.filter.fill("level:error")
    card.expect_hits(len(HOSTILE))
    for text in ("</script><script>", "<!--<script>", "<img src=x"):
        expect(card.rows.filter(has_text=text).first).to_be_visible()
    expect(other.rows.filter(has_text="all is well")).to_be_visible()
    assert page.page.title() == "2 flow runs"
    assert page.complaints == []


@only_chromium
def test_a_line_of_10_mb_is_one_line(tmp_path, opened):
    """It is searched whole, and shown with its first characters."""
    long = "x" * 5_000_000 + "🧨" * 1_250_000 + "</script>the end"
    run_saying(["before", long, "after"]).to_html(tmp_path / "long.html")
    assert (tmp_path / "long.html").stat().st_size < 300_000
    card = opened(tmp_path / "long.html").card()
    card.filter.fill('"the end"')
    card.expect_hits(1)
    card.button("Next hit").click()
    expect(card.rows.nth(1)).to_contain_text("xxx")
    expect(card.rows.nth(1)).to_have_attribute("aria-current", "true")
    card.filter.fill("")
    expect(card.rows.filter(has_text="after")).to_be_visible()
    twin = opened(tmp_path / "long.html", scripts=False).page.locator(".frw-fallback")
    expect(twin.get_by_text("after")).to_be_visible()


@only_chromium
def test_hostile_text_is_text_in_the_twin(tmp_path, opened):
    run_saying(HOSTILE, levels=["ERROR"] * len(HOSTILE)).to_html(tmp_path / "one.html")
    page = opened(tmp_path / "one.html", scripts=False).page
    expect(page.locator(".frw-fallback").get_by_text("</script><script>").first).to_be_visible()
    assert page.locator(".frw-fallback img").count() == 0


def test_a_link_opens_a_line_of_the_card_that_it_names(tmp_path, opened):
    runs = [run_saying([f"{n} says {m}" for m in range(900)], number=n + 1) for n in range(3)]
    save_page(runs, tmp_path / "three.html")
    page = opened(tmp_path / "three.html", f"#card={runs[2].flow_run_id}&line=451&q=says")
    expect(page.card(2).rows.filter(has_text="2 says 450")).to_be_in_viewport()
    page.card(2).expect_hits(900)
    expect(page.card(0).filter).to_have_value("")


def test_ten_runs_in_one_page_each_have_their_card(tmp_path, opened):
    runs = [run_saying([f"line of {n}"], number=n + 1, name=f"run-{n}") for n in range(10)]
    save_page(runs, tmp_path / "ten.html")
    page = opened(tmp_path / "ten.html", f"#card={runs[7].flow_run_id}&q=line")
    for n in range(10):
        expect(page.card(n).rows.filter(has_text=f"line of {n}")).to_be_visible()
    expect(page.card(7).filter).to_have_value("line")
    expect(page.card(7).root).to_be_in_viewport()
    expect(page.card(6).filter).to_have_value("")
    assert page.complaints == []


def test_another_script_does_not_run(failed_page, opened, browser):
    """What somebody writes into the page later is stopped by its policy."""
    text = failed_page.read_text("utf-8")
    failed_page.write_text(
        text.replace("</main>", "<script>document.title='broken'</script></main>"), "utf-8"
    )
    page = opened(failed_page)
    page.card()
    assert page.page.evaluate("[...document.scripts].some(({ text }) => /'broken'/.test(text))")
    assert page.page.title() != "broken"
    # Firefox tells WebDriver BiDi nothing of what a policy stops.
    if browser.browser_type.name == "chromium":
        assert any("Content Security Policy" in text for text in page.complaints)
