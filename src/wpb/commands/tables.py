"""`wpb tables`: the input tables as they are declared - columns, ranges, references and checks."""

from __future__ import annotations

import click

from wpb.commands.running import AS_JSON, print_json
from wpb.kernel.problems import UsageProblem
from wpb.kernel.words import did_you_mean
from wpb.tables import ALL_TABLES, TABLES_BY_NAME
from wpb.tables.schema import Column, TableSpec

MEANS = {
    "moves": "a figure follows it",
    "label": "a name for the row",
    "evidence": "shown as it was entered",
}


@click.command("tables", short_help="Show the input tables and their columns.")
@click.argument("name", required=False)
@AS_JSON
def tables_command(name: str | None, as_json: bool) -> None:
    """Show the input table NAME: its columns, what each may hold, and the checks it declares.

    Without NAME, list every table with its title.
    """
    if name is not None and name not in TABLES_BY_NAME:
        raise UsageProblem(
            f"There is no table '{name}'. {did_you_mean(name, list(TABLES_BY_NAME))}`wpb tables`"
            " lists them."
        )
    found = [TABLES_BY_NAME[name]] if name else list(ALL_TABLES)
    if as_json:
        print_json({"tables": [_as_dict(spec) for spec in found]})
    elif name is None:
        for spec in found:
            click.echo(f"{spec.name:28}{spec.title}")
    else:
        _tell(found[0])


def _as_dict(spec: TableSpec) -> dict[str, object]:
    return {
        "table": spec.name,
        "title": spec.title,
        "help": spec.help,
        "source": spec.source,
        "required": spec.required,
        "one_row_per": list(spec.key),
        "columns": [
            {
                "column": column.name,
                "kind": column.kind,
                "help": column.help,
                "required": column.required,
                "range": column.range.words if column.is_number else "",
                "choices": list(column.choices),
                "refers_to": column.refers_to,
                "meaning": column.means,
            }
            for column in spec.columns
        ],
        "checks": sorted({code for check in spec.checks for code in check.codes}),
    }


def _tell(spec: TableSpec) -> None:
    click.echo(f"{spec.name}: {spec.title}\n{spec.help}\n{spec.source}")
    click.echo(f"One row for each {', '.join(spec.key)}.\n")
    for column in spec.columns:
        click.echo(f"{column.name} ({_held(column)}; {MEANS[column.means]})\n    {column.help}.")
    codes = sorted({code for check in spec.checks for code in check.codes})
    if codes:
        click.echo(f"\nChecks: {', '.join(codes)} (`wpb codes CODE` explains one)")


def _held(column: Column) -> str:
    parts = [column.kind.replace("_", " ")]
    if column.choices:
        parts[0] = f"one of {', '.join(column.choices)}"
    elif column.is_number:
        parts.append(column.range.words)
    if column.refers_to:
        parts.append(f"of {column.refers_to}")
    if not column.required:
        parts.append("may be blank")
    return "; ".join(parts)
