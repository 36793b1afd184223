"""Options that take several values: ``--seeds 0 1 2``."""

from collections.abc import Sequence

import click

__all__ = ["SeveralValues"]


class SeveralValues(click.Command):
    """A command whose repeatable options take all values up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write ``--seeds 0 1`` as ``--seeds 0 --seeds 1``, which click reads."""
        names = {
            name
            for parameter in self.params
            if isinstance(parameter, click.Option) and parameter.multiple
            for name in parameter.opts
        }
        return super().parse_args(ctx, _repeated(args, names))


def _repeated(args: Sequence[str], names: set[str]) -> list[str]:
    out: list[str] = []
    option, n_values = "", 0
    for i, arg in enumerate(args):
        if arg == "--":
            return [*out, *args[i:]]
        if arg.startswith("-") and len(arg) > 1:
            name, equals, _ = arg.partition("=")
            option, n_values = (name if name in names else ""), len(equals)
        elif option:
            if n_values:
                out.append(option)
            n_values += 1
        out.append(arg)
    return out
