"""Step 1: the provider's direct cost.

Source: handbook 2.4.2 after Fig 4; req 59, 60.
"""

from __future__ import annotations

from functools import partial

from wpb.kernel.ledger import Ledger
from wpb.kernel.money import pounds
from wpb.tables.findings import Finding, judged, not_checked
from wpb.tables.limits import limit
from wpb.tables.methods.facts import BlockFacts, costs_by_kind, shares
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

KINDS = ("direct",)


def direct_cost_bias(model: Model, contract: BlockFacts) -> dict[str, tuple[float, float, float]]:
    """What sharing by direct cost alone does to each line: direct share of its cost, pounds by
    direct cost, pounds by absorbed cost.

    A line with a high part of direct cost is over-estimated. Only lines whose indirect or overhead
    costs are known count.
    Source: handbook 2.4.2 after Fig 4; req 60.
    """
    costs = {
        service: kinds
        for service, kinds in costs_by_kind(model, contract.code).items()
        if service and {"indirect", "overhead"} & set(kinds)
    }
    if not any(
        kinds.get("indirect", 0.0) or kinds.get("overhead", 0.0) for kinds in costs.values()
    ):
        return {}
    absorbed = {
        service: sum(kinds.get(kind, 0.0) for kind in PATIENT_CARE)
        for service, kinds in costs.items()
    }
    direct = {service: kinds.get("direct", 0.0) for service, kinds in costs.items()}
    by_direct, by_absorbed = shares(direct), shares(absorbed)
    return {
        service: (
            direct[service] / absorbed[service] if absorbed[service] else 0.0,
            contract.value_pence * by_direct.get(service, 0.0),
            contract.value_pence * by_absorbed[service],
        )
        for service in by_absorbed
    }


def check_direct_bias(model: Model, contract: BlockFacts) -> Finding:
    """Warn, with its size, of the bias of sharing by direct cost where lines differ in their part
    of direct cost.

    Source: handbook 2.4.2 after Fig 4; req 60.
    """
    bias = direct_cost_bias(model, contract)
    if not bias:
        return not_checked(
            "direct_cost_bias",
            contract.code,
            f"The bias of direct cost in {contract.code} is not known without its indirect and"
            " overhead costs.",
        )
    gaps = {
        service: by_direct - by_absorbed for service, (_, by_direct, by_absorbed) in bias.items()
    }
    worst = max(
        gaps,
        key=lambda service: (
            abs(gaps[service]) / bias[service][2] if bias[service][2] else 0.0,
            service,
        ),
    )
    share, _, by_absorbed = bias[worst]
    relative = abs(gaps[worst]) / by_absorbed if by_absorbed else 0.0
    words = (
        f"Sharing {contract.code} by direct cost gives {worst} {pounds(gaps[worst])}"
        f" {'more' if gaps[worst] > 0 else 'less'} than absorbed cost would ({relative:.1%});"
        f" {share:.0%} of its cost is direct."
    )
    return judged(
        "direct_cost_bias",
        contract.code,
        relative <= limit(model, "direct_cost_bias"),
        words,
        "Use absorbed cost if the indirect and overhead costs can be trusted, or correct the lines"
        " by hand.",
        contract.place,
    )


def check(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Check assurance of the costs, what they leave out, and the bias of direct cost.

    Source: handbook 2.4.2; req 57, 58, 60.
    """
    return [
        check_costing_assurance(model, contract),
        check_excluded_costs(model, contract),
        check_direct_bias(model, contract),
    ]


OPTION = ServiceOption(
    name="direct_cost",
    order=30,
    grade=2,
    sheets=("provider_costs",),
    help="the provider's direct cost by service line",
    weigh=partial(cost_weights, kinds=KINDS),
    services=partial(services_with, kinds=KINDS),
    cost_kinds=KINDS,
    need=need_direct,
    check=check,
)
