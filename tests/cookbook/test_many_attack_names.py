"""For whoever has a table as of KDD Cup 99: one normal class and 22 attacks by name, some of them met twice.

New rows are made within each attack: a new "smurf." is mixed of two of "smurf.", or of one and normal rows.
"""

import numpy as np
import pandas as pd

import nngmix

ATTACKS = [
    *(
        "back.",
        "buffer_overflow.",
        "ftp_write.",
        "guess_passwd.",
        "imap.",
        "ipsweep.",
        "land.",
        "loadmodule.",
    ),
    *(
        "multihop.",
        "neptune.",
        "nmap.",
        "perl.",
        "phf.",
        "pod.",
        "portsweep.",
        "rootkit.",
        "satan.",
        "smurf.",
    ),
    *("spy.", "teardrop.", "warezclient.", "warezmaster."),
]


def connections() -> pd.DataFrame:
    """5,000 normal ones, and each attack somewhere of its own, 2 to 23 times."""
    rng = np.random.default_rng(0)
    names = np.repeat(["normal.", *ATTACKS], [5000, *range(2, 24)])
    centre = {name: rng.normal(0, 3, 6) for name in ATTACKS} | {"normal.": np.zeros(6)}
    values = rng.normal(0, 1, (len(names), 6)) + [centre[name] for name in names]
    features = ["duration", "src_bytes", "dst_bytes", "count", "serror_rate", "same_srv_rate"]
    table = pd.DataFrame(values, columns=features).assign(label=names)
    return table.sample(frac=1, random_state=0, ignore_index=True)


def test_every_attack_gets_rows_of_its_own() -> None:
    table = connections()
    X, y = table.drop(columns="label"), table["label"]

    sampler = nngmix.NNGMix(unlabeled_label="normal.", random_state=0)
    X_more, y_more = sampler.fit_resample(X, y)
    assert [*X_more.columns] == [*X.columns]
    assert sampler.anomaly_labels_ == ATTACKS
    # All attacks together are a tenth of the normal rows now, shared by how often each was met.
    assert (y_more != "normal.").sum() == 500
    made = pd.Series(sampler.sampling_strategy_)
    assert made.min() >= 1
    assert made.idxmax() == "warezmaster."

    # An anchor is of the attack that its row is called; its partner is too, or it is normal.
    new, plan = sampler.synthetic_mask_, sampler.plan_
    assert y.iloc[plan.anchor].tolist() == y_more[new].tolist()
    partners = y.iloc[plan.partner].to_numpy()
    assert np.all(np.where(plan.unlabeled, partners == "normal.", partners == y_more[new]))

    # Other shares in imbalanced-learn's terms: rows that an attack shall have, old and new.
    sampler = nngmix.NNGMix(sampling_strategy={"phf.": 100, "spy.": 60}, random_state=0)
    counts = sampler.fit_resample(X, y)[1].value_counts()
    assert (counts["phf."], counts["spy."], counts["smurf."]) == (100, 60, y.eq("smurf.").sum())
