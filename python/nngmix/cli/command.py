"""What all commands share: how options are read, and ``--json``.

What takes one value takes it once, what takes several takes them all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import click

__all__ = ["Command", "SeveralValues", "as_json"]

_JSON = "Print the summary as one JSON object, and what is meant to be read on stderr."
_META = "nngmix.json"


def as_json() -> bool:
    """Whether the command that runs was asked for JSON."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_META))


def _set(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[_META] = value


class Command(click.Command):
    """A command in which no option of one value is given twice: click would take the last in silence.

    Parameters
    ----------
    members : mapping of str to str
        What the object holds that ``--json`` prints, and what each is.
    """

    def __init__(self, *args: Any, members: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.members = {"command": "Its name.", "version": "That of nngmix.", **members}
        self.params.append(
            click.Option(
                ["--json"], is_flag=True, expose_value=False, is_eager=True, callback=_set, help=_JSON
            )
        )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Describe what ``--json`` prints."""
        with formatter.section("Members of --json"):
            formatter.write_dl(list(self.members.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; a usage error names the options that were given more than once."""
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        twice = [
            parameter.opts[-1]
            for parameter, count in Counter(given).items()
            if count > 1 and isinstance(parameter, click.Option) and _takes_one_value(parameter)
        ]
        if twice and not ctx.resilient_parsing:
            names = " and ".join(map(repr, twice))
            raise click.UsageError(
                f"{names} {'is' if len(twice) == 1 else 'are'} given more than once, but {_takes(twice)} one "
                "value alone",
                ctx,
            )
        return super().parse_args(ctx, args)


class SeveralValues(Command):
    """A command whose repeatable options take all values up to the next option: ``--seeds 0 1 2``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write ``--seeds 0 1`` as ``--seeds 0 --seeds 1``, which click reads."""
        names = {
            name
            for parameter in self.params
            if isinstance(parameter, click.Option) and parameter.multiple
            for name in parameter.opts
        }
        return super().parse_args(ctx, _repeated(args, names))


def _takes_one_value(option: click.Option) -> bool:
    return not (option.multiple or option.is_flag or option.count)


def _takes(names: Sequence[str]) -> str:
    return "it takes" if len(names) == 1 else "each takes"


def _repeated(args: Sequence[str], names: set[str]) -> list[str]:
    out: list[str] = []
    option, n_values = "", 0
    for i, arg in enumerate(args):
        if arg == "--":
            return [*out, *args[i:]]
        if arg.startswith("-") and len(arg) > 1 and not _is_number(arg):
            name, equals, _ = arg.partition("=")
            option, n_values = (name if name in names else ""), len(equals)
        elif option:
            if n_values:
                out.append(option)
            n_values += 1
        out.append(arg)
    return out


def _is_number(text: str) -> bool:
    """Whether what begins with a dash is a value such as the label -1."""
    try:
        float(text)
    except ValueError:
        return False
    return True
