"""Parsing tracebacks in log messages: the exception, its causes, and the frames in the user's own code.

It reads Python's own tracebacks, with chains, groups and notes; those that remote executors quote in the text of an
error (Ray, Dask, Spark, process pools, subprocesses); and those that Rich, IPython and Java print.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from flowrun_widgets.plain_text import SEQUENCES

__all__ = ["Cause", "Frame", "ParsedTraceback", "key_of", "parse"]

How = Literal["cause", "context", "quoted", "member"]

HEAD = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):?(?: ─+╮)?\s*$")
FRAMES = (
    re.compile(r'^[ >]+File "(?P<file>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$'),
    re.compile(r"^(?P<file>\S+\.pyx?|<[\w-]+>):(?P<line>\d+) in (?P<function>\S.*)$"),  # Rich
    re.compile(r"^(?:File )?(?P<file>\S+):(?P<line>\d+), in (?P<function>.+)$"),  # IPython
    re.compile(r"^(?P<file>(?:Cell|Input) In ?\[\d+\]), line (?P<line>\d+)(?:, in (?P<function>.+))?$"),
)  # fmt: skip
QUOTED_FRAME = re.compile(r'^ +File "[^"\n]+", line \d+, in .+$')
"""A frame in the text of an error, which means that the text quotes a traceback."""
CODE = re.compile(r"^(?:❱ \d+ │|-+> \d+)\s*(.*)$")
"""The current line, as Rich and IPython mark it."""
LINKS: dict[str, How] = {
    "The above exception was the direct cause of the following exception:": "cause",
    "During handling of the above exception, another exception occurred:": "context",
}
GROUP = re.compile(r"^ *\+ Exception Group Traceback \(most recent call last\):$")
MARGIN = re.compile(r"^( *)\|(?: |$)")
MEMBER = re.compile(r"^ *\+[+-]*- (?:\d+|\.\.\.) -+$")
GROUP_END = re.compile(r"^ *\+-+$")
BOX = re.compile(r"^[│╰╭].*[│╯╮]$")
JAVA_CALL = re.compile(r"^\s+(?:at [\w.$<>/]+\(.*\)|\.\.\. \d+ (?:more|common frames omitted))\s*$")
JAVA_CAUSE = re.compile(r"^Caused by: (.+)$")
IGNORED = frozenset({'"""', "Driver stacktrace:"})
WRAPPER = re.compile(r"^[\w.]*RemoteTraceback:?\s*$")
"""Headings above a traceback of another process, which are ignored."""
MARKS = re.compile(r"^[\s~^]+$")
LIBRARIES = re.compile(
    r"(?:^|[/\\])(?:site-packages|dist-packages|lib[/\\]python[\d.]+|(?:pyspark|py4j[^/\\]*)\.zip)[/\\]"
    r"|^(?:python[/\\])?(?:prefect|concurrent|multiprocessing|asyncio|json|anyio|dask|distributed|joblib|ray|pyspark)[/\\]"
    r"|^[A-Za-z]:\\(?:[^\\]+\\)*Lib\\"
    r"|^<(?:frozen |__array_function__|attrs generated|decorator-gen)"
)
"""Paths of installed packages, also those that were made relative."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: the file, the line, the function and the text of that line."""

    file: str
    line: int
    function: str
    code: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is in the user's own code, judged by its path."""
        return not LIBRARIES.search(self.file)

    def lines(self) -> list[str]:
        """Return the frame as a traceback prints it."""
        head = f'File "{self.file}", line {self.line}'
        if self.function:
            head += f", in {self.function}"
        return [head, f"  {self.code}"] if self.code else [head]


@dataclass(frozen=True, slots=True)
class Cause:
    """An exception that led to another one.

    `how` says how the other one relates to it: raised from it (`cause`), raised while it was handled (`context`),
    quoting it in its text (`quoted`), or a group that contains it (`member`).
    """

    how: How
    error: str
    frames: tuple[Frame, ...] = ()

    def own_frames(self) -> tuple[Frame, ...]:
        """Return the frames in the user's own code."""
        return tuple(frame for frame in self.frames if frame.is_own)


@dataclass(frozen=True, slots=True)
class ParsedTraceback:
    """The exception that was raised last, its frames, and its causes, the root cause first."""

    error: str
    frames: tuple[Frame, ...]
    causes: tuple[Cause, ...] = ()

    def own_frames(self) -> tuple[Frame, ...]:
        """Return the frames in the user's own code, or all frames if none is, including those of causes."""
        own = tuple(frame for frame in self.frames if frame.is_own)
        return own if own or any(cause.own_frames() for cause in self.causes) else self.frames


def parse(message: str, said: str = "") -> ParsedTraceback | None:
    """Return the traceback in a log message, or None if there is none.

    `said` is the exception named in the run's state. A text that quotes tracebacks is ambiguous, and the state says
    which of its exceptions was raised last.
    """
    reader = _Reader()
    for line in message.splitlines():
        reader.read(SEQUENCES.sub("", line).rstrip())
    if not reader.has_traceback:
        return None
    stages = [stage for run in reader.runs for stage in run.stages]
    raised = _raised(reader.runs, stages, said)
    ordered = [stage for run in _roots_first(reader.runs) for stage in run.stages]
    frames = list(raised.frames)
    causes: dict[str, Cause] = {}
    for stage in ordered:
        text = stage.text()
        if stage is raised or not text or (WRAPPER.match(text) and not stage.frames):
            continue
        if key_of(text) == key_of(raised.text()):
            frames += [frame for frame in stage.frames if frame not in frames]
        else:
            causes.setdefault(key_of(text), Cause(stage.how, text, tuple(stage.frames)))
    return ParsedTraceback(raised.text(), tuple(frames), tuple(causes.values()))


def key_of(error: str) -> str:
    """Return a key that is equal for all texts of one exception: with or without module, as `str` or as `repr`."""
    first = re.split(r"\n|\\n", SEQUENCES.sub("", error).strip(), maxsplit=1)[0]
    return re.sub(r"\W+", "", re.sub(r"^(?:\w+\.)+(?=\w)", "", first))


@dataclass(eq=False)
class _Stage:
    """One exception in the text; `how` says how the next one relates to it."""

    how: How = "quoted"
    error: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)

    def text(self) -> str:
        return "\n".join(self.error).strip()


@dataclass(eq=False)
class _Run:
    """A chain of exceptions, each caused by the one before; `within` is the run whose text or group contains it."""

    stages: list[_Stage]
    within: _Run | None = None


class _Reader:
    """Reads the lines of one message, one by one."""

    def __init__(self) -> None:
        self.has_traceback = False
        self.runs: list[_Run] = []
        self._place: Literal["outside", "frames", "error"] = "outside"
        self._link: How | None = None
        self._has_java = False
        self._groups: dict[int, _Run] = {}
        self._is_in_group = False
        self._outside: _Run | None = None
        """The run that continues after the group."""
        self._at: _Run | None = None
        """The run that is being read."""
        self._indent = ""

    def read(self, line: str) -> None:
        if GROUP.match(line):
            self._is_in_group, line = True, line.strip(" +")
            self._read(line)
            self._outside = self._at
            return
        if self._is_in_group:
            if MEMBER.match(line):
                self._begin_member(line)
                return
            if GROUP_END.match(line):
                return
            margin = MARGIN.match(line)
            if margin is None:
                self._is_in_group, self._at = False, self._outside
                self._groups.clear()
            else:
                line = line[margin.end() :]
        elif BOX.match(line):
            line = line.strip("│ ") if line[0] == "│" else line
        self._read(line)

    def _read(self, line: str) -> None:
        if self._indent and line.startswith(self._indent):
            line = line[len(self._indent) :]
        if (link := LINKS.get(line.strip())) and self._at:
            self._link, self._place = link, "outside"
        elif head := HEAD.search(line):
            before = line[: head.start()]
            if self._place == "error" and before.strip() and not re.match(r"\w+ {2,}$", before):
                self._stage.error.append(before.rstrip())
            self._begin("quoted")
            self._indent = "" if before.strip() else self._indent + before
            self.has_traceback, self._place = True, "frames"
        elif self._place == "frames":
            self._read_in_frames(line)
        elif self._place == "error":
            self._read_in_error(line)
        elif self._link and QUOTED_FRAME.match(line):  # Ray prints chains without their heads
            self._begin("quoted")
            self._place = "frames"
            self._read_in_frames(line)

    def _read_in_frames(self, line: str) -> None:
        frames = self._stage.frames
        if frame := next(filter(None, (one.match(line) for one in FRAMES)), None):
            name = frame["function"] or ""
            frames.append(Frame(frame["file"], int(frame["line"]), name.strip()))
        elif code := CODE.match(line):
            self._set_code(code[1])
        elif line[:1] in {" ", ""} or BOX.match(line):
            is_code = line.strip() and not MARKS.match(line) and not BOX.match(line)
            if is_code and frames and not frames[-1].code:
                self._set_code(line.strip())
        elif not re.match(r"^\d+ │|^\d+$", line):
            self._place = "error"
            self._stage.error.append(line)

    def _set_code(self, code: str) -> None:
        frames = self._stage.frames
        if frames:
            frames[-1] = replace(frames[-1], code=code)

    def _read_in_error(self, line: str) -> None:
        if JAVA_CALL.match(line):
            self._has_java = True
        elif self._has_java and (cause := JAVA_CAUSE.match(line)):
            self._begin("quoted")
            self._read_tail(cause[1])
        elif QUOTED_FRAME.match(line):
            while self._stage.error[1:] and MARKS.match(self._stage.error[-1] or " "):
                self._stage.error.pop()  # Ray removes frames but keeps their marks
            self._begin("quoted")
            self._place = "frames"
            self._read_in_frames(line)
        elif line.strip() not in IGNORED:
            self._stage.error.append(line)

    def _read_tail(self, line: str) -> None:
        self._place = "error"
        self._read(line)

    def _begin(self, how: How) -> None:
        """Begin another exception: after a link in the current run, else in a new run."""
        if self._link and self._at:
            self._at.stages.append(_Stage(self._stage.how))
            self._at.stages[-2].how = self._link
        elif self._at is None or self._stage.error or self._stage.frames:
            self._add(_Run([_Stage(how)], self._at))
        self._link = None

    def _begin_member(self, line: str) -> None:
        column = line.rindex("+")
        if self._at and ("+-+" in line or not self._groups):  # the first of a group
            self._groups[column] = self._at
        group = self._groups.get(column) or next(reversed(self._groups.values()), None)
        self._add(_Run([_Stage("member")], group))
        self._place, self._link = "error", None

    def _add(self, run: _Run) -> None:
        self.runs.append(run)
        self._at = run

    @property
    def _stage(self) -> _Stage:
        assert self._at is not None
        return self._at.stages[-1]


def _raised(runs: list[_Run], stages: list[_Stage], said: str) -> _Stage:
    """Return the exception that was raised last: the one that the state names, else the last that is not quoted."""
    if said:
        named = [stage for stage in stages if key_of(stage.text()) == key_of(said)]
        if named:
            return named[-1]
    for run in runs:
        last = run.stages[-1]
        if last.frames or not WRAPPER.match(last.text()):
            return last
    return stages[-1]


def _roots_first(runs: list[_Run]) -> list[_Run]:
    """Return the runs so that each comes before the one that quotes it; the members of a group keep their order."""
    ordered: list[_Run] = []
    for run in runs:
        place = ordered.index(run.within) if run.within in ordered else len(ordered)
        ordered.insert(place, run)
    return ordered
