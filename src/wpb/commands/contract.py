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
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="Show the version that held on this date."
)
@KNOWN_ON
@click.option(
    "--compare",
    nargs=2,
    metavar="VERSION VERSION",
    help="Explain every pound between two versions: v0, v7, agreed, an event, or a date.",
)
@click.option(
    "--explain",
    "figure",
    metavar="FIGURE",
    help="Print the tree of a figure of the contract, such as one that a posting cites.",
)
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    default=4,
    show_default=True,
    help="Levels to show with --explain.",
)
@AS_JSON
def contract_command(
    model: Path,
    on: datetime.datetime | None,
    known_on: datetime.datetime | None,
    compare: tuple[str, str] | None,
    figure: str | None,
    depth: int,
    as_json: bool,
) -> None:
    """Show the contract of MODEL: the whole budget by year, Schedule 4A, indicative values,
    versions and tests of change.
    """
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
    lines = [
        (
            f"{figures['contract']}, {figures['starts_on']} to {figures['ends_on']}: version"
            f" {figures['version']} ({figures['status']})"
        ),
        "",
    ]
    names = (
        ("wpb_pence", "Whole budget"),
        ("wpap_pence", "Annual payment"),
        ("part_a_pence", "Part A"),
        ("part_b_pence", "Part B"),
        ("withheld_pence", "Withheld"),
        ("beside_pence", "Beside it"),
        ("indicative_wpb_pence", "Indicative"),
    )
    lines.append(f"{'Year':<9}" + "".join(f"{title:>16}" for _, title in names) + "  Certainty")
    for year in figures["years"]:
        lines.append(
            f"{year['year']:<9}"
            + "".join(f"{pounds(year[name]):>16}" for name, _ in names)
            + f"  {year['certainty'].replace('_', ' ')}"
        )
    lines += ["", "Versions"]
    for version in figures["versions"]:
        lines.append(
            f"  {version['version']:<4}{version['known_on']} "
            f" {version['event']:<6}{version['kind'].replace('_', ' '):<20}"
            f"{pounds(version['change_pence']):>18}"
            f"  {version['title']}"
        )
    lines += ["", "Changes tested on what they add up to over the contract's life"]
    for test in figures["changes"]:
        lines.append(
            f"  {test['event']:<6}{pounds(test['change_pence']):>18} "
            f" {test['band'].replace('_', ' ')}: {test['words']}"
        )
    lines += [
        *_left_lines(figures),
        *_decision_lines(figures["decisions"]),
        *_period_lines(figures["fixed_periods"]),
    ]
    for review in figures["plan_review"]:
        lines += ["", f"{review['event']}: {review['reason']}. {review['what_to_do']}"]
    reviewed = [year["year"] for year in figures["years"] if year["review"]]
    if reviewed:
        last = figures["years"][-1]["review"]
        again = last or next(year["review"] for year in figures["years"] if year["review"])
        lines += [
            "",
            (
                f"The value differs materially from the indicative one in {', '.join(reviewed)}."
                f" Look again at {', '.join(again)}."
            ),
        ]
    return lines


def _left_lines(figures: dict[str, Any]) -> list[str]:
    """For changes that people decide on: what each leaves of the allocations; the mechanisms stated
    in the contract are in the figures.
    """
    kinds = {version["event"]: version["kind"] for version in figures["versions"]}
    rows = [
        (test["event"], row)
        for test in figures["changes"]
        if kinds[test["event"]] in ("periodic_agreement", "re_opener", "scope_change")
        for row in test["left_for_other_services"]
    ]
    if not rows:
        return []
    lines = [
        "",
        "What decisions leave for services outside the contract, in the year they change most",
        f"  {'':<6}{'':<9}{'Payer and stream':<24}{'Before':>16}{'After':>16}",
    ]
    for event, row in rows:
        short = (
            "  short: allocation does not cover what is outside"
            if row["left_after_pence"] < 0
            else ""
        )
        lines.append(
            f"  {event:<6}{row['year']:<9}{row['cell']:<24}"
            f"{pounds(row['left_before_pence']):>16}{pounds(row['left_after_pence']):>16}"
            f"{short}"
        )
    return lines


def _decision_lines(decisions: list[dict[str, Any]]) -> list[str]:
    lines = (
        [
            "",
            (
                "Periodic agreements and re-openers: each factor recalculated, and what was agreed"
                " of it"
            ),
        ]
        if decisions
        else []
    )
    for decision in decisions:
        for factor in decision["factors"]:
            whole = sum(factor["effect_pence"].values())
            lines.append(
                f"  {decision['event']:<6}{factor['factor']:<12}{pounds(whole):>18} over the term,"
                f" {decision['accepted_share']:.0%} agreed: {factor['criteria']}"
            )
            lines += [
                f"  {'':<6}{figure['assumption']} {figure['year']}: {figure['old']:.2%} to"
                f" {figure['new']:.2%}, "
                + (
                    f"past the threshold of {figure['threshold']:.2%}"
                    if figure["fires"]
                    else f"not past the threshold of {figure['threshold']:.2%}: nothing changes"
                )
                for figure in factor["figures"]
            ]
    return lines


def _period_lines(periods: list[dict[str, Any]]) -> list[str]:
    lines = [
        "",
        (
            "How long values are fixed: what that gives to plan on, and what rests on allocations"
            " not yet firm"
        ),
    ]
    return [
        *lines,
        *(
            f"  {period['years']:>2}"
            f" years{pounds(period['fixed_pence']):>20}{pounds(period['exposed_pence']):>20} not"
            f" firm{'  (chosen)' if period['chosen'] else ''}"
            for period in periods
        ),
    ]
