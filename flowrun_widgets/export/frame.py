"""The frame of an exported page: its content security policy and its script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from flowrun_widgets.report.scripts import script

__all__ = ["STYLES", "page_script", "policy", "policy_element", "script_element"]

STYLES = """
.frw-page-card{max-width:1200px;margin:0 0 24px}.frw-page-card:empty{margin:0}
@media print{.frw-page-card.frw-has-twin{display:none!important}}
"""


@cache
def page_script() -> str:
    """Return the module that makes a page interactive.

    Raises:
        FlowRunError: the package was installed without the front end.
    """
    code = script("page.js").decode()
    # These sequences would end a script element, or hide its end; in our code they occur only in strings.
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def policy() -> str:
    """Return the content security policy, which allows only our script, by its hash, inline styles and embedded images.

    Styles cannot be allowed by hash, since the twin uses style attributes; they cannot load anything, since no other
    source is allowed.
    """
    digest = hashlib.sha256(page_script().encode()).digest()
    allowed = {
        "default-src": "'none'",
        "script-src": f"'sha256-{base64.b64encode(digest).decode()}'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "font-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


def policy_element() -> str:
    """Return the element that sets the policy. It has to come before everything else."""
    return f'<meta http-equiv="Content-Security-Policy" content="{policy()}">'


def script_element() -> str:
    """Return the element that holds the script. It has to come last, after the elements that it looks for."""
    return f'<script type="module">{page_script()}</script>'
