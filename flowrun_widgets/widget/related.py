"""Artifacts, results and related runs, which a card reads only when its details are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.analysis.durations import took_seconds
from flowrun_widgets.containers import thaw
from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.redaction.records import redacted_record, redacted_text
from flowrun_widgets.report.badges import MAX_NAME_CHARS, wire_state
from flowrun_widgets.report.wire import Artifact, Related, RelatedRun
from flowrun_widgets.times import to_micros
from flowrun_widgets.views.artifact import LINK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowrun_widgets.records import ArtifactRecord
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.report.content import Content
    from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["related_to"]

MAX_RUNS, MAX_ARTIFACTS, MAX_RESULTS = 200, 50, 200
MAX_TEXT_CHARS = 4_000
"""The largest number of characters shown of an artifact."""


def related_to(run: FlowRunSnapshot, content: Content) -> Related:
    """Return artifacts, results and related runs. Costs up to about ten requests on Prefect 3.

    Parts that cannot be read are listed in `problems`; the other parts are returned.
    """
    redaction = run.connection.redaction
    problems: list[str] = []

    def read(what: str, call: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return call()
        except FlowRunError as error:
            problems.append(f"{what}: {error}")
            return otherwise

    artifacts = read("Artifacts", run.get_artifacts, [])
    subflows = read("Sub-flow runs", run.get_subflow_runs, [])
    parent = read("The run that called this one", run.get_parent, None)
    labels = {record.id: record.label for record in content.task_runs or ()}
    return Related(
        artifacts=tuple(
            _artifact(one.record, labels, redaction) for one in artifacts[-MAX_ARTIFACTS:]
        ),
        results=tuple(_results(content))[:MAX_RESULTS],
        parent=None if parent is None else _run(parent, redaction),
        subflows=tuple(_run(one, redaction) for one in subflows[:MAX_RUNS]),
        problems=tuple(problems),
    )


def _artifact(
    record: ArtifactRecord, labels: dict[str, str], redaction: Redaction | None
) -> Artifact:
    if redaction is not None:
        record = redacted_record(record, redaction)
    text = record.data if isinstance(record.data, str) else _as_json(record.data)
    link = LINK.fullmatch(text.strip()) if record.kind in {"link", "image"} else None
    return Artifact(
        kind=shortened(record.kind, MAX_NAME_CHARS) or "",
        key=shortened(record.key, MAX_NAME_CHARS),
        description=shortened(record.description, MAX_TEXT_CHARS),
        task=shortened(labels.get(record.task_run_id or ""), MAX_NAME_CHARS),
        text=shortened((link[1] or link[2]) if link else text, MAX_TEXT_CHARS) or "",
        url=link[2] if link else None,
    )


def _as_json(data: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(thaw(data)), indent=2).decode()


def _results(content: Content) -> Iterator[tuple[str | None, str]]:
    """Yield the locations of stored results: the run's own, then those of its task runs."""
    own = content.run.record.state.stored_result.location
    if own:
        yield None, shortened(own, MAX_TEXT_CHARS) or ""
    for record in content.task_runs or ():
        if location := record.state.stored_result.location:
            yield shortened(record.label, MAX_NAME_CHARS), shortened(location, MAX_TEXT_CHARS) or ""


def _run(run: FlowRunSnapshot, redaction: Redaction | None) -> RelatedRun:
    def text(value: str | None) -> str | None:
        clean = value if value is None or redaction is None else redacted_text(value, redaction)
        return shortened(clean, MAX_NAME_CHARS)

    url = run.ui_url
    return RelatedRun(
        id=run.flow_run_id,
        name=text(run.name),
        flow=text(run.flow_name),
        state=msgspec.structs.replace(wire_state(run.state), message=None),
        started_at=None if run.started_at is None else to_micros(run.started_at),
        took=took_seconds(run.record, run.as_of),
        url=url if url and url.startswith(("http://", "https://")) else None,
    )
