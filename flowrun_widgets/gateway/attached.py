"""The source for a Prefect 1 server's database, without that server: the gateway runs in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.backends.prefect1.source import Prefect1
from flowrun_widgets.backends.transport import InProcess, Transport
from flowrun_widgets.gateway.execute import Gateway
from flowrun_widgets.settings import Settings

if TYPE_CHECKING:
    from flowrun_widgets.settings import Secret

__all__ = ["attached"]

LONGEST_STATEMENT_SECONDS = 60


def attached(address: Secret, timeout_seconds: float | None = None) -> Prefect1:
    """Return the source that reads the database at `postgresql://…`. The timeout limits each statement.

    Raises:
        InvalidArgument: the address is invalid, or the database is not Prefect 1's.
        BackendUnavailable: the database does not answer.
    """
    gateway = Gateway(address, timeout_seconds=timeout_seconds or LONGEST_STATEMENT_SECONDS)
    settings = Settings(gateway.address, "fw.connect()", generation="prefect1")
    return Prefect1(Transport(settings, InProcess(gateway.wsgi, gateway.close)))
