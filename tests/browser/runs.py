"""First cells of notebooks: each leaves a run in a state that a card is looked at in, as `run`."""

from __future__ import annotations

DEMO = "import flowrun_widgets as fw\ndemo = fw.demo(pace=1e-9)"
"""At this pace the demo's live run stands still until `demo.finish()`."""

PENDING = f"{DEMO}\nrun = fw.FlowRunView.from_flow_run_id(demo.live)"

LONG = """
import flowrun_widgets as fw
from tests.big_run import big_run
run = big_run(20_000, 400)
"""
"""20,000 lines of 400 task runs, one of which fails near the end, whole in memory."""

RUNNING = """
import tempfile
from pathlib import Path
import pendulum
import flowrun_widgets as fw
from flowrun_widgets.recordings.replay import Replay, recording
from flowrun_widgets.store.writer import StoreWriter

path = Path(tempfile.mkdtemp()) / "store.sqlite"
live = recording("live-demo")
replay = Replay(live, StoreWriter(path), pendulum.now("UTC").subtract(seconds=30))
replay.advance(30)
fw.connect(path)
run = fw.FlowRunView.from_flow_run_id(live.flow_run_id)
"""
"""A run half a minute after its start; `replay.advance(seconds)` lets it go on."""

SERVED = """
import tempfile
from pathlib import Path
import httpx
import stamina
import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.store.writer import StoreWriter

class Server(httpx.BaseTransport):
    is_down = False

    def __init__(self, app):
        self.inner = httpx.WSGITransport(app=app)

    def handle_request(self, request):
        if self.is_down:
            raise httpx.ConnectError("Connection refused", request=request)
        return self.inner.handle_request(request)

stamina.set_testing(True, attempts=1)
path = Path(tempfile.mkdtemp()) / "store.sqlite"
failed = recording("failed-with-retries")
with StoreWriter(path) as writer:
    failed.write(writer)
server = Server(Gateway(path).wsgi)
fw.connect("http://prefect.example.com", transport=server, library=False)
run = fw.FlowRunView.from_flow_run_id(failed.flow_run_id)
"""
"""A run at a server, which `server.is_down = True` takes off the network."""

SHOW = "card = run.card()\ncard"

SIDE_BY_SIDE = """
import ipywidgets
two = lambda: [run.card(), run.card()]
fw.show(ipywidgets.HBox(two()))
fw.show(ipywidgets.GridBox(two(), layout=ipywidgets.Layout(grid_template_columns="1fr 1fr")))
fw.show(ipywidgets.Tab([ipywidgets.HBox(two())]))
"""

HOLD = "import ctypes\nctypes.PyDLL(None).sleep(3)"
"""Nothing else in the kernel runs meanwhile: the call keeps Python's lock."""
