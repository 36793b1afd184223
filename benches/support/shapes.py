"""Shapes of search problems: the ones that are measured, and their names."""

from dataclasses import dataclass

REAL_SET = "11_donors"


@dataclass(frozen=True)
class Shape:
    queries: int
    rows: int
    columns: int
    dtype: str
    data: str = "uniform"
    k: int = 10

    @property
    def self_search(self) -> bool:
        return self.data.startswith("self")

    @property
    def name(self) -> str:
        bits = "f64" if self.dtype == "float64" else "f32"
        return f"{self.queries}x{self.rows}x{self.columns}-{bits}-{self.data}"

    def quick(self) -> "Shape":
        queries = min(self.queries, 50)
        rows = queries if self.self_search else min(self.rows, max(self.rows // 100, 500))
        return Shape(queries, rows, self.columns, self.dtype, self.data, self.k)


KINDS = ("uniform", "clustered")
SYNTHETIC = (
    (50, 285_000, 30, "float64"),
    (50, 285_000, 30, "float32"),
    (50, 1_000_000, 128, "float32"),
    (500, 567_000, 3, "float64"),
    (500, 1_000_000, 32, "float32"),
    (5_000, 1_000_000, 32, "float32"),
    (1_000, 100_000, 128, "float32"),
    (1_000, 100_000, 768, "float32"),
    (500, 10_000, 512, "float64"),
    (5_000, 600_000, 10, "float64"),
    (5_000, 100_000, 64, "float32"),
    (50, 10_000, 768, "float32"),
    (1, 1_000_000, 30, "float64"),
    (20, 10_000, 20, "float64"),
    (3, 5_000, 30, "float64"),
    (10, 2_000, 8, "float64"),
)
# Many queries among few columns, the home of trees.
MANY = (
    *(Shape(100_000, 100_000, 5, "float64", data, 6) for data in KINDS),
    *(Shape(20_000, 200_000, 8, "float64", data, 6) for data in KINDS),
    *(Shape(285_000, 285_000, 30, "float64", data, 6) for data in ("self", "self-clustered")),
    Shape(619_326, 619_326, 10, "float64", f"self-{REAL_SET}", 6),
)
# Numbers of the real set are those of its file.
REAL = Shape(36_710, 582_616, 10, "float64", REAL_SET)
SHAPES = (
    *(Shape(*row, data=data) for row in SYNTHETIC for data in KINDS),
    Shape(50, 50, 30, "float64", "self"),
    Shape(200, 200, 30, "float64", "self"),
    Shape(500, 500, 512, "float64", "self"),
    Shape(500, 500, 512, "float32", "self"),
    REAL,
)
# One of every kind, on which no usual peer takes long.
_QUICK = (
    *("50x50x30-f64-self", "200x200x30-f64-self", "500x500x512-f64-self", "500x500x512-f32-self"),
    *("10x2000x8-f64-uniform", "3x5000x30-f64-uniform", "20x10000x20-f64-uniform"),
    *("50x10000x768-f32-uniform", "1000x100000x128-f32-uniform"),
    *("50x285000x30-f64-uniform", "500x567000x3-f64-clustered"),
)
QUICK_SHAPES = tuple(shape for name in _QUICK for shape in SHAPES if shape.name == name)
