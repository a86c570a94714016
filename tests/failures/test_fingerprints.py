"""The fingerprint of each failure of the corpus, by the right answers that a person wrote."""

from __future__ import annotations

import flowrun_widgets as fw
from tests.failures.case import case, names
from tests.stores import nothing_configured

__all__ = ["nothing_configured"]

LEAST = 73
"""Of the others, most are named by a pattern in which numbers are replaced, a few by the exception that hid the cause."""


def test_the_exception_that_ended_a_run_names_its_group(tmp_path):
    right: list[str] = []
    failed = [one for one in map(case, names()) if one.answer.ended == "failed"]
    for one in failed:
        with one.opened(tmp_path) as run:
            [group] = fw.FlowRunList([run]).failures()
        word = one.answer.error.split(":")[0].split("(")[0].split(".")[-1]
        right += [one.name] if word[:12] in group.name else []
    print(f"{len(right)} of {len(failed)}")
    assert len(failed) > 80
    assert len(right) >= LEAST
