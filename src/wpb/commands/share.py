"""`wpb share`: settle, check and state gain/loss arrangements."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpb.commands.running import print_json
from wpb.commands.share_alliance import alliance
from wpb.commands.share_files import kind_of, opened, read_cells
from wpb.commands.share_rebase import project, rebase
from wpb.commands.share_suitability import suitability
from wpb.kernel.problems import ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.sharing.arrangement import TableArrangement
    from wpb.sharing.reading import Page
    from wpb.sharing.results_table import ResultsTable
    from wpb.sharing.settle_parties import PartySettlement

ARRANGEMENT = click.argument("arrangement", type=click.Path(path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("share", short_help="Settle, check and state gain/loss arrangements.")
def share_group() -> None:
    """Settle, check and state gain/loss arrangements.

    ARRANGEMENT is a YAML file, or a folder that holds one called arrangement.yaml.
    """


@share_group.command("settle", short_help="Settle results by an arrangement.")
@ARRANGEMENT
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--measures",
    type=click.Path(path_type=Path),
    help="Reported measures, a CSV file with columns measure, year and value.",
)
@click.option(
    "--posted",
    type=click.Path(path_type=Path),
    help=(
        "Postings made before for these years, a CSV file: only what is still due is posted, and a"
        " final settlement is corrected."
    ),
)
@click.option(
    "--month", help="Month of the postings, such as 2031-06; without it, the April after the year."
)
@click.option(
    "--explain",
    "explained",
    type=click.IntRange(min=2),
    metavar="ROW",
    help=(
        "Explain what this row of a results table comes to, step by step (the headings are row 1)."
    ),
)
@AS_JSON
def settle(
    arrangement: Path,
    results: Path,
    measures: Path | None,
    posted: Path | None,
    month: str | None,
    explained: int | None,
    as_json: bool,
) -> None:
    """Settle RESULTS, a CSV file, by ARRANGEMENT.

    Where the arrangement settles a table, each row is an organisation and year, settled alone;
    where it shares between parties, each row is the outturn of a line of activity. Amounts are in
    the arrangement's currency, to the penny or cent; what is owed is below nought.
    """
    found, page = opened(arrangement, ProblemLog())
    if kind_of(found, page) == "parties":
        from wpb.commands.share_parties import settle_parties

        settle_parties(found, page, results, measures, posted, month, as_json)
        return
    _settle_table(found, page, results, explained, as_json)


@share_group.command("check", short_help="Check an arrangement file.")
@ARRANGEMENT
@AS_JSON
def check(arrangement: Path, as_json: bool) -> None:
    """Check ARRANGEMENT: every entry, the order of its steps, and what its parties should look at
    again.
    """
    from wpb.commands.running import print_problems, problems_as_json

    found, page = opened(arrangement, ProblemLog())
    if kind_of(found, page) == "parties":
        from wpb.commands.share_parties import read_parties

        read_parties(found, page)
    else:
        from wpb.sharing.arrangement import read_table_arrangement

        read_table_arrangement(found, page)
        page.log.raise_if_errors()
    if as_json:
        print_json(problems_as_json(page.log), compact=True)
        return
    print_problems(list(page.log))
    click.echo(
        "The arrangement can be settled."
        if not len(page.log)
        else "The arrangement can be settled; look at the points above."
    )


@share_group.command(
    "exposure", short_help="Add up what each organisation could lose, beside its limit."
)
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--overspend",
    type=click.FloatRange(min=0),
    default=0.1,
    show_default=True,
    help="How far every shared line goes over its baseline.",
)
@AS_JSON
def exposure(model: Path, overspend: float, as_json: bool) -> None:
    """Show the most each organisation of MODEL could lose in a year across every scheme, beside its
    limit.
    """
    from wpb.commands.live_model import opened as opened_model
    from wpb.commands.running import print_problems
    from wpb.live.sharing import model_arrangements
    from wpb.present.exposure_view import exposure_lines, total_exposure

    log = ProblemLog()
    live = opened_model(model, None, lambda stage: None)
    figures = total_exposure(
        live, model_arrangements(live.model.arrangements_place), overspend, log
    )
    if as_json:
        print_json(figures, compact=True)
        return
    click.echo("\n".join(exposure_lines(figures)))
    print_problems(list(log))


@share_group.command("term-sheet", short_help="Say what the parties agree to.")
@ARRANGEMENT
@click.option(
    "--gate-opens",
    type=click.FloatRange(0, 1),
    metavar="CHANCE",
    help="Chance, such as 0.5, that a gate on gains opens: show what each share is then worth.",
)
@AS_JSON
def term_sheet_command(arrangement: Path, gate_opens: float | None, as_json: bool) -> None:
    """Print the terms of ARRANGEMENT: what is covered, prices, each party's shares by year, and the
    steps in order.
    """
    from wpb.commands.share_parties import (
        cliff_lines,
        damped_shares,
        read_parties,
        term_sheet_lines,
    )
    from wpb.sharing.statement import term_sheet

    found, page = opened(arrangement, ProblemLog())
    _only_parties(found, page)
    read = read_parties(found, page)
    terms = {
        **term_sheet(read),
        "cliffs": cliff_lines(read),
        **({} if gate_opens is None else {"damped": damped_shares(read, gate_opens)}),
    }
    if as_json:
        print_json(terms)
    else:
        click.echo("\n".join(term_sheet_lines(terms)))


@share_group.command(
    "statement", short_help="State a year's settlement and where a share comes from."
)
@ARRANGEMENT
@click.argument("outturn", type=click.Path(path_type=Path))
@click.option("--year", required=True, help="Year to state, such as 2030-31.")
@click.option("--party", help="Explain this party's share, step by step.")
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    default=6,
    show_default=True,
    help="Levels of the explanation.",
)
@click.option("--measures", type=click.Path(path_type=Path), help="Reported measures, a CSV file.")
@AS_JSON
def statement_command(
    arrangement: Path,
    outturn: Path,
    year: str,
    party: str | None,
    depth: int,
    measures: Path | None,
    as_json: bool,
) -> None:
    """State one year of OUTTURN under ARRANGEMENT; with --party, the share of one party down to its
    cells.
    """
    from wpb.commands.share_parties import settled, statement_lines
    from wpb.sharing.statement import statement

    found, page = opened(arrangement, ProblemLog())
    _only_parties(found, page)
    read, settlement, given = settled(found, page, outturn, measures)
    if year not in given.months:
        raise UsageProblem(
            f"{outturn.name} has no outturn for {year}; it has {', '.join(given.months)}."
        )
    if party is not None and party not in read.party_names:
        raise UsageProblem(f"There is no party '{party}'; there are {', '.join(read.party_names)}.")
    stated = statement(settlement, read.years.index(year), given.status[year])
    if party is not None:
        stated["explanation"] = explained_share(settlement, party, year, depth)
    if as_json:
        print_json(stated)
        return
    click.echo("\n".join(statement_lines(stated)))
    if party is not None:
        from wpb.present.console import tree_lines

        click.echo("\n" + "\n".join(tree_lines(stated["explanation"])))


def explained_share(
    settlement: PartySettlement, party: str, year: str, depth: int
) -> dict[str, Any]:
    """Explain a party's share down to the cells of the outturn and the lines of the arrangement."""
    from wpb.kernel.explain import explain

    assert settlement.ledger is not None
    return explain(settlement.ledger, f"{settlement.block('amount').id}/{year}/{party}", depth)


def _only_parties(found: Mapping[str, Any], page: Page) -> None:
    if kind_of(found, page) != "parties":
        raise UsageProblem(
            "This arrangement settles a table row by row; its terms are its file, and `wpb share"
            " settle` states each row."
        )


def _settle_table(
    found: Mapping[str, Any], page: Page, results: Path, explained: int | None, as_json: bool
) -> None:
    from wpb.sharing.arrangement import read_table_arrangement
    from wpb.sharing.results_table import read_results
    from wpb.sharing.settled_rows import settled_rows
    from wpb.sharing.table_book import settle_table

    read = read_table_arrangement(found, page)
    page.log.raise_if_errors()
    headings, cells = read_cells(results, page.log)
    table = read_results(results.name, headings, cells, read.columns, page.log)
    page.log.raise_if_errors()
    settlement = settle_table(read, table, page.log)
    page.log.raise_if_errors()
    assert settlement is not None
    if explained is not None:
        _explain_row(read, table, explained, as_json)
        return
    rows = settled_rows(table, settlement)
    if as_json:
        print_json(
            {
                "arrangement": read.name,
                "currency": read.currency,
                "settlements": rows,
                "problems": [problem.as_dict() for problem in page.log],
            },
            compact=True,
        )
        return
    click.echo("\n".join(_table_lines(rows, read.title, read.currency)))


def _explain_row(
    arrangement: TableArrangement, table: ResultsTable, number: int, as_json: bool
) -> None:
    from wpb.sharing.row_book import explained_row

    if number > len(table) + 1:
        raise UsageProblem(f"{table.file} ends at row {len(table) + 1}.")
    tree = explained_row(arrangement, table, number - 2)
    if as_json:
        print_json(tree, compact=True)
        return
    from wpb.present.console import tree_lines

    click.echo("\n".join(tree_lines(tree)))


def _table_lines(rows: list[dict[str, Any]], title: str, currency: str) -> list[str]:
    lines = [
        f"{title} ({currency})",
        f"{'Organisation':<28}{'Year':>6}{'Generated':>18}{'Share':>8}{'Loss':>8}{'Limit':>18}{'Deducted':>16}{'Earned':>18}{'Recouped':>16}",
    ]
    for row in rows:
        bound = "*" if row["limit_bound"] else ""
        limit = "none" if row["limit"] is None else f"{row['limit']:,.2f}{bound}"
        lines.append(
            f"{row['organisation']:<28}{row['performance_year']!s:>6}{row['generated']:>18,.2f}{row['share_rate']:>8.2%}{row['loss_rate']:>8.2%}{limit:>18}{row['deduction']:>16,.2f}{row['earned']:>18,.2f}{row['recouped']:>16,.2f}"
        )
    return [*lines, "* the limit binds; what is owed is below nought."]


share_group.add_command(suitability)
share_group.add_command(alliance)
share_group.add_command(rebase)
share_group.add_command(project)
