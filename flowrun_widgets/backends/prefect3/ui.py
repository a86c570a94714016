"""Finds the address of a server's UI: the configured one, else the default UI that the server names."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from flowrun_widgets.backends.prefect3.aside import Aside
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.settings.addresses import run_page, ui_root
from flowrun_widgets.settings.urls import is_cloud

if TYPE_CHECKING:
    from flowrun_widgets.backends.prefect3.api import Api

__all__ = ["Ui"]


class _UiSettings(Struct):
    """The answer to `GET /ui-settings`, a path next to the API; servers before 3.8 have one UI and do not name it."""

    default_ui: str | None = None
    v1_base_url: str | None = None
    v2_base_url: str | None = None


class Ui:
    """The UI of one server, which is requested once. Thread-safe."""

    def __init__(self, api: Api, configured: str | None) -> None:
        self._api = api
        self._lock = unlocked_in_child(threading.Lock())
        self._is_known = configured is not None or is_cloud(api.url)
        self._root = configured or ui_root(api.url)

    def learn(self) -> None:
        """Ask the server, unless its UI is known. If the server does not say, the UI is next to the API."""
        with self._lock:
            if self._is_known:
                return
            self._is_known = True
            said: Any = Aside().ask(
                "UI", lambda: self._api.beside("/ui-settings", _UiSettings), None
            )
            base = None if said is None else getattr(said, f"{said.default_ui}_base_url", None)
            if base:
                self._root = f"{self._root}/{base.strip('/')}".rstrip("/")

    def note(self, root: str) -> None:
        """Take the address of the UI from a link, unless it is known already."""
        with self._lock:
            if not self._is_known:
                self._is_known, self._root = True, root

    def page_of(self, flow_run_id: str) -> str:
        """Return the address of a flow run's page."""
        return run_page(self._root, flow_run_id)
