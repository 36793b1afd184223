"""The demo: what NNG-Mix does and what it is worth, on real data that ships with the river package.

Everything is printed as it came out, whichever way of making anomalies wins.
"""

import json
import os
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files import Table, check_target, read_table, write_table
from nngmix.methods.nng_mix import NNGMixRecipe
from nngmix.methods.resample import Resampled, resample
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.amount import Amount
from nngmix.plan import MixPlan
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.rows import as_rows

__all__ = ["run_demo"]

N_LABELED = 10
N_SEEDS = 5
AMOUNTS = ("10x", "10%")
WAYS = ("nothing added", "duplicates", "NNG-Mix")
_INTRODUCTION = """\
Anomalies are rare, and labelled ones rarer. Here are {n_train:,} rows of space-shuttle sensor data;
{n_hidden:,} of them are anomalies, but only {n_labeled} are labelled: the others hide among the unlabelled.
Two detectors learn to tell the {n_labeled} from all other rows: from the data as they are, with copies of
the {n_labeled} added ("duplicates"), and with as many new ones made by NNG-Mix. How well does each then find
the anomalies among {n_test:,} rows it has never seen? Mean of {n_seeds} runs (lowest-highest), * = best.
"""
_CAVEAT = """\
One data set and two detectors: on others the gain may be larger, smaller or none. Part of it is that
HistGradientBoosting, as it comes, needs 20 rows a leaf and can hardly learn from {n_labeled}."""


@dataclass(frozen=True)
class Split:
    """One cut of the data: few training anomalies are labelled, the others hide among the unlabelled."""

    X: NDArray[np.float64]
    hidden: NDArray[np.bool_]
    labeled: NDArray[np.bool_]
    X_test: NDArray[np.float64]
    y_test: NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """How one detector did after one way of adding anomalies."""

    seed: int
    detector: str
    way: str
    amount: str
    n_added: int
    auroc: float
    average_precision: float
    augment_seconds: float
    fit_seconds: float


def run_demo(
    folder: str, *, seed: int = 0, n_rows: int | None = None, say: Callable[[str], object] = print
) -> list[Score]:
    """Run the demo and write its table, picture and numbers.

    Parameters
    ----------
    folder : str
        Where to write; made if it is not there.
    seed : int
        The first of the seeds; each gives another split, other labels and other new rows.
    n_rows : int or None
        Take only so many rows of the data, for a quick look.
    say : callable
        Gets the lines to print.
    """
    _need_extra()
    os.makedirs(folder, exist_ok=True)
    paths = {name: os.path.join(folder, name) for name in ("augmented.parquet", "demo.png", "results.json")}
    check_target(paths["augmented.parquet"])
    names, X, y = load_shuttle(n_rows)
    splits = [split_rows(X, y, seed + i) for i in range(N_SEEDS)]
    say(_introduction(splits[0]))
    scores = [score for i, split in enumerate(splits) for score in evaluate(split, seed + i)]
    for line in (*table_lines(scores), "", *verdicts(scores), _CAVEAT.format(n_labeled=N_LABELED)):
        say(line)
    write_results(paths["results.json"], scores)
    rows = write_augmented(paths["augmented.parquet"], splits[0], names, seed)
    draw(paths["demo.png"], splits[0], rows, scores)
    about = ("the first training table with its new rows", "the picture", "every number")
    say("\nWritten:")
    for path, what in zip(paths.values(), about, strict=True):
        say(f"  {path:<34} {what}")
    return scores


def _need_extra() -> None:
    try:
        import matplotlib  # noqa: F401
        import pyarrow  # noqa: F401
        import river  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        raise ImportError(f"the demo needs {error.name}: pip install 'nngmix[demo]'") from error


def load_shuttle(n_rows: int | None = None) -> tuple[list[str], NDArray[np.float64], NDArray[np.int64]]:
    """Names, features and labels (1: anomaly) of the Shuttle data, read from the installed river package."""
    from river import datasets

    table = read_table(str(datasets.Shuttle().path), "anomaly")
    names, X = list(table.features), table.X
    y = table.labels.cast("int64").to_numpy()
    if n_rows is not None and n_rows < len(X):
        chosen = np.sort(np.random.default_rng(0).choice(len(X), n_rows, replace=False))
        X, y = X[chosen], y[chosen]
    return names, X, y


def split_rows(X: NDArray[np.float64], y: NDArray[np.int64], seed: int) -> Split:
    """70 % to train, 30 % to test; `N_LABELED` of the training anomalies keep their label."""
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    labeled = np.zeros(len(y_train), dtype=bool)
    anomalies = np.flatnonzero(y_train)
    labeled[np.random.default_rng(seed).choice(anomalies, N_LABELED, replace=False)] = True
    return Split(X_train, (y_train == 1) & ~labeled, labeled, X_test, y_test)


def _introduction(split: Split) -> str:
    return _INTRODUCTION.format(
        n_train=len(split.X),
        n_hidden=int(split.hidden.sum()) + N_LABELED,
        n_labeled=N_LABELED,
        n_test=len(split.X_test),
        n_seeds=N_SEEDS,
    )


# --- measuring ---------------------------------------------------------------------------------------------


def evaluate(split: Split, seed: int) -> Iterator[Score]:
    """Train both detectors after every way of adding anomalies, and score them on the unseen rows."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import average_precision_score, roc_auc_score

    for way, amount, new, augment_seconds in _additions(split, seed):
        X = np.concatenate([split.X, new])
        y = np.concatenate([split.labeled, np.ones(len(new), dtype=bool)]).astype(np.int64)
        for name, detector in _detectors(seed).items():
            started = time.perf_counter()
            with warnings.catch_warnings():
                # The MLP stops after 30 passes by intention; more changed nothing but the time.
                warnings.simplefilter("ignore", ConvergenceWarning)
                detector.fit(X, y)
            fit_seconds = time.perf_counter() - started
            found = detector.predict_proba(split.X_test)[:, 1]
            auroc, precision = (
                roc_auc_score(split.y_test, found),
                average_precision_score(split.y_test, found),
            )
            yield Score(
                seed,
                name,
                way,
                amount,
                len(new),
                float(auroc),
                float(precision),
                augment_seconds,
                fit_seconds,
            )


def _additions(split: Split, seed: int) -> Iterator[tuple[str, str, NDArray[np.float64], float]]:
    yield WAYS[0], "-", split.X[:0], 0.0
    for amount in AMOUNTS:
        started = time.perf_counter()
        new = make_rows(split, amount, seed).rows
        seconds = time.perf_counter() - started
        started = time.perf_counter()
        copies = np.random.default_rng(seed).choice(split.X[split.labeled], len(new))
        yield WAYS[1], amount, copies, time.perf_counter() - started
        yield WAYS[2], amount, new, seconds


def make_rows(split: Split, amount: str, seed: int) -> Resampled[MixPlan]:
    """New rows, as ``nngmix augment`` makes them."""
    rows = as_rows("the rows", split.X)
    labels = read_labels("anomaly", split.labeled.astype(np.int64))
    spec = FitSpec(
        rows.n_features,
        rows.dtype,
        rule=LabelRule.of(1, None),
        scale="minmax",
        amount=Amount.parse(amount),
    )
    return resample(rows, labels, spec, NNGMixRecipe(), random_state=seed)


def _detectors(seed: int) -> dict[str, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    return {
        "HistGradientBoosting": HistGradientBoostingClassifier(random_state=seed),
        "MLP": make_pipeline(MinMaxScaler(), MLPClassifier(max_iter=30, random_state=seed)),
    }


def _groups(scores: list[Score]) -> dict[tuple[str, str, str], list[Score]]:
    """Scores of all seeds by detector, amount and way, in the order of the printed table."""
    groups: dict[tuple[str, str, str], list[Score]] = {}
    for score in sorted(scores, key=lambda score: score.detector):
        groups.setdefault((score.detector, score.amount, score.way), []).append(score)
    return groups


def table_lines(scores: list[Score]) -> Iterator[str]:
    """The results as a table; the best of each detector and column is starred."""
    groups = _groups(scores)
    yield f"{'':<24}{'rows added':>10}  {'AUROC':<22}{'average precision':<22}{'augment':>8}{'fit':>8}"
    detector = ""
    for (name, amount, way), group in groups.items():
        if name != detector:
            yield name
            detector = name
        rivals = [others for key, others in groups.items() if key[0] == name]
        cells = [_cell(group, rivals, field) for field in ("auroc", "average_precision")]
        seconds = [
            np.mean([getattr(score, f) for score in group]) for f in ("augment_seconds", "fit_seconds")
        ]
        label = way if way == WAYS[0] else f"{way}, {amount}"
        yield (
            f"  {label:<22}{group[0].n_added:>10,}  {cells[0]:<22}{cells[1]:<22}"
            f"{seconds[0]:>6.2f} s{seconds[1]:>6.2f} s"
        )


def _cell(group: list[Score], rivals: list[list[Score]], field: str) -> str:
    values = _values(group, field)
    best = max(np.mean(_values(rival, field)) for rival in rivals)
    star = "*" if round(float(np.mean(values)), 3) == round(float(best), 3) else " "
    return f"{np.mean(values):.3f}{star} ({min(values):.3f}-{max(values):.3f})"


def _values(group: list[Score], field: str) -> list[float]:
    return [getattr(score, field) for score in group]


def verdicts(scores: list[Score]) -> Iterator[str]:
    """For each detector, NNG-Mix against the honest rival: plain copies, to the same amount."""
    groups = _groups(scores)
    for name, amount in dict.fromkeys((key[0], key[1]) for key in groups if key[2] != WAYS[0]):
        ours, copies = (np.array(_values(groups[name, amount, way], "auroc")) for way in (WAYS[2], WAYS[1]))
        gain = float(ours.mean() - copies.mean())
        if abs(gain) < 0.005:
            verdict = "level with"
        else:
            verdict = f"{'better' if gain > 0 else 'WORSE'} by {abs(gain):.3f} AUROC than"
        ahead = f"ahead in {(ours > copies).sum()} of {len(ours)} runs"
        yield f"{name}, {amount}: NNG-Mix is {verdict} duplicates ({ahead})"


# --- writing -----------------------------------------------------------------------------------------------


def write_results(path: str, scores: list[Score]) -> None:
    """Every score as JSON, with the versions that made them."""
    import sklearn

    from nngmix import __version__

    about = {"nngmix": __version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"versions": about, "scores": [asdict(score) for score in scores]}, file, indent=1)


def write_augmented(path: str, split: Split, names: list[str], seed: int) -> NDArray[np.float64]:
    """Write the training table with 10 % anomalies and the plan of the new rows; return the new rows."""
    import pyarrow as pa

    table = Table(
        path=path,
        rows=as_rows("the rows", split.X),
        features=tuple(names),
        label="anomaly",
        labels=pa.chunked_array([split.labeled.astype(np.int64)]),
        ignored={},
        columns=(*names, "anomaly"),
    )
    new = make_rows(split, "10%", seed)
    write_table(path, table, new.rows, new.labels, plan=new.plan.columns())
    return new.rows


# --- drawing -----------------------------------------------------------------------------------------------

_INK, _GREY, _SLATE, _AMBER, _BLUE, _RED = "#22272e", "#b8bdc6", "#7b8494", "#f2a531", "#2f6bd8", "#d6243a"


def draw(path: str, split: Split, new: NDArray[np.float64], scores: list[Score]) -> None:
    """One picture: the rows projected to a plane, and the scores as bars."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with mpl.rc_context(
        {"font.size": 11, "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _SLATE}
    ):
        layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.12)
        figure = Figure(figsize=(13, 5.4), layout=layout, facecolor="white")
        plane, bars = figure.subplots(1, 2, width_ratios=(1.75, 1))
        _draw_plane(plane, split, new)
        _draw_bars(bars, scores)
        figure.savefig(path, dpi=110)


def _draw_plane(axes: Any, split: Split, new: NDArray[np.float64]) -> None:
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import MinMaxScaler

    unlabeled = split.X[~split.labeled]
    scale = MinMaxScaler().fit(unlabeled)
    project = PCA(2).fit(scale.transform(unlabeled))

    def points(rows: NDArray[np.float64], size: float, color: str, label: str, **style: Any) -> Any:
        places = project.transform(scale.transform(rows))
        axes.scatter(*places.T, s=size, color=color, label=f"{len(rows):,} {label}", **style)
        return places

    normal = ~split.labeled & ~split.hidden
    points(split.X[normal], 4, _GREY, "unlabelled rows, normal", lw=0)
    hidden = points(split.X[split.hidden], 8, _AMBER, "unlabelled rows, in truth anomalies", lw=0, zorder=3)
    made = points(new, 10, _BLUE, "new anomalies made by NNG-Mix", lw=0, alpha=0.6, zorder=2)
    points(split.X[split.labeled], 80, _RED, "labelled anomalies", lw=1.2, ec="white", zorder=4)
    # A handful of far rows would squeeze everything else into a corner.
    seen = np.concatenate([hidden, made, project.transform(scale.transform(split.X[normal]))])
    low, high = np.quantile(seen, (0.0005, 0.9995), axis=0)
    margin = 0.06 * (high - low)
    axes.set(xlim=(low - margin)[:1].tolist() + (high + margin)[:1].tolist())
    axes.set(ylim=(low - margin)[1:].tolist() + (high + 4 * margin)[1:].tolist())
    axes.set(xticks=[], yticks=[], xlabel="first principal component", ylabel="second principal component")
    axes.set_title("From ten labelled anomalies to thousands", loc="left", weight="bold")
    legend = axes.legend(loc="upper right", frameon=False, handletextpad=0.2)
    for handle in legend.legend_handles:
        handle.set(sizes=[45], alpha=1)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_bars(axes: Any, scores: list[Score]) -> None:
    groups = _groups(scores)
    colors = dict(zip(WAYS, (_GREY, _SLATE, _BLUE), strict=True))
    detectors = list(dict.fromkeys(key[0] for key in groups))
    for i, detector in enumerate(detectors):
        for j, way in enumerate(WAYS):
            amount = "-" if way == WAYS[0] else AMOUNTS[-1]
            label = way if way == WAYS[0] else f"{way}, {amount}"
            values = _values(groups[detector, amount, way], "auroc")
            mean = float(np.mean(values))
            x = i + 0.27 * (j - 1)
            axes.bar(x, mean, 0.25, color=colors[way], label=label if i == 0 else None)
            axes.plot([x, x], [min(values), max(values)], color=_INK, lw=1.2)
            axes.text(x, max(values) + 0.015, f"{mean:.2f}", ha="center", va="bottom")
    axes.axhline(0.5, color=_INK, lw=0.8, ls=":", zorder=0)
    axes.text(0.5, 0.505, "chance", ha="center", va="bottom", fontsize=9)
    axes.set(ylim=(0, 1.28), yticks=np.linspace(0, 1, 6), xticks=range(len(detectors)))
    axes.set_xticklabels(detectors)
    axes.set_title("AUROC on unseen rows, mean of runs", loc="left", weight="bold")
    axes.legend(loc="upper left", frameon=False, ncols=1)
    axes.spines[["top", "right"]].set_visible(False)
