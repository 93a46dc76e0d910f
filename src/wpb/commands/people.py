"""`wpb people`: what a place needs to work with people's records, beside a run itself."""

from __future__ import annotations

from pathlib import Path

import click

from wpb.commands.running import AS_JSON, CheckFailed, print_json


@click.group("people")
def people_group() -> None:
    """Work with people's records: check what is published."""


@people_group.command("check")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@AS_JSON
def check_command(folder: Path, as_json: bool) -> None:
    """Attack what a run published of people in DIR, from the published files alone.

    DIR is a results folder. Exits with 3 where a cell that was suppressed can be worked out.
    """
    from wpb.patients.output_check import check_outputs

    found = check_outputs(folder)
    if as_json:
        print_json(
            {"exposed": [{"table": one.table, "cell": one.cell, "how": one.how} for one in found]}
        )
    else:
        for one in found:
            click.echo(f"{one.table}: {one.cell}: {one.how}")
    if found:
        raise CheckFailed(f"{len(found)} suppressed cells can be worked out. Do not release them.")
    if not as_json:
        click.echo("No suppressed cell can be worked out from the published tables.")
