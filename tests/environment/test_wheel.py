"""The wheel that people install."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECK = """
import flowrun_widgets as fw
from flowrun_widgets.widget.code import compressed
from flowrun_widgets.report.html.run_html import twin_html
from flowrun_widgets.report.payload import payload
from flowrun_widgets.views.content import known_content
with fw.demo(pace=0.001) as demo:
    run = fw.FlowRunView.from_flow_run_id(demo.failed)
    assert "ledger-close" in twin_html(payload(known_content(run)), None, "frw-x")
assert len(compressed("card.js")) > 1000
print(fw.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_all_that_the_package_reads(wheel: Path) -> None:
    """The front end is built into it; types are marked as complete; sources of the front end stay out."""
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "report/static/card.js",
        "report/static/runs.js",
        "py.typed",
        "store/schema.sql",
        "report/html/templates/twin.html.j2",
        "recordings/live-demo.json",
    ):
        assert f"flowrun_widgets/{needed}" in names
    assert not [name for name in names if name.startswith(("js/", "tests/", "tools/"))]


def test_an_installed_wheel_works_where_there_is_no_node(wheel: Path, tmp_path: Path) -> None:
    """Installed alone into a folder, on a machine whose PATH is empty, it opens a recorded run."""
    uv = ROOT / ".cache" / "uv" / "bin" / "uv"
    target = tmp_path / "installed"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--no-deps", "--offline", "--target", target, wheel],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "VIRTUAL_ENV": str(Path(sys.prefix))},
    )
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=tmp_path,
        env={"PATH": "", "HOME": str(tmp_path), "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(target)
