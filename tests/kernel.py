"""A real IPython kernel, asked as a front end asks it."""

from __future__ import annotations

import ast
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Kernel"]

ROOT = Path(__file__).parents[1]
VIEW = "application/vnd.jupyter.widget-view+json"
SECONDS = 60
"""The slowest machine that runs these has two cores."""


class Kernel:
    """A kernel in a process of its own that can import from `tests`; a context manager."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._manager = KernelManager(kernel_name="python3")
        self._environment = environment
        self.said: deque[Mapping[str, Any]] = deque(maxlen=1000)
        """The recent messages on the kernel's IOPub channel, oldest first."""

    def __enter__(self) -> Self:
        options = {} if self._environment is None else {"env": dict(self._environment)}
        self._manager.start_kernel(cwd=str(ROOT), **options)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        try:
            self._client.wait_for_ready(timeout=SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return self._manager.provisioner.pid  # pyright: ignore

    def run(self, code: str, cell: str = "") -> None:
        """Run code, as that cell of a notebook if it is given; an error in it is raised."""
        _check(self._execute(code, {"cellId": cell} if cell else {}))

    def value(self, expression: str) -> Any:
        """Return what an expression is in the kernel: anything whose repr is a literal."""
        told = self._execute("", {}, it=expression)["user_expressions"]["it"]
        _check(told)
        return ast.literal_eval(told["data"]["text/plain"])

    def ask(self, model_id: str, question: Mapping[str, Any]) -> None:
        """Send a card what a page sends, and wait until the kernel has handed it over."""
        data = {"method": "custom", "content": dict(question)}
        self._ask("comm_msg", {"comm_id": model_id, "data": data}, {})

    def model(self) -> str:
        """Return the id of the widget that was displayed last."""
        views = [said["content"].get("data", {}).get(VIEW) for said in self.said]
        return [view for view in views if view][-1]["model_id"]

    def wait_for(self, kind: str) -> None:
        """Wait until a card has sent a message of that kind since the last one that was waited for."""
        while kind not in map(_kind, self.said):
            self._hear()
        self.said.clear()

    def _execute(self, code: str, metadata: dict[str, Any], **expressions: str) -> Any:
        content = {
            "code": code,
            "silent": False,
            "store_history": False,
            "user_expressions": expressions,
            "allow_stdin": False,
        }
        return self._ask("execute_request", content, metadata)["content"]

    def _ask(self, kind: str, content: dict[str, Any], metadata: dict[str, Any]) -> Any:
        message = self._client.session.msg(kind, content, metadata=metadata)
        self._client.shell_channel.send(message)
        number = message["header"]["msg_id"]
        while not _is_idle_after(self._hear(), number):
            pass
        return self._reply(number) if kind == "execute_request" else None

    def _reply(self, number: str) -> Mapping[str, Any]:
        while True:
            reply = self._client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"].get("msg_id") == number:
                return reply

    def _hear(self) -> Mapping[str, Any]:
        said = self._client.get_iopub_msg(timeout=SECONDS)
        self.said.append(said)
        return said


def _is_idle_after(said: Mapping[str, Any], number: str) -> bool:
    is_idle = said["msg_type"] == "status" and said["content"]["execution_state"] == "idle"
    return is_idle and said["parent_header"].get("msg_id") == number


def _kind(said: Mapping[str, Any]) -> str | None:
    """Return the kind of a custom message."""
    data = said["content"].get("data", {}) if said["msg_type"] == "comm_msg" else {}
    return data["content"].get("kind") if data.get("method") == "custom" else None


def _check(told: Mapping[str, Any]) -> None:
    if told["status"] != "ok":
        raise RuntimeError(f"{told['ename']}: {told['evalue']}\n" + "\n".join(told["traceback"]))
