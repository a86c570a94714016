"""What an analysis of many runs found, as HTML without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.report.html.template import whole_html

if TYPE_CHECKING:
    from flowrun_widgets.report.findings import Findings

__all__ = ["findings_html"]


def findings_html(found: Findings) -> str:
    """Return the findings as HTML that is readable without its styles."""
    tables = [table for table in found.tables if table.rows]
    return whole_html("findings.html.j2", found=found, tables=tables)
