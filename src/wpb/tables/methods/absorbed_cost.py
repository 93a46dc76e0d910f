"""Step 1: the provider's full cost of patient care.

Source: handbook 2.4.2 Fig 4; req 56-58.
"""

from __future__ import annotations

from functools import partial

from wpb.kernel.ledger import Ledger
from wpb.tables.findings import Finding
from wpb.tables.methods.facts import BlockFacts, Tables, costs_by_kind
from wpb.tables.methods.option import ServiceOption
from wpb.tables.methods.provider_costs import (
    PATIENT_CARE,
    check_costing_assurance,
    check_excluded_costs,
    cost_weights,
    need_direct,
    services_with,
)
from wpb.tables.model import Model


def need(tables: Tables, contract: str) -> str:
    """Say what provider costs lack.

    Source: handbook 2.4.2; req 56, 93.
    """
    direct = need_direct(tables, contract)
    known = any(
        kinds.get("indirect") or kinds.get("overhead")
        for kinds in costs_by_kind(tables, contract).values()
    )
    return direct or ("" if known else "the provider's indirect and overhead costs")


def check(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Check assurance of the costs, and what they leave out.

    Source: handbook 2.4.2; req 57, 58.
    """
    return [check_costing_assurance(model, contract), check_excluded_costs(model, contract)]


OPTION = ServiceOption(
    name="absorbed_cost",
    order=20,
    grade=2,
    sheets=("provider_costs",),
    help="the provider's full cost of patient care by service line",
    weigh=partial(cost_weights, kinds=PATIENT_CARE),
    services=partial(services_with, kinds=PATIENT_CARE),
    cost_kinds=PATIENT_CARE,
    need=need,
    check=check,
)
