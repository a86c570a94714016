"""The views over servers of every version."""

from tests.views_suite import *  # noqa: F403
