"""The views over the local store."""

import pytest

from flowrun_widgets.recordings.replay import recording
from tests.views_suite import *  # noqa: F403


@pytest.fixture
def connection(recorded):
    return recorded


@pytest.fixture
def failed_id() -> str:
    return recording("failed-with-retries").flow_run_id
