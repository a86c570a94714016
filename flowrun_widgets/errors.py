"""The exceptions that this package raises, as one hierarchy.

FlowRunError
├─ InvalidArgument       an argument is wrong (also ValueError and TypeError)
├─ SettingsError         nothing configured, or a configuration file that cannot be read (also ValueError)
│  └─ MissingExtra         an optional part of this package was not installed (also ImportError)
├─ BackendError          a server, or the local store, failed to answer
│  ├─ ConnectionClosed     a closed connection was used
│  ├─ BackendUnavailable   no answer after the retries (also ConnectionError)
│  ├─ AccessDenied         the key is missing, wrong or not allowed to read this
│  ├─ RateLimited          too many requests; `retry_after_seconds` says how long to wait
│  ├─ QueryRejected        the server rejects the query (also ValueError)
│  └─ UnexpectedAnswer     an answer that does not follow its protocol (also ValueError)
├─ NotFound              no such run, task run or flow (also ValueError and LookupError)
├─ Ambiguous             several match; `candidates` lists them (also ValueError and LookupError)
├─ ResultUnavailable     a task run's result cannot be loaded (also ValueError and TypeError)
│  └─ ResultMissing        it is not where it was stored (also FileNotFoundError)
├─ QuerySyntaxError      a filter text with a syntax error; `position` says where (also ValueError)
├─ WatchTimeout          a watched run did not end within the time limit (also RuntimeError)
└─ ArchiveError          not an archive, or written by a newer version (also ValueError)

The second base classes are what Prefect 1.4.1 raises in the same situation, so `except` clauses written for it
still work. No message contains a key, a password or a whole answer.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "AccessDenied",
    "Ambiguous",
    "ArchiveError",
    "BackendError",
    "BackendUnavailable",
    "ConnectionClosed",
    "FlowRunError",
    "InvalidArgument",
    "MissingExtra",
    "NotFound",
    "QueryRejected",
    "QuerySyntaxError",
    "RateLimited",
    "ResultMissing",
    "ResultUnavailable",
    "SettingsError",
    "UnexpectedAnswer",
    "WatchTimeout",
]


class FlowRunError(Exception):
    """The base class of every error that this package raises on purpose."""


class InvalidArgument(FlowRunError, ValueError, TypeError):
    """An argument is wrong: a malformed id, no id at all, or two that contradict each other."""


class SettingsError(FlowRunError, ValueError):
    """No usable configuration was found."""


class MissingExtra(SettingsError, ImportError):
    """An optional part of this package is not installed; the message has the command that installs it."""


class BackendError(FlowRunError):
    """A server, or the local store, failed to answer."""


class ConnectionClosed(BackendError):
    """The connection was closed; `fw.connect(…)` opens a new one."""


class BackendUnavailable(BackendError, ConnectionError):
    """No answer after the retries; `retry_after_seconds` is how long the server asked to wait, if it said."""

    def __init__(self, message: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class AccessDenied(BackendError):
    """The server requires a key, or this key is wrong or not allowed to read this."""


class RateLimited(BackendError):
    """Too many requests; `retry_after_seconds` is how long the server asked to wait, if it said."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class QueryRejected(BackendError, ValueError):
    """The server rejects the query."""


class UnexpectedAnswer(BackendError, ValueError):
    """The answer does not follow the server's protocol: HTML, half a document, rows without ids."""


class NotFound(FlowRunError, ValueError, LookupError):
    """The server or store has no such flow run, task run or flow."""


class Ambiguous(FlowRunError, ValueError, LookupError):
    """Several match where one was asked for; `candidates` lists them."""

    def __init__(self, message: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)


class ResultUnavailable(FlowRunError, ValueError, TypeError):
    """The result of a task run cannot be loaded."""


class ResultMissing(ResultUnavailable, FileNotFoundError):
    """The result of a task run is not where it was stored; a `LocalResult` stays on the machine that ran the task."""


class QuerySyntaxError(FlowRunError, ValueError):
    """A filter text has a syntax error; `position` counts characters from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


class WatchTimeout(FlowRunError, RuntimeError):
    """The watched run did not end within the time limit."""


class ArchiveError(FlowRunError, ValueError):
    """The file is not an archive of this package, or a newer version wrote it."""
