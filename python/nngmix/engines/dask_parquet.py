"""Partitions of ``dask.dataframe.read_parquet``: features straight from Arrow, the rest by Dask.

A frame of pandas costs as much as the rest of a pass; and of row groups without an anomaly a first pass needs
no more than their statistics.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from nngmix.engines.partitions import PartitionState
from nngmix.engines.roles import ADVICE
from nngmix.files.arrow import arrow, is_text
from nngmix.files.parquet import FragmentSource
from nngmix.files.source import Reading
from nngmix.files.statistics import Look, RowGroup
from nngmix.neighbors.glance import Glance, glance
from nngmix.neighbors.passes import Survey
from nngmix.rows.labels import read_labels
from nngmix.rows.rows import Rows, as_rows

__all__ = ["ParquetPart", "look_at"]

# Row groups that are larger are read page by page.
_MOST_BYTES = 1 << 28


@dataclass(frozen=True, eq=False)
class ParquetPart:
    """A partition that is nothing but some row groups of local files.

    Attributes
    ----------
    reader : callable
        What Dask calls with `pieces` to read them as a frame of pandas.
    pieces : list of dict
        Path, row groups (None for all) and keys.
    """

    reader: Any
    pieces: Any

    @classmethod
    def of(cls, nodes: Mapping[Any, Any]) -> Self | None:
        """The partition that the nodes of a graph make; None if they do anything else."""
        node = next(iter(nodes.values()))
        reader, given = getattr(node, "func", None), tuple(getattr(node, "args", ()))
        # Dask promises nothing of this class: what looks otherwise is read by Dask.
        if len(nodes) > 1 or type(reader).__name__ != "ParquetFunctionWrapper" or len(given) != 1:
            return None
        options = getattr(reader, "common_kwargs", {})
        asked = any(options.get(name) for name in ("filters", "partitions", "categories", "arrow_to_pandas"))
        if asked or "file" not in getattr(getattr(reader, "fs", None), "protocol", ()):
            return None
        pieces = given[0] if isinstance(given[0], list) else [given[0]]
        known = all(isinstance(piece, dict) and isinstance(piece.get("piece"), tuple) for piece in pieces)
        if not (pieces and known and all(isinstance(piece["piece"][0], str) for piece in pieces)):
            return None
        return cls(reader, pieces)

    def batches(self, features: Sequence[Hashable], n_rows: int, look: Look | None) -> Iterator[Any] | None:
        """The features as Arrow batches, or as what `look` gives instead.

        None if pandas would make other values of a feature than those of its type.
        """
        pa, sources = arrow(), []
        fs, form = pa.fs.LocalFileSystem(), pa.dataset.ParquetFileFormat()
        for piece in self.pieces:
            path, groups, _ = piece["piece"]
            fragment = form.make_fragment(path, fs)
            schema = fragment.physical_schema
            kinds = [schema.field(name).type for name in features if schema.names.count(name) == 1]
            if len(kinds) < len(features) or not all(map(_is_plain, kinds)):
                return None
            if groups is not None and groups != [None]:
                fragment = fragment.subset(row_group_ids=list(groups))
            sources.append(FragmentSource(path, fragment, schema.names))
        reading = Reading(n_rows, _MOST_BYTES, look=look)
        names = [str(name) for name in features]
        return (batch for source in sources for batch in source.batches(names, reading))

    def besides(self, columns: Sequence[Hashable]) -> Any:
        """Other columns, as Dask reads them."""
        return self.reader.project_columns(list(columns))(self.pieces)[list(columns)]


def _is_plain(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_float32(kind) or types.is_float64(kind) or types.is_integer(kind))


def _is_label(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_integer(kind) or types.is_boolean(kind) or is_text(kind))


def look_at(empty: PartitionState, name: str, label: Hashable | None) -> Look | None:
    """A glance is enough for a survey, where nobody wants to know more of the rows."""
    survey, spec = empty.state, empty.state.spec
    if not (isinstance(survey, Survey) and survey.trusting) or spec.kinds is not None:
        return None
    if empty.notes or empty.skip_bad:
        return None

    def instead(group: RowGroup) -> Glance | None:
        column = None if group.beside is None else group.beside.column(0)
        if column is not None and (column.null_count or not _is_label(column.type)):
            # Pandas may make values of another type of it.
            return None
        labels = None if column is None else lambda: read_labels(f"the label column in {name}", column)

        def ends() -> Rows:
            return as_rows(name, group.ends, known=spec.known, advice=ADVICE)

        return glance(spec, group.num_rows, ends, labels)

    return Look(instead, () if label is None else (str(label),))
