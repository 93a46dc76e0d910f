"""`wpb scenarios`: a model's scenarios set side by side."""

from __future__ import annotations

from pathlib import Path

import click

from wpb.commands.running import AS_JSON, print_json, progress_reporter
from wpb.commands.shadow import available_cores, read_arrangements


@click.command("scenarios", short_help="Set scenarios side by side.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--list",
    "only_list",
    is_flag=True,
    help="Print the scenarios and what each changes; calculate nothing.",
)
@click.option(
    "--scenario",
    "asked",
    multiple=True,
    metavar="NAME[+NAME]",
    help=(
        "A scenario, or several laid over one another; repeat it for more. Without it, each"
        " scenario alone."
    ),
)
@click.option("--grid", is_flag=True, help="Every combination of the scenarios.")
@click.option(
    "--axis",
    "axes",
    multiple=True,
    metavar="NAME,NAME",
    help=(
        "Scenarios that rule each other out: a combination takes one of them or none; repeat it for"
        " the other axes of the grid."
    ),
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=2_000,
    show_default=True,
    help="Number of simulated runs of each scenario.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Seed, the same for every scenario.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Number of processes; by default one for each core.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the page and tables; by default results/scenarios in the model.",
)
@click.option("--no-files", is_flag=True, help="Calculate and print; write nothing.")
@AS_JSON
def scenarios(
    model: Path,
    only_list: bool,
    asked: tuple[str, ...],
    grid: bool,
    axes: tuple[str, ...],
    runs: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    no_files: bool,
    as_json: bool,
) -> None:
    """Set MODEL's scenarios beside the model as it stands: the principal case, and the same
    simulated runs of each.

    Scenarios are named in the table scenario_changes. Each is laid over the model, which stays as
    it is.
    """
    from wpb.present.scenario_report import (
        listed_scenarios,
        scenario_lines,
        scenario_summary,
        write_scenarios,
    )

    if asked and (grid or axes):
        raise click.UsageError("Ask for named scenarios or for a grid, not both.")
    with progress_reporter() as progress:
        import wpb
        from wpb.shadow.scenario_set import chosen_scenarios, compare_scenarios
        from wpb.shadow.workers import Workers

        loaded = wpb.load(model, progress=progress)
        if not only_list:
            chosen = chosen_scenarios(loaded.model, asked, axes, grid)
            with Workers(workers or available_cores()) as crew:
                found = compare_scenarios(
                    loaded.model,
                    loaded.book,
                    read_arrangements(loaded.model.folder),
                    chosen,
                    runs,
                    seed,
                    crew,
                    progress,
                )
            folder = (
                None
                if no_files or (as_json and out is None)
                else out or loaded.results_folder / "scenarios"
            )
            if folder is not None:
                write_scenarios(loaded.model, found, runs, seed, folder)
    if only_list:
        changes = listed_scenarios(loaded.model)
        if as_json:
            print_json({"changes": changes})
        else:
            click.echo(
                "\n".join(
                    f"{one['scenario']:16} {one['how']}"
                    f" {one['target']}{' (' + one['rows'] + ')' if one['rows'] else ''}"
                    f" {one['value']}: {one['reason']}"
                    for one in changes
                )
                or "This model names no scenarios; enter them in the table scenario_changes."
            )
        return
    if as_json:
        print_json(scenario_summary(loaded.model, found, runs, seed))
        return
    click.echo("\n".join(scenario_lines(loaded.model, found, runs, seed)))
    if folder is not None:
        click.echo(f"\nThe page is {folder / 'scenarios.html'}.")
