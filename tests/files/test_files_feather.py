"""Arrow files and streams, and Feather of either version."""

import warnings

import pyarrow as pa
import pyarrow.feather
import pytest

from nngmix.files.feather import FeatherSource
from nngmix.files.source import Reading

TABLE = pa.table(
    {"a": range(5), "b": [0.5] * 5, "k": pa.array(["x", "y", "x", "y", None]).dictionary_encode()}
)
EVERYTHING = Reading(most_rows=2, most_bytes=1 << 20)


def save(path, kind):
    if kind == "old":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pyarrow.feather.write_feather(TABLE.drop(["k"]), str(path), version=1)
    elif kind == "stream":
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, TABLE.schema) as writer:
            writer.write_table(TABLE, 3)
    else:
        pyarrow.feather.write_feather(TABLE, str(path), compression=kind)
    return FeatherSource(str(path))


@pytest.mark.parametrize("kind", ["old", "stream", "uncompressed", "lz4", "zstd"])
def test_every_kind_is_read(tmp_path, kind):
    source = save(tmp_path / "t.arrow", kind)
    header = source.header()
    assert header.names == (("a", "b") if kind == "old" else ("a", "b", "k"))
    assert header.types[:2] == (pa.int64(), pa.float64())
    batches = list(source.batches(["b", "a"], EVERYTHING))
    assert max(map(len, batches)) == 2
    assert pa.Table.from_batches(batches).to_pydict() == {"b": [0.5] * 5, "a": list(range(5))}


@pytest.mark.parametrize(
    "content", [b"", b"ARROW1", b"ARROW1\0\0 and nonsense", b"FEA1 and nonsense", b"nonsense"]
)
def test_other_bytes_are_named(tmp_path, content):
    path = tmp_path / "t.feather"
    path.write_bytes(content)
    with pytest.raises(OSError, match=r"t\.feather: cannot be read"):
        FeatherSource(str(path)).header()


def test_a_file_that_is_cut_is_named(tmp_path):
    save(tmp_path / "t.arrow", "stream")
    content = (tmp_path / "t.arrow").read_bytes()
    (tmp_path / "t.arrow").write_bytes(content[:-200])
    with pytest.raises(OSError, match=r"t\.arrow: cannot be read"):
        list(FeatherSource(str(tmp_path / "t.arrow")).batches(["a"], EVERYTHING))
