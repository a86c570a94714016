"""Templates of HTML: everything is escaped, and control characters go."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.plain_text import plain

if TYPE_CHECKING:
    import jinja2

__all__ = ["template"]


@cache
def template(name: str) -> jinja2.Template:
    """Return a template of this package; a name that it is not given is an error."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("flowrun_widgets.sharing"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
    )
    return environment.get_template(name)


def _shown(value: object) -> object:
    return plain(value) if type(value) is str else value
