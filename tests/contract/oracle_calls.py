"""What calls of the client of Prefect 1.4.1 return or raise, and the signatures of all that it offers.

Runs inside the oracle's environment, with the client as it is:
    python oracle_calls.py FILE < CALLS

A call is Python text. `test_oracle_calls.py` runs the same texts with our names.
"""

import inspect
import json
import sys

import prefect.backend
from prefect.backend import FlowRunView, FlowView, TaskRunView, TenantView
from prefect.backend.flow_run import (
    check_for_compatible_agents,
    stream_flow_run_logs,
    watch_flow_run,
)

CLASSES = [FlowRunView, FlowView, TaskRunView, TenantView]
FUNCTIONS = [check_for_compatible_agents, stream_flow_run_logs, watch_flow_run]
NAMES = {each.__name__: each for each in CLASSES + FUNCTIONS}


def result(view):
    return view.get_result()


def answer(call):
    try:
        return {"value": repr(eval(call, {**NAMES, "result": result}))}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
        return {"error": kinds[0], "message": str(error)}


def signature(function):
    return [
        [parameter.name, parameter.kind.name, parameter.default is not parameter.empty]
        for parameter in inspect.signature(function).parameters.values()
    ]


def signatures():
    found = {each.__name__: signature(each) for each in FUNCTIONS}
    for each in CLASSES:
        for name, member in inspect.getmembers(each, callable):
            if not name.startswith("_"):
                found[f"{each.__name__}.{name}"] = signature(member)
    return found


def attributes():
    """The public attributes of each class: what its instances are made of, and its properties."""
    found = {}
    for each in CLASSES:
        made_of = [name for name in inspect.signature(each).parameters if name != "task_runs"]
        properties = [n for n, m in inspect.getmembers(each) if isinstance(m, property)]
        found[each.__name__] = sorted({*made_of, *properties})
    return found


if __name__ == "__main__":
    said = {
        "answers": [answer(call) for call in json.load(sys.stdin)],
        "signatures": signatures(),
        "attributes": attributes(),
        "names": prefect.backend.__all__,
    }
    with open(sys.argv[1], "w") as file:
        json.dump(said, file)
