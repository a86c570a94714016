"""Why runs ended, told of some ninety failures of every shape; the right answers were written first, by hand."""

from __future__ import annotations

import pytest
import stamina

import flowrun_widgets as fw
from tests.failures.case import case, names
from tests.failures.verdict import problems, said_of
from tests.stores import nothing_configured

__all__ = ["nothing_configured"]

WRONG_TODAY = 59
"""How many are not told right; a wrong one that is told as if it were sure is among them."""


@pytest.fixture(autouse=True)
def by_itself(nothing_configured):
    """Nothing is configured on this machine; retries follow at once."""
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)
    fw.disconnect()


def test_why_runs_ended_is_told_right(tmp_path):
    found = {}
    for name in names():
        one = case(name)
        with one.opened(tmp_path) as run:
            mistakes, _ = problems(one.answer, said_of(run))
        if mistakes:
            found[name] = mistakes
    for name, mistakes in found.items():
        print(f"{name}: {'; '.join(mistakes)}")
    print(f"{len(names()) - len(found)} of {len(names())} right")
    assert len(found) <= WRONG_TODAY
