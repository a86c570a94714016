"""What a person does with the Prefect 1.4.1 client: register a flow and start it, or cancel."""

from __future__ import annotations

import sys
from pathlib import Path

import prefect
from prefect.client import Client
from prefect.storage import Local

TENANT, SLUG = "Harbour Analytics", "harbour-analytics"
PROJECT, DESCRIPTION = "Warehouse", "Nightly loads of the data warehouse"


def load_flow(path: str) -> prefect.Flow:
    """Run a flow file under the relative path that its tracebacks shall show."""
    namespace: dict[str, object] = {"__name__": path.removesuffix(".py").replace("/", ".")}
    exec(compile(Path(path).read_text("utf-8"), path, "exec"), namespace)
    flow = namespace["flow"]
    assert isinstance(flow, prefect.Flow)
    flow.storage = Local(directory="storage", validate=False, add_default_labels=False)
    return flow


def start(path: str, run_name: str, parameters: dict[str, object]) -> str:
    client = Client()
    flow_id = client.register(
        load_flow(path), project_name=PROJECT, set_schedule_active=False, no_url=True
    )
    return client.create_flow_run(flow_id=flow_id, run_name=run_name, parameters=parameters)


def main(command: str, *arguments: str) -> None:
    client = Client()
    if command == "set-up":
        client.create_tenant(name=TENANT, slug=SLUG)
        client.create_project(PROJECT, DESCRIPTION)
    elif command == "start":
        path, run_name, *pairs = arguments
        print(start(path, run_name, dict(pair.split("=", 1) for pair in pairs)))
    elif command == "cancel":
        client.cancel_flow_run(arguments[0])
    else:
        raise SystemExit(f"no such command: {command}")


if __name__ == "__main__":
    main(*sys.argv[1:])
