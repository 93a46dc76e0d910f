"""`wpb audit`: show who changed what, write the trail out, and test that nobody altered it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.running import AS_JSON, CheckFailed, print_json
from wpb.kernel.problems import UsageProblem

if TYPE_CHECKING:
    from wpb.store.database import Database

STORE = click.option(
    "--store",
    required=True,
    help="The store: a SQLite file, or a URL such as postgresql+psycopg://user@host/name.",
)


@click.group("audit")
def audit_group() -> None:
    """Show who changed what, and test the trail."""


def _open(store: str) -> Database:
    from wpb.store.database import Database

    if "://" not in store and not Path(store).is_file():
        raise UsageProblem(f"There is no store {store}. `wpb serve` names the one it uses.")
    database = Database(store if "://" in store else f"sqlite:///{store}")
    if database.upgraded:
        click.echo(database.upgraded, err=True)
    return database


@audit_group.command("log")
@STORE
@AS_JSON
def log_command(store: str, as_json: bool) -> None:
    """Print the trail, one act a line."""
    from wpb.store.trail import read_trail

    with _open(store).reading() as connection:
        rows = read_trail(connection)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(
            f"{row['number']:>5}  {row['at'][:19]}  {row['organisation']:<10} {row['person']}:"
            f" {row['act']}, {row['subject']}"
        )


@audit_group.command("export")
@STORE
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export_command(store: str, file: Path) -> None:
    """Write the trail to FILE as JSON, with the formula that tests it."""
    from wpb.store.trail import export_trail, read_trail

    with _open(store).reading() as connection:
        exported = export_trail(read_trail(connection))
    file.write_text(json.dumps(exported, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(f"{exported['count']} rows, ending in {exported['head']}")


@audit_group.command("verify")
@click.option("--store", help="The store: a SQLite file, or a database URL.")
@click.option(
    "--export",
    "export",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An exported trail, tested with nothing else.",
)
@click.option(
    "--head", default="", help="A hash you noted earlier, which the trail must still hold."
)
@AS_JSON
def verify_command(store: str | None, export: Path | None, head: str, as_json: bool) -> None:
    """Test that no row of the trail was changed, taken out or put in; exit code 3 where one was.

    With --store the versions and signatures are held against the trail too.
    """
    from wpb.store.trail import verify_export, verify_rows, verify_store

    if (store is None) == (export is None):
        raise UsageProblem("Name one of --store and --export.")
    if export is not None:
        try:
            exported = json.loads(export.read_text(encoding="utf-8"))
        except ValueError:
            exported = None
        found = verify_export(exported)
        found += verify_rows(exported["rows"], head) if not found and head else []
    else:
        with _open(str(store)).reading() as connection:
            found = verify_store(connection, head)
    if as_json:
        print_json({"verified": not found, "found": found})
    if found:
        raise CheckFailed("\n".join(["The trail does not hold.", *found]))
    if not as_json:
        click.echo("The trail holds: every row follows the one before it, and nothing was changed.")
