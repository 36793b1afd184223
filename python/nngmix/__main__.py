"""``python -m nngmix`` and the command ``nngmix``."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        from nngmix.cli import run
    except ImportError as error:
        if error.name not in ("click", "tqdm"):
            raise
        sys.exit(f"error: the command line needs {error.name}: pip install 'nngmix[cli]'")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run())


if __name__ == "__main__":
    main()
