"""One file, asked what ``nngmix augment`` would ask of it, and some things more."""

import os
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nngmix.files.csv_format import CsvFormat
from nngmix.files.table import IN_FILES
from nngmix.inspection import facts
from nngmix.inspection.columns import Contents, read_contents, without_ids
from nngmix.methods.noise import about_noise
from nngmix.methods.resample import fit_rows
from nngmix.neighbors.search import search
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.amount import Amount
from nngmix.parameters.mixture import Noise, check_noise_or_auto
from nngmix.rows.asked_columns import ColumnsAsked, Features, Missing
from nngmix.rows.in_memory import MatrixRows
from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.label_default import default_rule
from nngmix.rows.labels import LabelRule, Labels, read_labels
from nngmix.rows.rows import coded_rows
from nngmix.rows.unscaled import asked_columns

__all__ = ["Inspection", "inspect_file"]

# What `nngmix augment` makes unless told.
_DEFAULT_AMOUNT = Amount(share=0.1)
# Of a format, with that of a compression.
_ENDING = re.compile(r"\.\w+(\.(gz|bz2|zst))?$", re.IGNORECASE)
_IN_PYTHON, _IN_SHELL = "anomaly_label and unlabeled_label", "--anomaly and --unlabeled"


@dataclass
class Inspection:
    """What was found; every member but `usable` is there whatever went wrong.

    Attributes
    ----------
    path : str
    rows : int
    dtype : str or None
        Of the features together.
    columns : list of dict
        Of each feature its name, type, number of categories, values missing, whether it is constant, whether
        all its values are whole numbers (new rows keep to both), the column it repeats.
    left_out : dict of str to str
        Columns that are no features unasked, and why.
    missing_rows, duplicated_rows : int
        Rows with a missing or infinite feature; rows that are the same as one before them.
    labels : list of dict
        Of each label its value, its rows, and what it is taken for: anomaly, unlabelled or neither.
    nearest_unlabelled, nearest_anomaly : dict or None
        Distances from each labelled anomaly, in units of the scaled features: least, median, largest, and how
        many are 0.
    noise : str or None
        How far the noise of new rows moves them, and whether that is far off.
    refused : list of str
        Everything that ``nngmix augment`` would refuse.
    warnings : list of str
        What it would warn of.
    command : list of str or None
        The words of a command that works on this file.
    """

    path: str
    rows: int = 0
    dtype: str | None = None
    columns: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    missing_rows: int = 0
    duplicated_rows: int = 0
    labels: list[dict[str, Any]] = field(default_factory=list)
    nearest_unlabelled: dict[str, Any] | None = None
    nearest_anomaly: dict[str, Any] | None = None
    noise: str | None = None
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    command: list[str] | None = None

    @property
    def usable(self) -> bool:
        """Whether nothing would be refused."""
        return not self.refused


def inspect_file(
    path: str,
    label: str | None = None,
    *,
    anomaly: Sequence[Any] = (),
    unlabeled: Sequence[Any] = (),
    features: Sequence[str] = (),
    ignore: Sequence[str] = (),
    missing: Missing = "error",
    categorical_features: Features = None,
    categorical_weight: float | None = None,
    csv: CsvFormat | None = None,
    scale: str | None = "minmax",
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    noise_std: Noise = 0.01,
    n_threads: int | None = None,
) -> Inspection:
    """Look into a file of any format that ``nngmix augment`` reads, see there for the parameters.

    Returns
    -------
    Inspection
        Also of a file that cannot be used at all: then `refused` says why.

    Raises
    ------
    ValueError
        For numbers of neighbours and other parameters out of their range.
    """
    csv, noise_std = csv or CsvFormat(), check_noise_or_auto("noise_std", noise_std)
    found = Inspection(path)
    asked = asked_columns(categorical_weight, categorical_features=categorical_features, missing=missing)
    try:
        contents = read_contents(path, label, ignore, features, csv, asked)
        found.refused += [*contents.faults, *_refused(contents)]
        if contents.refused and categorical_features is None:
            # What is proposed takes texts for categories.
            asked = replace(asked, categorical_features="auto")
            contents = without_ids(read_contents(path, label, ignore, features, csv, asked))
    except (ValueError, TypeError, OSError) as error:
        found.refused.append(_said(error))
        return found
    _describe(found, contents)
    if scale is None and contents.kinds is not None and categorical_weight is None:
        found.refused.append("--categorical-weight is needed with --scale none: categories have no unit")
    if label is None and path.lower().endswith(".npz"):
        label, anomaly = "y", anomaly or (() if unlabeled else ("1",))
    rule, labels = _who(found, contents, label, anomaly, unlabeled)
    lacking = bool(contents.faults) or contents.X is None or rule is None
    spec = None
    if contents.X is not None:
        rows = MatrixRows(path, contents.X, contents.features, IN_FILES, 0, contents.kinds)
        if missing == "error":
            try:
                rows.check_finite(contents.X)
            except ValueError as error:
                found.refused.append(_said(error))
        if rule is not None and labels is not None:
            asked = replace(asked, missing="skip") if found.missing_rows and missing == "error" else asked
            spec = FitSpec(
                rows.n_features,
                rows.dtype,
                contents.features,
                rule,
                labels.name,
                scale,
                asked,
                n_neighbors,
                n_neighbors_anomaly,
                amount=_DEFAULT_AMOUNT,
                n_threads=n_threads,
            )
            lacking |= not _search(found, rows, labels, spec, noise_std)
    if not lacking and rule is not None and label is not None:
        found.command = _command(found, contents, label, rule, features, csv, asked)
    return found


def _refused(contents: Contents) -> list[str]:
    of = contents.refused.items()
    return [_said(why if repr(name) in why else f"column {name!r}: {why}") for name, why in of]


def _describe(found: Inspection, contents: Contents) -> None:
    found.rows, found.left_out = contents.n_rows, contents.left_out
    nothing = dict.fromkeys(("categories", "missing", "constant", "whole", "same_as"))
    about: dict[str, dict[str, Any]] = {
        name: {"name": name, "type": kind} | nothing for name, kind in contents.types.items()
    }
    if contents.X is not None:
        X, names = contents.X, contents.features
        found.dtype = str(X.dtype)
        n_missing, found.missing_rows = facts.missing_values(X)
        found.duplicated_rows = facts.duplicated_rows(X)
        same = facts.same_columns(X)
        shown = n_missing.tolist(), facts.constant_columns(X).tolist(), facts.whole_columns(X).tolist()
        values = [None] * len(names) if contents.kinds is None else contents.kinds.categories
        for j, (name, lacks, constant, whole) in enumerate(zip(names, *shown, strict=True)):
            about[name] |= {"missing": lacks, "constant": constant, "whole": whole and values[j] is None}
            about[name]["categories"] = None if (there := values[j]) is None else len(there)
            if j in same and values[j] == values[same[j]]:
                about[name]["same_as"] = names[same[j]]
    found.columns = list(about.values())


def _who(
    found: Inspection,
    contents: Contents,
    label: str | None,
    anomaly: Sequence[Any],
    unlabeled: Sequence[Any],
) -> tuple[LabelRule | None, Labels | None]:
    """Who is taken for what; None where it cannot be told, which is noted."""
    if contents.labels is None:
        if label is None:
            found.refused.append("no column of labels is named: give it with --label")
        return None, None
    where = f"the label column {label!r} of {found.path}"
    labels = read_labels(where, contents.labels, written=contents.typeless)
    counts = LabelCounts()
    counts.add(labels.counts())
    rule = None
    try:
        if anomaly or unlabeled:
            rule = LabelRule.of(anomaly or None, unlabeled or None)
            rule.check_met(where, counts, labels.written)
        else:
            rule = default_rule(labels)
        rule.split(labels)
    except ValueError as error:
        found.refused.append(_said(error).replace(_IN_PYTHON, _IN_SHELL))
        rule = None
    for value, n_rows in labels.counts().items():
        found.labels.append({"value": value, "rows": n_rows, "taken_for": _kind(rule, value, labels.written)})
    return rule, labels


def _kind(rule: LabelRule | None, value: Any, written: bool) -> str | None:
    if rule is None:
        return None
    if value is None or rule.is_unlabeled(value, written):
        return "unlabelled"
    return "anomaly" if rule.is_anomaly(value, written) else "neither"


def _search(found: Inspection, rows: MatrixRows, labels: Labels, spec: FitSpec, noise_std: Noise) -> bool:
    """Fit as augmenting does, and note what the table shows; whether that went well."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            fitted = fit_rows(rows, labels, spec)
            if not fitted.n_samples:
                # The share is reached, and nothing was searched.
                fitted = fit_rows(rows, labels, replace(spec, amount=Amount(multiplier=1)))
        except (ValueError, MemoryError) as error:
            found.refused.append(_said(error))
            return False
    found.warnings = list(dict.fromkeys(_said(warning.message) for warning in said))
    table = fitted.table
    found.nearest_unlabelled = facts.summary(np.sqrt(table.squared_distances[:, 0]))
    found.nearest_anomaly = facts.summary(_to_others(table))
    found.noise = about_noise(table, noise_std)
    return True


def _to_others(table: NeighborTable) -> Any:
    """Distance of each anomaly to the nearest other one, if there is one."""
    if table.anomaly_neighbors.shape[1] == 0:
        return np.empty(0)
    rows = coded_rows("X_anomaly", table.X_scaled, None, table.kinds)
    return np.sqrt(search(table.X_scaled, rows, 1, True, table.n_threads, mixed=table.mixed)[0][:, 0])


def _command(
    found: Inspection,
    contents: Contents,
    label: str,
    rule: LabelRule,
    features: Sequence[str],
    csv: CsvFormat,
    asked: ColumnsAsked,
) -> list[str]:
    """A command that leaves out what cannot be used, and works."""
    given = {"label": [label], "anomaly": rule.anomaly or (), "unlabeled": rule.unlabeled or ()}
    refused = [name for name in contents.types if name in contents.refused and name not in features]
    given |= {"ignore": [*contents.ignored, *refused]}
    given |= {"feature": [name for name in features if name not in contents.refused]}
    names = asked.categorical_features
    given |= {"categorical": ["auto"] if isinstance(names, str) else list(names or ())}
    given |= {"missing": [asked.missing] if found.missing_rows else []}
    for name, default in vars(CsvFormat()).items():
        value = getattr(csv, name)
        given[name] = [] if value == default else ["tab" if value == "\t" else value]
    options = [
        word for name, values in given.items() for value in values for word in (f"--{name}", str(value))
    ]
    # A share that is reached makes no rows.
    amount = "1x" if any("no rows are made" in said for said in found.warnings) else "10%"
    # A name that begins with a dash would be an option.
    path = os.path.join(".", found.path) if found.path.startswith("-") else found.path
    output = _ENDING.sub(r"-augmented\g<0>", path, count=1)
    return ["nngmix", "augment", path, *options, "-n", amount, "-o", output]


def _said(error: object) -> str:
    return " ".join(str(error).split())
