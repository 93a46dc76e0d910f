"""`wpb new`: an empty model to fill in, as CSV files or in Excel."""

from __future__ import annotations

from pathlib import Path

import click

from wpb.commands.running import AS_JSON, print_json


@click.command("new", short_help="Write an empty model to fill in, with an Excel template.")
@click.argument("folder", type=click.Path(path_type=Path))
@AS_JSON
def new_command(folder: Path, as_json: bool) -> None:
    """Write an empty model to FOLDER: settings with comments, a CSV for each table, and an Excel template.

    Fill in either the CSV files or the template. A folder that holds anything already is left alone.
    """
    from wpb.present.empty_model import TEMPLATE_FILE, write_empty_model

    written = write_empty_model(folder)
    if as_json:
        print_json({"folder": str(folder), "files": [path.relative_to(folder).as_posix() for path in written], "problems": []})
        return
    click.echo(f"Wrote an empty model to {folder}:")
    click.echo("  model.yaml            the settings: who, when, and the choices made")
    click.echo("  inputs/               one CSV for each table, with its headings")
    click.echo(f"  {TEMPLATE_FILE}  the same tables in Excel, with drop-downs, help and a checklist")
    click.echo("  assumptions/          for local assumptions, where you have any")
    click.echo(f"Fill in the CSV files, or the workbook and save it in inputs. Then: wpb check {folder}")
