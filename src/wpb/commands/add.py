"""`wpb add`: further tables of a model, by stage, by table, or by what a method for a contract
needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.running import AS_JSON, print_json, print_problems, problems_as_json
from wpb.kernel.problems import ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.commands.more_tables import AddedTables
    from wpb.tables.schema import TableSpec


@click.command(
    "add", short_help="Add tables to a model: a stage, a table, or a method for a contract."
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("what", default="")
@click.argument("method", default="")
@AS_JSON
def add_command(folder: Path, what: str, method: str, as_json: bool) -> None:
    """Add tables to the model FOLDER: CSV files with headings, and sheets of its template.

    WHAT is a stage or a table; or a contract, with the METHOD whose tables it needs, each with a
    row that holds the contract. Without WHAT the stages are listed. Tables that are there stay as
    they are.
    """
    from wpb.commands.more_tables import add_method, add_tables

    log = ProblemLog()
    if not what:
        _list_stages(folder, as_json)
        return
    if method:
        done = add_method(folder, what, method, log)
    else:
        done = add_tables(folder, _chosen(what))
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "added": done.added,
                "already": done.already,
                "rows": done.rows,
                "files": [path.relative_to(folder).as_posix() for path in done.files],
                **problems_as_json(log),
            }
        )
        return
    if len(log):
        print_problems(log.problems, to_stderr=True)
    _tell(folder, done)


def _chosen(what: str) -> list[TableSpec]:
    from wpb.kernel.words import did_you_mean
    from wpb.tables import TABLES_BY_NAME
    from wpb.tables.stages import stages

    named = {stage.name: stage.tables for stage in stages()}
    if what not in named and what not in TABLES_BY_NAME:
        raise UsageProblem(
            f"'{what}' is neither a stage ({', '.join(named)}) nor a table; for a contract, add the"
            f" method it is to use. {did_you_mean(what, [*named, *TABLES_BY_NAME])}".strip()
        )
    return [TABLES_BY_NAME[name] for name in named.get(what, (what,))]


def _list_stages(folder: Path, as_json: bool) -> None:
    from wpb.intake.finding import find_inputs
    from wpb.tables.stages import stages

    there = set(find_inputs(folder, ProblemLog()).grids)
    if as_json:
        listed = [
            {
                "stage": stage.name,
                "title": stage.title,
                "when": stage.when,
                "tables": list(stage.tables),
                "there": [name for name in stage.tables if name in there],
            }
            for stage in stages()
        ]
        print_json({"folder": str(folder), "stages": listed, "problems": []})
        return
    for stage in stages():
        have = sum(name in there for name in stage.tables)
        click.echo(
            f"{stage.name}: {stage.title}, {stage.when} ({have} of {len(stage.tables)} there)"
        )
        click.echo(f"    {', '.join(stage.tables)}")
    click.echo(f"Add one: wpb add {folder} STAGE, or a TABLE, or CONTRACT METHOD.")


def _tell(folder: Path, done: AddedTables) -> None:
    if done.added:
        click.echo(f"Added {len(done.added)} tables: {', '.join(done.added)}.")
    if done.already:
        click.echo(f"There already: {', '.join(done.already)}.")
    for name, rows in done.rows.items():
        click.echo(f"Began {rows} row of {name}: fill in the rest of it.")
    for path in done.files:
        if path.suffix == ".xlsx":
            click.echo(f"Sheets with help: {path}")
    click.echo(f"Next: fill them in, then wpb check {folder}")
