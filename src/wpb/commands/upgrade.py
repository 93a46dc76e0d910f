"""`wpb upgrade`: brings a model folder or workbook of an older schema to today's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from wpb.commands.running import AS_JSON, print_json


@click.command("upgrade", short_help="Bring a model of an older schema up to date.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show the changes and write nothing.")
@click.option(
    "--from",
    "from_schema",
    type=click.IntRange(min=1),
    help="Make the changes since this schema again, whatever the settings say.",
)
@AS_JSON
def upgrade_command(model: Path, dry_run: bool, from_schema: int | None, as_json: bool) -> None:
    """Bring MODEL, a folder or a workbook, to the schema that this version of wpb writes.

    Shows each change and why. Copies every file that changes to a dated folder beside MODEL, then
    puts all new files in place. An upgrade that was stopped half way is put back first. What the
    app holds is never rewritten: it is read through the same changes in memory.
    """
    from wpb.intake.upgrades.rewriting import mend_unfinished, plan_upgrade, rewrite

    mended = "" if dry_run else mend_unfinished(model if model.is_dir() else model.parent)
    upgrade = plan_upgrade(model, from_schema)
    backup = rewrite(upgrade) if upgrade.files and not dry_run else None
    from wpb.tables.settings_shape import MODEL_SCHEMA

    told: dict[str, Any] = {
        "model": str(model),
        "from_schema": upgrade.schema,
        "to_schema": MODEL_SCHEMA,
        "dry_run": dry_run,
        "mended": mended,
        "changes": [
            {"file": change.file, "what": change.what, "why": change.why}
            for change in upgrade.changes
        ],
        "rewritten": [] if dry_run else sorted(upgrade.files),
        "backup": str(backup) if backup else None,
        "problems": [],
    }
    if as_json:
        print_json(told)
    else:
        _tell(told, sorted(upgrade.files))


def _tell(told: dict[str, Any], files: list[str]) -> None:
    if told["mended"]:
        click.echo(told["mended"])
    model, schema = told["model"], told["to_schema"]
    if not files:
        click.echo(f"Nothing to do: {model} is of schema {schema}, the newest.")
        return
    click.echo(f"{model} is of schema {told['from_schema']}; the newest is {schema}.")
    for change in told["changes"]:
        click.echo(f"  {change['file']}: {change['what']}")
        click.echo(f"    {change['why']}")
    count = f"{len(files)} file{'s' if len(files) != 1 else ''}"
    if told["dry_run"]:
        click.echo(f"{count} would be rewritten. Nothing was written: this was a dry run.")
        return
    click.echo(f"Rewrote {count}: {', '.join(files)}.")
    click.echo(f"As they were before: {told['backup']}")
    click.echo(f"{model} is now of schema {schema}.")
