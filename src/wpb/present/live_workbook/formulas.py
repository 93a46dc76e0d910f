"""The formula of each figure: a rule's template over its inputs' cells, or a sum of its members.

Source: handbook 3.7; req 367, 370.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from wpb.kernel.ledger import Array, Block, Part, Ref, aligned_years, difference
from wpb.kernel.places import column_letters
from wpb.kernel.problems import UsageProblem
from wpb.present.live_workbook.placing import Placing, by_code, key_codes, runs_of
from wpb.present.live_workbook.sources import Sources
from wpb.present.live_workbook.templates import own_name, template_of
from wpb.present.live_workbook.units import is_money, scale_of


class Formulas:
    """Writes the formulas of a block, row by row and year by year."""

    def __init__(self, placing: Placing, sources: Sources) -> None:
        self.placing = placing
        self.sources = sources

    def of(self, block: Block) -> Iterator[tuple[int, int, str]]:
        """Give (row, year offset, formula) of every figure of a block; a blank formula where the
        figure itself is written.
        """
        if block in self.placing.fixed:
            return (
                (row, year, "")
                for row in range(len(block.axis))
                for year in range(len(block.years) if block.years else 1)
            )
        if block.kind == "leaf":
            return self._leaf(block)
        return self._sum(block) if block.kind == "sum" else self._rule(block)

    def _leaf(self, block: Block) -> Iterator[tuple[int, int, str]]:
        for row in range(len(block.axis)):
            for year in range(len(block.years) if block.years else 1):
                yield row, year, self.sources.formula(block, row, year)

    def _rule(self, block: Block) -> Iterator[tuple[int, int, str]]:
        assert block.rule is not None
        template = template_of(block.rule, list(block.inputs))
        factor = unit_factor(block)
        sheet = self.placing.spots[block].band.sheet
        cells = {
            own_name(name): self._cells(ref, block, sheet) for name, ref in block.inputs.items()
        }
        wholes = (
            {
                f"{own_name(name)}_all": self.placing.column_range(ref.block, 0, sheet)
                for name, ref in block.inputs.items()
            }
            if template.whole_columns
            else {}
        )
        own = [self.placing.spots[block].band.first_row + row + 1 for row in range(len(block.axis))]
        for year in range(len(block.years) if block.years else 1):
            text, names = template.pieces(first_year=year == 0)
            spelled, rows = [], []
            for name in names:
                given, _, standing = name.partition("|")
                if given in cells:
                    prefix, columns, lines = cells[given]
                    spelled.append(f"{prefix}{columns[year]}%d")
                    rows.append(lines)
                elif given == "before":
                    spelled.append(
                        f"{column_letters(self.placing.spots[block].column + year - 1)}%d"
                    )
                    rows.append(own)
                else:
                    spelled.append(wholes.get(given, standing))
            formula = (
                f"=({text % tuple(spelled)})*{factor:g}"
                if factor != 1.0
                else f"={text % tuple(spelled)}"
            )
            for row, lines_of_row in enumerate(zip(*rows, strict=True)):
                yield row, year, formula % lines_of_row

    def _cells(self, ref: Ref, block: Block, on: str) -> tuple[str, list[str], list[int]]:
        """The sheet, the column letters by year and the row numbers of an input's cells, lined up
        with a block.
        """
        spot = self.placing.spots[ref.block]
        years = aligned_years(ref, block.years) or [0]
        count = len(block.years) if block.years else 1
        letters = [column_letters(spot.column + year) for year in years] * (
            count if len(years) == 1 else 1
        )
        rows = (
            ref.rows.tolist()
            if ref.rows is not None
            else [0] * len(block.axis)
            if len(ref.block.axis) == 1
            else list(range(len(block.axis)))
        )
        return (
            "" if spot.band.sheet == on else f"'{spot.band.sheet}'!",
            letters,
            [spot.band.first_row + row + 1 for row in rows],
        )

    def _sum(self, block: Block) -> Iterator[tuple[int, int, str]]:
        sheet = self.placing.spots[block].band.sheet
        columns = [(aligned_years(Ref(part.block), block.years) or [0]) for part in block.parts]
        coded = [by_code(block, part) for part in block.parts]
        names = key_codes(block) if any(coded) else []
        for row in range(len(block.axis)):
            stretches = [
                [] if code else runs_of(part.of(row))
                for part, code in zip(block.parts, coded, strict=True)
            ]
            for year in range(len(block.years) if block.years else 1):
                terms = []
                for part, years, code, runs in zip(
                    block.parts, columns, coded, stretches, strict=True
                ):
                    at = years[year if len(years) > 1 else 0]
                    terms += (
                        [self._by_code(part, at, sheet, names[row])]
                        if code
                        else [self._run(part.block, first, last, at, sheet) for first, last in runs]
                    )
                yield row, year, _added(terms)

    def total(self, block: Block, year: int, on: str) -> str:
        """Write the total of all rows of a block in one year, as a term of a formula on the sheet
        `on`.

        A movement that doesn't stand in the workbook itself is the difference of its two levels, or
        a sum of its members.
        """
        if block in self.placing.spots:
            return f"SUM({self.placing.column_range(block, year if block.years else 0, on)})"
        if block.rule is difference:
            after, before = block.inputs["after"].block, block.inputs["before"].block
            return f"({self.total(after, year, on)}-{self.total(before, year, on)})"
        found = [term for part in block.parts for term in self._members(part, year, on)]
        return f"SUM({','.join(found)})" if found else "0"

    def _members(self, part: Part, year: int, on: str) -> list[str]:
        offset = year if part.block.years else 0
        return [
            self._run(part.block, first, last, offset, on)
            for first, last in runs_of(np.flatnonzero(part.into >= 0))
        ]

    def _run(self, block: Block, first: int, last: int, offset: int, on: str) -> str:
        start = self.placing.reference(block, first, offset, on)
        return start if first == last else f"{start}:{self.placing.spots[block].cell(last, offset)}"

    def _by_code(self, part: Part, offset: int, on: str, code: str) -> str:
        band, key = self.placing.spots[part.block].band, self.placing.key_of(part)
        first, last = band.first_row + 1, band.first_row + len(band.codes)
        prefix = "" if band.sheet == on else f"'{band.sheet}'!"
        letters = column_letters(key.position)
        summed = self.placing.column_range(part.block, offset, on)
        return f'SUMIF({prefix}${letters}${first}:${letters}${last},"{code}",{summed})'


def _added(terms: list[str]) -> str:
    """Add terms up: one alone as it stands, a few with plus signs where none is a range, else a
    SUM.
    """
    ranges = any(":" in term and not term.startswith("SUMIF") for term in terms)
    if not terms:
        return "=0"
    return "=" + "+".join(terms) if not ranges and len(terms) <= 3 else f"=SUM({','.join(terms)})"


def unit_factor(block: Block) -> float:
    """What a rule's formula is multiplied by, where pounds in place of pence change its result by
    more than its own unit says.

    The rule is worked out once more with the figures as they stand in the workbook, and set against
    the block's own.

    Raises UsageProblem where no one factor does, so that no workbook carries a formula that differs
    from the engine.
    """
    assert block.rule is not None
    scaled = block.rule(
        **{
            name: _argument(ref, block) * scale_of(ref.block.unit)
            for name, ref in block.inputs.items()
        }
    )
    got, wanted = np.broadcast_arrays(scaled[:1], block.value[:1] * scale_of(block.unit))
    for factor in (1.0, 100.0, 0.01, 10000.0, 0.0001):
        if np.allclose(
            got * factor, wanted, rtol=1e-9, atol=1e-6 if is_money(block.unit) else 1e-12
        ):
            return factor
    raise UsageProblem(
        f"the figure '{block.id}' does not scale with its inputs, so it cannot stand in a workbook"
        " in pounds"
    )


def _argument(ref: Ref, block: Block) -> Array:
    value = ref.block.value[:1]
    if ref.rows is not None:
        value = value[:, ref.rows, :]
    years = aligned_years(ref, block.years)
    return value if years is None else value[:, :, years]
