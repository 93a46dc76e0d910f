"""A population update as figures a program reads: who was planned, who came, what it is worth and
why.

Source: handbook 4.4; req 234-240, 243, 245.
"""

from __future__ import annotations

import datetime
from typing import Any

from wpb.contract.health_status import STATUS_RULES
from wpb.contract.population_update import Update
from wpb.contract.size_and_composition import average_per_head_error, size_and_composition
from wpb.contract.terms import on_day
from wpb.kernel.calendar import year_of
from wpb.kernel.money import round_parts, whole_pence
from wpb.kernel.problems import UsageProblem
from wpb.live import LiveContract


def chosen_update(live: LiveContract, wanted: str) -> str:
    """Find the update of a day or by its event; the last where none is named.

    Raises UsageProblem where there is none.
    """
    updates = [event for event in live.history.events if event.kind == "population_update"]
    if not updates:
        raise UsageProblem(
            "the contract has no population update yet; add one to contract_events, and its counts"
            " to population_counts"
        )
    for event in updates:
        if wanted in (event.code, event.effective_on.isoformat()):
            return event.code
    if wanted:
        raise UsageProblem(
            f"there is no population update '{wanted}'; there are"
            f" {', '.join(f'{event.code} ({event.effective_on})' for event in updates)}"
        )
    return max(updates, key=lambda event: event.effective_on).code


def update_figures(live: LiveContract, code: str) -> dict[str, Any]:
    """Give one update: people, size and composition apart, what it pays by payer, and everything to
    weigh about it.

    Source: handbook 4.4; req 234, 235, 237, 238, 243.
    """
    update = live.history.updates[code]
    event = next(found for found in live.history.events if found.code == code)
    year = live.terms.years.index(year_of(event.effective_on))
    effects = size_and_composition(update, live.history.tree.cells, year)
    numbers = [
        number for number, version in enumerate(live.history.versions) if version.event == code
    ]
    own = _effect_of_version(live, numbers[0])
    return {
        "update": code,
        "effective_on": event.effective_on.isoformat(),
        "known_on": event.known_on.isoformat(),
        "frequency": live.terms.update_frequency,
        "mode": live.terms.update_mode,
        "agreed_by": event.agreed_by,
        "value_method": live.terms.value_method,
        "value_vintage": update.vintage,
        "people_registered": sum(update.registered.values()),
        "people_planned": sum(update.planned.values()),
        "year": live.terms.years[year],
        "yearly_effect": [
            _spelled(
                effect.cell,
                effect.people_registered,
                effect.people_planned,
                effect.size_pence,
                effect.composition_pence,
            )
            for effect in effects
        ],
        "average_per_head": {
            "likely_error_pence": whole_pence(average_per_head_error(effects)),
            "words": "what an average per head would mis-pay in a year, by who the movers are",
        },
        "effect_on_years_pence": own,
        "lists": _lists(update),
        "thin_types": [
            {
                "patient_type": kind,
                "funding_stream": stream,
                "people_behind": behind,
                "credibility": round(trust, 4),
                "treatment": live.terms.thin_types,
            }
            for kind, stream, behind, trust in update.thin
        ],
        "barred_changes": [
            {
                "list_code": name,
                "from": kind,
                "to": to,
                "cause": cause,
                "people": people,
                "why": STATUS_RULES[cause][1],
            }
            for name, kind, to, cause, people, _ in update.barred
        ],
        "causes": _causes(live, event.effective_on),
        "contingency": contingency(live, year),
        "figure": update.rate.id,
    }


def _spelled(
    cell: str, registered: float, planned: float, size: float, composition: float
) -> dict[str, Any]:
    parts = round_parts([size, composition], ["a", "b"])
    return {
        "cell": cell,
        "people_registered": registered,
        "people_planned": planned,
        "size_pence": parts[0],
        "composition_pence": parts[1],
        "total_pence": sum(parts),
    }


def _effect_of_version(live: LiveContract, number: int) -> dict[str, int]:
    before, after = live.trees[number - 1], live.trees[number]
    return {year: after.wpb(at) - before.wpb(at) for at, year in enumerate(after.years)}


def _lists(update: Update) -> list[dict[str, Any]]:
    found: dict[str, list[float]] = {}
    for (code, kind), people in update.registered.items():
        row = found.setdefault(code, [0.0, 0.0])
        row[0] += people
        row[1] += update.planned[code, kind]
    return [
        {
            "list_code": code,
            "registered": registered,
            "planned": planned,
            "difference": registered - planned,
        }
        for code, (registered, planned) in sorted(found.items())
    ]


def _causes(live: LiveContract, day: datetime.date) -> list[dict[str, Any]]:
    """The movements of this count by cause; a tag such as patient choice is for information and
    pays nothing by itself.
    """
    table = live.model["patient_movements"]
    return [
        {
            "list_code": str(table.columns["list_code"][row]),
            "cause": str(table.columns["cause"][row]),
            "patient_type": str(table.columns["patient_type"][row]),
            "people": float(table.numbers("people")[row]),
        }
        for row in range(len(table))
        if on_day(str(table.columns["count_date"][row])) == day
    ]


def contingency(live: LiveContract, year: int) -> list[dict[str, Any]]:
    """What updates have drawn from each commissioner's contingency in a year, and whether it is
    enough.

    drawn = all population updates of the year, where they add to its payment.
    Source: handbook 4.4; req 239.
    """
    drawn: dict[str, float] = {}
    for before, version in zip(live.history.versions, live.history.versions[1:], strict=False):
        corrects_count = version.event_kind == "correction" and any(
            event.code == version.event and event.refers_to in live.history.updates
            for event in live.history.events
        )
        if version.event_kind == "population_update" or corrects_count:
            change = version.wpb.value[0, :, year] - before.wpb.value[0, :, year]
            for cell, code in enumerate(live.history.tree.cells.codes):
                drawn[code.split(".", 1)[0]] = drawn.get(code.split(".", 1)[0], 0.0) + float(
                    change[cell]
                )
    table = live.model["contingencies"]
    funds = {
        str(table.columns["commissioner"][row]): float(table.numbers("amount")[row])
        for row in table.rows_where("year", live.terms.years[year])
    }
    found = []
    for commissioner in sorted({*drawn, *funds}):
        fund, used = funds.get(commissioner), max(drawn.get(commissioner, 0.0), 0.0)
        left = None if fund is None else whole_pence(fund) - whole_pence(used)
        words = (
            "no contingency is stated"
            if left is None
            else (
                "enough"
                if left >= 0
                else (
                    "not enough: use contracts with other providers that mirror the movement, or"
                    " another source"
                )
            )
        )
        found.append(
            {
                "commissioner": commissioner,
                "year": live.terms.years[year],
                "fund_pence": None if fund is None else whole_pence(fund),
                "drawn_pence": whole_pence(used),
                "left_pence": left,
                "words": words,
            }
        )
    return found
