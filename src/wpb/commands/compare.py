"""`wpb compare`: why do two budgets, or two versions of a contract, differ?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.running import AS_JSON, print_json, progress_reporter
from wpb.kernel.problems import UsageProblem

if TYPE_CHECKING:
    from wpb.present.compared_side import ComparedSide


@click.command("compare")
@click.argument("a")
@click.argument("b")
@AS_JSON
def compare_command(a: str, b: str, as_json: bool) -> None:
    """Explain how budget B differs from budget A.

    A and B are models (folders or workbooks), which are calculated, or results of earlier runs
    (their folder or their ledger.parquet). The movements of every difference add to it to the
    penny, and so do its lines. Two versions of a live contract are written MODEL@VERSION: agreed,
    v7, an event, or a date by which it was known.
    """
    from wpb.present.comparison_text import comparison_lines, version_lines

    versions = [_version(name) for name in (a, b)]
    with progress_reporter() as progress:
        if all(versions):
            found = _versions(versions, progress)
        elif any(versions):
            raise UsageProblem(
                "compare two versions of a contract, MODEL@VERSION, or two budgets; not one of each"
            )
        else:
            from wpb.present.comparison import compare

            found = compare(_side(Path(a), progress), _side(Path(b), progress))
    if as_json:
        print_json(found)
        return
    for line in version_lines(found) if all(versions) else comparison_lines(found):
        click.echo(line)


def _version(name: str) -> tuple[Path, str] | None:
    """The model and version of MODEL@VERSION; None for the path of a budget."""
    model, mark, version = name.rpartition("@")
    return (Path(model), version) if mark and version and not Path(name).exists() else None


def _versions(
    versions: list[tuple[Path, str] | None], progress: Callable[[str], None]
) -> dict[str, object]:
    from wpb.commands.live_model import opened
    from wpb.live import version_named
    from wpb.present.contract_view import compare_versions

    (model, first), (other, second) = (found for found in versions if found is not None)
    for path in (model, other):
        if not path.exists():
            raise UsageProblem(f"there is no model at {path}")
    if model.resolve() != other.resolve():
        raise UsageProblem(
            "two versions are of one contract; for two models give their paths without a version"
        )
    live = opened(model, None, progress)
    return compare_versions(live, version_named(live, first), version_named(live, second))


def _side(path: Path, progress: Callable[[str], None]) -> ComparedSide:
    from wpb.present.compared_side import results_at, side_of_budget, side_of_results

    if not path.exists():
        raise click.BadParameter(f"'{path}' does not exist.")
    results = results_at(path)
    if results is not None:
        return side_of_results(results, str(path))
    import wpb

    return side_of_budget(wpb.load(path, progress=progress).run(), str(path))
