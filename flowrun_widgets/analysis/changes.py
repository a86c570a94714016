"""`Changes`: what is in a newer snapshot of a run and not in an older one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pendulum import DateTime

from flowrun_widgets.states import State

__all__ = ["Changes"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is in a newer snapshot and not in an older one. `str()` returns it as one line.

    Lines and task runs count only if both snapshots had read them. `started`, `finished` and `failed` are labels of
    task runs; `finished` includes those that failed.
    """

    since: DateTime
    old_state: State
    new_state: State
    new_lines: int = 0
    first_new_seq: int | None = None
    started: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    changed_ids: tuple[str, ...] = ()
    """The ids of task runs that are new or changed state."""

    @property
    def is_state_changed(self) -> bool:
        """Whether the run itself entered another state."""
        return self.old_state.record() != self.new_state.record()

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(str(self))

    def __bool__(self) -> bool:
        return self.is_state_changed or bool(self.new_lines or self.started or self.finished)

    def __str__(self) -> str:
        parts: list[str] = []
        if self.is_state_changed:
            parts.append(f"{self.old_state.name} → {self.new_state.name}")
        if self.new_lines:
            parts.append(f"+{self.new_lines} {'line' if self.new_lines == 1 else 'lines'}")
        for labels, word in (
            (self.started, "started"),
            (self.finished, "finished"),
            (self.failed, "failed"),
        ):
            if labels:
                parts.append(
                    f"{len(labels)} {'task run' if len(labels) == 1 else 'task runs'} {word}"
                )
        return ", ".join(parts) or "Nothing new"
