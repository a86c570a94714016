"""The page 'Inspecting flow runs' as examples, and what counts as printing the same.

Two texts are the same if they differ only in white space next to brackets or in how much of it
there is (the page breaks lines that a repr does not), in zeros before the numbers of a `DateTime`
(no pendulum prints `03, 08`) and in microseconds that are zero, or in how the zone UTC is spelt.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

PAGE = (Path(__file__).parents[1] / "fixtures" / "inspecting-flow-runs.md").read_text("utf-8")
CODE = re.compile(r"(?:from prefect\.backend import |flow_run\b|task_run\b).*")
UTC = re.compile(r"""Timezone\('(?:\+00:00|UTC)'\)|FixedTimezone\(0, name="\+00:00"\)""")
DATETIME = re.compile(r"DateTime\(((?:\d+, )+)")
FIELDS = 7


class Example(NamedTuple):
    """A line of Python and what the page shows below it; None where it shows nothing."""

    code: str
    shown: str | None


def examples(page: str = PAGE) -> list[Example]:
    """Return the page's lines of Python in order, each with the comment that follows without a gap."""
    lines = page.splitlines()
    found = []
    for number, line in enumerate(lines):
        if not CODE.fullmatch(line) or not _is_python(line):
            continue
        shown = []
        for below in lines[number + 1 :]:
            if not below.startswith("#"):
                break
            shown.append(below.removeprefix("#"))
        found.append(Example(line, "\n".join(shown) if shown else None))
    return found


def graphql_example(page: str = PAGE) -> tuple[str, str]:
    """Return the page's query and its example response."""
    _, _, section = page.partition("# Querying for a single flow run")
    query, _, rest = section.partition("Example response")
    response, _, _ = rest.partition("Note that")
    return query[query.index("query {") :].strip(), response.strip()


def normalised(text: str) -> str:
    """Return the text as far as it counts."""
    text = UTC.sub("+00:00", " ".join(text.split()))
    text = re.sub(r"(?<=[(\[]) | (?=[)\]])", "", text)
    return DATETIME.sub(_numbers, text)


def _numbers(match: re.Match[str]) -> str:
    numbers = [int(number) for number in match[1].split(",")[:-1]]
    numbers += [0] * (FIELDS - len(numbers))
    return f"DateTime({''.join(f'{number}, ' for number in numbers)}"


def _is_python(line: str) -> bool:
    try:
        ast.parse(line)
    except SyntaxError:
        return False
    return True
