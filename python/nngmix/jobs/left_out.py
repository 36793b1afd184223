"""Files that a job leaves out, since they are bad: the others must hold something."""

from collections.abc import Mapping, Sequence

from nngmix.files.scan import Part

__all__ = ["check_some_left"]

# Reasons that a message shows of many.
_FIRST_REASONS = 3


def check_some_left(parts: Sequence[Part], skipped: Sequence[Mapping[str, str]], n_rows: int) -> None:
    """ValueError unless the files that count hold rows; those that were skipped say why they do not."""
    if parts:
        if n_rows == 0:
            none = f"{parts[0].path}:" if len(parts) == 1 else f"the {len(parts)} files are empty:"
            raise ValueError(f"{none} there are no rows")
        return
    first = "; ".join(item["error"] for item in skipped[:_FIRST_REASONS])
    more = f"; and {len(skipped) - _FIRST_REASONS} more" if len(skipped) > _FIRST_REASONS else ""
    every = "the only file was" if len(skipped) == 1 else f"all {len(skipped)} files were"
    raise ValueError(f"{every} left out by --skip-bad, so that there is nothing to do: {first}{more}")
