"""What can rank the rows of files, by name: the neighbour score; later entries need a table in memory."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.fitted_score import keep_model
from nngmix.detection.score import NeighborScore
from nngmix.detection.score_fit import ScoreFit
from nngmix.detection.score_labels import warn_of_normal
from nngmix.neighbors.passes import Counts
from nngmix.ranking.inputs import Batch, RankInputs
from nngmix.rows.labels import LabelRule
from nngmix.rows.rows import Rows

__all__ = ["RANKERS", "Ranker", "load_ranker"]

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

    # The ending of its model, and whether that is read without running what is in it.
    ending = ".npz"
    safe = True

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
    def load(cls, path: str, n_threads: int | None) -> "Ranker":
        """Read what `save` wrote."""


class ScoreRanker(Ranker):
    """The neighbour score: one pass to fit, in bounded memory, and one to score."""

    def __init__(self, *, estimator: str | None = None, **parameters: Any) -> None:
        if estimator is not None:
            raise ValueError("the neighbour score trains nothing: an estimator is for another detector")
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
    def load(cls, path: str, n_threads: int | None) -> "ScoreRanker":
        ranker = cls()
        ranker.score = NeighborScore.load(path, n_threads=n_threads)
        return ranker


RANKERS: dict[str, type[Ranker]] = {"score": ScoreRanker}


def load_ranker(path: str, *, n_threads: int | None = None) -> Ranker:
    """The ranker that a model file holds, by its ending.

    Raises
    ------
    ValueError
        For another ending, or a file that holds no model.
    """
    for ranker in RANKERS.values():
        if path.lower().endswith(ranker.ending):
            return ranker.load(path, n_threads)
    endings = " or ".join(ranker.ending for ranker in RANKERS.values())
    raise ValueError(f"{os.fspath(path)}: a model has the ending {endings}")
