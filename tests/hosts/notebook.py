"""The notebook that every host shows: two runs in one cell with prints between them, and a table of somebody else's."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from flowrun_widgets.runs.flow_run import FlowRunView

HOSTILE = "</script><!--<script> <b>night</b> & 'co'"


class Run(NamedTuple):
    """What has to be readable of a run."""

    name: str
    state: str
    failure: str
    tasks: tuple[str, ...]

    @property
    def said(self) -> tuple[str, ...]:
        return (self.name, self.state, self.failure, *self.tasks)

    @property
    def first_look(self) -> Run:
        """The same without the task table, which a card shows in a tab of its own."""
        return self._replace(tasks=())


FAILED = Run(
    name="stoic-marmot",
    state="Failed",
    failure="journal of Österreich Handel GmbH ends after 38 characters",
    tasks=("fetch_chart_of_accounts", "notify_finance", "post_balances"),
)
RUNS = [FAILED, FAILED._replace(name=HOSTILE), FAILED, FAILED]
"""Two in one cell, one that is asked for as a card, and one in containers."""
SAID = ["before the runs", "between the runs", "after the runs", "a table of one's own", "31.25"]
CELLS = [
    "import pandas as pd\n"
    "import flowrun_widgets as fw\n"
    "from tests.hosts.notebook import renamed\n"
    "demo = fw.demo(pace=1e-9)\n"
    "run = fw.FlowRunView.from_flow_run_id(demo.failed)",
    "print('before the runs')\n"
    "display(run)\n"
    "print('between the runs')\n"
    "display(renamed(run))\n"
    "print('after the runs')",
    'pd.DataFrame({"a table of one\'s own": [31.25]})',
    "run.card()",
    "import ipywidgets\n"
    "fw.show(ipywidgets.VBox([ipywidgets.Tab([run.card()], titles=['one run'])]))",
]
MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import pandas as pd
    import flowrun_widgets as fw
    from tests.hosts.notebook import renamed

    demo = fw.demo(pace=1e-9)
    run = fw.FlowRunView.from_flow_run_id(demo.failed)
    return demo, fw, mo, pd, renamed, run


@app.cell
def _(mo, renamed, run):
    mo.vstack(["before the runs", run, "between the runs", renamed(run), "after the runs"])
    return


@app.cell
def _(mo, pd):
    mo.plain(pd.DataFrame({"a table of one's own": [31.25]}))
    return


@app.cell
def _(run):
    run.card()
    return


@app.cell
def _(fw, run):
    fw.show(run)
    return
"""


def renamed(run: FlowRunView) -> FlowRunView:
    """Return another run, like this one, whose name is an attempt at breaking out of where names are written."""
    run.get_logs()
    run.get_all_task_runs()
    record = replace(run.record, id=f"{run.flow_run_id[:-4]}0666", name=HOSTILE)
    return FlowRunView(record, run.connection, as_of=run.as_of, fetched=run.fetched)
