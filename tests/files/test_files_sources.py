"""Which kind of source a file is."""

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.feather
import pytest

from nngmix.files.csv import CsvSource
from nngmix.files.csv_format import CsvFormat
from nngmix.files.feather import FeatherSource
from nngmix.files.parquet import FragmentSource, ParquetSource
from nngmix.files.sources import source_of_file, source_of_fragment


@pytest.mark.parametrize(
    ("path", "kind"),
    [("a.csv", CsvSource), ("a.tsv.gz", CsvSource), ("a.pq", ParquetSource), ("a.ipc", FeatherSource)],
)
def test_by_ending(path, kind):
    assert type(source_of_file(path, CsvFormat())) is kind


def test_npz_is_no_source():
    with pytest.raises(ValueError, match="NPZ holds arrays and is read whole"):
        source_of_file("a.npz", CsvFormat())


def test_fragments(tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    pyarrow.feather.write_feather(pa.table({"a": [1]}), str(tmp_path / "a.feather"))
    for name, kind in (("a.csv", CsvSource), ("a.feather", FragmentSource)):
        fragment = next(ds.dataset(tmp_path / name, format=name[2:]).get_fragments())
        source = source_of_fragment(fragment.path, fragment, {"a"})
        assert type(source) is kind
        assert source.header().names == ("a",)
