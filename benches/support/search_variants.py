"""Our search with every instruction set, or with one thread and two; what `search.py` runs if asked."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from support import markdown
from support.agreement import same_bytes
from support.arrays import make, store
from support.document import save
from support.machine import LEVELS
from support.options import limits_of, wanted
from support.peers import OURS
from support.race import race
from support.search_contestants import ours_alone
from support.shapes import REAL_SET, SHAPES


def race_variants(arguments: argparse.Namespace, doc: dict[str, Any]) -> None:
    """Every instruction set at all threads, or one thread against all."""
    by_level = arguments.levels
    names = [f"{OURS}, {level}" for level in LEVELS] if by_level else [f"{OURS}, {n} threads" for n in (1, 2)]
    rows = []
    for listed in SHAPES:
        skipped = listed.data == REAL_SET and not arguments.data
        if skipped or listed.data == "clustered" or not wanted(listed.name, arguments):
            continue
        shape = listed.quick() if arguments.quick else listed
        with tempfile.TemporaryDirectory() as folder:
            folder_of_data = Path(arguments.data) if arguments.data else None
            arrays = store(Path(folder), *make(shape, seed=1, data_folder=folder_of_data))
            if by_level:
                entries = [
                    ours_alone(name, shape, arrays, arguments.threads, level)
                    for name, level in zip(names, LEVELS, strict=True)
                ]
            else:
                entries = [ours_alone(name, shape, arrays, n) for name, n in zip(names, (1, 2), strict=True)]
            # Every level and thread count gives the same bytes.
            records = race(
                entries,
                Path(folder),
                threads=arguments.threads,
                limits=limits_of(arguments),
                check=lambda expected, result, _: same_bytes(expected, result),
            )
        doc["results"].append({"shape": shape.name, "contestants": records})
        save(doc, arguments.json)
        rows.append([shape.name, *markdown.relative(records)])
        print(markdown.table([rows[-1][0], *names], [["", *rows[-1][1:]]]) + "\n", flush=True)
    print("\n## Median ms and speed relative to the first\n")
    print(markdown.table(["shape", *names], rows))
