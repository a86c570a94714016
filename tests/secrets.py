"""Texts that hold a secret, one for each look that the default rules know; the secret is `CANARY` or holds it."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CANARY", "TEXTS_WITH_CANARIES", "texts_with_canaries"]

CANARY = "C4NARYc4narYC4NARYc4"

TEXTS_WITH_CANARIES = [
    # Keys of known looks.
    f"github ghp_{CANARY}{CANARY} pushed",
    f"github_pat_{CANARY}{CANARY}",
    f"glpat-{CANARY}",
    f"slack xoxb-123-{CANARY}",
    f"xapp-1-{CANARY}",
    f"AIza{CANARY}abcdefghij12345",
    f"ya29.{CANARY}",
    f"GOCSPX-{CANARY}",
    f"profile pnu_{CANARY} and pnb_{CANARY}",
    f"eyJhbGciOiJIUzI1NiJ9.eyJ{CANARY}.{CANARY}",
    f"sk-{CANARY}",
    f"sk-ant-{CANARY}",
    f"sk_live_{CANARY}",
    f"hf_{CANARY}{CANARY}",
    f"npm_{CANARY}abcdefghij123456",
    f"pypi-AgE{CANARY}{CANARY}{CANARY}",
    f"hvs.{CANARY}abcd",
    f"SG.{CANARY}.{CANARY}",
    f"-----BEGIN RSA PRIVATE KEY-----\nMII{CANARY}\n{CANARY}==\n-----END RSA PRIVATE KEY-----",
    f"-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}\ncut of",
    # Addresses.
    f"postgresql+psycopg2://ann:{CANARY}@db:5432/x",
    f"redis://:{CANARY}@cache/0",
    f"amqp://ann:p@ss@{CANARY}@host",
    f"https://{CANARY}@github.com/x.git",
    f"jdbc:oracle:thin:scott/{CANARY}@//db:1521/x",
    f"https://hooks.slack.com/services/T000/B000/{CANARY}",
    f"https://discord.com/api/webhooks/12345/{CANARY}",
    f"https://a.blob.core.windows.net/c?sv=2024&sig={CANARY}%3D&se=1",
    f"https://b.s3.amazonaws.com/k?X-Amz-Credential=x&X-Amz-Signature={CANARY}",
    "Signature=" + "c4a4" * 16 + f" token={CANARY}",
    # Headers.
    f"Authorization: Bearer {CANARY}",
    f"'Proxy-Authorization': 'Basic {CANARY}=='",
    f'Authorization: Digest username="ann", response="{CANARY}"',
    f"authorization={CANARY}",
    f"sent bearer {CANARY}",
    f"sent Basic {CANARY}==",
    f"Set-Cookie: session={CANARY}; Path=/",
    f"X-Api-Key: {CANARY}",
    # Assignments.
    f"password={CANARY}",
    f"PASSWORD = '{CANARY} with blanks, and more'",
    f'"db_password": "{CANARY}"',
    f"dbPassword: {CANARY}",
    f"pAssWord=>{CANARY}",
    f'{{"api_key": "{CANARY}"}}',
    f'{{\\"api_key\\": \\"{CANARY}\\"}}',
    f"AWS_SECRET_ACCESS_KEY={CANARY}",
    f"client_secret={CANARY}&x=1",
    f"token: {CANARY}",
    f"token: Bearer {CANARY}",
    f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={CANARY}==;",
    f"Server=db;Uid=ann;Pwd={CANARY};",
    f"{{'secret': {CANARY}, 'token': 5}}",
    f"passphrase:\n  {CANARY}",
    f"auth_string=ann:{CANARY}",
    f"load --password {CANARY} --dry",
    f"['load', '--api-key', '{CANARY}']",
    f"curl -s -u ann:{CANARY} https://host",
    f"<password>{CANARY}</password>",
    f"Settings(password=SecretStr('{CANARY}'), user='ann')",
    f'token=Secret("{CANARY}")',
    f"token={{'value': '{CANARY}', 'kind': 'x'}}",
    f"credentials=('ann', '{CANARY}')",
    f"get(url, auth=('ann', '{CANARY}'))",
    f"HTTPBasicAuth('ann', '{CANARY}')",
    f"[('X-Api-Key', '{CANARY}')]",
    f'["db_password", "{CANARY}"]',
    f'{{"name": "DB_PASSWORD", "value": "{CANARY}"}}',
    f"- name: DB_PASSWORD\n  value: {CANARY}",
    f"password: |\n  {CANARY}",
    f"password:\n- {CANARY}",
    f'password="""{CANARY}"""',
    f"MYSQL_PWD={CANARY} mysql",
    f"{{'pwd': '{CANARY}'}}",
    f"passwords: {CANARY}",
    f"secret_value={CANARY} password2={CANARY}",
    f"next=https%3A%2F%2Fh%2F%3Faccess_token%3D{CANARY}%26x",
    f"mounted //ann:{CANARY}@host/share",
    f"ATATT3x{CANARY}{CANARY}",
]  # fmt: skip


def texts_with_canaries() -> Iterator[str]:
    """Return the texts, over and over."""
    return cycle(TEXTS_WITH_CANARIES)
