"""Runs of a Prefect 1 server are saved into an archive: over HTTP, and directly from its database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowrun_widgets.cli import main
from flowrun_widgets.gateway import Gateway, Server
from flowrun_widgets.runs.archive import open_archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import World
    from .stores import Rows


@pytest.fixture(
    params=[("sqlite", "http"), ("postgresql", "http"), ("postgresql", "straight")],
    ids=["store over HTTP", "database over HTTP", "database"],
)
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    """What holds the runs, and how it is asked; a store is read straight in other tests."""
    return request.param


@pytest.fixture
def engine(way: tuple[str, str]) -> str:
    return way[0]


@pytest.fixture
def address(way: tuple[str, str], store: Rows, world: World) -> Iterator[str]:
    """Where the common rows are read from."""
    if way[1] == "straight":
        yield str(store.address)
        return
    gateway = Gateway(store.address)
    with Server(gateway, port=0) as server:
        yield server.url
    gateway.close()


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLOWRUN_STORE", str(tmp_path / "library.sqlite"))


def test_runs_since_a_day_and_by_id_are_saved_whole(
    address: str, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Amber by its id, birch because it began since then; cedar has not begun."""
    path = tmp_path / "night.flowrun"
    call = ["save", world.amber, "--since", "2022-01-01", "-o", str(path), "--api", address]
    assert main(call) == 0
    said = capsys.readouterr()
    assert "2 runs" in said.out
    assert said.err == ""
    with open_archive(path) as archive:
        assert [run.name for run in archive.runs] == ["amber", "birch"]
        amber = archive.runs["amber"]
        assert [line.message for line in amber.get_logs()] == [f"message {n}" for n in (3, 2, 1, 0)]
        assert len(amber.get_all_task_runs()) == 5
        assert [type(state).__name__ for state in amber.states][-1] == "Success"
        assert amber.parameters == {"day": "2022-01-01", "retries": 2}


def test_a_run_that_has_not_ended_is_said_to_go_on(
    address: str, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "night.flowrun"
    assert main(["save", world.cedar, world.birch, "-o", str(path), "--api", address]) == 0
    assert "2 runs, 1 still going" in capsys.readouterr().out


def test_a_run_that_is_missing_leaves_no_file(address: str, world: World, tmp_path: Path) -> None:
    path = tmp_path / "night.flowrun"
    nobody = "99999999-9999-4999-8999-999999999999"
    assert main(["save", world.amber, nobody, "-o", str(path), "--api", address]) == 1
    assert not list(tmp_path.glob("*flowrun*"))
