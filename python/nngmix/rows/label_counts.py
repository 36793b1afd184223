"""How often each label was met, for messages: small, whatever the number of rows, and mergeable."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from nngmix.rows.names import listed

__all__ = ["LabelCounts", "told_labels"]

# Labels told apart in messages; a column with more of them is none of labels.
_MOST_LABELS = 4096


@dataclass
class LabelCounts:
    """Counts of labels."""

    counts: Counter[Hashable] = field(default_factory=Counter)
    rest: int = 0

    def add(self, counts: Mapping[Any, int]) -> None:
        """Count some more; beyond a few thousand labels the rest is counted together."""
        for value, n_rows in counts.items():
            if value in self.counts or len(self.counts) < _MOST_LABELS:
                self.counts[value] += n_rows
            else:
                self.rest += n_rows

    def merge(self, other: Self) -> None:
        self.add(other.counts)
        self.rest += other.rest

    def __str__(self) -> str:
        there = sorted(self.counts.items(), key=lambda item: (-item[1], repr(item[0])))
        said = listed((f"{_shown(value)} ({n_rows} rows)" for value, n_rows in there), most=8)
        return said or "nothing"


def told_labels(labels: Iterable[Any] | None) -> list[dict[str, Any]]:
    """Labels and how many rows have each, as JSON holds them."""
    plain = [value if isinstance(value, str | int | float) else str(value) for value in labels or ()]
    return [{"value": value, "rows": n_rows} for value, n_rows in Counter(plain).items()]


def _shown(value: Any) -> str:
    return "no label" if value is None else repr(value)
