"""``--method``: which method makes the rows, by name or by the rule of `nngmix.methods.auto`."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Self

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


@dataclass(frozen=True)
class AskedMethod:
    """What was asked for.

    Attributes
    ----------
    recipe : Recipe or None
        None: it is chosen, for the family of estimators.
    amount : Amount
    given : bool
        Whether the amount was.
    family : str or None
    choice : Choice or None
        Once it is chosen.
    """

    recipe: Recipe[Any, Any] | None
    amount: Amount
    given: bool
    family: str | None
    choice: Choice | None = None

    @classmethod
    def of(cls, context: click.Context, options: dict[str, Any]) -> Self:
        """Take these options out of all; a usage error for those that do not go together."""
        name, estimator = options.pop("method"), options.pop("estimator")

        def is_given(option: str) -> bool:
            return context.get_parameter_source(option) is not ParameterSource.DEFAULT

        values = {setting: options.pop(setting) for setting in _SETTINGS}
        given = {setting: value for setting, value in values.items() if is_given(setting)}
        amount = options.pop("amount")
        if (name == "auto") != (estimator is not None):
            raise click.UsageError("--method auto and --for ESTIMATOR go together", context)
        if options["plan"] and name != "nng_mix":
            raise click.UsageError("--plan shows neighbours and weights, which nng_mix alone has", context)
        recipe = None if name == "auto" else METHODS[name].recipe
        takes = () if recipe is None else [field.name for field in fields(recipe) if field.init]  # type: ignore[arg-type]
        for setting in given:
            if setting not in takes:
                option = f"--{setting.replace('_', '-')}"
                raise click.UsageError(f"{option} is no parameter of --method {name}", context)
        return cls(
            None if recipe is None else recipe(**given),
            amount,
            is_given("amount"),
            None if estimator is None else ESTIMATORS[estimator],
        )

    def settled(
        self, rule: LabelRule, labels: Labels, n_features: int
    ) -> tuple[Recipe[Any, Any], "AskedMethod"]:
        """The recipe, and with it what was chosen, for a table."""
        if self.recipe is not None:
            return self.recipe, self
        who = rule.split(labels)
        n_anomalies, n_unlabeled = (int(np.count_nonzero(kind)) for kind in (who.anomaly, who.unlabeled))
        choice = choose(self.family or "other", n_anomalies, n_unlabeled, n_features)
        makes_none = choice.method == "none"
        recipe = METHODS["duplicate" if makes_none else choice.method].recipe(**choice.settings)
        amount = self.amount if self.given and not makes_none else Amount.parse(choice.amount)
        return recipe, replace(self, amount=amount, choice=choice)
