"""The views over a real Prefect 3 server."""

import pytest

from flowrun_widgets.cli import main
from tests.views_suite import *  # noqa: F403


@pytest.fixture
def failed_id(runs) -> str:
    return runs.ids["failure"]


def test_the_command_shows_a_run_by_its_address(runs, failed_id, capsys) -> None:
    address = f"{runs.server.url.removesuffix('/api')}/runs/flow-run/{failed_id}"
    assert main(["show", address]) == 0
    assert "ZeroDivisionError: division by zero" in capsys.readouterr().out
