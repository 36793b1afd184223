"""The text of a CSV: its header, however it is written."""

import pytest

from nngmix.files.csv_format import CsvFormat
from nngmix.files.csv_text import CsvText, shown


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("a,b\n1,2\n", ("a", "b")),
        ("\ufeffa,b\r\n", ("a", "b")),
        ('\n\n"a ""x""","b\nc", d\n', ('a "x"', "b\nc", " d")),
        ("a,,a,", ("a", "", "a", "")),
        ("one", ("one",)),
        ("ü,\U0001f600\n", ("ü", "\U0001f600")),
    ],
)
def test_headers(tmp_path, content, names):
    path = tmp_path / "t.csv"
    path.write_text(content, encoding="utf-8", newline="")
    text = CsvText(str(path), CsvFormat())
    assert text.names == names
    assert [block.num_columns for block in text.blocks(range(len(names)))] in ([], [len(names)])


def test_the_delimiter_is_that_of_the_ending_unless_it_is_given(tmp_path):
    for name, given, names in (
        ("t.csv", None, ("a", "b\tc;d")),
        ("t.txt", None, ("a", "b\tc;d")),
        ("t.tsv", None, ("a,b", "c;d")),
        ("t.tsv", ";", ("a,b\tc", "d")),
    ):
        path = tmp_path / name
        path.write_text("a,b\tc;d\n")
        assert CsvText(str(path), CsvFormat(delimiter=given)).names == names


def test_wide_headers_get_larger_blocks(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{j}" for j in range(50_000)) + "\n" + ",".join(["1"] * 50_000) + "\n")
    text = CsvText(str(path), CsvFormat())
    assert text.block_bytes > 1 << 24
    (block,) = text.blocks([49_999, 0])
    assert [column.to_pylist() for column in block.columns] == [["1"], ["1"]]


def test_texts_are_shown_in_part():
    assert shown("a\n") == "'a\\n'"
    assert len(shown("x" * 1000)) == 65


def test_headers_that_are_none_are_refused_and_not_shown_whole(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a," + "b" * 5000 + "\n1,2\n")
    with pytest.raises(
        ValueError, match=r"t\.csv: the header line holds a name of 5000 characters, 'b{60}\.\.\.'"
    ):
        CsvText(str(path), CsvFormat())
    many = tmp_path / "many.csv"
    many.write_text("1," * 9 + "\n")
    monkeypatch.setattr("nngmix.files.csv_text._MOST_COLUMNS", 9)
    with pytest.raises(
        ValueError, match=r"many\.csv: the header line has 10 columns, more than 9: the first"
    ):
        CsvText(str(many), CsvFormat())
    monkeypatch.setattr("nngmix.files.csv_text._LONGEST_TOP", 4000)
    with pytest.raises(ValueError, match="the header and the row below it are longer than"):
        CsvText(str(path), CsvFormat())


def test_a_header_fits_into_a_block_however_long(tmp_path):
    names = [f"{j:04000}" for j in range(3000)]
    path = tmp_path / "t.csv"
    path.write_text(",".join(names) + "\n" + "1," * 2999 + "1\n")
    assert sum(len(block) for block in CsvText(str(path), CsvFormat()).blocks([0])) == 1
