"""``python -m benchmarks``: measures, and prints nothing but JSON on stdout.

In: which measurement. Out: figures. May import: click, the measurements.
"""
# ruff: noqa: PLC0415 - every process that a measurement starts loads this module: with a solver it would take
# a second of each

import json
from pathlib import Path
from typing import Any

import click

from scheduler.domain.errors import OneDoorError
from scheduler.domain.messages import render

AS_ONE_LINE = click.option("--json", "as_line", is_flag=True, help="One line instead of indented JSON.")
CAMPAIGN = click.option("--size", default="county", show_default=True, help="street, county, city or metro")
FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")


def _roster(_context: click.Context, _option: click.Parameter, name: str) -> str:
    from instances.roster_sizes import ROSTERS

    if name not in ROSTERS:
        raise click.BadParameter(", ".join(sorted(ROSTERS)))
    return name


ROSTER = click.option(
    "--size", default="county", show_default=True, callback=_roster, help="A roster's size."
)


class _Told(click.Group):
    """What cannot be measured is told in one line, not in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OneDoorError as error:
            raise click.ClickException("\n".join(render(p, "en") for p in error.problems)) from error
        except FileNotFoundError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Told)
def main() -> None:
    """Measure; results are JSON on stdout."""


@main.command()
@ROSTER
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option(
    "--tolerance", type=click.IntRange(0), help="Load tolerance, per mille; 50 at city-month, else 0."
)
@click.option(
    "--baselines", default="round_robin", show_default=True, help="Also monolith, mip (minutes each); a,b."
)
@AS_ONE_LINE
def roster(
    size: str, seed: int, processes: int, tolerance: int | None, baselines: str, *, as_line: bool
) -> None:
    """Solve one roster; the round-robin baseline is measured in the same run."""
    from benchmarks.baselines import BASELINES
    from benchmarks.micro.roster import CITY_TOLERANCE, measure_roster

    names = tuple(name for name in baselines.split(",") if name)
    if not set(names) <= set(BASELINES):
        raise click.BadParameter(", ".join(BASELINES), param_hint="--baselines")

    if tolerance is None:
        tolerance = CITY_TOLERANCE if size == "city-month" else 0
    _print(measure_roster(size, seed, processes, tolerance, names), as_line=as_line)


@main.command()
@ROSTER
@click.option("--seed", type=int, default=1, show_default=True)
@AS_ONE_LINE
def executors(size: str, seed: int, *, as_line: bool) -> None:
    """The same roster by 1, 2 and 4 processes and by a Dask cluster, with a worker killed half-way."""
    from benchmarks.micro.executors import measure_executors

    _print(measure_executors(size, seed), as_line=as_line)


@main.command(name="travel-bound")
@ROSTER
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--departments", type=click.IntRange(1), help="Only the first so many.")
@AS_ONE_LINE
def travel_bound(size: str, seed: int, departments: int | None, *, as_line: bool) -> None:
    """Study: what travel cannot fall below, department by department (a metropolis: more than an hour)."""
    from benchmarks.study.travel_bound import measure_travel_bound

    _print(measure_travel_bound(size, seed, departments), as_line=as_line)


@main.command(name="exact-limit")
@AS_ONE_LINE
def exact_limit(*, as_line: bool) -> None:
    """Study: what the exact model still proves as campaigns grow."""
    from benchmarks.study.exact_limit import measure_exact_limit

    _print(measure_exact_limit(), as_line=as_line)


@main.command()
@click.option("--only", multiple=True, help="Only this campaign (street-8-1, …); may be repeated.")
@click.option(
    "--seconds", type=click.IntRange(1), default=60, show_default=True, help="The other model's limit."
)
@AS_ONE_LINE
def small(only: tuple[str, ...], seconds: int, *, as_line: bool) -> None:
    """Study: campaigns of 4 to 15 visits to their proof, beside one CP-SAT model with two workers."""
    from benchmarks.study.small import CASES, measure_small

    if not set(only) <= set(CASES):
        raise click.BadParameter(", ".join(CASES), param_hint="--only")
    _print(list(measure_small(only or CASES, seconds)), as_line=as_line)


@main.command()
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@AS_ONE_LINE
def growth(processes: int, *, as_line: bool) -> None:
    """Study: seconds from 5,000 to 80,000 visits at equal quality, and the exponent that fits."""
    from benchmarks.study.growth import measure_growth

    _print(measure_growth(processes), as_line=as_line)


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


@main.command()
@click.option(
    "--size",
    type=click.Choice(["city-month", "metro-month", "metro-year"]),
    default="city-month",
    show_default=True,
)
@click.option("--only", default="", help="One output alone, such as report.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder in which the outputs stay; else they are removed.",
)
@AS_JSON
def outputs(size: str, *, only: str, keep: Path | None, as_json: bool) -> None:
    """What people get: seconds and bytes of each output, and how soon the report is ready."""
    from benchmarks.study import outputs as handing

    if only not in {"", *handing.OUTPUTS}:
        raise click.BadParameter(", ".join(handing.OUTPUTS))
    handing.main(size, only=only, as_json=as_json, keep=keep)


@main.command(name="smptsp")
@click.option(
    "--data", "folder", required=True, type=FOLDER, help="Folder with the instances and bounds.csv."
)
@click.option("--only", multiple=True, help="Only this instance; may be repeated.")
@AS_ONE_LINE
def shifts(folder: Path, only: tuple[str, ...], *, as_line: bool) -> None:
    """Public instances with fixed times: fewest officers, and the proven bound."""
    from benchmarks.study.shifts import measure_shifts

    _print(list(measure_shifts(folder, only)), as_line=as_line)


@main.command()
@click.option("--data", "folder", required=True, type=FOLDER, help="Folder with the cases.")
@AS_ONE_LINE
def reviewers(folder: Path, *, as_line: bool) -> None:
    """Public reviewer assignments: recusal, loads and wishes without any time."""
    from benchmarks.study.reviewers import measure_reviewers

    _print(list(measure_reviewers(folder)), as_line=as_line)


@main.command()
@click.option(
    "--visits",
    multiple=True,
    type=click.IntRange(1),
    help="Only days of this size; the ten of the study by default.",
)
@click.option(
    "--rounds", type=click.IntRange(0), default=2, show_default=True, help="The plan's budget for the search."
)
@AS_ONE_LINE
def travel(visits: tuple[int, ...], rounds: int, *, as_line: bool) -> None:
    """One-officer visits with windows and skills: our travel beside PyVRP's at equal time."""
    from benchmarks.micro.travel import measure_travel
    from instances.days import SIZES

    _print(list(measure_travel(visits or SIZES, rounds)), as_line=as_line)


def _print(figures: object, *, as_line: bool) -> None:
    click.echo(json.dumps(figures, ensure_ascii=False, indent=None if as_line else 2))


if __name__ == "__main__":
    main()
