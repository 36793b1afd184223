"""The old rows beside the new ones: the files of the input, copied."""

import os
import shutil
from typing import Any

import numpy as np

from nngmix.files.arrow import arrow
from nngmix.files.formats import format_of
from nngmix.files.identity import Identity, check_unchanged
from nngmix.files.read_ahead import ahead
from nngmix.files.replace import replacing, writing
from nngmix.files.schema import feature_types
from nngmix.jobs.inputs import Inputs
from nngmix.jobs.manifest import checksum
from nngmix.rows.finish import finish_of

__all__ = ["check_old", "copy_file", "old_name"]


def old_name(number: int) -> str:
    """Name of the copy of an input file."""
    return f"old-{number:05d}.parquet"


def check_old(inputs: Inputs) -> None:
    """Old files are copied as they are: their features must be of the type of the new ones.

    Raises
    ------
    ValueError
        For files that are no Parquet, and columns of another type.
    """
    odd = next((path for path in inputs.files if format_of(path).kind != "parquet"), None)
    if odd is not None:
        raise ValueError(f"--with-old copies Parquet files alone, and {odd} is none")
    spec, types = inputs.spec, inputs.types([*inputs.features, inputs.job.label])
    # Columns of integers stay what they are, if new rows are whole there.
    finish = finish_of(spec.dtype, spec.whole(np.ones(spec.n_features, bool)), limits=spec.limits)
    made = feature_types([types[name] for name in inputs.features], spec.dtype, finish)
    categorical = np.zeros(spec.n_features, bool) if inputs.kinds is None else inputs.kinds.categorical
    kinds = {
        name: types[name] if category else kind
        for name, kind, category in zip(inputs.features, made, categorical.tolist(), strict=True)
    }
    for name, kind in kinds.items():
        if types[name] != kind:
            raise ValueError(
                f"--with-old copies the files as they are, but column {name!r} is {types[name]} and new rows "
                f"are {kind}: leave --with-old out, and read the old rows from where they are"
            )
    label = inputs.job.label
    for part in inputs.parts:
        there = inputs.types_in(part)
        wanted: dict[str, Any] = dict(kinds)
        if label is not None and label in types:
            wanted[label] = types[label]
        for name, expected in wanted.items():
            if there.get(name, expected) != expected:
                raise ValueError(
                    f"--with-old copies the files as they are, but column {name!r} of {part.path} is not "
                    f"{expected} as that of new rows: leave --with-old out"
                )


def copy_file(source: str, path: str, mark: str | None, known: Identity | None = None) -> dict[str, Any]:
    """Copy a Parquet file, with a false column if `mark` names one; gives what the manifest tells of it.

    A file that is not as it was `known` is not copied: its rows would not be those that were searched.
    """
    with writing(path), replacing(path) as copy:
        if mark is None:
            with open(source, "rb") as file:
                shutil.copyfileobj(file, copy, 1 << 20)
        else:
            _write_marked(source, copy, mark)
        if known is not None:
            check_unchanged(known)
    rows = arrow().parquet.read_metadata(path).num_rows
    size = os.path.getsize(path)
    return {"name": os.path.basename(path), "rows": rows, "bytes": size, "sha256": checksum(path)}


def _write_marked(source: str, copy: Any, mark: str) -> None:
    pa = arrow()
    with pa.parquet.ParquetFile(source) as file:
        schema = file.schema_arrow.append(pa.field(mark, pa.bool_()))
        with pa.parquet.ParquetWriter(copy, schema) as writer:
            # In a thread, so that Ctrl-C need not wait for a large row group.
            for batch in ahead(file.iter_batches, 1):
                false = pa.repeat(pa.scalar(False), batch.num_rows)
                writer.write_batch(pa.RecordBatch.from_arrays([*batch.columns, false], schema=schema))
