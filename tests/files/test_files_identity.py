"""A file that is changed between two uses is named, however carefully its times are set back."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix.files.identity import ChangedError, Identity, check_unchanged
from nngmix.files.scan import Scan


def edited(path: Path, content: bytes) -> None:
    """Other bytes with the size and the time of modification that the file had."""
    about = os.stat(path)
    path.write_bytes(content)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def test_what_is_gone_and_comes_is_another_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    gone = Identity.of(str(path))
    check_unchanged(gone)
    path.write_text("1")
    there = Identity.of(str(path))
    check_unchanged(there)
    with pytest.raises(ChangedError, match="a: was changed since it was first read"):
        check_unchanged(gone)
    edited(path, b"2")
    with pytest.raises(ChangedError):
        check_unchanged(there)
    path.unlink()
    with pytest.raises(ChangedError):
        check_unchanged(there)


@pytest.mark.parametrize("kind", ["csv", "parquet", "feather"])
def test_a_scan_reads_the_files_that_it_found(tmp_path: Path, kind: str) -> None:
    paths = [tmp_path / f"{i}.{kind}" for i in range(2)]
    for path in paths:
        if kind == "csv":
            path.write_text("a,b\n" + "1,2\n" * 100)
        elif kind == "parquet":
            pq.write_table(pa.table({"a": [1.0] * 100}), path)
        else:
            pa.feather.write_feather(pa.table({"a": [1.0] * 100}), path)
    scan = Scan(str(tmp_path), batch_rows=10)
    assert [part.identity.path for part in scan.parts()] == list(map(str, paths))
    assert sum(batch.num_rows for batch in scan) == 200
    batches = iter(scan)
    next(batches)
    edited(paths[0], paths[0].read_bytes())
    with pytest.raises(ChangedError, match=f"0.{kind}: was changed"):
        list(batches)
    # Nor is a file bad that was cut under the reader.
    edited(paths[1], paths[1].read_bytes()[:-3])
    with pytest.raises(ChangedError, match=f"1.{kind}: was changed"):
        list(scan.batches(scan.parts()[1]))
