"""Builds the card's script before it is packed: hatchling runs this for wheels, editable installs and sdists."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SCRIPT = Path("flowrun_widgets/card/static/card.js")

MISSING = f"""\
The card's script {SCRIPT} is not there and cannot be built, because npm was not found.
Install Node.js 20.19 or newer with npm (Debian: apt install nodejs npm) and build again,
or build from an sdist, which contains the script."""


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts `card.js` where the package expects it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the script, unless it came along in an sdist or there is no Node to build it with."""
        root = Path(self.root)
        script = root / SCRIPT
        source = root / "js"
        npm = shutil.which("npm")
        node = shutil.which("node")
        is_sdist = (root / "PKG-INFO").is_file() and script.is_file()
        if npm and node and not is_sdist:
            build_script(source, npm, node)
        if not script.is_file():
            raise RuntimeError(MISSING)
        build_data["artifacts"].append(f"/{SCRIPT.as_posix()}")


def build_script(source: Path, npm: str, node: str) -> None:
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
