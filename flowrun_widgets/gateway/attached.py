"""A Prefect 1 server's database as a source of runs, without that server: the gateway answers in this process."""

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
    """Return the source that reads the database at `postgresql://…`. No statement takes longer than the time-out.

    Raises:
        InvalidArgument: no such address, or no Prefect 1 database there.
        BackendUnavailable: the database does not answer.
    """
    gateway = Gateway(address, timeout_seconds=timeout_seconds or LONGEST_STATEMENT_SECONDS)
    settings = Settings(gateway.address, "fw.connect()", generation="prefect1")
    return Prefect1(Transport(settings, InProcess(gateway.wsgi, gateway.close)))
