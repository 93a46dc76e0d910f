"""What was listed against what was paid for: activity by list beside the units of each line, in
units and in pounds, and in the grade.

Source: handbook 2.3, 2.4.5; req 388.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.places import Cell
from wpb.tables.findings import Finding, judged
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Route, Section, SectionColumn

if TYPE_CHECKING:
    from wpb.baseline.current_spend import CurrentSpend

Key = tuple[str, str, str]
"""Contract, service line and activity type."""


@dataclass(frozen=True)
class Coverage:
    """Units of one kind of activity that are paid for, and how many of them are listed."""

    paid_units: float
    listed_units: float
    place: Cell
    """Where the units paid for were entered."""

    @property
    def listed_share(self) -> float:
        """Listed units as a share of units paid for: listed / paid; 1 where none are paid for.

        Source: handbook 2.4.5; req 388.
        """
        return self.listed_units / self.paid_units if self.paid_units else 1.0


def listed_coverage(model: Model) -> dict[Key, Coverage]:
    """Set activity by list beside the units paid for, for every kind of activity of the contracts
    that reach their population by it; activity that goes by a proxy is left out.

    Source: handbook 2.3, 2.4.5; req 38, 101, 388.
    """
    contracts = model["contracts"]
    by_list = set()
    for row in contracts.rows_where("population_method", "activity_by_list"):
        by_list.add(str(contracts.columns["contract"][row]))
    listed: dict[Key, float] = {}
    table = model["activity_by_list"]
    for row, key in enumerate(
        zip(
            table.text("contract"),
            table.text("service_line"),
            table.text("activity_type"),
            strict=True,
        )
    ):
        listed[key] = listed.get(key, 0.0) + float(table.numbers("units")[row])
    proxies = model["activity_proxies"]
    proxied = set(zip(proxies.text("contract"), proxies.text("activity_type"), strict=True))
    return {
        key: Coverage(units, listed.get(key, 0.0), place)
        for key, (units, place) in _paid(model).items()
        if key[0] in by_list and (listed.get(key) or (key[0], key[2]) not in proxied)
    }


def _paid(model: Model) -> dict[Key, tuple[float, Cell]]:
    """Units paid for by kind of activity, with the cell of the first."""
    found: dict[Key, tuple[float, Cell]] = {}

    def add(key: Key, units: float, place: Cell) -> None:
        before, first = found.get(key, (0.0, place))
        found[key] = (before + units, first)

    priced, block = model["priced_activity"], model["contract_activity"]
    for row, key in enumerate(
        zip(
            priced.text("contract"),
            priced.text("service_line"),
            priced.text("point_of_delivery"),
            strict=True,
        )
    ):
        add(key, float(priced.numbers("units")[row]), priced.where(row, "units"))
    mapping = model["activity_mapping"]
    shared = mapping.groups("contract", "activity_type")
    for row, (contract, kind, service) in enumerate(
        zip(
            block.text("contract"),
            block.text("activity_type"),
            block.text("service_line"),
            strict=True,
        )
    ):
        units, place = float(block.numbers("units")[row]), block.where(row, "units")
        if service:
            add((contract, service, kind), units, place)
            continue
        for mapped in shared.get((contract, kind), []):
            part = units * float(mapping.numbers("share")[mapped])
            add((contract, str(mapping.columns["service_line"][mapped]), kind), part, place)
    return found


def with_coverage_grade(model: Model, coverage: Mapping[Key, Coverage], route: Route) -> Route:
    """Grade lines by how much of what is paid for is listed: last where nothing is, second where
    the two differ by more than the limit.

    Source: handbook Table 2, 2.4.5; req 92, 388.
    """
    most, lines = limit(model, "list_coverage"), []
    for line in route.lines:
        found = coverage.get((line.contract, line.service_line, line.activity_type))
        if found is not None and abs(found.listed_share - 1) > most:
            grade, reason = (
                (2, f"activity by list covers {found.listed_share:.1%} of the units paid for")
                if found.listed_units
                else (3, "no activity is listed")
            )
            if grade == line.grade:
                reason = f"{line.grade_reason}; {reason}"
            if grade >= line.grade:
                lines.append(replace(line, grade=grade, grade_reason=reason))
                continue
        lines.append(line)
    return replace(route, lines=tuple(lines))


def not_covered(coverage: Coverage, spend_pence: float) -> float:
    """Pounds of a line that rest on units not listed: spend x (1 - listed / paid), at least zero.

    Source: handbook 2.4.5; req 388.
    """
    return spend_pence * max(0.0, 1.0 - coverage.listed_share)


def coverage_section(model: Model, current: CurrentSpend) -> Section:
    """Lay out units paid for and listed, line by line, with the pounds that rest on units that are
    not listed.

    Source: handbook 2.4.5; req 388.
    """
    columns = (
        SectionColumn("line", "Budget line", "code"),
        SectionColumn("paid_units", "Units paid for", "count"),
        SectionColumn("listed_units", "Units listed", "count"),
        SectionColumn("coverage", "Listed of paid", "share"),
        SectionColumn("spend_pence", "Spend", "pounds"),
        SectionColumn("not_covered_pence", "Spend on units not listed", "pounds"),
        SectionColumn("in_scope_pence", "Spend in scope", "pounds"),
    )
    rows = [
        (
            code,
            found.paid_units,
            found.listed_units,
            found.listed_share,
            whole_pence(spend),
            whole_pence(not_covered(found, spend)),
            whole_pence(inside),
        )
        for code, found, spend, inside in _lines(model, current)
    ]
    return Section(
        "coverage_by_list",
        "Coverage of activity by list",
        "What was listed by GP list against what was paid for. A line is shared by the units that"
        " are listed, so what is not listed is taken to follow the same pattern; where nothing is"
        " listed, the spend is mapped to no one.",
        columns,
        tuple(rows),
    )


def _lines(model: Model, current: CurrentSpend) -> list[tuple[str, Coverage, float, float]]:
    coverage = listed_coverage(model)
    spend, inside = current.spend.value[0, :, 0], current.in_scope.value[0, :, 0]
    totals: dict[Key, tuple[str, float, float]] = {}
    for row, line in enumerate(current.lines.lines):
        key = (line.contract, line.service_line, line.activity_type)
        if key in coverage:
            code, before, part = totals.get(key, (".".join(key), 0.0, 0.0))
            totals[key] = (code, before + float(spend[row]), part + float(inside[row]))
    return [(code, coverage[key], amount, part) for key, (code, amount, part) in totals.items()]


def check_coverage(model: Model, current: CurrentSpend) -> list[Finding]:
    """Warn, contract by contract, where activity by list does not add to the units paid for.

    Source: handbook 2.4.5; req 388.
    """
    most = limit(model, "list_coverage")
    by_contract: dict[str, list[tuple[str, Coverage, float]]] = {}
    for code, coverage, spend, _ in _lines(model, current):
        by_contract.setdefault(code.split(".")[0], []).append((code, coverage, spend))
    found = []
    for contract, lines in by_contract.items():
        out = [one for one in lines if abs(one[1].listed_share - 1) > most]
        worst = sorted(out, key=lambda one: (-abs(one[1].listed_share - 1) * one[2], one[0]))
        paid = sum(coverage.paid_units for _, coverage, _ in lines)
        listed = sum(coverage.listed_units for _, coverage, _ in lines)
        rest = sum(not_covered(coverage, spend) for _, coverage, spend in lines)
        words = (
            f"Activity by list of {contract} has {listed:,.0f} of the {paid:,.0f} units paid for;"
            f" {pounds(rest)} of {pounds(sum(spend for _, _, spend in lines))} rests on units that"
            f" are not listed"
        )
        if worst:
            first = "; ".join(
                f"{code} {coverage.listed_units:,.0f} of {coverage.paid_units:,.0f}"
                for code, coverage, _ in worst[:3]
            )
            words += f". {len(worst)} of {len(lines)} lines differ: {first}"
        found.append(
            judged(
                "list_coverage",
                contract,
                not out,
                words + ".",
                "Add the missing rows to activity_by_list, or correct the units paid for.",
                worst[0][1].place if worst else lines[0][1].place,
            )
        )
    return found
