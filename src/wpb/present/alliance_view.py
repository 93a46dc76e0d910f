"""An alliance's payment for a reader: three parts by provider and year, the transition year, the
funding gap, the shadow subset.

Source: Mid-Nottinghamshire article (2016); req 303, 305-309, 312-314, 316, 317.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wpb.incentives.collective import alliance_references
from wpb.kernel.money import pounds, whole_pence
from wpb.live.alliance import AlliancePayment
from wpb.present.words import fitted
from wpb.sharing.patient_choice import UNSETTLED
from wpb.sharing.reading_alliance import AllianceFile
from wpb.sharing.three_parts import gap_tracker, shadow_subset


def alliance_figures(
    given: AllianceFile, payment: AlliancePayment, unsettled: Sequence[str]
) -> dict[str, Any]:
    """Set out an alliance's payment by year and provider, and what stands beside it.

    Source: Mid-Nottinghamshire article (2016); req 305-309, 312-314, 316, 317.
    """
    titles = {provider.provider: provider.title for provider in given.providers}
    years = []
    for year, parts in payment.by_year.items():
        over = payment.transition.get(year, {})
        providers = [
            {
                "provider": one.provider,
                "title": titles[one.provider],
                "fixed_pence": one.fixed_pence,
                "variable_pence": one.variable_pence,
                "outcome_pence": one.outcome_pence,
                "shared_pence": one.shared_pence,
                "transition_pence": over.get(one.provider, 0),
                "total_pence": one.total_pence + over.get(one.provider, 0),
            }
            for one in parts
        ]
        earned = (
            {one.provider: one.outcome_pence for one in parts}
            if year in payment.outcome_known
            else {}
        )
        references = alliance_references(
            earned,
            {provider.provider: provider.contract for provider in given.providers},
            given.contract,
        )
        years.append(
            {
                "year": year,
                "choice_known": year in payment.choice_known,
                "outcome_known": year in payment.outcome_known,
                "providers": providers,
                "references": [
                    {
                        "contract": one.contract,
                        "provider": one.provider,
                        "points_to": one.alliance_contract,
                        "amount_pence": one.amount_pence,
                    }
                    for one in references
                ],
            }
        )
    open_points = [
        *([UNSETTLED] if given.variable is not None and not given.variable.settled else []),
        *unsettled,
    ]
    return {
        "alliance": given.name,
        "title": given.title,
        "contract": given.contract,
        "years": years,
        "not_settled_yet": open_points,
        "funding_gap": _gap(given),
        "shadow": _shadow(given),
    }


def _gap(given: AllianceFile) -> list[dict[str, Any]]:
    if not given.do_nothing_pence:
        return []
    closed = (
        np.array(
            [[by_year[year] for year in given.years] for by_year in given.closed_pence.values()]
        )
        .reshape(-1, len(given.years))
        .sum(axis=0)
    )
    do_nothing, funding = (
        np.array([by_year[year] for year in given.years])
        for by_year in (given.do_nothing_pence, given.funding_pence)
    )
    found = gap_tracker(given.years, do_nothing, funding, closed)
    return [
        {
            "year": one.year,
            "gap_pence": whole_pence(one.gap_pence),
            "closed_pence": whole_pence(one.closed_pence),
            "left_pence": whole_pence(one.left_pence),
            "closed_by": {
                name: whole_pence(by_year[one.year]) for name, by_year in given.closed_pence.items()
            },
        }
        for one in found
    ]


def _shadow(given: AllianceFile) -> dict[str, Any] | None:
    if not given.shadow:
        return None
    added = shadow_subset(given.shadow, given.shadow_whole_pence)
    services = [
        {
            "service": one.service,
            "amount_pence": one.amount_pence,
            "in_shadow": one.in_shadow,
            "reason": one.reason,
            "proxy": one.proxy,
        }
        for one in given.shadow
    ]
    return {
        "from_month": given.shadow_from,
        "whole_pence": given.shadow_whole_pence,
        "subset_pence": whole_pence(added["subset_pence"]),
        "share_of_whole": added["share_of_whole"],
        "found_by_proxy_pence": whole_pence(added["found_by_proxy_pence"]),
        "services": services,
    }


def alliance_lines(figures: dict[str, Any]) -> list[str]:
    """Spell an alliance's payment.

    Source: Mid-Nottinghamshire article (2016); req 305.
    """
    lines = [figures["title"]]
    names = ("fixed", "variable", "outcome", "shared", "transition", "total")
    for one in figures["years"]:
        lines += ["", f"{one['year']:<36}" + "".join(f"{name.capitalize():>18}" for name in names)]
        for row in one["providers"]:
            unknown = {"variable": not one["choice_known"], "outcome": not one["outcome_known"]}
            amounts = (
                "not known yet" if unknown.get(name) else pounds(row[f"{name}_pence"], 2)
                for name in names
            )
            lines.append(
                f"  {fitted(row['title'], 33):<34}" + "".join(f"{amount:>18}" for amount in amounts)
            )
        lines += [
            f"  {row['contract']} refers to {row['points_to']} for {pounds(row['amount_pence'], 2)}"
            " of outcome payment"
            for row in one["references"]
            if row["amount_pence"]
        ]
    lines += (
        [
            "",
            "Not settled yet between the parties",
            *(f"  {point}" for point in figures["not_settled_yet"]),
        ]
        if figures["not_settled_yet"]
        else []
    )
    if figures["funding_gap"]:
        lines += ["", f"{'Funding gap':<36}{'Gap':>18}{'Closed':>18}{'Left':>18}"]
        lines += [
            f"  {one['year']:<34}"
            + "".join(f"{pounds(one[f'{name}_pence']):>18}" for name in ("gap", "closed", "left"))
            for one in figures["funding_gap"]
        ]
    shadow = figures["shadow"]
    if shadow:
        lines += [
            "",
            (
                f"Shadow budget from {shadow['from_month']}: {pounds(shadow['subset_pence'])} of"
                f" {pounds(shadow['whole_pence'])} ({shadow['share_of_whole']:.1%}),"
                f" {pounds(shadow['found_by_proxy_pence'])} of it found by a proxy"
            ),
        ]
        lines += [
            f"  {'in ' if one['in_shadow'] else 'out'}"
            f" {one['service']:<44}{pounds(one['amount_pence']):>16} "
            f" {one['reason']}{'; proxy: ' + one['proxy'] if one['proxy'] else ''}"
            for one in shadow["services"]
        ]
    return lines
