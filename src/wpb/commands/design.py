"""`wpb design`: terms of a gain and loss sharing arrangement to discuss."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.running import AS_JSON, print_json, progress_reporter
from wpb.commands.shadow import available_cores, read_arrangements
from wpb.kernel.problems import ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.shadow.runs import Case
    from wpb.sharing.parties import PartyArrangement

PARTS_OF_LIMIT = (0.05, 0.10, 0.15, 0.20, 0.30)


@click.command("design", short_help="Search for terms of sharing to discuss.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--arrangement", "name", help="The arrangement; needed where the model has more than one."
)
@click.option(
    "--limit",
    "limits",
    type=click.FloatRange(min=0, min_open=True),
    multiple=True,
    metavar="POUNDS",
    help=(
        "Most the providers together may lose in a bad year; repeat it for more points. By default"
        " parts of what they say they can lose."
    ),
)
@click.option(
    "--one-sided", is_flag=True, help="Only designs in which the providers bear no losses."
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=512,
    show_default=True,
    help="Simulated runs each design is settled on.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Seed of the runs and of the search.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Number of processes; by default one for each core.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the page and tables; by default results/design in the model.",
)
@click.option("--no-files", is_flag=True, help="Calculate and print; write nothing.")
@AS_JSON
def design(
    model: Path,
    name: str | None,
    limits: tuple[float, ...],
    one_sided: bool,
    runs: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    no_files: bool,
    as_json: bool,
) -> None:
    """Search over shares, cap, collar, minimum rate and years of an arrangement of MODEL: a
    frontier to discuss, never one answer.

    For each limit on the providers' bad years, the design that leaves them most of what less
    activity releases, within every party's own exposure limit (table shadow_parties).
    """
    from wpb.present.design_report import design_lines, design_summary, write_designs

    with progress_reporter() as progress:
        import wpb
        from wpb.shadow.design_search import frontier, sample, weighed
        from wpb.shadow.shadow_test import prepare
        from wpb.shadow.workers import Workers

        loaded = wpb.load(model, progress=progress)
        case, _ = prepare(loaded.run(), read_arrangements(loaded.model.folder), ProblemLog())
        with Workers(workers or available_cores()) as crew:
            progress("simulating what the arrangement is settled on")
            held = sample(case, name or _only(case), runs, seed, crew)
            own = {
                terms.organisation: terms.exposure_limit
                for terms in case.plan.parties
                if not math.isnan(terms.exposure_limit)
            }
            party_limits = {
                party: limit
                for party, limit in own.items()
                if party in held.arrangement.party_names
            }
            asked = [limit * 100 for limit in limits] or _parts(held.arrangement, party_limits)
            found = [
                weighed(held),
                *frontier(held, asked, party_limits, one_sided, seed, crew, progress),
            ]
        folder = (
            None
            if no_files or (as_json and out is None)
            else out or loaded.results_folder / "design"
        )
        if folder is not None:
            write_designs(loaded.model, held.arrangement, found, party_limits, runs, seed, folder)
    if as_json:
        print_json(design_summary(loaded.model, held.arrangement, found, party_limits, runs, seed))
        return
    click.echo("\n".join(design_lines(loaded.model, held.arrangement, found, runs, seed)))
    if len(found) == 1:
        click.echo("\nNo design was found that keeps these limits; try larger ones.")
    if folder is not None:
        click.echo(f"\nThe page is {folder / 'designs.html'}.")


def _only(case: Case) -> str:
    names = [one.arrangement.name for one in case.plan.shared]
    if len(names) != 1:
        raise UsageProblem(
            f"this model has {len(names)} arrangements"
            + (
                f": {', '.join(names)}. Name one with --arrangement."
                if names
                else "; put one in its folder 'arrangements'."
            )
        )
    return names[0]


def _parts(arrangement: PartyArrangement, party_limits: dict[str, float]) -> list[float]:
    """Parts of what the providers together can lose in a year."""
    providers = [party.party for party in arrangement.parties if party.role == "provider"]
    if not all(party in party_limits for party in providers):
        raise UsageProblem(
            "not every provider says how much it can lose in a year (exposure_limit in"
            " shadow_parties); give the most they may lose together with --limit POUNDS"
        )
    whole = sum(party_limits[party] for party in providers)
    return [part * whole for part in PARTS_OF_LIMIT]
