"""Why runs ended, for some ninety failures of every shape; the right answers were written first, by hand."""

from __future__ import annotations

import pytest
import stamina

import flowrun_widgets as fw
from tests.failures.case import case, names
from tests.failures.verdict import problems, said_of
from tests.stores import nothing_configured

__all__ = ["nothing_configured"]


@pytest.fixture(autouse=True)
def by_itself(nothing_configured):
    """Nothing is configured on this machine; retries follow at once."""
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)
    fw.disconnect()


@pytest.mark.parametrize("name", names())
def test_why_a_run_ended_is_told_right(name, tmp_path):
    one = case(name)
    with one.opened(tmp_path) as run:
        mistakes, is_sure_of_a_wrong_one = problems(one.answer, said_of(run))
    assert not is_sure_of_a_wrong_one
    assert not mistakes
