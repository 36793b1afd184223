"""Partitions by themselves: what is left out, what an error names, and the values of an id column."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nngmix
from mixed_frames import mixed_cases
from nngmix.engines.maker import Maker, n_parts_for, rows_of, spans
from nngmix.engines.partitions import Block, Partitions, PartitionState, fold_partition, merged, split_row_id
from nngmix.engines.row_names import RowNames
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.amount import Amount
from nngmix.parameters.mixture import Mixture
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.labels import LabelRule
from nngmix.rows.rows import as_rows

RNG = np.random.default_rng(3)
X = RNG.random((40, 2))
Y = (np.arange(40) % 10 == 0).astype(int)


def runner(parts):
    """What an engine brings, in one process; a part is a list of blocks, or an error."""

    def run(empty):
        def blocks(part):
            if isinstance(part, Exception):
                raise part
            yield from part

        return merged([fold_partition(empty, blocks(part), number) for number, part in enumerate(parts)])

    return run


def parts_of(rows, y, keys):
    halves = [slice(0, 7), slice(7, 20), slice(20, 40)]
    return [[Block(rows[half], y[half], pd.Series(keys[half]))] for half in halves]


def spec_of(**more):
    return FitSpec(2, X.dtype, rule=LabelRule((1,), None), scale="minmax", **more)


def test_an_error_names_the_partition_once() -> None:
    empty = PartitionState(None, False)
    for error, said in (
        (ValueError("cannot be read"), "^partition 3: cannot be read$"),
        (TypeError("partition 3 is strange"), "^partition 3 is strange$"),
    ):
        with pytest.raises(type(error), match=said):
            fold_partition(_copied(empty), _raising(error), 3)


def _copied(empty):
    empty.copied = lambda: empty
    return empty


def _raising(error):
    raise error
    yield


def test_partitions_that_cannot_be_read_are_left_out() -> None:
    parts = parts_of(X, Y, np.arange(40))
    parts[1] = ValueError("gone")
    with pytest.raises(ValueError, match=r"^partition 1: gone$"):
        Partitions(runner(parts)).fit(spec_of())
    with pytest.warns(
        UserWarning, match=r"left out 1 partition that could not be read \(partition 1: gone\)"
    ):
        fitted = Partitions(runner(parts), skip_bad=True).fit(spec_of())
    assert fitted.counts.n_rows == 27
    with pytest.raises(ValueError, match=r"no partition could be read: left out 2 partitions"):
        Partitions(runner([ValueError("x"), ValueError("y")]), skip_bad=True).fit(spec_of())


def test_ids_of_anomalies_and_neighbours_whatever_the_parts() -> None:
    keys = np.array([f"k{i:02}" for i in range(40)])
    names = RowNames()
    fitted = Partitions(runner(parts_of(X, Y, keys)), notes=[names]).fit(spec_of())
    kept = {*fitted.anomalies.ids.tolist(), *fitted.table.row_ids.ravel().tolist()}
    assert names.of.keys() == kept
    first = np.array([0, 7, 20])
    for number, name in names.of.items():
        partition, row = split_row_id(number)
        assert name == keys[first[partition] + row]
    assert names.names(np.array([-1])) == [None]


def test_a_maker_of_no_rows_and_of_parts() -> None:
    table = nngmix.NeighborTable(X[Y == 1]).update(X[Y == 0])
    maker = Maker(NewRows(table, Mixture(), random_state=0), ["a", "b"], plan=True)
    assert n_parts_for(maker, 10, None, 0, "n") == (10, 1, 0)
    assert n_parts_for(maker, 3, 8, 5, "n") == (3, 3, 5)
    assert spans(5, 10, 3) == [5, 8, 11, 15]
    rows, chosen = maker.made(5, 15)
    assert rows.tobytes() == table.rows(5, 15, random_state=0).tobytes()
    assert list(chosen) == list(maker.added) == ["row", "anchor", "partner", "pool", "lam"]
    assert chosen["row"].tolist() == list(range(5, 15))
    empty = Maker(NewRows(nngmix.NeighborTable(X), Mixture()))
    assert n_parts_for(empty, 0, None, 0, "n") == (0, 1, 0)
    with pytest.raises(ValueError, match="no rows to take partners from"):
        n_parts_for(empty, 1, None, 0, "n")


def test_rows_given_apart_are_held_to_the_rule() -> None:
    given = as_rows("X_anomaly", X[:3])
    blocks = [[Block(X[3:])]]
    fitted = Partitions(runner(blocks)).fit(FitSpec(2, X.dtype), given)
    assert fitted.table.n_seen == 37
    expected = nngmix.NeighborTable(X[:3]).update(X[3:])
    assert fitted.table.neighbor_rows.tobytes() == expected.neighbor_rows.tobytes()


@given(mixed_cases(), st.randoms(use_true_random=False), st.sampled_from([None, "minmax", "standard"]))
def test_mixed_partitions_give_the_rows_of_the_sampler(case, random, scale) -> None:
    """Whatever categories a partition lacks, and in whatever order their states merge."""
    anomalies, unlabeled = case.frames()
    rows = pd.concat([anomalies, unlabeled[list(anomalies)]], ignore_index=True)
    order = random.sample(range(len(rows)), len(rows))
    rows = rows.iloc[order].reset_index(drop=True)
    y = (np.array(order) < len(anomalies)).astype(int)
    kinds = [name for name in rows if name.startswith("kind")]
    asked = ColumnsAsked(kinds, "auto", "keep", categorical_weight=0.5)
    like = as_rows("rows", rows.iloc[:0], asked=asked)
    spec = FitSpec(
        like.n_features,
        like.dtype,
        like.names,
        rule=LabelRule((1,), None),
        scale=scale,
        columns=asked,
        n_neighbors=4,
        amount=Amount(n_samples=20),
        kinds=like.kinds,
    )
    borders = [0, *sorted(random.choices(range(len(rows) + 1), k=3)), len(rows)]

    def run(empty):
        parts = [slice(*border) for border in pairwise(borders)]
        states = [fold_partition(empty, [Block(rows[part], y[part])], k) for k, part in enumerate(parts)]
        random.shuffle(states)
        return merged([merged(states[:2]), *states[2:]])

    new = rows_of(Partitions(run).fit(spec), spec, Mixture(), 0)
    sampler = nngmix.NNGMix(
        n_neighbors=4,
        n_samples=20,
        scale=scale,
        categorical_features=kinds,
        categorical_weight=0.5,
        missing="keep",
        append=False,
        random_state=0,
    )
    expected = as_rows("new", sampler.fit_resample(rows, y)[0], asked=asked).coded(new.table.kinds)
    np.testing.assert_array_equal(Maker(new).rows(0, 20), expected.whole(new.dtype))
