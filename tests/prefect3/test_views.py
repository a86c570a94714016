"""The views over a real Prefect 3 server."""

import pytest

from tests.views_suite import *  # noqa: F403


@pytest.fixture
def failed_id(runs) -> str:
    return runs.ids["failure"]
