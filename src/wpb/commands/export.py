"""`wpb export`: a budget as a workbook of formulas, or as one of its documents."""

from __future__ import annotations

from pathlib import Path

import click


@click.group("export")
def export() -> None:
    """Write a model or its results in another form."""


@export.command("workbook")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--mark", default="Draft", show_default=True, help="Mark on the cover, such as a version.")
def workbook(model: Path, out: Path, mark: str) -> None:
    """Write MODEL as a workbook of formulas: change a yellow figure and the budget follows.

    The workbook can be read back: `wpb run OUT.xlsx` gives the same budget.
    """
    import wpb
    from wpb.commands.input_sheets import input_sheets
    from wpb.commands.running import progress_reporter
    from wpb.kernel.problems import UsageProblem
    from wpb.present.live_workbook import write_live_workbook

    if out.suffix.lower() != ".xlsx":
        raise UsageProblem(f"{out} does not end in .xlsx. Give the name of an Excel workbook.")
    with progress_reporter() as progress:
        loaded = wpb.load(model, progress=progress)
        budget = loaded.run()
        out.parent.mkdir(parents=True, exist_ok=True)
        write_live_workbook(budget, input_sheets(model, loaded.model), out, mark, progress)
    click.echo(f"Wrote {out}.")
