"""Names of columns."""

import numpy as np
import pandas as pd
import pytest

from nngmix.rows.names import (
    check_free,
    check_known,
    check_unique,
    either,
    listed,
    looks_like_index,
    missing_column,
    nearest,
    order,
)
from nngmix.rows.rows import as_rows, matched


def test_a_long_list_is_cut() -> None:
    assert listed(range(3)) == "0, 1, 2"
    assert listed(range(20), 2) == "0, 1, and 18 more"
    assert listed(range(12)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"
    assert listed(range(13)).endswith("10, 11, and 1 more")
    assert either("ab") == "'a' or 'b'"
    assert either(range(8)) == "0 or 1 or 2 or 3 or 4 or 5 or 6 or 7"
    assert either(range(9)) == "0, 1, 2, 3, 4, 5, 6, 7, and 1 more"


def test_the_nearest_names_differ_in_blanks_or_case_first() -> None:
    assert nearest("Label", ["Labels", " Label", "label", "x"])[:2] == [" Label", "label"]
    assert nearest("q", ["Label"]) == []
    assert nearest("ab", ["ab1", "ab2", "ab3", "ab4"], 2) == nearest("ab", ["ab1", "ab2", "ab3", "ab4"])[:2]
    assert len(nearest("ab", ["ab1", "ab2", "ab3", "ab4"])) == 3


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        ([" Label", "a"], "the nearest is ' Label'$"),
        (["a", 1], "there are 'a', 1$"),
        ([], "there is none$"),
    ],
)
def test_a_missing_column_is_hinted_at(names: list[object], hint: str) -> None:
    with pytest.raises(ValueError, match=rf"^f.csv: there is no column 'Label'; {hint}"):
        raise missing_column("f.csv", "Label", names)


def test_columns_that_are_not_there_are_told_at_once() -> None:
    check_known("f.csv", ["a", "b", "a"], ["a", "b"])
    with pytest.raises(ValueError, match=r"^f.csv: there is no column 'ab'; the nearest is 'abc'$"):
        check_known("f.csv", ["ab", "x", "ab"], ["abc", "x"])
    with pytest.raises(
        ValueError, match=r"there are no columns 'ab' \(nearest: 'abc'\), 'q'; there are 'abc'$"
    ):
        check_known("f.csv", ["ab", "q"], ["abc"])


def test_columns_that_are_added_have_names_of_their_own() -> None:
    check_free("f.csv", ["new"], ["a"])
    with pytest.raises(ValueError, match=r"f\.csv: the columns 'new', 'a' would be added, but there is 'a'"):
        check_free("f.csv", ["new", "a"], ["a", "b"])
    with pytest.raises(ValueError, match=r"^the columns added to f\.csv: .*more than once: 'new'"):
        check_free("f.csv", ["new", "new"], ["a"])


def test_names_that_occur_twice() -> None:
    check_unique("X", ["a", "b"])
    with pytest.raises(ValueError, match="more than once: 'a', 'b'; rename"):
        check_unique("X", ["a", "b", "a", "b"])


def test_what_looks_like_an_index() -> None:
    for name in ("", "  ", None, "Unnamed: 0", "Unnamed: 0.1", "Unnamed: 0_level_1", "__index_level_0__"):
        assert looks_like_index(name)
    for name in ("a", "Unnamed", "index", 0):
        assert not looks_like_index(name)


def test_positions_name_what_is_missing_and_left_over() -> None:
    assert order("X", ["a", "b", "c"], ["c", "a", "b"], "A") == [2, 0, 1]
    with pytest.raises(
        ValueError, match="X must have the columns of A, but it lacks 'd' and has 'a', 'b' besides"
    ):
        order("X", ["a", "b"], ["d"], "A")
    with pytest.raises(ValueError, match="but it has 'b' besides; columns are matched by name"):
        order("X", ["a", "b"], ["a"], "A")


def test_columns_without_names_are_named_by_their_numbers() -> None:
    frame = pd.DataFrame(np.arange(6.0).reshape(2, 3))
    mixed = as_rows("X", frame[[2, 0, 1]])
    for reference in (frame, frame.to_numpy()):
        assert np.array_equal(matched(mixed, as_rows("R", reference)).whole(), frame.to_numpy())
    back = matched(as_rows("X", frame), mixed)
    assert np.array_equal(back.whole(), frame[[2, 0, 1]].to_numpy())


def test_counted_columns_beside_names_are_taken_as_they_stand() -> None:
    frame = pd.DataFrame(np.arange(6.0).reshape(2, 3))
    named = frame.set_axis(["c", "a", "b"], axis=1)
    assert np.array_equal(matched(as_rows("X", frame), as_rows("R", named)).whole(), frame.to_numpy())


def test_names_that_are_numbers_are_asked_about() -> None:
    said = "there are '0.5', '-1', which are numbers: is there no header line\\?$"
    for asked in (["y"], ["y", "z"]):
        with pytest.raises(ValueError, match=said):
            check_known("X", asked, ["0.5", "-1"])
    for names in (["0.5", "a"], [0.5, 1], []):
        with pytest.raises(ValueError, match="no column 'y'") as caught:
            check_known("X", ["y"], names)
        assert "header" not in str(caught.value)
