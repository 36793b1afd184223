"""What the rule of ``method="auto"`` would have reached on a grid, for each half of the sets.

Whoever changes the rule looks at the first half alone, and reports the other.
"""

import zlib
from collections.abc import Iterator

import pandas as pd

from nngmix.evaluation.statistics import compare
from nngmix.evaluation.summary import arm_name
from nngmix.methods.auto import ESTIMATORS, choose
from support.few_labels import HARM, UNIT

# The share of new rows that the rule takes.
AMOUNT = "10%"
HALVES = {0: "The half to choose on", 1: "The half to report"}
ABOUT = """\
AUROC / average precision in points, mean over sets of the mean over seeds. *Best fixed* is the best on
average of nothing, class weights and all ways of adding rows, on these very sets: chosen with hindsight. w/l:
sets won/lost by more than half a point; harm: sets more than a point below nothing."""
COLUMNS = (
    "kind",
    "estimator",
    "labels",
    "sets",
    "auto takes",
    "auto",
    "best fixed",
    "nothing",
    "auto over nothing, w/l, harm",
    "auto over best fixed, w/l",
)


def text(table: pd.DataFrame) -> Iterator[str]:
    """Both tables in Markdown."""
    counted = table["detector"].isin(ESTIMATORS) & table["labels"].str.isdecimal()
    single = table[counted].assign(
        arm=lambda t: [arm_name(*arm) for arm in zip(t["method"], t["amount"], strict=True)],
        n=lambda t: t["labels"].astype(int),
        half=lambda t: [half(name) for name in t["dataset"]],
    )
    yield ABOUT
    for number, name in HALVES.items():
        yield f"\n## {name}\n"
        yield "| " + " | ".join(COLUMNS) + " |"
        yield "|---" * len(COLUMNS) + "|"
        for key, cut in single[single["half"] == number].groupby(["kind", "detector", "n"]):
            yield from _line(key, cut)


def half(dataset: str) -> int:
    """By the name alone, so that it does not depend on which sets are there."""
    return zlib.crc32(dataset.encode()) % 2


def _line(key: tuple[str, str, int], cut: pd.DataFrame) -> Iterator[str]:
    wide = {m: cut.pivot_table(index=UNIT, columns="arm", values=m) for m in ("auroc", "average_precision")}
    wide = {m: values.dropna() for m, values in wide.items()}
    if wide["auroc"].empty or "none" not in wide["auroc"]:
        return
    numbers = cut.groupby(UNIT)[["n_labeled", "n_unlabeled", "n_features"]].first().astype(int)
    taken = pd.Series({unit: _arm(key[1], *row) for unit, *row in numbers.itertuples()})
    sets = {}
    for measure, values in wide.items():
        if not set(taken[values.index]) <= set(values.columns):
            return
        values["auto"] = [values.at[unit, taken[unit]] for unit in values.index]
        sets[measure] = 100 * values.groupby("set").mean()
    auroc, precision = sets["auroc"], sets["average_precision"]
    best = auroc.drop(columns="auto").mean().idxmax()

    def level(arm: str) -> str:
        return f"{auroc[arm].mean():.1f} / {precision[arm].mean():.1f}"

    def over(arm: str) -> str:
        c = compare((auroc["auto"] - auroc[arm]) / 100)
        return f"{100 * c.mean:+.1f}, {c.wins}/{c.losses}"

    harmed = ((auroc["auto"] - auroc["none"]) < 100 * HARM).sum()
    ways = ", ".join(dict.fromkeys(taken[wide["auroc"].index]))
    cells = [*key, len(auroc), ways, level("auto"), f"{best} {level(best)}", level("none")]
    yield "| " + " | ".join(map(str, [*cells, f"{over('none')}, {harmed}", over(best)])) + " |"


def _arm(estimator: str, *numbers: int) -> str:
    choice = choose(ESTIMATORS[estimator], *numbers)
    return arm_name(choice.name, "0" if choice.method == "none" else AMOUNT)
