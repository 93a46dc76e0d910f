"""An alliance's payment worked out on a ledger: a fixed, a variable and an outcome part for each
provider, and the transition year.

Here the sharing and incentive rooms meet for one form of contract; neither knows of the other.
Source: Mid-Nottinghamshire article (2016); req 305-309, 312, 317.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wpb.incentives.collective import all_or_nothing
from wpb.kernel.ledger import TOTAL, Axis, Block, Ledger, Ref
from wpb.kernel.money import round_parts, whole_pence
from wpb.kernel.places import Place
from wpb.sharing.patient_choice import choice_block
from wpb.sharing.reading_alliance import RATES, AllianceFile
from wpb.sharing.three_parts import ThreePart, fixed_element, three_part_payment, transition_payment


@dataclass(frozen=True)
class AlliancePayment:
    """The payment of each provider by year, in whole pence, and the ledger that explains it."""

    by_year: Mapping[str, list[ThreePart]]
    transition: Mapping[str, Mapping[str, int]]
    """By year and provider, activity above plan at the marginal rate."""
    choice_known: tuple[str, ...]
    """Years whose activity is known, so that money has followed patients."""
    outcome_known: tuple[str, ...]
    ledger: Ledger


def alliance_payment(
    given: AllianceFile, shared_pence: Mapping[str, Mapping[str, int]]
) -> AlliancePayment:
    """Work out each provider's payment in each year.

    shared_pence: by year and provider, what risk and reward sharing adds or takes. A year whose
    activity or outcomes are not known has no variable or outcome part yet.
    Source: Mid-Nottinghamshire article (2016); req 305-309, 312.
    """
    ledger = Ledger()
    axis = Axis("provider", given.codes)
    fixed = _fixed(given, axis, ledger)
    choice_known = tuple(
        year
        for year in given.years
        if given.variable is not None and year in given.variable.actual_units
    )
    variable = (
        choice_block(given.variable, choice_known, ledger)
        if given.variable is not None and choice_known
        else None
    )
    outcome_known = tuple(
        year for year in given.years if given.outcome is not None and given.outcome.met.get(year)
    )
    outcome = _outcome(given, axis, outcome_known, ledger) if outcome_known else None
    found = {}
    for at, year in enumerate(given.years):
        # Each fixed element is paid through a contract of its own, and so rounded by itself.
        whole = {code: whole_pence(fixed.at(row, at)) for row, code in enumerate(axis.codes)}
        moved = _whole(variable, year, 0) if year in choice_known else {}
        earned = _whole(outcome, year, None) if year in outcome_known else {}
        found[year] = three_part_payment(whole, moved, earned, shared_pence.get(year, {}))
    return AlliancePayment(found, _transition(given, ledger), choice_known, outcome_known, ledger)


def _whole(block: Block | None, year: str, total: int | None) -> dict[str, int]:
    assert block is not None
    at, codes = block.year_position(year), block.axis.codes
    amounts = [block.at(row, at) for row in range(len(codes))]
    if total is None:
        return dict(zip(codes, (whole_pence(amount) for amount in amounts), strict=True))
    return dict(zip(codes, round_parts(amounts, codes, total), strict=True))


def _fixed(given: AllianceFile, axis: Axis, ledger: Ledger) -> Block:
    """Each line's fixed element, added up by provider."""
    years, lines = given.years, given.fixed
    of_line = Axis("fixed line", tuple(f"{line.provider}.{line.service}" for line in lines))

    def place(row: int, year: int) -> Place:
        return lines[row].place

    def leaf(name: str, title: str, unit: str, values: list[list[float]]) -> Block:
        return ledger.leaf(f"alliance/fixed/{name}", of_line, unit, values, place, years, title)

    units = leaf(
        "planned_units",
        "Planned units",
        "units",
        [[line.planned_units[year] for year in years] for line in lines],
    )
    price = ledger.leaf(
        "alliance/fixed/unit_price",
        of_line,
        "pence",
        [line.unit_price_pence for line in lines],
        place,
        title="Unit price of the plan",
    )
    rates = {
        f"{name}_rate": leaf(
            name,
            f"{name.capitalize()} since the plan was priced",
            "rate",
            [[line.rates[name][year] for year in years] for line in lines],
        )
        for name in RATES
    }
    shift = leaf(
        "resource_shift",
        "Moved between settings",
        "pence",
        [[line.resource_shift_pence[year] for year in years] for line in lines],
    )
    by_line = ledger.add(
        "alliance/fixed/by_line",
        fixed_element,
        of_line,
        "pence",
        years,
        "Fixed element by service",
        planned_units=units,
        unit_price_pence=price,
        resource_shift_pence=shift,
        **rates,
    )
    return ledger.total(
        "alliance/fixed",
        axis,
        (by_line, [axis.positions[line.provider] for line in lines]),
        title="Fixed element",
    )


def _outcome(given: AllianceFile, axis: Axis, years: tuple[str, ...], ledger: Ledger) -> Block:
    part = given.outcome
    assert part is not None
    value = ledger.leaf(
        "alliance/outcome/contract_value",
        axis,
        "pence",
        [[provider.contract_value_pence[year] for year in years] for provider in given.providers],
        lambda row, year: given.providers[row].place,
        years,
        "Value of its contract",
    )
    where: Callable[[int, int], Place] = lambda row, year: part.place  # noqa: E731
    rate = ledger.leaf(
        "alliance/outcome/rate",
        axis,
        "rate",
        [part.rate] * len(axis),
        where,
        title="Rate of the outcome payment",
    )
    met = ledger.leaf(
        "alliance/outcome/met",
        TOTAL,
        "flag",
        [[float(all(part.met[year].values())) for year in years]],
        where,
        years,
        "Every outcome is met",
    )
    return ledger.add(
        "alliance/outcome",
        all_or_nothing,
        axis,
        "pence",
        years,
        "Outcome payment",
        contract_value_pence=value,
        rate=rate,
        every_outcome_met=Ref(met, np.zeros(len(axis), dtype=np.int64)),
    )


def _transition(given: AllianceFile, ledger: Ledger) -> dict[str, dict[str, int]]:
    lines = given.transition
    if not lines:
        return {}
    axis = Axis(
        "transition line",
        tuple(
            f"{number}.{line.provider}.{line.year}" for number, line in enumerate(lines, start=1)
        ),
    )

    def leaf(name: str, unit: str, values: list[float], title: str) -> Block:
        return ledger.leaf(
            f"alliance/transition/{name}",
            axis,
            unit,
            values,
            lambda row, year: lines[row].place,
            title=title,
        )

    inputs: dict[str, Any] = {
        "actual_units": leaf(
            "actual_units", "units", [line.actual_units for line in lines], "Activity of the year"
        ),
        "planned_units": leaf(
            "planned_units", "units", [line.planned_units for line in lines], "Planned activity"
        ),
        "unit_price_pence": leaf(
            "unit_price", "pence", [line.unit_price_pence for line in lines], "Unit price"
        ),
        "marginal_rate": leaf(
            "marginal_rate", "rate", [line.marginal_rate for line in lines], "Marginal rate"
        ),
    }
    block = ledger.add(
        "alliance/transition",
        transition_payment,
        axis,
        "pence",
        title="Activity above plan, at the marginal rate",
        **inputs,
    )
    found: dict[str, dict[str, int]] = {}
    for row, line in enumerate(lines):
        by_provider = found.setdefault(line.year, {})
        by_provider[line.provider] = by_provider.get(line.provider, 0) + whole_pence(
            block.at(row, 0)
        )
    return found
