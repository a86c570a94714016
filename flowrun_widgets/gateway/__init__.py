"""A read-only GraphQL server over a store, in the dialect of Prefect 1's server."""

from flowrun_widgets.errors import MissingExtra

try:
    import graphql  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import sqlalchemy  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import waitress  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ImportError as error:
    raise MissingExtra(
        "GraphQL over a store or a database needs the gateway: pip install 'flowrun-widgets[gateway]'"
    ) from error

from flowrun_widgets.gateway.execute import Gateway
from flowrun_widgets.gateway.server import Server

__all__ = ["Gateway", "Server"]
