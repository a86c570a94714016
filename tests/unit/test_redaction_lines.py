"""Taking secrets out of log lines: which lines change, what is shared, and what it costs."""

from __future__ import annotations

import re
import time
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun_widgets.arrow import pc
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.redaction import REDACTED, Redaction
from flowrun_widgets.redaction.columns import redacted_columns
from flowrun_widgets.redaction.records import redacted_text
from tests.secrets import CANARY, TEXTS_WITH_CANARIES

RULES = Redaction()
MANY = 300_000


def lines(messages, start=0, tasks=None, **more):
    """Return lines with ids of their own, a microsecond apart."""
    count = len(messages)
    keys = [None] * count if tasks is None else [f"t{n % len(tasks)}" for n in range(count)]
    return LogColumns.from_lists(
        timestamps=range(start, start + count), levels=["INFO"] * count, messages=messages,
        ids=[str(UUID(int=start + n)) for n in range(count)], loggers=["prefect"] * count, task_run_ids=keys,
        tasks={f"t{n}": label for n, label in enumerate(tasks or ())}, **more,
    )  # fmt: skip


def texts(columns):
    return columns.table["message"].to_pylist()


def first_chunk(columns):
    """Return where the texts of the first chunk lie."""
    return columns.table["message"].chunk(0).buffers()[2].address


def test_lines_without_secrets_are_the_very_same_object():
    columns = lines(["nothing", None, "here"])
    found = redacted_columns(columns, RULES)
    assert found.value is columns
    assert found.count == 0


def test_only_lines_with_secrets_change_and_all_are_counted():
    columns = lines(["a", f"password={CANARY} token={CANARY}", None, f"pnu_{CANARY}", "b"])
    found = redacted_columns(columns, RULES)
    assert texts(found.value) == ["a", f"password={REDACTED} token={REDACTED}", None, REDACTED, "b"]
    assert found.count == 3
    rest = [name for name in columns.table.column_names if name != "message"]
    assert found.value.table.select(rest).equals(columns.table.select(rest))


def test_values_that_were_replaced_before_are_counted_again():
    once = redacted_columns(lines([f"password={CANARY}", "x"]), RULES)
    assert redacted_columns(once.value, RULES).value is once.value
    assert redacted_columns(once.value, RULES).count == once.count == 1


def test_the_second_time_is_free():
    columns = lines([f"token={CANARY}"])
    assert redacted_columns(columns, RULES) is redacted_columns(columns, RULES)


def test_labels_of_tasks_and_runs_are_searched_too():
    columns = lines(["x"] * 4, tasks=["load-1", f"fetch-token={CANARY}"]).of_flow_run(
        f"pnu_{CANARY}"
    )
    clean = redacted_columns(columns, RULES).value
    assert clean.table["task"].to_pylist() == ["load-1", f"fetch-token={REDACTED}"] * 2
    assert clean.table["flow_run"].to_pylist() == [REDACTED] * 4
    assert clean.table.schema == columns.table.schema


def test_lines_that_were_added_are_searched_and_the_others_shared():
    columns = lines(["quiet"] * 50)
    redacted_columns(columns, RULES)
    for number in range(1, 120):
        columns = columns.with_new(lines([f"password={CANARY}{number}"], 50 + number))
        found = redacted_columns(columns, RULES)
        assert CANARY not in repr(texts(found.value))
        assert found.count == number
        assert len(found.value) == 50 + number
        if number == 20:  # the chunks of more are joined into one
            assert first_chunk(found.value) == first_chunk(columns)


def test_lines_that_come_late_lie_where_they_belong():
    early = lines([f"token={CANARY}{n}" for n in range(6)])
    redacted_columns(early, RULES)
    late = LogColumns.from_lists(
        timestamps=[2], levels=["INFO"], messages=[f"late secret={CANARY}"], ids=[str(UUID(int=99))], loggers=[None],
        task_run_ids=[None], tasks={},
    )  # fmt: skip
    found = redacted_columns(early.with_new(late), RULES)
    assert texts(found.value)[3] == f"late secret={REDACTED}"
    assert found.count == 7
    assert CANARY not in repr(texts(found.value))


def test_a_part_of_lines_that_were_searched_is_searched_for_itself():
    columns = lines([f"token={CANARY}", "x", f"token={CANARY}"])
    redacted_columns(columns, RULES)
    part = columns.slice(1, 2)
    assert texts(redacted_columns(part, RULES).value) == ["x", f"token={REDACTED}"]
    assert redacted_columns(part, RULES).count == 1


def test_each_redaction_keeps_its_own():
    columns = lines(["cust-1 password=x"])
    own = Redaction(patterns=("cust-[0-9]",), defaults=False)
    assert texts(redacted_columns(columns, own).value) == [f"{REDACTED} password=x"]
    assert texts(redacted_columns(columns, RULES).value) == [f"cust-1 password={REDACTED}"]


def test_no_lines_are_no_trouble():
    assert redacted_columns(LogColumns(), RULES).count == 0


# A private key that does not end goes on in the next line, which no single text knows.
whole_texts = [text for text in TEXTS_WITH_CANARIES if text.count("-BEGIN ") == text.count("-END ")]
message = st.none() | st.text(max_size=20) | st.sampled_from(whole_texts)


@settings(max_examples=60, deadline=None)
@given(st.lists(message, max_size=8), st.integers(0, 8))
def test_columns_are_redacted_as_single_texts_are(messages, cut):
    messages = [None if m is None else m.encode("utf-8", "replace").decode() for m in messages]
    whole = lines(messages[:cut]).with_new(lines(messages[cut:], cut))
    wanted = [None if m is None else redacted_text(m) for m in messages]
    assert texts(redacted_columns(whole, RULES).value) == wanted


def best(*works, times=3):
    """Return the least of several times of this process for each work; they take turns."""
    found = []
    for _ in range(times):
        for work in works:
            begin = time.process_time()
            work()
            found.append(time.process_time() - begin)
    return [min(found[place :: len(works)]) for place in range(len(works))]


@pytest.fixture(scope="module")
def long_log():
    text = "Finished in state Completed() loaded 4711 rows of /data/part-0001.parquet commit 3f2a9c1d7e"
    words = text.split()
    return [" ".join(words[n % 9 :] + words[: n % 7]) for n in range(MANY)]


def test_a_log_without_secrets_costs_a_few_searches(long_log):
    """The bound is a ratio to one search of RE2 through the same lines."""
    columns = lines(long_log)
    column = columns.table["message"]
    one_search, ours = best(
        lambda: pc.match_substring_regex(column, "[0-9a-z]{3}zq"),
        lambda: redacted_columns(LogColumns(columns.table, len(columns)), RULES),
    )
    assert ours < 4 * one_search


def test_a_log_full_of_secrets_costs_a_search_for_each_rule(long_log):
    columns = lines([f"{text} password={CANARY}" for text in long_log[: MANY // 10]])
    column = columns.table["message"]
    one_search, ours = best(
        lambda: pc.match_substring_regex(column, "[0-9a-z]{3}zq"),
        lambda: redacted_columns(LogColumns(columns.table, len(columns)), RULES),
    )
    assert ours < 250 * one_search


@pytest.mark.parametrize(
    "piece", ["password=", "eyJ" * 5, "://a:b", "-----BEGIN PRIVATE KEY-----", "token ", "curl ", '"\\', "Bearer a",
     "password=(password=5 ", "secret: {a token=b9 "],
)  # fmt: skip
def test_time_grows_with_the_text_alone(piece):
    short, long = piece * (40_000 // len(piece)), piece * (400_000 // len(piece))
    longer, shorter = best(lambda: redacted_text(long), lambda: redacted_text(short))
    assert longer < 40 * shorter + 0.05


KEY = ["-----BEGIN RSA PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED", "", f"MII{CANARY}", f"{CANARY}==", "-----END RSA PRIVATE KEY-----"]  # fmt: skip


def test_a_private_key_that_was_printed_line_by_line_is_replaced():
    clean = redacted_columns(lines(["before", *KEY, f"MII{CANARY[:4]}"]), RULES)
    assert texts(clean.value) == [
        "before", REDACTED, REDACTED, "", REDACTED, REDACTED, "-----END RSA PRIVATE KEY-----", f"MII{CANARY[:4]}",
    ]  # fmt: skip
    assert clean.count == 4
    assert redacted_columns(clean.value, RULES) == clean


def test_a_private_key_between_lines_of_another_task_is_replaced_as_well():
    mixed = [text for key in KEY for text in (f"key | {key}", "AAAABBBB")]
    clean = redacted_columns(lines(mixed, tasks=["a", "b"]), RULES)
    assert CANARY not in "".join(texts(clean.value))
    assert texts(clean.value)[1::2] == ["AAAABBBB"] * len(KEY)


@pytest.mark.parametrize("opening", ["[", "{", "[{(", "[" * 10, "[Login(who=1, value="])
def test_what_stands_in_quotes_in_brackets_is_replaced(opening):
    assert CANARY not in redacted_text(f'passwords={opening}"{CANARY}"')


def test_keys_that_never_end_are_looked_through_once():
    """The lines behind each are of other task runs."""
    tasks = [f"t{n}" for n in range(20_000)]
    short, long = (lines([KEY[0]] * count, tasks=tasks[:count]) for count in (2_000, 20_000))

    def searched(columns):
        return redacted_columns(LogColumns(columns.table, len(columns)), RULES)

    assert searched(long).count == 20_000
    longer, shorter = best(lambda: searched(long), lambda: searched(short))
    assert longer < 30 * shorter + 0.05


def test_a_private_key_that_goes_on_in_new_lines_is_replaced():
    before = lines(["a", *KEY[:4]])
    assert CANARY not in "".join(texts(redacted_columns(before, RULES).value))
    after = before.with_new(lines(KEY[4:], start=100))
    clean = redacted_columns(after, RULES)
    assert CANARY not in "".join(texts(clean.value))
    assert clean.count == 4


def test_a_private_key_is_replaced_wherever_in_a_long_log_it_lies():
    clean = redacted_columns(lines([*["x"] * 1_997, *KEY, *["y"] * 3_000, *KEY]), RULES)
    assert CANARY not in "".join(texts(clean.value))
    assert clean.count == 8


def test_rules_without_the_defaults_leave_private_keys():
    own = Redaction(patterns=("BEGIN",), defaults=False)
    assert CANARY in "".join(texts(redacted_columns(lines(KEY), own).value))


@pytest.mark.parametrize("text", TEXTS_WITH_CANARIES)
def test_colours_hide_no_secret(text):
    """They are what a console library puts round names and values."""
    coloured = "".join(
        f"\x1b[3{n % 8}m{word}\x1b[0m" for n, word in enumerate(re.split(r"(\W)", text))
    )
    half = text.replace(CANARY, f"{CANARY[:9]}\x1b[1m{CANARY[9:]}")
    for one in (coloured, half):
        clean = redacted_text(one)
        assert CANARY not in re.sub(r"\x1b\[\d+m", "", clean)
        assert redacted_text(clean) == clean


def test_colours_round_no_secret_stay():
    text = "\x1b[32mCommitted\x1b[0m 17 rows"
    columns = lines([text, f"\x1b[1mpassword\x1b[0m={CANARY}"])
    assert texts(redacted_columns(columns, RULES).value) == [text, f"password={REDACTED}"]
