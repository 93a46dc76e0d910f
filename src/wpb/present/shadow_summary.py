"""The figures of a shadow test in whole pence, as a program and a reader at a terminal see them.

Source: req 299, 300, 370.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wpb.kernel.money import whole_pence
from wpb.present.words import currency_sign, fitted, spell_millions
from wpb.shadow.appraisal import Appraisal
from wpb.shadow.baseline_alone import BaselineAlone
from wpb.shadow.chance_alone import ChanceAlone
from wpb.shadow.outcome import Chance, Fan, Spread
from wpb.shadow.replay import Replayed
from wpb.shadow.shadow_test import LineOdds, PartyOutcome, ShadowResults

ENDS = ("p5_pence", "p95_pence")
"""The ends of the middle nine tenths of runs."""


def shadow_summary(
    results: ShadowResults, found: Appraisal | None = None, replayed: Replayed | None = None
) -> dict[str, Any]:
    """Give runs, the principal case and every party's gain or loss against plan, in whole pence;
    with an appraisal and a replay, theirs too.

    Source: handbook 1.1.5; req 299, 300.
    """
    more = ({} if found is None else appraisal_summary(found)) | (
        {} if replayed is None else {"replay": replay_summary(replayed)}
    )
    return {
        "model": results.budget.model.settings.model,
        "currency": results.budget.model.settings.currency,
        "scenario": results.scenario,
        "runs": results.runs,
        "seed": results.seed,
        "principal": _principal(results),
        "parties": [_party(party) for party in results.parties],
        "forecast": _fan(results, results.forecast),
        "headroom": _fan(results, results.headroom),
        "probability_unaffordable": [
            {"year": year, **_chance(found)}
            for year, found in zip(results.budget.years, results.unaffordable, strict=True)
        ],
        "probability_unaffordable_in_some_year": _chance(results.unaffordable_ever),
        "payment_models": {
            code: [
                {
                    "party": party,
                    "mean_pence": whole_pence(found.mean),
                    "p5_pence": whole_pence(found.p5),
                    "p95_pence": whole_pence(found.p95),
                    "deviation_pence": whole_pence(found.deviation),
                }
                for party, found in by_party.items()
            ]
            for code, by_party in results.model_spreads.items()
        },
        "baselines": [_line(line) for line in results.lines],
        "limits": [
            {
                "arrangement": one.arrangement,
                "probability_of_cap": one.cap.value,
                "part_of_years_capped": one.cap_years,
                "probability_of_collar": one.collar.value,
                "part_of_years_collared": one.collar_years,
            }
            for one in results.limits
        ],
        "chance_alone": [_chance_alone(one) for one in results.chance],
        "baseline_error_alone": (
            None if results.baseline is None else _baseline_alone(results, results.baseline)
        ),
        "problems": [
            problem.as_dict() for problem in (*results.problems, *(found.problems if found else ()))
        ],
        **more,
    }


def appraisal_summary(found: Appraisal) -> dict[str, Any]:
    """What drives the results and where they break even, the criteria for going live, support in
    transition and a subset's months, in whole pence.

    Source: handbook 1.1.5, 6.6; req 209, 299, 300, 301, 303.
    """
    return {
        "drivers": [
            {
                "result": name,
                "target_pence": whole_pence(found.targets[name]),
                "variance_shares": [
                    {
                        "uncertainty": one.uncertainty,
                        "alone": one.alone,
                        "alone_interval": list(one.alone_interval),
                        "together": one.together,
                        "together_interval": list(one.together_interval),
                    }
                    for one in shares
                ],
                "tornado": [
                    {
                        "uncertainty": one.uncertainty,
                        "low": one.low_value,
                        "high": one.high_value,
                        "at_low_pence": whole_pence(one.at_low),
                        "at_high_pence": whole_pence(one.at_high),
                    }
                    for one in found.swings[name]
                ],
                "break_even": [
                    {
                        "uncertainty": one.uncertainty,
                        "planned": one.planned,
                        "value": one.value,
                        "probability": one.probability,
                    }
                    for one in found.break_evens[name]
                ],
            }
            for name, shares in found.shares.items()
        ],
        "ready_to_go_live": found.decision.ready,
        "live_criteria": [
            {
                "criterion": one.code,
                "found": one.found,
                "asked": one.asked,
                "met": one.met,
                "owner": one.owner,
            }
            for one in found.decision.criteria
        ],
        "transitions": [
            {
                "provider": one.provider,
                "paid_by": one.paid_by,
                "deficit_pence": one.deficit_pence,
                "support_pence": list(one.support_pence),
                "to_find_pence": list(one.to_find_pence),
            }
            for one in found.transitions
        ],
        "access": [
            {
                "people_group": one.people_group,
                "measure": one.measure,
                "period": one.period,
                "ratio": one.ratio,
                "flagged": one.flagged,
                "leaving_flagged": one.leaving_flagged,
            }
            for one in found.access
        ],
        "segmentations": [
            {
                "segmentation": one.segmentation,
                "segments": one.segments,
                "explained": one.explained,
                "variation": one.variation,
            }
            for one in found.segmentations
        ],
        "subset": [
            {"month": one.month, "subset_pence": one.subset_pence, "whole_pence": one.whole_pence}
            for one in found.subset
        ],
    }


def _line(line: LineOdds) -> dict[str, Any]:
    return {
        "arrangement": line.arrangement,
        "line": line.line,
        "inside": line.inside,
        "probability_of_gain": line.odds.gain.value,
        "probability_of_loss": line.odds.loss.value,
        "case": line.odds.case,
        "fair_shift_rate": None if line.shift is None else line.shift.rate,
        "suggested_gain_share": line.odds.provider_gain_share,
        "suggested_loss_share": line.odds.provider_loss_share,
    }


def _chance_alone(found: ChanceAlone) -> dict[str, Any]:
    return {
        "arrangement": found.arrangement,
        "line": found.line,
        "people": found.people,
        "variation_rate": found.variation,
        "evens_out_rate": found.evens_out,
        "shared_rate": found.shared,
        "minimum_savings_rates": [
            {"chance_of_paying_for_chance": chance, "rate": rate} for chance, rate in found.rates
        ],
        "people_for_variation": [
            {"variation_rate": share, "people": people} for share, people in found.people_for
        ],
        "part_of_years_shared_out": found.shares_out,
    }


def _baseline_alone(results: ShadowResults, found: BaselineAlone) -> dict[str, Any]:
    return {
        "runs": found.runs,
        "totals_known": found.totals_known,
        "forecast": _fan(results, found.forecast),
        "out_of_scope": _fan(results, found.out_of_scope),
        "total": _fan(results, found.total),
        "headroom": _fan(results, found.headroom),
        "lead_provider": found.lead_provider,
        "lead_margin": None if found.lead is None else _fan(results, found.lead),
        "lead_term": None if found.lead_term is None else _spread(found.lead_term),
    }


def appraisal_lines(found: Appraisal, sign: str) -> list[str]:
    """What drives the results, and what stands in the way of going live, as lines for a
    terminal.
    """
    lines = []
    for name, shares in found.shares.items():
        if not shares:
            continue
        lines += [
            "",
            (
                "What drives the"
                f" {'headroom' if name == 'headroom' else 'margin of ' + name.split('/')[1]}, as"
                " parts of its variance"
            ),
            "",
        ]
        lines += [
            f"{fitted(share.title, 90):90} {share.together:6.1%} ({share.together_interval[0]:.1%}"
            f" to {share.together_interval[1]:.1%})"
            for share in shares[:6]
        ]
    if found.decision.criteria:
        lines += ["", "From shadow to live", ""]
        lines += [
            f"{one.code:10}"
            f" {'met' if one.met else 'not met' if one.met is False else 'not measured':13} found"
            f" {one.found}; asked {one.asked}"
            for one in found.decision.criteria
        ]
    for one in found.transitions:
        lines += [
            "",
            f"Support of {one.provider} by {one.paid_by}, outside the budget: "
            + ", ".join(spell_millions(amount, sign) for amount in one.support_pence if amount),
        ]
    flagged = [one.words for one in found.access if one.flagged or one.leaving_flagged]
    return [*lines, *(["", *flagged] if flagged else [])]


def _principal(results: ShadowResults) -> dict[str, Any]:
    """The principal case as the calculation itself has it."""
    total = results.budget.affordability.total
    return {
        "years": [
            {
                "year": year,
                **{
                    f"{name}_pence": whole_pence(total[name].at(0, at))
                    for name in ("forecast", "out_of_scope", "allocation", "headroom")
                },
            }
            for at, year in enumerate(results.budget.years)
        ],
        "parties": [
            {
                "party": terms.organisation,
                "income_pence": whole_pence(float(results.planned.income[0, place].sum())),
                "cost_pence": whole_pence(float(results.planned.cost[0, place].sum())),
                "margin_pence": whole_pence(float(results.planned.margin[0, place].sum())),
            }
            for place, terms in enumerate(results.plan.parties)
        ],
    }


def _chance(found: Chance) -> dict[str, float]:
    return {"probability": found.value, "low": found.low, "high": found.high}


def _pence(value: float | None) -> int | None:
    return None if value is None else whole_pence(value)


def _spread(found: Spread) -> dict[str, Any]:
    return {
        "mean_pence": whole_pence(found.mean),
        "mean_error_pence": whole_pence(found.mean_error),
        "deviation_pence": whole_pence(found.deviation),
        "p5_pence": whole_pence(found.p5),
        "p50_pence": whole_pence(found.p50),
        "p95_pence": whole_pence(found.p95),
        "p5_interval_pence": [whole_pence(value) for value in found.p5_interval],
        "p95_interval_pence": [whole_pence(value) for value in found.p95_interval],
        "probability_of_gain": found.gain.value,
        "probability_of_loss": found.loss.value,
        "probability_of_loss_interval": [found.loss.low, found.loss.high],
        "expected_shortfall_95_pence": _pence(found.shortfall_95),
        "expected_shortfall_99_pence": _pence(found.shortfall_99),
    }


def _party(party: PartyOutcome) -> dict[str, Any]:
    found: dict[str, Any] = {
        "party": party.terms.organisation,
        "role": party.terms.role,
        **_spread(party.gain),
    }
    found["margin"] = {
        "mean_pence": whole_pence(party.margin_total.mean),
        "p5_pence": whole_pence(party.margin_total.p5),
        "p95_pence": whole_pence(party.margin_total.p95),
        "probability_of_deficit": party.margin_total.loss.value,
    }
    if party.sharing is not None:
        found["sharing"] = {
            "mean_pence": whole_pence(party.sharing.mean),
            "p5_pence": whole_pence(party.sharing.p5),
            "p95_pence": whole_pence(party.sharing.p95),
        }
    found["probability_beyond_exposure_limit"] = (
        None if party.beyond_exposure_limit is None else party.beyond_exposure_limit.value
    )
    found["probability_beyond_contingency"] = (
        None if party.beyond_contingency is None else party.beyond_contingency.value
    )
    return found


def _fan(results: ShadowResults, found: Fan) -> list[dict[str, Any]]:
    names = ("principal", "mean", "p5", "p50", "p95")
    return [
        {"year": year, **{f"{name}_pence": whole_pence(getattr(found, name)[at]) for name in names}}
        for at, year in enumerate(results.budget.years)
    ]


def replay_summary(replayed: Replayed) -> dict[str, Any]:
    """A replay: each party's whole difference, and every month of it, in whole pence.

    Source: handbook 1.1.5; req 299.
    """
    return {
        "current_from": replayed.current_from,
        "difference_by_party_pence": replayed.by_party(),
        "months_left_out": list(replayed.months_left_out),
        "months": [
            {
                "month": row.month,
                "party": row.party,
                "design_pence": row.design_pence,
                "passed_on_pence": row.passed_on_pence,
                "current_pence": row.current_pence,
                "difference_pence": row.difference_pence,
            }
            for row in replayed.rows
        ],
    }


def summary_lines(figures: Mapping[str, Any]) -> list[str]:
    """The results as lines for a terminal: each party's gain or loss against plan over the term."""
    sign = currency_sign(figures["currency"])

    def money(pence: int) -> str:
        return spell_millions(pence, sign, plus=True)

    title = f"{figures['runs']:,} runs, seed {figures['seed']}" + (
        f", scenario {figures['scenario']}" if figures["scenario"] else ""
    )
    lines = [f"Gain or loss of each party against plan, over the whole term ({title})", ""]
    lines.append(
        f"{'party':10} {'mean':>12} {'1 in 20 below':>14} {'middle':>12} {'1 in 20 above':>14}"
        f" {'P(gain)':>8} {'P(loss)':>8}"
    )
    for party in figures["parties"]:
        lines.append(
            f"{party['party']:10} {money(party['mean_pence']):>12} {money(party['p5_pence']):>14}"
            f" {money(party['p50_pence']):>12} {money(party['p95_pence']):>14}"
            f" {party['probability_of_gain']:8.1%} {party['probability_of_loss']:8.1%}"
        )
    ever = figures["probability_unaffordable_in_some_year"]
    lines += [
        "",
        (
            "Spend in and out of scope is above all allocations in some year in"
            f" {ever['probability']:.1%} of runs ({ever['low']:.1%} to {ever['high']:.1%})."
        ),
    ]
    for line in figures["baselines"]:
        moved = (
            "mirrors the budget"
            if line["fair_shift_rate"] is None
            else f"{line['fair_shift_rate']:+.1%} would make gain and loss as likely"
        )
        lines += [
            "",
            (
                f"{line['line']}: a gain in {line['probability_of_gain']:.1%} of runs, a loss in"
                f" {line['probability_of_loss']:.1%} (case {line['case']}); {moved};"
            ),
            (
                f"with {line['suggested_gain_share']:.0%} of gains,"
                f" {line['suggested_loss_share']:.0%} of losses comes out even for the provider."
            ),
        ]
    lines += [
        line
        for one in figures["limits"]
        for line in (
            "",
            (
                f"{one['arrangement']}: the cap on gains binds in some year in"
                f" {one['probability_of_cap']:.1%} of runs, the limit on losses in"
                f" {one['probability_of_collar']:.1%}."
            ),
        )
    ]
    lines += _lines_alone(figures, sign)
    if figures["payment_models"]:
        lines += [
            "",
            "Spread of each party's gain or loss (one standard deviation) by payment model",
            "",
            f"{'':32}" + "".join(f"{party['party']:>10}" for party in figures["parties"]),
        ]
        lines += [
            f"{code.replace('_', ' '):32}"
            + "".join(f"{spell_millions(one['deviation_pence'], sign):>10}" for one in found)
            for code, found in figures["payment_models"].items()
        ]
    if "replay" in figures:
        lines += ["", "Design less today's contracts, over the years replayed", ""]
        lines += [
            f"{party:10} {money(pence):>12}"
            for party, pence in figures["replay"]["difference_by_party_pence"].items()
        ]
    return lines


def _lines_alone(figures: Mapping[str, Any], sign: str) -> list[str]:
    """What chance does by itself, and what the error of the baseline does."""
    return _chance_lines(figures["chance_alone"]) + _baseline_lines(
        figures["baseline_error_alone"], sign
    )


def _baseline_lines(found: Mapping[str, Any] | None, sign: str) -> list[str]:
    """What the error of the baseline does by itself, and what of it the lead provider bears."""
    if found is None:
        return []

    def between(by_year: Sequence[Mapping[str, Any]], at: int) -> str:
        ends = (spell_millions(by_year[at][name], sign, plus=True) for name in ENDS)
        return " to ".join(ends) + f" in {by_year[at]['year']}"

    lines = ["", "The error of the baseline by itself, against plan, in nine runs of ten", ""]
    for title, name in (
        ("in scope", "forecast"),
        ("out of scope", "out_of_scope"),
        ("both", "total"),
        ("affordability margin", "headroom"),
        (f"borne by the lead provider, {found['lead_provider']}", "lead_margin"),
    ):
        if found[name] is not None:
            lines.append(f"{title}: {between(found[name], 0)}, {between(found[name], -1)}")
    return lines


def _chance_lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for one in found:
        rates = ", ".join(
            f"{rate['rate']:.1%} (in {rate['chance_of_paying_for_chance']:.0%} of years)"
            for rate in one["minimum_savings_rates"]
        )
        if not one["line"]:
            lines += [
                "",
                (
                    f"Chance alone moves a year of the budget by {one['variation_rate']:.2%} at"
                    f" {one['people']:,.0f} people (one standard deviation)."
                ),
            ]
            lines += [
                (
                    f"It would fall to {size['variation_rate']:.1%} at {size['people']:,.0f}"
                    " people."
                    if size["people"] is not None
                    else (
                        f"No number of people brings it to {size['variation_rate']:.1%}: what hits"
                        f" everyone at once is {one['shared_rate']:.2%}."
                    )
                )
                for size in one["people_for_variation"]
            ]
        else:
            lines += [
                "",
                (
                    f"{one['line']}: minimum savings rates that chance alone passes as seldom as"
                    f" chosen: {rates}."
                ),
            ]
    arrangements = {
        one["arrangement"]: one["part_of_years_shared_out"] for one in found if one["line"]
    }
    lines += [
        line
        for name, part in arrangements.items()
        for line in (
            "",
            f"As it stands, {name} shares money out by chance alone in {part:.0%} of years.",
        )
    ]
    return lines
