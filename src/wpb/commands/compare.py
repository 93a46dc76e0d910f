"""`wpb compare`: why do two budgets differ?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.running import AS_JSON, print_json, progress_reporter

if TYPE_CHECKING:
    from wpb.present.compared_side import ComparedSide


@click.command("compare")
@click.argument("a", type=click.Path(path_type=Path, exists=True))
@click.argument("b", type=click.Path(path_type=Path, exists=True))
@AS_JSON
def compare_command(a: Path, b: Path, as_json: bool) -> None:
    """Explain how budget B differs from budget A.

    A and B are models (folders or workbooks), which are calculated, or results of earlier runs (their folder or
    their ledger.parquet). The movements of every difference add to it to the penny, and so do its lines.
    """
    from wpb.present.comparison import compare
    from wpb.present.comparison_text import comparison_lines

    with progress_reporter() as progress:
        found = compare(_side(a, progress), _side(b, progress))
    if as_json:
        print_json(found)
        return
    for line in comparison_lines(found):
        click.echo(line)


def _side(path: Path, progress: Callable[[str], None]) -> ComparedSide:
    from wpb.present.compared_side import results_at, side_of_budget, side_of_results

    results = results_at(path)
    if results is not None:
        return side_of_results(results, str(path))
    import wpb

    return side_of_budget(wpb.load(path, progress=progress).run(), str(path))
