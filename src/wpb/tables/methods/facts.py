"""What the checks of block contracts look up again and again: the contracts, their options, costs
and means.

Source: handbook 2.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from wpb.kernel.places import Cell
from wpb.tables.schema import TypedTable

BY_BLOCK_METHODS = ("block", "activity_total")
"""Payment bases whose total is taken apart by the block methods."""


class Tables(Protocol):
    """Tables by name: a model, or tables that are still being checked."""

    def __getitem__(self, name: str, /) -> TypedTable: ...


@dataclass(frozen=True)
class BlockFacts:
    """One block contract: its row, code, value and the options it names."""

    row: int
    code: str
    value_pence: float
    options: dict[str, str]
    population_method: str
    place: Cell


def block_contracts(tables: Tables) -> list[BlockFacts]:
    """The contracts that the block methods take apart, each with its options.

    Source: handbook 2.4.1, Table 2; req 37.
    """
    table, methods = tables["contracts"], tables["contract_methods"]
    options: dict[str, dict[str, str]] = {}
    for contract, step, option in zip(
        methods.text("contract"), methods.text("step"), methods.text("option"), strict=True
    ):
        options.setdefault(contract, {})[step] = option
    found = []
    for row, (code, basis) in enumerate(
        zip(table.text("contract"), table.text("payment_basis"), strict=True)
    ):
        if basis in BY_BLOCK_METHODS:
            found.append(
                BlockFacts(
                    row,
                    code,
                    float(table.numbers("value")[row]),
                    options.get(code, {}),
                    str(table.columns["population_method"][row]),
                    table.where(row, "contract"),
                )
            )
    return found


def costs_by_kind(tables: Tables, contract: str) -> dict[str, dict[str, float]]:
    """A provider's costs under a contract, in pence: by service line ('' for the whole provider),
    then by kind.

    Source: handbook 2.4.2; req 56-60.
    """
    table, found = tables["provider_costs"], dict[str, dict[str, float]]()
    for row in table.rows_where("contract", contract):
        kinds = found.setdefault(str(table.columns["service_line"][row]), {})
        kind = str(table.columns["cost_kind"][row])
        kinds[kind] = kinds.get(kind, 0.0) + float(table.numbers("cost")[row])
    return found


def schedule_values(tables: Tables, contract: str) -> tuple[dict[str, float], float]:
    """A contract's schedule, in pence: its value by service line, and the sum of lines that are no
    service.

    Source: handbook 2.4.2 Fig 3; req 48, 50.
    """
    table, services, other = tables["schedule_lines"], dict[str, float](), 0.0
    for row in table.rows_where("contract", contract):
        service, value = str(table.columns["service_line"][row]), float(table.numbers("value")[row])
        if service:
            services[service] = services.get(service, 0.0) + value
        else:
            other += value
    return services, other


def shares(amounts: dict[str, float]) -> dict[str, float]:
    """Each amount as a share of them all; nothing where they add to nought.

    Source: handbook Fig 4; req 55, 59.
    """
    whole = sum(amounts.values())
    return {name: amount / whole for name, amount in amounts.items()} if whole else {}


def benchmark_means(tables: Tables) -> dict[str, tuple[float, float, int]]:
    """Benchmark unit cost of each activity type: unweighted mean, mean weighted by volume, and how
    many providers.

    unweighted = sum of unit costs / providers; weighted = sum of (unit cost x volume) / volume.
    Source: handbook Fig 9; req 84, 85, 86.
    """
    table, costs = tables["benchmark_costs"], dict[str, list[tuple[float, float]]]()
    for kind, unit_cost, units in zip(
        table.text("activity_type"),
        table.numbers("unit_cost").tolist(),
        table.numbers("units").tolist(),
        strict=True,
    ):
        costs.setdefault(kind, []).append((unit_cost, units))
    found = {}
    for kind, each in costs.items():
        plain, volume = sum(cost for cost, _ in each) / len(each), sum(units for _, units in each)
        found[kind] = (
            plain,
            sum(cost * units for cost, units in each) / volume if volume else plain,
            len(each),
        )
    return found


def activity_types(tables: Tables, contract: str) -> dict[str, float]:
    """Units of each activity type of a contract.

    Source: handbook 2.4.3; req 64.
    """
    table = tables["contract_activity"]
    return {
        str(table.columns["activity_type"][row]): float(table.numbers("units")[row])
        for row in table.rows_where("contract", contract)
    }


def some(names: Iterable[str]) -> str:
    """Name the first four of some codes, and how many more there are."""
    found = list(dict.fromkeys(names))
    return ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")


def service_lines(tables: Tables, contract: str) -> list[str]:
    """Service lines that a contract's activity belongs to.

    Source: handbook 2.4.3; req 77.
    """
    found = []
    for name in ("contract_activity", "activity_mapping"):
        table = tables[name]
        found += [
            str(table.columns["service_line"][row])
            for row in table.rows_where("contract", contract)
            if table.columns["service_line"][row]
        ]
    return list(dict.fromkeys(found))
