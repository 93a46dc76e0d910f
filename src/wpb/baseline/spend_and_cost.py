"""Spend and cost are different kinds of amount: set side by side, never added.

Spend is what a commissioner pays, the provider's revenue; cost is what the provider incurs.
Source: handbook 2.4, 2.4.1, 2.4.2; overview 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from wpb.kernel.money import pounds, whole_pence
from wpb.tables.findings import Finding, judged, not_checked, passed
from wpb.tables.limits import limit
from wpb.tables.methods.facts import BY_BLOCK_METHODS
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn

ContractSpend = Mapping[str, Mapping[str, float]]
"""Spend of a full year, in pence, by contract and service line."""
PATIENT_CARE = ("direct", "indirect", "overhead")


class MixedAmounts(TypeError):
    """Raised where spend and cost are added, taken from one another or ordered as if they were one
    kind.
    """


@dataclass(frozen=True)
class _Amount:
    pence: float

    def _like(self, other: object) -> float:
        if type(other) is not type(self) or not isinstance(other, _Amount):
            raise MixedAmounts(
                f"{type(self).__name__.lower()} and {type(other).__name__.lower()} are different"
                " kinds of amount; compare their shares or their ratio"
            )
        return other.pence

    def __lt__(self, other: object) -> bool:
        return self.pence < self._like(other)

    def share_of(self, whole: _Amount) -> float:
        """This amount as a share of a whole of its own kind; nought where the whole is nought."""
        total = self._like(whole)
        return self.pence / total if total else 0.0


@dataclass(frozen=True)
class Spend(_Amount):
    """Commissioner spend, in pence: the provider's revenue.

    Source: handbook 2.4; req 31.
    """

    def __add__(self, other: object) -> Spend:
        return Spend(self.pence + self._like(other))

    def __sub__(self, other: object) -> Spend:
        return Spend(self.pence - self._like(other))

    def per_pound_of(self, cost: Cost) -> float:
        """Pounds of spend for each pound of cost: spend / cost; nan where there is no cost."""
        return self.pence / cost.pence if cost.pence else math.nan


@dataclass(frozen=True)
class Cost(_Amount):
    """Provider cost, in pence: what the provider incurs.

    Source: handbook 2.4; req 31.
    """

    def __add__(self, other: object) -> Cost:
        return Cost(self.pence + self._like(other))

    def __sub__(self, other: object) -> Cost:
        return Cost(self.pence - self._like(other))


@dataclass(frozen=True)
class Beside:
    """A service line of a contract: its spend, its cost, and the spend its share of cost would
    give.
    """

    contract: str
    service_line: str
    spend: Spend
    cost: Cost
    by_cost_share: Spend

    @property
    def gap(self) -> float:
        """How far spend stands from its share by cost: (spend - spend by cost share) / spend by
        cost share.
        """
        return (
            (self.spend - self.by_cost_share).pence / self.by_cost_share.pence
            if self.by_cost_share.pence
            else math.nan
        )


def provider_costs(model: Model, contract: str) -> dict[str, Cost]:
    """Fully absorbed patient-care cost of each service line of a contract.

    Source: handbook 2.4.2; req 32, 56, 57.
    """
    table, found = model["provider_costs"], dict[str, Cost]()
    for row in table.rows_where("contract", contract):
        service = str(table.columns["service_line"][row])
        if service and table.columns["cost_kind"][row] in PATIENT_CARE:
            found[service] = found.get(service, Cost(0.0)) + Cost(float(table.numbers("cost")[row]))
    return found


def beside_costs(model: Model, spend_pence: ContractSpend) -> list[Beside]:
    """Set each contract's spend by service line beside the provider's cost.

    spend_pence: spend of a full year by contract and service line.
    by cost share = spend of the lines with a cost x line's cost / cost of those lines.
    Source: handbook 2.4.1; req 32.
    """
    found = []
    for contract, basis in zip(
        model["contracts"].text("contract"), model["contracts"].text("payment_basis"), strict=True
    ):
        costs = provider_costs(model, contract) if basis in BY_BLOCK_METHODS else {}
        if not costs or contract not in spend_pence:
            continue
        spend = {
            code: Spend(amount) for code, amount in spend_pence[contract].items() if code in costs
        }
        whole_spend, whole_cost = (
            sum(spend.values(), Spend(0.0)),
            sum((costs[code] for code in spend), Cost(0.0)),
        )
        found += [
            Beside(
                contract,
                code,
                paid,
                costs[code],
                Spend(whole_spend.pence * costs[code].share_of(whole_cost)),
            )
            for code, paid in spend.items()
        ]
    return found


def check_cross_subsidy(model: Model, found: list[Beside]) -> list[Finding]:
    """Suspect a cross-subsidy where one line of a contract is paid well above its share by cost and
    another well below.

    Source: handbook 2.4.1, 2.7; req 32.
    """
    most, table = limit(model, "cross_subsidy"), model["contracts"]
    findings = []
    for contract in dict.fromkeys(line.contract for line in found):
        lines = [line for line in found if line.contract == contract]
        place = table.where(table.rows_where("contract", contract)[0], "contract")
        if max(abs(line.gap) for line in lines) < 1e-9:
            findings.append(
                passed(
                    "cross_subsidy",
                    contract,
                    f"The spend of {contract} was shared by these costs, so the two agree by the"
                    " way they were made.",
                    place,
                )
            )
            continue
        over = [line for line in lines if line.gap > most]
        under = [line for line in lines if line.gap < -most]
        words = (
            f"Spend and cost of {contract} agree within {most:.0%} on every service line, or stand"
            " off to one side alone."
        )
        if over and under:
            words = (
                f"In {contract}, {_named(over)} may support {_named(under)}: compared with shares"
                " by provider cost."
            )
        findings.append(
            judged(
                "cross_subsidy",
                contract,
                not (over and under),
                words,
                "Ask the provider; where a subsidised line moves into scope, unwind it by an"
                " adjustment with a counter line.",
                place,
            )
        )
    return findings or [
        not_checked("cross_subsidy", "block contracts", "Enter provider_costs by service line.")
    ]


def _named(lines: list[Beside]) -> str:
    return ", ".join(
        f"{line.service_line} ({pounds((line.spend - line.by_cost_share).pence)}, {line.gap:+.0%})"
        for line in sorted(lines, key=lambda line: (-abs(line.gap), line.service_line))[:3]
    )


def benchmark_cost(model: Model, contract: str) -> dict[str, Cost]:
    """What a contract's activity would cost at benchmark means, by service line; lines whose types
    aren't all benchmarked are left out.

    cost = sum over activity types of units x (total benchmark cost / total benchmark volume).
    Source: overview 4.1; handbook Fig 9; req 30, 85.
    """
    table, cost, units = model["benchmark_costs"], dict[str, float](), dict[str, float]()
    for kind, unit_cost, volume in zip(
        table.text("activity_type"),
        table.numbers("unit_cost").tolist(),
        table.numbers("units").tolist(),
        strict=True,
    ):
        cost[kind] = cost.get(kind, 0.0) + unit_cost * volume
        units[kind] = units.get(kind, 0.0) + volume
    activity, found, gaps = model["contract_activity"], dict[str, Cost](), set[str]()
    for row in activity.rows_where("contract", contract):
        service, kind = (
            str(activity.columns["service_line"][row]),
            str(activity.columns["activity_type"][row]),
        )
        if not units.get(kind):
            gaps.add(service)
        elif service:
            found[service] = found.get(service, Cost(0.0)) + Cost(
                float(activity.numbers("units")[row]) * cost[kind] / units[kind]
            )
    shared = {
        service
        for row in model["activity_mapping"].rows_where("contract", contract)
        for service in [str(model["activity_mapping"].columns["service_line"][row])]
    }
    return {service: amount for service, amount in found.items() if service not in gaps | shared}


def check_under_funded(
    model: Model, spend_pence: ContractSpend, found: list[Beside]
) -> list[Finding]:
    """Warn of service lines paid less than they cost, here or at benchmark cost, so that the budget
    doesn't lock it in.

    Source: overview 4.1; req 30.
    """
    least, table, findings = limit(model, "under_funded"), model["contracts"], []
    compared = [
        (line.contract, line.service_line, line.spend, line.cost, "the provider's cost")
        for line in found
    ]
    for contract, basis in zip(table.text("contract"), table.text("payment_basis"), strict=True):
        paid = spend_pence.get(contract, {}) if basis in BY_BLOCK_METHODS else {}
        compared += [
            (contract, code, Spend(paid[code]), cost, "its activity at benchmark cost")
            for code, cost in benchmark_cost(model, contract).items()
            if code in paid
        ]
    for contract in dict.fromkeys(contract for contract, *_ in compared):
        lines = [
            (service, spend.per_pound_of(cost), spend, cost, against)
            for name, service, spend, cost, against in compared
            if name == contract
        ]
        short = sorted(
            (ratio, service, spend, cost, against)
            for service, ratio, spend, cost, against in lines
            if ratio < least
        )
        named = "; ".join(
            f"{service} is paid {pounds(spend.pence)}, {ratio:.0%} of {against}"
            for ratio, service, spend, _, against in short[:4]
        )
        words = (
            f"In {contract}, {named}."
            if short
            else f"Every service line of {contract} is paid at least {least:.0%} of its cost."
        )
        findings.append(
            judged(
                "under_funded",
                contract,
                not short,
                words,
                "Look whether it was funded enough. The budget may not be raised to the costs of an"
                " inefficient provider.",
                table.where(table.rows_where("contract", contract)[0], "contract"),
            )
        )
    return findings or [
        not_checked(
            "under_funded",
            "block contracts",
            "Enter provider_costs, or benchmark_costs for activity.",
        )
    ]


def spend_and_cost_section(found: list[Beside]) -> Section:
    """List spend and cost side by side with shares, the ratio, and the gap from shares by cost.

    Source: handbook 2.4.1; req 31, 32.
    """
    columns = (
        SectionColumn("contract", "Contract", "code"),
        SectionColumn("service_line", "Service line", "code"),
        SectionColumn("spend_pence", "Spend", "pounds"),
        SectionColumn("cost_pence", "Provider cost", "pounds"),
        SectionColumn("spend_per_cost", "Spend for each pound of cost", "number"),
        SectionColumn("by_cost_share_pence", "Spend by share of cost", "pounds"),
        SectionColumn("gap", "Spend above or below it", "rate"),
    )
    rows = tuple(
        (
            b.contract,
            b.service_line,
            whole_pence(b.spend.pence),
            whole_pence(b.cost.pence),
            b.spend.per_pound_of(b.cost),
            whole_pence(b.by_cost_share.pence),
            None if math.isnan(b.gap) else b.gap,
        )
        for b in found
    )
    return Section(
        "spend_and_cost",
        "Spend beside provider cost",
        "Two kinds of amount side by side: they are never added.",
        columns,
        rows,
    )
