"""Formats: what endings mean, and which files a user means."""

import os

import pytest

from nngmix.files.formats import Format, expand, format_of, names_a_table


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.csv", Format("csv", ".csv")),
        ("a.TSV", Format("csv", ".tsv")),
        ("a.b.txt.gz", Format("csv", ".txt", "gzip")),
        ("a.data.bz2", Format("csv", ".data", "bz2")),
        ("a.csv.zst", Format("csv", ".csv", "zstd")),
        ("a.pq", Format("parquet", ".pq")),
        ("a.feather", Format("feather", ".feather")),
        ("a.ipc", Format("feather", ".ipc")),
        ("a.npz", Format("npz", ".npz")),
    ],
)
def test_formats_by_ending(path, expected):
    assert format_of(path) == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a.xlsx", r"a\.xlsx: the ending must be \.csv, .*, got '\.xlsx'"),
        ("a", "got ''"),
        ("a.csv.zip", "decompress it first: unzip"),
        ("a.csv.xz", "decompress it first: unxz"),
        ("a.parquet.gz", "compressed within and not as a whole: decompress it first"),
        ("a.gz", "the ending must be"),
    ],
)
def test_other_endings_are_refused(path, message):
    with pytest.raises(ValueError, match=message):
        format_of(path)
    assert not names_a_table(path)


def test_a_folder_is_no_table_whatever_its_name(tmp_path):
    (tmp_path / "out.csv").mkdir()
    assert not names_a_table(tmp_path / "out.csv")
    assert names_a_table(tmp_path / "new.csv")


def test_files_folders_and_patterns(tmp_path):
    for name in (
        "b.csv",
        "a.csv.gz",
        "day=3/c.parquet",
        "_delta_log/d.parquet",
        ".e.csv",
        "notes.txt",
        "x.npz",
        "_m.csv",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    found = [os.path.relpath(path, tmp_path) for path in expand([tmp_path, str(tmp_path / "b.csv")])]
    assert found == ["a.csv.gz", "b.csv", "day=3/c.parquet"]
    assert [os.path.basename(path) for path in expand(f"{tmp_path}/*.txt")] == ["notes.txt"]
    assert [os.path.basename(path) for path in expand(f"{tmp_path}/**/*.parquet")] == [
        "d.parquet",
        "c.parquet",
    ]


def test_nothing_found_is_an_error_that_names_what_was_given(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.csv: no such file"):
        expand(tmp_path / "none.csv")
    with pytest.raises(FileNotFoundError, match=r"\*\.csv: no file has such a name"):
        expand(f"{tmp_path}/*.csv")
    with pytest.raises(
        FileNotFoundError, match=r"there is no \.csv, .* file in it; name \.txt and \.data files"
    ):
        expand(tmp_path)
    with pytest.raises(FileNotFoundError, match="no file is named"):
        expand([])
