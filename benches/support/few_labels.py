"""Tables of a grid where single models, ensembles and rivals meet: side by side, and what they answer."""

from collections.abc import Iterator

import pandas as pd

from nngmix.evaluation.specs import Spec
from nngmix.evaluation.statistics import Comparison, compare, holm
from nngmix.evaluation.summary import MEASURES, arm_name
from support.evidence import small

# More than a point below nothing is harm.
HARM = -0.01
ABOUT = """\
In points, mean (median) over sets of the mean over seeds. *Nothing* is the same estimator on the data as
they are; *best single* is the best on average, on these very sets, of nothing and all ways of adding rows
or weights for the same estimator, or for any where a way has none: it is chosen with hindsight. Paired by
set and seed: mean (median), sets won/lost by more than half a point, Wilcoxon p over sets after Holm's
correction over the table; harm: sets more than a point below nothing. Seconds on one core: to make rows,
fit, and score the test rows."""
UNIT = ["labels", "set", "seed"]
BAGS = "ensemble:estimator={}"
BARE = BAGS + ",filling={},neighbor_score=False"
SCORED = BAGS + ",filling={}"
RIVALS = [
    "balanced_random_forest",
    "easy_ensemble",
    "isolation_forest",
    "knn_distance",
    "deepsad",
    "xgbod",
    "devnet",
    "prenet",
    "rosas",
    "feawad",
]
MEMBERS = ("random_forest", "hist_gradient_boosting", "extra_trees", "logistic_regression", "mlp")


def read(table: pd.DataFrame) -> pd.DataFrame:
    """Measurements with the way they were reached and the kind of data."""
    columns = table[["detector", "method", "amount"]].itertuples(index=False, name=None)
    ways = [f"{d}, {arm_name(*arm)}" if d in MEMBERS else d for d, *arm in columns]
    return table.assign(
        way=ways,
        kind=["tables" if group == "Classical" else "embeddings" for group in table["group"]],
        seconds=table["make_seconds"] + table["fit_seconds"],
    )


def text(name: str, commands: list[str], table: pd.DataFrame) -> Iterator[str]:
    """The whole page in Markdown."""
    yield f"# {name}\n"
    yield from (f"`{command}`\n" for command in commands)
    yield ABOUT
    for kind, part in table.groupby("kind", sort=False):
        counts = sorted(part["labels"].unique(), key=int)
        for labels in counts:
            cut = part[part["labels"] == labels]
            yield f"\n## {kind}, {labels} label{'' if labels == '1' else 's'}\n"
            yield from _levels(cut)
            yield from _answers(cut)
            yield from _losses(cut)


def levels(table: pd.DataFrame) -> pd.DataFrame:
    """Means and medians of every way over its sets."""
    key = ["kind", "labels", "way"]
    columns = [*MEASURES, "seconds"]
    out = (
        table.groupby([*key, "set"], sort=False)[columns]
        .mean()
        .groupby(key, sort=False)
        .agg(["mean", "median"])
    )
    out.columns = [f"{measure}_{kind}" for measure, kind in out.columns]
    sizes = table.groupby(key, sort=False).agg(sets=("set", "nunique"), seeds=("seed", "nunique"))
    return sizes.join(out).reset_index()


def _levels(cut: pd.DataFrame) -> Iterator[str]:
    auroc, precision = (
        cut.pivot_table(index=UNIT, columns="way", values=m, sort=False) for m in MEASURES[:2]
    )
    found = levels(cut).sort_values("auroc_mean", ascending=False)
    best = _best(found)
    rows, tests = [], []
    for row in found.to_dict("records"):
        way = row["way"]
        member = _member(way)
        base = best.get(member or "")
        over = _compared(auroc, way, base)
        nothing = _differences(auroc, way, f"{member}, none")
        tests.append(float("nan") if over is None else over.p)
        rows.append(
            [
                way,
                f"{row['sets']} x {row['seeds']}",
                *(f"{100 * row[f'{m}_mean']:.1f} ({100 * row[f'{m}_median']:.1f})" for m in MEASURES[:2]),
                *(f"{100 * row[f'{m}_mean']:.1f}" for m in MEASURES[2:]),
                "–" if nothing is None else f"{100 * nothing.mean():+.1f}, {(nothing < HARM).sum()}",
                base or "–",
                _told(over),
                _told(_compared(precision, way, base)),
                f"{row['seconds_mean']:.2f}",
            ]
        )
    yield (
        "| way | sets x seeds | AUROC | AP | at 20 | at 100 | over nothing, harm | best single "
        "| over it, AUROC | p | over it, AP | seconds |"
    )
    yield "|---" * 12 + "|"
    for cells, p in zip(rows, holm(tests), strict=True):
        yield "| " + " | ".join([*cells[:9], small(p), *cells[9:]]) + " |"


def _best(found: pd.DataFrame) -> dict[str, str]:
    """The best single way of each estimator, and of all under the empty name; found is sorted."""
    best: dict[str, str] = {}
    for way in found["way"]:
        member, _, added = way.partition(", ")
        if member in MEMBERS and added:
            best.setdefault("", way)
            best.setdefault(member, way)
    return best


def _member(way: str) -> str | None:
    """The estimator of a way: its own, or that of its bags."""
    spec = Spec.parse(way.partition(", ")[0])
    return spec.name if spec.name in MEMBERS else dict(spec.settings).get("estimator")


def _questions() -> Iterator[tuple[str, str, str]]:
    """What is asked, and the two ways whose difference answers."""
    for e in MEMBERS:
        for other in ("none", "duplicate", "smote"):
            yield "rows of NNG-Mix in bags", BARE.format(e, "nng_mix"), BARE.format(e, other)
        yield "both kinds of rows in bags", BARE.format(e, "both"), BARE.format(e, "none")
        yield "both kinds of rows in bags", BARE.format(e, "both"), BARE.format(e, "smote")
        for other in ("none", "duplicate", "smote", "nng_mix"):
            yield "both kinds of rows, with the score", BAGS.format(e), SCORED.format(e, other)
        yield "the score beside bags", BAGS.format(e), BARE.format(e, "both")
        yield "bags beside the score", BAGS.format(e), "neighbor_score"
    for rival in RIVALS:
        yield "the whole against a rival", BAGS.format("random_forest"), rival
        yield "the score alone against a rival", "neighbor_score", rival
    for rows, anomalies in ((128, 32), (512, 128), (256, 26), (256, 256)):
        sizes = f"ensemble:bag_anomalies={anomalies},bag_rows={rows},estimator=random_forest"
        yield "size of bags", sizes, BAGS.format("random_forest")
    for setting in ("n_bags=5", "n_bags=20", "n_neighbors=5", "n_neighbors=20"):
        yield "bags and neighbours", f"{BAGS.format('random_forest')},{setting}", BAGS.format("random_forest")
    for k in (1, 5, 20, 50):
        yield "k of the score", f"neighbor_score:n_neighbors={k}", "neighbor_score"


def _answers(cut: pd.DataFrame) -> Iterator[str]:
    auroc, precision = (
        cut.pivot_table(index=UNIT, columns="way", values=m, sort=False) for m in MEASURES[:2]
    )
    found = [
        (question, a, b, one, _compared(precision, a, b))
        for question, a, b in _questions()
        if (one := _compared(auroc, a, b)) is not None
    ]
    if not found:
        return
    yield "\n| question | way | over | sets | AUROC | p | AP | p |\n|---|---|---|---|---|---|---|---|"
    corrected = [
        holm([float("nan") if c is None else c.p for c in tests])
        for tests in list(zip(*found, strict=True))[3:]
    ]
    for (question, a, b, one, two), p, q in zip(found, *corrected, strict=True):
        yield f"| {question} | {a} | {b} | {one.n} | {_told(one)} | {small(p)} | {_told(two)} | {small(q)} |"


def _losses(cut: pd.DataFrame) -> Iterator[str]:
    """Which sets are harmed by the whole."""
    auroc = cut.pivot_table(index=UNIT, columns="way", values="auroc", sort=False)
    for member in MEMBERS:
        lost = _differences(auroc, BAGS.format(member), f"{member}, none")
        if lost is not None and (lost < HARM).any():
            worst = lost[lost < HARM].sort_values()
            yield (
                f"\nBelow nothing with {member}: "
                + ", ".join(f"{s} {100 * v:+.1f}" for s, v in worst.items())
                + "."
            )


def _differences(wide: pd.DataFrame, a: str, b: str | None) -> pd.Series | None:
    """One way less another, a value a set; None if one of them is not there."""
    if a == b or a not in wide or b not in wide:
        return None
    found = (wide[a] - wide[b]).dropna().groupby("set").mean()
    return None if found.empty else found


def _compared(wide: pd.DataFrame, a: str, b: str | None) -> Comparison | None:
    found = _differences(wide, a, b)
    return None if found is None else compare(found)


def _told(c: Comparison | None) -> str:
    return "–" if c is None else f"{100 * c.mean:+.1f} ({100 * c.median:+.1f}), {c.wins}/{c.losses}"
