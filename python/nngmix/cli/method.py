"""``--method``: which method makes the rows, by name or by the rule of `nngmix.methods.auto`."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Self

import click
import numpy as np
from click.core import ParameterSource

from nngmix.methods.auto import ESTIMATORS, Choice, choose
from nngmix.methods.recipe import Recipe
from nngmix.methods.registry import METHODS
from nngmix.parameters.amount import Amount
from nngmix.rows.labels import LabelRule, Labels

__all__ = ["AskedMethod", "check_nng_mix", "method_options"]

_METHOD = (
    "What makes the rows; auto: what helped estimators like that of --for with so few labels, or nothing. "
    "All but nng_mix: from one file to one file."
)
_FOR = "With --method auto: what will be trained on the rows."
# Parameters of a method that are options.
_SETTINGS = ("n_neighbors", "n_neighbors_anomaly", "noise_std", "alpha", "beta", "unlabeled_fraction")


def method_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--method`` and ``--for``."""
    names = click.Choice([*METHODS, "auto"])
    command = click.option("--for", "estimator", type=click.Choice([*ESTIMATORS]), help=_FOR)(command)
    return click.option("--method", type=names, default="nng_mix", help=_METHOD)(command)


def check_nng_mix(context: click.Context, options: dict[str, Any]) -> None:
    """Take these options out of all; a usage error for another method than the one that goes into folders."""
    if options.pop("method") != "nng_mix" or options.pop("estimator") is not None:
        raise click.UsageError(
            "into a folder nng_mix alone makes rows: name a table as output, such as new.parquet", context
        )


class Settled(NamedTuple):
    """What is done with a table.

    Attributes
    ----------
    recipe : Recipe
    scaled : bool
        Whether the method knows scales: copies are copies, and come back without one.
    amount : Amount
    choice : Choice or None
        Why, if it was chosen.
    """

    recipe: Recipe[Any, Any]
    scaled: bool
    amount: Amount
    choice: Choice | None


@dataclass(frozen=True)
class AskedMethod:
    """What was asked for.

    Attributes
    ----------
    name : str
        A method of nngmix, or "auto".
    recipe : Recipe or None
        None for "auto".
    amount : Amount
    said : bool
        Whether somebody said the amount.
    family : str
        Of the estimator, for "auto".
    """

    name: str
    recipe: Recipe[Any, Any] | None
    amount: Amount
    said: bool
    family: str

    @classmethod
    def of(cls, context: click.Context, options: dict[str, Any]) -> Self:
        """Take these options out of all; a usage error for those that do not go together."""
        name, estimator, amount = (options.pop(option) for option in ("method", "estimator", "amount"))
        if (name == "auto") != (estimator is not None):
            raise click.UsageError("--method auto and --for ESTIMATOR go together", context)
        if options["plan"] and name != "nng_mix":
            raise click.UsageError("--plan shows neighbours and weights, which nng_mix alone has", context)
        values = {setting: options.pop(setting) for setting in _SETTINGS}
        given = {setting: value for setting, value in values.items() if _is_said(context, setting)}
        recipe = None if name == "auto" else METHODS[name].recipe
        takes = () if recipe is None else [field.name for field in fields(recipe) if field.init]  # type: ignore[arg-type]
        for setting in given:
            if setting not in takes:
                option = f"--{setting.replace('_', '-')}"
                raise click.UsageError(f"{option} is no parameter of --method {name}", context)
        made = None if recipe is None else recipe(**given)
        return cls(name, made, amount, _is_said(context, "amount"), ESTIMATORS.get(estimator, "other"))

    def settled(self, rule: LabelRule, labels: Labels, n_features: int) -> Settled:
        """What is done with a table of these labels."""
        if self.recipe is not None:
            return Settled(self.recipe, hasattr(METHODS[self.name].sampler, "scale"), self.amount, None)
        who = rule.split(labels)
        n_anomalies, n_unlabeled = (int(np.count_nonzero(kind)) for kind in (who.anomaly, who.unlabeled))
        choice = choose(self.family, n_anomalies, n_unlabeled, n_features)
        # Of "none" no rows are made, whatever the method.
        method = METHODS["duplicate" if choice.method == "none" else choice.method]
        said = self.said and choice.method != "none"
        amount = self.amount if said else Amount.parse(choice.amount)
        return Settled(method.recipe(**choice.settings), hasattr(method.sampler, "scale"), amount, choice)


def _is_said(context: click.Context, option: str) -> bool:
    return context.get_parameter_source(option) is not ParameterSource.DEFAULT
