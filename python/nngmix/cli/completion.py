"""``nngmix completion``: what a shell needs to complete commands, options and names of files."""

import click
from click.shell_completion import get_completion_class

from nngmix.cli.command import Command, as_json
from nngmix.cli.summary import tell

__all__ = ["completion"]

_MEMBERS = {"shell": "The shell.", "script": "What is to be run in it."}


@click.command(cls=Command, members=_MEMBERS, short_help="Print what makes a shell complete commands.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that makes SHELL complete commands, options and names of files.

    Put it where your shell looks for it, once:

    \b
    nngmix completion bash > ~/.local/share/bash-completion/completions/nngmix
    nngmix completion zsh > ~/.zfunc/_nngmix
    nngmix completion fish > ~/.config/fish/completions/nngmix.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    made = kind(context.find_root().command, {}, "nngmix", "_NNGMIX_COMPLETE")
    # Not its `source`, which runs a shell to see its version.
    script = (made.source_template % made.source_vars()).strip()
    if as_json():
        tell({"shell": shell, "script": script})
    else:
        click.echo(script)
