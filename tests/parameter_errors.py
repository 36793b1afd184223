"""The two ways in which one parameter is refused: by functions and tables, and by samplers."""

import re

__all__ = ["by_sampler"]


def by_sampler(message: str, sampler: str = "NNGMix") -> str:
    """What a sampler says where a function says `message`, or the beginning of it, as a pattern."""
    text, n_found = re.subn(r"^(\w+) must ", rf"The '\1' parameter of {sampler} must ", message)
    return re.escape(text.replace(", got ", ". Got ", 1) if n_found else message)
