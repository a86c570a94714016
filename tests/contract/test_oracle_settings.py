"""Users who are signed in to Prefect 1.4.1 are signed in here: the same address, the same key, the same tenant."""

from __future__ import annotations

import json
import os
import subprocess
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import SettingsError

SCRIPT = Path(__file__).with_name("oracle_settings.py")
TENANT, OTHER_TENANT = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2))
CLOUD = f'["api.prefect.io"]\napi_key = "k-file"\ntenant_id = "{TENANT}"\n'
LOCAL = '["localhost-4200"]\napi_key = "k-local"\n'

# Files below ~/.prefect, unless the name has a slash, and variables; HOME stands for the home folder.
CASES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "a server": ({}, {"PREFECT__BACKEND": "server"}),
    "a server's host": ({}, {"PREFECT__BACKEND": "server", "PREFECT__SERVER__HOST": "https://h.test"}),
    "a server's port": ({}, {"PREFECT__BACKEND": "server", "PREFECT__SERVER__PORT": "4321"}),
    "a server's endpoint": (
        {}, {"PREFECT__BACKEND": "server", "PREFECT__SERVER__ENDPOINT": "http://h.test/graphql"},
    ),
    "an endpoint of the other backend": (
        {}, {"PREFECT__SERVER__ENDPOINT": "http://h.test", "PREFECT__CLOUD__API_KEY": "k"},
    ),
    "the address": ({}, {"PREFECT__CLOUD__API": "http://h.test/a/b/"}),
    "the address beats the backend": (
        {}, {"PREFECT__CLOUD__API": "http://h.test", "PREFECT__BACKEND": "server"},
    ),
    "cloud's endpoint": ({}, {"PREFECT__CLOUD__ENDPOINT": "http://h.test"}),
    "a key": ({}, {"PREFECT__CLOUD__API_KEY": "k"}),
    "a key and a tenant": (
        {}, {"PREFECT__CLOUD__API_KEY": "k", "PREFECT__CLOUD__TENANT_ID": TENANT.replace("-", "").upper()},
    ),
    "a tenant without a key": (
        {}, {"PREFECT__CLOUD__API": "http://h.test", "PREFECT__CLOUD__TENANT_ID": TENANT},
    ),
    "a key for a server": (
        {}, {"PREFECT__BACKEND": "server", "PREFECT__CLOUD__API_KEY": "k", "PREFECT__CLOUD__TENANT_ID": TENANT},
    ),
    "signed in": ({"auth.toml": CLOUD}, {}),
    "signed in, another key": ({"auth.toml": CLOUD}, {"PREFECT__CLOUD__API_KEY": "k-env"}),
    "signed in, another tenant": ({"auth.toml": CLOUD}, {"PREFECT__CLOUD__TENANT_ID": OTHER_TENANT}),
    "signed in elsewhere": ({"auth.toml": CLOUD}, {"PREFECT__CLOUD__API": "http://h.test"}),
    "signed in to a server": ({"auth.toml": LOCAL}, {"PREFECT__BACKEND": "server"}),
    "signed in below another home": (
        {"HOME/other/auth.toml": CLOUD}, {"PREFECT__HOME_DIR": "$HOME/other"},
    ),
    "an empty key beats the file": (
        {"config.toml": '[cloud]\napi = "http://h.test"\napi_key = "k-file"\n'}, {"PREFECT__CLOUD__API_KEY": ""},
    ),
    "backend.toml": ({"backend.toml": 'backend = "server"\n'}, {}),
    "backend.toml elsewhere": (
        {"HOME/b.toml": 'backend = "server"\n'}, {"PREFECT__BACKEND_CONFIG_PATH": "~/b.toml"},
    ),
    "backend.toml beats config.toml": (
        {"backend.toml": 'backend = "server"\n', "config.toml": 'backend = "cloud"\n[server]\nport = 99\n'}, {},
    ),
    "config.toml": ({"config.toml": f'[cloud]\napi = "http://h.test"\napi_key = "k"\ntenant_id = "{TENANT}"\n'}, {}),
    "config.toml elsewhere": (
        {"HOME/c.toml": '[cloud]\napi = "http://h.test"\n'}, {"PREFECT__USER_CONFIG_PATH": "$PLACE/c.toml", "PLACE": "HOME"},
    ),
    "config.toml below another home is not read": (
        {"HOME/other/config.toml": '[cloud]\napi = "http://h.test"\n'},
        {"PREFECT__HOME_DIR": "~/other", "PREFECT__BACKEND": "server"},
    ),
    "a variable within config.toml": (
        {"config.toml": '[cloud]\napi = "http://$MY_HOST:$MY_PORT"\napi_key = "${MY_KEY}"\n'},
        {"MY_HOST": "h.test", "MY_PORT": "99", "MY_KEY": "k"},
    ),
    "another value within config.toml": (
        {"config.toml": 'backend = "server"\n[server]\nhost = "http://${my.name}.test"\n[my]\nname = "h"\n'}, {},
    ),
    "a value within a value": (
        {"config.toml": '[mine]\nendpoint = "http://h.test:${server.port}"\n'}, {"PREFECT__BACKEND": "mine"},
    ),
    "a variable within a variable": (
        {}, {"PREFECT__CLOUD__API": "$ONE", "ONE": "http://$TWO/graphql", "TWO": "h.test"},
    ),
    "quotes around a key": ({}, {"PREFECT__CLOUD__API_KEY": "'k'"}),
    "a name in small letters": ({}, {"PREFECT__cloud__api": "http://h.test"}),
    "a password in the address": (
        {}, {"PREFECT__CLOUD__API": "http://me:p%40ss@h.test", "PREFECT__CLOUD__API_KEY": "k"},
    ),
    "no tenant": ({}, {"PREFECT__CLOUD__API_KEY": "k", "PREFECT__CLOUD__TENANT_ID": "zz"}),
    "a number of a tenant": ({}, {"PREFECT__CLOUD__API": "http://h.test", "PREFECT__CLOUD__TENANT_ID": "12"}),
}  # fmt: skip


def written(case: str, home: Path) -> dict[str, str]:
    """Write the files of a case below a home folder, and return its environment."""
    files, variables = CASES[case]
    home.mkdir(exist_ok=True)
    for name, text in files.items():
        path = home / name.removeprefix("HOME/") if "/" in name else home / ".prefect" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    given = {name: str(home) if value == "HOME" else value for name, value in variables.items()}
    return {"HOME": str(home), **given}


@pytest.fixture(scope="module")
def oracle(oracle_python, tmp_path_factory):
    """What the client sends in each case."""
    folder = tmp_path_factory.mktemp("settings")
    answers = folder / "answers.json"
    environments = [written(case, folder / str(number)) for number, case in enumerate(CASES)]
    clean = {"PATH": os.defpath, "HOME": str(folder), "PREFECT__LOGGING__LEVEL": "CRITICAL"}
    done = subprocess.run(
        [oracle_python, SCRIPT, answers],
        input=json.dumps(environments), env=clean | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"},
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(zip(CASES, json.loads(answers.read_text()), strict=True))


class Told(httpx.BaseTransport):
    """Keeps what was sent."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.request = request
        return httpx.Response(200, json={"data": {}})


@pytest.mark.parametrize("case", CASES)
def test_the_same_is_sent_to_the_same_place(case, oracle, nothing_configured, monkeypatch):
    for name, value in written(case, nothing_configured).items():
        monkeypatch.setenv(name, value)
    told = Told()
    if "error" in oracle[case]:
        with pytest.raises(SettingsError):
            fw.connect(transport=told)
        return
    with fw.connect(transport=told) as connection:
        connection.graphql("{hello}")
    key, url = told.request.headers.get("Authorization"), told.request.url
    sent = {
        "url": f"{url.scheme}://{url.netloc.decode()}{url.path}",
        "authorization": key and sha256(key.encode()).hexdigest(),
        "tenant": told.request.headers.get("X-PREFECT-TENANT-ID"),
    }
    assert sent == oracle[case]


def test_the_packaged_address_alone_is_not_configured(nothing_configured):
    """1.4.1 asks api.prefect.io, which needs a key, if nothing is configured; here the local store is read."""
    assert fw.connect().label == "local store"
