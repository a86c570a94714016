"""Users who are signed in to Prefect 3 are signed in here: the same address and the same headers as its own clients use."""

from __future__ import annotations

import json
import os
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import InvalidArgument, NotFound, SettingsError
from flowrun_widgets.settings import ambient_settings

SCRIPT = Path(__file__).with_name("prefect3_settings.py")
NEWEST, OLDEST = VERSIONS = "3.9.1", "3.0.11"
RUN = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"
OWN = ("user-agent", "host", "accept", "accept-encoding", "connection")
CLOUD = "https://api.prefect.cloud/api/accounts/a/workspaces/w"
API = {"PREFECT_API_URL": "http://h.test/api"}
PROFILES = """
active = "work"
[profiles.work]
PREFECT_API_URL = "http://work.test/api"
PREFECT_API_KEY = "k-work"
[profiles.other]
PREFECT_API_URL = "http://other.test/api"
[profiles.empty]
"""
HOME_PROFILES = {"~/.prefect/profiles.toml": PROFILES}
MOVED = 'active = "m"\n[profiles.m]\nPREFECT_API_URL = "http://moved.test/api"\n'
TOML = '[api]\nurl = "http://toml.test/api"\nkey = "k-toml"\n'
PYPROJECT = '[tool.prefect.api]\nurl = "http://pyproject.test/api"\nkey = "k-pyproject"\n'


def headers(**given: str) -> dict[str, str]:
    """Return the variable of custom headers."""
    return {
        "PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps(
            {k.replace("_", "-"): v for k, v in given.items()}
        )
    }


LATER = (
    "PREFECT_API_AUTH_STRING", "PREFECT_CLIENT", "PREFECT_HOME", "prefect.toml", "pyproject.toml",
    "PREFECT_PROFILES_PATH=", "\ufeff",
)  # fmt: skip
"""What the oldest client does not know yet, or knows otherwise."""

# Files of the working folder, or of the home folder if they begin with ~/, and variables; ~ stands for the home folder.
CASES: dict[str, tuple[dict[str, str | bytes], dict[str, str]]] = {
    "nothing": ({}, {}),
    "an address": ({}, API),
    "an address with a slash": ({}, {"PREFECT_API_URL": "http://h.test/api/"}),
    "an address without a path": ({}, {"PREFECT_API_URL": "http://h.test"}),
    "an address with a port and a path": ({}, {"PREFECT_API_URL": "http://h.test:4200/prefect/api"}),
    "an empty address": ({}, {"PREFECT_API_URL": ""}),
    "an empty address beside a profile": (HOME_PROFILES, {"PREFECT_API_URL": ""}),
    "a name in small letters": ({}, {"prefect_api_url": "http://h.test/api"}),
    "a key": ({}, {**API, "PREFECT_API_KEY": "k"}),
    "an empty key": ({}, {**API, "PREFECT_API_KEY": ""}),
    "a key and Cloud": ({}, {"PREFECT_API_URL": CLOUD, "PREFECT_API_KEY": "k"}),
    "an auth string": ({}, {**API, "PREFECT_API_AUTH_STRING": "admin:pass"}),
    "an auth string of other letters": ({}, {**API, "PREFECT_API_AUTH_STRING": "me:pässwört"}),
    "an auth string without a colon": ({}, {**API, "PREFECT_API_AUTH_STRING": "token"}),
    "an auth string beats a key": (
        {}, {**API, "PREFECT_API_KEY": "k", "PREFECT_API_AUTH_STRING": "a:b"},
    ),
    "custom headers": ({}, {**API, **headers(X_Proxy="p", X_Other="o")}),
    "custom headers that are protected": ({}, {**API, **headers(User_Agent="x", X_Proxy="p")}),
    "a custom Authorization": ({}, {**API, **headers(Authorization="Bearer azure")}),
    "a custom Authorization beats a key": (
        {}, {**API, "PREFECT_API_KEY": "k", **headers(Authorization="Bearer azure")},
    ),
    "a custom authorization in small letters beats a key": (
        {}, {**API, "PREFECT_API_KEY": "k", **headers(authorization="Bearer azure")},
    ),
    "a custom Authorization beats an auth string": (
        {}, {**API, "PREFECT_API_AUTH_STRING": "a:b", **headers(Authorization="Basic x")},
    ),
    "no custom headers": ({}, {**API, "PREFECT_CLIENT_CUSTOM_HEADERS": "{}"}),
    "empty custom headers": ({}, {**API, "PREFECT_CLIENT_CUSTOM_HEADERS": ""}),
    "custom headers that are no JSON": ({}, {**API, "PREFECT_CLIENT_CUSTOM_HEADERS": "X-Proxy: p"}),
    "custom headers that are a list": ({}, {**API, "PREFECT_CLIENT_CUSTOM_HEADERS": "[1]"}),
    "custom headers that are numbers": ({}, {**API, "PREFECT_CLIENT_CUSTOM_HEADERS": '{"X-N": 1}'}),
    "custom headers of a table": (
        {"prefect.toml": '[client.custom_headers]\nX-Proxy = "p"\n'}, API,
    ),
    "custom headers of a profile": (
        {"~/.prefect/profiles.toml": MOVED + "PREFECT_CLIENT_CUSTOM_HEADERS = '{\"X-Proxy\": \"p\"}'\n"}, {},
    ),
    "custom headers as text of a table": (
        {"prefect.toml": "[client]\ncustom_headers = '{\"X-Proxy\": \"p\"}'\n"}, API,
    ),
    "a password in the address": ({}, {"PREFECT_API_URL": "http://me:p%40ss@h.test/api"}),
    "a password in the address beats a key": (
        {}, {"PREFECT_API_URL": "http://me:pass@h.test/api", "PREFECT_API_KEY": "k"},
    ),
    "a password in the address beats an auth string": (
        {}, {"PREFECT_API_URL": "http://me:pass@h.test/api", "PREFECT_API_AUTH_STRING": "a:b"},
    ),
    "a password in the address beats a custom Authorization": (
        {}, {"PREFECT_API_URL": "http://me:pass@h.test/api", **headers(Authorization="Bearer azure")},
    ),
    "a variable that holds a table": ({}, {"PREFECT_API": '{"url": "http://json.test/api", "key": "k"}'}),
    "a variable that holds a table, and one of its values": (
        {}, {"PREFECT_API": '{"url": "http://json.test/api", "key": "k"}', **API},
    ),
    "a table of headers in a variable": ({}, {**API, "PREFECT_CLIENT": '{"custom_headers": {"X-Proxy": "p"}}'}),
    "test mode": (HOME_PROFILES, {"PREFECT_TEST_MODE": "1"}),
    "unit test mode": (HOME_PROFILES, {"PREFECT_UNIT_TEST_MODE": "1"}),
    # profiles
    "a profile": (HOME_PROFILES, {}),
    "a profile by its name": (HOME_PROFILES, {"PREFECT_PROFILE": "other"}),
    "a profile that is not there": (HOME_PROFILES, {"PREFECT_PROFILE": "none"}),
    "an empty profile": (HOME_PROFILES, {"PREFECT_PROFILE": "empty"}),
    "no name of a profile": (HOME_PROFILES, {"PREFECT_PROFILE": ""}),
    "the packaged local profile": ({}, {"PREFECT_PROFILE": "local"}),
    "the packaged ephemeral profile": ({}, {"PREFECT_PROFILE": "ephemeral"}),
    "the packaged local profile beside profiles of one's own": (HOME_PROFILES, {"PREFECT_PROFILE": "local"}),
    "the packaged local profile below another home": ({}, {"PREFECT_PROFILE": "local", "PREFECT_HOME": "~/x"}),
    "no active profile": ({"~/.prefect/profiles.toml": '[profiles.work]\nPREFECT_API_URL = "http://work.test/api"\n'}, {}),
    "an address beats the profile's": (HOME_PROFILES, API),
    "a key beside the profile's address": (HOME_PROFILES, {"PREFECT_API_KEY": "k"}),
    "profiles below another home": ({"~/x/profiles.toml": MOVED}, {"PREFECT_HOME": "~/x"}),
    "profiles elsewhere": ({"~/x/p.toml": MOVED}, {"PREFECT_PROFILES_PATH": "~/x/p.toml"}),
    "profiles elsewhere by .env": ({"~/x/p.toml": MOVED, ".env": "PREFECT_PROFILES_PATH=~/x/p.toml\n"}, {}),
    "profiles elsewhere by prefect.toml": ({"~/x/p.toml": MOVED, "prefect.toml": 'profiles_path = "~/x/p.toml"\n'}, {}),
    "profiles elsewhere by pyproject.toml": (
        {"~/x/p.toml": MOVED, "pyproject.toml": '[tool.prefect]\nprofiles_path = "~/x/p.toml"\n'}, {},
    ),
    "profiles that are not there": ({}, {"PREFECT_PROFILES_PATH": "~/x/p.toml", "PREFECT_PROFILE": "local"}),
    "profiles that are no TOML": ({"~/.prefect/profiles.toml": "[profiles\n"}, API),
    "a home by .env": ({"~/x/profiles.toml": MOVED, ".env": "PREFECT_HOME=~/x\n"}, {}),
    # prefect.toml and pyproject.toml
    "prefect.toml": ({"prefect.toml": TOML}, {}),
    "pyproject.toml": ({"pyproject.toml": PYPROJECT}, {}),
    "prefect.toml beats pyproject.toml beats the profile": (
        {**HOME_PROFILES, "prefect.toml": '[api]\nurl = "http://toml.test/api"\n', "pyproject.toml": PYPROJECT}, {},
    ),
    "a variable beats prefect.toml": ({"prefect.toml": TOML}, API),
    "prefect.toml that is no TOML": ({"prefect.toml": "[api\n"}, API),
    "pyproject.toml of something else": ({"pyproject.toml": '[project]\nname = "x"\n'}, API),
    # .env
    ".env": ({".env": "PREFECT_API_URL=http://dotenv.test/api\nPREFECT_API_KEY=k-dotenv\n"}, {}),
    ".env beats prefect.toml": (
        {".env": "PREFECT_API_URL=http://dotenv.test/api\n", "prefect.toml": TOML}, {},
    ),
    "a variable beats .env": ({".env": "PREFECT_API_URL=http://dotenv.test/api\n"}, API),
    ".env with a mark": ({".env": "\ufeffPREFECT_API_URL=http://dotenv.test/api\r\nPREFECT_API_KEY=k\r\n"}, {}),
    ".env with a mark after a line": ({".env": "\ufeff# mine\nPREFECT_API_URL=http://dotenv.test/api\n"}, {}),
    ".env with export": ({".env": "export PREFECT_API_URL=http://dotenv.test/api\n"}, {}),
    ".env with blanks": ({".env": "  PREFECT_API_URL = http://dotenv.test/api  \n"}, {}),
    ".env with comments": ({".env": "# x\nPREFECT_API_URL=http://dotenv.test/api # here\n"}, {}),
    ".env with a hash in a key": ({".env": "PREFECT_API_KEY=k#1\nPREFECT_API_URL=http://dotenv.test/api\n"}, {}),
    ".env with single quotes": ({".env": "PREFECT_API_URL='http://dotenv.test/api'\nPREFECT_API_KEY='k\\n$X'\n"}, {"X": "x"}),
    ".env with double quotes": ({".env": 'PREFECT_API_URL="http://dotenv.test/api"\nPREFECT_API_KEY="k\\t\\"q\\""\n'}, {}),
    ".env with a variable": ({".env": "PREFECT_API_URL=http://${MY_HOST}/api\n"}, {"MY_HOST": "h.test"}),
    ".env with a variable of its own": ({".env": "MY_HOST=h.test\nPREFECT_API_URL=http://${MY_HOST}/api\n"}, {}),
    ".env with a variable and a default": ({".env": "PREFECT_API_URL=http://${MY_HOST:-h.test}/api\n"}, {}),
    ".env with a dollar": ({".env": "PREFECT_API_URL=http://dotenv.test/api\nPREFECT_API_KEY=k$X\n"}, {"X": "x"}),
    ".env in small letters": ({".env": "prefect_api_url=http://dotenv.test/api\n"}, {}),
    ".env twice": ({".env": "PREFECT_API_URL=http://a.test/api\nPREFECT_API_URL=http://b.test/api\n"}, {}),
    ".env without a value": ({".env": "PREFECT_API_KEY\nPREFECT_API_URL=http://dotenv.test/api\n"}, {}),
    ".env with an empty value": ({**HOME_PROFILES, ".env": "PREFECT_API_URL=\n"}, {}),
    ".env with lines that are none": ({".env": "what is this\n=x\nPREFECT_API_URL=http://dotenv.test/api\n"}, {}),
    ".env with a value of several lines": ({".env": 'PREFECT_API_URL="http://dotenv.test/api"\nX="a\nb"\nPREFECT_API_KEY=k\n'}, {}),
    ".env in another encoding": ({".env": b"# \xfc\nPREFECT_API_URL=http://dotenv.test/api\n"}, {}),
    ".env that names a profile": ({**HOME_PROFILES, ".env": "PREFECT_PROFILE=other\n"}, {}),
    ".env with custom headers": (
        {".env": "PREFECT_API_URL=http://dotenv.test/api\nPREFECT_CLIENT_CUSTOM_HEADERS='{\"X-Proxy\": \"p\"}'\n"}, {},
    ),
}  # fmt: skip


def content(text: str | bytes, home: Path) -> bytes:
    data = text if isinstance(text, bytes) else text.encode()
    return data.replace(b"~/", f"{home}/".encode())


def environ(case: str, home: Path) -> dict[str, str]:
    return {name: value.replace("~/", f"{home}/") for name, value in CASES[case][1].items()}


@pytest.fixture(scope="module")
def official(prefect_python, tmp_path_factory) -> dict[str, dict[str, Any]]:
    """What the client of each version sends in each case."""
    folder = tmp_path_factory.mktemp("settings3")
    home, found = folder / "home", {}
    cases = [
        {
            "files": {name: content(text, home).hex() for name, text in CASES[case][0].items()},
            "environ": environ(case, home),
        }
        for case in CASES
    ]
    for version in VERSIONS:
        answers = folder / f"{version}.json"
        done = subprocess.run(
            [prefect_python(version), SCRIPT, answers],
            input=json.dumps(cases), env={"PATH": os.defpath, "HOME": str(home), "PYTHONWARNINGS": "ignore"},
            cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        found[version] = dict(zip(CASES, json.loads(answers.read_text()), strict=True))
    return found


class Told(httpx.BaseTransport):
    """Answers as a Prefect 3 without any run, and keeps what was sent."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        is_probe = request.url.path.endswith("/health")
        return httpx.Response(200 if is_probe else 404, json=True)


@pytest.fixture
def ours(nothing_configured, monkeypatch):
    """Return what is sent here in a case."""

    def sent(case: str) -> dict[str, Any]:
        home = nothing_configured
        project = home / "project"
        project.mkdir()
        monkeypatch.chdir(project)
        for name, text in CASES[case][0].items():
            path = home / name.removeprefix("~/") if name.startswith("~/") else project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content(text, home))
        for name, value in environ(case, home).items():
            monkeypatch.setenv(name, value)
        told = Told()
        try:
            connection = fw.connect(transport=told)
        except SettingsError:
            return {"error": "settings"}
        except InvalidArgument:  # a transport, and nothing that is configured
            return {"url": None}
        with connection, pytest.raises(NotFound):
            fw.FlowRunView.from_flow_run_id(RUN)
        (request,) = [one for one in told.requests if one.url.path.endswith(RUN)]
        url = request.url
        return {
            "url": f"{url.scheme}://{url.netloc.decode()}{url.path.removesuffix(f'/flow_runs/{RUN}')}",
            "headers": {
                name: sha256(value.encode("latin-1")).hexdigest()
                for name, value in request.headers.items()
                if name not in OWN
            },
        }

    return sent


@pytest.mark.parametrize("case", CASES)
def test_the_same_is_sent_to_the_same_place(case, official, ours):
    expected, sent = said(official[NEWEST][case]), said(ours(case))
    assert sent == expected


@pytest.mark.parametrize("case", CASES)
def test_the_oldest_client_says_the_same_where_it_knows_what_is_configured(case, official):
    files, variables = CASES[case]
    configured = [*variables, *files, *map(str, files.values()), *variables.values()]
    if any(word in text for word in LATER for text in configured):
        return
    assert said(official[NEWEST][case]) == said(official[OLDEST][case])


def test_blanks_around_a_key_are_not_sent(nothing_configured, monkeypatch):
    """The clients send them, and a server refuses such a key."""
    monkeypatch.setenv("PREFECT_API_URL", "http://h.test/api")
    monkeypatch.setenv("PREFECT_API_KEY", " k \n")
    assert ambient_settings().api_key.reveal() == "k"


def test_there_are_sixty_environments():
    assert len(CASES) >= 60


def said(answer: dict[str, Any]) -> object:
    """Return an answer as it is compared: errors are worded otherwise, and a slash at the end is none."""
    if "error" in answer:
        return "an error"
    return answer["url"] and answer["url"].rstrip("/"), answer.get("headers")
