"""What is left in a real kernel after cards were shown and released; `benchmarks/lifetime.py` does it more often."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.kernel import ROOT, Kernel
from tests.lifetime import ROUNDS, WARM_UP, counted, setup
from tests.stores import FLOW_RUN_ID

CARDS = 50
MOST_SOCKETS = 8
"""The size of a connection's pool."""


@pytest.fixture(scope="module")
def server(small_store):
    """The address of a gateway in a process of its own."""
    command = [sys.executable, "-m", "flowrun_widgets.cli", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--store", str(small_store)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process.stdout.readline().split()[0]
        process.terminate()


@pytest.fixture
def kernel(server):
    """A kernel that has opened the run at the server."""
    with Kernel() as kernel:
        setup(kernel, server, FLOW_RUN_ID)
        yield kernel


@pytest.mark.parametrize("once", ROUNDS, ids=lambda once: once.__name__)
def test_a_hundred_rounds_leave_nothing_behind(kernel, once):
    for _ in range(WARM_UP):
        once(kernel)
    before = counted(kernel)
    for _ in range(100):
        once(kernel)
    most = before._replace(sockets=before.sockets + MOST_SOCKETS)
    after = counted(kernel, most=most)
    assert after.exceeds(most) == []
    assert after.megabytes < before.megabytes + 20


def test_fifty_cards_of_one_connection_share_its_sockets_and_need_no_threads(kernel):
    before = counted(kernel)
    kernel.run("runs = [fw.FlowRunView.from_flow_run_id(run.flow_run_id) for _ in range(50)]")
    kernel.run("cards = [one.card() for one in runs]")
    kernel.run("for card in cards:\n    display(card)")
    assert kernel.value("all(card.wait_until_loaded(60) for card in cards)")
    most = before._replace(sockets=before.sockets + MOST_SOCKETS, models=1_000, logs=1_000)
    after = counted(kernel, most=most)
    assert after.exceeds(most) == []
    assert after.models >= before.models + CARDS


def test_fifty_cards_that_follow_one_run_have_two_threads_more(kernel):
    """One that looks at the run, and one that publishes the twins."""
    before = counted(kernel)
    kernel.run("cards = [run.card(follow=True) for _ in range(50)]")
    kernel.run("for card in cards:\n    display(card)")
    assert kernel.value("all(card.is_following for card in cards)")
    most = before._replace(
        threads=before.threads + 2, sockets=before.sockets + MOST_SOCKETS, models=1_000, logs=1_000
    )
    assert counted(kernel, most=most).exceeds(most) == []
