"""Commands of Prefect 1.4.1's command line, each run as if typed: their exit status and what they print, as JSON.

Runs inside the oracle's environment, once for all commands, since starting it takes seconds:
    python oracle_commands.py COMMAND…
"""

import json
import sys

from click.testing import CliRunner
from prefect.cli import cli


def said(command):
    result = CliRunner().invoke(cli, command.split())
    failed = result.exit_code and result.exception
    return result.exit_code, result.output + (repr(failed) if failed else "")


json.dump([said(command) for command in sys.argv[1:]], sys.stdout)
