"""Tables and the picture of an experiment that `nngmix evaluate` ran, as the evidence for the advice.

With `few_labels` and `paper_grid` the only place in the benchmarks that reads more of `nngmix.evaluation`
than its public names.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import pandas as pd

from nngmix.evaluation import read_rows
from nngmix.evaluation.plots import gain_by_labels
from nngmix.evaluation.results import KEY
from nngmix.evaluation.statistics import compare, holm
from nngmix.evaluation.summary import ARM, SETTING, arm_name, frame, gains, per_set

# Amounts of new rows that are compared: more over fewer.
MORE = (("10%", "10x"), ("30%", "10%"), ("100%", "10%"))


def read_summary(run: Path) -> pd.DataFrame:
    return pd.read_csv(run / "summary.csv", dtype={"labels": str, "amount": str})


def results(paths: Iterable[Path]) -> pd.DataFrame:
    """The measurements of several files; of a cell measured with several states of the code the newest."""
    table = frame([row for path in paths for row in read_rows(str(path))])
    return table.drop_duplicates([name for name in KEY if name != "version"], keep="last", ignore_index=True)


def measured(path: Path, summary: pd.DataFrame) -> pd.DataFrame:
    """The measurements in the order of the command, which that of the lines in the file is not."""
    key = [*SETTING, *ARM]
    order = {arm: i for i, arm in enumerate(summary[key].itertuples(index=False, name=None))}
    table = frame(read_rows(str(path)))
    table["order"] = [order.get(arm, -1) for arm in table[key].itertuples(index=False, name=None)]
    return table[table["order"] >= 0].sort_values("order", kind="stable", ignore_index=True)


def draw_gains(table: pd.DataFrame, path: Path) -> None:
    gain_by_labels(gains(table, "none"), "no augmentation").savefig(path, dpi=110)


def text(name: str, command: str, summary: pd.DataFrame, table: pd.DataFrame) -> Iterator[str]:
    """Tables in Markdown: levels, gains over each baseline, and what more rows bring."""
    yield f"# {name}\n\n`{command}`\n"
    yield "In points, mean (median) over sets of the mean over seeds; gains in AUROC, paired by set: won/lost"
    yield "by more than half a point, Wilcoxon p after Holm's correction over the column.\n"
    bases = [base for base in ("none", "duplicate", "smote") if f"gain_{base}" in summary]
    yield (
        "| detector | labels | method | sets | AUROC | AP | " + " | ".join(f"over {b}" for b in bases) + " |"
    )
    yield "|---" * (6 + len(bases)) + "|"
    for _, row in summary.iterrows():
        cells = [
            row["detector"],
            row["labels"],
            arm_name(row["method"], row["amount"]),
            row["sets"],
            *(
                f"{100 * row[f'{v}_mean']:.1f} ({100 * row[f'{v}_median']:.1f})"
                for v in ("auroc", "average_precision")
            ),
            *(gain(row, base) for base in bases),
        ]
        yield "| " + " | ".join(map(str, cells)) + " |"
    more = list(more_rows(table))
    if more:
        yield "\nMore rows:\n"
        yield "| detector | labels | method | amount | gain | w/l | p |\n|---|---|---|---|---|---|---|"
        corrected = holm([p for *_, p in more])
        for (*cells, _), p in zip(more, corrected, strict=True):
            yield "| " + " | ".join(map(str, [*cells, small(p)])) + " |"


def gain(row: pd.Series, base: str) -> str:
    if pd.isna(row[f"gain_{base}"]):
        return "–"
    return (
        f"{100 * row[f'gain_{base}']:+.1f} ({100 * row[f'median_gain_{base}']:+.1f}), "
        f"{row[f'wins_{base}']:.0f}/{row[f'losses_{base}']:.0f}, {small(row[f'p_{base}'])}"
    )


def more_rows(table: pd.DataFrame) -> Iterator[tuple[str, str, str, str, str, str, float]]:
    sets = per_set(table)
    for method, (more, fewer) in product(dict.fromkeys(table["method"]), MORE):
        if not {(method, more), (method, fewer)} <= set(sets.columns):
            continue
        difference = (sets[method, more] - sets[method, fewer]).dropna()
        for (_, labels, detector), values in difference.groupby(SETTING, sort=False):
            c = compare(values)
            mean = f"{100 * c.mean:+.1f} ({100 * c.median:+.1f})"
            yield detector, labels, method, f"{more} over {fewer}", mean, f"{c.wins}/{c.losses}", c.p


def small(p: float) -> str:
    if p != p:
        return "–"
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0") if p < 1 else "1"
