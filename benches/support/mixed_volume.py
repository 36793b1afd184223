"""`fit_resample` of a large frame of connections, in and out as a frame of pandas."""

import ctypes
import gc
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from support.connections import ATTACKS, NORMAL, connections
from support.measurement import Timed
from support.mixed_ways import MOST_NEIGHBORS, SHARE, categories_of, filled

# Of all rows: labelled anomalies; some attacks are met often and others hardly.
LABELED = 1e-3


def fit_resample(*, sampler: str, rows: int, threads: int) -> Callable[[], Timed]:
    """A task: attacks to a tenth of the normal rows, made within each; SMOTENC is given no holes."""
    total = max(round(LABELED * rows), 12 * len(ATTACKS))
    attacks = {name: round(total * (2 + j) / 275) for j, name in enumerate(ATTACKS)}
    X, y = connections(rows - sum(attacks.values()), attacks, seed=0)
    if sampler == "SMOTENC":
        X = filled(X, X[:0])[0]
    resampler = SAMPLERS[sampler](X, y, threads)
    # What the maker of the frame gave back must not be at hand for the calls, whose peak is counted.
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)

    def call() -> Timed:
        before = time.perf_counter()
        made = resampler.fit_resample(X, y)[0]
        seconds = time.perf_counter() - before
        # The last rows alone: what came back goes before the next call, as its memory counts.
        return Timed(made.iloc[-100:].copy(), seconds)

    return call


def _ours(X: Any, y: Any, threads: int) -> Any:
    import nngmix

    return nngmix.NNGMix(
        unlabeled_label=NORMAL, categorical_features="auto", missing="keep", random_state=0, n_threads=threads
    )


def _smotenc(X: Any, y: Any, threads: int) -> Any:
    """As many rows of each attack as ours gives it."""
    from imblearn.over_sampling import SMOTENC

    met = Counter(y)
    normal = met.pop(NORMAL)
    goal = {name: max(n, round(SHARE * normal * n / met.total())) for name, n in met.items()}
    neighbors = min(MOST_NEIGHBORS, min(met.values()) - 1)
    return SMOTENC(categories_of(X), sampling_strategy=goal, random_state=0, k_neighbors=neighbors)


SAMPLERS: dict[str, Callable[[Any, Any, int], Any]] = {"NNGMix": _ours, "SMOTENC": _smotenc}
