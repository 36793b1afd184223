"""Matrices that are wrong in one way each, and the words with which every entrance refuses them."""

from typing import Any

import numpy as np
from scipy import sparse

rng = np.random.default_rng(5)
ANOMALIES, UNLABELED = rng.random((6, 3)), rng.random((40, 3))
X = np.concatenate([ANOMALIES, UNLABELED])
Y = (np.arange(46) < 6).astype(int)


def bad_matrix(like: np.ndarray, kind: str) -> Any:
    """A matrix that is wrong in one way; rows as many as `like` has."""
    matrix = like.copy()
    if kind == "sparse":
        return sparse.csr_matrix(matrix)
    if kind == "sparse array":
        return sparse.coo_array(matrix)
    if kind == "masked":
        return np.ma.MaskedArray(matrix, mask=matrix > 0.9)
    if kind == "1-D":
        return matrix[:, 0]
    if kind == "3-D":
        return matrix[:, :, None]
    if kind == "scalar":
        return 5.0
    if kind == "no columns":
        return matrix[:, :0]
    if kind == "ragged":
        return [[1.0, 2.0, 3.0], [1.0, 2.0]]
    if kind == "long integers":
        big = np.ones(matrix.shape, np.int64)
        big[-1, 1] = -(2**53) - 1
        return big
    if kind == "unsigned integers":
        big = np.ones(matrix.shape, np.uint64)
        big[-1, 1] = 2**64 - 1
        return big
    return {
        "complex": matrix + 1j,
        "string": matrix.astype(str),
        "datetime": np.full(matrix.shape, np.datetime64("2020-01-01")),
        "timedelta": np.full(matrix.shape, np.timedelta64(1, "s")),
        "structured": np.zeros(matrix.shape, [("a", float)]),
        "None": None,
        "long double": matrix.astype(np.longdouble),
    }[kind]


NUMBERS = "{name} must hold real numbers (float32, float64 or integers),"
REFUSED = {
    "sparse": (TypeError, "{name} is a sparse matrix; pass a dense one, for instance X.toarray()"),
    "sparse array": (TypeError, "{name} is a sparse matrix; pass a dense one, for instance X.toarray()"),
    "masked": (TypeError, "{name} is a masked array; fill it or drop the masked rows"),
    "1-D": (ValueError, "{name} must be 2-D (rows x columns), got shape ({n},); for a single row use"),
    "3-D": (ValueError, "{name} must be 2-D (rows x columns), got shape ({n}, 3, 1)"),
    "scalar": (ValueError, "{name} must be 2-D (rows x columns), got shape ()"),
    "no columns": (ValueError, "{name} must have at least one column, got shape ({n}, 0)"),
    "ragged": (ValueError, "{name} must be a matrix with rows of equal length"),
    "complex": (
        TypeError,
        NUMBERS + " got dtype complex128",
    ),
    "string": (TypeError, NUMBERS + " got dtype <U"),
    "datetime": (TypeError, "got dtype datetime64[D]; convert it first"),
    "timedelta": (TypeError, "got dtype timedelta64[s]; convert it first"),
    "structured": (TypeError, "{name} must hold real numbers"),
    "None": (TypeError, NUMBERS + " got dtype object"),
    "long double": (
        TypeError,
        NUMBERS + " got dtype float",
    ),
    "long integers": (ValueError, "{name} holds the integer -9007199254740993, beyond 2**53"),
    "unsigned integers": (ValueError, "{name} holds the integer 18446744073709551615, beyond 2**53"),
}


def read_only() -> np.ndarray:
    array = np.empty((5, 3))
    array.flags.writeable = False
    return array
