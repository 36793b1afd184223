"""Pinned output: the same seed gives these bytes on every machine and in every version of the stream.

A change that breaks these tests changes what users' seeds give: raise STREAM_VERSION, say so in the CHANGELOG
and print the new values.
"""

from typing import Any

import numpy as np
import pytest

import nngmix
from nngmix import _core, reference
from nngmix.parameters.seed import key_from

ANOMALIES = (np.arange(12) * 7 % 11).reshape(4, 3) / 8
UNLABELED = (np.arange(60) * 13 % 29).reshape(20, 3) / 16

# Of the plan: anchor, pool (u: unlabelled, a: anomalies), partner, neighbour, lam.
PLANS = {
    (0.2, 0.2): """
1 a 3 1 0x1.ffed591ebb4b4p-5
2 a 1 1 0x1.854da0b066d49p-11
2 u 19 0 0x1.fffdeb6b069bap-1
0 a 3 0 0x1.fffffbbfa0523p-1
1 a 3 1 0x1.39481390e01d3p-9
1 u 4 2 0x1.7b40da40a6efap-2
3 a 2 0 0x1.fff5a97ebd538p-1
2 u 18 1 0x1.fff026c30d7f0p-1
""",
    (0.3, 20.0): """
1 a 3 1 0x1.93f441d61682ap-6
2 a 1 1 0x1.a1bd9f13d0d3ep-6
2 u 19 0 0x1.09824d14c9aa4p-29
0 a 3 0 0x1.27f230b1f8462p-11
1 a 3 1 0x1.76108283a1c70p-14
1 u 4 2 0x1.dc0dfa0a939cap-7
3 a 2 0 0x1.2debd6c37d5bbp-6
2 u 18 1 0x1.ead74ad23001dp-8
""",
    (5.0, 1.3): """
1 a 3 1 0x1.a07af8163940bp-1
2 a 1 1 0x1.da540d080054dp-1
2 u 19 0 0x1.f450dd321c5bep-1
0 a 3 0 0x1.45bca12e28809p-1
1 a 3 1 0x1.e41bc4af6250ap-1
1 u 4 2 0x1.95ffdaced5969p-1
3 a 2 0 0x1.9acccb783319ep-1
2 u 18 1 0x1.db63d45ff3038p-1
""",
}

ROWS = {
    (np.float32, 0.01): """
0x1.03cbdc0000000p+0 0x1.10af080000000p-1 0x1.277b700000000p-6
0x1.42f1520000000p+0 0x1.78b5d80000000p-1 0x1.06600e0000000p-2
0x1.25ccee0000000p+0 0x1.40ce000000000p-1 0x1.0acf1a0000000p-3
-0x1.56eb280000000p-7 0x1.c6c4440000000p-1 0x1.81ce2c0000000p-2
0x1.edd8060000000p-1 0x1.0aacfc0000000p-1 -0x1.0ff4da0000000p-8
0x1.cc102e0000000p-1 0x1.397da20000000p+0 0x1.9d2e4a0000000p-2
0x1.00c8540000000p+0 0x1.fbc1880000000p-2 -0x1.168f680000000p-12
0x1.1ea6460000000p+0 0x1.4222a00000000p-1 0x1.f0a6220000000p-4
""",
    (np.float64, 0.01): """
0x1.03cbddb0453f3p+0 0x1.10af0741f3930p-1 0x1.277b6f237aaa9p-6
0x1.42f1529e5676ep+0 0x1.78b5da912a22dp-1 0x1.06600ee3a4ecdp-2
0x1.25ccee14519bap+0 0x1.40cdffd956254p-1 0x1.0acf1b8a397b1p-3
-0x1.56eb27f0662adp-7 0x1.c6c44463b7370p-1 0x1.81ce2c095266cp-2
0x1.edd8045918a5cp-1 0x1.0aacfc3b42140p-1 -0x1.0ff4d91ab4762p-8
0x1.cc102e7c4eafdp-1 0x1.397da0c350444p+0 0x1.9d2e4afb3cd43p-2
0x1.00c85275ae907p+0 0x1.fbc1856fc6a13p-2 -0x1.168f69611d3dap-12
0x1.1ea64748b0caap+0 0x1.4222a05ef5f60p-1 0x1.f0a621e0bcd64p-4
""",
    (np.float32, 0.0): """
0x1.03ffda0000000p+0 0x1.07ffb60000000p-1 0x1.ffed5a0000000p-7
0x1.3ff9ea0000000p+0 0x1.7ff3d40000000p-1 0x1.ffcf560000000p-3
0x1.1fffde0000000p+0 0x1.3ffeb40000000p-1 0x1.0005b80000000p-3
0x1.1017ec0000000p-23 0x1.bffffe0000000p-1 0x1.7ffffc0000000p-2
0x1.00272a0000000p+0 0x1.004e520000000p-1 0x1.3948140000000p-11
0x1.caaa3c0000000p-1 0x1.38e3d80000000p+0 0x1.a12fc80000000p-2
0x1.0000a60000000p+0 0x1.00014c0000000p-1 0x1.4ad0280000000p-17
0x1.1ffa0e0000000p+0 0x1.4008ea0000000p-1 0x1.0003f60000000p-3
""",
    (np.float64, 0.0): """
0x1.03ffdab23d76ap+0 0x1.07ffb5647aed3p-1 0x1.ffed591ebb4b4p-7
0x1.3ff9eac97d3e6p+0 0x1.7ff3d592fa7cdp-1 0x1.ffcf564be9f33p-3
0x1.1fffdeb6b069cp+0 0x1.3ffeb322e4214p-1 0x1.0005b899add40p-3
0x1.1017eb7400000p-23 0x1.bffffe67dc1eep-1 0x1.7ffffccfb83dap-2
0x1.00272902721c0p+0 0x1.004e5204e4380p-1 0x1.39481390e01d3p-11
0x1.caaa3d622ef36p-1 0x1.38e3d713e0b31p+0 0x1.a12fc96fd6442p-2
0x1.0000a568142acp+0 0x1.00014ad028559p-1 0x1.4ad0285590000p-17
0x1.1ffa0e89250fap+0 0x1.4008ea3248689p-1 0x1.0003f64f3ca04p-3
""",
}

NORMALS = """
-0x1.e94cb20000000p-3 0x1.dae3960000000p+0 -0x1.1663ec0000000p-1
0x1.0d80f40000000p-1 0x1.79a8140000000p-1 0x1.e5512e0000000p-4
-0x1.abeef20000000p+0 0x1.c1c3520000000p-1 -0x1.3b0aa20000000p-4
"""


def parse(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


@pytest.mark.parametrize("parameters", PLANS)
def test_plans_are_pinned(parameters: tuple[float, float]) -> None:
    table = nngmix.NeighborTable(ANOMALIES, 3, 3).update(UNLABELED)
    alpha, beta = parameters
    plan = table.plan(1000, 1008, random_state=42, alpha=alpha, beta=beta)
    columns = (plan.anchor, plan.unlabeled, plan.partner, plan.neighbor, plan.lam)
    got = [
        [str(anchor), "u" if unlabeled else "a", str(partner), str(neighbor), lam.hex()]
        for anchor, unlabeled, partner, neighbor, lam in zip(*(c.tolist() for c in columns), strict=True)
    ]
    assert got == parse(PLANS[parameters])


@pytest.mark.parametrize("parameters", ROWS)
def test_rows_are_pinned(parameters: tuple[Any, float]) -> None:
    dtype, noise_std = parameters
    rows = nngmix.nng_mix(
        ANOMALIES.astype(dtype),
        UNLABELED.astype(dtype),
        8,
        n_neighbors=3,
        n_neighbors_anomaly=3,
        noise_std=noise_std,
        random_state=42,
        start=1000,
    )
    assert rows.dtype == dtype
    assert [[value.hex() for value in row] for row in rows.tolist()] == parse(ROWS[parameters])


def test_normals_are_pinned() -> None:
    normals = np.empty(1030, np.float32)
    _core.fill_normals(key_from(42), 0, normals)
    # Both halves of a block and the start of the next.
    chosen = normals[[0, 1, 2, 511, 512, 513, 1023, 1024, 1025]]
    assert [value.hex() for value in chosen.tolist()] == [value for line in parse(NORMALS) for value in line]


def test_the_key_of_a_seed_is_pinned() -> None:
    assert key_from(42) == (
        3444837047,
        2669555309,
        2046530742,
        3581440988,
        1691623607,
        2099784219,
        1184028159,
        862288241,
    )
    assert _core.STREAM_VERSION == 1


# draft-strombergson-chacha-test-vectors-01, ChaCha8 with a 256-bit key: number of the test case, key, nonce,
# blocks 0 and 1 of the key stream.
VECTORS = """
1
0000000000000000000000000000000000000000000000000000000000000000
0000000000000000
3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e
984ce172b9216f419f445367456d5619314a42a3da86b001387bfdb80e0cfe42
d2aefa0deaa5c151bf0adb6c01f2a5adc0fd581259f9a2aadcf20f8fd566a26b
5032ec38bbc5da98ee0c6f568b872a65a08abf251deb21bb4b56e5d8821e68aa

2
0100000000000000000000000000000000000000000000000000000000000000
0000000000000000
cf5ee9a0494aa9613e05d5ed725b804b12f4a465ee635acc3a311de8740489ea
289d04f43c7518db56eb4433e498a1238cd8464d3763ddbb9222ee3bd8fae3c8
b4355a7d93dd8867089ee643558b95754efa2bd1a8a1e2d75bcdb32015542638
291941feb49965587c4fdfe219cf0ec132a6cd4dc067392e67982fe53278c0b4

3
0000000000000000000000000000000000000000000000000000000000000000
0100000000000000
2b8f4bb3798306ca5130d47c4f8d4ed13aa0edccc1be6942090faeeca0d7599b
7ff0fe616bb25aa0153ad6fdc88b954903c22426d478b97b22b8f9b1db00cf06
470bdffbc488a8b7c701ebf4061d75c5969186497c95367809afa80bd843b040
a79abc6e73a91757f1db73c8eacfa543b38f289d065ab2f3032d377b8c37fe46

7
00112233445566778899aabbccddeeffffeeddccbbaa99887766554433221100
0f1e2d3c4b5a6978
db43ad9d1e842d1272e4530e276b3f568f8859b3f7cf6d9d2c74fa53808cb515
7a8ebf46ad3dcc4b6c7dadde131784b0120e0e22f6d5f9ffa7407d4a21b695d9
c5dd30bf55612fab9bdd118920c19816470c7f5dcd42325dbbed8c57a56281c1
44cb0f03e81b3004624e0650a1ce5afaf9a7cd8163f6dbd72602257dd96e471e
"""


@pytest.mark.parametrize("case", VECTORS.strip().split("\n\n"), ids=lambda case: f"TC{case[0]}")
def test_chacha8_gives_the_published_key_stream(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, key, nonce, *stream = case.split()
    words = [np.frombuffer(bytes.fromhex(text), "<u4").astype(np.uint32) for text in (key, nonce)]
    # The lower word of the nonce is the purpose, the upper one the version of the streams.
    purpose, version = words[1].tolist()
    monkeypatch.setattr(reference.random, "STREAM_VERSION", version)
    blocks = reference.chacha8(words[0], purpose, np.arange(2, dtype=np.uint64))
    assert blocks.astype("<u4").tobytes().hex() == "".join(stream)
