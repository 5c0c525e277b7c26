"""``python -m benchmarks``: measures, and prints nothing but JSON on stdout.

In: which measurement. Out: figures. May import: click, the measurements.
"""
# ruff: noqa: PLC0415 - every process that a measurement starts loads this module: with a solver it would take
# a second of each

import json
from pathlib import Path

import click

AS_ONE_LINE = click.option("--json", "as_line", is_flag=True, help="One line instead of indented JSON.")
CAMPAIGN = click.option("--size", default="county", show_default=True, help="street, county, city or metro")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")


def _roster(_context: click.Context, _option: click.Parameter, name: str) -> str:
    from instances.roster_sizes import ROSTERS

    if name not in ROSTERS:
        raise click.BadParameter(", ".join(sorted(ROSTERS)))
    return name


ROSTER = click.option(
    "--size", default="county", show_default=True, callback=_roster, help="A roster's size."
)


@click.group()
def main() -> None:
    """Measure; results are JSON on stdout."""


@main.command()
@ROSTER
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--tolerance", type=int, help="Load tolerance, per mille; 50 at city-month, else 0.")
@AS_ONE_LINE
def roster(size: str, seed: int, processes: int, tolerance: int | None, *, as_line: bool) -> None:
    """Solve one roster; the round-robin baseline is measured in the same run."""
    from benchmarks.micro.roster import CITY_TOLERANCE, measure_roster

    if tolerance is None:
        tolerance = CITY_TOLERANCE if size == "city-month" else 0
    _print(measure_roster(size, seed, processes, tolerance), as_line=as_line)


@main.command(name="exact-limit")
@AS_ONE_LINE
def exact_limit(*, as_line: bool) -> None:
    """Study: what the exact model still proves as campaigns grow."""
    from benchmarks.study.exact_limit import measure_exact_limit

    _print(measure_exact_limit(), as_line=as_line)


@main.command()
@ROSTER
@AS_ONE_LINE
def variants(size: str, *, as_line: bool) -> None:
    """Study: the decomposition with one of its parts left out or moved."""
    from benchmarks.study.variants import measure_variants

    _print(measure_variants(size), as_line=as_line)


@main.command()
@CAMPAIGN
@AS_JSON
def draw(size: str, *, as_json: bool) -> None:
    """Sealed frame to sealed draw, against the bare hashing loop."""
    from benchmarks.study import draw as drawing

    drawing.main(size, as_json=as_json)


@main.command(name="coordination")
@CAMPAIGN
@AS_JSON
def shared_tickets(size: str, *, as_json: bool) -> None:
    """Doors with shared and with independent tickets."""
    from benchmarks.study import coordination

    coordination.main(size, as_json=as_json)


@main.command()
@click.option(
    "--rows-scale", type=float, default=1.0, show_default=True, help="Share of the full row counts."
)
@click.option("--only", default="", help="One case alone: csv-gb18030, xlsx or postgresql.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Folder for the files, some 4 GB at full scale; the system's temporary one by default.",
)
@AS_JSON
def intake(*, rows_scale: float, only: str, cache: Path | None, as_json: bool) -> None:
    """File or database to sealed tables, beside the bare reader of each."""
    from benchmarks.study import intake as importing

    if only not in {"", *importing.ROWS}:
        raise click.BadParameter(", ".join(importing.ROWS))
    importing.main(as_json=as_json, scale=rows_scale, only=only, cache=cache)


@main.command(name="all")
@AS_ONE_LINE
def everything(*, as_line: bool) -> None:
    """All quick measurements."""
    from benchmarks.micro.roster import MICRO_SIZES, measure_roster

    _print({"roster": [measure_roster(size, 1) for size in MICRO_SIZES]}, as_line=as_line)


def _print(figures: object, *, as_line: bool) -> None:
    click.echo(json.dumps(figures, ensure_ascii=False, indent=None if as_line else 2))


if __name__ == "__main__":
    main()
