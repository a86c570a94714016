"""Printing a page as PDF with a local Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from flowrun_widgets.errors import FlowRunError, SettingsError
from flowrun_widgets.files import write_file

__all__ = ["chromium", "print_page"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 120
OPTIONS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--no-pdf-header-footer",
)  # fmt: skip


def chromium() -> str:
    """Return the Chromium to print with: `FLOWRUN_CHROMIUM`, else the first one on PATH.

    Raises:
        SettingsError: no Chromium was found.
    """
    chosen = os.environ.get("FLOWRUN_CHROMIUM", "").strip()
    for name in [chosen] if chosen else NAMES:
        if found := shutil.which(name):
            return found
    where = f"{chosen!r:.200} is not a program" if chosen else "none is on PATH"
    raise SettingsError(
        f"Exporting a PDF needs Chromium, and {where}. Install it, or set FLOWRUN_CHROMIUM to its path."
    )


def print_page(page: Path, path: Path) -> int:
    """Print a page as PDF, as it looks without scripts; return the size of the PDF in bytes.

    Raises:
        SettingsError: no Chromium was found.
        FlowRunError: Chromium failed to print the page.
        InvalidArgument: no file can be written at `path`.
    """
    options = [*OPTIONS]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        # Chromium has no sandbox for root, and does not start without this.
        options.append("--no-sandbox")
    browser = chromium()
    with tempfile.TemporaryDirectory(prefix="flowrun-pdf-", ignore_cleanup_errors=True) as folder:
        made = Path(folder) / "page.pdf"
        options += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
        try:
            done = subprocess.run(  # noqa: S603
                [browser, *options, page.as_uri()],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FlowRunError(
                f"{browser} did not print the page within {SECONDS} seconds."
            ) from None
        except OSError as error:
            raise FlowRunError(f"{browser} does not start: {error.strerror}.") from None
        if not made.is_file():
            said = (done.stderr or done.stdout).strip()[-300:]
            raise FlowRunError(f"{browser} did not print the page: {said}")
        return write_file(path, lambda new: shutil.copyfile(made, new))
