"""The lines of one task run are those that the frame has."""

import hypothesis.strategies as st
from hypothesis import given

from flowrun_widgets.analysis.task_lines import positions_of
from flowrun_widgets.log_columns import LogColumns


def log(owners, start):
    count = len(owners)
    return LogColumns.from_lists(
        timestamps=[start + n for n in range(count)],
        levels=["INFO"] * count,
        messages=["m"] * count,
        ids=[None] * count,
        loggers=[None] * count,
        task_run_ids=owners,
        tasks={},
    )


OWNERS = st.lists(st.one_of(st.none(), st.sampled_from("abc")), max_size=20)


@given(st.lists(OWNERS, min_size=1, max_size=4))
def test_positions_are_those_of_its_lines_also_over_several_reads(reads):
    columns = LogColumns()
    for n, owners in enumerate(reads):
        columns = columns.with_new(log(owners, 1000 * n))
    written = [owner for owners in reads for owner in owners]
    for owner in ("a", "b", "never", None):
        expected = [n for n, own in enumerate(written) if own == owner]
        assert positions_of(columns, owner).tolist() == expected
