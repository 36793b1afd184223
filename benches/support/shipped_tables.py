"""Mixed tables that are part of installed packages: river's and statsmodels'. Nothing is downloaded."""

import importlib
from typing import Any

import numpy as np

from support.table import Table


def flare_table(seed: int) -> Table:
    frame, flares = _of_river("SolarFlare")
    strong = np.array([flare["m-class-flares"] + flare["x-class-flares"] > 0 for flare in flares])
    kinds = dict.fromkeys([*frame.columns[:3], "activity", "evolution"], "category")
    return Table("solar flares (river)", frame.astype(kinds), strong)


def phishing_table(seed: int) -> Table:
    frame, phishing = _of_river("Phishing")
    return Table("phishing (river)", frame.astype(str).astype("category"), np.array(phishing, bool))


def segment_table(seed: int) -> Table:
    frame, names = _of_river("ImageSegments")
    return Table("image segments (river)", frame, np.array([name == "cement" for name in names]))


def affair_table(seed: int) -> Table:
    frame = _of_statsmodels("fair")
    anomaly = frame.pop("affairs").to_numpy() > 5
    for name in "occupation", "occupation_husb":
        # Of whole numbers: XGBoost takes no categories that are floats.
        frame[name] = frame[name].astype(int).astype("category")
    return Table("affairs (statsmodels)", frame, anomaly)


def visit_table(seed: int) -> Table:
    frame = _of_statsmodels("randhie")
    anomaly = frame.pop("mdvis").to_numpy() > 15
    flags = dict.fromkeys(["idp", "hlthg", "hlthf", "hlthp"], bool)
    return Table("visits (statsmodels)", frame.astype(flags), anomaly)


SHIPPED: tuple[Any, ...] = (flare_table, phishing_table, segment_table, affair_table, visit_table)


def _of_river(name: str) -> tuple[Any, list[Any]]:
    import pandas as pd

    rows, labels = zip(*getattr(_module("river.datasets"), name)(), strict=True)
    return pd.DataFrame([*rows]), [*labels]


def _of_statsmodels(name: str) -> Any:
    return getattr(_module("statsmodels.api").datasets, name).load_pandas().data


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SystemExit(
            f"tables that ship in packages need them: pip install {name.split('.')[0]}"
        ) from error
