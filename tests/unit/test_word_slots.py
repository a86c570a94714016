"""Words that vary become slots; verbs, states, levels, exceptions and the names that Prefect quotes stay."""

import json
import random
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun_widgets.analysis import word_slots
from flowrun_widgets.analysis.templates import template_ids, templates
from flowrun_widgets.analysis.word_slots import with_word_slots
from flowrun_widgets.export.line_blocks import LogInBlocks
from flowrun_widgets.views.logs import FlowRunLogs
from tests.query.lines import columns_of, said

RECORDINGS = sorted(Path(word_slots.__file__).parents[1].glob("recordings/*.json"))
NAMES = [
    "amber", "basil", "cedar", "delta", "ember", "falcon", "garnet", "harbor", "indigo", "jasper", "kestrel", "linden",
    "maple", "nectar", "onyx", "pearl", "quartz", "raven", "saffron", "tulip", "umber", "violet", "willow", "zephyr",
]  # fmt: skip
VERBS = ["loaded", "read", "wrote", "skipped", "merged", "checked", "dropped", "sent", "kept", "moved"]  # fmt: skip


def patterns(messages):
    return {template.pattern for template in templates(columns_of(said(messages)))}


def each(line, names=NAMES):
    return [line.format(name) for name in names]


@pytest.mark.parametrize(
    ("messages", "pattern"),
    [
        (each("Loading table {}"), "Loading table <word>"),
        (each("Loading table {} again", NAMES[:12]), "Loading table <word> again"),
        (each("{}: heartbeat lost", NAMES[:12]), "<word>: heartbeat lost"),
        (each("{} has joined"), "<word> has joined"),
        (each("disk of {} is full: 5%"), "disk of <word> is full: <int>%"),
        (["lost web-a.example.com", "lost db.example.org."], "lost <word>"),
        (["open a.example.com:443 now", "open 10.0.0.1:80 now"], "open <word>:<int> now"),
        (["mail to a@x.example.org", "mail to b@y.example.org"], "mail to <word>"),
        (["login of user anna", "login of user bruno", "login of user 7"], "login of user <word>"),
        (["login, name=anna ok", "login, name=7 ok"], "login, name=<word> ok"),
        (["cache=true warm", "cache=false warm"], "cache=<word> warm"),
        (["due on Mon", "due on Tue"], "due on <word>"),
        (["node a1 is up", "node b2 is up", "node cx3 is up"], "node <word> is up"),
        (["sent part_1_2 now", "sent block-3-x4 now"], "sent <word> now"),
        (["from 10.0.0.1 now", "from 10.0.0.1,10.0.0.2 now"], "from <word> now"),
        (["peer 10.0.0.1 (10.0.0.2) left", "peer 10.0.0.1 () left"], "peer <ip> <word> left"),
        (["block blk_5 is gone", "block blk_-7 is gone"], "block blk_<int> is gone"),
        (["on May  5", "on May 15"], "on May <int>"),
        (["at 00:1a:2b:3c:4d:5e now", "at fe80:0:0:0:1:2:3:c now"], "at <word> now"),
    ],
)  # fmt: skip
def test_what_varies_is_a_slot_whose_lines_are_found_again(messages, pattern):
    logs = FlowRunLogs(columns_of(said(messages)))
    assert patterns(messages) == {pattern}
    (term,) = {template_ids(logs.columns).described(0)[1]}
    assert logs.where(term) == logs
    assert len(logs.extract(pattern)) == len(messages)


@pytest.mark.parametrize(
    "messages",
    [
        each("{} table", VERBS),
        each("table {}", VERBS),
        each("the table was {} again", VERBS),
        each("{} the table again", NAMES[:19]),
        each("{}", NAMES),
        each("{}!", NAMES),
        ["load load", "load 5"],
        ["node a1 is up", "node b2 is up"],
        ["connection opened", "connection closed", "cache is cold", "cache is warm"],
        ["reading orders", "reading customers", "writing orders", "writing customers"],
        ["up on Mon", "down on Mon"],
        [f"{a} {b}" for a, b in zip(NAMES, reversed(NAMES), strict=True)],
        [f"{a} is {b}" for a, b in zip(NAMES, reversed(NAMES), strict=True)],
    ],
)
def test_a_few_words_and_words_without_a_context_stay(messages):
    assert len(patterns(messages)) == len(set(messages))


STATES = ["Success", "Failed", "TriggerFailed", "Cancelled", "Completed", "Crashed", "Pending", "Running", "Scheduled", "Retrying", "AwaitingRetry", "Late", "Paused", "TimedOut", "Cached", "RolledBack"]  # fmt: skip
LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
EXCEPTIONS = ["ValueError", "KeyError", "TimeoutError", "app.errors.NotReadyError", "KeyboardInterrupt", "SystemExit", "DeprecationWarning", "StopIteration", "MyException", "FailedRun", "ObjectNotFound", "IOError2Error", "OSError", "TypeError"]  # fmt: skip


@pytest.mark.parametrize("kept", [STATES, [s.upper() for s in STATES], LEVELS, EXCEPTIONS])
@pytest.mark.parametrize(
    "line",
    ["the step ended as {} at last", "status={} of user anna", "the step of a{:.0}mber: {}", "step ({}): 5 s",
     "user {} was told"],
)  # fmt: skip
def test_states_levels_and_exceptions_stay_among_words_that_merge(kept, line):
    line = line.replace("a{:.0}mber", "amber")
    messages = each(line, kept) + each(line)
    found = patterns(messages)
    assert len(found) == len(kept) + 1, found


@pytest.mark.parametrize(
    "line",
    [
        "Created task run '{}-0' for task '{}'",
        "Beginning flow run '{}' for flow 'nightly'",
        "Task '{}': Finished task run for task with final state: 'Success'",
        "Task '{}[3]': Starting task run...",
        "Worker 'ProcessWorker {}' submitting flow run 'b'",
        "Downloading flow code from storage at '{}'",
        "Process for flow run '{}' exited with status code: 1",
        'Using task runner "{}"',
    ],
)
def test_names_that_prefect_quotes_stay(line):
    messages = [line.replace("{}", name) for name in NAMES]
    assert len(patterns(messages)) == len(NAMES)
    assert len(patterns([line.replace("{}", name + ".example.com") for name in NAMES])) == len(
        NAMES
    )


def test_names_that_others_quote_merge():
    assert patterns(each("cannot open file '{}' now")) == {"cannot open file '<word>' now"}


def test_several_names_in_a_line_merge_at_once():
    chance = random.Random(5)
    messages = [
        f"customer {chance.choice(NAMES)} {chance.choice(NAMES)} {verb} order {n}"
        for n in range(300)
        for verb in ("placed", "cancelled")
    ]
    assert patterns(messages) == {
        "customer <word> <word> placed order <int>",
        "customer <word> <word> cancelled order <int>",
    }


def test_names_known_from_one_line_are_names_in_another():
    messages = each("login of user {} is denied")
    messages += ["password of amber is wrong", "password of basil is wrong"]
    assert patterns(messages) == {"login of user <word> is denied", "password of <word> is wrong"}


def mixed_log(seed):
    chance = random.Random(seed)
    lines = [
        lambda: f"Loading table {chance.choice(NAMES)} from {chance.choice(['north', 'south'])}",
        lambda: f"{chance.choice(VERBS)} {chance.randrange(999)} rows of {chance.choice(NAMES)}",
        lambda: f"lost {chance.choice(NAMES)}.example.com after {chance.random() * 9:.2f} s",
        lambda: f"user={chance.choice(NAMES)} action={chance.choice(['login', 'logout'])}",
        lambda: f"{chance.choice(EXCEPTIONS)}: {chance.choice(NAMES)} is missing",
        lambda: f"Finished in state {chance.choice(STATES)}()",
        lambda: chance.choice(["cache is cold", "cache is warm", "reading", "writing"]),
    ]
    return [chance.choice(lines)() for _ in range(600)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_the_lines_makes_no_difference(seed):
    messages = mixed_log(seed)
    grouped = []
    for _ in range(3):
        groups = defaultdict(set)
        ids = template_ids(columns_of(said(messages)))
        for message, code in zip(messages, ids.codes.tolist(), strict=True):
            groups[ids.described(code)[0]].add(message)
        grouped.append(groups)
        random.Random(seed).shuffle(messages)
    assert grouped[0] == grouped[1] == grouped[2]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_term_of_a_pattern_finds_its_lines_and_no_others(seed):
    logs = FlowRunLogs(columns_of(said(mixed_log(seed))))
    ids = template_ids(logs.columns)
    assert 15 < len(ids.firsts) < 80
    for number in range(len(ids.firsts)):
        pattern, term = ids.described(number)
        mine = np.flatnonzero(ids.codes == number).tolist()
        assert logs.where(term).columns.table["seq"].to_pylist() == mine
        if "<" in pattern:
            assert logs.extract(pattern)["seq"].tolist() == mine


def test_a_page_holds_the_patterns_that_python_gives():
    columns = columns_of(said(mixed_log(4)), 2)
    blocks = LogInBlocks(columns)
    counts = np.bincount(blocks.template).tolist()
    held = {pattern: n for (pattern, _), n in zip(blocks.templates, counts, strict=True)}
    assert held == {template.pattern: template.count for template in templates(columns)}


SAID = re.compile(
    rf"\b(?:{'|'.join([*STATES, *LEVELS])})\b|\b\w*(?:Error|Exception|Warning)\b|'[^']*'",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_no_two_states_levels_exceptions_or_quotes_of_a_recording_share_a_pattern(path):
    rows = json.loads(path.read_text("utf-8"))["tables"]["log"]
    messages = [row["message"] for row in rows]
    ids = template_ids(columns_of(said(messages)))
    words, levels = defaultdict(set), defaultdict(set)
    for code, row in zip(ids.codes.tolist(), rows, strict=True):
        first = re.sub(r"\d+", "0", row["message"].strip().split("\n")[0])
        words[code].add(tuple(SAID.findall(first)))
        levels[code].add(row["level"])
    assert all(len(found) == 1 for found in words.values())
    assert all(len(found) == 1 for found in levels.values())


def test_many_texts_are_merged_in_parts_as_at_once(monkeypatch):
    lines = [f"lost {a} at {b} of {c}" for a in NAMES for b in NAMES for c in NAMES[:3]]
    keys = pa.array([*lines, *each("down: {}"), *each("{} table", VERBS)], pa.large_string())
    merged, numbers = with_word_slots(keys, "\x0e")
    monkeypatch.setattr(word_slots, "PART", 200)
    again, others = with_word_slots(keys, "\x0e")
    assert merged.take(pa.array(numbers)) == again.take(pa.array(others))
    assert len(again) == len(VERBS) + 2


def test_many_texts_of_which_none_is_like_another_stay(monkeypatch):
    chance = random.Random(3)
    keys = pa.array(
        [" ".join("".join(chance.choices("etaoins", k=7)) for _ in range(6)) for _ in range(900)],
        pa.large_string(),
    )
    monkeypatch.setattr(word_slots, "PART", 200)
    merged, numbers = with_word_slots(keys, "\x0e")
    assert merged == keys
    assert numbers.tolist() == [*range(900)]


@given(st.lists(st.text("ab0\x01\x02\x05\x0e_.,=:()'\"… \t\ufffdé-", max_size=14), unique=True))
@settings(deadline=None, max_examples=200)
def test_every_text_has_its_place_whatever_it_holds(texts):
    keys = pa.array(texts, pa.large_string())
    merged, numbers = with_word_slots(keys, "\x0e")
    assert len(numbers) == len(keys)
    assert len(set(merged.to_pylist())) == len(merged)
    for text, place in zip(texts, numbers.tolist(), strict=True):
        pieces = map(re.escape, merged[place].as_py().split("\x0e"))
        assert re.fullmatch(r"[^ \t]+".join(pieces), text)
