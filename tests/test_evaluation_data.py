"""The data of an evaluation come through the same door as all tables."""

from pathlib import Path

import numpy as np
import pytest

from nngmix.evaluation import Dataset, find_sources, load
from nngmix.files.csv_format import CsvFormat

KINDS = np.array(["normal.", "smurf.", "satan."])[np.arange(60) % 3]


def write(path: Path, encoding: str = "utf-8", gap: bool = False) -> str:
    rows = [f"{i / 7:.3f};{i};{KINDS[i]}".replace(".", ",", 1) for i in range(60)]
    if gap:
        rows[7] = f"inf;7;{KINDS[7]}"
    path.write_text("\n".join(["a;b;kind", *rows]) + "\n", encoding=encoding)
    return str(path)


SEMICOLONS = CsvFormat(delimiter=";", decimal=",")


@pytest.mark.parametrize(
    ("anomaly", "unlabeled", "anomalies", "n_rows"),
    [
        ("smurf.", (), ["smurf."], 60),
        (["smurf.", "satan."], (), ["smurf.", "satan."], 60),
        ((), "normal.", ["smurf.", "satan."], 60),
        ("smurf.", "normal.", ["smurf."], 40),
    ],
)
def test_who_is_who(
    tmp_path: Path, anomaly: object, unlabeled: object, anomalies: list[str], n_rows: int
) -> None:
    path = write(tmp_path / "t.csv")
    (source,) = find_sources([path], "kind", anomaly, unlabeled=unlabeled, csv=SEMICOLONS)  # type: ignore[arg-type]
    data = load(source)
    assert data.X.shape == (n_rows, 2)
    kinds = KINDS if n_rows == 60 else KINDS[KINDS != "satan."]
    assert data.y.tolist() == np.isin(kinds, anomalies).astype(int).tolist()


def test_a_label_that_is_not_there(tmp_path: Path) -> None:
    (source,) = find_sources([write(tmp_path / "t.csv")], "kind", ["smurf.", "smurff"], csv=SEMICOLONS)
    with pytest.raises(
        ValueError, match=r"no row has 'smurff' in the label column 'kind' of .*did you mean 'smurf.'"
    ):
        load(source)


def test_rows_that_are_not_finite(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", gap=True)
    (source,) = find_sources([path], "kind", "smurf.", csv=SEMICOLONS)
    with pytest.raises(ValueError, match="got inf at row 7, column 'a'"):
        load(source)
    (source,) = find_sources([path], "kind", "smurf.", csv=SEMICOLONS, missing="skip")
    assert load(source).X.shape == (59, 2)
    with pytest.raises(ValueError, match="missing must be 'error', 'skip' or 'keep'"):
        find_sources([path], "kind", "smurf.", missing="drop")  # type: ignore[arg-type]


def test_results_of_another_reading_are_other_results(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv")
    readings = [
        find_sources([path], "kind", "smurf.", csv=SEMICOLONS),
        find_sources([path], "kind", "satan.", csv=SEMICOLONS),
        find_sources([path], "kind", unlabeled="normal.", csv=SEMICOLONS),
        find_sources([path], "kind", "smurf.", ["b"], csv=SEMICOLONS),
        find_sources([path], "kind", "smurf.", csv=CsvFormat(delimiter=";")),
        find_sources([path], "kind", "smurf.", csv=SEMICOLONS, group="b"),
        find_sources([path], "kind", "smurf.", csv=SEMICOLONS, time="b"),
        find_sources([path], "kind", unlabeled="normal.", csv=SEMICOLONS, hide=["satan."]),
    ]
    assert len({source.checksum for (source,) in readings}) == len(readings)
    np.savez(tmp_path / "a.npz", X=np.eye(2), y=[0, 1])
    archive = str(tmp_path / "a.npz")
    assert find_sources([archive])[0].checksum == find_sources([archive], anomaly="1")[0].checksum


def test_names_of_compressed_files(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(b"")
    (source,) = find_sources([str(tmp_path / "t.csv.gz")], "kind", "x")
    assert source.name == "t"
    with pytest.raises(ValueError, match="name the column of the labels with --label"):
        find_sources([str(tmp_path / "t.csv.gz")])


def test_columns_that_keep_rows_apart_are_no_features(tmp_path: Path) -> None:
    lines = [f"{i},{'no' if i % 3 else 'yes'},g{i % 4},2024-05-{30 - i % 30:02}" for i in range(60)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,kind,who,when", *lines]) + "\n")
    (source,) = find_sources([str(path)], "kind", "yes", ["when"], group="who")
    assert load(source).X.shape == (60, 1)
    groups = load(source).groups
    assert groups is not None
    assert groups.tolist() == [i % 4 for i in range(60)]
    (source,) = find_sources([str(path)], "kind", "yes", ["who"], time="when")
    times = load(source).times
    assert times is not None
    assert times.tolist() == [29 - i % 30 for i in range(60)]
    (source,) = find_sources([str(path)], "kind", "yes", ["when"], time="who")
    with pytest.raises(ValueError, match=r"must hold numbers, or dates and times such as .*, got 'g0'"):
        load(source)
    path.write_text("a,kind,who\n1,yes,9\n2,no,10\n3,no,\n")
    (source,) = find_sources([str(path)], "kind", "yes", time="who")
    with pytest.raises(ValueError, match="must have a value in every row, got none at row 2"):
        load(source)
    path.write_text("a,kind,who\n1,yes,9\n2,no,10\n3,no,-1.5\n")
    (source,) = find_sources([str(path)], "kind", "yes", time="who")
    assert load(source).times.tolist() == [1, 2, 0]  # type: ignore[union-attr]


def test_hidden_kinds(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv")

    def hide(*kinds: str) -> Dataset:
        (source,) = find_sources([path], "kind", unlabeled="normal.", csv=SEMICOLONS, hide=kinds)
        return load(source)

    hidden = hide("satan.").hidden
    assert hidden is not None
    assert hidden.tolist() == (KINDS == "satan.").tolist()
    for kinds, message in (
        (("saten.",), "no row has 'saten.' .*did you mean 'satan.'"),
        (("normal.",), "only labels of anomalies can be hidden"),
        (("satan.", "smurf."), "leaves no anomaly of .* to be labelled"),
    ):
        with pytest.raises(ValueError, match=message):
            hide(*kinds)
