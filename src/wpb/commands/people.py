"""`wpb people`: what a place needs to work with people's records, beside a run itself."""

from __future__ import annotations

from pathlib import Path

import click

from wpb.commands.running import AS_JSON, CheckFailed, print_json

SHOWN = 10
"""Findings of one kind that are listed on a terminal."""


@click.group("people")
def people_group() -> None:
    """Work with people's records: make pseudonyms, draft governance papers, clear what is kept,
    check what is published.
    """


@people_group.command("check")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--earlier",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Results of an earlier run or version that were released; may be repeated.",
)
@AS_JSON
def check_command(folder: Path, earlier: tuple[Path, ...], as_json: bool) -> None:
    """Attack what a run published of people in DIR, from the published files alone.

    DIR is a results folder. Its tables are added up, set against one another and against earlier
    results. Exits with 3 where a figure gives a few people away, and names it.
    """
    from wpb.patients.output_check import check_outputs

    done = check_outputs(folder, earlier)
    found = [one for checked in done for one in checked.exposed]
    if as_json:
        print_json(
            {
                "checks": [
                    {"check": checked.attack, "exposed": len(checked.exposed)} for checked in done
                ],
                "exposed": [
                    {"table": one.table, "cell": one.cell, "how": one.how} for one in found
                ],
            }
        )
    else:
        for checked in done:
            click.echo(f"{checked.attack}: {len(checked.exposed) or 'nothing'} found")
            for one in checked.exposed[:SHOWN]:
                click.echo(f"  {one.table}: {one.cell}: {one.how}")
            if len(checked.exposed) > SHOWN:
                click.echo(f"  and {len(checked.exposed) - SHOWN} more; --json lists them all")
    if found:
        raise CheckFailed(f"{len(found)} figures give a few people away. Do not release them.")
    if not as_json:
        click.echo("No published figure gives a few people away.")


EXISTING = click.Path(path_type=Path, exists=True, dir_okay=False)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)


@people_group.command("key")
@click.argument("file", type=NEW_FILE)
@AS_JSON
def key_command(file: Path, as_json: bool) -> None:
    """Make a new key for pseudonyms and write it to FILE, which only this account can read.

    Keep FILE away from the records and from every model folder, and a copy in a safe: the same key
    gives the same pseudonyms in every source.
    """
    from wpb.patients.pseudonyms import make_key

    key = make_key(file)
    if as_json:
        print_json({"file": str(file), "key": key.name})
        return
    click.echo(f"{file} holds the key {key.name}. Keep it away from the records.")


@people_group.command("pseudonymise")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=EXISTING)
@click.option("--key", "key_file", required=True, type=EXISTING, help="Key by `wpb people key`.")
@click.option("--column", required=True, metavar="NAME", help="Column of NHS numbers.")
@click.option(
    "--as", "name", default="pseudonym", show_default=True, help="Name of the column written."
)
@click.option("--drop", multiple=True, metavar="NAME", help="Column to leave out; may be repeated.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File, or folder.")
@click.option("--blank-invalid", is_flag=True, help="Leave pseudonyms of invalid numbers blank.")
@AS_JSON
def pseudonymise_command(
    files: tuple[Path, ...],
    key_file: Path,
    column: str,
    name: str,
    drop: tuple[str, ...],
    out: Path,
    blank_invalid: bool,
    as_json: bool,
) -> None:
    """Write CSV or Parquet FILEs again with pseudonyms in place of NHS numbers.

    Files of any size; --out is a file for one FILE, a folder for several. A file with invalid NHS
    numbers is refused with their count, and nothing is written for it.
    """
    from wpb.patients.pseudonyms import Counted, pseudonymise, read_key

    key, told = read_key(key_file), list[tuple[Path, Counted]]()
    in_folder = len(files) > 1 or out.is_dir() or not out.suffix
    for file in files:
        target = out / file.name if in_folder else out
        found = pseudonymise(
            file, target, key, column, name=name, drop=drop, blank_invalid=blank_invalid
        )
        told.append((target, found))
    if as_json:
        print_json(
            {
                "key": key.name,
                "files": [
                    {
                        "file": str(target),
                        "rows": found.rows,
                        "blank": found.blank,
                        "invalid": found.invalid,
                        "identifying_columns": list(found.identifying),
                    }
                    for target, found in told
                ],
            }
        )
        return
    for target, found in told:
        click.echo(
            f"{target}: {found.rows:,} rows, {found.blank:,} without an NHS number,"
            f" {found.invalid:,} with one that is not valid."
        )
        if found.identifying:
            numbers = ", ".join(map(str, found.identifying))
            click.echo(f"  Columns that still name people and must be dropped: number {numbers}.")


@people_group.command("rotate")
@click.argument("linking", type=EXISTING)
@click.option("--old", required=True, type=EXISTING, help="Key that the table was made with.")
@click.option("--new", required=True, type=EXISTING, help="Key for the new pseudonyms.")
@click.option("--column", default="nhs_number", show_default=True, help="Column of NHS numbers.")
@click.option("--as", "name", default="pseudonym", show_default=True, help="Pseudonyms' column.")
@click.option("--out", required=True, type=NEW_FILE, help="The table under the new key.")
@AS_JSON
def rotate_command(
    linking: Path, old: Path, new: Path, column: str, name: str, out: Path, as_json: bool
) -> None:
    """Re-key LINKING, a CSV table of NHS numbers and pseudonyms, and keep the old pseudonyms beside
    the new.
    """
    from wpb.patients.pseudonyms import read_key, rotate

    found = rotate(linking, out, read_key(old), read_key(new), column, name)
    if as_json:
        print_json({"file": str(out), "rows": found.rows})
        return
    click.echo(f"{out}: {found.rows:,} rows, each with its old pseudonym in a column of its own.")


@people_group.command("clear")
@click.argument(
    "model", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "--releases",
    is_flag=True,
    help="Forget earlier releases too; the next run is compared with none.",
)
def clear_command(model: Path, releases: bool) -> None:
    """Take away what runs keep of people's records in DIR, a model folder: patients/.engine, with
    its key.

    The records, the settings and the results stay; the next run works everything out again. What is
    remembered of earlier releases stays too, so that a run of corrected records gives no difference
    of a few people away.
    """
    from wpb.patients.private_files import clear
    from wpb.patients.releases import forget_releases

    done = clear(model / "patients")
    done |= releases and forget_releases(model / "patients")
    click.echo("Cleared." if done else "There was nothing to clear.")


@people_group.command("governance")
@click.argument(
    "model", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--out", type=NEW_FILE, help="Markdown file to write; else it is printed.")
def governance_command(model: Path, out: Path | None) -> None:
    """Draft the impact assessment and the map of data flows of DIR, a model folder, from its own
    settings.

    What the settings don't say is listed first. No record is read.
    """
    from wpb.patients.governance_papers import draft

    text = draft(model)
    if out is None:
        click.echo(text)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    click.echo(f"{out} holds the draft.")
