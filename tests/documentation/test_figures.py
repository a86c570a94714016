"""Figures in README and docs are those of the code; those that are measured are held by the scripts that print them."""

from __future__ import annotations

import pytest

from flowrun_widgets.backends import transport
from flowrun_widgets.backends.prefect1 import flow_runs as prefect1_flow_runs
from flowrun_widgets.backends.prefect3 import api as prefect3
from flowrun_widgets.backends.prefect3 import logs as prefect3_logs
from flowrun_widgets.cli import exits, named_run
from flowrun_widgets.gateway import app, attached, execute, render
from flowrun_widgets.live import poller, rhythm, switch_interval
from flowrun_widgets.mcp import answer
from flowrun_widgets.report.html import excerpt, flow_runs_html
from flowrun_widgets.report.telling import MAX_CHARACTERS
from flowrun_widgets.runs import baseline, lazy_grid
from flowrun_widgets.settings import ambient
from flowrun_widgets.widget import answers, following, twins

from .blocks import ROOT

MB = 1_000_000
FIGURES = [
    ("README.md", "{} lines for each request of the client", prefect3.PAGE),
    ("docs/assistants.md", "plain text, {} of Markdown", MAX_CHARACTERS),
    ("docs/assistants.md", "at most {} characters of data", answer.MAX_DATA_CHARS),
    ("docs/builds.md", "{} if it failed or was cancelled", exits.FAILED),
    ("docs/builds.md", "{} if it has not ended", exits.GOING),
    ("docs/builds.md", "{} if there is no such run", exits.NOT_FOUND),
    ("docs/calls.md", "if a server does not answer, {} by default", transport.TOTAL_SECONDS),
    ("docs/calls.md", "1 request for each {} on Prefect 1", prefect1_flow_runs.RUNS_AT_ONCE),
    ("docs/calls.md", "one for each {} lines on Prefect 3", prefect3.PAGE),
    ("docs/calls.md", "`get_latest()` after {} seconds", rhythm.DEFAULT_SECONDS),
    ("docs/card.md", "drawn or not, up to {}", answers.MAX_COPIED_LINES),
    ("docs/command-line.md", "among the newest {} runs", named_run.MAX_SEARCHED),
    ("docs/display.md", "at most {} log lines", excerpt.MAX_LINES),
    ("docs/display.md", "12 most relevant, {} runs", flow_runs_html.MAX_SHOWN),
    ("docs/display.md", "turns of {} ms", switch_interval.TURN_SECONDS * 1000),
    ("docs/display.md", "is followed every {} seconds", twins.FOLLOWED_SECONDS),
    ("docs/following.md", "every {} seconds |\n| while", rhythm.DEFAULT_SECONDS),
    ("docs/following.md", "more rarely, up to every {} seconds", rhythm.DEFAULT_SECONDS * rhythm.MOST),
    ("docs/following.md", "no browser shows | every {} seconds", following.HIDDEN_SECONDS),
    ("docs/following.md", "up to {} |", following.HIDDEN_SECONDS * rhythm.MOST),
    ("docs/following.md", "at most {} requests for late lines", prefect3_logs.MAX_SEARCH_REQUESTS),
    ("docs/following.md", "no line has arrived for {} seconds", poller.QUIET_SECONDS),
    ("docs/keep.md", "until there are {} MB", ambient.LIBRARY_CAP_BYTES / MB),
    ("docs/prefect1.md", "retries end after {} seconds", transport.TOTAL_SECONDS),
    ("docs/runs.md", "The task runs of {} runs are read at first", lazy_grid.COLUMNS_AT_ONCE),
    ("docs/serve.md", "| {} MB, ", app.LARGEST_BODY / 2**20),
    ("docs/serve.md", "MB, {} root fields", execute.MAX_ROOTS),
    ("docs/serve.md", "statement on a database | {} s", attached.LONGEST_STATEMENT_SECONDS),
    ("docs/serve.md", "up to {} MB |", render.LARGEST_ROW / 2**20),
]  # fmt: skip


@pytest.mark.parametrize(("page", "words", "value"), FIGURES)
def test_a_figure_is_that_of_the_code(page: str, words: str, value: float) -> None:
    number = f"{value:,.10g}" if value >= 1 else f"{value:g}"
    assert words.format(number) in (ROOT / page).read_text("utf-8")


def test_a_run_is_compared_with_as_many_good_runs_as_is_said() -> None:
    assert baseline.MAX_GOOD_RUNS == 10
    assert "last ten good runs" in (ROOT / "docs" / "many-runs.md").read_text("utf-8")
