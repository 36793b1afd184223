"""The command line: a thin skin over `nngmix.files` and `nngmix.methods.resample`.

Exit codes: 0 done, 1 failed (one line on stderr says why), 2 wrong usage, 130 stopped by Ctrl-C.
"""

import sys
import warnings
from collections.abc import Sequence

import click

from nngmix import __version__
from nngmix.cli.augment import augment
from nngmix.cli.demo import demo
from nngmix.cli.evaluate import evaluate
from nngmix.cli.signals import Terminated, ended_by_signals

__all__ = ["main", "run"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nngmix")
def main() -> None:
    """Make new training anomalies from the few you have.

    \b
    nngmix augment shuttle.csv --label anomaly --anomaly 1 -n 10x -o more.csv
    nngmix demo
    nngmix evaluate mine.csv --label class --anomaly fraud
    """


main.add_command(augment)
main.add_command(demo)
main.add_command(evaluate)


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
    except (ValueError, TypeError, OSError, ImportError, MemoryError) as error:
        # Anything else is a mistake of ours and keeps its traceback.
        print("error:", " ".join(str(error).split()) or type(error).__name__, file=sys.stderr)
        return 1


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print("warning:", " ".join(str(message).split()), file=sys.stderr)
