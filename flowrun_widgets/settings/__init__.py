"""The settings that say which server to read: arguments, then the environment and Prefect's files,
then Prefect 3's database on this machine, then the local store.

A packaged default such as Prefect 1's `api.prefect.io` never counts as configured.
"""

from flowrun_widgets.settings.ambient import (
    ambient_database,
    ambient_settings,
    check_timeout,
    explicit_settings,
    library_cap,
    store_path,
    trace_url,
)
from flowrun_widgets.settings.model import DatabaseSettings, Generation, Secret, Settings
from flowrun_widgets.settings.redaction import ambient_redaction, chosen_redaction
from flowrun_widgets.settings.urls import without_credentials

__all__ = [
    "DatabaseSettings",
    "Generation",
    "Secret",
    "Settings",
    "ambient_database",
    "ambient_redaction",
    "ambient_settings",
    "check_timeout",
    "chosen_redaction",
    "explicit_settings",
    "library_cap",
    "store_path",
    "trace_url",
    "without_credentials",
]
