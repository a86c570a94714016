"""The setting `FLOWRUN_REDACT`: which secrets are removed from runs before they are displayed, saved or exported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import InvalidArgument, SettingsError
from flowrun_widgets.redaction import Redaction
from flowrun_widgets.settings.files import read_toml, user_path

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ambient_redaction", "chosen_redaction"]

ON = ("", "on", "1", "true", "yes")
OFF = ("off", "0", "false", "no")
FIELDS = ("patterns", "names", "defaults")


def chosen_redaction(redact: bool | Redaction | None) -> Redaction | None:
    """Return the redaction for an argument: True the default rules, False none, None the one of this machine.

    Raises:
        InvalidArgument: `redact` is something else.
        SettingsError: `FLOWRUN_REDACT` is invalid.
    """
    if redact is None:
        return ambient_redaction()
    if isinstance(redact, bool):
        return Redaction() if redact else None
    if not isinstance(redact, Redaction):
        raise InvalidArgument(
            f"redact must be True, False or a fw.Redaction(…), not {type(redact).__name__}."
        )
    return redact


def ambient_redaction(environ: Mapping[str, str] | None = None) -> Redaction | None:
    """Return the redaction of this machine: the default rules, unless `FLOWRUN_REDACT` is off or names a TOML file.

    The file has `patterns` and `names`, which are lists of texts, and `defaults = false` to drop the default rules.

    Raises:
        SettingsError: the file does not exist, or contains something else.
    """
    environ = os.environ if environ is None else environ
    text = environ.get("FLOWRUN_REDACT", "").strip()
    if text.lower() in ON:
        return Redaction()
    if text.lower() in OFF:
        return None
    path = user_path(text, "FLOWRUN_REDACT")
    if not path.is_file():
        raise SettingsError(
            f"FLOWRUN_REDACT must be on, off or the path of a TOML file; there is no file {str(path)!r:.200}."
        )
    table = read_toml(path)
    unknown = sorted(set(table) - set(FIELDS))
    if unknown or not isinstance(table.get("defaults", True), bool):
        wrong = unknown[0] if unknown else "defaults"
        raise SettingsError(
            f"{path}: unknown key {wrong!r:.60}; the keys are {', '.join(FIELDS)} (true or false)."
        )
    given: dict[str, Any] = {name: table[name] for name in FIELDS if name in table}
    try:
        return Redaction(**given)
    except InvalidArgument as error:
        raise SettingsError(f"{path}: {error}") from None
