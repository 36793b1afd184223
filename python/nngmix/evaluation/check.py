"""What a run asks for, and what it needs, is checked before any work."""

import warnings
from collections.abc import Iterable
from importlib.util import find_spec
from typing import NamedTuple

from nngmix.evaluation.detectors import make_detector
from nngmix.evaluation.methods import check_method
from nngmix.evaluation.specs import Spec

__all__ = ["Chosen", "check_extra", "check_specs"]

# What every evaluation needs; detectors that need more say so themselves.
_PACKAGES = (
    "imblearn",
    "jinja2",
    "joblib",
    "matplotlib",
    "pandas",
    "pyarrow",
    "scipy",
    "sklearn",
    "threadpoolctl",
)


class Chosen(NamedTuple):
    """Methods and detectors that are there and take their settings.

    Attributes
    ----------
    methods, detectors : list of Spec
    """

    methods: list[Spec]
    detectors: list[Spec]


def check_extra() -> None:
    """See whether the packages of the extra ``evaluate`` are there.

    Raises
    ------
    ImportError
        If one is missing.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ImportError(f"the evaluation needs {', '.join(missing)}: pip install 'nngmix[evaluate]'")


def check_specs(methods: Iterable[str], detectors: Iterable[str]) -> Chosen:
    """Read the names and try each once: a wrong setting or a missing package is found now.

    Parameters
    ----------
    methods, detectors : iterable of str
        Names with settings, as `Spec.parse` reads them.

    Returns
    -------
    Chosen

    Raises
    ------
    ValueError
        For a name or a setting that there is not.
    ImportError
        If a package of the extra ``evaluate`` is missing.
    """
    check_extra()
    chosen = Chosen([Spec.parse(text) for text in methods], [Spec.parse(text) for text in detectors])
    for method in chosen.methods:
        check_method(method)
    for detector in chosen.detectors:
        made = make_detector(detector, random_state=0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made.check()
        except (TypeError, ValueError) as error:
            raise ValueError(f"detector {str(detector)!r}: {error}") from error
    return chosen
