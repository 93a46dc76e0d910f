"""The yearly statement and the term sheet of an arrangement, and its principles beside the
parameters they led to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.money import whole_pence
from wpb.kernel.posting import Posting
from wpb.sharing import steps
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.party_book import Level, PartyBook
from wpb.sharing.settle_parties import PartySettlement, rounded_year
from wpb.sharing.values import Bands, Cases, Named, Paired, Value

Array = NDArray[np.float64]


def principle_links(arrangement: PartyArrangement) -> dict[str, list[str]]:
    """List, for each recorded principle, the parties and steps whose 'why' names it.

    Source: handbook 6.4, 6.5.1; req 289, 290.
    """
    reasons = [(f"share of {party.party}", party.why) for party in arrangement.parties]
    reasons += [(f"step {step.number}, {step.kind}", step.why) for step in arrangement.steps]
    return {
        principle.id: [what for what, why in reasons if principle.id in why]
        for principle in arrangement.principles
    }


def statement(
    settlement: PartySettlement, year: int, status: str, postings: Sequence[Posting] = ()
) -> dict[str, Any]:
    """State one year: each line's gap and cash, the pool, what each step kept back, each party's
    share and what it is due.

    Amounts in whole pence; parties, undistributed and reinvested add to the pool.
    Source: handbook 6.4.6; req 286, 287, 288.
    """
    arrangement, run = settlement.arrangement, 0
    rounded = rounded_year(settlement, year)

    def pence(array: Any, row: int) -> int:
        return whole_pence(float(array[min(run, array.shape[0] - 1), row, year]))

    lines = []
    for row, line in enumerate(arrangement.lines):
        baseline, outturn, cash = (
            pence(array, row)
            for array in (settlement.baseline, settlement.outturn, settlement.line_gap)
        )
        gap = baseline - outturn
        lines.append(
            {
                "line": line.line,
                "title": line.title,
                "baseline_pence": baseline,
                "outturn_pence": outturn,
                "gap_pence": gap,
                "cash_pence": cash,
                "notional_pence": gap - cash,
                "source_of_cash": line.cash,
            }
        )
    return {
        "arrangement": arrangement.name,
        "title": arrangement.title,
        "year": arrangement.years[year],
        "status": status,
        "currency": arrangement.currency,
        "lines": lines,
        "notional_pence": sum(line["notional_pence"] for line in lines),
        "pool_pence": rounded.pool,
        "kept_back": [
            {"step": step, "amount_pence": pence(amount, 0)} for step, amount in settlement.kept
        ],
        "parties": [
            {
                "party": party.party,
                "title": party.title,
                "share_pence": rounded.party[party.party],
                "fell_on_it_pence": rounded.borne[party.party],
                "due_pence": rounded.due[party.party],
            }
            for party in arrangement.parties
        ],
        "retained_pence": rounded.retained,
        "retained_by": arrangement.retained_by,
        "reinvested_pence": rounded.reinvested,
        "fund_held_by": arrangement.fund_held_by,
        "postings": [posting.as_dict() for posting in postings],
        "unsettled": list(arrangement.unsettled),
    }


def term_sheet(arrangement: PartyArrangement) -> dict[str, Any]:
    """Say what the parties agree to: what is shared, how it is priced, each party's shares by year,
    and the steps in order.

    Source: handbook 6.4, 6.5; req 269, 271, 276, 278, 280, 290, 293.
    """
    return {
        "arrangement": arrangement.name,
        "title": arrangement.title,
        "years": list(arrangement.years),
        "what_is_shared": arrangement.what_is_shared,
        "lines": [
            {
                "line": line.line,
                "title": line.title,
                "unit": line.unit,
                "currency": line.currency,
                "filters": dict(line.filters),
                "price_pounds": (
                    None
                    if line.price is None
                    else by_year(arrangement, line.price, {"line": line.line})
                ),
                "baseline": by_year(arrangement, line.baseline, {"line": line.line}),
                "baseline_from": line.baseline_from,
                "source_of_cash": line.cash,
                "gap_falls_on": line.gap_falls_on,
            }
            for line in arrangement.lines
        ],
        "parties": [
            {
                "party": party.party,
                "title": party.title,
                "role": party.role,
                "gains": (
                    None
                    if party.gains is None
                    else by_year(arrangement, party.gains, {"party": party.party})
                ),
                "losses": (
                    None
                    if party.losses is None
                    else by_year(arrangement, party.losses, {"party": party.party})
                ),
                "paid_through": party.contract,
                "why": party.why,
            }
            for party in arrangement.parties
        ],
        "tiers": [
            {
                "tier": tier.name,
                "from_rate": tier.from_rate,
                "to_rate": None if np.isinf(tier.to_rate) else tier.to_rate,
            }
            for tier in arrangement.tiers
        ],
        "steps": [
            {
                "step": step.number,
                "kind": step.kind,
                **dict(step.words),
                **{
                    name: spelt(value, "rate" in name or name in PARTS)
                    for name, value in step.values.items()
                },
                "why": step.why,
            }
            for step in arrangement.steps
        ],
        "ends": dict(arrangement.ends),
        "frequency": arrangement.frequency,
        "reviews": [
            {
                "when": f"{trigger.change_in} changes by {trigger.by_rate:.1%} or more",
                "then": trigger.then,
            }
            for trigger in arrangement.triggers
        ],
        "principles": [
            {
                "id": principle.id,
                "text": principle.text,
                "led_to": principle_links(arrangement)[principle.id],
            }
            for principle in arrangement.principles
        ],
        "unsettled": list(arrangement.unsettled),
    }


def by_year(arrangement: PartyArrangement, value: Value, of: dict[str, str]) -> dict[str, float]:
    """Give a declared value for each year of an arrangement.

    Source: handbook 6.5.1; req 278.
    """
    from wpb.kernel.ledger import Axis

    book = PartyBook(arrangement, np.zeros((1, len(arrangement.lines), len(arrangement.years))), {})
    book.move_to(Level(Axis("one", ("one",)), (of,)))
    found = np.broadcast_to(book.array(book.value(value))[0, 0], (len(arrangement.years),))
    return {year: float(amount) for year, amount in zip(arrangement.years, found, strict=True)}


def planned_units(arrangement: PartyArrangement) -> Array:
    """Give the baseline of an arrangement in its own units (pence where spend is shared), [line,
    year].

    Source: handbook 6.4.4; req 273.
    """
    times = 100.0 if arrangement.what_is_shared == "spend" else 1.0
    return (
        np.array(
            [
                list(by_year(arrangement, line.baseline, {"line": line.line}).values())
                for line in arrangement.lines
            ]
        )
        * times
    )


PARTS = ("of_gains", "reduced_share")
"""Values of steps that are parts of one, beside those called rates."""


def spelt(value: Value, as_rate: bool = False) -> str:
    """Spell a declared value in a few words, as a percentage where it is a rate.

    Source: handbook 6.4.6; req 286.
    """
    if isinstance(value, Cases):
        cases = [
            f"{_number(case.value, as_rate)} where"
            f" {' and '.join(f'{name} is {match.text}' for name, match in case.where)}"
            for case in value.cases
        ]
        rest = "" if value.otherwise is None else _number(value.otherwise, as_rate)
        return (
            "; ".join([*cases, f"otherwise {rest}"]) if cases and rest else "; ".join(cases) or rest
        )
    if isinstance(value, Named):
        return value.name
    if isinstance(value, Paired):
        return _spelt_pair(value, as_rate)
    return f"a sliding scale of {value.of}" if isinstance(value, Bands) else ""


def _spelt_pair(value: Paired, as_rate: bool) -> str:
    if value.rule is steps.product:
        rate, of = value.inputs["rate"], value.inputs["of"]
        if isinstance(rate, Cases) and rate.name == "pence_in_a_pound":
            return f"{spelt(of)} pounds"
        return (
            f"{spelt(rate, True)} of {spelt(of)}"
            if not (isinstance(rate, Cases) and rate.cases)
            else f"of {spelt(of)}: {spelt(rate, True)}"
        )
    first, second = (spelt(found, as_rate) for found in value.inputs.values())
    shapes = {
        steps.first_given: "{}, or where blank {}",
        steps.least: "the lesser of {} and {}",
        steps.reached: "where {} is at least {}",
    }
    return shapes[value.rule].format(first, second)


def _number(value: float, as_rate: bool) -> str:
    return "none" if value != value else f"{value * 100:g}%" if as_rate else f"{value:g}"
