"""Realistic mixed tables, made from seeds: connections, card payments, machines."""

from typing import Any

import numpy as np

from support.connections import ATTACKS, NORMAL, connections
from support.table import MOST_ROWS, Table, with_holes


def connection_table(seed: int) -> Table:
    frame, names = connections(MOST_ROWS - 440, dict.fromkeys(ATTACKS, 20), seed)
    return Table("connections (KDD-like)", frame, names != NORMAL)


def payment_table(seed: int) -> Table:
    """A merchant has one trade and mostly one country; a fraud is a tested or a stolen card."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    n = MOST_ROWS
    kind = rng.choice(3, n, p=[0.95, 0.025, 0.025])
    fine, tested, stolen = (kind == k for k in range(3))
    trades = np.array(
        [
            "food",
            "fuel",
            "travel",
            "clothes",
            "games",
            "hotels",
            "tools",
            "books",
            "health",
            "phone",
            "cash",
            "art",
        ]
    )
    countries = np.array([f"country_{j:02d}" for j in range(30)])
    home = rng.integers(0, 30, 120)
    usual = np.minimum(rng.zipf(1.3, n) - 1, 119)
    merchant = np.where(tested, rng.choice([7, 31, 90], n), np.where(stolen, rng.integers(60, 120, n), usual))
    channel = rng.choice(["chip", "contactless", "online", "phone"], n, p=[0.4, 0.35, 0.22, 0.03])
    channel = np.where(tested, "online", np.where(stolen & (rng.random(n) < 0.5), "chip", channel))
    abroad = rng.random(n) < np.where(stolen, 0.5, 0.03)
    amount = rng.lognormal(np.select([fine, tested], [3.2, 0.5], 5.0), 0.9)
    secure = rng.choice(["passed", "failed", "frictionless"], n, p=[0.5, 0.05, 0.45])
    frame = pd.DataFrame(
        {
            "merchant": pd.Categorical([f"merchant_{j:03d}" for j in merchant]),
            "trade": pd.Categorical(trades[merchant % 12]),
            "country": pd.Categorical(countries[np.where(abroad, rng.integers(0, 30, n), home[merchant])]),
            "channel": pd.Categorical(channel),
            # Asked of payments online alone: elsewhere there is no answer.
            "secure": pd.Categorical(secure, ["failed", "frictionless", "passed"], ordered=True),
            "amount": np.round(amount, 2),
            "hour": np.where(stolen, rng.normal(26, 3, n), rng.normal(14, 4, n)).astype(np.int64) % 24,
            "weekday": rng.integers(0, 7, n),
            "payments_today": rng.poisson(np.where(tested, 6, 1.2)),
            "declined_today": rng.poisson(np.where(tested, 2, 0.05)),
            "seconds_since_last": np.round(rng.exponential(np.where(tested, 200, 40_000))),
            "new_device": rng.random(n) < np.where(fine, 0.05, 0.5),
            "age": rng.integers(18, 90, n),
            "balance": np.round(rng.lognormal(7, 1, n), 2),
        }
    )
    frame["secure"] = frame["secure"].where(frame["channel"] == "online")
    with_holes(rng, frame, ["age", "seconds_since_last"], 0.08)
    return Table("payments (fraud-like)", frame, kind > 0)


def machine_table(seed: int) -> Table:
    """Machines report by state: idle ones have no speed, and two columns never change."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    n = MOST_ROWS
    kind = rng.choice(3, n, p=[0.96, 0.02, 0.02])
    worn, leaking = kind == 1, kind == 2
    state = rng.choice(["idle", "warm-up", "run", "clean"], n, p=[0.3, 0.1, 0.5, 0.1])
    state = np.where(worn | leaking, np.where(rng.random(n) < 0.8, "run", "warm-up"), state)
    machine = rng.integers(0, 12, n)
    program = np.array(["none", "A", "B", "C", "D"])[
        np.where(state == "run", 1 + (machine + (rng.random(n) < 0.3)) % 4, 0)
    ]
    speed = np.select([state == "run", state == "idle"], [900 + 300 * (machine % 3), 0], 300)
    heat = rng.normal(20 + speed / 30 + 6 * worn, 3)
    frame = pd.DataFrame(
        {
            "machine": pd.Categorical([f"m{j:02d}" for j in machine]),
            "state": pd.Categorical(state),
            "program": pd.Categorical(program),
            "door_open": (state == "clean") | (rng.random(n) < 0.01),
            "speed": speed.astype(np.int64),
            "bearing": heat + rng.normal(0, 1, n),
            "oil": 0.6 * heat + rng.normal(0, 2, n),
            **{
                f"vibration_{axis}": rng.gamma(2, 0.1 + speed / 3000 * (1 + 0.8 * worn) * scale)
                for axis, scale in zip("xyz", (1.0, 0.7, 0.4), strict=True)
            },
            "pressure": np.round(rng.normal(6 - 0.5 * leaking, 0.25), 1),
            "flow": rng.normal(1, 0.1, n) * (1 + 0.25 * leaking) * (speed > 0),
            "starts": rng.poisson(3 + machine),
            "faults": rng.poisson(np.where(worn | leaking, 1.0, 0.2)),
            "hours": rng.integers(0, 40_000, n),
            "firmware": np.full(n, 7),
            "supply": np.full(n, 23.95),
        }
    )
    for name in "bearing", "oil", "flow":
        frame[name] = frame[name].mask((state == "idle") & (rng.random(n) < 0.9))
    with_holes(rng, frame, ["pressure", "faults", "program"], 0.04)
    return Table("machines (sensor-like)", frame, kind > 0)


MADE: tuple[Any, ...] = (connection_table, payment_table, machine_table)
