"""Links into Prefect's web UIs, as people paste them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.settings.addresses import parse_address, run_page, ui_root

RUN = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"
ACCOUNT = "aaaaaaaa-c6bb-4b96-8661-63a5bbfb5596"
WORKSPACE = "bbbbbbbb-c6bb-4b96-8661-63a5bbfb5596"
CLOUD = f"https://app.prefect.cloud/account/{ACCOUNT}/workspace/{WORKSPACE}"
CLOUD_API = f"https://api.prefect.cloud/api/accounts/{ACCOUNT}/workspaces/{WORKSPACE}"
HERE = "http://127.0.0.1:4200"
LINK = f"https://p.test/runs/flow-run/{RUN}"


@pytest.mark.parametrize(
    ("url", "api", "kind"),
    [
        (f"{HERE}/runs/flow-run/{RUN}", f"{HERE}/api", "flow run"),
        (f"  {HERE}/runs/flow-run/{RUN.upper()}?tab=Logs#x ", f"{HERE}/api", "flow run"),
        (f"{HERE}/runs/task-run/{RUN}", f"{HERE}/api", "task run"),
        (f"{HERE}/flow-runs/flow-run/{RUN}", f"{HERE}/api", "flow run"),
        (f"{HERE}/v2/runs/flow-run/{RUN}", f"{HERE}/api", "flow run"),
        (f"{HERE}/v2/runs/task-run/{RUN}?tab=Logs", f"{HERE}/api", "task run"),
        (f"{HERE}//runs//flow-run//{RUN}", f"{HERE}/api", "flow run"),
        (f"{HERE}/#/runs/flow-run/{RUN}", f"{HERE}/api", "flow run"),
        (f"https://example.com/prefect/runs/flow-run/{RUN}/", "https://example.com/prefect/api", "flow run"),
        (f"https://example.com/prefect/v2/runs/flow-run/{RUN}", "https://example.com/prefect/api", "flow run"),
        (f"https://example.com/a/b/v2/runs/task-run/{RUN}", "https://example.com/a/b/api", "task run"),
        (f"https://user:pass@example.com/runs/flow-run/{RUN}", "https://example.com/api", "flow run"),
        (f"http://[::1]:4200/runs/flow-run/{RUN}", "http://[::1]:4200/api", "flow run"),
        (f"https://example.com/api/flow_runs/{RUN}", "https://example.com/api", "flow run"),
        (f"https://example.com/api/task_runs/{RUN}", "https://example.com/api", "task run"),
        (f"https://example.com/api/flow_runs/{RUN}/graph-v2", "https://example.com/api", "flow run"),
        (f"{CLOUD}/runs/flow-run/{RUN}", CLOUD_API, "flow run"),
        (f"{CLOUD}/runs/task-run/{RUN}?x=1", CLOUD_API, "task run"),
        (f"{CLOUD}/flow-runs/flow-run/{RUN}", CLOUD_API, "flow run"),
        (f"https://cloud.prefect.io/our-team/flow-run/{RUN}", None, "flow run"),
        (f"https://cloud.prefect.io/our-team/flow-run/{RUN}?logs", None, "flow run"),
        (f"http://localhost:8080/default/task-run/{RUN}?logs", None, "task run"),
        # without a scheme
        (f"127.0.0.1:4200/runs/flow-run/{RUN}", f"{HERE}/api", "flow run"),
        (f"localhost:4200/v2/runs/flow-run/{RUN}", "http://localhost:4200/api", "flow run"),
        (f"prefect.example.com/runs/flow-run/{RUN}", "https://prefect.example.com/api", "flow run"),
        (f"app.prefect.cloud/account/{ACCOUNT}/workspace/{WORKSPACE}/runs/flow-run/{RUN}", CLOUD_API, "flow run"),
        (f"HTTPS://P.test/runs/flow-run/{RUN}", "https://p.test/api", "flow run"),
        # without a server
        (RUN, None, None),
        (RUN.upper(), None, None),
        (RUN.replace("-", ""), None, None),
        (f"urn:uuid:{RUN}", None, None),
        (f"`{RUN}`.", None, None),
        (f"'{RUN}'", None, None),
        (f"Flow run amber-heron ({RUN}) failed.", None, None),
        (f"flow_run_id={RUN}", None, None),
        (f'{{"flow_run_id": "{RUN}"}}', None, None),
        (f"/runs/flow-run/{RUN}", None, "flow run"),
        (f"flow-run/{RUN}", None, "flow run"),
        (f"runs/task-run/{RUN}?tab=Logs", None, "task run"),
        (f"prefect.flow-run.{RUN}", None, "flow run"),
        (f"prefect.task-run.{RUN}", None, "task run"),
    ],
)  # fmt: skip
def test_a_link_names_server_workspace_and_run(url, api, kind):
    address = parse_address(url)
    assert (address.api_url, address.kind, address.id) == (api, kind, RUN)


@pytest.mark.parametrize(
    "text",
    [
        f"<{LINK}>",
        f"<{LINK}|amber-heron>",
        f"[amber-heron]({LINK})",
        f"[{LINK}]({LINK})",
        f"![x]({LINK} 'the run')",
        f"**{LINK}**",
        f"_{LINK}_",
        f"`{LINK}`",
        f'"{LINK}"',
        f"({LINK}).",
        f"{LINK}.",
        f"{LINK}, and then",
        f"{LINK}!",
        f"„{LINK}“",
        f"The run failed: {LINK}\nSee there.",
        f"Flow run nightly/amber-heron entered state Failed at 02:00.\nFlow run URL: {LINK}\nParameters: none",
        f'<a href="{LINK}?a=1&amp;b=2">amber-heron</a>',
        f"> {LINK}",
        f"&lt;{LINK}&gt;",
        f"\ufeff{LINK}",
        f"{LINK[:30]}\u200b{LINK[30:]}",
        f"{LINK[:30]}\u00ad{LINK[30:]}",
        LINK.replace("-", "\u2011"),
        LINK.replace("-", "\u2013"),
        LINK.replace("flow-run", "flow\\-run"),
        LINK.replace("https", "hxxps").replace("p.test", "p[.]test"),
        f"{LINK[:40]}=\n{LINK[40:]}",
        f"{LINK[:40]}\n{LINK[40:]}",
        f"{LINK[:40]}\r\n  {LINK[40:]}",
        LINK.replace("/runs", "%2Fruns"),
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(LINK, safe='')}&data=05%7C01&reserved=0",
        f"https://www.google.com/url?q={quote(LINK, safe='')}&sa=D&source=editors",
        f"https://www.google.com/url?q={LINK}&sa=D",
        f"https://slack-redir.net/link?url={quote(LINK, safe='')}",
        f"https://urldefense.com/v3/__{LINK}__;!!abc!def$",
        f"https://urldefense.com/v3/__{LINK}?tab=Logs__;Pw!!abc$",
        "https://urldefense.proofpoint.com/v2/url?u="
        + quote(LINK, safe="").replace("-", "%2D").replace("%2F", "_").replace("%", "-")
        + "&d=DwMFaQ&c=x",
        f"https://sign.in.test/?next={quote(quote(LINK, safe=''), safe='')}",
        f"https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url={quote(LINK, safe='')}&locale=en",
    ],
)  # fmt: skip
def test_whatever_chats_and_mails_do_to_a_link_it_is_the_same(text):
    address = parse_address(text)
    assert (address.api_url, address.kind, address.id) == ("https://p.test/api", "flow run", RUN)


@given(before=st.text(" \n\t<([{\"'*_>`", max_size=6), after=st.text(" \n\t>)]}\"'*_.,;:!?`", max_size=6))  # fmt: skip
def test_what_stands_around_a_link_or_an_id_is_not_of_it(before, after):
    assert parse_address(f"{before}{LINK}{after}").api_url == "https://p.test/api"
    assert parse_address(f"{before}{RUN}{after}").id == RUN


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "amber-heron", f"ftp://x/runs/flow-run/{RUN}", "http://x/runs/flow-run/7", "http://x/", "http://x",
        f"https://p.test/flows/flow/{RUN}", f"https://p.test/deployments/deployment/{RUN}", f"{RUN}0", f"{RUN}-1",
        f"https://p.test/runs/flow-run/{RUN}0", f"{RUN} {ACCOUNT}", "x" * 30_000, None, 7,
    ],
)  # fmt: skip
def test_what_is_no_such_link_says_what_one_looks_like(url):
    with pytest.raises(InvalidArgument, match="link to a run"):
        parse_address(url)


@pytest.mark.parametrize(
    "api", ["http://127.0.0.1:4200/api", "https://example.com/prefect/api", CLOUD_API]
)
@pytest.mark.parametrize("ui", ["", "/v2"])
def test_the_page_of_a_run_leads_back_to_its_api(api, ui):
    address = parse_address(run_page(f"{ui_root(api)}{ui}", RUN))
    assert (address.api_url, address.id) == (api, RUN)


def test_a_long_text_is_read_in_time():
    with pytest.raises(InvalidArgument):
        parse_address("https://a.b/" * 1_600)
    with pytest.raises(InvalidArgument):
        parse_address("a/" * 9_900)
