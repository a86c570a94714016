"""Where Prefect 3 is configured, in the order of its own client."""

from __future__ import annotations

import subprocess

import pytest

import flowrun_widgets as fw
from flowrun_widgets import errors
from flowrun_widgets.settings import ambient_settings, explicit_settings

PROFILES = """
active = "work"
[profiles.ephemeral]
PREFECT_SERVER_EPHEMERAL_ENABLED = "true"
[profiles.work]
PREFECT_API_URL = "http://profile.test/api"
PREFECT_API_KEY = "key-of-profile"
[profiles.other]
PREFECT_API_URL = "http://other.test/api"
"""
CLOUD = "https://api.prefect.cloud/api/accounts/a/workspaces/w"


@pytest.fixture
def folder(nothing_configured, monkeypatch, tmp_path):
    """A working folder of its own, and a home with Prefect's profiles."""
    (nothing_configured / ".prefect").mkdir()
    (nothing_configured / ".prefect" / "profiles.toml").write_text(PROFILES)
    here = tmp_path / "project"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def test_nothing_is_configured_by_an_empty_home():
    assert ambient_settings() is None


def test_the_packaged_profile_configures_nothing(folder, monkeypatch):
    monkeypatch.setenv("PREFECT_PROFILE", "ephemeral")
    assert ambient_settings() is None
    monkeypatch.setenv("PREFECT_PROFILE", "no-such-profile")
    assert ambient_settings() is None


def test_each_layer_overrules_the_one_below(folder, monkeypatch):
    def seen():
        settings = ambient_settings()
        return settings.url.removeprefix("http://").removesuffix(".test/api"), settings.origin

    assert seen() == ("profile", "Prefect's profile 'work'")
    monkeypatch.setenv("PREFECT_PROFILE", "other")
    assert seen()[0] == "other"
    (folder / "pyproject.toml").write_text(
        '[tool.prefect.api]\nurl = "http://pyproject.test/api"\n'
    )
    assert seen()[0] == "pyproject"
    (folder / "prefect.toml").write_text('[api]\nurl = "http://toml.test/api"\n')
    assert seen()[0] == "toml"
    (folder / ".env").write_text(
        "# where\nexport PREFECT_API_URL='http://dotenv.test/api' # here\n"
    )
    assert seen()[0] == "dotenv"
    monkeypatch.setenv("PREFECT_API_URL", "http://env.test/api")
    assert seen() == ("env", "the environment variable PREFECT_API_URL")


def test_each_value_is_looked_up_by_itself(folder, monkeypatch):
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:pass")
    (folder / "prefect.toml").write_text(
        '[api]\ntls_insecure_skip_verify = true\nssl_cert_file = "/ca.pem"\nrequest_timeout = 5\n'
        '[client.custom_headers]\nX-Proxy = "secret-of-proxy"\nUser-Agent = "no"\n'
    )
    settings = ambient_settings()
    assert settings.url == "http://profile.test/api"
    assert settings.api_key.reveal() == "key-of-profile"
    assert settings.auth_string.reveal() == "admin:pass"
    assert settings.verify_tls is False
    assert settings.ca_file == "/ca.pem"
    assert settings.timeout_seconds == 5
    assert {name: value.reveal() for name, value in settings.headers.items()} == {
        "X-Proxy": "secret-of-proxy"
    }
    for secret in ("key-of-profile", "pass", "secret-of-proxy"):
        assert secret not in repr(settings)


def test_prefect_home_and_the_path_of_the_profiles_are_heeded(folder, monkeypatch, tmp_path):
    moved = tmp_path / "moved"
    moved.mkdir()
    (moved / "profiles.toml").write_text(
        'active = "x"\n[profiles.x]\nPREFECT_API_URL = "http://moved.test/api"\n'
    )
    monkeypatch.setenv("PREFECT_HOME", str(moved))
    assert ambient_settings().url == "http://moved.test/api"
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    assert ambient_settings() is None
    (folder / "prefect.toml").write_text(f'profiles_path = "{moved / "profiles.toml"}"\n')
    assert ambient_settings().url == "http://moved.test/api"


@pytest.mark.parametrize("name", ["prefect.toml", "pyproject.toml"])
def test_a_file_that_cannot_be_read_is_named(folder, name):
    (folder / name).write_text("[api\n")
    with pytest.raises(errors.SettingsError, match=name):
        ambient_settings()


def test_headers_that_are_no_object_are_an_error_that_does_not_show_them(folder, monkeypatch):
    monkeypatch.setenv("PREFECT_CLIENT_CUSTOM_HEADERS", "token-in-the-wrong-place")
    with pytest.raises(errors.SettingsError) as raised:
        ambient_settings()
    assert "token" not in str(raised.value)


def test_a_configured_key_goes_to_its_own_host_alone(folder, monkeypatch):
    assert explicit_settings("http://profile.test/api").api_key.reveal() == "key-of-profile"
    assert explicit_settings("http://stranger.test/api").secrets() == ()
    monkeypatch.setenv("PREFECT_API_URL", CLOUD)
    monkeypatch.setenv("PREFECT_API_KEY", "key-of-cloud")
    other = explicit_settings(CLOUD.replace("workspaces/w", "workspaces/v"))
    assert other.api_key.reveal() == "key-of-cloud"
    assert other.generation == "prefect3"
    assert other.requests_per_minute == 200


def test_the_budget_can_be_chosen(folder, monkeypatch):
    monkeypatch.setenv("FLOWRUN_REQUESTS_PER_MINUTE", "2000")
    assert explicit_settings(CLOUD).requests_per_minute == 2000
    monkeypatch.setenv("FLOWRUN_REQUESTS_PER_MINUTE", "0")
    assert explicit_settings(CLOUD).requests_per_minute is None
    monkeypatch.setenv("FLOWRUN_REQUESTS_PER_MINUTE", "many")
    with pytest.raises(errors.SettingsError):
        explicit_settings(CLOUD)


def test_prefects_own_client_reads_the_same(
    folder, nothing_configured, prefect3_python, monkeypatch
):
    """The address and the key of every combination of layers are those of the real client."""
    layers = {
        "pyproject.toml": '[tool.prefect.api]\nurl = "http://pyproject.test/api"\nkey = "key-of-pyproject"\n',
        "prefect.toml": '[api]\nurl = "http://toml.test/api"\n',
        ".env": 'PREFECT_API_URL="http://dotenv.test/api"\nPREFECT_API_KEY=key-of-dotenv\n',
    }
    script = (
        "from prefect.settings import get_current_settings as g; s = g().api;"
        "print(s.url, s.key.get_secret_value() if s.key else None)"
    )
    for name, text in layers.items():
        (folder / name).write_text(text)
        environ = {"HOME": str(nothing_configured), "PATH": "/usr/bin"}
        done = subprocess.run(
            [prefect3_python, "-c", script], cwd=folder, env=environ, capture_output=True, text=True
        )
        settings = ambient_settings()
        assert done.stdout.split() == [settings.url, settings.api_key.reveal()], done.stderr[-500:]


def test_ambient_reading_uses_the_profile(folder):
    assert fw.connect().url == "http://profile.test/api"
