"""A WSGI application that opened its runs before there were workers: `/ID` is a run as HTML, `/ID?unread` by the parent's view."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import flowrun_widgets as fw
from tests.processes.reading import Parent, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROCESS = "X-Process"


def application(address: str, library: str) -> Callable[..., Iterable[bytes]]:
    """Return the application that shows the runs at an address."""
    parent = Parent(address, library=library == "library")

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        asked = environ["PATH_INFO"].strip("/")
        if asked not in parent.ids:
            start_response("404 Not Found", [])
            return []
        is_unread = environ["QUERY_STRING"] == "unread"
        run = parent.unread[asked] if is_unread else fw.FlowRunView.from_flow_run_id(asked)
        content = page(run).encode()
        for complaint in parent.complaints:
            sys.stderr.write(complaint)
        headers = [("Content-Type", "text/html; charset=utf-8"), (PROCESS, str(os.getpid()))]
        start_response("200 OK", headers)
        return [content]

    return answer
