"""`wpb explain`: where does this number come from?"""

from __future__ import annotations

from pathlib import Path

import click


@click.command("explain")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("figure")
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    help=(
        "Levels to show; a branch that goes on ends in an id to open. Without it the tree is"
        " complete."
    ),
)
@click.option(
    "--as-known-on",
    "known_on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Use only what was published by this date.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the tree as JSON.")
def explain(
    model: Path, figure: str, depth: int | None, known_on: click.DateTime | None, as_json: bool
) -> None:
    """Print the tree of FIGURE in MODEL, down to input cells and cited assumptions.

    Figures go by readable ids, such as baseline, forecast/2030-31, forecast/2030-31/<line> or
    contract/<contract>/<service line>; those of a live contract begin with wpb/, as each posting
    cites them.
    """
    from wpb.commands.running import print_json, progress_reporter

    with progress_reporter() as progress:
        import wpb

        tree = wpb.load(model, f"{known_on:%Y-%m-%d}" if known_on else "", progress).explain(
            figure, depth
        )
    if as_json:
        print_json(tree, compact=True)
    else:
        from wpb.present.console import tree_lines

        for line in tree_lines(tree):
            click.echo(line)
