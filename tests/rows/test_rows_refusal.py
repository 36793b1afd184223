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


def test_nested_columns_have_a_way_out() -> None:
    advice = Advice("leave it out", "skip it")
    for kind in (
        "list<element: double>",
        "Array(Float64, shape=(2,))",
        "struct<u: int64>",
        "map<k, v>",
        "dict",
    ):
        said = str(no_numbers("f", "x", [kind], advice))
        assert said.endswith("; a nested column becomes one column for each number that it holds")


def test_a_file_that_lacks_columns_says_so() -> None:
    advice = Advice("leave it out", "skip it")
    assert advice.of_file(()) is advice
    said = advice.of_file(("a", "b")).values
    assert said == "the file has no columns 'a', 'b', which others have: skip it"
