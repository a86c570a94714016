"""Prefect 1 is configured at `line.URL`, and nothing else is."""

from __future__ import annotations

import pytest
import stamina

from tests.stores import nothing_configured, small_store, store

from .line import URL

__all__ = ["nothing_configured", "prefect1", "small_store", "store"]


@pytest.fixture(autouse=True)
def prefect1(nothing_configured, monkeypatch):
    """Retries follow at once, and the generation at `URL` is known without a probe."""
    monkeypatch.setenv("PREFECT__CLOUD__API", URL)
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)
