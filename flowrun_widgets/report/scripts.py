"""`script()`: the front end's scripts, which are part of the package."""

from __future__ import annotations

from importlib import resources

from flowrun_widgets.errors import FlowRunError

__all__ = ["script"]


def script(name: str) -> bytes:
    """Return a script that was built from js/.

    Raises:
        FlowRunError: the package was installed without the script.
    """
    try:
        return resources.files("flowrun_widgets.report").joinpath("static", name).read_bytes()
    except FileNotFoundError:
        raise FlowRunError(
            f"{name} was not built: install the package with pip, or run `npm ci && npm run build` in js/"
        ) from None
