"""What a user can do about a mixed table: how it is encoded, and what makes its new rows.

Every way brings the anomalies to a tenth of the unlabelled rows. SMOTE and SMOTENC want no holes: numbers
are filled with the median, missing categories become one of their own. SMOTE interpolates scaled columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHARE = 0.1
# SMOTE's, where there are that many.
MOST_NEIGHBORS = 5
FILLING = "(missing)"

Labels = NDArray[np.int64]
# Training and test rows to both in another form, and the columns of categories in it.
Encoding = Callable[[Any, Any], tuple[Any, Any, list[str]]]


@dataclass(frozen=True)
class Way:
    name: str
    encode: Encoding
    # Rows, labels and seed to new rows alone; None: there are none.
    make: Callable[[Any, Labels, int], Any] | None


def categories_of(frame: Any) -> list[str]:
    return [*frame.select_dtypes(["category", "bool"]).columns]


def native(train: Any, test: Any) -> tuple[Any, Any, list[str]]:
    return train, test, categories_of(train)


def filled(train: Any, test: Any) -> tuple[Any, Any, list[str]]:
    import pandas as pd

    columns = {}
    for name in train:
        both = train[name], test[name]
        if not isinstance(train[name].dtype, pd.CategoricalDtype):
            columns[name] = [part.fillna(train[name].median()) for part in both]
        elif train[name].hasnans or test[name].hasnans:
            columns[name] = [part.cat.add_categories(FILLING).fillna(FILLING) for part in both]
        else:
            columns[name] = [*both]
    frames = [pd.DataFrame({name: parts[i] for name, parts in columns.items()}) for i in (0, 1)]
    return frames[0], frames[1], categories_of(train)


def one_hot(train: Any, test: Any) -> tuple[Any, Any, list[str]]:
    """Categories by columns of 0 and 1, those that the training rows do not have by none of them."""
    import pandas as pd
    from sklearn.preprocessing import OneHotEncoder

    train, test, names = filled(train, test)
    if not names:
        return train, test, []
    coder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train[names].astype(str))
    columns = [*coder.get_feature_names_out()]

    def encoded(frame: Any) -> Any:
        ones = pd.DataFrame(coder.transform(frame[names].astype(str)), columns=columns, index=frame.index)
        return pd.concat([frame.drop(columns=names), ones], axis=1)

    return encoded(train), encoded(test), columns


def by_nng_mix(X: Any, y: Labels, seed: int) -> Any:
    import nngmix

    sampler = nngmix.NNGMix(
        categorical_features="auto", missing="keep", append=False, random_state=seed, n_threads=1
    )
    return sampler.fit_resample(X, y)[0]


def by_copies(X: Any, y: Labels, seed: int) -> Any:
    from imblearn.over_sampling import RandomOverSampler

    return _last(RandomOverSampler(sampling_strategy=SHARE, random_state=seed), X, y)


def by_smote(X: Any, y: Labels, seed: int) -> Any:
    import pandas as pd
    from imblearn.over_sampling import SMOTE
    from sklearn.preprocessing import MinMaxScaler

    scaler = MinMaxScaler().fit(X)
    smote = SMOTE(sampling_strategy=SHARE, random_state=seed, k_neighbors=_neighbors(y))
    return pd.DataFrame(scaler.inverse_transform(_last(smote, scaler.transform(X), y)), columns=X.columns)


def by_smotenc(X: Any, y: Labels, seed: int) -> Any:
    from imblearn.over_sampling import SMOTENC

    names = categories_of(X)
    if not names:  # which SMOTENC refuses
        return by_smote(X, y, seed)
    if len(names) == X.shape[1]:
        from imblearn.over_sampling import SMOTEN

        sampler = SMOTEN(sampling_strategy=SHARE, random_state=seed, k_neighbors=_neighbors(y))
    else:
        sampler = SMOTENC(names, sampling_strategy=SHARE, random_state=seed, k_neighbors=_neighbors(y))
    return _last(sampler, X, y).astype(X.dtypes.to_dict())


def _neighbors(y: Labels) -> int:
    return min(MOST_NEIGHBORS, int(y.sum()) - 1)


def _last(sampler: Any, X: Any, y: Labels) -> Any:
    return sampler.fit_resample(X, y)[0][len(y) :]


WAYS = (
    Way("nothing", native, None),
    Way("duplicates", native, by_copies),
    Way("NNG-Mix", native, by_nng_mix),
    Way("SMOTENC", filled, by_smotenc),
    Way("one-hot + SMOTE", one_hot, by_smote),
    Way("one-hot + NNG-Mix", one_hot, by_nng_mix),
)
ENSEMBLE = "NNGMixEnsemble"
