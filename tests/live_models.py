"""A small live contract for tests: £900,000 a year of NHS lines and £360,000 of council lines,
three years, two lists.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from tests.models import Rows, book, direct, make, place
from wpb.kernel.problems import InputProblems
from wpb.live import LiveContract, live_contract
from wpb.tables.model import Model

NONE: Rows = []
YEARS = ("2027-28", "2028-29", "2029-30")
TERMS = {
    "contract": "WPC",
    "starts_on": "2027-04-01",
    "ends_on": "2030-03-31",
    "legal_regime": "provider_selection_2023",
    "too_small_share": 0.0001,
    "review_share": 0.03,
    "fixed_years": 2,
    "update_frequency": "quarterly",
    "update_mode": "mature",
    "value_method": "type_values",
    "thin_types": "flag",
    "full_credibility_people": 1000,
    "in_year_rule": "remaining_months",
    "notice_days": 5,
    "outside_providers": "lead_pays",
}
AGREED = {
    "event": "A1",
    "event_kind": "agreement",
    "effective_on": "2027-04-01",
    "known_on": "2027-03-01",
    "reason": "Signed",
}
VALUES = {("well", "core"): 50, ("ill", "core"): 200, ("well", "care"): 10, ("ill", "care"): 40}
PLANNED = {("P1", "well"): 5000, ("P1", "ill"): 1000, ("P2", "well"): 2500, ("P2", "ill"): 500}


def event(code: str, kind: str, effective: str, known: str, **more: Any) -> dict[str, Any]:
    """An event."""
    return {
        "event": code,
        "event_kind": kind,
        "effective_on": effective,
        "known_on": known,
        "reason": f"Reason of {code}",
    } | more


def counts(
    day: str, changes: Mapping[tuple[str, str], float], known: str, basis: str = "registered"
) -> Rows:
    """A count of every list and type: as planned, but for the changes."""
    return [
        {
            "basis": basis,
            "count_date": day,
            "list_code": code,
            "patient_type": kind,
            "people": people + changes.get((code, kind), 0),
            "known_on": known,
        }
        for (code, kind), people in PLANNED.items()
    ]


def live_tables(
    events: Rows = NONE, terms: Mapping[str, Any] | None = None, **more: Rows
) -> dict[str, Rows]:
    """The tables of the small contract, with events and whatever else a test adds."""
    base = place(
        direct_spend=[
            direct("D1", 1_000_000),
            direct("D2", 400_000, commissioner="COUNCIL", funding_stream="care"),
        ],
        contract_terms=[TERMS | dict(terms or {})],
        contract_events=[AGREED, *events],
        population_counts=[
            *counts("2027-04-01", {}, "2027-01-10", "planned"),
            *counts("2030-04-01", {}, "2027-01-10", "planned"),
        ],
        type_values=[
            {
                "patient_type": kind,
                "funding_stream": stream,
                "year": year,
                "value": value,
                "people_behind": 5000,
                "agreed_on": "2027-02-01",
                "source": "test",
            }
            for (kind, stream), value in VALUES.items()
            for year in YEARS
        ],
    )
    base["organisations"] = [
        *base["organisations"],
        {"organisation": "OUT", "name": "Outside hospital", "kind": "provider"},
        {"organisation": "SUB", "name": "Partner", "kind": "provider"},
    ]
    for name, rows in more.items():
        base[name] = (
            [*base.get(name, []), *rows]
            if name
            in (
                "population_counts",
                "organisations",
                "gp_lists",
                "service_lines",
                "direct_spend",
            )
            else rows
        )
    return base


def live_model(
    events: Rows = NONE,
    terms: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    **more: Rows,
) -> Model:
    """The small contract as a model."""
    return make(live_tables(events, terms, **more), **dict(settings or {}))


def live(
    events: Rows = NONE,
    terms: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    as_known_on: str = "",
    **more: Rows,
) -> LiveContract:
    """The small contract, worked out."""
    return live_contract(
        live_model(events, terms, settings, **more),
        book(),
        datetime.date.fromisoformat(as_known_on) if as_known_on else None,
    )


def refused(
    code: str,
    events: Rows = NONE,
    terms: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    **more: Any,
) -> str:
    """Work the small contract out, see it refused with a problem of this code, and give the
    problem's words.
    """
    with pytest.raises(InputProblems) as stopped:
        live(events, terms, settings, **more)
    found = [str(problem) for problem in stopped.value.problems if problem.code == code]
    assert found, [
        problem.code for problem in stopped.value.problems if problem.severity == "error"
    ]
    return found[0]


def wpb(contract: LiveContract, version: int = -1) -> list[int]:
    """The whole budget of each year, in whole pence."""
    tree = contract.trees[contract.history.versions[version].number]
    return [tree.wpb(year) for year in range(len(tree.years))]


def moved(contract: LiveContract, code: str) -> list[int]:
    """What an event's version changed in each year, in whole pence."""
    number = next(version.number for version in contract.history.versions if version.event == code)
    before, after = contract.trees[number - 1], contract.trees[number]
    return [after.wpb(year) - before.wpb(year) for year in range(len(after.years))]
