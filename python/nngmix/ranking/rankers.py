"""What can rank the rows of files, by name: the neighbour score, or an ensemble of detectors."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.fitted_score import keep_model
from nngmix.detection.score import NeighborScore
from nngmix.detection.score_fit import ScoreFit
from nngmix.detection.score_labels import warn_of_normal
from nngmix.files.paths import check_input, check_output
from nngmix.neighbors.passes import Counts
from nngmix.neighbors.spec import Missing
from nngmix.ranking.inputs import Batch, RankInputs
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.labels import LabelRule
from nngmix.rows.rows import Rows

__all__ = ["RANKERS", "Ranker", "check_model", "load_ranker", "make_ranker"]

Float = NDArray[np.float64]
# Called with the stage and the rows done.
Report = Callable[[str, int], None]


class Ranker(ABC):
    """Gives rows a score; higher is to be looked at earlier.

    Attributes
    ----------
    score : NeighborScore
        Fitted; it tells the reasons.
    counts : Counts
        Of the rows that it was fitted on.
    """

    # The ending of its model.
    ending: ClassVar[str]

    score: NeighborScore
    counts: Counts

    @abstractmethod
    def fit(self, inputs: RankInputs, rule: LabelRule, report: Report) -> None:
        """Take all rows of the inputs into account."""

    @abstractmethod
    def training_scores(self, batch: Batch) -> Float:
        """The scores of rows it was fitted on, each as if it had not been; NaN where there is none."""

    @abstractmethod
    def scores(self, rows: Rows) -> Float:
        """The scores of rows to come; NaN where there is none."""

    @abstractmethod
    def save(self, path: str) -> None:
        """Write what `load` reads."""

    @classmethod
    @abstractmethod
    def load(cls, path: str, n_threads: int | None, missing: Missing | None) -> "Ranker":
        """Read what `save` wrote; `missing` takes the place of what was given when it was made."""

    def features(self) -> tuple[str, ...]:
        """Names of the columns that rows must have; none if they have no names."""
        return tuple(map(str, self.score.model_.names or ()))

    def columns(self) -> ColumnsAsked:
        """What rows to come are asked for: categories where the model has them."""
        kinds = self.score.model_.known.kinds
        names = zip(self.features(), () if kinds is None else kinds.categories, strict=False)
        categorical = tuple(name for name, values in names if values is not None)
        return ColumnsAsked(categorical or None, missing=self.score.missing)

    def labels(self) -> list[Any]:
        """The label of each anomaly."""
        model = self.score.model_
        labels: list[Any] = model.classes[model.kinds].tolist()
        return labels


class ScoreRanker(Ranker):
    """The neighbour score: one pass to fit, in bounded memory, and one to score."""

    ending = ".npz"

    def __init__(self, *, estimator: str | None = None, **parameters: Any) -> None:
        if estimator is not None:
            raise ValueError("the neighbour score trains nothing: --estimator is for --detector ensemble")
        self.score = NeighborScore(**parameters)

    def fit(self, inputs: RankInputs, rule: LabelRule, report: Report) -> None:
        fit = ScoreFit.of(self.score)
        survey = fit.survey(inputs.like, rule, inputs.where)
        for batch in inputs.batches():
            survey.update(batch.rows, batch.labels, batch.first_row)
            report("reading", batch.first_row + len(batch.rows))
        counts, written = survey.counts.labels, survey.written
        LabelRule(rule.anomaly, rule.unlabeled).check_met(inputs.where, counts, written)
        warn_of_normal(rule.normal, inputs.where, counts, written)
        anomalies = survey.anomalies()
        labels = anomalies.labels or []
        kinds = list(dict.fromkeys(labels))
        unlabeled = [value for value, _ in counts.counts.most_common() if rule.is_unlabeled(value, written)]
        classes = np.array([next(iter(unlabeled), None), *kinds], object)
        codes = np.array([1 + kinds.index(label) for label in labels], np.int64)
        keep_model(self.score, fit.model(survey, anomalies, classes, codes))
        self.counts = survey.counts

    def training_scores(self, batch: Batch) -> Float:
        return self.score.score_training_rows(batch.rows, batch.first_row)

    def scores(self, rows: Rows) -> Float:
        return self.score.decision_function(rows)

    def save(self, path: str) -> None:
        self.score.save(path)

    @classmethod
    def load(cls, path: str, n_threads: int | None, missing: Missing | None) -> "ScoreRanker":
        ranker = cls()
        ranker.score = NeighborScore.load(path, n_threads=n_threads)
        ranker.score.missing = missing or ranker.score.missing
        return ranker


# Each with the ending of its model; modules are imported when they are asked for.
RANKERS = {
    "score": ("nngmix.ranking.rankers", "ScoreRanker", ScoreRanker.ending),
    "ensemble": ("nngmix.ranking.ensemble", "EnsembleRanker", ".joblib"),
}


def _ranker(name: str) -> type[Ranker]:
    module, there, _ = RANKERS[name]
    try:
        found: type[Ranker] = getattr(import_module(module), there)
    except ModuleNotFoundError as error:
        raise ImportError(f"detector {name!r} needs {error.name}: pip install 'nngmix[detect]'") from error
    return found


def make_ranker(name: str, **parameters: Any) -> Ranker:
    """A ranker by its name.

    Raises
    ------
    ValueError
        For another name, or parameters that it does not take.
    """
    if name not in RANKERS:
        raise ValueError(f"the detector must be one of {', '.join(RANKERS)}, got {name!r}")
    return _ranker(name)(**parameters)


def check_model(name: str, path: str) -> None:
    """Raise if a model of this ranker cannot be written to `path`."""
    ending = RANKERS[name][2]
    if not path.lower().endswith(ending):
        raise ValueError(f"{path}: the model of the detector {name!r} must have the ending {ending}")
    check_output(path)


def load_ranker(path: str, *, n_threads: int | None = None, missing: Missing | None = None) -> Ranker:
    """The ranker that a model file holds, by its ending.

    Raises
    ------
    ValueError
        For another ending, or a file that holds no model.
    """
    check_input(path)
    for name, (_, _, ending) in RANKERS.items():
        if path.lower().endswith(ending):
            return _ranker(name).load(path, n_threads, missing)
    endings = " or ".join(ending for _, _, ending in RANKERS.values())
    raise ValueError(f"{path}: a model has the ending {endings}")
