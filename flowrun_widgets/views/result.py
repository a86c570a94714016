"""Loading the result of a task run from the place where the server says it is stored."""

from __future__ import annotations

import json
import os
import pickle
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flowrun_widgets.errors import ResultMissing, ResultUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.states import State, StoredResult

    Deserialize = Callable[[bytes], Any]

__all__ = ["NOT_LOADED", "mapped_result", "result_of", "shown_value"]

NOT_LOADED = object()
"""Marks a result that was not loaded, since None can be a result."""
MAX_BYTES = 2_000_000_000
MAX_SHOWN_CHARS = 1_000
PICKLE = b"\x80"
"""The first byte of every pickle of protocol 2 or later."""
REMOTE = {"S3Result": ("S3FileSystem", "s3"), "GCSResult": ("GcsFileSystem", "gs")}
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
"""Environment variables with the address of an S3-compatible store other than Amazon's; pyarrow does not read them."""
PATIENCE = timedelta(seconds=5)
"""Without this limit, Google's library retries for 15 minutes."""
NOT_KEPT = {
    "NoResultType": "The task has no `Result` type so the result cannot be loaded. Set a `Result` type on your tasks so "
    "return values are persisted.",
    "NotPersisted": "The result was not persisted: it stayed in the memory of the process that ran the task. "
    "Use @task(persist_result=True), or set PREFECT_RESULTS_PERSIST_BY_DEFAULT=true, to keep results.",
}
UNREADABLE = {
    "AzureResult": "the server does not know its storage account",
    "SecretResult": "it is the name of a secret, not a value",
    "ConstantResult": "its value is in the flow's code",
}


def result_of(state: State, allow_pickle: bool, deserialize: Deserialize | None) -> Any:
    """Return the value of a finished state's result.

    Raises:
        ResultUnavailable: the state has no result, or none that can be loaded from here.
    """
    if not state.is_finished():
        raise ResultUnavailable("The task result cannot be loaded if it is not finished.")
    stored = state.stored_result
    _check(stored)
    location = stored.location or ""
    if stored.kind == "PrefectResult":
        data = location.encode("utf-8", "surrogatepass")
        return _json(data) if deserialize is None else _by(deserialize, data, location)
    data = _remote(stored) if stored.kind in REMOTE else _local(stored)
    if deserialize is not None:
        return _by(deserialize, data, location)
    return _value(data, location, allow_pickle)


def mapped_result(
    parent: TaskRunRecord,
    children: Sequence[TaskRunRecord],
    allow_pickle: bool,
    deserialize: Deserialize | None,
) -> list[Any]:
    """Return the values of a mapped task run's children, by map index. All of them are checked before any is loaded.

    Raises:
        ResultUnavailable: there are no children, or one is not finished or has no result that can be loaded from here.
    """
    if not children:
        raise ResultUnavailable(
            f"No child task runs were found for task {parent.task_slug!r:.100} in flow run {parent.flow_run_id}. "
            "Is the flow run finished?"
        )
    for child in children:
        if not child.state.is_finished():
            raise ResultUnavailable(
                f"Child task run {child.task_slug:.100}[{child.map_index}] is in state {child.state!r:.200}. The result "
                "cannot be retrieved. Loading results for mapped tasks in running flows is not supported."
            )
        _check(child.state.stored_result)
    return [result_of(child.state, allow_pickle, deserialize) for child in children]


def shown_value(value: Any, redaction: Redaction | None) -> str:
    """Return a result for a repr: shortened, and without secrets."""
    if value is NOT_LOADED:
        return "<not loaded>"
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - a __repr__ can raise anything
        text = f"<{type(value).__name__} whose repr fails: {type(error).__name__}>"
    if redaction is not None:
        from flowrun_widgets.redaction.texts import rules_of

        text = rules_of(redaction).changes([text]).get(text, text)
    return text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…"


def _check(stored: StoredResult) -> None:
    kind, location = stored.kind, stored.location
    if kind in NOT_KEPT:
        raise ResultUnavailable(NOT_KEPT[kind])
    if kind == "ResultRecordMetadata":
        raise ResultUnavailable(
            f"The result is stored at {_shown(location)} in the result storage of Prefect 3 ({kind}), which only its "
            "own client reads. Load it there with State.result()."
        )
    if not location and kind != "ConstantResult":
        raise ResultUnavailable(
            "The task result has no `location` so the result cannot be loaded. Check the `Result` that the "
            "task or its flow sets: it may be missing or incomplete."
        )
    if kind in UNREADABLE:
        raise ResultUnavailable(
            f"A {kind} cannot be loaded from here: {UNREADABLE[kind]} ({_shown(location)})."
        )
    if kind not in {"PrefectResult", "LocalResult", *REMOTE}:
        raise ResultUnavailable(
            f"The task has a result of the type {kind!r:.100}, which only its own code can load. "
            f"It is stored at {_shown(location)}."
        )


def _local(stored: StoredResult) -> bytes:
    folder = stored.details.get("dir")
    path = Path(folder if isinstance(folder, str) else "", stored.location or "")
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise ResultUnavailable(f"{_shown(str(path))} is not a file.")
        _check_size(status.st_size, str(path))
        with path.open("rb") as file:  # files in /proc or /dev have no size, and may have no end
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise ResultMissing(
            f"There is no {_shown(str(path))} here. A LocalResult stays on the machine that ran the task."
        ) from None
    except (OSError, ValueError) as error:
        if isinstance(error, ResultUnavailable):
            raise
        why = getattr(error, "strerror", None) or "it is not a path"
        raise ResultUnavailable(f"{_shown(stored.location)} cannot be read: {why}.") from None
    _check_size(len(data), str(path))
    return data


def _remote(stored: StoredResult) -> bytes:
    name, scheme = REMOTE[stored.kind]
    place = f"{stored.details.get('bucket')}/{stored.location}"
    address = f"{scheme}://{place}"
    try:
        from pyarrow import fs

        files = getattr(fs, name)
    except (ImportError, AttributeError):
        raise ResultUnavailable(
            f"The result is stored at {_shown(address)}, but this machine's pyarrow was built without {name}."
        ) from None
    try:
        opened = files(**(_endpoint() if scheme == "s3" else {"retry_time_limit": PATIENCE}))
        about = opened.get_file_info(place)
        if about.type != fs.FileType.File:
            raise ResultMissing(f"There is no {_shown(address)}.")
        _check_size(about.size or 0, address)
        with opened.open_input_stream(place) as stream:
            return stream.read()
    except (OSError, ValueError) as error:
        if isinstance(error, ResultUnavailable):
            raise
        raise ResultUnavailable(f"{_shown(address)} cannot be read: {str(error)[:300]}") from None


def _endpoint() -> dict[str, Any]:
    for name in ENDPOINTS:
        if url := os.environ.get(name):
            parts = urlsplit(url)
            return {"endpoint_override": parts.netloc, "scheme": parts.scheme}
    return {}


def _check_size(size: int, place: str) -> None:
    if size > MAX_BYTES:
        raise ResultUnavailable(
            f"{_shown(place)} has {size:,} bytes; at most {MAX_BYTES:,} are loaded."
        )


def _value(data: bytes, location: str, allow_pickle: bool) -> Any:
    """Return the value that Prefect 1's serializers stored in `data`."""
    if not data.startswith(PICKLE):
        try:
            return _json(data)
        except ResultUnavailable:
            data = _unwrapped(data)
    if not data.startswith(PICKLE):
        raise ResultUnavailable(
            f"{_shown(location)} is neither JSON nor a pickle. Pass a function that reads it: get_result(deserialize=…)"
        )
    if not allow_pickle:
        raise ResultUnavailable(
            f"{_shown(location)} is a pickle, and loading one runs any code that its writer put into it. If you trust "
            "everyone who can write there, and the server that says where it is, call get_result(allow_pickle=True)."
        )
    return _by(pickle.loads, data, location)


def _unwrapped(data: bytes) -> bytes:
    """Return the pickle that early versions of Prefect wrote as base64."""
    try:
        return b64decode(data, validate=True)
    except ValueError:
        return data


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise ResultUnavailable("The result is not valid JSON.") from None


def _by(load: Deserialize, data: bytes, location: str) -> Any:
    try:
        return load(data)
    except Exception as error:
        raise ResultUnavailable(
            f"{_shown(location)} cannot be loaded ({type(error).__name__}: {str(error)[:200]}). Loading it needs the "
            "modules that it was made with, in compatible versions."
        ) from error


def _shown(text: str | None) -> str:
    return f"{text!r:.200}"
