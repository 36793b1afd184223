"""The one reader of CSV: rows, types and errors, in whole files and in blocks alike."""

import bz2
import gzip
import sys

import numpy as np
import pyarrow as pa
import pytest

from nngmix.files.csv_format import CsvFormat
from nngmix.files.reader import read_table
from nngmix.files.scan import Scan


def save(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def values(path, text=(), csv=None, **options):
    """All rows by column, which `read_table` gives as well."""
    scan = Scan(path, csv=csv, text=text, **options)
    return pa.Table.from_batches(list(scan), schema=scan.schema).to_pydict()


def both_refuse(path, message, csv=None, label="y"):
    """Whole and in blocks: the same words."""
    said = []
    for read in (
        lambda: read_table(path, label, csv=csv),
        lambda: list(Scan(path, csv=csv, text=[label])),
    ):
        with pytest.raises(ValueError, match=message) as caught:
            read()
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "CSV parse error" not in said[0]
    assert "Is this a" not in said[0]


def test_marks_of_windows_quotes_and_line_breaks(tmp_path):
    content = '\ufeff"a","note",b,y\r\n1,"two\r\nlines, ""so""","2",x\r\n\r\n3,,4,y\r\n'
    path = save(tmp_path / "t.csv", content)
    assert values(path, ["note", "y"]) == {
        "a": [1, 3],
        "note": ['two\r\nlines, "so"', None],
        "b": [2, 4],
        "y": ["x", "y"],
    }


def test_quoted_line_breaks_far_above_one_block(tmp_path):
    n = 120_000
    rows = "".join(f'{i},"caller said\n""no"", case {i} {"-" * 60}",0\n' for i in range(n))
    path = save(tmp_path / "t.csv", "a,remark,y\n" + rows)
    assert len((tmp_path / "t.csv").read_bytes()) > 1 << 23
    there = values(path, ["y"], columns=["a", "y"])
    assert there["a"] == list(range(n))
    assert read_table(path, "y", ["remark"]).X[:, 0].tolist() == there["a"]


def test_a_type_that_changes_far_down_the_file(tmp_path):
    n = 900_000
    rows = "".join(f"{i},,0\n" for i in range(n))
    path = save(tmp_path / "t.csv", "a,b,y\n" + rows + "1e+05,2.5,1\n")
    there = values(path, ["y"])
    assert (there["a"][-1], there["b"][-1], there["b"][0]) == (1e5, 2.5, None)
    table = read_table(path, "y")
    assert table.X[-1].tolist() == [1e5, 2.5]
    assert table.labels.to_pylist()[-1] == "1"


def test_texts_stay_as_written(tmp_path):
    path = save(tmp_path / "t.csv", "id,a,y\n007,1,NA\n1e3,2,1.0\n,3,\n")
    assert values(path, ["id", "y"]) == {"id": ["007", "1e3", None], "a": [1, 2, 3], "y": ["NA", "1.0", None]}


@pytest.mark.parametrize("ending", [".csv.gz", ".tsv.bz2", ".txt.zst", ".data.gz", ".CSV"])
def test_endings_and_compressions(tmp_path, ending):
    content = b"a,y\n1,x\n2,y\n"
    if ".tsv" in ending:
        content = content.replace(b",", b"\t")
    if ending.endswith(".gz"):
        # Two archives put together are one file.
        content = gzip.compress(content[:4]) + gzip.compress(content[4:])
    elif ending.endswith(".bz2"):
        content = bz2.compress(content)
    elif ending.endswith(".zst"):
        content = pa.compress(content, "zstd", asbytes=True)
    path = save(tmp_path / f"t{ending}", content)
    assert values(path, ["y"]) == {"a": [1, 2], "y": ["x", "y"]}
    assert read_table(path, "y").X.tolist() == [[1], [2]]


def test_broken_compression_is_told(tmp_path):
    path = save(tmp_path / "t.csv.gz", gzip.compress(b"a,y\n1,x\n")[:-9])
    with pytest.raises(OSError, match=r"t\.csv\.gz: cannot be read as gzip"):
        list(Scan(path))
    path = save(tmp_path / "u.csv.gz", b"a,y\n1,x\n")
    with pytest.raises(OSError, match=r"u\.csv\.gz: cannot be read as gzip"):
        Scan(path)


def test_other_delimiters_marks_and_encodings(tmp_path):
    content = "betrag;dauer;y\n1.234,5;0,25;größer\n".encode("cp1252")
    csv = CsvFormat(";", ",", ".", "cp1252")
    path = save(tmp_path / "t.csv", content)
    assert values(path, ["y"], csv) == {"betrag": [1234.5], "dauer": [0.25], "y": ["größer"]}
    assert read_table(path, "y", csv=csv).labels.to_pylist() == ["größer"]
    path = save(tmp_path / "u.csv", "a,y\n1,ü\n".encode("utf-16"))
    assert values(path, ["y"], CsvFormat(encoding="utf-16")) == {"a": [1], "y": ["ü"]}
    both_refuse(path, r"u\.csv: the text is UTF-16 and not UTF-8: give --encoding utf-16")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: there is not even a header line"),
        (b"\n\n", "is empty: there is not even a header line"),
        (
            b"a,b,y\n1,2,0\n1,2\n",
            r"t\.csv has 2 cells at row 1 \(counted from 0\), but the header line has 3: '1,2'",
        ),
        (b"a,b,y\n" + b'1,"2\n",0\n' * 9 + b"\n1,2,0,7\n", r"has 4 cells at row 9 .* has 3: '1,2,0,7'"),
        (
            b"a,y\n1,b\n1,w\x96t\n",
            r"not UTF-8, see the byte 0x96 at row 1 .*column 'y': .*--encoding cp1252",
        ),
        (b"a\xff,y\n1,b\n", "see the byte 0xff in the header line"),
        (b"a;b;y\n0,5;1,5;2\n", r"no delimiter ','; if ';' stands between .* --delimiter ';' --decimal ','"),
        (b"a;b;y\n0.5;1.5;2\n", r"give --delimiter ';'$"),
        (b"a\ty\n1\t2\n", "give --delimiter tab$"),
        (b"a|y\n1|2\n", r"give --delimiter '\|'$"),
        (b"a,a,y\n1,2,0\n", "these column names occur more than once: 'a'; rename them"),
        (b"a,y\n1,0\na,y\n2,0\n", r"holds 'a' at row 1, column 'a'.*header line repeated"),
        (b'a,y\n"1,234.50",0\n', r"holds '1,234\.50' at row 0, column 'a': no number.*--thousands ','"),
        (
            b"a,y\n9007199254740993,0\n",
            r"holds the integer 9007199254740993, beyond 2\*\*53, at row 0, column 'a'",
        ),
        (b"PAR1....", "is Parquet and no CSV: its name must end in .parquet"),
        (gzip.compress(b"a,y\n", mtime=0), r"is gzip and no CSV: its name must end in \.csv\.gz"),
        (
            b'a,y\n1,"0\n2,0\n',
            r"a quotation mark is opened at row 0 \(counted from 0\) and not closed: '0\\n2,0",
        ),
        (b'a,y\n1,x\n"1,0\n2,0\n', r"has 1 cells at row 1 .* the header line has 2: '\"1,0"),
    ],
)
def test_what_is_wrong_is_said_in_the_users_words(tmp_path, content, message):
    both_refuse(save(tmp_path / "t.csv", content), message)


def test_a_row_of_another_length_that_is_no_utf_8_is_told_once(tmp_path, monkeypatch):
    ignored = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    both_refuse(save(tmp_path / "t.csv", b"a,y\n1,0\n1,\xff,0\n"), "has 3 cells at row 1 .*: '1,\ufffd,0'")
    assert not ignored


def test_arrow_holds_nothing_of_python(tmp_path, monkeypatch):
    asked = []
    open_csv = pa.csv.open_csv
    monkeypatch.setattr(pa.csv, "open_csv", lambda *args, **kw: asked.append(kw) or open_csv(*args, **kw))
    both_refuse(save(tmp_path / "t.csv", b"a,y\n1,0\n1,2,0\n"), "has 3 cells at row 1")
    assert {options["parse_options"].invalid_row_handler for options in asked} == {None}


def test_a_quotation_mark_that_is_not_closed(tmp_path):
    path = save(tmp_path / "t.csv", b'a,y\n1,"2\n' + b"1,2\n" * 6_000_000)
    both_refuse(path, "a row is longer than 8 MiB: probably a quotation mark is opened and not closed")
    path = save(tmp_path / "u.csv.gz", gzip.compress(b'a,y\n1,"2\n1,2'))
    both_refuse(path, "a quotation mark is opened at row 0 .* and not closed")
    path = save(tmp_path / "v.csv", 'a,y\n1,"x\n"\n')
    assert read_table(path, "y").labels.to_pylist() == ["x\n"]
    path = save(tmp_path / "w.csv", 'a,y\n1,"x\n"'.encode("utf-16"))
    assert read_table(path, "y", csv=CsvFormat(encoding="utf-16")).labels.to_pylist() == ["x\n"]


def test_bad_cells_far_down_are_found_in_the_same_row(tmp_path):
    n = 2_000_000
    path = save(tmp_path / "t.csv", b"a,y\n" + b"1,0\n" * n + b"?,0\n1,0\n")
    both_refuse(path, rf"holds '\?' at row {n}, column 'a': no number")
    path = save(tmp_path / "u.csv", b"a,y\n" + b"1,0\n" * n + b"1,\xe9\n1,0\n")
    both_refuse(path, rf"see the byte 0xe9 at row {n} \(counted from 0\), column 'y'")
    path = save(tmp_path / "v.csv", b"a,y\n" + b"1,0\n" * n + b"1,0,0\n1,0\n")
    both_refuse(path, rf"has 3 cells at row {n} ")


def test_a_name_that_occurs_twice_may_be_ignored(tmp_path):
    path = save(tmp_path / "t.csv", "hdr,bytes,hdr,y\n1,2,x,0\n")
    assert values(path, ["y"], ignore=["hdr"]) == {"bytes": [2], "y": ["0"]}
    table = read_table(path, "y", ["hdr"])
    assert (table.features, table.columns) == (("bytes",), ("bytes", "y"))
    assert table.left_out == {"hdr": "the name occurs more than once"}


def test_batches_are_of_the_size_asked_for(tmp_path):
    path = save(tmp_path / "t.csv", "a\n" + "1\n" * 1000)
    assert [len(batch) for batch in Scan(path, batch_rows=300)] == [300, 300, 300, 100]


def test_every_double_that_is_written_is_read_back(tmp_path):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((2000, 3)) * 10.0 ** rng.integers(-300, 300, (2000, 3))
    rows = "\n".join(",".join(map(repr, row)) for row in X.tolist())
    path = save(tmp_path / "t.csv", f"a,b,c\n{rows}\n")
    assert np.array_equal(np.column_stack(list(values(path).values())), X)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("# made by x\na,b,y\n1,2,0\n", "'# made by x' looks like a comment: the first line must name"),
        ("# made by x\n# today\na,b,y\n", "'# made by x' looks like a comment: .* delete what stands above"),
        ("made by x\na,b,y\n1,2,0\n", "the row below it has 3 cells: the first line must name the columns"),
        ("a,b,y\n1,2,0\n# end\n", "1 cells at row 1 .*: '# end'; it looks like a comment: delete"),
        ("a,b,y\n1,2,0\n \n", "1 cells at row 1 .*: ' '; it is blank: delete it"),
        (
            "a,b,y\n1,2,0,\n",
            "4 cells at row 0 .*; if every row ends with .* ',', end the header line with it",
        ),
        ("a,b,y\n" + "1" * 99 + ",2,0,\n", "4 cells at row 0 .*; if every row ends with the delimiter ','"),
        ("sep=;\na;b;y\n1;2;0\n", "Excel reads, .* delete it and give --delimiter ';'"),
        ("a,b,y\n1,2,0\n".encode("utf-16-le"), "UTF-16 and not UTF-8: give --encoding utf-16-le"),
        ("a,b,y\n1,2,0\n".encode("utf-16-be"), "UTF-16 and not UTF-8: give --encoding utf-16-be"),
        ("a,b,y\n1,2,0\na,b,y\n3,4,0\na,b,y\n", "in 2 columns, and again at row 3.* delete those lines"),
    ],
)
def test_lines_that_are_no_rows_are_told_by_what_they_are(tmp_path, content, message):
    both_refuse(save(tmp_path / "t.csv", content), message)


def test_a_header_may_begin_with_the_mark_of_a_comment(tmp_path):
    assert values(save(tmp_path / "t.csv", "#id,a\n1,2\n")) == {"#id": [1], "a": [2]}


def test_text_in_a_column_that_nobody_reads_is_located_too(tmp_path):
    path = save(tmp_path / "t.csv", b"a,note\n1,x\n2,\xe4h\n")
    with pytest.raises(ValueError, match=r"the byte 0xe4 at row 1 .*, column 'note': .*--encoding cp1252"):
        list(Scan(path, columns=["a"]))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_an_encoding_that_is_not_that_of_the_file_is_told_with_the_file(tmp_path, encoding):
    both_refuse(
        save(tmp_path / "t.csv", "a,y\n1,0\n"), "t.csv: the text is not ", CsvFormat(encoding=encoding)
    )
