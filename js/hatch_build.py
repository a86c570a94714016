"""Builds the scripts of card, lists of runs and exported page before they are packed: hatchling runs this for wheels, editable installs and sdists."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = Path("flowrun_widgets/report/static")
SCRIPTS = (STATIC / "card.js", STATIC / "runs.js", STATIC / "page.js")

MISSING = """\
The scripts {} are not there and cannot be built, because npm was not found.
Install Node.js 20.19 or newer with npm (Debian: apt install nodejs npm) and build again,
or build from an sdist, which contains the scripts."""


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the scripts where the package expects them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the scripts, unless they came along in an sdist or there is no Node to build them with."""
        root = Path(self.root)
        source = root / "js"
        npm = shutil.which("npm")
        node = shutil.which("node")
        is_sdist = (root / "PKG-INFO").is_file() and not missing(root)
        if npm and node and not is_sdist:
            build_scripts(source, npm, node)
        if lacking := missing(root):
            raise RuntimeError(MISSING.format(", ".join(lacking)))
        build_data["artifacts"].extend(f"/{script.as_posix()}" for script in SCRIPTS)


def missing(root: Path) -> list[str]:
    """Return the scripts that are not there."""
    return [script.as_posix() for script in SCRIPTS if not (root / script).is_file()]


def build_scripts(source: Path, npm: str, node: str) -> None:
    """Run esbuild, after `npm ci` where the installed packages are not those of the lock file."""
    if not is_installed(source):
        run([npm, "ci", "--no-audit", "--no-fund"], source)
    run([node, "build.mjs"], source)


def is_installed(source: Path) -> bool:
    """Return whether `node_modules` was made from the present lock file."""
    installed = source / "node_modules" / ".package-lock.json"
    lock = source / "package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime


def run(command: list[str], folder: Path) -> None:
    """Run a command; on failure say which and show what it wrote."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        raise RuntimeError(f"`{' '.join(command)}` failed in {folder}:\n{said}")
