"""What the columns of a frame are: features, a label, an id, or left as they are."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.frame import is_frame, known_frame, library, native
from nngmix.rows.labels import LabelRule
from nngmix.rows.names import check_known
from nngmix.rows.refusal import IN_MEMORY, Advice
from nngmix.rows.rows import Rows, as_rows, check_units, matched

__all__ = ["ADVICE", "FRAME", "Roles", "agreed", "given_anomalies", "not_of", "rule_of"]

# The ways out for columns and rows of partitions, and for the frame that they are parts of.
ADVICE = Advice(
    "convert such columns, choose others with features, or leave these out with ignore",
    "drop or impute such rows, leave them out with missing='skip', or missing values in with missing='keep'",
    categories=IN_MEMORY.categories,
    dates=IN_MEMORY.dates,
)
FRAME = replace(ADVICE, warn_index=True)


@dataclass(frozen=True)
class Roles:
    """The columns that are read.

    Attributes
    ----------
    features : tuple
        Names of the features.
    label, id : name or None
    ignored : tuple
        Columns that were said to be no features.
    chosen : bool
        Whether the features were named one by one.
    """

    features: tuple[Hashable, ...]
    label: Hashable | None = None
    id: Hashable | None = None
    ignored: tuple[Hashable, ...] = ()
    chosen: bool = False

    @classmethod
    def of(
        cls,
        where: str,
        names: Sequence[Hashable],
        features: Sequence[Hashable] | None,
        ignore: Sequence[Hashable],
        label: Hashable | None = None,
        id: Hashable | None = None,
    ) -> Self:
        """The roles of columns of these names; without `features` all that have no other role."""
        for what, given in (("features", features), ("ignore", ignore)):
            if isinstance(given, str):
                raise ValueError(f"{what} must be a list of names of columns, got {given!r}")
        ignored = tuple(ignore)
        others = [*ignored, *(name for name in (label, id) if name is not None)]
        for name in (*others, *(features or ())):
            if not isinstance(name, Hashable):
                raise TypeError(f"label, id, features and ignore are names of columns, got {name!r} for one")
        check_known(where, (*others, *(features or ())), names)
        if label is not None and label == id:
            raise ValueError(f"{label!r} is the label column, it cannot be the id")
        if label in ignored:
            raise ValueError(f"{label!r} is the label column, it cannot be ignored")
        taken = set(others)
        if features is None:
            chosen = tuple(name for name in names if name not in taken)
            if not chosen:
                raise ValueError(f"{where} has no column that is a feature: all of them have other roles")
            return cls(chosen, label, id, ignored)
        chosen = tuple(features)
        if not chosen or len(set(chosen)) < len(chosen):
            raise ValueError(
                f"features must be the names of at least one column, each once, got {features!r}"
            )
        for name in chosen:
            if name in taken:
                role = "the label column" if name == label else "the id" if name == id else "ignored"
                raise ValueError(f"{name!r} is {role}, it cannot be a feature")
        return cls(chosen, label, id, ignored, chosen=True)

    @property
    def others(self) -> tuple[Hashable, ...]:
        """The columns that are read beside the features."""
        return tuple(name for name in (self.label, self.id) if name is not None)


RolesT = TypeVar("RolesT", Roles, Roles | None)


def not_of(where: str, expected: str, got: Any) -> TypeError:
    """The error for what is no collection of the engine."""
    in_memory = library(got) in ("pandas", "polars", "pyarrow", "numpy")
    way = "; rows in memory need no engine: nngmix.NNGMix and nngmix.nng_mix take them" if in_memory else ""
    return TypeError(f"{where}: expected {expected}, got {type(got).__name__} ({library(got)}){way}")


def rule_of(anomaly: Any, unlabeled: Any) -> LabelRule:
    """Who is who: where nobody says, 1 is the anomaly."""
    return LabelRule.of(1 if anomaly is None and unlabeled is None else anomaly, unlabeled)


def given_anomalies(X_anomaly: Any, roles: Roles | None, asked: ColumnsAsked) -> Rows:
    """Anomalies that are given apart from a frame, as far as they are features; without names no roles."""
    return as_rows("X_anomaly", X_anomaly if roles is None else _features_of(X_anomaly, roles), asked=asked)


def agreed(given: Rows, like: Rows, roles: RolesT) -> tuple[Rows, Rows, RolesT]:
    """Both with the same columns, and the roles with the features in their order.

    Features that were chosen are taken from the anomalies too, whatever else these have; otherwise the
    columns of both must be the same, in the order of the anomalies. `like` holds the types of the frame.
    """
    if roles is None or given.names is None or like.names is None or roles.chosen:
        return matched(given, like), like, roles
    like = like.matched(given.names, given.name)
    check_units(given, like.units, like.name)
    return given, like, replace(roles, features=given.names)


def _features_of(X_anomaly: Any, roles: Roles) -> Any:
    """The features of a frame of anomalies."""
    X_anomaly = native("X_anomaly", X_anomaly)
    if not is_frame(X_anomaly) or not (roles.chosen or roles.ignored or roles.others):
        return X_anomaly
    frame = known_frame(X_anomaly)
    pandas = library(frame) == "pandas"
    names = list(frame.columns) if pandas or library(frame) == "polars" else list(frame.schema.names)
    if roles.chosen:
        check_known("X_anomaly", roles.features, names)
        wanted = list(roles.features)
    else:
        wanted = [name for name in names if name not in {*roles.ignored, *roles.others}]
    if wanted == names:
        return X_anomaly
    return frame[wanted] if pandas else frame.select(wanted)
