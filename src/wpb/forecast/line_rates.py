"""The rates each line truly takes: its group's, unless its stream switches route, its provider has
plans, or it is overridden.

Lines that share all of these share one group, so a model of thousands of lines still has few
groups.
Source: handbook 3.2.1, 3.3.3, 3.5 Mid-Nottinghamshire case; req 154, 156, 179, 191, 193.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.forecast.allocation_growth import allocation_group
from wpb.forecast.efficiency_plans import EfficiencyPlans, PlanKey, efficiency_with_plans
from wpb.forecast.growth_rates import STEP_NAMES, GrowthRates
from wpb.forecast.overrides import NARROWEST_FIRST, Override
from wpb.forecast.uplifts_due import PRICE_STEPS, priced_to, rate_due
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.places import Cell, Place
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Line


def same_rate(rate: Array) -> Array:
    """The rate of the group a line belongs to.

    Source: handbook 3.3.2 Dudley; req 172.
    """
    return rate


def switched_rate(rate: Array, allocation_rate: Array, on_allocation: Array) -> Array:
    """The rate of a stream that moves to its allocation's growth: its own until the switch, the
    allocation's from then on.

    Source: handbook 3.2.1, 3.4; req 154, 156.
    """
    return np.where(on_allocation > 0, allocation_rate, rate)


def overridden_rate(rate: Array, local_rate: Array, is_overridden: Array) -> Array:
    """The local rate in the years it is entered for, the standing rate in all others.

    Source: handbook 3.3.3; req 179.
    """
    return np.where(is_overridden > 0, local_rate, rate)


@dataclass(frozen=True)
class LineRates:
    """Rates as lines take them, and as they would take them without overrides (None where there are
    none).
    """

    rates: GrowthRates
    without_overrides: GrowthRates | None
    overrides: list[Override]


@dataclass(frozen=True)
class _Group:
    base: int
    allocation: int | None
    """The row of the allocation whose growth it takes from its switch year."""
    switch_year: str
    plan: PlanKey | None
    targets: tuple[tuple[str, str], ...]
    """Overridden targets it falls under, the narrowest first."""
    priced_to: str = ""
    """Year of the prices its lines stand at, where it is later than the spend year."""


def line_rates(
    model: Model,
    ledger: Ledger,
    lines: BudgetLines,
    rates: GrowthRates,
    plans: EfficiencyPlans | None,
    overrides: list[Override],
) -> LineRates:
    """Split growth groups where lines of one group take different rates, and work out the rates of
    each part.

    Source: handbook 3.2.1, 3.3.3, 3.5; req 154, 156, 179, 191, 193.
    """
    applied = [override for override in overrides if override.applied]
    ahead = any(priced_to(model, line) for line in lines.lines)
    if not (model.settings.route_switches or plans or applied or ahead):
        return LineRates(rates, None, overrides)
    targets = {override.target for override in applied}
    groups = [
        _group_of(model, line, base, rates, plans, targets)
        for line, base in zip(lines.lines, rates.group_of_line.tolist(), strict=True)
    ]
    known = list(dict.fromkeys(groups))
    position = {group: row for row, group in enumerate(known)}
    builder = _Builder(
        model,
        ledger,
        rates,
        plans,
        applied,
        known,
        Axis("group of lines", tuple(_code(group, rates.axis) for group in known)),
    )
    of_line = np.array([position[group] for group in groups], dtype=np.int64)
    return LineRates(
        builder.rates(of_line, overridden=True),
        builder.rates(of_line, overridden=False) if applied else None,
        overrides,
    )


def _group_of(
    model: Model,
    line: Line,
    base: int,
    rates: GrowthRates,
    plans: EfficiencyPlans | None,
    targets: set[tuple[str, str]],
) -> _Group:
    if rates.category_rows[base] < 0:
        return _Group(base, None, "", None, ())
    category = model["growth_categories"].text("growth_category")[rates.category_rows[base]]
    year = model.settings.route_switches.get(line.funding_stream, "")
    allocation = (
        rates.axis.positions[allocation_group(line.commissioner, line.funding_stream)]
        if year
        else None
    )
    candidates = dict(zip(NARROWEST_FIRST, (line.code, line.service_line, category), strict=True))
    covered = tuple(target for target in candidates.items() if target in targets)
    return _Group(
        base,
        allocation,
        year,
        plans.key_of(line.provider, line.service_line) if plans else None,
        covered,
        priced_to(model, line),
    )


def _code(group: _Group, axis: Axis) -> str:
    words = [axis.codes[group.base]]
    if group.allocation is not None:
        words.append(f"{axis.codes[group.allocation]} from {group.switch_year}")
    if group.plan:
        words.append("plan of " + ".".join(word for word in group.plan if word))
    words += [f"override of {code}" for _, code in group.targets]
    words += [f"at prices of {group.priced_to}"] if group.priced_to else []
    return "; ".join(words)


class _Builder:
    """Works out each step's rates on the split groups."""

    def __init__(
        self,
        model: Model,
        ledger: Ledger,
        rates: GrowthRates,
        plans: EfficiencyPlans | None,
        applied: list[Override],
        groups: list[_Group],
        axis: Axis,
    ) -> None:
        self.model, self.ledger, self.base, self.plans, self.applied, self.groups, self.axis = (
            model,
            ledger,
            rates,
            plans,
            applied,
            groups,
            axis,
        )
        self.base_rows: Rows = np.array([group.base for group in groups], dtype=np.int64)
        self.made: dict[str, Block] = {}

    def rates(self, of_line: Rows, overridden: bool) -> GrowthRates:
        """All steps, with or without the overrides."""
        steps, conversion = (
            self._steps(prefix, blocks, overridden)
            for prefix, blocks in (
                ("line_rate", self.base.by_step),
                ("line_conversion_rate", self.base.conversion),
            )
        )
        categories = tuple(self.base.category_rows[group.base] for group in self.groups)
        return GrowthRates(self.axis, steps, conversion, of_line, self._summed(), categories)

    def _summed(self) -> Block | None:
        summed = self.base.summed
        if summed is None:
            return None
        return self._once(
            "line_rate/summed",
            lambda name: self.ledger.add(
                name,
                same_rate,
                self.axis,
                "flag",
                None,
                "Parts of activity growth are added",
                rate=Ref(summed, self.base_rows),
            ),
        )

    def _steps(self, prefix: str, blocks: dict[str, Block], overridden: bool) -> dict[str, Block]:
        found = {}
        for step, block in blocks.items():
            found[step] = self._step(f"{prefix}/{step}", step, block, overridden)
        if "efficiency" in blocks and self.plans is not None:
            found["efficiency_planned"] = self.made[f"{prefix}/efficiency/planned"]
        if any(group.priced_to for group in self.groups):
            found |= {
                step: self._due(f"{prefix}/{step}", block)
                for step, block in found.items()
                if step in PRICE_STEPS
            }
        return found

    def _due(self, name: str, block: Block) -> Block:
        """Rates of a price driver in the years whose prices a group does not stand at yet."""
        years, table = block.years or (), self.model["contracts"]
        bases = {
            base: row for row, base in reversed(list(enumerate(table.text("price_base_year"))))
        }
        place = [
            table.where(bases.get(group.priced_to, 0), "price_base_year") for group in self.groups
        ]
        flags = [[float(year > group.priced_to) for year in years] for group in self.groups]
        is_due = self._once(
            f"{name}/is_due",
            lambda own: self.ledger.leaf(
                own,
                self.axis,
                "flag",
                flags,
                lambda row, year: place[row],
                years=years,
                title="1 where the spend does not stand at the year's prices yet",
            ),
        )
        # What stands before and after overrides are two blocks with the same flags.
        return self._once(
            f"{block.id}/due",
            lambda own: self.ledger.add(
                own,
                rate_due,
                self.axis,
                "rate",
                years,
                block.title,
                rate=block,
                is_due=is_due,
            ),
        )

    def _once(self, name: str, make) -> Block:  # type: ignore[no-untyped-def]
        if name not in self.made:
            self.made[name] = make(name)
        return self.made[name]

    def _step(self, name: str, step: str, block: Block, overridden: bool) -> Block:
        years = block.years or ()
        standing = self._once(
            name,
            lambda own: self.ledger.add(
                own,
                same_rate,
                self.axis,
                "rate",
                years,
                STEP_NAMES[step],
                rate=Ref(block, self.base_rows),
            ),
        )
        if step == "efficiency" and self.plans is not None:
            standing = self._with_plans(name, standing, years)
        if self.model.settings.route_switches:
            standing = self._once(
                f"{name}/by_route", lambda own: self._switched(own, step, block, standing, years)
            )
            if step == "efficiency" and self.plans is not None:
                planned = self.made[f"{name}/planned_alone"]
                self._once(
                    f"{name}/planned", lambda own: self._switched(own, step, block, planned, years)
                )
        elif step == "efficiency" and self.plans is not None:
            self.made.setdefault(f"{name}/planned", self.made[f"{name}/planned_alone"])
        rows = (
            [
                override
                for override in self.applied
                if override.driver == step and override.year in years
            ]
            if overridden
            else []
        )
        return (
            self._once(
                f"{name}/overridden", lambda own: self._overridden(own, step, standing, rows, years)
            )
            if rows
            else standing
        )

    def _with_plans(self, name: str, target: Block, years: tuple[str, ...]) -> Block:
        assert self.plans is not None
        plans, keys = self.plans, [group.plan for group in self.groups]
        planned = self._once(
            f"{name}/planned_alone",
            lambda own: plans.planned(self.ledger, own, self.axis, keys, years),
        )
        expected = self._once(
            f"{name}/expected", lambda own: plans.expected(self.ledger, own, self.axis, keys, years)
        )
        return self._once(
            f"{name}/asked",
            lambda own: self.ledger.add(
                own,
                efficiency_with_plans,
                self.axis,
                "rate",
                years,
                "Efficiency asked: plans, and the shortfall against the target",
                target_rate=target,
                planned=planned,
                expected_rate=expected,
            ),
        )

    def _switched(
        self, name: str, step: str, block: Block, standing: Block, years: tuple[str, ...]
    ) -> Block:
        flags = [
            [float(group.allocation is not None and year >= group.switch_year) for year in years]
            for group in self.groups
        ]
        where = self.model.settings.where
        flag = self._once(
            f"{name}/on_allocation",
            lambda own: self.ledger.leaf(
                own,
                self.axis,
                "flag",
                flags,
                lambda row, year: where("forecast.routes"),
                years=years,
                title="On the allocation route",
            ),
        )
        rows = np.array(
            [group.base if group.allocation is None else group.allocation for group in self.groups],
            dtype=np.int64,
        )
        return self.ledger.add(
            name,
            switched_rate,
            self.axis,
            "rate",
            years,
            STEP_NAMES[step],
            rate=standing,
            allocation_rate=Ref(block, rows),
            on_allocation=flag,
        )

    def _overridden(
        self,
        name: str,
        step: str,
        standing: Block,
        overrides: list[Override],
        years: tuple[str, ...],
    ) -> Block:
        table = self.model["rate_overrides"]
        by_target = {(override.target, override.year): override for override in overrides}
        found = [
            [
                next(
                    (
                        by_target[target, year]
                        for target in group.targets
                        if (target, year) in by_target
                    ),
                    None,
                )
                for year in years
            ]
            for group in self.groups
        ]

        def where(row: int, year: int) -> Place:
            override = found[row][year]
            return (
                table.where(override.row, "rate")
                if override
                else Cell(
                    table.file or "inputs/rate_overrides.csv",
                    table.sheet or "rate_overrides",
                    "",
                    "no override",
                )
            )

        leaves = {
            "local_rate": [
                [override.rate if override else 0.0 for override in row] for row in found
            ],
            "is_overridden": [[float(override is not None) for override in row] for row in found],
        }
        blocks = {
            key: self.ledger.leaf(
                f"{name}/{key}",
                self.axis,
                "rate" if key == "local_rate" else "flag",
                values,
                where,
                years=years,
                title=key.replace("_", " ").capitalize(),
            )
            for key, values in leaves.items()
        }
        return self.ledger.add(
            name,
            overridden_rate,
            self.axis,
            "rate",
            years,
            STEP_NAMES[step],
            rate=standing,
            **blocks,
        )
