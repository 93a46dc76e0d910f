"""`wpb incentives`: the schemes of a contract by year, what was reported, achieved, earned and
lost.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from wpb.commands.live_model import KNOWN_ON, MODEL, opened
from wpb.commands.running import AS_JSON, CheckFailed, print_json, print_problems, progress_reporter
from wpb.kernel.problems import UsageProblem


@click.command("incentives", short_help="Show incentive schemes: metrics, achieved, earned.")
@MODEL
@KNOWN_ON
@click.option(
    "--year",
    "years",
    multiple=True,
    help="Year to show, such as 2028-29; may be given more than once. All of them by default.",
)
@AS_JSON
def incentives_command(
    model: Path, known_on: datetime.datetime | None, years: tuple[str, ...], as_json: bool
) -> None:
    """Show each incentive scheme of MODEL's contract by year, and check it against gain and loss
    sharing.

    A scheme's worth is withheld from the budget or paid beside it. Its metrics earn part of that by
    what was reported; some are published and not paid. What is earned is posted by `wpb settle`;
    `wpb explain MODEL wpb/incentives_earned/SCHEME/YEAR/achieved` shows where a share comes from.
    """
    from wpb.live.sharing import model_arrangements
    from wpb.present.incentives_view import incentive_figures, incentive_lines

    with progress_reporter() as progress:
        live = opened(model, known_on, progress)
    unknown = [year for year in years if year not in live.terms.years]
    if unknown:
        raise UsageProblem(
            f"The contract does not run in {', '.join(unknown)}; it runs from {live.terms.years[0]}"
            f" to {live.terms.years[-1]}."
        )
    figures, problems = incentive_figures(
        live, model_arrangements(live.model.arrangements_place), years
    )
    if as_json:
        print_json(figures)
    else:
        click.echo("\n".join(incentive_lines(figures)))
        print_problems(problems)
    if any(problem.severity == "error" for problem in problems):
        raise CheckFailed("A scheme and an arrangement pull against each other.")
