"""What the options of Step 1 by provider cost share: weights, needs and checks.

Source: handbook 2.4.2 Fig 4; req 56-60.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.kernel.ledger import Axis, Block
from wpb.kernel.money import pounds
from wpb.tables.findings import Finding, passed, warned
from wpb.tables.leaves import table_leaf
from wpb.tables.methods.facts import BlockFacts, Tables, costs_by_kind, service_lines, some
from wpb.tables.methods.option import Work
from wpb.tables.model import Model

PATIENT_CARE = ("direct", "indirect", "overhead")
"""Kinds of cost of patient care; education, research and commercial costs are left out."""


def cost_weights(work: Work, value: Block, *, kinds: Sequence[str]) -> Block:
    """Provider cost by service line; education, research and commercial costs are left out.

    Source: handbook 2.4.2; req 56, 57, 59.
    """
    costs, code = work.tables["provider_costs"], work.contract
    rows = [
        r
        for r in costs.rows_where("contract", code)
        if costs.columns["cost_kind"][r] in kinds and costs.columns["service_line"][r]
    ]
    names = [str(costs.columns["service_line"][r]) for r in rows]
    by_kind = table_leaf(
        work.ledger,
        f"contract/{code}/provider_cost",
        Axis(
            "provider cost",
            tuple(
                f"{name}.{costs.columns['cost_kind'][r]}"
                for name, r in zip(names, rows, strict=True)
            ),
        ),
        "pence of cost",
        costs,
        "cost",
        rows,
        "Provider cost",
    )
    axis = Axis("service line", tuple(dict.fromkeys(names)))
    return work.ledger.total(
        f"contract/{code}/provider_cost_by_service",
        axis,
        (by_kind, [axis.positions[name] for name in names]),
        title="Provider cost of the service line",
    )


def services_with(tables: Tables, contract: str, *, kinds: Sequence[str]) -> set[str]:
    """Service lines that have a cost of some kinds.

    Source: handbook 2.4.2; req 56.
    """
    costs = tables["provider_costs"]
    return {
        str(costs.columns["service_line"][row])
        for row in costs.rows_where("contract", contract)
        if costs.columns["cost_kind"][row] in kinds
    } - {""}


def need_direct(tables: Tables, contract: str) -> str:
    """Say which service lines have no direct cost.

    Source: handbook 2.4.2; req 56, 93.
    """
    costs = costs_by_kind(tables, contract)
    short = [
        service
        for service in service_lines(tables, contract)
        if not costs.get(service, {}).get("direct")
    ]
    return f"the provider's direct costs of {some(short)}" if short else ""


def check_costing_assurance(model: Model, contract: BlockFacts) -> Finding:
    """Where provider costs share a contract, ask whether the provider confirmed that they follow
    the costing standards.

    Source: handbook 2.4.2 footnote 31; req 58.
    """
    table = model["costing_assurance"]
    rows = table.rows_where("contract", contract.code)
    if rows and table.flags("confirmed")[rows[0]] and table.columns["standard"][rows[0]] != "other":
        return passed(
            "costing_assurance",
            contract.code,
            f"{table.columns['confirmed_by'][rows[0]]} confirmed on"
            f" {table.columns['confirmed_on'][rows[0]]} that the costs of {contract.code} follow"
            f" {str(table.columns['standard'][rows[0]]).replace('_', ' ')}.",
        )
    return warned(
        "costing_assurance",
        contract.code,
        f"Nobody has confirmed that the costs that share {contract.code} follow the costing"
        " standards.",
        "Ask the provider, and enter its answer in costing_assurance.",
        contract.place,
    )


def check_excluded_costs(model: Model, contract: BlockFacts) -> Finding:
    """Say what education, research and commercial cost was left out, or that all cost was absorbed
    into patient services.

    Source: handbook 2.4.2; req 57.
    """
    left_out = sum(
        amount
        for kinds in costs_by_kind(model, contract.code).values()
        for kind, amount in kinds.items()
        if kind not in PATIENT_CARE
    )
    words = (
        f"{pounds(left_out)} of education, research and commercial cost is left out of"
        f" {contract.code}."
        if left_out
        else (
            f"No cost of {contract.code} is marked as education, research or commercial, so all of"
            " it falls on patient services."
        )
    )
    return passed("costs_left_out", contract.code, words)
