"""Duplicates are the anomalies, bit for bit."""

from typing import Any

import numpy as np
import pytest

import nngmix

rng = np.random.default_rng(4)
X = rng.standard_normal((400, 5)) * 10.0 ** np.arange(5) + np.arange(5)
Y = np.zeros(400, int)
Y[rng.choice(400, 12, replace=False)] = 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_duplicates_are_the_rows_of_the_input_bit_for_bit(dtype: Any) -> None:
    given = (X / 3).astype(dtype)
    made = nngmix.Duplicate(n_samples=300, random_state=0)
    rows = made.fit_resample(given, Y)[0][400:]
    assert rows.tobytes() == given[made.plan_.anchor].astype(rows.dtype).tobytes()
    assert set(made.plan_.anchor.tolist()) == set(np.flatnonzero(Y).tolist())
    with pytest.raises(TypeError, match="scale"):
        nngmix.Duplicate(scale=None)  # type: ignore[call-arg]
    # The sign of zero and the smallest numbers are kept as well.
    odd = np.array([[-0.0], [5e-324], [1.0]])
    copies = nngmix.Duplicate(n_samples=50, anomaly_label=1).fit_resample(odd, [1, 1, 0])[0]
    assert {value.hex() for value in copies[3:, 0].tolist()} == {(-0.0).hex(), (5e-324).hex()}
