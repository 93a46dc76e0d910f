"""One set of whole-pence figures for every view of a budget, so that parts add to their totals
wherever they are shown.

Totals are rounded from unrounded figures; parts are then rounded to add to them: total -> contract
-> line for spend, total -> service line -> line for the baseline, total -> commissioner and stream
-> line for the forecast.
Source: req 63, 370.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.ledger import Block
from wpb.kernel.money import round_parts, whole_pence
from wpb.run import Budget

Amounts = NDArray[np.float64]
Cell = tuple[str, str]
PARTS = ("in_scope", "unmapped", "out_of_scope")


@dataclass(frozen=True)
class SplitPence:
    """Spend and its split in whole pence: spend = in scope + unmapped + out of scope."""

    spend: int
    in_scope: int
    unmapped: int
    out_of_scope: int


@dataclass(frozen=True)
class CellPence:
    """One cell of affordability in whole pence: headroom = allocation - forecast - out of scope."""

    allocation: int
    forecast: int
    out_of_scope: int

    @property
    def headroom(self) -> int:
        """What is left of the allocation."""
        return self.allocation - self.forecast - self.out_of_scope

    @property
    def residual(self) -> int:
        """The efficiency nobody has planned yet."""
        return max(0, -self.headroom)


def round_to_total(
    amounts: Sequence[float] | Amounts, codes: Sequence[str], total_pence: int
) -> list[int]:
    """Round parts so that they add to a total even where it stands some pence off their own; a
    nought stays nought.

    Where the total is out of the parts' reach, the gap is first spread evenly over the parts that
    are not nought.
    Source: req 63, 370.
    """
    rounded = [0] * len(amounts)
    live = [row for row, amount in enumerate(amounts) if amount] or list(range(len(amounts)))
    parts, names = [float(amounts[row]) for row in live], [codes[row] for row in live]
    if not parts:
        return rounded
    floors = sum(int(np.floor(part)) for part in parts)
    if not floors <= total_pence <= floors + len(parts):
        shift = (total_pence - sum(parts)) / len(parts)
        parts = [part + shift for part in parts]
    for row, amount in zip(live, round_parts(parts, names, total_pence), strict=True):
        rounded[row] = amount
    return rounded


def round_within(
    amounts: Amounts, codes: Sequence[str], groups: Sequence[str], totals: Mapping[str, int]
) -> list[int]:
    """Round rows so that those of each group add to the group's total."""
    rounded = [0] * len(codes)
    members: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    for group, rows in members.items():
        for row, amount in zip(
            rows,
            round_to_total(amounts[rows], [codes[row] for row in rows], totals[group]),
            strict=True,
        ):
            rounded[row] = amount
    return rounded


def sums_by(amounts: Amounts, groups: Sequence[str]) -> dict[str, float]:
    """Add rows up by group, groups in order."""
    found = dict.fromkeys(sorted(set(groups)), 0.0)
    for amount, group in zip(amounts.tolist(), groups, strict=True):
        found[group] += amount
    return found


def split_rows(
    spend: Amounts,
    parts: Sequence[Amounts],
    codes: Sequence[str],
    totals: SplitPence,
    paid: Sequence[int] | None = None,
) -> list[SplitPence]:
    """Round rows and their three parts so that each row adds across and each column adds down to
    its total.

    A row wholly in one part stays wholly in it; rows of several parts take up what rounding leaves
    over. Where `paid` gives the rows' own whole pence, these stand.
    """
    mixed = ~np.any([np.abs(spend - part) < 1e-6 for part in parts], axis=0)
    whole_rows, shared_rows = np.flatnonzero(~mixed).tolist(), np.flatnonzero(mixed).tolist()
    rounded = np.zeros((len(codes), len(parts)), dtype=np.int64)
    left = []
    for column, (part, total) in enumerate(
        zip(parts, (totals.in_scope, totals.unmapped, totals.out_of_scope), strict=True)
    ):
        rows = [row for row in whole_rows if part[row]]
        exact = whole_pence(float(part[rows].sum())) if len(shared_rows) else total
        amounts = (
            [paid[row] for row in rows]
            if paid is not None
            else round_to_total(part[rows], [codes[row] for row in rows], exact)
        )
        rounded[rows, column] = amounts
        left.append(total - sum(amounts))
    if len(shared_rows):
        names = [codes[row] for row in shared_rows]
        row_totals = (
            [paid[row] for row in shared_rows]
            if paid is not None
            else round_to_total(spend[shared_rows], names, sum(left))
        )
        for column in (0, 1):
            rounded[shared_rows, column] = round_to_total(
                parts[column][shared_rows], names, left[column]
            )
        rounded[shared_rows, 2] = (
            np.array(row_totals) - rounded[shared_rows, 0] - rounded[shared_rows, 1]
        )
    return [SplitPence(sum(row), *row) for row in rounded.tolist()]


class WholePence:
    """Every rounded figure of a budget, worked out when first asked for."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.lines = budget.current.lines.lines
        self.codes = budget.current.lines.axis.codes
        self.baseline = whole_pence(float(budget.baseline.value[0, :, 0].sum()))
        self.do_nothing = [
            whole_pence(budget.do_nothing.at(0, year)) for year in range(len(budget.years))
        ]

    @cached_property
    def holders(self) -> tuple[str, ...]:
        """What each line's spend is held under: its contract, or its payment basis where there is
        none.
        """
        return tuple(line.contract or f"{line.payment_basis} spend" for line in self.lines)

    @cached_property
    def by_holder(self) -> dict[str, SplitPence]:
        """Spend under each contract, and on lines with none, split by scope; a contract's is what
        is paid under it.
        """
        current, contracts = self.budget.current, self.budget.model["contracts"]
        value = dict(
            zip(
                contracts.text("contract"),
                map(whole_pence, contracts.numbers("value").tolist()),
                strict=True,
            )
        )
        real = [
            sums_by(block.value[0, :, 0], self.holders)
            for block in (current.spend, current.in_scope, current.unmapped, current.out_of_scope)
        ]
        names = list(real[0])
        paid = [value[name] if name in value else whole_pence(real[0][name]) for name in names]
        inside, unmapped = (whole_pence(sum(part.values())) for part in real[1:3])
        totals = SplitPence(sum(paid), inside, unmapped, sum(paid) - inside - unmapped)
        spend, *parts = (np.array(list(part.values())) for part in real)
        return dict(zip(names, split_rows(spend, parts, names, totals, paid), strict=True))

    @cached_property
    def spend(self) -> SplitPence:
        """All current spend and its split by scope."""
        return SplitPence(
            *(
                sum(getattr(split, name) for split in self.by_holder.values())
                for name in ("spend", *PARTS)
            )
        )

    @cached_property
    def by_line(self) -> list[SplitPence]:
        """Each line's spend and its split by scope; lines wholly in or out stay so, and add to
        their contract.
        """
        found: list[SplitPence] = [SplitPence(0, 0, 0, 0)] * len(self.lines)
        members: dict[str, list[int]] = {}
        for row, holder in enumerate(self.holders):
            members.setdefault(holder, []).append(row)
        current = self.budget.current
        blocks = [
            block.value[0, :, 0]
            for block in (current.spend, current.in_scope, current.unmapped, current.out_of_scope)
        ]
        for holder, rows in members.items():
            spend, *parts = (values[rows] for values in blocks)
            for row, split in zip(
                rows,
                split_rows(spend, parts, [self.codes[row] for row in rows], self.by_holder[holder]),
                strict=True,
            ):
                found[row] = split
        return found

    @cached_property
    def baseline_by_service(self) -> dict[str, int]:
        """The baseline of each service line; they add to the baseline."""
        real = sums_by(
            self.budget.baseline.value[0, :, 0], [line.service_line for line in self.lines]
        )
        return dict(
            zip(real, round_to_total(list(real.values()), list(real), self.baseline), strict=True)
        )

    @cached_property
    def baseline_by_line(self) -> list[int]:
        """The baseline of each line; they add to their service line."""
        return round_within(
            self.budget.baseline.value[0, :, 0],
            self.codes,
            [line.service_line for line in self.lines],
            self.baseline_by_service,
        )

    @cached_property
    def cells(self) -> list[dict[Cell, CellPence]]:
        """For each year, allocation, forecast and out of scope of each commissioner and stream;
        they add to the totals.
        """
        found = self.budget.affordability
        codes = found.allocation.axis.codes
        years = []
        for year in range(len(self.budget.years)):
            columns = [
                self._to_total(block, codes, year)
                for block in (found.allocation, found.forecast, found.out_of_scope)
            ]
            years.append(
                {
                    cell: CellPence(*amounts)
                    for cell, *amounts in zip(found.cells, *columns, strict=True)
                }
            )
        return years

    def _to_total(self, block: Block, codes: Sequence[str], year: int) -> list[int]:
        values = block.value[0, :, year]
        return round_to_total(values, codes, whole_pence(float(values.sum())))

    def cell_totals(self, year: int, part: int | None) -> dict[str, CellPence]:
        """Add cells up by commissioner (0), by stream (1), or all of them (None, under the name
        total).
        """
        found: dict[str, list[int]] = {}
        for cell, amounts in sorted(self.cells[year].items()):
            into = found.setdefault("total" if part is None else cell[part], [0, 0, 0])
            for i, amount in enumerate(
                (amounts.allocation, amounts.forecast, amounts.out_of_scope)
            ):
                into[i] += amount
        return {name: CellPence(*amounts) for name, amounts in found.items()}

    def forecast_by_line(self, year: int) -> list[int]:
        """Each line's forecast, care-model lines too, in the order of the forecast's rows; they add
        to their cell.
        """
        return self._lines(self.budget.forecast, self.forecast_cells, year, "forecast")

    def out_of_scope_by_line(self, year: int) -> list[int]:
        """Each line's forecast out of scope, in the order of its rows; they add to their cell."""
        return self._lines(self.budget.out_of_scope, self.out_of_scope_cells, year, "out_of_scope")

    def _lines(self, block: Block, cells: Sequence[Cell], year: int, name: str) -> list[int]:
        totals = {
            ".".join(cell): getattr(amounts, name) for cell, amounts in self.cells[year].items()
        }
        return round_within(
            block.value[0, :, year], block.axis.codes, [".".join(cell) for cell in cells], totals
        )

    @cached_property
    def forecast_cells(self) -> list[Cell]:
        """Commissioner and stream of each row of the forecast."""
        return self._cells_of(inside=True)

    @cached_property
    def out_of_scope_cells(self) -> list[Cell]:
        """Commissioner and stream of each row of the forecast out of scope."""
        return self._cells_of(inside=False)

    def _cells_of(self, inside: bool) -> list[Cell]:
        impacts = self.budget.care_model.lines if self.budget.care_model else ()
        return [(line.commissioner, line.funding_stream) for line in self.lines] + [
            (line.commissioner, line.funding_stream) for line in impacts if line.inside == inside
        ]
