"""The small parts of the command line: how options are read, what summaries show."""

from typing import Any

import click
import pytest

from nngmix.cli.command import Command, SeveralValues
from nngmix.cli.options import csv_format, parse_size
from nngmix.cli.summary import human_size, label_text, left_out_lines
from nngmix.cli.volume import is_volume


def parsed(cls: type[click.Command], *arguments: str) -> Any:
    @click.command(cls=cls, members={})
    @click.argument("data", nargs=-1)
    @click.option("--seeds", multiple=True)
    @click.option("-o", "--output")
    @click.option("--plan", is_flag=True)
    def command(**options: Any) -> Any:
        return options

    return command.main(list(arguments), standalone_mode=False)


@pytest.mark.parametrize(
    ("arguments", "seeds"),
    [
        (("d", "--seeds", "0", "1"), ("0", "1")),
        (("d", "--seeds=0", "1", "-o", "x"), ("0", "1")),
        (("d", "--seeds", "-1", "2"), ("-1", "2")),
        (("d", "--seeds", "0", "-1.5", "--plan"), ("0", "-1.5")),
        (("--seeds", "0", "--seeds", "1", "--", "d"), ("0", "1")),
    ],
)
def test_repeatable_options_take_values_up_to_the_next(
    arguments: tuple[str, ...], seeds: tuple[str, ...]
) -> None:
    options = parsed(SeveralValues, *arguments)
    assert options["seeds"] == seeds
    assert options["data"] == ("d",)


@pytest.mark.parametrize("cls", [Command, SeveralValues])
@pytest.mark.parametrize(
    "twice", [("-o", "a", "-o", "b"), ("-oa", "--output=b"), ("-o", "a", "d", "--output", "a")]
)
def test_one_value_is_given_once(cls: type[click.Command], twice: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError, match="'--output' is given more than once, but it takes one value"):
        parsed(cls, *twice)


@pytest.mark.parametrize("cls", [Command, SeveralValues])
def test_flags_and_repeatable_options_may_come_twice(cls: type[click.Command]) -> None:
    options = parsed(cls, "--plan", "--plan", "--seeds", "1", "--seeds", "2")
    assert (options["plan"], options["seeds"]) == (True, ("1", "2"))


@pytest.mark.parametrize(
    ("text", "size"), [("1GiB", 1 << 30), ("800MB", 800_000_000), ("1.5k", 1500), ("7", 7), (None, None)]
)
def test_sizes(text: str | None, size: int | None) -> None:
    assert parse_size(None, None, text) == size  # type: ignore[arg-type]


def test_csv_options_are_checked_by_name() -> None:
    options = {"delimiter": "tab", "decimal": ",", "thousands": ".", "encoding": "latin-1", "seed": 1}
    csv = csv_format(options)
    assert (csv.delimiter, csv.decimal, csv.thousands) == ("\t", ",", ".")
    assert options == {"seed": 1}
    for name, value in (("delimiter", "ab"), ("decimal", "1"), ("thousands", "."), ("encoding", "utf-9")):
        given = {"delimiter": None, "decimal": ".", "thousands": None, "encoding": "utf-8"} | {name: value}
        with pytest.raises(click.UsageError, match="--"):
            csv_format(given)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (["1", "1"], " (y = 1)"),
        ([1.0], " (y = 1.0)"),
        ([True], " (y = True)"),
        ([" Worms "], " (y = ' Worms ')"),
        (["b", "10", "9"], " (y = 9 or 10 or 'b')"),
        (["smurf.", "satan."] * 20, " (y = 'satan.' or 'smurf.')"),
        ([*"abcdefg", "g"], " (y: 7 values, the most frequent 'g' 2, 'a' 1, 'b' 1, 'c' 1, 'd' 1, 'e' 1)"),
        ([], ""),
        (None, ""),
    ],
)
def test_labels_of_a_summary(values: Any, shown: str) -> None:
    assert label_text("y", values) == shown


def test_columns_left_out_stand_under_one_another() -> None:
    lines = left_out_lines({"a": "why", " b": "so"})
    assert lines == [("left out", "'a' (why)"), ("", "' b' (so)")]


@pytest.mark.parametrize(
    ("size", "shown"), [(7, "7 bytes"), (1500, "1.5 KB"), (2_000_000, "2.0 MB"), (3e12, "3000.0 GB")]
)
def test_sizes_as_people_read_them(size: int, shown: str) -> None:
    assert human_size(size) == shown


@pytest.mark.parametrize(
    ("sources", "output", "volume"),
    [
        (["a.csv"], "b.csv", False),
        (["a.csv"], "b.csv.gz", False),
        (["a.csv"], "b.tsv", False),
        (["a.csv"], "new", True),
        (["a.csv"], "new/", True),
        (["a.csv", "b.csv"], "c.csv", True),
        (["*.csv"], "c.csv", True),
        (["a.csv"], "b.xlsx", False),
    ],
)
def test_what_goes_into_a_folder(sources: list[str], output: str, volume: bool) -> None:
    assert is_volume(sources, output, None, False) is volume
    assert is_volume(sources, output, "1GiB")
