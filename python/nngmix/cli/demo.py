"""``nngmix demo``."""

from dataclasses import asdict

import click

from nngmix.cli.command import Command
from nngmix.cli.options import complete_path
from nngmix.cli.summary import say, tell

__all__ = ["demo"]


_MEMBERS = {
    "output": "The folder.",
    "scores": "Of each run: detector, way, amount, seed, rows added, scores, seconds.",
}


@click.command(cls=Command, members=_MEMBERS)
@click.option(
    "-o",
    "--output",
    default="nngmix-demo",
    show_default=True,
    shell_complete=complete_path,
    help="Folder for what the demo makes.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The first of the seeds."
)
@click.option("--rows", type=click.IntRange(min=1000), help="Take only this many rows, for a quick look.")
def demo(output: str, seed: int, rows: int | None) -> None:
    """Show on real data what NNG-Mix does and what it is worth.

    Space-shuttle sensor data (49,097 rows, from the river package, no download), ten labelled anomalies, two
    detectors: trained as it is, with duplicated anomalies, and with NNG-Mix. Takes a minute or two; needs
    pip install 'nngmix[demo]'.
    """
    from nngmix.demo import run_demo

    scores = run_demo(output, seed=seed, n_rows=rows, say=say)
    tell({"output": output, "scores": [asdict(score) for score in scores]})
