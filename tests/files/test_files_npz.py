"""NPZ: arrays in, arrays out, and nothing is unpickled."""

import zipfile

import numpy as np
import pytest

from nngmix.files.reader import read_table

X3 = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": X3}, r"there is no array 'y'; there are 'X'"),
        ({"y": [0, 1, 0]}, r"there is no array 'X'; there are 'y'"),
        ({"X": X3, "Y ": [0, 1, 0]}, r"there is no array 'y'; there are 'Y '"),
        ({"X": X3, "y": [0, 1, 0], "ids": [1, 2, 3]}, r"there are 'ids'; leave them out with --ignore"),
        ({"X": X3[0], "y": [0, 1]}, r"X must be 2-D .* got shape \(2,\)"),
        ({"X": X3[:0], "y": []}, r"X must be 2-D with at least one row"),
        ({"X": X3, "y": [0, 1]}, r"'y' must hold one value a row of X \(3\), got shape \(2,\)"),
        ({"X": X3.astype(object), "y": [0, 1, 0]}, r"Python objects, which only pickle can load.*refused"),
        ({"X": X3, "y": np.array([0, "a", None])}, r"Python objects, which only pickle can load.*refused"),
        ({"X": X3, "y": X3[:, 0] + 1j}, r"'y' must hold numbers, booleans or texts, got complex128"),
        ({"X": X3, "y": [0, 1, 0], "columns": ["a"]}, r"columns must hold 2 texts"),
        ({"X": X3, "y": [0, 1, 0], "columns": ["a", "y"]}, r"occur more than once: 'y'"),
    ],
)
def test_an_npz_that_makes_no_sense_is_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        read_table(str(tmp_path / "t.npz"), "y")


@pytest.mark.parametrize("kind", [complex, np.longdouble, str, "datetime64[s]"])
def test_an_x_of_no_real_numbers_is_refused(tmp_path, kind):
    np.savez(tmp_path / "t.npz", X=X3.astype(int).astype(kind), y=[0, 1, 0])
    with pytest.raises(TypeError, match=r"t\.npz: X must hold real numbers .* got dtype"):
        read_table(str(tmp_path / "t.npz"), "y")


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.where(X3 == 3, np.nan, X3), r"t\.npz must be finite, got nan at row 1, column 'x1'"),
        (
            X3.astype(int) + 2**53,
            r"t\.npz holds the integer 9007199254740993, beyond 2\*\*53, at row 0, column 'x1'",
        ),
        (
            X3.astype(np.uint64) + 2**63,
            r"t\.npz holds the integer 9223372036854775808, beyond 2\*\*53, at row 0, column 'x0'",
        ),
    ],
)
def test_values_are_named(tmp_path, X, message):
    np.savez(tmp_path / "t.npz", X=X, y=[0, 1, 0])
    table = read_table(str(tmp_path / "t.npz"), "y")
    with pytest.raises(ValueError, match=message):
        table.rows.check_finite(table.X)


def test_files_that_are_no_npz_are_refused(tmp_path):
    np.savez(tmp_path / "whole.npz", X=np.random.default_rng(0).random((500, 2)), y=np.zeros(500))
    whole = (tmp_path / "whole.npz").read_bytes()
    np.save(tmp_path / "array.npy", X3)
    contents = {
        "empty": b"",
        "noise": b"not an archive at all",
        "half": whole[: len(whole) // 2],
        "broken": whole[:300] + bytes(100) + whole[400:],
        "npy": (tmp_path / "array.npy").read_bytes(),
    }
    for name, content in contents.items():
        path = tmp_path / f"{name}.npz"
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match=rf"{name}\.npz: (cannot be read as NPZ|it holds Python objects)"
        ):
            read_table(str(path), "y")


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("f4", "f4"), ("f2", "f4"), (">f8", "f8"), (">f4", "f4"), ("i4", "f8"), ("?", "f8")],
)
def test_dtypes_of_an_npz(tmp_path, dtype, expected):
    np.savez(tmp_path / "t.npz", X=(X3 > 2).astype(dtype), labels=np.array([[0], [0], [1]], dtype=">i2"))
    table = read_table(str(tmp_path / "t.npz"), "labels")
    assert table.X.dtype == np.dtype(expected)
    assert table.X.tolist() == (X3 > 2).astype(float).tolist()
    assert table.labels.to_pylist() == [0, 0, 1]
    assert table.columns == ("x0", "x1", "labels")


def test_an_id_and_no_label(tmp_path):
    np.savez(tmp_path / "t.npz", X=X3, id=["a", "b", "c"])
    table = read_table(str(tmp_path / "t.npz"), None, id="id")
    assert table.ignored["id"].to_pylist() == ["a", "b", "c"]
    assert table.labels is None


def test_members_that_are_no_arrays_are_named(tmp_path):
    path = tmp_path / "t.npz"

    def refused(message, *members):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members:
                archive.writestr(name, content)
        with pytest.raises(ValueError, match=rf"t\.npz: cannot be read as NPZ: {message}"):
            read_table(str(path), "y")

    np.save(tmp_path / "x.npy", X3)
    good = (tmp_path / "x.npy").read_bytes()
    refused("'X' is no array: an npz file holds what numpy.savez writes", ("X.npy", "hello"), ("y.npy", ""))
    refused("'notes.txt' is no array", ("X.npy", good), ("notes.txt", "hello"))
    refused("'dir/' is no array", ("dir/", ""), ("X.npy", good))
    refused("'X' is damaged: its header tells of 48 bytes, and 40 are there", ("X.npy", good[:-8]))
    huge = good.replace(b"(3, 2), }" + b" " * 12, b"(300000000000, 2), }"[:21].ljust(21))
    assert len(huge) == len(good)
    refused("'X' is damaged: its header tells of 4800000000000 bytes", ("X.npy", huge))
    code = good.replace(b"'fortran_order': False", b"'fortran_order': 3 * 7".ljust(22))
    assert len(code) == len(good)
    refused("the header of an array is damaged$", ("X.npy", code))
    with pytest.warns(UserWarning, match="Duplicate name"):
        refused("it holds 'X' twice", ("X.npy", good), ("X.npy", good))
    # How many members there are, as the end of the directory tells it.
    content = bytearray(path.read_bytes())
    content[-12] += 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="its directory is damaged: of 3 arrays, 2 are listed"):
        read_table(str(path), "y")
    np.savez(path, X=X3, y=[0, 1, 0])
    with pytest.raises(ValueError, match=r"t\.npz: 'X' and 'columns' are the features, neither label nor"):
        read_table(str(path), "X")


def test_an_encrypted_npz_is_told_as_such(tmp_path):
    np.savez(tmp_path / "t.npz", X=X3, y=[0, 1, 0])
    content = bytearray((tmp_path / "t.npz").read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "t.npz").write_bytes(content)
    with pytest.raises(ValueError, match="'X' is encrypted: write the arrays without a password"):
        read_table(str(tmp_path / "t.npz"), "y")


def test_no_flipped_bit_of_an_npz_ends_in_anything_but_an_error(tmp_path):
    np.savez_compressed(tmp_path / "t.npz", X=X3, y=[0, 1, 0])
    content = (tmp_path / "t.npz").read_bytes()
    chosen = np.random.default_rng(0)
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(chosen.integers(8))
        for damaged in (bytes(flipped), content[:place]):
            (tmp_path / "t.npz").write_bytes(damaged)
            try:
                table = read_table(str(tmp_path / "t.npz"), "y")
            except (ValueError, TypeError) as error:
                assert "t.npz" in str(error)  # noqa: PT017
            else:
                assert np.array_equal(table.X, X3)
