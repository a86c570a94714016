"""The HTTP transport: the only module that uses httpx, and that converts its errors into those of this package."""

from __future__ import annotations

import logging
import math
import os
import ssl
import threading
import time
import weakref
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import httpx
import msgspec
import stamina

from flowrun_widgets.backends.answer import Answer, Incoming, error_words
from flowrun_widgets.backends.masking import base64, masked, spellings
from flowrun_widgets.backends.progress import waiting_for
from flowrun_widgets.backends.rate_limit import RateLimit
from flowrun_widgets.backends.upgraded import Upgraded
from flowrun_widgets.errors import (
    AccessDenied,
    BackendError,
    BackendUnavailable,
    ConnectionClosed,
    QueryRejected,
    RateLimited,
    SettingsError,
    UnexpectedAnswer,
)
from flowrun_widgets.forks import in_child, is_forked_since, moment, unlocked_in_child
from flowrun_widgets.times import now

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from datetime import datetime
    from wsgiref.types import WSGIApplication

    from flowrun_widgets.backends.pace import Pace
    from flowrun_widgets.settings import Settings

__all__ = ["InProcess", "Retryable", "Transport", "paced", "within"]

T = TypeVar("T")

MAX_ATTEMPTS = 4
TOTAL_SECONDS = 45.0
"""How many seconds a request waits in total, unless the timeout of one attempt is longer."""
UPGRADE_SECONDS = 10.0
"""How many seconds a server has to change the protocol."""
RETRIED = frozenset({408, 502, 503, 504})
LONGEST_WAIT_SECONDS = 10.0
# Without any handler Python prints every retry to the screen, which in a notebook is an output.
logging.getLogger("stamina").addHandler(logging.NullHandler())

_ends_at: ContextVar[float] = ContextVar("flowrun_ends_at", default=math.inf)
"""The deadline of the current request, by the monotonic clock."""
_most_seconds: ContextVar[float] = ContextVar("flowrun_most_seconds", default=math.inf)
"""The longest time that each request may wait."""
_paced_by: ContextVar[Pace | None] = ContextVar("flowrun_pace", default=None)
"""The pace of the current requests, in addition to the limit of their transport."""
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Retryable(Exception):
    """Makes `Transport.retried` try again; `error` is raised if all attempts fail."""

    def __init__(self, error: BackendError, wait_seconds: float | None = None) -> None:
        super().__init__()
        self.error = error
        self.wait_seconds = wait_seconds


class Stopped(Exception):
    """Makes `Transport.retried` begin again: the server refused a request, and the pace of the requests waits."""


class Transport:
    """A keep-alive connection pool to one server. Thread-safe; `close()` closes the sockets.

    `requests` counts what was sent, including retries; `requests_per_minute` is the most that it sends in a minute, None
    without a limit. Answers with an error status that is not in `accept` raise; no error contains a secret of the
    settings.
    """

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self.url = settings.url
        self.requests = 0
        self.requests_per_minute = settings.requests_per_minute
        self._has_key = settings.api_key is not None
        self._token = settings.auth_string or settings.api_key
        self._secrets = spellings(settings)
        self._lock = unlocked_in_child(threading.Lock())
        self._timeout_seconds = settings.timeout_seconds
        self._total_seconds = settings.total_seconds or max(TOTAL_SECONDS, settings.timeout_seconds)
        self._pace = (
            RateLimit(settings.requests_per_minute) if settings.requests_per_minute else None
        )
        headers = {"User-Agent": b"flowrun-widgets", "Accept": b"application/json"}
        headers |= {
            name: secret.reveal().encode("latin-1") for name, secret in settings.headers.items()
        }
        auth: Any = None
        if settings.auth_string is not None:
            auth = _Authorization(f"Basic {base64(settings.auth_string.reveal())}")
        elif settings.api_key is not None:
            auth = _Authorization(f"Bearer {settings.api_key.reveal()}")
        self._own_transport = transport
        self._is_closed = False
        self._open = lambda: _client(
            headers=headers,
            auth=auth,
            verify=_tls(settings),
            transport=transport,
            limits=httpx.Limits(
                max_connections=8, max_keepalive_connections=4, keepalive_expiry=30
            ),
        )
        self._client = self._open()
        # Without `close()`, the garbage collector closes the sockets.
        self._end = weakref.finalize(self, self._client.close)
        self._opened_at = moment()
        in_child(self, Transport._let_go)

    def __repr__(self) -> str:
        return f"Transport({self.url!r})"

    def close(self) -> None:
        """Close the sockets."""
        self._is_closed = True
        self._http().close()

    def send_always(self, name: str, value: str) -> None:
        """Send a header with every request from now on; errors do not repeat its value."""
        self._http().headers[name] = value
        self._secrets.append(value)

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        accept: Iterable[int] = (200,),
        root: str | None = None,
    ) -> Answer:
        """Send a GET request; `path` is appended to the server's URL, or to another address of that server."""
        return self._ask("GET", f"{root or self.url}{path}", params=params, accept=accept)

    def post(
        self,
        path: str,
        json: Any,
        *,
        headers: Mapping[str, str] | None = None,
        accept: Iterable[int] = (200,),
    ) -> Answer:
        """Send a POST request with a JSON body. All requests only read, so retries are safe."""
        content = msgspec.json.encode(json)
        sent = {"Content-Type": "application/json", **(headers or {})}
        return self._ask("POST", f"{self.url}{path}", content=content, headers=sent, accept=accept)

    @contextmanager
    def streaming(self, path: str, json: Any) -> Generator[Incoming]:
        """Send a request as `post` does, and yield the answer while it arrives; the end of the block closes it.

        Failures are retried until the first piece has arrived; after that they raise.
        """
        content = msgspec.json.encode(json)
        headers = {"Content-Type": "application/json"}
        url = f"{self.url}{path}"
        response, pieces = self.retried(lambda: self._opened(url, content, headers))
        try:
            yield Incoming(_answer(response, url, b""), pieces)
        finally:
            response.close()

    def upgraded(self, path: str, headers: Mapping[str, str]) -> Upgraded:
        """Send a GET request that asks for another protocol, and return the connection; it is not retried.

        Raises the error of a server that answers otherwise.
        """
        url = f"{self.url}{path}"
        try:
            with self._our_errors():
                self._count_request()
                client = self._http()
                timeout = min(self._timeout_seconds, UPGRADE_SECONDS)
                request = client.build_request("GET", url, headers=headers, timeout=timeout)
                response = client.send(request, stream=True)
            stream = response.extensions.get("network_stream")
            if response.status_code != 101 or stream is None:
                response.close()
                self.refuse(_answer(response, url, b""))
        except Retryable as failed:
            raise failed.error from None
        return Upgraded(self.url, response.headers.raw, stream, response.close)

    def token(self) -> str | None:
        """Return the key or `user:password` for a protocol that sends it in a message."""
        return None if self._token is None else self._token.reveal()

    def masked(self, text: str) -> str:
        """Return a server's message with every secret masked, without control characters, and of limited length."""
        return masked(text, self._secrets)

    @property
    def has_key(self) -> bool:
        """Whether an API key is sent."""
        return self._has_key

    def _ask(self, method: str, url: str, *, accept: Iterable[int], **request: Any) -> Answer:
        return self.retried(lambda: self._once(method, url, frozenset(accept), **request))

    def retried(self, ask: Callable[[], T]) -> T:
        """Return what `ask` returns; if it raises `Retryable`, call it again with growing waits, up to a limit."""
        while True:
            with suppress(Stopped):
                return self._in_time(ask)

    def _in_time(self, ask: Callable[[], T]) -> T:
        seconds = min(self._total_seconds, _most_seconds.get())
        token = _ends_at.set(min(_ends_at.get(), time.monotonic() + seconds))
        try:
            return self._retried(ask)
        finally:
            _ends_at.reset(token)

    def _retried(self, ask: Callable[[], T]) -> T:
        last: Retryable | None = None

        def wanted(error: Exception) -> bool | float:
            if not isinstance(error, Retryable):
                return False
            left = _ends_at.get() - time.monotonic()
            if error.wait_seconds is None:
                return left > 0
            longest = min(LONGEST_WAIT_SECONDS, left)
            return error.wait_seconds if error.wait_seconds <= longest else False

        try:
            for attempt in stamina.retry_context(
                on=wanted,
                attempts=MAX_ATTEMPTS,
                timeout=None,
                wait_initial=0.2,
                wait_max=2.0,
                wait_jitter=0.3,
            ):
                with attempt:
                    return ask()
        except Retryable as error:
            last = error
        assert last is not None
        raise last.error from None

    def _once(self, method: str, url: str, accept: frozenset[int], **request: Any) -> Answer:
        self._count_request()
        with self._our_errors(), waiting_for(f"{self.url} to answer"):
            response = self._http().request(method, url, timeout=self._timeout(), **request)
        answer = _answer(response, url, response.content)
        if answer.status not in accept:
            self.refuse(answer)
        return answer

    def _opened(
        self, url: str, content: bytes, headers: Mapping[str, str]
    ) -> tuple[httpx.Response, Iterator[bytes]]:
        self._count_request()
        with self._our_errors(), waiting_for(f"{self.url} to answer"):
            client = self._http()
            request = client.build_request(
                "POST", url, content=content, headers=headers, timeout=self._timeout()
            )
            response = client.send(request, stream=True)
        try:
            with self._our_errors():
                if response.status_code != 200:
                    self.refuse(_answer(response, url, response.read()))
                pieces = response.iter_bytes()
                first = next(pieces, b"")
        except BaseException:
            response.close()
            raise
        return response, self._pieces(first, pieces)

    def _pieces(self, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
        try:
            with self._our_errors():
                yield first
                yield from rest
        except Retryable as failed:
            raise failed.error from None

    def _timeout(self) -> httpx.Timeout:
        """Return the timeout of the next attempt for each part of its answer."""
        left = round(_ends_at.get() - time.monotonic(), 2)
        if left <= 0:
            raise Retryable(BackendUnavailable(self._unreachable(httpx.ReadTimeout(""))))
        seconds = min(self._timeout_seconds, left)
        return httpx.Timeout(seconds, connect=min(10.0, seconds))

    def _count_request(self) -> None:
        """Wait for the rate limit and count a request."""
        if self._is_closed:
            raise ConnectionClosed(
                f"The connection to {self.url} was closed: fw.connect(…) opens a new one."
            )
        limits = [limit for limit in (_paced_by.get(), self._pace) if limit is not None]
        if limits:
            began = time.monotonic()
            for limit in limits:
                limit.wait()
            # Waiting for our own rate limit does not count against the server.
            _ends_at.set(_ends_at.get() + time.monotonic() - began)
        with self._lock:
            self.requests += 1

    def _http(self) -> httpx.Client:
        """Return the client. A fork creates its own: on its parent's sockets it would read its parent's answers."""
        with self._lock:
            if is_forked_since(self._opened_at):
                parent = self._client
                self._client = self._open()
                self._client.headers.update(parent.headers)
                self._client.cookies.update(parent.cookies)
                self._end = weakref.finalize(self, self._client.close)
                self._opened_at = moment()
            return self._client

    def _let_go(self) -> None:
        """Leave the sockets to the parent process, which owns them: closing them would wait for its locks."""
        self._end.detach()
        _let_go_of_pool(self._own_transport)

    @contextmanager
    def _our_errors(self) -> Generator[None]:
        try:
            yield
        except (OverflowError, UnicodeError):
            raise SettingsError(
                f"{self.url}, or the proxy in {_proxies()}, is not a valid address."
            ) from None
        except httpx.LocalProtocolError:
            raise BackendError(
                f"cannot ask {self.url}: a header in the settings contains characters that HTTP does not allow."
            ) from None
        except httpx.TransportError as error:
            raise Retryable(BackendUnavailable(self._unreachable(error)), None) from None
        except (httpx.InvalidURL, httpx.DecodingError, httpx.TooManyRedirects) as error:
            raise UnexpectedAnswer(
                f"{self.url} cannot be read: {self.masked(str(error))}"
            ) from None

    def _unreachable(self, error: httpx.TransportError) -> str:
        why = self.masked(str(error)) or type(error).__name__
        hint = "Is the address right, and is the server running?"
        if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout):
            hint = (
                "It took too long: fw.connect(…, timeout_seconds=…) allows more for one attempt, total_seconds=… for "
                "all of them."
            )
        return f"{self.url} does not answer ({why}). {hint}"

    def refuse(self, answer: Answer) -> NoReturn:
        """Raise the error for an answer with an error status."""
        said = self.masked(error_words(answer))
        status = answer.status
        if status in {401, 403}:
            raise AccessDenied(
                f"{self.url} refuses to answer ({status}: {said}). Check the API key, or sign in again."
            )
        if status == 429:
            wait = answer.retry_after_seconds
            error = RateLimited(
                f"{self.url} received too many requests (429: {said}). Try again later.", wait
            )
            pace = _paced_by.get()
            if pace is not None:
                if pace.stop(wait):
                    raise Stopped
                raise error
            raise Retryable(error, wait)
        if status in RETRIED:
            wait = answer.retry_after_seconds
            error = BackendUnavailable(
                f"{self.url} cannot answer now ({status}: {said}). Try again later.", wait
            )
            raise Retryable(error, wait)
        if 300 <= status < 400:
            raise UnexpectedAnswer(
                f"{self.url} redirects ({status}). Use the address that it redirects to."
            )
        if status in {400, 422}:
            raise QueryRejected(f"{self.url} rejects the query ({status}: {said}).")
        if status >= 500:
            raise BackendError(f"{self.url} failed ({status}: {said}). See the server's own log.")
        raise UnexpectedAnswer(
            f"{self.url} answered {status}: {said}. Is this the address of the API?"
        )


@contextmanager
def within(seconds: float) -> Generator[None]:
    """Limit how long each request in this block may wait."""
    token = _most_seconds.set(min(_most_seconds.get(), seconds))
    try:
        yield
    finally:
        _most_seconds.reset(token)


@contextmanager
def paced(pace: Pace | None) -> Generator[None]:
    """Send the requests in this block at a pace, which also says how long a server that refuses some is waited for."""
    token = _paced_by.set(pace)
    try:
        yield
    finally:
        _paced_by.reset(token)


class InProcess(httpx.WSGITransport):
    """Sends requests to an application in this process, whatever the address; closing the client calls `on_close`."""

    def __init__(self, application: WSGIApplication, on_close: Callable[[], None]) -> None:
        super().__init__(application)
        self._on_close = on_close

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the application's answer."""
        request.url = httpx.URL("http://in-process/")
        return super().handle_request(request)

    def close(self) -> None:
        """Release the application."""
        self._on_close()


def _let_go_of_pool(transport: httpx.BaseTransport | None) -> None:
    """Drop the sockets of a transport that the user passed; httpx has no public function for it."""
    pool: Any = getattr(transport, "_pool", None)
    if isinstance(transport, httpx.HTTPTransport) and pool is not None:
        fresh: Any = httpx.HTTPTransport()
        blank = vars(fresh._pool)
        for name in ("_connections", "_requests", "_optional_thread_lock"):
            if name in vars(pool) and name in blank:
                setattr(pool, name, blank[name])


class _Authorization(httpx.Auth):
    def __init__(self, value: str) -> None:
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers.encoding = "latin-1"
        request.headers.update([(b"Authorization", self._value.encode("latin-1"))])
        yield request


def _client(**options: Any) -> httpx.Client:
    try:
        return httpx.Client(**options)
    except OSError:
        raise SettingsError(
            "cannot read the certificates that SSL_CERT_FILE or SSL_CERT_DIR names."
        ) from None
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        hint = (
            " A SOCKS proxy needs `pip install 'httpx[socks]'`."
            if isinstance(error, ImportError)
            else ""
        )
        raise SettingsError(f"the proxy in {_proxies()} cannot be used.{hint}") from None


def _proxies() -> str:
    named = [name for name in PROXIES if os.environ.get(name) or os.environ.get(name.lower())]
    return " or ".join(named) or "the proxy configuration"


def _tls(settings: Settings) -> Any:
    if not settings.verify_tls:
        return False
    if settings.ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ValueError):
        raise SettingsError(
            f"PREFECT_API_SSL_CERT_FILE names {settings.ca_file}, which contains no readable certificates."
        ) from None


def _answer(response: httpx.Response, url: str, body: bytes) -> Answer:
    return Answer(
        response.status_code,
        response.headers.get("content-type", ""),
        body,
        url,
        _server_time(response),
        _retry_after(response),
    )


def _server_time(response: httpx.Response) -> datetime | None:
    try:
        moment = parsedate_to_datetime(response.headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else None


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - now()).total_seconds())
    except (ValueError, TypeError):
        return None
