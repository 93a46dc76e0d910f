"""`wpb check`: every problem in a model's inputs, all at once, each with its cell and its mend."""

from __future__ import annotations

from pathlib import Path

import click

from wpb.commands.running import (
    AS_JSON,
    INPUT_PROBLEMS,
    print_json,
    print_problems,
    problems_as_json,
)


@click.command("check", short_help="Report every problem in a model's inputs.")
@click.argument("model", type=click.Path(path_type=Path))
@AS_JSON
def check_command(model: Path, as_json: bool) -> int:
    """Check MODEL, a folder or a workbook, and report every problem with its file, sheet and cell.

    Where the inputs can be read, the budget is worked out too, without writing anything, so that
    problems which only show there are found as well; so is the live contract, where the model has
    its terms. Exit code 1 where an error would stop a run, 0 where only warnings and notes are
    left.
    """
    from wpb.commands.running import progress_reporter

    with progress_reporter() as progress:
        import wpb

        problems = wpb.load(model, progress=progress).check()
    if as_json:
        print_json(problems_as_json(problems))
    else:
        print_problems(problems)
    return INPUT_PROBLEMS if any(problem.severity == "error" for problem in problems) else 0
