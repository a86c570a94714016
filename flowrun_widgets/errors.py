"""What can go wrong, as one tree.

FlowRunError
├─ InvalidArgument       a call that cannot mean anything (also ValueError and TypeError)
├─ SettingsError         nothing configured, or a configuration file that cannot be read (also ValueError)
│  └─ MissingExtra         an optional part of this package was not installed (also ImportError)
├─ BackendError          a server, or the local store, did not do its part
│  ├─ ConnectionClosed     a connection that was closed is asked
│  ├─ BackendUnavailable   no answer after the retries (also ConnectionError)
│  ├─ AccessDenied         the key is missing, wrong or not allowed to read this
│  ├─ RateLimited          too many requests; `retry_after_seconds` says when to ask again
│  ├─ QueryRejected        the server does not accept the question (also ValueError)
│  └─ UnexpectedAnswer     an answer that is not what its protocol says (also ValueError)
├─ NotFound              no such run, task run or flow (also ValueError and LookupError)
├─ Ambiguous             several fit; `candidates` lists them (also ValueError and LookupError)
├─ ResultUnavailable     a task run's result cannot be loaded (also ValueError and TypeError)
│  └─ ResultMissing        it is not where it was stored (also FileNotFoundError)
├─ QuerySyntaxError      a filter text that cannot be read; `position` says where (also ValueError)
├─ WatchTimeout          a followed run outlasted the limit that was asked for (also RuntimeError)
└─ ArchiveError          not an archive, or written by a newer version (also ValueError)

The second parents are what Prefect 1.4.1 raises in the same situation, so `except` clauses written for it still work.
No message holds a key, a password or a whole answer.
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
    """The root of every error that this package raises on purpose."""


class InvalidArgument(FlowRunError, ValueError, TypeError):
    """The call cannot mean anything: a malformed id, no id at all, two that contradict."""


class SettingsError(FlowRunError, ValueError):
    """No usable configuration was found."""


class MissingExtra(SettingsError, ImportError):
    """An optional part of this package was not installed; the message has the line to run."""


class BackendError(FlowRunError):
    """A server, or the local store, did not do its part."""


class ConnectionClosed(BackendError):
    """The connection was closed; `fw.connect(…)` opens a new one."""


class BackendUnavailable(BackendError, ConnectionError):
    """No answer after the retries; `retry_after_seconds` is the server's own wish, if it told one."""

    def __init__(self, message: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class AccessDenied(BackendError):
    """The server wants a key, or does not let this one read."""


class RateLimited(BackendError):
    """Too many requests; `retry_after_seconds` is the server's own wish, if it told one."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class QueryRejected(BackendError, ValueError):
    """The server does not accept the question."""


class UnexpectedAnswer(BackendError, ValueError):
    """The answer is not what the server's protocol says: HTML, half a document, rows without ids."""


class NotFound(FlowRunError, ValueError, LookupError):
    """No such flow run, task run or flow at the place that was asked."""


class Ambiguous(FlowRunError, ValueError, LookupError):
    """Several fit where one was asked for; `candidates` lists them."""

    def __init__(self, message: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)


class ResultUnavailable(FlowRunError, ValueError, TypeError):
    """The result of a task run cannot be loaded."""


class ResultMissing(ResultUnavailable, FileNotFoundError):
    """The result of a task run is not where it was stored; `LocalResult`s stay on the machine that ran the task."""


class QuerySyntaxError(FlowRunError, ValueError):
    """A filter text that cannot be read; `position` counts characters from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


class WatchTimeout(FlowRunError, RuntimeError):
    """The run that was followed did not end within the limit."""


class ArchiveError(FlowRunError, ValueError):
    """Not an archive of this package, or one that a newer version wrote."""
