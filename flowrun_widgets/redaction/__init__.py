"""Taking secrets out of what leaves: rules, and their use on texts, JSON, records and log lines.

Pure, and the same when done twice (docs/decisions/redaction.md). A setting, `Redaction`, is made without loading what
searches; that is `shareable`, `records`, `columns` and `texts`.
"""

from flowrun_widgets.redaction.names import is_secret_name
from flowrun_widgets.redaction.redaction import DEFAULT, Redaction
from flowrun_widgets.redaction.rules import REDACTED

__all__ = ["DEFAULT", "REDACTED", "Redaction", "is_secret_name"]
