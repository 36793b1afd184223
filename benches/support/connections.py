"""Connections as of KDD Cup 99, made from seeds: 41 columns, 22 attacks by name, some values missing.

The service says which protocol a connection has, and only TCP has a flag but SF. Every attack keeps to a few
services and differs from normal connections in a few counts, rates and flags of its own.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NORMAL = "normal."
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
    *("multihop.", "neptune.", "nmap.", "perl.", "phf.", "pod.", "portsweep.", "rootkit."),
    *("satan.", "smurf.", "spy.", "teardrop.", "warezclient.", "warezmaster."),
]
BYTES = ["duration", "src_bytes", "dst_bytes"]
FLAGS = ["land", "logged_in", "is_host_login", "is_guest_login"]
COUNTS = [
    *("wrong_fragment", "urgent", "hot", "num_failed_logins", "num_compromised", "root_shell"),
    *("su_attempted", "num_root", "num_file_creations", "num_shells", "num_access_files"),
    *("count", "srv_count", "dst_host_count", "dst_host_srv_count"),
]
CONSTANTS = ["num_outbound_cmds"]
RATES = [
    *("serror_rate", "srv_serror_rate", "rerror_rate", "srv_rerror_rate", "same_srv_rate", "diff_srv_rate"),
    "srv_diff_host_rate",
    *(f"dst_host_{name}_rate" for name in ("same_srv", "diff_srv", "same_src_port", "srv_diff_host")),
    *(f"dst_host_{name}_rate" for name in ("serror", "srv_serror", "rerror", "srv_rerror")),
]
SERVICES = np.array([f"service_{j:02d}" for j in range(66)])
TCP, UDP = 46, 14  # and the rest is ICMP
FLAG_NAMES = np.array(["SF", "S0", "REJ", "RSTR", "RSTO", "SH", "S1", "S2", "RSTOS0", "S3", "OTH"])
# What is missing: now and then one of these, and all of the host's at its first connection.
HOLES, FIRST = 0.02, 0.05


def connections(normal: int, attacks: dict[str, int], seed: int) -> tuple[Any, NDArray[Any]]:
    """The frame and the name of each row: `normal` rows, then each attack this many times, shuffled."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    made = {NORMAL: normal} | attacks
    parts = [_rows(_profile(name), n, rng) for name, n in made.items()]
    values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    names = np.repeat(np.array([*made], dtype=object), [*made.values()])
    order = rng.permutation(len(names))
    first = rng.random(len(names)) < FIRST
    frame: dict[str, Any] = {}
    for name, column in values.items():
        given = column[order]
        if name in RATES:
            missing = rng.random(len(given)) < HOLES
            given[missing | (first & name.startswith("dst_host"))] = np.nan
        frame[name] = given
    categories = dict.fromkeys(["protocol_type", "service", "flag"], "category")
    return pd.DataFrame(frame).astype(categories), names[order]


def _profile(name: str) -> dict[str, NDArray[Any]]:
    """How connections of this name are distributed: always the same, whatever the seed of the rows."""
    profile = {
        "services": np.arange(1, 67) ** -1.3,
        "flags": np.array([80, 4, 5, 2, 2, 1, 1, 1, 1, 1, 1.0]),
        "bytes": np.array([1.0, 5.5, 6.5]),
        "on": np.array([0.0, 0.6, 0.0, 0.02]),
        "counts": np.r_[np.full(11, 0.05), 8, 8, 150, 90],
        "rates": np.r_[np.full(4, 0.05), 0.9, 0.1, 0.15, 0.75, 0.1, 0.15, 0.05, np.full(4, 0.05)],
    }
    # The services of normal connections are frequent and rare in no order of protocol.
    profile["services"] = np.random.default_rng(0).permutation(profile["services"])
    if name != NORMAL:
        rng = np.random.default_rng(1 + ATTACKS.index(name))
        few = rng.choice(66, rng.integers(1, 5), replace=False)
        profile["services"] = np.bincount(few, weights=rng.random(len(few)) + 0.1, minlength=66)
        profile["flags"] = rng.permutation(profile["flags"])
        profile["bytes"] = profile["bytes"] + rng.normal(0, 1, 3)
        for key, factor in ("counts", rng.lognormal(0, 1.5, 15)), ("rates", rng.lognormal(0, 1.0, 15)):
            touched = rng.random(15) < 0.3
            profile[key] = np.where(touched, profile[key] * factor, profile[key])
        profile["on"] = np.where(rng.random(4) < 0.3, rng.random(4), profile["on"])
    profile["rates"] = np.clip(profile["rates"], 0.02, 0.95)
    return profile


def _rows(profile: dict[str, NDArray[Any]], n: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    services = rng.choice(66, n, p=profile["services"] / profile["services"].sum())
    flags = FLAG_NAMES[rng.choice(11, n, p=profile["flags"] / profile["flags"].sum())]
    tcp = services < TCP
    columns: dict[str, NDArray[Any]] = {
        "protocol_type": np.where(tcp, "tcp", np.where(services < TCP + UDP, "udp", "icmp")),
        "service": SERVICES[services],
        "flag": np.where(tcp, flags, "SF"),
    }
    for name, centre in zip(BYTES, profile["bytes"], strict=True):
        columns[name] = np.floor(rng.lognormal(centre, 1, n)).astype(np.int64)
    for name, share in zip(FLAGS, profile["on"], strict=True):
        columns[name] = rng.random(n) < share
    for name, mean in zip(COUNTS, profile["counts"], strict=True):
        columns[name] = rng.poisson(mean * rng.gamma(2, 0.5, n))
    columns |= {name: np.zeros(n, np.int64) for name in CONSTANTS}
    for name, mean in zip(RATES, profile["rates"], strict=True):
        columns[name] = np.round(rng.beta(mean, 1 - mean, n), 2)
    return columns
