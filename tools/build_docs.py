"""Puts the sources of the documentation together in build/docs/: the pages of docs/, an exported run, the reference, llms.txt.

`make docs` calls it, and then MkDocs. The reference is made from the docstrings: one page for each group of public
names, and one of the columns of every DataFrame.
"""

from __future__ import annotations

import ast
import inspect
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

import flowrun_widgets as fw

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "docs"
BUILT = ROOT / "build" / "docs"
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "runs": ("A run", ("FlowRunView", "FlowRunCard", "TaskRunView", "FlowRunLogs", "FlowRunLog", "FlowView", "TenantView", "Artifact", "TimelineBar", "Peek", "Pin", "Changes", "Watch")),
    "finding": ("Finding and showing", ("latest", "find_flow_runs", "show", "card", "watch_flow_run", "stream_flow_run_logs", "FlowRunList", "FlowRunGrid")),
    "connections": ("Connections", ("connect", "disconnect", "Connection", "Redaction", "graphql", "check_for_compatible_agents", "demo", "Demo")),
    "comparing": ("Comparing", ("compare", "RunComparison", "BaselineComparison", "Difference", "TaskComparison", "TaskFigures", "TemplateDifference", "TaskSpread", "NewPattern", "UnusualFact")),
    "many": ("Many runs", ("FlowRunFailures", "FailureGroup", "RunExplanation", "RunFactor", "FlakyFlows", "FlakyFlow", "RunDurations", "DurationRow", "Harvested", "HarvestedLogs", "read_logs")),
    "files": ("Files", ("open_archive", "open_page", "Archive", "ArchivedRuns", "Saved")),
    "containers": ("Containers", ("FrozenDict", "FrozenList")),
}  # fmt: skip
MODULES = {"states": "States", "errors": "Errors"}
COLUMNS = re.compile(
    r"^Columns(?:, in order)?(?:, all (\w+))?: (.+?)(?=\n\n|\Z)", re.DOTALL | re.MULTILINE
)
COLUMN = re.compile(r"((?:`\w+`(?:, | and )?)+) ?(.*)")
SENTENCE = re.compile(r"\. (?=[A-Z`])")


def main() -> None:
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.copytree(SOURCES, BUILT)
    with fw.demo() as demo:
        run = fw.FlowRunView.from_flow_run_id(demo.failed)
        run.to_html(BUILT / "run.html")
        run.save(BUILT / "run.flowrun")
    reference = BUILT / "reference"
    reference.mkdir()
    for name, (title, names) in GROUPS.items():
        members = "\n\n".join(f"::: {_path(getattr(fw, name))}" for name in names)
        (reference / f"{name}.md").write_text(f"# {title}\n\n{members}\n", "utf-8")
    for name, title in MODULES.items():
        (reference / f"{name}.md").write_text(f"# {title}\n\n::: flowrun_widgets.{name}\n", "utf-8")
    (reference / "index.md").write_text(index(), "utf-8")
    (reference / "frames.md").write_text(frames(), "utf-8")
    (BUILT / "benchmarks.md").write_text(benchmarks(), "utf-8")
    write_llms_txt()


def benchmarks() -> str:
    """Return a page that lists every benchmark, how it is repeated, and which decision has its figures."""
    decisions = {path: path.read_text("utf-8") for path in sorted(SOURCES.glob("decisions/*.md"))}
    rows = []
    for path in sorted((ROOT / "tests" / "benchmarks").glob("[a-z]*.py")):
        text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        told = " ".join(text.split("\n\n", 1)[0].split())
        links = ", ".join(
            f"[{page.stem}](decisions/{page.name})"
            for page, words in decisions.items()
            if f"benchmarks/{path.name}" in words or f"benchmarks.{path.stem}" in words
        )
        rows.append(f"| `{path.stem}` | {told} | {links} |")
    return (
        "\n".join(
            [
                "# Benchmarks",
                "",
                "`make bench` runs all of them and prints a table for each; `python -m tests.benchmarks.NAME` runs one. They compare side by side in one run, with Prefect's own clients, pandas, drain3 and DuckDB as peers, and no time makes a build fail: a figure means something beside another one from the same machine and the same minutes.",
                "",
                "| name | what it measures | figures |",
                "| --- | --- | --- |",
                *rows,
            ]
        )
        + "\n"
    )


def index() -> str:
    """Return the first page of the reference: every public name with the first sentence about it."""
    parts = ["# Reference", "", "`import flowrun_widgets as fw`. Everything else is private."]
    for page, (title, names) in GROUPS.items():
        parts += ["", f"## {title}", "", "| name | |", "| --- | --- |"]
        parts += [
            f"| [`fw.{name}`]({page}.md#{_path(getattr(fw, name))}) | {_first(getattr(fw, name))} |"
            for name in names
        ]
    parts += ["", "## More", ""]
    parts += [f"- [{title}]({name}.md): `fw.{name}`" for name, title in MODULES.items()]
    parts += ["- [The columns of every DataFrame](frames.md)"]
    return "\n".join(parts) + "\n"


def frames() -> str:
    """Return a page with the columns of every DataFrame, as the docstrings state them."""
    parts = [
        "# The columns of every DataFrame",
        "",
        "These columns, their order and dtypes stay; new ones are added at the end. The dtypes are those of pandas 3; with pandas 2.2 a `str` column is `object`.",
    ]
    for name, text in framed():
        parts += ["", f"## `{name}`", "", _first_of(text)]
        if stated := columns(text):
            parts += ["", "| column | dtype |", "| --- | --- |"]
            parts += [f"| {names} | {dtype} |" for names, dtype in stated]
    return "\n".join(parts) + "\n"


def framed() -> list[tuple[str, str]]:
    """Return name and docstring of everything public that returns a DataFrame, in the order of the reference."""
    found = []
    for _, names in GROUPS.values():
        for owner in names:
            kind = getattr(fw, owner)
            for name, member in inspect.getmembers_static(kind) if isinstance(kind, type) else ():
                function = member.fget if isinstance(member, property) else member
                returned = getattr(function, "__annotations__", {}).get("return", "")
                if not name.startswith("_") and "DataFrame" in str(returned):
                    call = "" if isinstance(member, property) else "()"
                    found.append((f"{owner}.{name}{call}", inspect.getdoc(member) or ""))
    return found


def columns(text: str) -> list[tuple[str, str]]:
    """Return the columns that a docstring states, with their dtypes."""
    found = COLUMNS.search(text)
    if not found:
        return []
    stated = SENTENCE.split(" ".join(found[2].split()), maxsplit=1)[0].removesuffix(".")
    parts = (part.strip().replace("|", "\\|") for part in stated.split(" · "))
    pairs = ((COLUMN.match(part), part) for part in parts)
    return [
        (match[1], match[2] if not found[1] else f"{found[1]} {match[2]}".strip()) if match else (part, "")
        for match, part in pairs
    ]  # fmt: skip


def write_llms_txt() -> None:
    """Write the list of pages for language models, by the proposal of llmstxt.org, and all of them in one file."""
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    lines = ["# flowrun_widgets", "", "> Look at a Prefect flow run from a Jupyter notebook: immutable views, an interactive card, logs as DataFrames."]  # fmt: skip
    everything = []
    for title, pages in _sections(nav):
        lines += ["", f"## {title}", ""]
        for page in pages:
            text = (BUILT / page).read_text("utf-8")
            if text.startswith("---\n"):
                text = text.split("---\n", 2)[2].lstrip()
            everything.append(text)
            heading = re.search(r"^# (.+)$", text, re.MULTILINE)
            lines.append(f"- [{heading[1] if heading else page}]({page})")
    (BUILT / "llms.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (BUILT / "llms-full.txt").write_text("\n\n".join(everything), "utf-8")


def _sections(nav: list[Any]) -> list[tuple[str, list[str]]]:
    sections: list[tuple[str, list[str]]] = [("Start", [])]
    for entry in nav:
        if isinstance(entry, str):
            sections[0][1].append(entry)
        else:
            sections += [(title, list(pages)) for title, pages in entry.items()]
    return sections


def _path(public: Any) -> str:
    return f"{public.__module__}.{public.__qualname__}"


def _first(public: Any) -> str:
    return _first_of(inspect.getdoc(public) or "")


def _first_of(text: str) -> str:
    paragraph = " ".join(text.split("\n\n", 1)[0].split())
    return re.split(r"(?<=\.) (?=[A-Z])", paragraph, maxsplit=1)[0].replace("|", "\\|")


if __name__ == "__main__":
    main()
