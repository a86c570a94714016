"""Programs from outside the product's environment that tests lean on, and how they are run.

`make test` sets FLOWRUN_REQUIRE_ALL, and then whatever is missing is a failure; a bare
`pytest` skips and says which line to run.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

from .postgresql import Cluster
from .workers import group, is_long, turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]

# What is tried is the same in each run of `make test`, and no time is too long for a busy machine.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
if os.environ.get("FLOWRUN_REQUIRE_ALL"):
    settings.load_profile("ci")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest.

    Coverage is measured where it costs little: in the tests that no browser and no server keeps waiting.
    """
    items.sort(key=lambda item: turn(item.nodeid))
    for item in items:
        if is_long(item.nodeid):
            item.add_marker(pytest.mark.no_cover)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let tests that share something run in one worker, in the order in which they were collected."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        _split_scope = staticmethod(group)

    config.option.loadscopereorder = False
    return Groups(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what servers answered and hosts showed, whichever worker saw it."""
    from tests.hosts import matrix as hosts
    from tests.servers import matrix as servers

    seen: dict[str, set[tuple[str, ...]]] = {"worked": set(), "shown": set()}
    for report in terminalreporter.getreports("passed"):
        for name, cell in report.user_properties:
            seen[name].add(tuple(cell))
    if worked := seen["worked"]:
        terminalreporter.section("what works on servers of each version")
        terminalreporter.write_line(servers.table(worked))
    if shown := {(host, situation): kind for host, situation, kind in seen["shown"]}:
        text = hosts.table(shown)
        terminalreporter.section("how each host shows a run")
        terminalreporter.write_line(text)
        path = ROOT / "build" / "hosts" / "matrix.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def missing(what: str, remedy: str) -> NoReturn:
    """Fail where everything is required, skip elsewhere."""
    message = f"{what} is missing: {remedy}"
    if os.environ.get("FLOWRUN_REQUIRE_ALL"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def oracle_python() -> Path:
    """The Python that has the real Prefect 1.4.1."""
    return _environment_python("oracle")


@pytest.fixture(scope="session")
def prefect3_python() -> Path:
    """The Python that has Prefect 3, server and client."""
    return _environment_python("prefect3")


@pytest.fixture(scope="session")
def prefect_python(prefect3_python: Path) -> Callable[[str], Path]:
    """The Pythons that have servers of Prefect, by their versions."""
    pinned = (ROOT / "requirements" / "prefect3.in").read_text("utf-8")

    def python(version: str) -> Path:
        is_pinned = f"prefect=={version}\n" in pinned
        return prefect3_python if is_pinned else _environment_python(f"prefect-{version}")

    return python


@pytest.fixture(scope="session")
def hosts_python() -> Path:
    """The Python that has Voilà, marimo, papermill and nh3."""
    return _environment_python("hosts")


@pytest.fixture(scope="session")
def processes_python() -> Path:
    """The Python that has Dask and gunicorn."""
    return _environment_python("processes")


@pytest.fixture(scope="session")
def builders_python() -> Path:
    """The Python that has MyST-NB, nbsphinx and mkdocs-jupyter."""
    return _environment_python("builders")


@pytest.fixture(scope="session")
def vscode_packages() -> Path:
    """Where the packages of VS Code's server are, and the Node that it runs by."""
    ready = ROOT / ".cache" / "vscode" / ".ready"
    if not ready.exists():
        missing("VS Code's server", "run `make .cache/vscode/.ready`")
    return ready.parent / "node_modules"


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The Chromium to drive: FLOWRUN_CHROMIUM, else the first on PATH."""
    return _browser("Chromium", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def firefox_path() -> Path:
    """The Firefox to drive: FLOWRUN_FIREFOX, else the first on PATH."""
    return _browser("Firefox", "firefox-esr", "firefox")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `make demo` printed; what it wrote is in `tests.demo.DEMO`, once for all workers."""
    from tests.demo import built

    base = tmp_path_factory.getbasetemp()
    return built(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture(scope="session")
def esbuild() -> Path:
    """The program that builds the front end; it runs by Node."""
    if shutil.which("node") is None:
        missing("Node", "it is needed beforehand, 20.19 or newer")
    program = ROOT / "js" / "node_modules" / ".bin" / "esbuild"
    if not program.exists():
        missing("the front end's esbuild", "run `make setup`")
    return program


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server; `postgresql.new_database()` is the address of an empty database."""
    initdb = shutil.which("initdb") or max(
        map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None
    )
    if initdb is None:
        missing("PostgreSQL", "run `make setup`")
    cluster = Cluster(Path(initdb).resolve().parent)
    cluster.start()
    yield cluster
    cluster.stop()


def _browser(title: str, *names: str) -> Path:
    variable = f"FLOWRUN_{title.upper()}"
    chosen = os.environ.get(variable)
    for name in [chosen] if chosen else names:
        if found := shutil.which(name):
            return Path(found)
    missing(title, f"run `make setup`, or set {variable}")


def _environment_python(name: str) -> Path:
    python = ROOT / ".cache" / name / "bin" / "python"
    if not python.exists():
        missing(str(python.relative_to(ROOT)), f"run `make .cache/{name}/.ready`")
    return python
