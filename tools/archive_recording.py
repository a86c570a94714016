"""Turn a recording that is no part of the package into an archive, such as the one beside the notebooks.

python tools/archive_recording.py ledger-close-2026-09.json notebooks/ledger-close-2026-09.flowrun
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import flowrun_widgets as fw
from flowrun_widgets.export.archive import content_of, facts_of
from flowrun_widgets.store.archive import write
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.times import now, to_micros


def main(recording: str, archive: str) -> None:
    content = json.loads(Path(recording).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store.sqlite"
        with StoreWriter(store) as writer:
            writer.add(content["tables"])
        with fw.connect(store) as connection:
            run = fw.FlowRunView.from_flow_run_id(content["about"]["flow_run_id"], api=connection)
            held, _ = content_of(run)
            facts = {**facts_of(run), "source_url": "", "source_label": "a recording"}
    write(Path(archive), [(held, facts)], to_micros(now()))


if __name__ == "__main__":
    main(*sys.argv[1:])
