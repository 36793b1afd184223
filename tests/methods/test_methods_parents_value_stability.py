"""Pinned output of the comparison methods: the same seed gives these bytes on every machine.

A change that breaks these tests changes what users' seeds give: raise STREAM_VERSION, say so in the CHANGELOG
and print the new values.
"""

import numpy as np
import pytest

from comparison import METHODS, columns

ANOMALIES = (np.arange(48) * 7 % 11).reshape(4, 12) / 8
UNLABELED = (np.arange(240) * 13 % 29).reshape(20, 12) / 16

# Of each plan: its columns, in the order of the comment.
PLANS = {
    # anchor, unlabeled, partner, lam
    "mixup": """
2 0 3 0x1.8f2ffbdd3eac0p-4
2 0 1 0x1.81d1143a8c250p-3
3 0 2 0x1.f6d7c049e2a47p-3
3 0 1 0x1.00fe46081aea7p-1
3 0 0 0x1.cd79774442a7fp-4
0 0 3 0x1.21ae427132cb8p-4
""",
    # anchor, unlabeled, partner, lam
    "mixup, all rows": """
2 1 16 0x1.0b511ea232f99p-1
2 1 11 0x1.e7ce0805ed2bbp-4
3 1 15 0x1.c61287c781e0ep-4
3 1 7 0x1.f2fc4fd34979fp-1
3 1 4 0x1.cf5cb63ec2483p-1
0 1 16 0x1.b524b26119219p-2
""",
    # anchor, begin, width
    "cutout": """
1 0 4
3 9 3
1 3 6
3 6 3
1 0 4
1 6 4
""",
    # anchor, unlabeled, partner, origin, begin, width
    "cutmix": """
3 0 2 0 2 10
2 0 0 4 5 5
2 0 3 2 2 8
0 0 3 2 6 6
2 0 0 3 0 9
0 0 3 0 1 9
""",
    # anchor, unlabeled, partner, origin, begin, width
    "cutmix, all rows": """
3 1 18 0 9 3
2 1 4 6 8 2
2 1 17 4 5 3
0 1 18 3 9 2
2 0 0 8 1 3
0 1 16 1 2 3
""",
    # anchor
    "gaussian_noise": """
0
2
0
2
3
2
""",
    # anchor
    "duplicate": """
3
2
1
2
2
0
""",
}

ROWS = {
    ("mixup, all rows", "float32"): """
0x1.05a88e0000000p-2 0x1.19c4ac0000000p+0 0x1.3a57700000000p+0
0x1.479f360000000p-2 0x1.23cf9c0000000p+0 0x1.9870620000000p-3
0x1.4000000000000p+0 0x1.38c2520000000p-2 0x1.f1e2200000000p-1
""",
    ("mixup, all rows", "float64"): """
0x1.05a88f51197cdp-2 0x1.19c4acc957f70p+0 0x1.3a5770aee6834p+0
0x1.479f382017b4cp-2 0x1.23cf9c100bda6p+0 0x1.98706281da1dap-3
0x1.4000000000000p+0 0x1.38c250f8f03c2p-2 0x1.f1e21e35bccf2p-1
""",
    ("gaussian_noise", "float32"): """
-0x1.8d94b60000000p-4 0x1.1b176c0000000p+0 0x1.dffa800000000p-4
0x1.6b9fc60000000p-3 0x1.9d4e0a0000000p+0 0x1.b43bc80000000p-1
-0x1.0647360000000p-4 0x1.1342980000000p+0 -0x1.7593c80000000p-3
""",
    ("gaussian_noise", "float64"): """
-0x1.8d94b59999999p-4 0x1.1b176b4cccccdp+0 0x1.dffa81999999cp-4
0x1.6b9fc73333333p-3 0x1.9d4e09999999ap+0 0x1.b43bc86666666p-1
-0x1.0647360000000p-4 0x1.1342986666666p+0 -0x1.7593c33333334p-3
""",
}


def as_text(value: float) -> str:
    return value.hex() if isinstance(value, float) else str(int(value))


def parse(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


@pytest.mark.parametrize("name", PLANS)
def test_plans_are_pinned(name: str) -> None:
    _, plan = METHODS[name](ANOMALIES, UNLABELED, 6, random_state=42, start=1000, return_plan=True)
    rows = zip(*(column.tolist() for column in columns(plan).values()), strict=True)
    assert [[as_text(value) for value in row] for row in rows] == parse(PLANS[name])


@pytest.mark.parametrize(("name", "dtype"), ROWS)
def test_rows_are_pinned(name: str, dtype: str) -> None:
    anomalies, unlabeled = ANOMALIES[:, :3].astype(dtype), UNLABELED[:, :3].astype(dtype)
    rows = METHODS[name](anomalies, unlabeled, 3, random_state=42, start=1000)
    assert [[value.hex() for value in row] for row in rows.tolist()] == parse(ROWS[name, dtype])
