"""Which columns of CSV hold dates or points in time, where such are asked for: all their cells say so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.csv_numbers import bare_cells
from nngmix.files.source import Reading, Source

__all__ = ["date_types"]

_DAY = r"\d{4}-\d\d-\d\d"
# As ISO 8601 writes them, and as Arrow, pandas and polars do.
_MOMENT = rf"^{_DAY}[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?$"
_FRACTION, _ZONE = r"\.\d+(Z|[+-]\d\d(:?\d\d)?)?$", r"\d(Z|[+-]\d\d(:?\d\d)?)$"
_BATCH_ROWS = 1 << 16


def date_types(
    sources: Sequence[Source], there: Sequence[Collection[str]], columns: Collection[str]
) -> dict[str, Any]:
    """The Arrow types of those columns of CSV files whose cells are dates; numbers are not among them.

    Parameters
    ----------
    sources : sequence of CsvSource
    there : sequence of collection of str
        The columns of each.
    columns : collection of str
        Those that may hold dates.

    Returns
    -------
    dict of str to pyarrow.DataType
        One type for all files: date32 for days alone; timestamp of seconds, or of microseconds if a cell has
        a fraction, and of UTC if cells tell how far they are from it.
    """
    seen = {name: _Seen() for name in columns}
    for source, names in zip(sources, there, strict=True):
        wanted = [name for name in columns if name in names and not seen[name].other]
        try:
            for batch in source.batches(wanted, Reading(_BATCH_ROWS, 1 << 28, wanted)) if wanted else ():
                for name, cells in zip(wanted, batch.columns, strict=True):
                    seen[name].add(cells)
                if all(seen[name].other for name in wanted):
                    break
        except (OSError, ValueError):
            # It is said when the file is read.
            continue
    types = {name: found.type() for name, found in seen.items()}
    return {name: kind for name, kind in types.items() if kind is not None}


@dataclass
class _Seen:
    """What the cells of a column were."""

    day: bool = False
    moment: bool = False
    fraction: bool = False
    zone: bool = False
    other: bool = False

    def add(self, texts: Any) -> None:
        if self.other:
            return
        compute = arrow().compute
        cells = bare_cells(texts, arrow().date32()).drop_null()
        if not len(cells):
            return
        day = compute.match_substring_regex(cells, f"^{_DAY}$")
        moment = compute.match_substring_regex(cells, _MOMENT)
        there = self.day or self.moment
        # A cell that is none of them among others is told of when it is read.
        self.other = not there and not (day[0].as_py() or moment[0].as_py())
        self.day |= compute.any(day).as_py()
        self.moment |= compute.any(moment).as_py()
        if self.moment:
            moments = cells.filter(moment)
            self.fraction |= compute.any(compute.match_substring_regex(moments, _FRACTION)).as_py() or False
            self.zone |= compute.any(compute.match_substring_regex(moments, _ZONE)).as_py() or False

    def type(self) -> Any:
        pa = arrow()
        if self.other or not (self.day or self.moment):
            return None
        if not self.moment:
            return pa.date32()
        return pa.timestamp("us" if self.fraction else "s", "UTC" if self.zone else None)
