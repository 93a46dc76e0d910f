"""`wpb check`: every problem in a model's inputs, all at once, each with its cell and its mend."""

from __future__ import annotations

from pathlib import Path

import click

from wpb.commands.running import (
    AS_JSON,
    INPUT_PROBLEMS,
    CheckFailed,
    print_json,
    print_problems,
    problems_as_json,
)


@click.command("check", short_help="Report every problem in a model's inputs.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--head",
    metavar="HASH",
    default="",
    help=(
        "Hash that `wpb agree` or `wpb close` printed: exit code 3 where the sealed record no"
        " longer holds it."
    ),
)
@AS_JSON
def check_command(model: Path, head: str, as_json: bool) -> int:
    """Check MODEL, a folder or a workbook, and report every problem with its file, sheet and cell.

    Where the inputs can be read, the budget is worked out too, without writing anything, so that
    problems which only show there are found as well; so is the live contract, where the model has
    its terms. Exit code 1 where an error would stop a run, 0 where only warnings and notes are
    left.
    """
    from wpb.commands.running import progress_reporter

    with progress_reporter() as progress:
        import wpb

        loaded = wpb.load(model, progress=progress)
        problems = loaded.check()
    if as_json:
        print_json(problems_as_json(problems))
    else:
        print_problems(problems)
    if any(problem.severity == "error" for problem in problems):
        return INPUT_PROBLEMS
    if head:
        _check_head(loaded.model.record, head)
    return 0


def _check_head(record: tuple[tuple[str, bytes], ...], head: str) -> None:
    """Hold the record to a hash that was kept elsewhere.

    Raises CheckFailed where no file of the record has it.
    """
    from wpb.kernel.problems import ProblemLog
    from wpb.tables.sealed_record import read_record

    if head not in {entry.digest for entry in read_record(record, ProblemLog()).entries}:
        raise CheckFailed(
            f"No file of the sealed record has the hash {head}: files were taken out, or all of it"
            " was written anew."
        )
