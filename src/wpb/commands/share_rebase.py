"""`wpb share rebase`: baselines of a model's arrangements beside its budget now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from wpb.commands.running import AS_JSON, print_json, progress_reporter
from wpb.kernel.problems import ProblemLog, UsageProblem


class ChangeOption(click.ParamType[tuple[str, float]]):
    """NAME=RATE: what changed, and by what rate."""

    name = "NAME=RATE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """Take the text apart at '='."""
        from wpb.kernel.numerals import percentage

        name, _, rate = str(value).partition("=")
        number = percentage(rate)
        if not name or number is None:
            self.fail(
                f"'{value}' is not a change. Write what changed, '=' and a percentage, as in"
                " population=1.5%.",
                param,
                ctx,
            )
        return name, number


@click.command("rebase", short_help="Set baselines beside the budget as it stands now.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "from_year",
    default="",
    metavar="YEAR",
    help="First year to set again; earlier ones stand. All of them by default.",
)
@click.option(
    "--change",
    "changes",
    multiple=True,
    type=ChangeOption(),
    help="What else a review hangs on, and how far it changed, such as population=1.5%.",
)
@AS_JSON
def rebase(
    model: Path, from_year: str, changes: tuple[tuple[str, float], ...], as_json: bool
) -> None:
    """Compare the baselines of MODEL's arrangements that mirror the budget with the budget as it
    stands now.

    Shows the change by line and year, which reviews of the arrangement that calls for, and the
    baseline set again.
    Nothing is changed: the parties put the new baseline into their file once they agree.
    """
    import wpb
    from wpb.live.sharing import model_arrangements
    from wpb.live.sharing_links import shared_arrangements
    from wpb.present.rebase_view import rebase_figures, rebase_lines

    with progress_reporter() as progress:
        budget = wpb.load(model, "", progress).budget
    arrangements = model_arrangements(budget.model.arrangements_place)
    if not arrangements:
        raise UsageProblem(
            f"{model} has no arrangements; put their files in its folder 'arrangements'."
        )
    problems = ProblemLog()
    found = [
        rebase_figures(budget, shared, from_year, dict(changes))
        for shared in shared_arrangements(budget, arrangements, problems)
    ]
    if as_json:
        print_json({"arrangements": found})
        return
    click.echo("\n\n".join("\n".join(rebase_lines(figures)) for figures in found))


class RatesOption(click.ParamType[list[float]]):
    """RATE or RATE,RATE,...: one for every year, or one a year."""

    name = "RATE[,RATE]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[float]:
        """Take the text apart at its commas."""
        from wpb.kernel.numerals import percentage

        if isinstance(value, list):
            return value
        rates = [rate for text in str(value).split(",") if (rate := percentage(text)) is not None]
        if len(rates) != len(str(value).split(",")):
            self.fail(
                f"'{value}' is not a rate. Write 1.5%, or a rate for each year with commas"
                " between.",
                param,
                ctx,
            )
        return rates


@click.command("project", short_help="Project a baseline for activity outside the budget.")
@click.argument("last_units", type=click.FloatRange(min=0))
@click.option("--first-year", required=True, help="First year of the baseline, such as 2030-31.")
@click.option("--years", type=click.IntRange(1, 30), required=True, help="How many years.")
@click.option(
    "--trend",
    type=RatesOption(),
    required=True,
    help="Growth seen in the past: one rate, or one a year.",
)
@click.option(
    "--demography",
    type=RatesOption(),
    required=True,
    help="Growth from the population: one rate, or one a year.",
)
@click.option(
    "--care-model",
    type=RatesOption(),
    required=True,
    help="What the care model changes, below nought for less: one rate, or one a year.",
)
@AS_JSON
def project(
    last_units: float,
    first_year: str,
    years: int,
    trend: list[float],
    demography: list[float],
    care_model: list[float],
    as_json: bool,
) -> None:
    """Project the baseline of a line outside the budget from LAST_UNITS, its activity in the year
    before the first.

    Each year's units are those of the year before, times one plus each of the three rates.
    """
    import numpy as np

    from wpb.kernel.calendar import year_range
    from wpb.kernel.money import round_half_up
    from wpb.sharing.baseline_profile import projected_activity

    try:
        names = year_range(first_year, years)
    except ValueError as fault:
        raise UsageProblem(f"{fault}.") from fault
    rates = {}
    for name, given in (
        ("--trend", trend),
        ("--demography", demography),
        ("--care-model", care_model),
    ):
        if len(given) not in (1, years):
            raise UsageProblem(
                f"{name} has {len(given)} rates for {years} years; give one for all of them, or one"
                " a year."
            )
        rates[name] = np.broadcast_to(np.array([given]), (1, years))
    units = projected_activity(np.array([last_units]), *rates.values())[0]
    if as_json:
        print_json(
            {"baseline": {year: float(amount) for year, amount in zip(names, units, strict=True)}}
        )
        return
    for position, (year, amount) in enumerate(zip(names, units, strict=True)):
        click.echo(
            f"  {year}{round_half_up(amount, 1):>16,}  "
            + "  ".join(
                f"{name[2:].replace('-', ' ')} {rate[0, position]:+.2%}"
                for name, rate in rates.items()
            )
        )
    click.echo(
        "baseline: {by: year, table: {"
        + ", ".join(
            f"{year}: {round_half_up(amount)}" for year, amount in zip(names, units, strict=True)
        )
        + "}}"
    )
