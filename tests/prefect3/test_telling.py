"""What a failed run with a long log tells, over a real Prefect 3 server and from its database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import flowrun_widgets as fw
from flowrun_widgets.mcp.tools import Tools
from flowrun_widgets.widget.static_display import static_bundle

from . import seed

if TYPE_CHECKING:
    from .conftest import Runs

LINES, PLACE = 6_000, 2_345


@pytest.fixture(scope="module")
def failed(runs: Runs) -> str:
    """A failed run whose log has the traceback somewhere in the middle, long before the run ended."""
    file, source = runs.server.database, runs.ids["failure"]
    with fw.connect(runs.server.url, library=False) as rest:
        messages = rest.backend.logs(source, None, None).columns.table["message"].to_pylist()
    traceback = next(one for one in reversed(messages) if "Traceback" in one)
    run_id = seed.copy_flow_run(file, source)
    start = datetime.now(UTC) - timedelta(hours=2)
    rows = list(seed.lines(run_id, LINES, start, every=timedelta(milliseconds=10)))
    rows[PLACE] |= {"message": traceback, "level": 40}
    seed.add_lines(file, rows)
    return run_id


@pytest.mark.parametrize("place", ["server", "database"])
def test_the_traceback_in_the_middle_of_a_long_log_is_told(
    runs: Runs, failed: str, place: str
) -> None:
    address = runs.server.url if place == "server" else f"sqlite:///{runs.server.database}"
    with fw.connect(address, library=False) as connection:
        run = fw.FlowRunView.from_flow_run_id(failed)
        text = static_bundle(run)["text/plain"]
        answer = Tools(connection).why_failed(failed)
        assert run.fetched.logs is None
    for told in (text, answer):
        assert "The log is longer" in told
        [marked] = [line for line in told.split("\n") if line.startswith("    > ")]
        assert "Traceback" not in marked
        assert marked.endswith("ZeroDivisionError: division by zero")
        assert "File" in told
