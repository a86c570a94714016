"""Links into Prefect's web UIs."""

from __future__ import annotations

import pytest

from flowrun_widgets.addresses import parse_address, ui_url
from flowrun_widgets.errors import InvalidArgument

RUN = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"
ACCOUNT = "aaaaaaaa-c6bb-4b96-8661-63a5bbfb5596"
WORKSPACE = "bbbbbbbb-c6bb-4b96-8661-63a5bbfb5596"
CLOUD = f"https://app.prefect.cloud/account/{ACCOUNT}/workspace/{WORKSPACE}"
CLOUD_API = f"https://api.prefect.cloud/api/accounts/{ACCOUNT}/workspaces/{WORKSPACE}"


@pytest.mark.parametrize(
    ("url", "api", "kind"),
    [
        (f"http://127.0.0.1:4200/runs/flow-run/{RUN}", "http://127.0.0.1:4200/api", "flow run"),
        (f"  http://127.0.0.1:4200/runs/flow-run/{RUN.upper()}?tab=Logs#x ", "http://127.0.0.1:4200/api", "flow run"),
        (f"http://127.0.0.1:4200/runs/task-run/{RUN}", "http://127.0.0.1:4200/api", "task run"),
        (f"http://127.0.0.1:4200/flow-runs/flow-run/{RUN}", "http://127.0.0.1:4200/api", "flow run"),
        (f"https://example.com/prefect/runs/flow-run/{RUN}/", "https://example.com/prefect/api", "flow run"),
        (f"https://user:pass@example.com/runs/flow-run/{RUN}", "https://example.com/api", "flow run"),
        (f"https://example.com/api/flow_runs/{RUN}", "https://example.com/api", "flow run"),
        (f"{CLOUD}/runs/flow-run/{RUN}", CLOUD_API, "flow run"),
        (f"{CLOUD}/runs/task-run/{RUN}?x=1", CLOUD_API, "task run"),
        (f"{CLOUD}/flow-runs/flow-run/{RUN}", CLOUD_API, "flow run"),
        (f"https://cloud.prefect.io/our-team/flow-run/{RUN}", None, "flow run"),
        (f"http://localhost:8080/default/task-run/{RUN}?logs", None, "task run"),
    ],
)  # fmt: skip
def test_a_link_names_server_workspace_and_run(url, api, kind):
    address = parse_address(url)
    assert (address.api_url, address.kind, address.id) == (api, kind, RUN)


@pytest.mark.parametrize(
    "url",
    ["", RUN, "ftp://x/runs/flow-run/" + RUN, "http://x/runs/flow-run/7", "http://x/", "http://x"],
)
def test_what_is_no_such_link_says_what_one_looks_like(url):
    with pytest.raises(InvalidArgument, match="link to a run"):
        parse_address(url)


@pytest.mark.parametrize(
    "api", ["http://127.0.0.1:4200/api", "https://example.com/prefect/api", CLOUD_API]
)
def test_the_page_of_a_run_leads_back_to_its_api(api):
    address = parse_address(ui_url(api, RUN))
    assert (address.api_url, address.id) == (api, RUN)
