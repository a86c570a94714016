"""`Connection`, a source of flow runs opened from settings, and the ambient connection, which is the default."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pendulum import DateTime

from flowrun_widgets.backends.protocol import Backend, LogRead, TaskRunRead
from flowrun_widgets.connection.sources import (
    file_at,
    has_own_scheme,
    source_of_file,
    source_of_scheme,
)
from flowrun_widgets.errors import FlowRunError, InvalidArgument, NotFound, QueryRejected
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.records import FlowRecord, FlowRunRecord
from flowrun_widgets.redaction import DEFAULT, Redaction
from flowrun_widgets.settings import (
    DatabaseSettings,
    Secret,
    Settings,
    ambient_database,
    ambient_redaction,
    ambient_settings,
    check_timeout,
    chosen_redaction,
    explicit_settings,
    library_cap,
    store_path,
    trace_url,
)
from flowrun_widgets.settings.addresses import shown

if TYPE_CHECKING:
    import httpx

    from flowrun_widgets.connection import library as libraries
    from flowrun_widgets.settings import Generation
    from flowrun_widgets.settings.addresses import RunAddress
else:
    httpx = LazyModule("httpx")
    libraries = LazyModule("flowrun_widgets.connection.library")

__all__ = [
    "Connection",
    "ambient",
    "connect",
    "connection_of",
    "current",
    "disconnect",
    "graphql",
    "say_unconfigured",
    "source",
    "unconfigured",
]

logger = logging.getLogger("flowrun_widgets")


class Connection:
    """A source of flow runs. Views keep the connection that they came from.

    Use it as a context manager, or call `close()`. Its repr and its pickle contain no secret: a pickle reconnects with
    the settings of the machine that loads it, and keeps its redaction.
    """

    def __init__(
        self,
        backend: Backend | Unprobed,
        origin: str,
        library: libraries.Library | None = None,
        *,
        redaction: Redaction | None = DEFAULT,
        assumed: Settings | None = None,
    ) -> None:
        """`assumed` are the settings without what is only assumed in them, which `asked()` uses."""
        self._lock = unlocked_in_child(threading.Lock())
        self._library = library
        self.redaction = redaction
        """What is removed from its runs before they are displayed, saved or exported; None: nothing."""
        self._backend = backend if isinstance(backend, Unprobed) else self._kept(backend)
        self._assumed = assumed
        self.origin = origin
        self.trace_url = trace_url()
        """Where traces are shown: an address with `{trace_id}` in it, from `FLOWRUN_TRACE_URL`; None: nowhere."""

    @property
    def is_local(self) -> bool:
        """Whether the source is a store or an archive, a file on this machine with copies of runs."""
        return self._backend.is_local

    @property
    def is_fallback(self) -> bool:
        """Whether this is the local store because no server is configured on this machine."""
        return self.origin == UNCONFIGURED

    @property
    def is_found(self) -> bool:
        """Whether this is Prefect 3's database on this machine, which is read because no server is configured."""
        return self.origin.endswith(WITHOUT_SERVER) and not self.is_fallback

    @property
    def backend(self) -> Backend:
        """The backend that reads the source.

        If the address does not say which Prefect answers, the first use costs one request.

        Raises:
            BackendUnavailable: the server does not answer.
        """
        if isinstance(self._backend, Unprobed):
            with self._lock:
                if isinstance(self._backend, Unprobed):
                    self._backend = self._kept(self._backend.probed())
        return self._backend

    def note_page_root(self, root: str) -> None:
        """Note the address of the server's UI, as a pasted link shows it, which saves the request for it."""
        self._backend.note_page_root(root)

    def assuming_prefect3(self, page_root: str) -> Connection | None:
        """Return a connection that assumes Prefect 3 with pages at this address; None if it is known what answers."""
        if not isinstance(self._backend, Unprobed):
            return None
        return self._backend.assuming_prefect3(
            page_root, self.redaction, has_library=self._library is not None
        )

    def asked(self) -> Connection | None:
        """Return a connection that asks which Prefect answers, if this one only assumes it from a link; else None.

        It is the ambient one, if this one was made from that.
        """
        if self._assumed is None:
            return None
        here = ambient()
        return here if here._is_behind(self) else _from_settings(self._assumed, self.redaction)

    def confirm(self) -> None:
        """Let the ambient connection use what this one assumed, since the server has answered so."""
        here = ambient()
        with here._lock:
            if here._is_behind(self):
                here._backend = self.backend

    def _is_behind(self, other: Connection) -> bool:
        """Whether the other connection was made from this one by an assumption about its server."""
        return isinstance(self._backend, Unprobed) and self._backend.settings is other._assumed

    def flow_run(self, flow_run_id: str) -> tuple[FlowRunRecord, Connection]:
        """Return a flow run and the connection that has it: the local store if only the library still has the run.

        Raises:
            NotFound: neither the server nor the library has it.
        """
        kept = None if self._library is None else self._library.find(self.url, flow_run_id)
        if kept is not None and isinstance(self._backend, Unprobed):
            with self._lock:  # the cached copy says which Prefect this is, so no probe is needed
                if isinstance(self._backend, Unprobed):
                    backend = self._backend.known(kept.source_label)
                    if not isinstance(backend, Unprobed):
                        self._backend = self._kept(backend)
        try:
            return self.backend.flow_run(flow_run_id), self
        except NotFound:
            from flowrun_widgets.store.reader import Store

            if kept is not None and self._library is not None:
                store = Store(self._library.path)
                return kept.record, Connection(store, "the local library", redaction=self.redaction)
            if not self.is_found:
                raise
            # Without a server the local store is read as well: it may have the run from a server.
            store = Store(store_path())
            with suppress(FlowRunError):
                return store.flow_run(flow_run_id), Connection(
                    store, UNCONFIGURED, redaction=self.redaction
                )
            raise

    def offer(
        self,
        run: FlowRunRecord,
        task_runs: TaskRunRead,
        logs: LogRead,
        flow: FlowRecord | None,
        read_at: DateTime,
    ) -> None:
        """Keep a finished run in the local library, in the background, if this connection has a library."""
        from flowrun_widgets.connection.library_backend import LibraryBackend

        if isinstance(self.backend, LibraryBackend):
            self.backend.offer(run, task_runs, logs, flow, read_at)

    def _kept(self, backend: Backend) -> Backend:
        if self._library is None:
            return backend
        from flowrun_widgets.connection.library_backend import LibraryBackend

        return LibraryBackend(backend, self._library)

    @property
    def url(self) -> str:
        """The address of the source: the server's URL or the store's path, without any secret."""
        return self._backend.url

    @property
    def label(self) -> str:
        """The kind of source: "Prefect 3", "Prefect 1", "local store"; "Prefect" until the server is first asked."""
        return self._backend.label

    def __repr__(self) -> str:
        return f"Connection({self.label}, {self.url!r}, from {self.origin})"

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return _reconnect, (self.url, self.label, self._library is not None, self.redaction)

    def close(self) -> None:
        """Close sockets and files. Views keep their data; fetching more raises ConnectionClosed.

        If this was the ambient connection, the settings of this machine apply again.
        """
        _forget(self)
        self._backend.close()

    def graphql(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return `{"data": …}` for a query in Prefect 1's GraphQL.

        Costs one request. A store answers it through the gateway extra, in process.

        Raises:
            QueryRejected: the document is wrong, or the source has no GraphQL API.
            MissingExtra: the gateway is not installed.
        """
        file = self.backend.gateway_file()
        if file is None:
            return self.backend.graphql(document, variables)
        from flowrun_widgets.gateway import Gateway

        gateway = Gateway(file)
        try:
            answer = gateway.query(document, variables)
        finally:
            gateway.close()
        if answer.get("errors"):
            raise QueryRejected(
                f"{self.url} rejects the query: {answer['errors'][0].get('message')}"
            )
        return {"data": answer["data"]}


class Unprobed:
    """A server whose generation of Prefect is not known yet."""

    label = "Prefect"
    is_local = False

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None) -> None:
        self.url = settings.url
        self.settings = settings
        self._transport = transport

    def probed(self) -> Backend:
        """Ask the server, and return its source."""
        from flowrun_widgets.backends.detect import found_backend

        return found_backend(self.settings, self._transport)

    def known(self, label: str) -> Backend | Unprobed:
        """Return the source with this label at the server's address, without asking the server."""
        from flowrun_widgets.backends.detect import known_backend

        settings = replace(self.settings, generation=GENERATIONS.get(label))
        return known_backend(settings, self._transport) or self

    def note_page_root(self, root: str) -> None:
        """Do nothing: only a server that is known has pages."""

    def assuming_prefect3(
        self, page_root: str, redaction: Redaction | None, *, has_library: bool
    ) -> Connection:
        """Return a connection that assumes Prefect 3 with pages at this address."""
        page = self.settings.ui_url or page_root
        likely = replace(self.settings, generation="prefect3", ui_url=page)
        return _from_settings(
            likely, redaction, self._transport, has_library, assumed=self.settings
        )

    def close(self) -> None:
        """Do nothing: nothing was opened."""


WITHOUT_SERVER = ", since no server is configured"
"""How the origin of what is read by itself ends."""
UNCONFIGURED = f"the local store{WITHOUT_SERVER}"
GENERATIONS: dict[str, Generation] = {"Prefect 1": "prefect1", "Prefect 3": "prefect3"}


_lock = unlocked_in_child(threading.Lock())
_chosen: Connection | None = None
_configured: (
    tuple[tuple[Settings | DatabaseSettings | Path, Redaction | None, str | None], Connection]
    | None
) = None


def connect(
    url: str | Path | None = None,
    *,
    api_key: str | None = None,
    auth_string: str | None = None,
    tenant_id: str | None = None,
    timeout_seconds: float | None = None,
    total_seconds: float | None = None,
    transport: httpx.BaseTransport | None = None,
    library: bool = True,
    redact: bool | Redaction | None = None,
) -> Connection:
    """Connect to a source, and make it the ambient connection, which views use by default.

    Args:
        url: a server's API address; the path of a store; `sqlite:///…` or the path of Prefect 3's SQLite database, or
            `postgresql://…` of a server's database, Prefect 3's or Prefect 1's, which are read without that server,
            and the latter with the gateway extra; None means what is configured on this machine.
        api_key: for Prefect Cloud, sent as a Bearer token.
        auth_string: `user:password` of a self-hosted Prefect 3.
        tenant_id: Prefect 1's tenant.
        timeout_seconds: how many seconds one attempt waits for an answer, above 0; 30 by default.
        total_seconds: how many seconds a request waits in total, including retries: 45 by default, or
            `timeout_seconds` if that is longer; `FLOWRUN_TOTAL_SECONDS` sets it for all connections. A wait of more
            than three seconds is reported.
        transport: an httpx transport, for proxies and tests.
        library: keep copies of finished runs in the local store once they were read, and open them from there;
            `FLOWRUN_LIBRARY=off` turns this off everywhere.
        redact: remove secrets from runs before they are displayed, saved or exported: True uses the default rules,
            False removes nothing, `fw.Redaction(…)` uses these rules; None uses `FLOWRUN_REDACT`, else the default
            rules. Python code always gets what the server sent (`run.parameters`, `run.get_logs()`).

    `FLOWRUN_TRACE_URL`, such as `https://jaeger.example.com/trace/{trace_id}`, is where cards link to the OpenTelemetry
    trace of a run.

    Costs no request; a database is read once. Raises SettingsError or InvalidArgument if the settings are invalid,
    BackendUnavailable if a database does not answer.
    """
    global _chosen
    key, auth = Secret.of(api_key), Secret.of(auth_string)
    api_key = auth_string = None  # so that a traceback that shows local variables shows no secret
    redaction = chosen_redaction(redact)
    limits = timeout_seconds, total_seconds
    connection = _open(url, key, auth, tenant_id, limits, transport, library, redaction)
    with _lock:
        _chosen = connection
    return connection


def ambient() -> Connection:
    """Return the ambient connection: of the last `connect()`, else the configured one, else that of `_place()`."""
    global _configured
    with _lock:
        if _chosen is not None:
            return _chosen
        place, redaction, _ = wanted = _place(), ambient_redaction(), trace_url()
        if _configured is None or _configured[0] != wanted:
            _configured = (wanted, _at(place, redaction))
        return _configured[1]


def _place() -> Settings | DatabaseSettings | Path:
    """Return what is read where nothing was chosen: a configured server, Prefect 3's database, the local store."""
    return ambient_settings() or ambient_database() or store_path()


def _at(
    place: Settings | DatabaseSettings | Path, redaction: Redaction | None, *, library: bool = True
) -> Connection:
    if isinstance(place, Settings):
        return _from_settings(place, redaction, library=library)
    if isinstance(place, Path):
        return Connection(source_of_file(place), UNCONFIGURED, redaction=redaction)
    from flowrun_widgets.connection.databases import prefect3

    source = prefect3(place.address)
    return _with_library(source, f"{place.origin}{WITHOUT_SERVER}", library, redaction)


def connection_of(
    address: RunAddress, *, api_key: str | None = None, auth_string: str | None = None
) -> Connection:
    """Return the ambient connection if it is to the server of a link, else a new connection, which is not made ambient.

    The shape of the link says whether it is into Prefect 3's UI. Its API is then assumed next to it, without asking;
    `asked()` of the connection asks. Costs no request.
    """
    key, auth = Secret.of(api_key), Secret.of(auth_string)
    api_key = auth_string = None
    here = ambient()
    has_key = key is not None or auth is not None
    url = address.api_url
    if url is None:
        return here
    if not has_key and _is_same_server(here.url, url):
        if address.page_root is None:
            return here
        here.note_page_root(address.page_root)
        return here.assuming_prefect3(address.page_root) or here
    configured = ambient_settings()
    if configured is not None and configured.ui_url and address.ui_root is not None:
        is_its_ui = _is_same_server(configured.ui_url.removesuffix("/v2"), address.ui_root)
        url = configured.url if is_its_ui else url
        if here.url == url and not has_key:
            return here
    settings = explicit_settings(url, api_key=key, auth_string=auth)
    connection = _from_settings(settings, here.redaction)
    if address.page_root is None:
        return connection
    return connection.assuming_prefect3(address.page_root) or connection


def _is_same_server(one: str, other: str) -> bool:
    """Whether two addresses are the same, ignoring the scheme, which a pasted link may lack."""
    return (
        one.partition("://")[2].rstrip("/").lower() == other.partition("://")[2].rstrip("/").lower()
    )


def unconfigured(connection: Connection) -> str:
    """Return a message that no server is configured and how to connect; "" unless the local library or Prefect's database was read."""
    if not (connection.is_fallback or connection.is_found):
        return ""
    what = "the local library" if connection.is_fallback else "Prefect's database on this machine"
    return (
        f"No server is configured (checked: PREFECT_API_URL, Prefect's profile, Prefect 1's PREFECT__…), so {what} "
        f"was read, {connection.url}. Set PREFECT_API_URL or call fw.connect(url). "
    )


def say_unconfigured(connection: Connection) -> None:
    """Log a warning, which Python prints by default, that an answer came from the local library alone."""
    if connection.is_fallback:
        logger.warning("%s", unconfigured(connection).strip())


def source(api: Connection | None) -> Connection:
    """Return the connection that was passed, else the ambient one.

    Raises:
        InvalidArgument: `api` is something else.
    """
    if api is not None and not isinstance(api, Connection):
        raise InvalidArgument(
            f"api must be a connection, not {shown(api)}: fw.connect(url) returns one."
        )
    return ambient() if api is None else api


def current() -> Connection | None:
    """Return the connection of the last `connect()`, or None."""
    with _lock:
        return _chosen


def disconnect() -> None:
    """Forget the connection of the last `connect()`; the settings of this machine apply again."""
    global _chosen
    with _lock:
        _chosen = None


def graphql(
    query: str, variables: Mapping[str, Any] | None = None, *, api: Connection | None = None
) -> dict[str, Any]:
    """Return `{"data": …}` for a query in Prefect 1's GraphQL, from `api` or the ambient connection.

    Costs one request; on the local store it costs none, and needs the gateway extra.
    """
    return source(api).graphql(query, variables)


def _forget(connection: Connection) -> None:
    global _chosen, _configured
    with _lock:
        if _chosen is connection:
            _chosen = None
        if _configured is not None and _configured[1] is connection:
            _configured = None


def _open(
    url: str | Path | None,
    api_key: Secret | None,
    auth_string: Secret | None,
    tenant_id: str | None,
    limits: tuple[float | None, float | None],
    transport: httpx.BaseTransport | None,
    library: bool,
    redaction: Redaction | None,
) -> Connection:
    timeout_seconds, total_seconds = limits
    check_timeout(timeout_seconds)
    check_timeout(total_seconds, "total_seconds")
    if url is None:
        configured = _place()
        if not isinstance(configured, Settings):
            if api_key or auth_string or tenant_id or transport:
                raise InvalidArgument("a key needs an address: call fw.connect(url, api_key=…)")
            return _at(configured, redaction, library=library)
        url = configured.url
        if not (api_key or auth_string or tenant_id or transport or any(limits)):
            return _from_settings(configured, redaction, library=library)
    if not isinstance(url, str | Path):
        raise InvalidArgument(
            f"an address or a path must be text, not {type(url).__name__}: fw.connect(url)"
        )
    if isinstance(url, str) and has_own_scheme(url):
        if api_key or auth_string or tenant_id or transport:
            raise InvalidArgument(
                "a database takes no API key, tenant or transport: put its user and password in the address, or in "
                "libpq's environment"
            )
        return _from_scheme(Secret(url), timeout_seconds, library, redaction)
    if isinstance(url, Path) or "://" not in url:
        return _from_path(file_at(url), redaction, library)
    settings = explicit_settings(
        url,
        api_key=api_key,
        auth_string=auth_string,
        tenant_id=tenant_id,
        timeout_seconds=timeout_seconds,
        total_seconds=total_seconds,
    )
    return _from_settings(settings, redaction, transport, library)


def _from_path(path: Path, redaction: Redaction | None, library: bool = True) -> Connection:
    from flowrun_widgets.connection.databases import is_prefect3_file

    if is_prefect3_file(path):
        return _from_scheme(Secret(f"sqlite:///{path}"), None, library, redaction)
    source = source_of_file(path)
    origin = "an archive" if source.label == "archive" else "the local store"
    return Connection(source, origin, redaction=redaction)


def _from_scheme(
    address: Secret, timeout_seconds: float | None, library: bool, redaction: Redaction | None
) -> Connection:
    source = source_of_scheme(address, timeout_seconds)
    return _with_library(source, "fw.connect()", library, redaction)


def _with_library(
    source: Backend, origin: str, library: bool, redaction: Redaction | None
) -> Connection:
    cap_bytes = library_cap() if library else None
    return Connection(
        source,
        origin,
        None if cap_bytes is None else libraries.Library(store_path(), cap_bytes, redaction),
        redaction=redaction,
    )


def _from_settings(
    settings: Settings,
    redaction: Redaction | None,
    transport: httpx.BaseTransport | None = None,
    library: bool = True,
    *,
    assumed: Settings | None = None,
) -> Connection:
    from flowrun_widgets.backends.detect import known_backend

    cap_bytes = library_cap() if library else None
    return Connection(
        known_backend(settings, transport) or Unprobed(settings, transport),
        settings.origin,
        None if cap_bytes is None else libraries.Library(store_path(), cap_bytes, redaction),
        redaction=redaction,
        assumed=assumed,
    )


def _reconnect(
    url: str, label: str, library: bool = True, redaction: Redaction | None = None
) -> Connection:
    current = ambient()
    if current.url == url and current.redaction == redaction:
        return current
    if "://" not in url:
        return _from_path(Path(url), redaction)
    if has_own_scheme(url):
        return _from_scheme(Secret(url), None, library, redaction)
    settings = replace(explicit_settings(url), generation=GENERATIONS.get(label))
    return _from_settings(settings, redaction, library=library)
