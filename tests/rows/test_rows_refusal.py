"""The words of a refusal."""

from nngmix.rows.refusal import Advice, no_numbers, short


def test_each_way_out_is_told_once() -> None:
    advice = Advice("leave it out", "skip it")
    said = str(no_numbers("f.csv", "two columns", ["Enum(['a'])", "dictionary<>", "Date"], advice))
    assert said == (
        "f.csv must hold real numbers (float32, float64 or integers), got two columns; leave it out; "
        "a category becomes one column of 0 and 1 for each of its values; "
        "a date or duration becomes a number of seconds or days"
    )


def test_a_long_type_is_cut() -> None:
    assert short("Int64") == "Int64"
    assert short("x" * 100, 10) == "xxxxxxx..."
