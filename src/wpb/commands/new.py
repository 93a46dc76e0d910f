"""`wpb new`: an empty model to fill in, as CSV files or in Excel, or a copy of a bundled
example.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from wpb.commands.running import AS_JSON, print_json

EXAMPLES = (
    "first_budget",
    "handbook",
    "midshire",
    "pooled_budget",
    "sharing",
    "us_shared_savings",
)


@click.command("new", short_help="Write an empty model to fill in, with an Excel template.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--example",
    type=click.Choice(EXAMPLES),
    help="Copy a bundled example instead of writing an empty model.",
)
@click.option("--all", "every", is_flag=True, help="Write every table, not the first stage alone.")
@AS_JSON
def new_command(folder: Path, example: str | None, every: bool, as_json: bool) -> None:
    """Write an empty model to FOLDER: settings with comments, a CSV for each table of a first
    budget, and an Excel template.

    Fill in either the CSV files or the template. Further tables come with `wpb add`. A folder that
    holds anything already is left alone.
    """
    from wpb.present.empty_model import TEMPLATE_FILE, write_empty_model
    from wpb.tables import ALL_TABLES

    written = (
        write_empty_model(folder, ALL_TABLES if every else ())
        if example is None
        else copy_example(example, folder)
    )
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "files": [path.relative_to(folder).as_posix() for path in written],
                "problems": [],
            }
        )
        return
    if example is not None:
        click.echo(f"Copied the example '{example}' to {folder}.")
        return
    click.echo(f"Wrote an empty model to {folder}:")
    click.echo("  model.yaml            the settings: who, when, and the choices made")
    tables = sum(path.suffix == ".csv" for path in written)
    click.echo(f"  inputs/               {tables} tables as CSV files, with their headings")
    click.echo(
        f"  {TEMPLATE_FILE}  the same tables in Excel, with drop-downs, help and a checklist"
    )
    click.echo("  assumptions/          for local assumptions, where you have any")
    if not every:
        click.echo(
            f"These are the tables of a first budget. Further ones: wpb add {folder} (lists them)"
        )
    click.echo(
        f"Fill in the CSV files, or the workbook and save it in inputs. Then: wpb check {folder}"
    )


def copy_example(name: str, folder: Path) -> list[Path]:
    """Copy an example to a folder; gives the files written.

    Raises UsageProblem for a folder that holds anything already.
    """
    from wpb.kernel.problems import UsageProblem

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageProblem(
            f"{folder} is there already and is not an empty folder. Choose another name."
        )
    shutil.copytree(
        examples_folder() / name,
        folder,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("results"),
    )
    return sorted(path for path in folder.rglob("*") if path.is_file())


def examples_folder() -> Path:
    """Find the examples: within the installed package, or in the project's folder where it runs
    from there.
    """
    import wpb

    package = Path(wpb.__file__).parent
    installed = package / "examples"
    return installed if installed.is_dir() else package.parents[1] / "examples"
