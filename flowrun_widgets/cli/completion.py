"""`flowrun completion`: the script that completes the command in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from flowrun_widgets.cli.options import output

__all__ = ["command"]

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_FLOWRUN_COMPLETE"
"""The variable that tells the command to complete; Click reads it."""


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes this command, with the names of runs and flows.

    \b
    bash:  eval "$(flowrun completion bash)"          in ~/.bashrc
    zsh:   eval "$(flowrun completion zsh)"           in ~/.zshrc
    fish:  flowrun completion fish | source           in ~/.config/fish/config.fish
    """
    found = get_completion_class(shell)
    assert found is not None
    here = output(ctx)
    here.has_pager = False
    here.line(found(ctx.find_root().command, {}, "flowrun", VARIABLE).source())
