"""`wpb contract`: the contract's tree, its schedules, its versions and how far it may change."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from wpb.commands.live_model import KNOWN_ON, MODEL, opened
from wpb.commands.running import AS_JSON, print_json, progress_reporter
from wpb.kernel.money import pounds


@click.command("contract", short_help="Draw up the contract's values and schedules.")
@MODEL
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Show the version that held on this date.")
@KNOWN_ON
@click.option("--compare", nargs=2, metavar="VERSION VERSION", help="Explain every pound between two versions: v0, v7, agreed, an event, or a date.")
@click.option("--explain", "figure", metavar="FIGURE", help="Print the tree of a figure of the contract, such as one that a posting cites.")
@click.option("--depth", type=click.IntRange(min=0), default=4, show_default=True, help="Levels to show with --explain.")
@AS_JSON
def contract_command(model: Path, on: datetime.datetime | None, known_on: datetime.datetime | None, compare: tuple[str, str] | None, figure: str | None, depth: int, as_json: bool) -> None:
    """Show the contract of MODEL: the whole budget by year, Schedule 4A, indicative values, versions and tests of change."""
    from wpb.live import version_named
    from wpb.present.comparison_text import version_lines
    from wpb.present.contract_view import compare_versions, contract_figures

    with progress_reporter() as progress:
        live = opened(model, known_on, progress)
        if figure:
            figures: dict[str, Any] = live.explain(figure, depth)
            lines = _tree_lines(figures)
        elif compare:
            figures = compare_versions(live, *(version_named(live, name) for name in compare))
            lines = list(version_lines(figures))
        else:
            figures = contract_figures(live, on.date() if on else None)
            lines = _contract_lines(figures)
    if as_json:
        print_json(figures)
    else:
        click.echo("\n".join(lines))


def _tree_lines(tree: dict[str, Any]) -> list[str]:
    from wpb.present.console import tree_lines

    return list(tree_lines(tree))


def _contract_lines(figures: dict[str, Any]) -> list[str]:
    lines = [f"{figures['contract']}, {figures['starts_on']} to {figures['ends_on']}: version {figures['version']} ({figures['status']})", ""]
    names = (("wpb_pence", "Whole budget"), ("wpap_pence", "Annual payment"), ("part_a_pence", "Part A"), ("part_b_pence", "Part B"), ("withheld_pence", "Withheld"), ("beside_pence", "Beside it"), ("indicative_wpb_pence", "Indicative"))
    lines.append(f"{'Year':<9}" + "".join(f"{title:>16}" for _, title in names) + "  Certainty")
    for year in figures["years"]:
        lines.append(f"{year['year']:<9}" + "".join(f"{pounds(year[name]):>16}" for name, _ in names) + f"  {year['certainty'].replace('_', ' ')}")
    lines += ["", "Versions"]
    for version in figures["versions"]:
        lines.append(f"  {version['version']:<4}{version['known_on']}  {version['event']:<6}{version['kind'].replace('_', ' '):<20}{pounds(version['change_pence']):>18}  {version['title']}")
    lines += ["", "Changes tested on what they add up to over the contract's life"]
    for test in figures["changes"]:
        lines.append(f"  {test['event']:<6}{pounds(test['change_pence']):>18}  {test['band'].replace('_', ' ')}: {test['words']}")
    for review in figures["plan_review"]:
        lines += ["", f"{review['event']}: {review['reason']}. {review['what_to_do']}"]
    reviewed = [year["year"] for year in figures["years"] if year["review"]]
    if reviewed:
        lines += ["", f"The value differs materially from the indicative one in {', '.join(reviewed)}. Look again at {', '.join(figures['years'][-1]['review'] or next(y['review'] for y in figures['years'] if y['review']))}."]
    return lines
