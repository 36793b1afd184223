"""Warnings point at the line of the user, however deep in the package they are raised."""

import warnings

import numpy as np

import nngmix
from nngmix.parameters.warnings import warn, warn_clamped, warn_missing


def test_the_line_is_the_users() -> None:
    rows = np.random.default_rng(0).random((5, 2))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nngmix.kneighbors(rows, rows, 9)
        nngmix.nng_mix(rows, rows, 3, n_neighbors=9)
        warn("straight")
        warn_clamped("k", 9, 5)
        warn_missing(0, 5)
        warn_missing(2, 5)
    assert [warning.filename for warning in caught] == [__file__] * 5
    assert [str(warning.message) for warning in caught][2:] == [
        "straight",
        "k=9 is more than the 5 rows there are; taking all 5",
        "left out 2 of 5 rows: a value is missing, NaN or infinite (missing='skip')",
    ]
