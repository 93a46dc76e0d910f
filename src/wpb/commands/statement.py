"""`wpb statement`: what one party paid and received in a month."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from wpb.commands.live_model import KNOWN_ON, MODEL, opened
from wpb.commands.running import AS_JSON, print_json, progress_reporter


@click.command("statement", short_help="Print a settlement statement.")
@MODEL
@click.option(
    "--party", required=True, metavar="CODE", help="Organisation or practice the statement is for."
)
@click.option(
    "--month", metavar="MONTH", help="Month, such as 2028-05; by default the first one not closed."
)
@click.option("--year", metavar="YEAR", help="With --pack: the financial year, such as 2028-29.")
@click.option(
    "--pack",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.zip",
    help="Write one file from which an outsider works the party's year out again.",
)
@KNOWN_ON
@AS_JSON
def statement_command(
    model: Path,
    party: str,
    month: str | None,
    year: str | None,
    pack: Path | None,
    known_on: datetime.datetime | None,
    as_json: bool,
) -> None:
    """Print the statement of one party of MODEL's contract for one month.

    With --year and --pack, write a zip of tables with their rules instead: all that is needed to
    work the party's year out again, to the penny.
    """
    if pack is not None or year is not None:
        _write_pack(model, party, month, year, pack, known_on, as_json)
        return
    from wpb.present.statements import next_open, statement_figures, statement_lines

    with progress_reporter() as progress:
        live = opened(model, known_on, progress)
        figures = statement_figures(live, party, month or next_open(live))
    if as_json:
        print_json(figures)
        return
    organisations = live.model["organisations"]
    names = dict(zip(organisations.text("organisation"), organisations.text("name"), strict=True))
    lists = live.model["gp_lists"]
    names.update(zip(lists.text("list_code"), lists.text("name"), strict=True))
    click.echo("\n".join(statement_lines(figures, names)))


def _write_pack(
    model: Path,
    party: str,
    month: str | None,
    year: str | None,
    pack: Path | None,
    known_on: datetime.datetime | None,
    as_json: bool,
) -> None:
    from wpb.kernel.problems import UsageProblem
    from wpb.present.settlement_pack import write_pack

    if pack is None or year is None:
        raise UsageProblem("--pack and --year go with each other: a pack is of one financial year")
    if month or as_json:
        raise UsageProblem("a pack is a file of its own; leave out --month and --json")
    with progress_reporter() as progress:
        rows = write_pack(opened(model, known_on, progress), party, year, pack)
    click.echo(f"Pack of {party}, {year}: {rows['postings.csv']} postings. Written to {pack}")
