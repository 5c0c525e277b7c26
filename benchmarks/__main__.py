"""``python -m benchmarks``: measures, and prints nothing but JSON on stdout.

In: which measurement. Out: figures. May import: click, the measurements.
"""

import json

import click

from benchmarks.micro.roster import MICRO_SIZES, measure_roster
from benchmarks.study import coordination
from benchmarks.study import draw as drawing
from benchmarks.study.exact_limit import measure_exact_limit
from benchmarks.study.variants import measure_variants
from instances.roster_sizes import ROSTERS

AS_ONE_LINE = click.option("--json", "as_line", is_flag=True, help="One line instead of indented JSON.")
CAMPAIGN = click.option("--size", default="county", show_default=True, help="street, county, city or metro")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")


@click.group()
def main() -> None:
    """Measure; results are JSON on stdout."""


@main.command()
@click.option("--size", type=click.Choice(sorted(ROSTERS)), default="county", show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@AS_ONE_LINE
def roster(size: str, seed: int, *, as_line: bool) -> None:
    """Solve one roster; the round-robin baseline is measured in the same run."""
    _print(measure_roster(size, seed), as_line=as_line)


@main.command(name="exact-limit")
@AS_ONE_LINE
def exact_limit(*, as_line: bool) -> None:
    """Study: what the exact model still proves as campaigns grow."""
    _print(measure_exact_limit(), as_line=as_line)


@main.command()
@click.option("--size", type=click.Choice(sorted(ROSTERS)), default="county", show_default=True)
@AS_ONE_LINE
def variants(size: str, *, as_line: bool) -> None:
    """Study: the decomposition with one of its parts left out or moved."""
    _print(measure_variants(size), as_line=as_line)


@main.command()
@CAMPAIGN
@AS_JSON
def draw(size: str, *, as_json: bool) -> None:
    """Sealed frame to sealed draw, against the bare hashing loop."""
    drawing.main(size, as_json=as_json)


@main.command(name="coordination")
@CAMPAIGN
@AS_JSON
def shared_tickets(size: str, *, as_json: bool) -> None:
    """Doors with shared and with independent tickets."""
    coordination.main(size, as_json=as_json)


@main.command(name="all")
@AS_ONE_LINE
def everything(*, as_line: bool) -> None:
    """All quick measurements."""
    _print({"roster": [measure_roster(size, 1) for size in MICRO_SIZES]}, as_line=as_line)


def _print(figures: object, *, as_line: bool) -> None:
    click.echo(json.dumps(figures, ensure_ascii=False, indent=None if as_line else 2))


if __name__ == "__main__":
    main()
