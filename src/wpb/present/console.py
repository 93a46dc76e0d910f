"""What a person reads in a terminal: the headline figures, and the tree of a figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wpb.kernel.money import pounds, round_half_up


def tree_lines(node: dict[str, Any], level: int = 0) -> Iterator[str]:
    """Write a figure's tree as indented lines: name, value, how it was made, and where leaves come
    from.

    Source: req 367.
    """
    indent = "  " * level
    name = node["title"] or node["id"]
    yield f"{indent}{name}: {amount(node)}  [{node['id']}]{_how(node)}"
    for child in node["children"]:
        yield from tree_lines(child, level + 1)


def _how(node: dict[str, Any]) -> str:
    if node.get("kind") == "input":
        place = node["where"]
        cell = f" {place['cell']}" if place["cell"] else ""
        entered = f", entered as '{place['entered']}'" if place["entered"] else ""
        return f"  <- {place['file']}{cell}{entered}"
    if node.get("kind") == "assumption":
        cited = node["citation"]
        return f"  <- {cited['source']}, {cited['locator']} ({cited['status']}, {cited['vintage']})"
    if node.get("kind") == "see":
        return "  … open this id for more"
    if node["operation"] == "sum":
        return "  = sum" if node["children"] else "  = nothing stands in this sum"
    return f"  = {node['operation'].replace('_', ' ')}"


def amount(node: dict[str, Any]) -> str:
    """Write a figure in its unit as a reader expects it: pounds and pence, a percentage, or a
    number.
    """
    value, unit = float(node["value"]), str(node["unit"])
    if unit.startswith("pence"):
        return f"{pounds(float(value), 2)}{unit.removeprefix('pence')}"
    if unit in ("rate", "share"):
        return f"{round_half_up(float(value) * 100, 3).normalize():f}%"
    if unit == "flag":
        return "yes" if value else "no"
    return (
        f"{round_half_up(float(value), 6).normalize():,f}{'' if unit == 'number' else f' {unit}'}"
    )


def millions(amount_pence: float) -> str:
    """Write pence as millions of pounds with one decimal: £372.9m."""
    return f"{pounds(amount_pence / 1_000_000, 1)}m"


def print_summary(figures: dict[str, Any], written: Path | None) -> None:
    """Print the headline figures: baseline, ten-year path, affordability, problems, and where the
    results are.
    """
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"[bold]{figures['title']}[/bold]")
    console.print(
        f"Baseline {pounds(figures['baseline_pence'])} ({figures['baseline_year']} level),"
        f" {figures['budget_lines']:,} budget lines"
    )
    unsure = figures.get("illustrative") or {}
    if unsure:
        console.print(f"[bold]{unsure['stamp']}[/bold]; `--json` and the report list them.")
    table = Table("Year", "Do nothing", "Forecast", "Out of scope", "Allocation", "Headroom")
    for column in table.columns[1:]:
        column.justify = "right"
    for year in figures["years"]:
        cells = [
            millions(year[f"{name}_pence"])
            for name in ("do_nothing", "forecast", "out_of_scope", "allocation", "headroom")
        ]
        known = year["year"] not in unsure.get("margin_not_determined", ())
        if not known:
            cells[-1] = "not determined"
        short = known and year["headroom_pence"] < 0
        table.add_row(year["year"], *cells, style="red" if short else None)
    console.print(table)
    warnings = [problem for problem in figures["problems"] if problem["severity"] == "warning"]
    console.print(
        f"{len(warnings)} thing(s) to weigh; `wpb check` lists them."
        if warnings
        else "Nothing to weigh."
    )
    if written:
        console.print(f"Results in {written}")
