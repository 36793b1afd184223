"""The command line: a thin skin over the functions of the package.

Exit codes: 0 done, 1 failed (one line on stderr says why), 2 wrong usage, 3 a fault of nngmix itself, 130
stopped by Ctrl-C. NNGMIX_DEBUG=1 shows where an error arose.
"""

import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence

import click

from nngmix.cli.augment import augment
from nngmix.cli.check import check
from nngmix.cli.completion import completion
from nngmix.cli.demo import demo
from nngmix.cli.evaluate import evaluate
from nngmix.cli.fit import fit
from nngmix.cli.generate import generate
from nngmix.cli.merge import merge
from nngmix.cli.plot import plot
from nngmix.cli.rank import rank
from nngmix.cli.score import score
from nngmix.cli.signals import Terminated, ended_by_signals
from nngmix.versions import version_line

__all__ = ["main", "run"]

# What a user can cause, and can mend.
_EXPECTED = (ValueError, TypeError, OSError, ImportError, MemoryError)
# Parameters of functions that are options of the same name here.
_PARAMETER = re.compile(
    r"\b(unlabeled_fraction|n_neighbors(?:_anomaly)?|noise_std|missing|clip|scale)=('?)([\w.+-]*\w)\2"
)
_REPORT = (
    "this is a fault of nngmix: please report it to its authors with the command, the file if you may, and "
    "what python -c 'import nngmix; nngmix.show_versions()' prints; NNGMIX_DEBUG=1 shows where it arose"
)


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        click.echo(version_line())
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and the instruction set in use.",
)
def main() -> None:
    """Make new training anomalies from the few you have.

    \b
    nngmix check shuttle.csv --label anomaly
    nngmix rank mine.csv --label class --anomaly fraud -o ranked.csv
    nngmix augment shuttle.csv --label anomaly --anomaly 1 -n 10x -o more.csv
    nngmix demo
    nngmix evaluate mine.csv --label class --anomaly fraud
    """


for _command in (check, augment, rank, score, fit, merge, generate, plot, demo, evaluate, completion):
    main.add_command(_command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and turn whatever happens into an exit code.

    Parameters
    ----------
    arguments : sequence of str or None
        None takes those of the process.
    """
    warnings.showwarning = _show_warning
    try:
        # Not click's own exit handling: it gives 1, not 130, for Ctrl-C.
        with ended_by_signals():
            code = main.main(args=arguments, prog_name="nngmix", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return 130
    except Terminated as end:
        print("stopped", file=sys.stderr)
        return end.code
    except _EXPECTED as error:
        if isinstance(error, ImportError) and isinstance(error.__cause__, KeyboardInterrupt):
            # A compiled module that Ctrl-C stops while it is imported.
            print("stopped", file=sys.stderr)
            return 130
        return _failed(_one_line(error), 1)
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        # A panic of the kernels is no Exception.
        return _failed(f"{type(error).__name__}: {_one_line(error)}; {_REPORT}", 3)


def _failed(text: str, code: int) -> int:
    if os.environ.get("NNGMIX_DEBUG", "0") not in ("", "0"):
        traceback.print_exc()
    print("error:", text, file=sys.stderr)
    return code


def _one_line(error: BaseException) -> str:
    return _in_shell(str(error)) or type(error).__name__


def _in_shell(text: str) -> str:
    """A message in one line, its parameters as the options that they are here."""
    return _PARAMETER.sub(lambda it: f"--{it[1].replace('_', '-')} {it[3]}", " ".join(text.split()))


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print("warning:", _in_shell(str(message)), file=sys.stderr)
