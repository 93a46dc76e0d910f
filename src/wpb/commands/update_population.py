"""`wpb update-population`: what a count of registered people does to the contract, and why."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from wpb.commands.live_model import KNOWN_ON, MODEL, opened
from wpb.commands.running import AS_JSON, print_json, progress_reporter
from wpb.kernel.money import pounds


@click.command("update-population", short_help="Update a live contract for its population.")
@MODEL
@click.option(
    "--update",
    "wanted",
    metavar="EVENT_OR_DATE",
    default="",
    help="The update, by its event or the day of its count; the last by default.",
)
@click.option(
    "--together",
    is_flag=True,
    help=(
        "Work neighbouring changes out in one go and one after the other, and say where they differ"
        " and why; with --update, only those beside it."
    ),
)
@KNOWN_ON
@AS_JSON
def update_population_command(
    model: Path, wanted: str, together: bool, known_on: datetime.datetime | None, as_json: bool
) -> None:
    """Work out a population update of MODEL's contract: people registered less people planned, at
    agreed values.

    The counts stand in the tables population_counts and contract_events; nothing already agreed is
    changed.
    """
    from wpb.present.together import in_turn_or_together
    from wpb.present.update_view import chosen_update, update_figures

    with progress_reporter() as progress:
        live = opened(model, known_on, progress)
        chosen = chosen_update(live, wanted)
        figures = update_figures(live, chosen)
        pairs = in_turn_or_together(live, progress, chosen if wanted else "") if together else []
    if as_json:
        print_json({**figures, **({"in_turn_or_together": pairs} if together else {})})
        return
    click.echo("\n".join([*_lines(figures), *_pair_lines(pairs)]))


def _lines(figures: dict[str, Any]) -> list[str]:
    lines = [
        (
            f"Population update {figures['update']}, count of {figures['effective_on']}, known"
            f" {figures['known_on']}, {figures['mode']} mode"
        )
    ]
    lines.append(
        f"{figures['people_registered']:,.0f} people registered, {figures['people_planned']:,.0f}"
        f" planned; values agreed {figures['value_vintage']}"
    )
    lines += [
        "",
        f"Effect in a whole year, at {figures['year']} values",
        f"  {'Payer and stream':<24}{'Size':>18}{'Composition':>18}{'Together':>18}",
    ]
    for row in figures["yearly_effect"]:
        lines.append(
            f"  {row['cell']:<24}{pounds(row['size_pence'], 2):>18}"
            f"{pounds(row['composition_pence'], 2):>18}{pounds(row['total_pence'], 2):>18}"
        )
    lines += ["", "What it changes in each year of the contract"]
    lines += [
        f"  {year:<9}{pounds(pence, 2):>18}"
        for year, pence in figures["effect_on_years_pence"].items()
        if pence
    ]
    error = figures["average_per_head"]["likely_error_pence"]
    lines += [
        "",
        (
            f"An average per head would pay {pounds(abs(error), 2)}"
            f" {'less' if error > 0 else 'more'} in a year than these people are worth."
        ),
    ]
    lines += [
        f"In this count: {moved['people']:+g} people of {moved['list_code']},"
        f" {moved['patient_type'].replace('_', ' ')} ({moved['cause'].replace('_', ' ')})."
        for moved in figures["causes"]
    ]
    for thin in figures["thin_types"]:
        lines.append(
            f"Thin: {thin['patient_type']}, {thin['funding_stream']}: {thin['people_behind']:,.0f}"
            f" people behind its value; trusted {thin['credibility']:.0%}, the rest by the average."
        )
    for barred in figures["barred_changes"]:
        lines.append(
            f"Not paid: {barred['people']:g} people of {barred['list_code']} from {barred['from']}"
            f" to {barred['to']} ({barred['cause'].replace('_', ' ')}): {barred['why']}."
        )
    for fund in figures["contingency"]:
        if fund["left_pence"] is not None:
            lines.append(
                f"Contingency of {fund['commissioner']} for {fund['year']}:"
                f" {pounds(fund['drawn_pence'])} drawn of {pounds(fund['fund_pence'])}:"
                f" {fund['words']}."
            )
    return lines


def _pair_lines(pairs: list[dict[str, Any]]) -> list[str]:
    lines = ["", "In one go or one after the other"] if pairs else []
    for pair in pairs:
        value = (
            "the same value and instalments" + ("; " if pair["why"] else "")
            if pair["same_instalments"]
            else "the same value; "
            if pair["same_value"]
            else ""
        )
        lines.append(f"  {pair['first']} and {pair['second']}: {value}" + "; ".join(pair["why"]))
    return lines
