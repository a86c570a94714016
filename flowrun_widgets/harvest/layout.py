"""The layout of a harvest: its folders, its columns, and the facts in each file (docs/decisions/harvest.md)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from flowrun_widgets.connection.library import SETTLED_SECONDS
from flowrun_widgets.report.frames import FLOW_RUN_COLUMNS, TASK_RUN_COLUMNS
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from datetime import datetime

    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.redaction import Redaction

__all__ = [
    "FACTS",
    "FLOW_RUNS",
    "LOGS",
    "TASK_RUNS",
    "Facts",
    "day_of",
    "flow_value",
    "folder_of",
    "rules_text",
]

FORMAT = 1
"""Files of another format are written again."""
FACTS = b"flowrun"
"""The key of the facts in a file's metadata."""
NO_NAME, NO_DAY = "~", "1970-01-01"
"""What folders say for a flow without a name and a run without a time: readers differ about missing values."""
RESERVED = frozenset({NO_NAME, "__HIVE_DEFAULT_PARTITION__"})
"""Names of flows that would mean something else."""
MAX_FOLDER_BYTES = 180
"""How long the folder name of a flow can be; file systems allow 255 bytes."""
DIGEST_CHARS = 16

TIME = pa.timestamp("us", "UTC")
LOGS = pa.schema(
    [
        pa.field("timestamp", TIME),
        pa.field("level", pa.int16()),
        pa.field("level_name", pa.string()),
        pa.field("task", pa.string()),
        pa.field("logger", pa.string()),
        pa.field("message", pa.string()),
        pa.field("task_run_id", pa.string()),
        pa.field("seq", pa.int64()),
        pa.field("flow_run", pa.string()),
        pa.field("flow_run_id", pa.string()),
    ]
)
"""The columns of log lines: those of a log's DataFrame, then the name and the id of the run."""
TYPES = {
    "str": pa.string(),
    "float64": pa.float64(),
    "int64": pa.int64(),
    "Int64": pa.int64(),
    "datetime64[us, UTC]": TIME,
}


def _schema(columns: dict[str, str]) -> pa.Schema:
    return pa.schema([pa.field(name, TYPES[kind]) for name, kind in columns.items()])


FLOW_RUNS = _schema(FLOW_RUN_COLUMNS).append(pa.field("line_count", pa.int64()))
"""The columns of flow runs: those of `FlowRunList.to_pandas()`, then how many lines the log has."""
TASK_RUNS = _schema(TASK_RUN_COLUMNS).append(pa.field("flow_run_id", pa.string()))
"""The columns of task runs: those of `FlowRunView.task_runs_frame()`, then the id of the run."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says about the run in it; times are microseconds since 1970."""

    flow_run_id: str
    state: tuple[str, str, int | None]
    """Type, name and time of the run's state."""
    is_final: bool
    """Whether the run had ended, and was read long enough after that for all of its lines to have arrived."""
    line_count: int
    task_run_count: int
    read_at: int
    source: str
    """The address that the run was read from, without any secret."""
    rules: str | None
    """A digest of the rules by which secrets were removed; None: nothing was removed."""
    redacted: int | None
    """How many values were replaced."""
    format: int = FORMAT

    def is_still_true(self, record: FlowRunRecord, rules: str | None) -> bool:
        """Return whether the run has not changed since, so that reading it again would give the same."""
        same = (self.format, self.flow_run_id, self.state, self.rules)
        return self.is_final and same == (FORMAT, record.id, state_of(record), rules)

    def metadata(self) -> dict[bytes, bytes]:
        """Return the metadata of a file."""
        return {FACTS: msgspec.json.encode(self)}

    @classmethod
    def of(cls, metadata: dict[bytes, bytes] | None) -> Facts | None:
        """Return the facts in the metadata of a file; None: it has none that can be read."""
        try:
            return msgspec.json.decode((metadata or {}).get(FACTS, b""), type=cls)
        except (msgspec.MsgspecError, ValueError):
            return None


def state_of(record: FlowRunRecord) -> tuple[str, str, int | None]:
    """Return the type, name and time of a run's state."""
    state = record.state
    return state.type, state.name, None if state.timestamp is None else to_micros(state.timestamp)


def is_final(record: FlowRunRecord, read_at: datetime) -> bool:
    """Return whether a run that was listed before `read_at` and then read has all of its lines."""
    ended = record.ended_at or record.state.timestamp
    if not record.state.is_finished() or ended is None:
        return False
    return to_micros(read_at) - to_micros(ended) >= SETTLED_SECONDS * 1_000_000


def rules_text(redaction: Redaction | None) -> str | None:
    """Return a digest of the rules of redaction, from which they cannot be read; None: nothing is removed."""
    if redaction is None:
        return None
    return sha256(repr(redaction).encode("utf-8", "replace")).hexdigest()[:DIGEST_CHARS]


def folder_of(record: FlowRunRecord) -> str:
    """Return the folders of a run's files, in Hive's form: `flow=nightly/date=2026-11-22`."""
    flow = "".join(map(_quoted, flow_value(record.flow_name)))
    return f"flow={flow}/date={day_of(record)}"


def day_of(record: FlowRunRecord) -> str:
    """Return the day, in UTC, on which a run began or was due."""
    times: tuple[Any, ...] = (
        record.started_at, record.scheduled_start_at, record.state.timestamp, record.created_at,
    )  # fmt: skip
    moment = next((time for time in times if time is not None), None)
    return NO_DAY if moment is None else f"{moment:%Y-%m-%d}"


def flow_value(name: str | None) -> str:
    """Return the value of the partition `flow` for a flow: its name; a long name is cut and ends in a digest."""
    if not name:
        return NO_NAME
    if _size(name) <= MAX_FOLDER_BYTES and name not in RESERVED:
        return name
    cut = name
    while _size(cut) > MAX_FOLDER_BYTES - DIGEST_CHARS - 1:
        cut = cut[: len(cut) * 9 // 10]
    digest = sha256(name.encode("utf-8", "replace")).hexdigest()[:DIGEST_CHARS]
    return f"{cut}~{digest}"


def _size(name: str) -> int:
    return sum(len(_quoted(character).encode()) for character in name)


def _quoted(character: str) -> str:
    """Return a character of a folder's name: letters and digits of any script stay, others are percent-encoded."""
    if character.isalnum() or character in "-_.~":
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
