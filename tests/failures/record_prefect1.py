"""Run the flows of `prefect1_flows/` with the real Prefect 1.4.1 client, and keep their rows as JSON in `cases/`.

.cache/oracle/bin/python tests/failures/record_prefect1.py [NAME …]
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools" / "record"))

import record  # noqa: E402
from endpoint import Endpoint  # noqa: E402
from recording import write  # noqa: E402

CASES = HERE / "cases"


def main(*names: str) -> None:
    with Endpoint() as endpoint, tempfile.TemporaryDirectory() as scratch:
        record.HERE = Path(scratch) / "client"
        record.HERE.mkdir()
        (record.HERE / "flows").symlink_to(HERE / "prefect1_flows")
        (record.HERE / "submit.py").write_bytes(
            (HERE.parents[1] / "tools/record/submit.py").read_bytes()
        )
        session = record.Session(endpoint.url, Path(scratch))
        session.submit("set-up")
        for name in names or sorted(path.stem for path in (HERE / "prefect1_flows").glob("*.py")):
            plan = record.Plan(name, "", f"flows/{name}.py", f"{name.replace('_', '-')}-run")
            found = record.record(plan, endpoint, session)
            path = CASES / f"prefect1_{name}.json"
            known = json.loads(path.read_text("utf-8")) if path.exists() else {}
            about = {"name": path.stem, "source": "prefect1", "how": "recorded with prefect 1.4.1"}
            about |= {
                "flow_run_id": found["flow_run"][0]["id"],
                "answer": known.get("about", {}).get("answer", {}),
            }
            for flow in found["flow"]:
                flow["serialized_flow"] = None
            write(path, about, found)


if __name__ == "__main__":
    main(*sys.argv[1:])
