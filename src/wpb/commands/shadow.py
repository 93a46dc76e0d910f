"""`wpb shadow`: a budget tested against many futures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.running import AS_JSON, print_json, print_problems, progress_reporter
from wpb.kernel.problems import InputProblems, ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.sharing.parties import PartyArrangement


@click.command("shadow", short_help="Test a budget against many futures.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Number of simulated runs.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Seed: the same seed gives the same figures, whatever the number of workers.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Number of processes; by default one for each core.",
)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    help="A scenario of the model's scenario_changes; repeat it to lay one over another.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the report page and tables; by default results/shadow in the model.",
)
@click.option(
    "--replay",
    "replay_years",
    type=click.IntRange(min=1),
    help="Set the design beside today's contracts, month by month, for the first so many years.",
)
@click.option(
    "--false-payment",
    "false_payments",
    type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
    multiple=True,
    help=(
        "A chance of paying for chance, such as 0.05: the minimum savings rate it asks for; repeat"
        " it for more."
    ),
)
@click.option(
    "--variation",
    "variations",
    type=click.FloatRange(0, 1, min_open=True),
    multiple=True,
    help=(
        "A share of a year, such as 0.01: the population at which random variation falls to it;"
        " repeat it for more."
    ),
)
@click.option(
    "--only",
    "only",
    multiple=True,
    metavar="CODE",
    help=(
        "Let one uncertainty move and all else go as planned; repeat it for more. The code of the"
        " error of the baseline runs it by itself."
    ),
)
@click.option("--no-files", is_flag=True, help="Calculate and print; write nothing.")
@AS_JSON
def shadow(
    model: Path,
    runs: int,
    seed: int,
    workers: int | None,
    scenarios: tuple[str, ...],
    out: Path | None,
    replay_years: int | None,
    false_payments: tuple[float, ...],
    variations: tuple[float, ...],
    only: tuple[str, ...],
    no_files: bool,
    as_json: bool,
) -> None:
    """Test MODEL against many futures: how every party comes out, what drives it, and what may be
    breached.
    """
    from wpb.present.shadow_summary import shadow_summary
    from wpb.shadow.appraisal import appraise
    from wpb.shadow.chance_alone import FALSE_PAYMENTS, SHARES
    from wpb.shadow.replay import months_recorded
    from wpb.shadow.shadow_test import shadow_test
    from wpb.shadow.workers import Workers

    with progress_reporter() as progress, Workers(workers or available_cores()) as crew:
        import wpb
        from wpb.run import calculate

        loaded = wpb.load(model, progress=progress)
        budget = loaded.run()
        arrangements = read_arrangements(loaded.model.folder)
        if scenarios:
            from wpb.shadow.scenarios import overlaid

            laid_over = overlaid(loaded.model, loaded.book, scenarios)
            budget = calculate(laid_over.model, laid_over.book, progress)
        results = shadow_test(
            budget,
            arrangements,
            runs,
            seed,
            crew,
            progress,
            scenario=" + ".join(scenarios),
            false_payments=false_payments or FALSE_PAYMENTS,
            shares=variations or SHARES,
            only=only,
        )
        replayed = None
        if replay_years:
            from wpb.live import live_contract
            from wpb.shadow.replay import replay_beside_current

            live = live_contract(results.budget.model, loaded.book, progress=progress)
            replayed = replay_beside_current(
                live, results.case, results.budget.years[:replay_years]
            )
        found = appraise(
            results, months_in_shadow=months_recorded(budget), progress=progress, workers=crew
        )
        writes = not no_files and not (as_json and out is None)
        folder = (out or loaded.results_folder / "shadow") if writes else None
        if folder is not None:
            from wpb.present.shadow_report import write_shadow_report

            write_shadow_report(results, found, folder, replayed, progress)
        figures = shadow_summary(results, found, replayed)
    if as_json:
        print_json(figures)
        return
    if len(results.problems):
        print_problems(results.problems.problems, to_stderr=True)
    from wpb.present.shadow_summary import appraisal_lines, summary_lines
    from wpb.present.words import currency_sign

    click.echo(
        "\n".join(
            summary_lines(figures) + appraisal_lines(found, currency_sign(figures["currency"]))
        )
    )
    if folder is not None:
        click.echo(f"\nThe report page is {folder / 'shadow.html'}.")


def available_cores() -> int:
    """The cores this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_arrangements(folder: Path) -> list[PartyArrangement]:
    """Read the gain/loss arrangements of a model: every YAML file in its folder 'arrangements'.

    Raises InputProblems with every fault of all of them.
    """
    from wpb.commands.share_files import kind_of, opened
    from wpb.commands.share_parties import read_parties

    log, found = ProblemLog(), []
    for file in sorted((folder / "arrangements").glob("*.yaml")):
        try:
            section, page = opened(file, ProblemLog())
            if kind_of(section, page) != "parties":
                raise UsageProblem(
                    f"{file.name} settles a table, not an outturn between parties; a shadow test"
                    " needs the latter."
                )
            found.append(read_parties(section, page))
        except InputProblems as faults:
            log.extend(faults.problems)
    log.raise_if_errors()
    return found
