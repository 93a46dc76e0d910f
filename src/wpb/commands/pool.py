"""`wpb pool`: check, settle and review a pooled fund."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.running import AS_JSON, CheckFailed, print_json, print_problems
from wpb.commands.share_files import read_text
from wpb.commands.share_parties import read_posted
from wpb.kernel.problems import ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.pooling.agreement import PoolAgreement

POOL = click.argument("pool", type=click.Path(path_type=Path))
YEAR = click.option("--year", required=True, help="Financial year, such as 2030-31.")


@click.group("pool", short_help="Check, settle and review a pooled fund.")
def pool_group() -> None:
    """Check, settle and review a pooled fund.

    POOL is a YAML file, or a folder that holds one called pool.yaml.
    """


def opened(path: Path, log: ProblemLog) -> PoolAgreement:
    """Read and check a pooled fund's file; stops with every problem."""
    from wpb.kernel.lined_yaml import LinedPage, read_yaml
    from wpb.pooling.agreement import check_agreement
    from wpb.pooling.reading_pool import read_pool

    file = path / "pool.yaml" if path.is_dir() else path
    found = read_yaml(read_text(file, log), file.name, log)
    log.raise_if_errors()
    agreement = read_pool(found, LinedPage(file.name, log))
    log.raise_if_errors()
    check_agreement(agreement, log)
    log.raise_if_errors()
    return agreement


def _in_pool(agreement: PoolAgreement, year: str) -> None:
    if year not in agreement.years:
        raise UsageProblem(
            f"The pool has no year {year}; it runs from {agreement.years[0]} to"
            f" {agreement.years[-1]}."
        )


@pool_group.command("check", short_help="Check a pooled fund and list what is open.")
@POOL
@AS_JSON
def check(pool: Path, as_json: bool) -> None:
    """Check POOL: what its place model permits, joint funding the law requires, levers, and points
    still open.
    """
    from wpb.present.pool_view import agreement_figures, agreement_lines

    log = ProblemLog()
    figures = agreement_figures(opened(pool, log))
    if as_json:
        print_json({**figures, "problems": [problem.as_dict() for problem in log]})
        return
    click.echo("\n".join(agreement_lines(figures)) + "\n")
    print_problems(list(log))


@pool_group.command("year", short_help="Work out a year of a pooled fund.")
@POOL
@YEAR
@click.option(
    "--month", help="Month of the payments, such as 2031-06; without it, the April after the year."
)
@click.option(
    "--posted",
    type=click.Path(path_type=Path),
    help=(
        "Payments made before for the year, a CSV file as printed: only what is still due is paid,"
        " and a final settlement is corrected."
    ),
)
@click.option("--partner", help="Explain this partner's share, down to the lines of the file.")
@AS_JSON
def year_command(
    pool: Path,
    year: str,
    month: str | None,
    posted: Path | None,
    partner: str | None,
    as_json: bool,
) -> None:
    """Work out a year of POOL: contributions, spend, ring fences, what is left or short, and who
    bears it.
    """
    from wpb.kernel.posting import MONTH_PATTERN
    from wpb.pooling.agreement import pool_postings, settled_year
    from wpb.present.pool_view import year_figures, year_lines

    log = ProblemLog()
    agreement = opened(pool, log)
    _in_pool(agreement, year)
    if partner is not None and partner not in agreement.codes:
        raise UsageProblem(
            f"There is no partner '{partner}'; there are {', '.join(agreement.codes)}."
        )
    if month is not None and not MONTH_PATTERN.match(month):
        raise UsageProblem(f"'{month}' is not a month; write it as 2030-04.")
    settled = settled_year(agreement, year, log)
    log.raise_if_errors()
    assert settled is not None
    try:
        postings = pool_postings(
            agreement, year, settled, month or f"{int(year[:4]) + 1}-04", read_posted(posted, log)
        )
    except ValueError as fault:
        raise UsageProblem(f"{pool.name}: {fault}.") from fault
    figures = year_figures(agreement, year, settled, postings)
    if partner is not None:
        from wpb.kernel.explain import explain

        figures["explanation"] = explain(settled.ledger, f"{agreement.pool}/{year}/share/{partner}")
    if as_json:
        print_json(figures)
        return
    click.echo("\n".join(year_lines(figures)))
    if partner is not None:
        from wpb.present.console import tree_lines

        click.echo("\n" + "\n".join(tree_lines(figures["explanation"])))


@pool_group.command("reviews", short_help="Show the quarterly reviews of a year.")
@POOL
@YEAR
@AS_JSON
def reviews(pool: Path, year: str, as_json: bool) -> None:
    """Show by when each quarter of a year is to be reviewed, and fail where a quarter has no review
    planned.
    """
    from wpb.present.pool_view import review_figures, review_lines

    agreement, log = opened(pool, ProblemLog()), ProblemLog()
    _in_pool(agreement, year)
    figures = review_figures(agreement, year, log)
    if as_json:
        print_json(figures)
    else:
        click.echo("\n".join(review_lines(figures)) + "\n")
        print_problems(list(log))
    if log.errors:
        raise CheckFailed("A quarter has no review.")


@pool_group.command("case", short_help="Show the business case and when it pays back.")
@POOL
@AS_JSON
def case(pool: Path, as_json: bool) -> None:
    """Show the business case of POOL: goals, plan, measures, money by year, and the year by which
    it has paid back.
    """
    from wpb.present.pool_view import case_figures, case_lines

    figures = case_figures(opened(pool, ProblemLog()))
    if as_json:
        print_json(figures)
        return
    click.echo("\n".join(case_lines(figures)))
