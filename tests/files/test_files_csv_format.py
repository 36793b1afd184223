"""How a CSV is written: marks are checked when they are given."""

import pickle

import pytest

from nngmix.files.csv_format import CsvFormat


def test_names():
    plain = CsvFormat()
    assert [CsvFormat(delimiter=name).delimiter for name in ("tab", "TAB", "\\t", "\t")] == ["\t"] * 4
    assert CsvFormat(encoding="UTF8") == CsvFormat(encoding="utf-8-sig") == plain
    assert pickle.loads(pickle.dumps(CsvFormat(";", ",", ".", "cp1252"))) == CsvFormat(
        ";", ",", ".", "windows-1252"
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"delimiter": ""}, "--delimiter must be one character, got ''"),
        ({"delimiter": "||"}, "--delimiter must be one character"),
        ({"delimiter": '"'}, "--delimiter must be one character"),
        ({"delimiter": "¦"}, "--delimiter must be an ASCII character"),
        ({"decimal": "0"}, "--decimal cannot be '0', which stands in numbers"),
        ({"thousands": "-"}, "--thousands cannot be '-'"),
        ({"thousands": "."}, "--decimal and --thousands must differ"),
        ({"encoding": "klingon"}, "--encoding must name one that Python knows, .* got 'klingon'"),
    ],
)
def test_marks_that_make_no_sense(parameters, message):
    with pytest.raises(ValueError, match=message):
        CsvFormat(**parameters)


@pytest.mark.parametrize("encoding", ["base64", "rot13", "idna", "nonsense"])
def test_encodings_of_no_text_are_refused(encoding):
    with pytest.raises(ValueError, match="--encoding must name one"):
        CsvFormat(encoding=encoding)
