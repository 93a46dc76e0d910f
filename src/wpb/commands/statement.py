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
@KNOWN_ON
@AS_JSON
def statement_command(
    model: Path, party: str, month: str | None, known_on: datetime.datetime | None, as_json: bool
) -> None:
    """Print the statement of one party of MODEL's contract for one month."""
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
