"""Scale, search, mix, scale back: the one place where that sequence stands, for samplers and engines."""

import copy
import os
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.files.replace import replacing
from nngmix.neighbors.table import NeighborTable, _check_ids, reading_fields
from nngmix.parameters.checks import check_range
from nngmix.parameters.seed import RandomState, key_from
from nngmix.plan import MixPlan
from nngmix.rows.matrix import as_matrix, as_rows, blocks, check_finite, check_out, row_dtype
from nngmix.rows.scaling import Scale, take

__all__ = ["BLOCK_VALUES", "SEARCH_VALUES", "ScaledTable"]

Ids = int | NDArray[np.int64] | None

# Values of a block that is read or mixed: every thread has its part of it in the second-level cache.
BLOCK_VALUES = 1 << 19
# Values of a block that is searched: the beginning of a search costs as much as reading a smaller one.
SEARCH_VALUES = 1 << 21


class ScaledTable:
    """A `NeighborTable` over scaled columns that takes rows and gives rows in the input's units.

    With the scale fitted on the labelled anomalies and all unlabelled rows, its rows are the bytes that
    `nngmix.NNGMix` and ``nngmix augment`` give for the same data, parameters, seed and number of rows.

    Parameters
    ----------
    X_anomaly : array-like of shape (n_anomalies, n_features)
        Labelled anomalies, in the input's units.
    scale : Scale or None, default=None
        From the ``scale`` method of a state of `nngmix.rows.scaling`, in the dtype of the rows; None leaves the
        columns as they are.
    n_neighbors, n_neighbors_anomaly, n_threads
        See `NeighborTable`.

    Attributes
    ----------
    table : NeighborTable
        Its anomalies and neighbours are scaled.
    scale : Scale or None
    """

    def __init__(
        self,
        X_anomaly: ArrayLike,
        scale: Scale | None = None,
        n_neighbors: float = 10,
        n_neighbors_anomaly: float = 10,
        *,
        n_threads: int | None = None,
    ) -> None:
        array = as_matrix("X_anomaly", X_anomaly)
        anomalies = as_rows("X_anomaly", array, row_dtype(array))
        check_finite("X_anomaly", anomalies)
        if scale is not None:
            _check_scale(scale, anomalies.shape[1], anomalies.dtype)
            anomalies = scale.transform(anomalies)
        self.scale = scale
        self.table = NeighborTable(anomalies, n_neighbors, n_neighbors_anomaly, n_threads=n_threads)
        self._buffer: NDArray[Any] | None = None

    @property
    def n_seen(self) -> int:
        """Unlabelled rows seen."""
        return self.table.n_seen

    @property
    def n_features(self) -> int:
        return self.table.n_features

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.table.dtype

    def __repr__(self) -> str:
        return f"ScaledTable({self.table}, scaled={self.scale is not None})"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_buffer": None}

    def update(
        self,
        X_unlabeled: ArrayLike,
        row_ids: ArrayLike | None = None,
        *,
        where: NDArray[np.bool_] | None = None,
    ) -> Self:
        """Take one more block of unlabelled rows, in the input's units, into account.

        Parameters
        ----------
        X_unlabeled : array-like of shape (n_rows, n_features)
            See `NeighborTable.update`.
        row_ids : int or array-like of int64 of shape (n_rows,), optional
            An id for each row, or that of the first. Default: rows are numbered as they come.
        where : ndarray of bool, shape (n_rows,), optional
            Which rows are taken; the others, labelled ones for instance, keep their number but are passed by.

        Returns
        -------
        ScaledTable
            The table itself. If an error or an interrupt ends the call, it is as it was before.
        """
        array = as_matrix("X_unlabeled", X_unlabeled)
        self.table._check_block("X_unlabeled", array)
        if where is not None and (where.shape != (len(array),) or where.dtype != np.bool_):
            raise ValueError(f"where must be bool of shape ({len(array)},), got {where.dtype} {where.shape}")
        ids = None if row_ids is None else _check_ids(row_ids, len(array))
        # A shallow copy: updates replace the state of a table, they do not write into it.
        table = copy.copy(self.table)
        for start, rows in blocks("X_unlabeled", array, self.dtype, SEARCH_VALUES):
            span = slice(start, start + len(rows))
            mask = None if where is None or where[span].all() else where[span]
            try:
                table.update(self._prepared(rows, mask), row_ids=_ids_of(ids, span, mask))
            except ValueError:
                # Named as the caller knows it: by its row in what was passed.
                check_finite("X_unlabeled", rows, start)
                raise
        self.table = table
        return self

    def _prepared(self, rows: NDArray[Any], mask: NDArray[np.bool_] | None) -> NDArray[Any]:
        """The rows of the mask, scaled: `rows` itself where that is the same, else in the buffer."""
        if mask is None and self.scale is None:
            return rows
        room = self._room(len(rows) if mask is None else int(np.count_nonzero(mask)))
        return take(rows, mask, self.scale, out=room, n_threads=self.table.n_threads)

    def _room(self, n_rows: int) -> NDArray[Any]:
        """Rows of the one buffer: fresh memory for each block would cost more than the arithmetic."""
        if self._buffer is None or len(self._buffer) < n_rows:
            self._buffer = np.empty((n_rows, self.n_features), self.dtype)
        return self._buffer[:n_rows]

    def merge(self, other: "ScaledTable") -> Self:
        """Take the rows seen by another table of the same anomalies and the same scale into account."""
        if not isinstance(other, ScaledTable):
            raise TypeError(f"other must be a ScaledTable, got {type(other).__name__}")
        if not _same(self.scale, other.scale):
            raise ValueError("only tables of the same scale merge: fit it on all rows first")
        self.table.merge(other.table)
        return self

    def plan(
        self,
        start: int,
        stop: int,
        *,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
    ) -> MixPlan:
        """Draw the choices of output rows `start` to `stop`; see `nng_mix` for the parameters."""
        mixture = {"alpha": alpha, "beta": beta, "unlabeled_fraction": unlabeled_fraction}
        return self.table.plan(start, stop, random_state=random_state, **mixture)

    def mix(self, plan: MixPlan, *, noise_std: float = 0.01, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Make the rows of a plan, in the input's units; `noise_std` is in units of the scaled columns."""
        out = check_out(out, len(plan), self.n_features, self.dtype)
        for span in self._spans(len(plan)):
            self._unscale(self.table.mix(plan[span], noise_std=noise_std, out=out[span]))
        return out

    def rows(
        self,
        start: int,
        stop: int,
        *,
        noise_std: float = 0.01,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
        out: NDArray[Any] | None = None,
    ) -> NDArray[Any]:
        """Make output rows `start` to `stop`, in the input's units; see `nng_mix` for the parameters."""
        start, n_samples = self.table._check_span(start, stop)
        noise_std = check_range(noise_std, 1, 1, 0)[0]
        choices = self.table._choices(alpha, beta, unlabeled_fraction)
        key = key_from(random_state)
        out = check_out(out, n_samples, self.n_features, self.dtype)
        for span in self._spans(n_samples):
            self.table._generate(out[span], start + span.start, noise_std, choices, key)
            self._unscale(out[span])
        return out

    def batches(
        self,
        n_samples: int,
        batch_size: int,
        *,
        start: int = 0,
        noise_std: float = 0.01,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
    ) -> Iterator[NDArray[Any]]:
        """Iterate over output rows `start` to ``start + n_samples``, `batch_size` at a time."""
        batches = self.table.batches(
            n_samples,
            batch_size,
            start=start,
            noise_std=noise_std,
            alpha=alpha,
            beta=beta,
            unlabeled_fraction=unlabeled_fraction,
            random_state=random_state,
        )
        return map(self._unscale, batches)

    def _unscale(self, rows: NDArray[Any]) -> NDArray[Any]:
        return rows if self.scale is None else self.scale.inverse(rows, n_threads=self.table.n_threads)

    def _spans(self, n_rows: int) -> Iterator[slice]:
        """Cuts small enough that the way back to the input's units finds the rows still in the cache."""
        step = max(1, BLOCK_VALUES // self.n_features)
        if self.scale is None:
            step = max(1, n_rows)
        for start in range(0, n_rows, step):
            yield slice(start, min(start + step, n_rows))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write table and scale to an npz file, beside it first and then renamed."""
        fields = self.table._fields()
        if self.scale is not None:
            fields |= {"scale_offset": self.scale.offset, "scale_width": self.scale.width}
        with replacing(path) as file:
            np.savez(file, **fields)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, n_threads: int | None = None) -> Self:
        """Read what `save` wrote. Nothing is unpickled."""
        with reading_fields(path, "ScaledTable") as fields:
            loaded = cls.__new__(cls)
            loaded.table = NeighborTable._from_fields(fields, n_threads)
            loaded.scale = None
            if "scale_offset" in fields:
                loaded.scale = Scale(fields["scale_offset"], fields["scale_width"])
                _check_scale(loaded.scale, loaded.n_features, loaded.dtype)
            loaded._buffer = None
        return loaded


def _ids_of(ids: Ids, span: slice, mask: NDArray[np.bool_] | None) -> Ids:
    """The ids of the rows that are taken; `ids` is that of the first row or one for each."""
    if ids is None:
        return None
    if isinstance(ids, int):
        first: int = ids + span.start
        return first if mask is None else first + np.flatnonzero(mask)
    return ids[span] if mask is None else ids[span][mask]


def _check_scale(scale: Scale, n_features: int, dtype: np.dtype[Any]) -> None:
    for array in (scale.offset, scale.width):
        if array.shape != (n_features,) or array.dtype != dtype:
            raise ValueError(
                f"scale must be of {n_features} columns in {dtype}, as X_anomaly is, "
                f"got {array.dtype} of shape {array.shape}"
            )


def _same(scale: Scale | None, other: Scale | None) -> bool:
    if scale is None or other is None:
        return scale is other
    return np.array_equal(scale.offset, other.offset) and np.array_equal(scale.width, other.width)
