"""What `nngmix evaluate` is asked, by the name of the experiment; ``grid/part`` is a part of a grid."""

from typing import NamedTuple

__all__ = ["EXPERIMENTS", "PAGES", "Experiment", "chosen"]


class Experiment(NamedTuple):
    """Folders or files of the benchmark, and what is asked of them."""

    data: tuple[str, ...]
    options: str


CLASSICAL = ("Classical",)
EMBEDDINGS = ("CV_by_ResNet18", "NLP_by_BERT")
# Every third set, in the order of their numbers.
THIRD = (
    "Classical/2_annthyroid.npz",
    "Classical/7_Cardiotocography.npz",
    "Classical/11_donors.npz",
    "Classical/17_InternetAds.npz",
    "Classical/22_magic.gamma.npz",
    "Classical/26_optdigits.npz",
    "Classical/31_satimage-2.npz",
    "Classical/35_SpamBase.npz",
    "Classical/40_vowels.npz",
    "Classical/44_Wilt.npz",
)
TREES = "hist_gradient_boosting random_forest extra_trees"
SEEDS = "--seeds 0 1 2"
SMALL = "--max-rows 5000"

_PUBLISHED = {
    "paper": Experiment(
        CLASSICAL,
        "--protocol paper --methods none duplicate gaussian_noise cutmix:partners=all mixup:partners=all "
        f"nng_mix --detectors mlp --ratios 1.0 0.1 --multipliers 5 {SEEDS}",
    ),
    "paper_deepsad": Experiment(
        CLASSICAL,
        "--protocol paper --methods none duplicate nng_mix --detectors deepsad deepsad:pretrain=False "
        f"--ratios 0.1 --multipliers 5 {SEEDS}",
    ),
    "clean": Experiment(
        CLASSICAL,
        f"--methods none class_weight duplicate smote nng_mix --detectors {TREES} mlp logistic_regression "
        f"--ratios 0.1 --labels 10 --multipliers 10 10% {SEEDS} {SMALL}",
    ),
    "clean_embeddings": Experiment(
        EMBEDDINGS,
        "--methods none class_weight duplicate smote nng_mix nng_mix:noise_std=0.3 "
        f"--detectors {TREES} mlp logistic_regression --ratios 0.1 --labels 10 --multipliers 10% "
        f"{SEEDS} --max-rows 2000",
    ),
    "paper_embeddings": Experiment(
        EMBEDDINGS,
        "--protocol paper --methods none duplicate gaussian_noise:noise_std=0.3 nng_mix:noise_std=0.3 "
        f"--detectors mlp --ratios 1.0 0.1 --multipliers 5 {SEEDS}",
    ),
    "labels": Experiment(
        CLASSICAL,
        f"--methods none class_weight duplicate smote nng_mix --detectors {TREES} mlp logistic_regression "
        f"--ratios 0.1 --labels 10 20 40 --multipliers 10% {SEEDS} {SMALL}",
    ),
    "amounts": Experiment(
        CLASSICAL,
        f"--methods none nng_mix --detectors {TREES} --ratios 0.1 --labels 10 "
        f"--multipliers 10 10% 30% 100% {SEEDS} {SMALL}",
    ),
}


def _bags(estimators: str, *settings: str) -> str:
    """Ensembles of each estimator with each of the settings."""
    return " ".join(
        ",".join(filter(None, [f"ensemble:estimator={estimator}", setting]))
        for estimator in estimators.split()
        for setting in settings or [""]
    )


_WAYS = "--methods none class_weight duplicate smote nng_mix --multipliers 10%"
_NOISE = "--methods none class_weight duplicate smote nng_mix nng_mix:noise_std=0.3 --multipliers 10%"
_FIXED, _FITTED = "nng_mix:noise_std=0.3", "nng_mix:noise_std=auto"
_FORESTS = "random_forest hist_gradient_boosting"
_RIVALS = "balanced_random_forest easy_ensemble isolation_forest knn_distance"
_SCORES = "neighbor_score " + " ".join(f"neighbor_score:n_neighbors={k}" for k in (1, 5, 20, 50))
_BARE = [f"filling={name},neighbor_score=False" for name in ("none", "duplicate", "smote", "nng_mix", "both")]
_SCORED = [f"filling={name}" for name in ("none", "duplicate", "smote", "nng_mix")]
_SIZES = [
    f"bag_rows={rows},bag_anomalies={anomalies}"
    for rows, anomalies in ((128, 32), (512, 128), (256, 26), (256, 256))
]


def _few_labels_small() -> dict[str, Experiment]:
    """Sorted by what matters most: whatever is done when time is over makes tables."""
    one, two = (f"--max-rows 2000 --seeds {seeds}" for seeds in ("0", "0 1"))
    few, ends = "--labels 3 10", "--labels 1 40"
    return {
        "models": Experiment(CLASSICAL, f"{_WAYS} --detectors {TREES} logistic_regression {few} {two}"),
        "ensembles": Experiment(
            CLASSICAL,
            f"--methods none --detectors {_SCORES} {_bags(f'{TREES} logistic_regression')} {_RIVALS} {few} "
            f"{two}",
        ),
        "mlp": Experiment(CLASSICAL, f"{_WAYS} --detectors mlp neighbor_score {_bags('mlp')} {few} {one}"),
        "embeddings": Experiment(
            EMBEDDINGS,
            f"{_NOISE} --detectors random_forest extra_trees logistic_regression {_SCORES} "
            f"{_bags('random_forest extra_trees logistic_regression')} {_RIVALS} {few} {one}",
        ),
        "embeddings_slow": Experiment(
            EMBEDDINGS,
            "--methods none duplicate nng_mix nng_mix:noise_std=0.3 --multipliers 10% "
            f"--detectors mlp hist_gradient_boosting {_bags('mlp hist_gradient_boosting')} {few} {one}",
        ),
        "ends": Experiment(
            (*CLASSICAL, *EMBEDDINGS),
            "--methods none duplicate nng_mix --multipliers 10% --detectors random_forest neighbor_score "
            f"logistic_regression {_bags('random_forest logistic_regression')} balanced_random_forest {ends} "
            f"{one}",
        ),
        "ends_boosting": Experiment(
            CLASSICAL,
            "--methods none duplicate nng_mix --multipliers 10% --detectors hist_gradient_boosting "
            f"{_bags('hist_gradient_boosting')} easy_ensemble {ends} {one}",
        ),
        "fillings": Experiment(
            CLASSICAL, f"--methods none --detectors {_bags(_FORESTS, *_BARE)} {few} {one}"
        ),
        "scored": Experiment(
            CLASSICAL, f"--methods none --detectors {_bags('random_forest', *_SCORED)} {few} {one}"
        ),
        "sizes": Experiment(
            CLASSICAL, f"--methods none --detectors {_bags('random_forest', *_SIZES)} {few} {one}"
        ),
        "deepsad": Experiment(CLASSICAL, f"--methods none --detectors deepsad --labels 10 {one}"),
    }


def _few_labels() -> dict[str, Experiment]:
    all_labels, few = "--labels 1 3 10 40", "--labels 3 10"
    asked = f"--max-rows 10000 {SEEDS}"
    estimators = f"{TREES} logistic_regression mlp"
    more = ["n_bags=5", "n_bags=20", "n_neighbors=5", "n_neighbors=20"]
    ways = f"--detectors {estimators} {_SCORES} {_bags(estimators)} {_RIVALS} {all_labels} {asked}"
    return {
        "classical": Experiment(CLASSICAL, f"{_WAYS} {ways}"),
        "embeddings": Experiment(EMBEDDINGS, f"{_NOISE.replace(_FIXED, f'{_FIXED} {_FITTED}')} {ways}"),
        "bags": Experiment(
            (*CLASSICAL, *EMBEDDINGS),
            f"--methods none --detectors {_bags(_FORESTS, *_BARE, *_SCORED)} "
            f"{_bags('random_forest', *_SIZES, *more)} {few} {asked}",
        ),
        "deepsad": Experiment(CLASSICAL, f"--methods none --detectors deepsad --labels 10 {asked}"),
    }


def _rivals(name: str, asked: str) -> Experiment:
    """Those of the extra ``rivals``, which needs torch."""
    return Experiment(
        (*CLASSICAL, *EMBEDDINGS), f"--methods none --detectors {name} --labels 3 10 --max-rows 2000 {asked}"
    )


_RIVAL_PARTS = {
    "xgbod": _rivals("xgbod", "--seeds 0"),
    "networks": _rivals("devnet prenet rosas feawad", "--seeds 0"),
}


def _paper(data: tuple[str, ...], ratios: str, amounts: str, noise: str = "") -> dict[str, Experiment]:
    """The published experiment; its published noise is 0.01 on tables and 0.3 on embeddings."""
    asked = (
        f"--protocol paper --methods none duplicate nng_mix {_FIXED}{noise} --ratios "
        f"{ratios} --multipliers {amounts} --seeds 0"
    )
    return {
        "mlp": Experiment(data, f"{asked} --detectors mlp"),
        "trees": Experiment(data, f"{asked} --detectors {TREES}"),
        "deepsad": Experiment(data, f"{asked} --detectors deepsad"),
    }


def _grid(name: str, parts: dict[str, Experiment]) -> dict[str, Experiment]:
    return {f"{name}/{part}": experiment for part, experiment in parts.items()}


# A night each on two cores: not run unless they are asked for.
NIGHT = ("few_labels", "paper_grid")
EXPERIMENTS = {
    **_PUBLISHED,
    **_grid("few_labels_small", _few_labels_small()),
    **_grid("few_labels_rivals", _RIVAL_PARTS),
    **_grid("paper_grid_small", _paper((*THIRD, *EMBEDDINGS), "1.0 0.1", "5 10")),
    **_grid("few_labels", _few_labels()),
    **_grid("paper_grid", _paper((*CLASSICAL, *EMBEDDINGS), "1.0 0.5 0.1", "1 5 10", f" {_FITTED}")),
}

# A page of tables and the grids that it reads.
PAGES = {
    "few_labels_small": ("few_labels_small", "few_labels_rivals"),
    "few_labels": ("few_labels",),
    "paper_grid_small": ("paper_grid_small",),
    "paper_grid": ("paper_grid",),
}


def chosen(names: list[str]) -> list[str]:
    """The experiments of these names; that of a grid means all its parts."""
    unknown = [n for n in names if not any(n in (e, e.partition("/")[0]) for e in EXPERIMENTS)]
    if unknown:
        raise SystemExit(f"there is no experiment {', '.join(unknown)}; there are {', '.join(EXPERIMENTS)}")
    if not names:
        return [e for e in EXPERIMENTS if e.partition("/")[0] not in (*NIGHT, "few_labels_rivals")]
    return [e for n in names for e in EXPERIMENTS if n in (e, e.partition("/")[0])]
