"""HTML templates: values are escaped, and control characters removed."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from flowrun_widgets.plain_text import plain

if TYPE_CHECKING:
    import jinja2

__all__ = ["template", "whole_html"]

BLANK = re.compile(r"\n(?=[ \t]*\n)")


@cache
def template(name: str) -> jinja2.Template:
    """Return a template of this package; a missing variable is an error."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("flowrun_widgets.report.html"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
    )
    return environment.get_template(name)


def whole_html(name: str, /, **values: object) -> str:
    """Return a rendered template without empty lines, which would end a block of HTML in Markdown."""
    return BLANK.sub("&#10;", template(name).render(**values).strip())


def _shown(value: object) -> object:
    return plain(value) if type(value) is str else value
