"""`flowrun serve`: a store or a Prefect 1 database through Prefect 1's GraphQL API."""

from __future__ import annotations

from pathlib import Path

import click

from flowrun_widgets.cli.options import Port, json_option, output
from flowrun_widgets.errors import InvalidArgument

__all__ = ["command"]


@click.command("serve")
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The store's file; the local store by default.",
)
@click.option(
    "--database",
    metavar="URL",
    help="A Prefect 1 server's own database, postgresql://…; put its password in PGPASSWORD or ~/.pgpass.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Address to listen on."
)
@click.option(
    "--port",
    type=Port(),
    default=4200,
    show_default=True,
    metavar="PORT",
    help="Port to listen on; 0 means any free port.",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    store: Path | None,
    database: str | None,
    host: str,
    port: int,
    as_json: bool,
) -> None:
    """Serve a store or a Prefect 1 database read-only, through Prefect 1's GraphQL API."""
    if store is not None and database is not None:
        raise click.UsageError("--store and --database cannot be used together", ctx)
    from flowrun_widgets.gateway import Gateway, Server
    from flowrun_widgets.settings import Secret, store_path
    from flowrun_widgets.store.archive import SUFFIX, ArchiveFile
    from flowrun_widgets.store.file import StoreFile

    if database:
        gateway = Gateway(Secret(database))
    else:
        path = store or store_path()
        # An archive may come from anyone, so it is checked before anything of it is served.
        file = ArchiveFile(path) if path.suffix == SUFFIX else StoreFile(path)
        try:
            file.check()
        except FileNotFoundError:
            raise InvalidArgument(
                f"There is no store at {path}. `flowrun demo {path}` makes one with recorded runs."
            ) from None
        finally:
            file.close()
        gateway = Gateway(path)
    here = output(ctx)
    here.has_pager = False
    try:
        try:
            server = Server(gateway, host=host, port=port)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "no such host"
            raise InvalidArgument(f"cannot listen on {host}:{port}: {why}.") from None
        if as_json:
            here.json({"url": server.url, "source": gateway.address}, is_line=True)
        else:
            here.line(f"{server.url} serves {gateway.address} (press Ctrl-C to stop)")
        here.stream.flush()
        server.run()
    finally:
        gateway.close()
