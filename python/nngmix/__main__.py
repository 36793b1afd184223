"""``python -m nngmix`` and the command ``nngmix``."""

import sys
from os import _exit as end_at_once

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        from nngmix.cli import run
        from nngmix.files.read_ahead import left_behind
    except ImportError as error:
        if error.name not in ("click", "tqdm"):
            raise
        sys.exit(f"error: the command line needs {error.name}: pip install 'nngmix[cli]'")
    except KeyboardInterrupt:
        sys.exit(130)
    code = run()
    if left_behind():
        # By Ctrl-C, for instance: the end of the process would wait for it.
        sys.stdout.flush()
        sys.stderr.flush()
        end_at_once(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
