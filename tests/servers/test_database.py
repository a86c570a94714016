"""The database of a server of each version says what the server says, or is refused in words."""

from __future__ import annotations

import pytest

import flowrun_widgets as fw
from flowrun_widgets.backends.prefect3_database.revisions import REVISIONS
from flowrun_widgets.errors import UnexpectedAnswer
from tests.prefect3.same import assert_same
from tools.prefect3_revisions import revisions

from .matrix import VERSIONS

OLDER = ("2.20.25", "3.0.11")
"""Versions whose databases lack columns that are read."""


def test_the_database_says_what_the_server_says(place, connection) -> None:
    address = f"sqlite:///{place.server.database}"
    if place.version in OLDER:
        with pytest.raises(UnexpectedAnswer, match="another version of Prefect"):
            fw.connect(address)
        return
    with fw.connect(address, library=False) as database:
        ended = [key for name, key in place.ids.items() if name != "running"]
        assert_same(connection.backend, database.backend, ended)


@pytest.mark.parametrize("version", [one for one in VERSIONS if one not in OLDER])
@pytest.mark.parametrize("kind", [*REVISIONS])
def test_every_revision_of_an_installed_prefect_is_known(prefect_python, version, kind) -> None:
    environment = prefect_python(version).parents[1]
    installed = revisions(environment, kind)
    assert REVISIONS[kind][: len(installed)] == tuple(installed)
