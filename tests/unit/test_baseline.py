"""A run compared with the last good runs of its flow, which a store holds: what is planted is named first."""

from __future__ import annotations

import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import InvalidArgument, NotFound
from tests.nightly import GOOD, nightly


@pytest.fixture
def connected(tmp_path):
    """Return a connection to a store of good runs and the run that is described."""

    def connect(**planted):
        return nightly(tmp_path / "night.sqlite", **planted)

    return connect


def test_a_slow_task_a_new_error_and_a_changed_parameter_are_named_first(connected):
    runs = connected(
        slow=("transform",),
        lines=[("ERROR", "OSError: disk 7 is full"), ("INFO", "cleaning 3 files")],
        region="asia",
        state="Failed",
    )
    found = fw.compare(runs[0], runs)
    assert isinstance(found, fw.BaselineComparison)
    rows = found.to_pandas()
    assert rows["kind"].tolist() == ["new error", "slow task", "different", "new pattern"]
    assert rows["what"].tolist() == [
        "OSError: disk <int> is full",
        "transform",
        "parameters.region",
        "cleaning <int> files",
    ]
    assert [one.task for one in found.tasks if one.is_slow] == ["transform"]
    assert (found.facts[0].run, found.facts[0].usual, found.facts[0].usual_count) == ('"asia"', '"eu"', 10)  # fmt: skip
    assert all(word in found.summary for word in ("disk <int> is full", "transform", "parameters.region"))  # fmt: skip
    assert "<script" not in found._repr_mimebundle_()["text/html"]
    assert "transform" in found.to_markdown()


def test_ten_good_runs_before_it_are_the_baseline(connected):
    runs = connected()
    found = fw.compare(runs[0], runs)
    assert [run.name for run in found.baseline] == [f"run-{GOOD - 1 - n}" for n in range(10)]
    middle = fw.compare(runs[8], runs)
    assert [run.name for run in middle.baseline] == [f"run-{n}" for n in range(5, -1, -1)]


def test_nothing_is_unusual_about_a_usual_run(connected):
    runs = connected()
    found = fw.compare(runs[0], runs)
    assert not len(found.to_pandas())
    assert "Nothing about it is unusual." in found.summary
    assert found.tasks_frame()["is_slow"].tolist() == [False] * 3
    spread = found.tasks_frame().set_index("task").loc["load"]
    assert spread["low_seconds"] < spread["median_seconds"] < spread["high_seconds"]
    assert spread["baseline_count"] == 10


def test_without_a_good_run_it_is_said_what_to_pass(connected):
    runs = connected(state="Failed")
    with pytest.raises(NotFound, match="succeeded"):
        fw.compare(runs[0], runs.where(state="failed"))
    with pytest.raises(InvalidArgument, match="flow run"):
        fw.compare("run-3", runs)


def test_two_runs_are_still_compared_as_before(connected):
    runs = connected()
    assert isinstance(fw.compare(runs[0], runs[1]), fw.RunComparison)
