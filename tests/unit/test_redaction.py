"""Taking secrets out of texts, JSON and records: what goes, what stays, and that doing it twice changes nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import pickle
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowrun_widgets as fw
from flowrun_widgets import states
from flowrun_widgets.connection.connection import ambient
from flowrun_widgets.containers import FrozenDict, FrozenList, freeze
from flowrun_widgets.errors import InvalidArgument, SettingsError
from flowrun_widgets.records import ArtifactRecord, FlowRecord, FlowRunRecord, TaskRunRecord
from flowrun_widgets.redaction import (
    REDACTED,
    Redaction,
    is_secret_name,
)
from flowrun_widgets.redaction.records import redacted_json, redacted_record, redacted_text
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.settings import ambient_redaction
from flowrun_widgets.states import StoredResult
from tests.secrets import CANARY, TEXTS_WITH_CANARIES, texts_with_canaries
from tests.stores import FLOW_RUN_ID

ID = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"

ORDINARY = [
    "loaded 5 rows from https://host/x@y",
    "tokens used: 5, max_tokens=512, token_count=7",
    "the secretary keeps the keyboard; author: Ann",
    "commit 3f2a9c1d7e4b8a6f5c0d1e2f3a4b5c6d7e8f9a0b on main",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "flow run 4c0101af-c6bb-4b96-8661-63a5bbfb5596 finished in state Completed()",
    "wrote s3://lake/tables/day=2026-11-22/part-00000-8f14e45f-ceea-467f.snappy.parquet",
    "cache_key=b1946ac92492d2347c6235b4d2611184 key: /data/2026/11/22",
    "Task run 'task-3f14ab94' - Created task run 'task-0' for task 'task'",
    "http://127.0.0.1:4200/api/flow_runs/filter?limit=200&sort=START_TIME_DESC",
    "GET http://localhost:8080/path?mail=ann@example.org 200",
    "mail to ann@example.org and bob@example.org: 12:30:45",
    "token: None, password=None, api_key=null, secret: missing, token is expired",
    "password=self.password, token=os.environ['TOKEN']",
    "def connect(user: str, password: str, token: Optional = None):",
    "bearer authentication failed; basic configuration loaded",
    "Basic understanding of bearer tokens",
    "1.234567890123456 4111 1111 1111 1111 0x7f3a2b1c 1e-9 2026-11-22T02:00:00.000000+00:00",
    'File "/srv/app/secrets.py", line 12, in load_tokens',
    "ModuleNotFoundError: No module named 'secret_sauce'",
    "PWD=/srv/app pwd: /srv/app",
    "git@github.com:org/repo.git ssh://git@host/repo",
    "Task 'new_token': Starting task run...", "Task 'rotate_secret': Finished task run for task with final state: 'Success'",
    "a password", "passwords", "", " ", "=", "token=", 'password=""', "://@", "eyJ", "sk-learn-something-very-long-indeed",
    "Zürich → 東京 \u202e\u2028 \x00",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS_WITH_CANARIES)
def test_a_secret_in_a_text_is_replaced(text):
    clean = redacted_text(text)
    assert CANARY not in clean
    assert REDACTED in clean
    assert redacted_text(clean) == clean


@pytest.mark.parametrize("text", TEXTS_WITH_CANARIES)
def test_a_secret_is_found_in_json_within_json_and_in_a_longer_message(text):
    for whole in (json.dumps({"said": text}), f"step 5: {text}", f"first\n\t{text}\nlast"):
        clean = redacted_text(whole)
        assert CANARY not in clean
        assert redacted_text(clean) == clean


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_text_stays_as_it_is(text):
    assert redacted_text(text) is text


def test_what_only_looks_random_stays():
    """Ids, hashes, paths and data fill the logs of workflows."""
    texts = []
    for number in range(500):
        digest = hashlib.sha512(str(number).encode())
        word, data = digest.hexdigest(), base64.b64encode(digest.digest()).decode()
        texts += [
            f"commit {word[:40]} of sha256:{word[:64]}", f"id {UUID(word[:32])} on node-{word[:6]}", f"data {data}",
            f"cache_key: {word[:32]}, key={word[:12]}", f'etag "{word[:32]}" ({number}, {data[:20]})',
            f"s3://bucket/{word[:20]}?versionId={word[20:52]}", f"/data/{word[:8]}/part-{number:05}.{word[8:12]}.parquet",
            f"image@sha256:{word[:64]} pulled", f"rows={number} seconds=0.{number} p={data[:4]}", f"[('{word[:5]}', {number})]",
        ]  # fmt: skip
    assert [text for text in texts if redacted_text(text) is not text] == []


def test_what_stands_around_a_secret_stays():
    for text, clean in {
        "postgresql://me:pw@db:5432/x?a=1": f"postgresql://{REDACTED}@db:5432/x?a=1",
        "Authorization: Bearer abc.def123 next": f"Authorization: Bearer {REDACTED} next",
        "--user ann --password hunter2 --dry": f"--user ann --password {REDACTED} --dry",
        "{'db': 'x', 'password': 'a b, c', 'port': 5}": f"{{'db': 'x', 'password': '{REDACTED}', 'port': 5}}",
        "Server=db;Password=ab;Port=5": f"Server=db;Password={REDACTED};Port=5",
        "https://a.blob.core/x?sv=1&sig=ab%2Fcd&se=2": f"https://a.blob.core/x?sv=1&sig={REDACTED}&se=2",
    }.items():
        assert redacted_text(text) == clean


SECRET_NAMES = (
    "password", "dbPassword", "API_KEY", "auth-token", "aws_secret_access_key", "PassWord", "pASSWORD", "aPiKeY",
    "APIKey", "X-Api-Key", "clientSecret", "db.password", "refreshToken", "AUTHORIZATION", "PREFECT_API_KEY",
    "SNOWFLAKE_PWD", "private key", "credentials", "tOkEn",
)  # fmt: skip
OTHER_NAMES = (
    "max_tokens", "secretary", "day", "keyboard", "author", "token_count", "secret_name", "password_file", "tokenUrl",
    "key", "monkey", "bucket_key", "", "_", "7", "compass", "expires_in",
)  # fmt: skip


def test_names_tell_secrets():
    assert [name for name in SECRET_NAMES if not is_secret_name(name)] == []
    assert [name for name in OTHER_NAMES if is_secret_name(name)] == []


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_the_value_of_a_secret_name_is_replaced_however_deep_it_lies(name):
    value = {"a": [{"b": {name: CANARY, "day": 1}}], "nested": {name: {"user": "x", "k": [CANARY]}}}
    clean = redacted_json(value)
    assert CANARY not in repr(clean)
    assert clean["a"][0]["b"]["day"] == 1
    assert redacted_json(clean) is clean


def test_what_says_nothing_is_no_secret():
    value = freeze(
        {"password": "", "token": None, "has_token": True, "secret": False, "credentials": {}}
    )
    assert redacted_json(value) is value


def test_lists_of_named_values_are_read_as_such():
    env = [{"name": "DB_PASSWORD", "value": CANARY}, {"name": "DAY", "value": "monday"}]
    assert redacted_json({"env": env}) == {
        "env": [{"name": "DB_PASSWORD", "value": REDACTED}, {"name": "DAY", "value": "monday"}]
    }


def test_a_key_can_be_a_secret_itself():
    assert CANARY not in repr(redacted_json({f"password={CANARY}": 1}))


def test_what_lies_deeper_than_anybody_looks_is_replaced():
    value: object = CANARY
    for _ in range(300):
        value = [value]
    assert CANARY not in repr(redacted_json(value))


def everything():
    """Return a run with a canary in every place that a secret can be written to."""
    texts = texts_with_canaries()

    def place():
        return f"x {next(texts)} y"

    def state(cls=states.Failed, **more):
        return cls(
            place(),
            result=CANARY,
            context=FrozenDict(said=place(), token=CANARY),
            cached_inputs=FrozenDict(a=FrozenDict(b=place())),
            stored_result=StoredResult("S3Result", place(), FrozenDict(x=place())),
            **more,
        )

    values = freeze({"a": [place(), {"PassWord": CANARY}], "b": {"deep": {"api_key": [CANARY]}}})
    states_ = (
        state(states.Submitted, state=state()),
        state(states.Cached, cached_parameters=values),
    )
    run = FlowRunRecord(
        ID, place(), ID, state(), states_, flow_name=place(), project_name=place(),
        labels=FrozenList([place()]), tags=FrozenList([place()]), parameters=values, context=values, run_config=values,
        ui_url=place(), work_pool_name=place(), work_queue_name=place(), key_value_labels=values, extra=values,
    )  # fmt: skip
    task = TaskRunRecord(
        ID,
        ID,
        state(),
        place(),
        ID,
        "slug-1",
        place(),
        states=states_,
        tags=FrozenList([place()]),
        extra=values,
    )
    flow = FlowRecord(
        ID, place(), place(), settings=values, run_config=values, serialized_flow=values, storage=values,
        flow_group_labels=FrozenList([place()]), extra=values,
    )  # fmt: skip
    artifacts = (
        ArtifactRecord(ID, "table", values, place(), place()),
        ArtifactRecord(ID, "markdown", place()),
    )
    return RunContent(run, (task,), flow=flow, artifacts=artifacts)


def test_no_field_of_a_record_lets_a_secret_through():
    content = everything()
    clean = shareable(content, Redaction())
    assert CANARY in repr(content)
    assert CANARY not in repr(clean.value)
    assert clean.count > 60


def test_a_run_that_was_redacted_stays_the_same_and_counts_the_same():
    once = shareable(everything(), Redaction())
    twice = shareable(once.value, Redaction())
    assert twice == once
    assert twice.value.run is once.value.run
    assert twice.value.task_runs[0] is once.value.task_runs[0]


def test_results_that_were_loaded_do_not_travel():
    class Odd:
        def __bool__(self):
            raise ValueError("neither")

    state = states.Success("fine", result=Odd(), context=FrozenDict(a=1))
    clean = redacted_record(TaskRunRecord(ID, ID, state))
    assert clean.state.result is None
    assert clean.state == states.Success("fine", context=state.context)
    assert clean.state.context == state.context


def test_without_redaction_all_stays():
    content = everything()
    assert shareable(content, None).value is content


def test_records_without_secrets_stay_the_same_objects():
    state = states.Success("all fine", context=FrozenDict(a=FrozenList([1, "x"])))
    record = TaskRunRecord(ID, ID, state, "load-1", states=(state,), extra=FrozenDict(a=1))
    assert redacted_record(record) is record


def test_ids_and_slugs_stay_whatever_the_patterns_say():
    record = TaskRunRecord(ID, ID, states.Success("4c0101af"), task_slug="4c01-task")
    clean = redacted_record(record, Redaction(patterns=("4c01[0-9a-f]*",)))
    assert (clean.id, clean.task_slug, clean.state.message) == (ID, "4c01-task", REDACTED)


def test_patterns_and_names_of_ones_own():
    own = Redaction(patterns=(r"cust-(\d+)",), names=("customer email", "iban"), defaults=False)
    value = {
        "customerEmail": "a@b.c",
        "IBAN": "DE1",
        "ship": "x",
        "text": "cust-77 and iban: DE2, iban = 'DE 3'",
    }
    assert redacted_json(value, own) == {
        "customerEmail": REDACTED, "IBAN": REDACTED, "ship": "x",
        "text": f"{REDACTED} and iban: {REDACTED}, iban = '{REDACTED}'",
    }  # fmt: skip
    assert redacted_json({"password": "x", "a": "password=x"}, own) == {
        "password": "x",
        "a": "password=x",
    }
    both = replace(own, defaults=True)
    assert redacted_text("cust-1 password=x", both) == f"{REDACTED} password={REDACTED}"


@pytest.mark.parametrize(
    "given",
    [
        {"patterns": ("(",)}, {"patterns": ("(?=x)x",)}, {"patterns": (r"(a)\1",)}, {"patterns": ("x*",)},
        {"patterns": ("",)}, {"patterns": "abc"}, {"patterns": (5,)}, {"patterns": ("\ud800",)}, {"patterns": 5},
        {"patterns": ("a" * 5_000,)}, {"names": ("--",)}, {"names": ["x"] * 500}, {"names": {"a": 1}},
        {"patterns": ("(" * 500 + "a" + ")" * 500 + "{1000}" * 3,)},
    ],
)  # fmt: skip
def test_rules_that_cannot_mean_anything_are_refused(given):
    with pytest.raises(InvalidArgument):
        Redaction(**given)


def test_half_a_character_hides_no_secret():
    assert CANARY not in redacted_text(f"\ud800 password={CANARY}")
    assert redacted_text("\ud800 fine") == "\ud800 fine"


pieces = st.sampled_from(
    [
        "password", "token", "=", ":", " ", '"', "'", "\\", "\n", ",", ";", "}", "[redacted]", "[", "]", "Bearer ", "abc1",
        "://", "@", "user", "pnu_abcdefghijklmnop1234", "-----BEGIN PRIVATE KEY-----", "x", "none", "authorization", "&sig",
        "cookie", "basic ", "eyJhbGciOiJI.eyJzdWIiOiIx.abc", "--", "curl -u ", "\ufdd0", "<", ">", "=>", "digest ", "pwd=",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=12).map("".join))
def test_doing_it_twice_changes_nothing(text):
    once = redacted_text(text)
    assert redacted_text(once) == once


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_that_changes_has_a_mark(text):
    clean = redacted_text(text)
    assert clean == text or REDACTED in clean


def test_the_setting_is_on_unless_it_is_turned_off(tmp_path):
    assert ambient_redaction({}) == Redaction()
    assert ambient_redaction({"FLOWRUN_REDACT": "ON"}) == Redaction()
    assert ambient_redaction({"FLOWRUN_REDACT": " off"}) is None
    file = tmp_path / "redact.toml"
    file.write_text('names = ["iban"]\npatterns = ["cust-[0-9]+"]\n')
    assert ambient_redaction({"FLOWRUN_REDACT": str(file)}) == Redaction(
        ("cust-[0-9]+",), ("iban",)
    )
    file.write_text("defaults = false\n")
    assert ambient_redaction({"FLOWRUN_REDACT": str(file)}) == Redaction(defaults=False)


@pytest.mark.parametrize(
    "text", ["patern = ['x']", "patterns = ['(']", "defaults = 5", "names = 'x'", "= x"]
)
def test_a_setting_that_cannot_mean_anything_is_an_error_and_not_off(tmp_path, text):
    file = tmp_path / "redact.toml"
    file.write_text(text)
    for value in (str(file), "of", str(tmp_path / "absent.toml"), str(tmp_path)):
        with pytest.raises(SettingsError):
            ambient_redaction({"FLOWRUN_REDACT": value})


def test_a_connection_says_what_is_taken_out_of_its_runs(store, monkeypatch):
    own = Redaction(names=("iban",))
    for redact, rules in ((None, Redaction()), (True, Redaction()), (False, None), (own, own)):
        with fw.connect(store, redact=redact) as connection:
            assert connection.redaction == rules
            fw.disconnect()
            assert pickle.loads(pickle.dumps(connection)).redaction == rules
    with pytest.raises(InvalidArgument):
        fw.connect(store, redact="no")
    assert ambient().redaction == Redaction()
    monkeypatch.setenv("FLOWRUN_REDACT", "off")
    assert ambient().redaction is None
    with fw.connect(store) as connection:
        assert connection.redaction is None
    monkeypatch.setenv("FLOWRUN_REDACT", "nowhere")
    with pytest.raises(SettingsError):
        fw.connect(store)
    with fw.connect(store, redact=True) as connection:
        assert connection.redaction == Redaction()


def test_views_say_what_the_server_said(store):
    with fw.connect(store):
        run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        assert run.parameters == {"day": "2026-11-22", "stores": [1, 2]}
        shareable(RunContent(run.record), Redaction(names=("day",)))
        assert run.parameters["day"] == "2026-11-22"


def test_base64_of_a_login_is_a_secret():
    word = base64.b64encode(b"ann:hunter22").decode()
    assert word not in redacted_text(f"{{'Authorization': 'Basic {word}'}}")
