"""Links to runs in Prefect's web UIs: parses pasted text, and builds the link of a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

from flowrun_widgets.errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RunAddress", "api_root", "parse_address", "run_page", "shown", "ui_root"]

UUID = r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
RUN = rf"(?P<kind>flow|task)[-_.]runs?/+(?:(?:flow|task)-runs?/+)*(?P<id>{UUID})(?![0-9a-fA-F-])"
HOST = r"\[[0-9a-fA-F:.]+\](?::\d+)?|[^\s/@:?#%<>|\"'()\[\]{}=,;&]+(?::\d+)?"
LINK = re.compile(
    rf"(?:(?P<scheme>https?):/+(?:[^\s/@<>|\"']*@)?)?(?P<host>{HOST})(?P<before>/(?:[^\s:<>|\"']*/)?){RUN}",
    re.IGNORECASE,
)
ANY_RUN = re.compile(RUN, re.IGNORECASE)
PAGE = re.compile(rf"[/\s]*(?:\S*/)?{RUN}\S*", re.IGNORECASE)
"""A pasted path of a UI page, without the server."""
RESOURCE = re.compile(rf"prefect\.(?P<kind>flow|task)-run\.(?P<id>{UUID})", re.IGNORECASE)
"""The resource name of a run in Prefect's events."""
BARE = re.compile(rf"(?<![\w-])(?P<id>{UUID})(?![\w-])")
CLOUD = re.compile(rf".*/account/(?P<account>{UUID})/workspace/(?P<workspace>{UUID})")
CLOUD_API = re.compile(r"/api/accounts/(?P<account>[^/]+)/workspaces/(?P<workspace>[^/]+)/?")
IS_HOST = re.compile(r"localhost|.*[.:].*", re.IGNORECASE)
AROUND = " \t\r\n<>()[]{}\"'`*_.,;:!?|«»“”‘’„…"
"""Characters that may surround an id in a sentence."""
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]|=\r?\n")
"""Zero-width characters, and the soft line breaks of e-mails."""
DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~/])")
"""Characters that Markdown escapes."""
MAX_CHARS, MAX_RUNS, MAX_BEFORE = 20_000, 20, 1_000
"""Maximum lengths: of a text, of the number of runs in it, of a link before its run."""


def shown(text: object) -> str:
    """Return an address or a path for use in a message: shortened, and without anything that may be a password."""
    if not isinstance(text, str):
        return f"{text!r:.80}"
    before, at, rest = text.rpartition("@")
    return repr(f"***@{rest}"[:120] if before or at else text[:120])


@dataclass(frozen=True, slots=True)
class RunAddress:
    """What a link refers to: a run, and the API that most likely has it."""

    api_url: str | None
    """None: the link does not say (an id alone, or Prefect 1, whose UI and API have different addresses)."""
    kind: Literal["flow run", "task run"] | None
    """None: an id alone, which may belong to either."""
    id: str
    ui_root: str | None = None
    """The address of the UI in the link, which may differ from that of its API."""
    page_root: str | None = None
    """The address that pages of runs begin with, if the link is into Prefect 3's UI."""


def parse_address(text: str) -> RunAddress:
    """Return the run that a pasted text refers to by a link into Prefect's UI or by an id.

    The link may be to a self-hosted server or to Cloud, to the page of a flow run or of a task run. It may lack its
    scheme, and may be inside the brackets, quotes, sentences and redirects that chats and e-mails add.

    Raises:
        InvalidArgument: the text contains no such link.
    """
    if isinstance(text, str) and len(text) <= MAX_CHARS:
        for spelling in _spellings(text):
            if found := _named(spelling):
                return found
    raise InvalidArgument(
        f"{shown(text)} is not a link to a run. Such a link looks like http://127.0.0.1:4200/runs/flow-run/… or "
        "https://app.prefect.cloud/account/…/workspace/…/runs/flow-run/…. You can also pass the id of the run."
    )


def api_root(api_url: str) -> str:
    """Return the root address of a self-hosted server, without the path of its API."""
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/api')}"


def ui_root(api_url: str) -> str:
    """Return the address of the UI of a Prefect 3 API, derived from the address of the API."""
    parts = urlsplit(api_url)
    cloud = CLOUD_API.fullmatch(parts.path)
    if cloud is None:
        return api_root(api_url)
    host = re.sub(r"^api\.", "app.", parts.netloc)
    return f"{parts.scheme}://{host}/account/{cloud['account']}/workspace/{cloud['workspace']}"


def run_page(root: str, flow_run_id: str) -> str:
    """Return the page of a flow run in the UI at this address."""
    return f"{root.rstrip('/')}/runs/flow-run/{flow_run_id}"


def _spellings(text: str) -> Iterator[str]:
    """Yield the text as it is, and as it was before mail programs and filters rewrote it."""
    plain = DASHES.sub("-", UNSEEN.sub("", unescape(text)))
    plain = re.sub(r"\bhxxp", "http", plain, flags=re.IGNORECASE).replace("[.]", ".")
    yield plain
    yield ESCAPED.sub(r"\1", plain)
    decoded = plain
    for _ in range(3):  # a redirect within a redirect
        decoded = unquote(decoded)
        yield decoded
    # Proofpoint's second version writes % as - and / as _.
    yield unquote(re.sub(r"-(?=[0-9A-Fa-f]{2})", "%", plain).replace("_", "/"))
    yield re.sub(r"\s+", "", decoded)


def _named(text: str) -> RunAddress | None:
    for run in islice(ANY_RUN.finditer(text), MAX_RUNS):
        before = max(0, run.start() - MAX_BEFORE)
        match = LINK.search(text, before, run.end())
        if match and (match["scheme"] or IS_HOST.fullmatch(match["host"])):
            return _linked(match)
    word = text.strip(AROUND)
    if "://" in word:
        return None
    if match := RESOURCE.fullmatch(word) or PAGE.fullmatch(word):
        return RunAddress(None, _kind(match), _id(match))
    bare = {_id(match): match for match in BARE.finditer(word)}
    if len(bare) == 1 and "/" not in word:
        return RunAddress(None, None, next(iter(bare)))
    return None


def _linked(match: re.Match[str]) -> RunAddress:
    scheme = (match["scheme"] or _scheme_of(match["host"])).lower()
    before = re.sub(r"/+", "/", match["before"].partition("#")[0]).rstrip("/")
    host = match["host"].lower()
    if cloud := CLOUD.match(before):
        api_host = re.sub(r"^app\.", "api.", host)
        path = f"accounts/{cloud['account']}/workspaces/{cloud['workspace']}"
        return RunAddress(f"{scheme}://{api_host}/api/{path}", _kind(match), _id(match))
    is_page = before.endswith(("/runs", "/api", "/v2", "/flow-runs")) or before == ""
    if not is_page:
        return RunAddress(None, _kind(match), _id(match))
    root = before
    for part in ("/runs", "/flow-runs", "/api", "/v2"):
        root = root.removesuffix(part)
    address = f"{scheme}://{host}{root}"
    pages = before.removesuffix("/runs")
    page_root = f"{scheme}://{host}{pages}" if pages != before else None
    return RunAddress(f"{address}/api", _kind(match), _id(match), address, page_root)


def _scheme_of(host: str) -> str:
    """Return the scheme for a host that was pasted without one: local names and IP addresses have no certificates."""
    name = host if host.startswith("[") else host.partition(":")[0]
    return (
        "http"
        if name == "localhost" or re.fullmatch(r"[\d.]+|\[.*", name) or ":" in host
        else "https"
    )


def _kind(match: re.Match[str]) -> Literal["flow run", "task run"]:
    return "flow run" if match["kind"].lower() == "flow" else "task run"


def _id(match: re.Match[str]) -> str:
    digits = match["id"].replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
