"""A small place to test in shadow: one payer, a lead, a hospital on activity payment and a
community trust on a block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.models import Rows, calculated, direct, place
from wpb.kernel.problems import ProblemLog
from wpb.run import Budget
from wpb.shadow.runs import Case
from wpb.shadow.shadow_test import prepare
from wpb.sharing.parties import PartyArrangement

ORGANISATIONS = [
    {"organisation": "ICB", "name": "Commissioner", "kind": "commissioner"},
    {"organisation": "COUNCIL", "name": "Council", "kind": "council"},
    {"organisation": "LEAD", "name": "Lead", "kind": "lead_provider"},
    {"organisation": "HOSP", "name": "Hospital", "kind": "provider"},
    {"organisation": "COMM", "name": "Community", "kind": "provider"},
]
PARTIES: list[dict[str, Any]] = [
    {"organisation": "ICB", "evidence": "test"},
    {
        "organisation": "LEAD",
        "follows_activity": 0,
        "follows_prices": 0,
        "follows_population": 1,
        "fixed_cost_share": 0,
        "exposure_limit": 20_000,
        "contingency": 40_000,
        "evidence": "test",
    },
    {
        "organisation": "HOSP",
        "follows_activity": 1,
        "follows_prices": 1,
        "fixed_cost_share": 0.6,
        "evidence": "test",
    },
    {
        "organisation": "COMM",
        "follows_activity": 0,
        "follows_prices": 0,
        "fixed_cost_share": 0.8,
        "evidence": "test",
    },
]
LINES = [
    direct("H_IN", 500_000, provider="HOSP", population_method="whole_contract"),
    direct("C_IN", 300_000, provider="COMM", population_method="whole_contract"),
    direct("O_IN", 100_000, provider="", population_method="whole_contract"),
    direct(
        "H_OUT", 200_000, provider="HOSP", service_line="S2", population_method="whole_contract"
    ),
]
SERVICES = [
    {"service_line": "S1", "name": "Service", "scope": "in", "growth_category": "FLAT"},
    {"service_line": "S2", "name": "Other service", "scope": "out", "growth_category": "FLAT"},
]


def uncertain(code: str, driver: str, **changes: Any) -> dict[str, Any]:
    """A row of uncertainties: shared, for everything, a normal of its own."""
    row = {
        "uncertainty": code,
        "title": code,
        "driver": driver,
        "applies_by": "everything",
        "applies_to": "",
        "drawn": "shared",
        "distribution": "normal",
        "persistence": 0.0,
        "evidence": "test",
        "owner": "test",
    }
    return row | changes


def shadow_budget(
    uncertainties: Rows = (), more: Mapping[str, Rows] | None = None, **settings: Any
) -> Budget:
    """Calculate the small place with what is uncertain."""
    tables: dict[str, Rows] = {
        "organisations": ORGANISATIONS,
        "service_lines": SERVICES,
        "direct_spend": LINES,
        "shadow_parties": PARTIES,
        "uncertainties": uncertainties,
        **(more or {}),
    }
    return calculated(place(**tables), lead_provider="LEAD", **settings)


def shadow_case(
    uncertainties: Rows = (),
    more: Mapping[str, Rows] | None = None,
    arrangements: Sequence[PartyArrangement] = (),
) -> Case:
    """Make the small place ready to be simulated."""
    return prepare(shadow_budget(uncertainties, more), arrangements, ProblemLog())[0]
