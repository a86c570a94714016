"""Addresses of runs in Prefect's web UIs: read from a link, and made for a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from flowrun_widgets.errors import InvalidArgument

__all__ = ["RunAddress", "parse_address", "shown", "ui_url"]

UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
RUN = re.compile(
    rf"(?P<before>.*?)/(?P<kind>flow|task)[-_]runs?(?:/(?:flow|task)-run)?/(?P<id>{UUID})(?:/.*)?"
)
CLOUD = re.compile(rf".*/account/(?P<account>{UUID})/workspace/(?P<workspace>{UUID})")
CLOUD_API = re.compile(r"/api/accounts/(?P<account>[^/]+)/workspaces/(?P<workspace>[^/]+)/?")


def shown(text: object) -> str:
    """Return an address or a path for a message: without what may be a password, and not long."""
    if not isinstance(text, str):
        return f"{text!r:.80}"
    before, at, rest = text.rpartition("@")
    return repr(f"***@{rest}"[:120] if before or at else text[:120])


@dataclass(frozen=True, slots=True)
class RunAddress:
    """What a link names: a flow run or a task run, and the API that most likely knows it."""

    api_url: str | None
    """None: the link does not tell (Prefect 1's UI and API are at different addresses)."""
    kind: Literal["flow run", "task run"]
    id: str


def parse_address(url: str) -> RunAddress:
    """Return what a link into Prefect's UI names: self-hosted or Cloud, the page of a flow run or of a task run.

    Raises:
        InvalidArgument: not such a link.
    """
    parts = _parts(url)
    if parts is None:
        raise InvalidArgument(
            f"{shown(url)} is no link to a run: it begins with http:// or https://."
        )
    host = parts.netloc.rpartition("@")[2]
    match = RUN.fullmatch(_page(parts.path)) or RUN.fullmatch(_page(parts.fragment))
    if match is None:
        raise InvalidArgument(
            f"{shown(url)} is no link to a run: it looks like http://127.0.0.1:4200/runs/flow-run/… or "
            "https://app.prefect.cloud/account/…/workspace/…/runs/flow-run/…"
        )
    kind = "flow run" if match["kind"] == "flow" else "task run"
    return RunAddress(_api(parts.scheme, host, match["before"]), kind, match["id"].lower())


def ui_url(api_url: str, flow_run_id: str) -> str:
    """Return the page of a flow run in the UI that belongs to a Prefect 3 API."""
    parts = urlsplit(api_url)
    cloud = CLOUD_API.fullmatch(parts.path)
    if cloud:
        host = re.sub(r"^api\.", "app.", parts.netloc)
        root = f"{parts.scheme}://{host}/account/{cloud['account']}/workspace/{cloud['workspace']}"
    else:
        root = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/api')}"
    return f"{root}/runs/flow-run/{flow_run_id}"


def _parts(url: object) -> SplitResult | None:
    """Return the parts of an http address; None if it is none."""
    try:
        parts = urlsplit(url.strip() if isinstance(url, str) else "")
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def _page(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _api(scheme: str, host: str, before: str) -> str | None:
    """Return the API behind a page; `before` is its path up to the part that names the run."""
    if cloud := CLOUD.match(before):
        api_host = re.sub(r"^app\.", "api.", host)
        return (
            f"{scheme}://{api_host}/api/accounts/{cloud['account']}/workspaces/{cloud['workspace']}"
        )
    if before.endswith(("/runs", "/api")) or before == "":
        root = before.removesuffix("/runs").removesuffix("/api")
        return f"{scheme}://{host}{root}/api"
    return None
