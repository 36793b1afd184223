"""From rows to what a neighbour score knows: the parameters, checked once, and the one pass."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.score_model import ScoreModel, Side, scaled_rows
from nngmix.detection.score_survey import ScoreSurvey
from nngmix.neighbors.anomalies import Anomalies, recoded
from nngmix.neighbors.spec import FitSpec, Missing
from nngmix.parameters.checks import check_count, check_finite_number, check_threads, clamp_neighbors
from nngmix.parameters.seed import RandomState, seed_sequence
from nngmix.parameters.warnings import warn_missing
from nngmix.rows.asked_columns import ColumnsAsked, Features
from nngmix.rows.kinds import Kinds, joined_kinds
from nngmix.rows.labels import LabelRule
from nngmix.rows.rows import Known, Rows, as_rows, matched
from nngmix.rows.scaling import Scale
from nngmix.rows.spared_columns import spared
from nngmix.rows.unscaled import check_weighed

__all__ = ["ScoreFit"]


@dataclass(frozen=True)
class ScoreFit:
    """How a score is fitted; see `NeighborScore`."""

    n_neighbors: int
    scale: str | None
    n_anomalies: int | str
    reference_rows: int
    eps: float
    random_state: RandomState
    n_threads: int | None
    missing: Missing
    categorical_features: Features
    categorical_weight: float | None

    def __post_init__(self) -> None:
        check_count("n_neighbors", self.n_neighbors, minimum=1)
        if self.n_anomalies != "auto":
            check_count("n_anomalies", self.n_anomalies, minimum=1)
        check_count("reference_rows", self.reference_rows, minimum=2)
        if check_finite_number("eps", self.eps) < np.finfo(np.float64).tiny:
            raise ValueError(f"eps must be above 0, and no subnormal number, got {self.eps}")
        # Refuses what is wrong with the others.
        FitSpec(
            1,
            np.dtype(np.float64),
            scale=self.scale,
            columns=self.asked,
            n_threads=self.n_threads,
        )
        object.__setattr__(self, "n_threads", check_threads(self.n_threads))
        seed_sequence(0 if isinstance(self.random_state, np.random.Generator) else self.random_state)

    @classmethod
    def of(cls, score: Any) -> Self:
        """The parameters that a score was given."""
        return cls(**{field.name: getattr(score, field.name) for field in fields(cls)})

    @property
    def asked(self) -> ColumnsAsked:
        """What is asked for of the columns."""
        weight = 1.0 if self.categorical_weight is None else self.categorical_weight
        return ColumnsAsked(self.categorical_features, missing=self.missing, categorical_weight=weight)

    def survey(self, rows: Rows, rule: LabelRule | None, where: str = "y") -> ScoreSurvey:
        """The pass over all rows, before any of them."""
        if self.scale is None:
            check_weighed(rows.kinds, self.categorical_weight)
        spec = FitSpec(
            rows.n_features,
            rows.dtype,
            rows.names,
            rule,
            where,
            self.scale,
            self.asked,
            n_threads=self.n_threads,
        )
        return ScoreSurvey(spec, self.reference_rows, seed_sequence(self.random_state))

    def apart(self, given: Rows, X_normal: Any, fold: Callable[[ScoreSurvey], object]) -> ScoreModel:
        """The model of anomalies of their own, and of the unlabelled rows that `fold` runs the pass over."""
        if len(given) == 0:
            raise ValueError("X_anomaly must have at least one row, got none")
        X_anomaly = given.whole()
        given.check_finite(X_anomaly)
        survey = self.survey(given, None)
        survey.scaling.update(X_anomaly, n_threads=self.n_threads)
        if X_normal is not None:
            known = Known.of(given)
            normal = matched(as_rows("X_normal", X_normal, asked=self.asked, known=known), given)
            survey.add_normal(normal, np.arange(len(normal)), 0)
        fold(survey)
        kinds = np.ones(len(X_anomaly), np.int64)
        found = Anomalies(X_anomaly, np.arange(len(kinds)), kinds=given.kinds)
        return self.model(survey, found, np.array([0, 1]), kinds)

    def model(
        self, survey: ScoreSurvey, anomalies: Anomalies, classes: NDArray[Any], kinds: NDArray[np.int64]
    ) -> ScoreModel:
        """What is known after the pass; `kinds` says which of the classes each anomaly is of."""
        ids, rows, sampled = survey.sample.rows()
        normal_ids, normal, normal_kinds = survey.normals()
        if len(ids) < 2:
            raise ValueError(
                f"at least two unlabelled rows are needed to compare with, got {len(ids)}; "
                f"{survey.spec.where} holds {survey.counts.labels}"
            )
        spec, scale, constant = survey.spec, None, np.zeros(survey.spec.n_features, bool)
        columns = joined_kinds(joined_kinds(sampled, survey.kinds, spec.names), anomalies.kinds, spec.names)
        if len(normal):
            columns = joined_kinds(columns, normal_kinds, spec.names)
        if spec.scale is not None:
            scale, constant = survey.scaling.scale(spec.dtype), survey.scaling.constant()
            if columns is not None:
                sparing = spared(scale, columns)
                scale, constant = Scale(sparing.offset, sparing.width), constant & ~columns.categorical

        def side(ids: NDArray[np.int64] | None, rows: NDArray[Any], kinds: Kinds | None) -> Side:
            rows = recoded(rows, kinds, columns)
            scaled = rows if scale is None else scaled_rows(rows, scale, constant, self.n_threads)
            numbers = np.arange(len(rows)) if ids is None else ids
            return Side(scaled, numbers, columns, spec.columns.categorical_weight)

        warn_missing(survey.counts.n_missing, survey.counts.n_rows)
        return ScoreModel(
            unlabeled=side(ids, rows, sampled),
            anomalies=side(anomalies.ids, anomalies.X, anomalies.kinds),
            normals=side(normal_ids, normal, normal_kinds),
            kinds=kinds,
            classes=classes,
            names=spec.names,
            scale=scale,
            constant=constant,
            n_neighbors=clamp_neighbors("n_neighbors", self.n_neighbors, len(ids) - 1),
            n_anomalies=self._averaged(len(kinds)),
            eps=float(self.eps),
            n_rows=survey.counts.n_unlabeled,
        )

    def _averaged(self, n_anomalies: int) -> int:
        """How many of the anomalies count for a row."""
        # The square root stands well with 1 to 40 labels, in small tables and large ones: with few labels the
        # nearest one alone, with many a handful, so that no single one decides.
        return (
            round(n_anomalies**0.5) if self.n_anomalies == "auto" else min(int(self.n_anomalies), n_anomalies)
        )
