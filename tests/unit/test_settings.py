"""What is configured on a machine, seen from what is sent."""

from base64 import b64encode

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import FlowRunError, InvalidArgument, SettingsError
from flowrun_widgets.settings import Secret, ambient_settings, explicit_settings, store_path
from tests.stores import identifier


@pytest.fixture
def home(nothing_configured):
    """A home folder with Prefect's in it."""
    (nothing_configured / ".prefect").mkdir()
    return nothing_configured


def write(home, name, text):
    (home / ".prefect" / name).write_text(text)


def sent(url=None, **given):
    """Return the request that a question becomes."""
    requests = []

    def answer(request):
        requests.append(request)
        return httpx.Response(200, json={"data": {}})

    with fw.connect(url, transport=httpx.MockTransport(answer), **given) as connection:
        connection.graphql("query { hello }")
    return requests[-1]


def bearer(request):
    return request.headers.get("authorization")


def test_nothing_is_configured_where_there_is_nothing():
    """The packaged default, api.prefect.io, does not count."""
    assert ambient_settings() is None


def test_an_empty_prefect_folder_configures_nothing(home):
    write(home, "backend.toml", 'backend = "cloud"\n')
    write(home, "config.toml", "")
    assert ambient_settings() is None


@pytest.mark.parametrize(
    ("files", "environment", "url"),
    [
        ({"backend.toml": 'backend = "server"'}, {}, "http://localhost:4200"),
        ({"config.toml": 'backend = "server"'}, {}, "http://localhost:4200"),
        ({}, {"PREFECT__BACKEND": "server"}, "http://localhost:4200"),
        ({"config.toml": '[server]\nhost = "http://h"\n', "backend.toml": 'backend = "server"'}, {}, "http://h:4200"),
        ({"config.toml": "[server]\nport = 99\n"}, {"PREFECT__BACKEND": "server"}, "http://localhost:99"),
        ({"config.toml": '[server]\nendpoint = "http://e"\n'}, {"PREFECT__BACKEND": "server"}, "http://e"),
        ({"config.toml": '[cloud]\napi = "http://file"\n'}, {}, "http://file"),
        ({"config.toml": '[cloud]\napi = "http://file"\n'}, {"PREFECT__CLOUD__API": "http://env"}, "http://env"),
        ({"config.toml": '[cloud]\nendpoint = "http://end"\n'}, {}, "http://end"),
        ({}, {"PREFECT__CLOUD__API_KEY": "k"}, "https://api.prefect.io"),
        ({"config.toml": 'backend = "cloud"\n[server]\nhost="http://h"', "backend.toml": 'backend = "server"'}, {}, "http://h:4200"),
        ({"backend.toml": 'backend = "server"', "config.toml": '[cloud]\napi_key = "k"'}, {"PREFECT__BACKEND": "cloud"}, "https://api.prefect.io"),
    ],
)  # fmt: skip
def test_the_environment_beats_backend_toml_beats_config_toml_beats_defaults(
    files, environment, url, home, monkeypatch
):
    for name, text in files.items():
        write(home, name, text)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ambient_settings().url == url
    assert ambient_settings().generation == "prefect1"


def test_the_files_may_lie_elsewhere(home, tmp_path, monkeypatch):
    (tmp_path / "user.toml").write_text('[cloud]\napi = "http://elsewhere"\n')
    monkeypatch.setenv("PREFECT__USER_CONFIG_PATH", str(tmp_path / "user.toml"))
    assert ambient_settings().url == "http://elsewhere"
    monkeypatch.delenv("PREFECT__USER_CONFIG_PATH")
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    (tmp_path / "auth.toml").write_text('["h.test"]\napi_key = "k-file"\n')
    monkeypatch.setenv("PREFECT__HOME_DIR", str(tmp_path))
    assert ambient_settings().api_key.reveal() == "k-file"


@pytest.mark.parametrize(
    ("url", "table"), [("http://h.test", "h.test"), ("http://h.test:99", "h.test-99")]
)
def test_auth_toml_has_a_table_for_each_host(url, table, home, monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", url)
    write(
        home,
        "auth.toml",
        f'["{table}"]\napi_key = "k-file"\ntenant_id = "{identifier(1)}"\n["x.test"]\napi_key = "x"\n',
    )
    request = sent()
    assert bearer(request) == "Bearer k-file"
    assert request.headers["x-prefect-tenant-id"] == identifier(1)


def test_a_login_counts_for_its_host_whatever_else_is_configured(home, monkeypatch):
    write(home, "auth.toml", f'["h.test"]\napi_key = "k-file"\ntenant_id = "{identifier(1)}"\n')
    for api in ("", "http://other.test"):
        monkeypatch.setenv("PREFECT__CLOUD__API", api)
        request = sent("http://h.test/graphql")
        assert bearer(request) == "Bearer k-file"
        assert request.headers["x-prefect-tenant-id"] == identifier(1)
        assert bearer(sent("http://h.test:99/graphql")) is None
        assert bearer(sent("http://h.test/graphql", api_key="mine")) == "Bearer mine"


def test_argument_beats_environment_beats_auth_toml(home, monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    write(home, "auth.toml", '["h.test"]\napi_key = "k-file"\n')
    assert bearer(sent()) == "Bearer k-file"
    monkeypatch.setenv("PREFECT__CLOUD__API_KEY", "k-env")
    assert bearer(sent()) == "Bearer k-env"
    assert bearer(sent(api_key="k-argument")) == "Bearer k-argument"
    assert bearer(sent("http://h.test", api_key="k-argument")) == "Bearer k-argument"


@pytest.mark.parametrize("url", ["http://other.test", "http://h.test:99", "http://sub.h.test"])
def test_a_key_is_not_sent_to_another_host(url, monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    monkeypatch.setenv("PREFECT__CLOUD__API_KEY", "k-env")
    monkeypatch.setenv("PREFECT__CLOUD__TENANT_ID", identifier(1))
    request = sent(url)
    assert bearer(request) is None
    assert "x-prefect-tenant-id" not in request.headers


def test_prefect_3_is_looked_at_before_prefect_1(monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://one.test")
    monkeypatch.setenv("PREFECT_API_URL", "http://three.test/api")
    assert ambient_settings().url == "http://three.test/api"


def test_user_and_password_of_an_address_leave_the_address():
    settings = explicit_settings("http://user:pass@h.test/api")
    assert settings.url == "http://h.test/api"
    assert settings.auth_string.reveal() == "user:pass"
    assert "pass" not in repr(settings)


@pytest.mark.parametrize("show", [repr, str, "{0}".format, lambda secret: f"{[secret]}"])
def test_a_secret_shows_itself_to_nobody(show):
    assert "kiwi" not in show(Secret("kiwi"))


def test_a_secret_is_never_pickled():
    import pickle

    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret("kiwi"))


@pytest.mark.parametrize("text", ["[cloud\n", "\x00", "a = 1\na = 2\n", f"a = {'[' * 5_000}"])
def test_a_file_that_cannot_be_read_is_named(text, home):
    write(home, "config.toml", text)
    with pytest.raises(fw.errors.SettingsError, match=r"config\.toml"):
        ambient_settings()


def test_an_address_that_cannot_be_split_is_said_to_be_none(monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://[::1")
    with pytest.raises(SettingsError, match="not the address of a server"):
        ambient_settings()


def test_a_key_that_reads_like_a_huge_number_is_sent_as_it_is(monkeypatch):
    key = "0x" + "f" * 5_000
    monkeypatch.setenv("PREFECT__CLOUD__API_KEY", key)
    assert ambient_settings().api_key.reveal() == key


def test_the_store_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("FLOWRUN_STORE", str(tmp_path / "x.sqlite"))
    assert store_path() == tmp_path / "x.sqlite"
    monkeypatch.delenv("FLOWRUN_STORE")
    assert store_path().parts[-2:] == ("flowrun-widgets", "store.sqlite")
    assert store_path().is_relative_to(tmp_path)


def test_what_is_configured_later_holds_from_then_on(recorded_store, monkeypatch):
    from flowrun_widgets.connection.connection import ambient

    assert ambient().url == str(store_path())
    monkeypatch.setenv("FLOWRUN_STORE", str(recorded_store))
    assert ambient().url == str(recorded_store)
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    assert ambient().url == "http://h.test"
    assert ambient() is ambient()


def test_a_connection_that_was_chosen_beats_what_is_configured(recorded_store, monkeypatch):
    from flowrun_widgets.connection.connection import ambient

    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    chosen = fw.connect(recorded_store)
    assert ambient() is chosen
    fw.disconnect()
    assert ambient().url == "http://h.test"


@pytest.mark.parametrize(
    "url",
    ["http://[bad", "http://h:notaport", "http://h test", "ftp://h", "http://", "http://h:99999"],
)
def test_what_is_no_address_of_a_server_is_said_to_be_none(url: str) -> None:
    with pytest.raises(InvalidArgument, match="not the address of a server"):
        explicit_settings(url)


def test_credentials_in_an_address_are_decoded() -> None:
    settings = explicit_settings("http://user:p%2Fw@h.test/api")
    assert settings.url == "http://h.test/api"
    assert settings.auth_string.reveal() == "user:p/w"


BAD_KEYS = ["canary\nx", "canary\x00", "canary\u043a", "canary\ud800"]


@pytest.mark.parametrize(
    ("name", "key"),
    [(name, key) for name in ("api_key", "auth_string") for key in (*BAD_KEYS, 5)
     if (name, key) != ("auth_string", "canary\u043a")],
)  # fmt: skip
def test_a_key_that_cannot_be_sent_is_named_and_not_shown(name, key):
    with pytest.raises(SettingsError, match=name) as caught:
        fw.connect("http://h.test/graphql", **{name: key})
    assert "canary" not in str(caught.value)


def test_a_password_of_any_letters_is_sent_as_utf_8(monkeypatch):
    expected = f"Basic {b64encode('me:pässwört日本'.encode()).decode()}"
    given = sent("http://h.test/graphql", auth_string="me:pässwört日本")
    assert given.headers["Authorization"] == expected
    monkeypatch.setenv("PREFECT_API_URL", "http://h.test/graphql")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "me:pässwört日本")
    assert sent().headers["Authorization"] == expected


BAD_URL = "http://h test/canary"


def in_the_environment(name):
    return lambda home, monkeypatch: monkeypatch.setenv(name, BAD_URL)


@pytest.mark.parametrize(
    ("where", "configure"),
    {
        "PREFECT_API_URL": in_the_environment("PREFECT_API_URL"),
        "PREFECT__CLOUD__API": in_the_environment("PREFECT__CLOUD__API"),
        "config.toml": lambda home, _: write(home, "config.toml", f'[cloud]\napi = "{BAD_URL}"\n'),
        "Prefect's profile 'work'": lambda home, _: write(
            home,
            "profiles.toml",
            f'active = "work"\n[profiles.work]\nPREFECT_API_URL = "{BAD_URL}"\n',
        ),
    }.items(),
)
def test_a_bad_address_is_said_to_be_from_where_it_was_configured(
    where, configure, home, monkeypatch
):
    configure(home, monkeypatch)
    with pytest.raises(SettingsError, match="not the address of a server") as caught:
        fw.latest()
    assert where in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_line_break_at_the_end_of_a_key_is_no_part_of_it(monkeypatch):
    assert bearer(sent("http://h.test/graphql", api_key="k-file\n")) == "Bearer k-file"
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    monkeypatch.setenv("PREFECT__CLOUD__API_KEY", " k-env\n")
    assert bearer(sent()) == "Bearer k-env"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PREFECT_API_KEY", "canary\nx"),
        ("PREFECT_API_AUTH_STRING", "u:canary\nx"),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", '{"x": "canary\\nx"}'),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", '{"x\u00e9": "canary"}'),
        ("PREFECT_API_REQUEST_TIMEOUT", "canary"),
        ("PREFECT_API_REQUEST_TIMEOUT", "-1"),
        ("FLOWRUN_REQUESTS_PER_MINUTE", "\u00b2"),
        ("PREFECT_HOME", "~nobody-here/x"),
    ],
)
def test_a_setting_of_prefect_3_that_means_nothing_is_named(name, value, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://h.test/api")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        ambient_settings()
    assert "canary" not in str(caught.value)
    assert "PREFECT_API_URL" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PREFECT__CLOUD__API_KEY", "canary\nx"),
        ("PREFECT__CLOUD__TENANT_ID", "\u00e9"),
        ("PREFECT__CLOUD__REQUEST_TIMEOUT", "x"),
        ("PREFECT__CLOUD__REQUEST_TIMEOUT", "\u00b2"),
        ("PREFECT__HOME_DIR", "~nobody-here/x"),
    ],
)
def test_a_setting_of_prefect_1_that_means_nothing_is_named(name, value, monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        ambient_settings()
    assert "canary" not in str(caught.value)


def test_a_store_in_the_home_of_nobody_is_named(monkeypatch):
    monkeypatch.setenv("FLOWRUN_STORE", "~nobody-here/x")
    with pytest.raises(SettingsError, match="FLOWRUN_STORE"):
        store_path()


def test_prefect_1_may_wait_for_half_a_second(monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    monkeypatch.setenv("PREFECT__CLOUD__REQUEST_TIMEOUT", "0.5")
    assert ambient_settings().timeout_seconds == 0.5


def test_a_timeout_holds_without_an_address(monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    assert sent(timeout_seconds=120).extensions["timeout"]["read"] == pytest.approx(120, abs=5)


@pytest.mark.parametrize("seconds", [0, -1, True, "5", float("nan"), float("inf"), 10**400])
@pytest.mark.parametrize("url", [None, "http://h.test"])
def test_a_timeout_is_a_number_above_0(url, seconds):
    with pytest.raises(InvalidArgument, match="timeout_seconds"):
        fw.connect(url, timeout_seconds=seconds)


@pytest.mark.parametrize(
    "url",
    [
        "http:/u:canary@h", "http//u:canary@h", "u:canary@127.0.0.1:1", "//u:canary@h", "http://u:x/canary@h",
        "http://u:1#canary@h", "http://u:canary@a..b", "ftp://u:canary@h", "http://u:canary@h:x",
    ],
)  # fmt: skip
def test_a_typing_error_in_an_address_does_not_show_its_password(url, monkeypatch):
    for call in (fw.connect, fw.open):
        with pytest.raises(FlowRunError) as caught:
            call(url)
        assert "canary" not in str(caught.value)


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.test"])
def test_a_host_that_cannot_be_is_no_address_of_a_server(host):
    with pytest.raises(InvalidArgument, match="not the address of a server"):
        explicit_settings(f"http://{host}")


def test_a_closed_connection_is_not_the_ambient_one(recorded_store):
    from flowrun_widgets.connection.connection import ambient, current

    with fw.connect(recorded_store) as chosen:
        assert ambient() is chosen
    assert current() is None
    configured = ambient()
    configured.close()
    assert ambient() is not configured


def test_latin_letters_beyond_ascii_are_sent_as_http_has_them(monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://h.test")
    request = sent(api_key="caf\u00e9")
    assert (b"Authorization", "Bearer caf\u00e9".encode("latin-1")) in request.headers.raw


def test_headers_of_the_settings_may_have_latin_letters(monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://h.test/graphql")
    monkeypatch.setenv("PREFECT_CLIENT_CUSTOM_HEADERS", '{"X-Who": "Jos\u00e9"}')
    for given in ({}, {"api_key": "caf\u00e9"}):
        assert (b"X-Who", "Jos\u00e9".encode("latin-1")) in sent(**given).headers.raw
