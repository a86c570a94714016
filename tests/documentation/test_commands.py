"""Every command of README and docs is run, or parsed where it would serve, follow or be part of a pipeline."""

from __future__ import annotations

import re
import shlex
import tomllib
from typing import TYPE_CHECKING

import click
import pytest

from flowrun_widgets.cli.main import commands, main

from . import world
from .blocks import PAGES, ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

ENDLESS = {"serve", "mcp", "demo", "open", "export", "completion"}
SHELL = [line for block in blocks("", "sh") for line in block.text.splitlines()]
COMMANDS = [line for line in SHELL if line.startswith("flowrun ")]
PIPED = [part for line in SHELL for part in re.findall(r"flowrun [^|)]+", line) if line != part]


@pytest.fixture
def place(tmp_path: Path, nothing_configured: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder, with a local store; the id of amber-heron."""
    flow_run_id = world.write(tmp_path / "store.sqlite")
    monkeypatch.setenv("FLOWRUN_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.chdir(tmp_path)
    return flow_run_id


def arguments(line: str, flow_run_id: str = "amber-heron") -> list[str]:
    line = re.sub(r"https://\S+/4c0101af\S*", flow_run_id, line.replace("FILE", "store.sqlite"))
    return shlex.split(line.replace("RUN", "amber-heron"), comments=True)[1:]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_runs(line: str, place: str) -> None:
    words = arguments(line, place)
    if words[0] in ENDLESS or "|" in words or "--api" in words:
        parse(words[: words.index("|")] if "|" in words else words)
        return
    assert main(words) == (3 if "--exit-status" in words else 0)


@pytest.mark.parametrize("line", PIPED)
def test_a_command_in_a_pipeline_is_parsed(line: str) -> None:
    words = shlex.split(line.replace("RUN", "amber-heron"), comments=True)[1:]
    parse(words)


def parse(words: list[str]) -> None:
    """Fail if a command does not take these words."""
    context = click.Context(commands, info_name="flowrun")
    command = commands.get_command(context, words[0])
    assert command, words
    command.make_context(words[0], words[1:], parent=context)


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {word for line in SHELL for word in re.findall(r"^make ([a-z-]+)", line)}
    assert named
    assert named <= targets


def test_every_extra_that_is_named_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    everything = "\n".join(path.read_text("utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])  # fmt: skip
    named = {extra for found in re.findall(r"flowrun-widgets\[([\w,]+)\]", everything) for extra in found.split(",")}  # fmt: skip
    assert named
    assert named <= set(project["optional-dependencies"])


def test_every_block_is_in_a_language_that_is_tried() -> None:
    fences = sum(path.read_text("utf-8").count("\n```") for path in PAGES)
    assert 2 * len(blocks("", "sh", "python", "json", "sql")) == fences
