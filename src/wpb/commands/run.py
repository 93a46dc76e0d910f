"""`wpb run`: from inputs to a traced budget, its tables, workbook and report."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.running import print_json

if TYPE_CHECKING:
    from wpb.kernel.problems import Problem


def _size(context: click.Context, option: click.Parameter, given: str) -> str:
    if given and not re.fullmatch(r"\d+(\.\d+)?\s*[KMGT]i?B", given, re.IGNORECASE):
        raise click.BadParameter(f"'{given}' is not a size. Write one such as 4GB or 500MB.")
    return given


@click.command("run")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the results; by default the model's own results folder.",
)
@click.option(
    "--as-known-on",
    "known_on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Use only what was published by this date, for example 2026-11-01.",
)
@click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    help=(
        "What works people's records up, where the model has any: duckdb, spark://host:port, or"
        " sc://host:port for Spark Connect."
    ),
)
@click.option(
    "--memory-limit",
    callback=_size,
    default="",
    help="Memory that DuckDB is held to for people's records, such as 4GB.",
)
@click.option(
    "--spill-limit",
    callback=_size,
    default="",
    help="Disk that DuckDB may spill people's records to, such as 50GB.",
)
@click.option("--no-files", is_flag=True, help="Calculate and print; write nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the headline figures as JSON, in whole pence."
)
def run(
    model: Path,
    out: Path | None,
    known_on: click.DateTime | None,
    engine: str,
    memory_limit: str,
    spill_limit: str,
    no_files: bool,
    as_json: bool,
) -> None:
    """Calculate MODEL (a folder or a workbook) and write its results."""
    from wpb.commands.running import print_problems, progress_reporter
    from wpb.present.summary import summary

    with progress_reporter() as progress:
        import wpb

        stages = StageTimes(progress)
        loaded = wpb.load(
            model,
            f"{known_on:%Y-%m-%d}" if known_on else "",
            stages,
            engine,
            memory_limit,
            spill_limit,
            lambda told: click.echo(told, err=True),
        )
        budget = loaded.run()
        warnings: list[Problem] = []
        folder = None if no_files else out or loaded.results_folder
        if folder is not None:
            from wpb.present.results import write_results

            write_results(budget, folder, progress, stages.seconds())
            warnings = loaded.write_people(folder)
    if warnings:
        print_problems(warnings, to_stderr=True)
    figures = summary(budget)
    if as_json:
        print_json(figures)
    else:
        from wpb.present.console import print_summary

        print_summary(figures, folder)


class StageTimes:
    """Passes the names of stages on, and remembers how long each took."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._started: list[tuple[str, float]] = []

    def __call__(self, stage: str) -> None:
        self._started.append((stage, time.perf_counter()))
        self._progress(stage)

    def seconds(self) -> dict[str, float]:
        """Seconds by stage, up to now."""
        ends = [start for _, start in self._started[1:]] + [time.perf_counter()]
        return {stage: end - start for (stage, start), end in zip(self._started, ends, strict=True)}
