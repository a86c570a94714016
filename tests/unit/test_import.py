"""What the import of the package loads."""

import subprocess
import sys
from pathlib import Path

import pytest

import flowrun_widgets as fw

HEAVY = [
    "pandas",
    "pyarrow",
    "ipywidgets",
    "anywidget",
    "httpx",
    "sqlite3",
    "pendulum",
    "jinja2",
    "graphql",
    "click",
    "rich",
]


def loaded_after(code):
    """Return which of the heavy packages a new interpreter has loaded after running `code`."""
    script = f"{code}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_import_loads_nothing_heavy():
    assert loaded_after("import flowrun_widgets") == []


def test_listing_the_names_loads_nothing_heavy():
    assert loaded_after("import flowrun_widgets; dir(flowrun_widgets)") == []


def test_states_and_errors_need_no_tables_and_no_widgets():
    found = loaded_after("import flowrun_widgets as fw; fw.states.Success; fw.errors.NotFound")
    assert not {"pandas", "pyarrow", "ipywidgets", "httpx"} & set(found)


def test_a_server_needs_no_library_of_the_command():
    found = loaded_after(
        "import flowrun_widgets as fw; fw.connect('http://127.0.0.1:9/graphql', library=False)"
    )
    assert "httpx" in found
    assert not {"click", "rich", "pandas"} & set(found)


@pytest.mark.parametrize("name", fw.__all__)
def test_every_public_name_is_there(name):
    assert getattr(fw, name) is not None
    assert name in dir(fw)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonesuch"):
        fw.nonesuch  # noqa: B018
