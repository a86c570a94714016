"""Redaction of secrets before runs are displayed, saved or exported: rules for texts, JSON, records and log lines.

Pure, and idempotent (docs/decisions/redaction.md). The setting `Redaction` can be created without loading the modules
that search: `shareable`, `records`, `columns` and `texts`.
"""

from flowrun_widgets.redaction.names import is_secret_name
from flowrun_widgets.redaction.redaction import DEFAULT, Redaction
from flowrun_widgets.redaction.rules import REDACTED

__all__ = ["DEFAULT", "REDACTED", "Redaction", "is_secret_name"]
