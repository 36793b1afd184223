"""Blocks of a few rows, so that small data come in many of them."""

import pytest

from nngmix.methods import function, parents, resample
from nngmix.neighbors import blocks, generation, passes, search, updates
from nngmix.rows import base

__all__ = ["small_blocks"]


def small_blocks(monkeypatch: pytest.MonkeyPatch, n_values: int) -> None:
    """Read, search and make rows in blocks of this many values, at least a row each."""
    monkeypatch.setattr(base, "_BLOCK_VALUES", n_values)
    monkeypatch.setattr(base, "_BLOCK_ROWS", 1)
    monkeypatch.setattr(parents, "_SPAN_VALUES", n_values)
    for module in (function, generation, passes, resample):
        monkeypatch.setattr(module, "BLOCK_VALUES", n_values)
    for module in (blocks, passes, search, updates):
        monkeypatch.setattr(module, "SEARCH_VALUES", 2 * n_values)
