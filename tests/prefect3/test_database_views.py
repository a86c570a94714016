"""The views over the database of a Prefect 3 server."""

import pytest

import flowrun_widgets as fw
from tests.views_suite import *  # noqa: F403


@pytest.fixture
def connection(prefect3):
    with fw.connect(f"sqlite:///{prefect3.database}") as connection:
        yield connection


@pytest.fixture
def failed_id(runs) -> str:
    return runs.ids["failure"]
