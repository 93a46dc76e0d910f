"""`wpb schema`: the published shapes of what wpb prints and writes as JSON."""

from __future__ import annotations

import json

import click

from wpb.commands.running import AS_JSON
from wpb.kernel.json_shapes import SHAPES, json_schema, shape_name
from wpb.kernel.problems import UsageProblem
from wpb.kernel.words import did_you_mean


@click.command("schema", short_help="Show the shapes of wpb's JSON.")
@click.argument("name", required=False)
@AS_JSON
def schema_command(name: str | None, as_json: bool) -> None:
    """Print the JSON Schema of NAME, such as check or wpb.check/1; without NAME, list every shape.

    With --json and no NAME, print every JSON Schema by name.
    """
    if name is None:
        if as_json:
            click.echo(json.dumps({each: json_schema(each) for each in SHAPES}, indent=2))
            return
        for each, shape in SHAPES.items():
            click.echo(f"{shape_name(each):28}{shape.title}")
        return
    found = name.removeprefix("wpb.").partition("/")[0]
    if found not in SHAPES or name not in (found, shape_name(found)):
        raise UsageProblem(
            f"There is no shape '{name}'. {did_you_mean(name, list(SHAPES))}`wpb schema` lists"
            " them."
        )
    click.echo(json.dumps(json_schema(found), indent=2))
