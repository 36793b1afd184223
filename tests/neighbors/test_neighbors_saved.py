"""Tables on disk: what is written comes back byte for byte, and so does what older versions wrote."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import nngmix
from nngmix import NeighborTable
from nngmix.rows.finish import Finish
from nngmix.rows.scaling import Scale, same_scale, scale_state

rng = np.random.default_rng(8)
ANOMALIES, UNLABELED = rng.random((6, 3)) * 100, rng.random((40, 3)) * 100


def scale_of(*blocks: NDArray[Any]) -> Scale:
    state = scale_state("minmax", 3)
    assert state is not None
    for block in blocks:
        state.update(block)
    return state.scale(blocks[0].dtype)


def write_format_1(path: Path, anomalies: NDArray[Any], table: NeighborTable, scale: Scale | None) -> None:
    """A table as the first version wrote it: the anomalies scaled alone, the scale beside it."""
    fields: dict[str, Any] = {
        "format": np.int64(1),
        "X_anomaly": anomalies,
        "n_neighbors_anomaly": np.int64(table.n_neighbors_anomaly),
        "n_seen": np.int64(table.n_seen),
        "numbered_itself": np.bool_(True),
        "squared_distances": table.squared_distances,
        "row_ids": table.row_ids,
        "neighbor_rows": table.neighbor_rows,
    }
    if scale is not None:
        fields |= {"scale_offset": scale.offset, "scale_width": scale.width}
    np.savez(path, **fields)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scaled", [False, True])
def test_files_of_the_first_version_give_the_same_rows(dtype: Any, scaled: bool, tmp_path: Path) -> None:
    anomalies, unlabeled = ANOMALIES.astype(dtype), UNLABELED.astype(dtype)
    scale = scale_of(anomalies, unlabeled) if scaled else None
    table = NeighborTable(anomalies, 4, 3, scale=scale).update(unlabeled)
    kept = anomalies if scale is None else scale.transform(anomalies)
    write_format_1(tmp_path / "old.npz", kept, table, scale)
    loaded = NeighborTable.load(tmp_path / "old.npz", n_threads=2)
    assert (loaded.n_threads, loaded.n_neighbors, loaded.n_neighbors_anomaly) == (2, 4, 3)
    assert loaded.rows(0, 200, random_state=0).tobytes() == table.rows(0, 200, random_state=0).tobytes()
    more = rng.random((30, 3)).astype(dtype) * 100
    assert loaded.update(more).row_ids.tobytes() == table.update(more).row_ids.tobytes()
    assert loaded.rows(0, 50, random_state=1).tobytes() == table.rows(0, 50, random_state=1).tobytes()
    assert loaded.feature_names is None
    np.testing.assert_allclose(loaded.X_anomaly, anomalies, rtol=1e-5)
    # What was loaded from an old file is written as a new one.
    loaded.save(tmp_path / "new.npz")
    again = NeighborTable.load(tmp_path / "new.npz")
    assert again.rows(0, 50, random_state=1).tobytes() == table.rows(0, 50, random_state=1).tobytes()
    assert loaded.merge(NeighborTable(anomalies, 4, 3, scale=scale)).n_seen == 70


def test_the_fields_of_a_file(tmp_path: Path) -> None:
    table = NeighborTable(ANOMALIES, 4).update(UNLABELED)
    table.save(tmp_path / "table.npz")
    with np.load(tmp_path / "table.npz", allow_pickle=False) as file:
        assert sorted(file.files) == [
            "X_anomaly",
            "format",
            "n_neighbors_anomaly",
            "n_seen",
            "neighbor_rows",
            "numbered_itself",
            "row_ids",
            "scaled",
            "sha256",
            "squared_distances",
        ]
        assert int(file["format"]) == 6
        assert file["X_anomaly"].tobytes() == ANOMALIES.tobytes()


BAD_CONTENT = [
    *(
        (name, value, f"{name} is not finite")
        for name in ("X_anomaly", "neighbor_rows")
        for value in (np.nan, np.inf)
    ),
    ("scaled_anomaly", np.nan, "scaled_anomaly is not finite"),
    ("scale_offset", -np.inf, "scale_offset and scale_width are no scale"),
    *(
        ("scale_width", value, "scale_offset and scale_width are no scale")
        for value in (np.nan, np.inf, 0, -1)
    ),
    ("n_neighbors_anomaly", 0, "n_neighbors_anomaly must be at least 1, got 0"),
    *(("n_seen", value, f"row_ids are not those of {value} rows") for value in (0, 3)),
    *(("row_ids", value, "row_ids are not those of 40 rows") for value in (-1, -5)),
    *(("squared_distances", value, "squared_distances are no distances") for value in (np.nan, -1)),
]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(("field", "value", "said"), BAD_CONTENT)
def test_content_that_no_table_has_is_refused(
    version: int, field: str, value: float, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "table.npz"
    write_format(version, path, scale_of(ANOMALIES, UNLABELED))
    with np.load(path) as file:
        fields = dict(file)
    fields[field].reshape(-1)[-1] = value
    np.savez(path, **fields)
    with pytest.raises(ValueError, match=f"table.npz is not a table saved by NeighborTable.save: {said}"):
        NeighborTable.load(path)


@pytest.mark.parametrize("names", [["a", "b", "ü"], [5, 7, 9]])
def test_names_of_columns_are_kept_and_matched(names: Any, tmp_path: Path) -> None:
    rare, rest = pd.DataFrame(ANOMALIES, columns=names), pd.DataFrame(UNLABELED, columns=names)
    NeighborTable(rare).save(tmp_path / "table.npz")
    table = NeighborTable.load(tmp_path / "table.npz")
    assert table.feature_names == tuple(names)
    expected = nngmix.nng_mix(ANOMALIES, UNLABELED, 50, random_state=0)
    assert table.update(rest[names[::-1]]).rows(0, 50, random_state=0).tobytes() == expected.tobytes()
    with pytest.raises(ValueError, match=r"X_unlabeled must have the columns of X_anomaly, but it lacks"):
        table.update(rest[names[:2]])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("scale_width", np.ones(2), "scale must be of 3 columns in float64"),
        ("scaled_anomaly", np.ones((6, 2)), "scaled_anomaly is float64 of shape"),
        ("row_ids", np.ones(4, np.int64), "row_ids is int64 of shape"),
        ("squared_distances", np.ones((6, 3)), "squared_distances is float64 of shape"),
        ("n_seen", np.int64(-1), "n_seen must be at least 0"),
        ("feature_names", np.array(["a", "b"]), "feature_names has shape"),
        ("scale_width", np.full(3, 7.0), "its arrays are not those that were saved: the digest"),
    ],
)
def test_damaged_fields_are_named(field: str, value: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    scale = scale_of(ANOMALIES, UNLABELED)
    NeighborTable(ANOMALIES, 4, scale=scale).update(UNLABELED).save(path)
    with np.load(path) as file:
        fields = dict(file)
    np.savez(path, **{**fields, field: value})
    with pytest.raises(
        ValueError, match=f"table.npz is not a table saved by NeighborTable.save: .*{message}"
    ):
        NeighborTable.load(path)


@pytest.mark.parametrize(
    "names",
    [
        [("x", "a"), ("x", "b"), ("y", "c")],
        ["a", 1, None],
        [0.5, 1.5, 2.5],
        ["a ", "b\0", "c"],
        [np.int64(5), np.int64(3), np.int64(1)],
    ],
)
def test_names_of_any_kind_match_after_loading(names: list[Any], tmp_path: Path) -> None:
    columns = (
        pd.Index(names, tupleize_cols=True) if isinstance(names[0], tuple) else pd.Index(names, dtype=object)
    )
    anomalies = pd.DataFrame(ANOMALIES, columns=columns)
    unlabeled = pd.DataFrame(UNLABELED, columns=columns)
    NeighborTable(anomalies).save(tmp_path / "t.npz")
    loaded = NeighborTable.load(tmp_path / "t.npz")
    assert loaded.feature_names == tuple(names)
    expected = NeighborTable(anomalies).update(unlabeled).row_ids
    np.testing.assert_array_equal(loaded.update(unlabeled.iloc[:, [2, 0, 1]]).row_ids, expected)


def test_names_that_cannot_be_written_are_refused_with_a_way_out(tmp_path: Path) -> None:
    table = NeighborTable(pd.DataFrame(ANOMALIES, columns=pd.date_range("2020", periods=3)))
    with pytest.raises(ValueError, match=r"Timestamp\('2020-01-01.*set the table's feature_names"):
        table.save(tmp_path / "t.npz")
    # JSON writes both of these, but reads others.
    for name, shown in ((float("nan"), r"nan \(float\)"), (("a", {1: 2}), r"\('a', \{1: 2\}\) \(tuple\)")):
        table.feature_names = ("a", name, "b")
        with pytest.raises(ValueError, match=f"got {shown}; set the table's feature_names"):
            table.save(tmp_path / "t.npz")
    assert not (tmp_path / "t.npz").exists()
    table.feature_names = None
    table.save(tmp_path / "t.npz")


def test_files_of_another_kind_are_told_as_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n")
    with pytest.raises(ValueError, match=r"t\.csv is not a table saved.*: it is no npz file"):
        NeighborTable.load(tmp_path / "t.csv")
    np.savez(tmp_path / "x.npz", X=ANOMALIES)
    with pytest.raises(ValueError, match=r"x\.npz is not a table.*it holds other arrays"):
        NeighborTable.load(tmp_path / "x.npz")


def write_format(version: int, path: Path, scale: Scale | None, names: Any = None) -> NeighborTable:
    """A table as one of the versions wrote it."""
    table = NeighborTable(ANOMALIES, 4, 3, scale=scale).update(UNLABELED)
    table.feature_names = names
    table.save(path)
    with np.load(path) as file:
        fields = dict(file)
    if version == 1:
        del fields["scaled"]
        if scale is not None:
            fields["X_anomaly"] = fields.pop("scaled_anomaly")
    if version < 4:
        del fields["sha256"]
        if version < 3 and names is not None:
            fields["feature_names"] = np.array(names)
        np.savez(path, **fields | {"format": np.int64(version)})
    return table


def state(table: NeighborTable) -> tuple[Any, ...]:
    scale = table.scale
    scaled = None if scale is None else (scale.offset.tobytes(), scale.width.tobytes())
    arrays = (table.X_anomaly, table.row_ids, table.squared_distances, table.neighbor_rows)
    counts = (table.n_seen, table.n_neighbors, table.n_neighbors_anomaly, table.feature_names)
    return (*(array.tobytes() for array in arrays), *counts, scaled)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("names", [None, ("a", "b", "c"), (1, 2, 3)])
def test_files_of_the_versions_before_give_the_same_table(version: int, names: Any, tmp_path: Path) -> None:
    table = write_format(version, tmp_path / "t.npz", scale_of(ANOMALIES, UNLABELED), names)
    assert state(NeighborTable.load(tmp_path / "t.npz")) == state(table)


@pytest.mark.parametrize("version", [1, 5])
def test_no_flipped_bit_goes_unseen(version: int, tmp_path: Path) -> None:
    """A bit of each byte of the headers and of the directory, and of some of the rest."""
    path = tmp_path / "t.npz"
    write_format(version, path, scale_of(ANOMALIES, UNLABELED))
    expected = state(NeighborTable.load(path))
    content = path.read_bytes()
    chosen = np.random.default_rng(version)
    places = {*range(content.index(b"PK\x01\x02"), len(content)), *range(0, len(content), 13)}
    n_refused = 0
    for place in sorted(places):
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(chosen.integers(8))
        path.write_bytes(flipped)
        try:
            found = state(NeighborTable.load(path))
        except ValueError:
            n_refused += 1
        else:
            # Times, attributes and the like.
            assert found == expected, place
    assert n_refused > len(places) / 2


@pytest.mark.parametrize("version", [1, 2, 3, 5])
@pytest.mark.parametrize("scaled", [False, True])
def test_members_that_are_missing_or_unknown_are_refused(version: int, scaled: bool, tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    write_format(version, path, scale_of(ANOMALIES, UNLABELED) if scaled else None)
    with np.load(path) as file:
        fields = dict(file)
    for name in fields:
        np.savez(path, **{key: value for key, value in fields.items() if key != name})
        with pytest.raises(ValueError, match=r"t\.npz is not a table saved by NeighborTable\.save"):
            NeighborTable.load(path)
    np.savez(path, **fields, scale_ofset=np.zeros(3))
    with pytest.raises(ValueError, match="it also holds scale_ofset"):
        NeighborTable.load(path)


def test_a_version_to_come_is_named(tmp_path: Path) -> None:
    write_format(3, tmp_path / "t.npz", None)
    with np.load(tmp_path / "t.npz") as file:
        fields = dict(file)
    for version in (0, 7):
        np.savez(tmp_path / "t.npz", **fields | {"format": np.int64(version)})
        with pytest.raises(ValueError, match=rf"format {version}, this version reads 1 to 6"):
            NeighborTable.load(tmp_path / "t.npz")


def test_what_a_scale_does_to_new_rows_is_saved(tmp_path: Path) -> None:
    scale = scale_of(ANOMALIES, UNLABELED)
    finish = Finish(np.zeros(3), np.array([50.0, np.inf, 0]), np.array([True, False, True]), missing=True)
    table = NeighborTable(ANOMALIES, 4, 3, scale=Scale(scale.offset, scale.width, finish)).update(UNLABELED)
    table.save(tmp_path / "t.npz")
    loaded = NeighborTable.load(tmp_path / "t.npz")
    assert same_scale(loaded.scale, table.scale)
    assert loaded.rows(0, 50, random_state=0).tobytes() == table.rows(0, 50, random_state=0).tobytes()
    with np.load(tmp_path / "t.npz") as file:
        arrays = dict(file)
    del arrays["finish_high"]
    np.savez(tmp_path / "cut.npz", **arrays)
    with pytest.raises(ValueError, match="lacks finish_high"):
        NeighborTable.load(tmp_path / "cut.npz")
    with np.load(tmp_path / "t.npz") as file:
        np.savez(tmp_path / "other.npz", **dict(file) | {"finish_whole": np.ones(3)})
    with pytest.raises(ValueError, match=r"finish_whole is float64 of shape \(3,\)"):
        NeighborTable.load(tmp_path / "other.npz")


def test_types_of_categories_for_numbers_are_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame(ANOMALIES, columns=["a", "b", "c"])
    frame["c"] = pd.Categorical(["x"] * len(frame))
    NeighborTable(frame, categorical_features="auto", categorical_weight=1).save(tmp_path / "table.npz")
    with np.load(tmp_path / "table.npz") as file:
        fields = dict(file)
    del fields["kinds"]
    np.savez(tmp_path / "table.npz", **fields)
    with pytest.raises(ValueError, match="column 2 holds numbers, and its type is one of categories"):
        NeighborTable.load(tmp_path / "table.npz")


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ('[[[null, [["str", "a"]]], false], 1.0]', "kinds is of 2 columns"),
        ('[[[null, null, [["str", 1]]], false], 1.0]', "no categories are written so: 1 is no str"),
        ('[[[null, null, null], true], "heavy"]', "categorical_weight must be a number"),
    ],
)
def test_categories_that_nobody_wrote_are_refused(kinds: str, said: str, tmp_path: Path) -> None:
    table = NeighborTable(ANOMALIES, categorical_features=[2], categorical_weight=1)
    table.save(tmp_path / "table.npz")
    with np.load(tmp_path / "table.npz") as file:
        fields = {name: file[name] for name in file.files}
    assert str(fields["kinds"]).startswith('[[[null, null, [["float", ')
    np.savez(tmp_path / "table.npz", **fields | {"kinds": np.array(kinds)})
    with pytest.raises(ValueError, match=f"is not a table saved by NeighborTable.save: .*{said}"):
        NeighborTable.load(tmp_path / "table.npz")
