"""The live workbook: the whole principal case of a budget as formulas, from input cells to
headroom.

Change a yellow figure and every sheet follows as the calculation itself would.
Source: handbook 3.7; req 35, 361, 362, 366, 367.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wpb.kernel.ledger import Block
from wpb.kernel.places import column_letters
from wpb.live import LiveContract
from wpb.present.live_workbook.contract_blocks import (
    ContractBlocks,
    contract_blocks,
    rests_on,
    sources_in,
)
from wpb.present.live_workbook.formulas import Formulas
from wpb.present.live_workbook.fronts import CHECKS, HEADLINE, TRACE, Fronts
from wpb.present.live_workbook.paid_sheets import paid_sheets, write_paid_sheets
from wpb.present.live_workbook.placing import Labels, Placing
from wpb.present.live_workbook.sheets import StageSheets, write_assumptions, write_input
from wpb.present.live_workbook.sources import ASSUMPTIONS, FIRST_ASSUMPTION, InputSheet, Sources
from wpb.present.live_workbook.stages import (
    STAGES,
    chosen_blocks,
    contracts_by_basis,
    final_blocks,
    stage_of,
)
from wpb.present.record_tables import assumptions_used
from wpb.present.whole_pence import WholePence
from wpb.present.words import currency_sign
from wpb.present.workbook_styles import Styles
from wpb.run import Budget

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook


def write_live_workbook(
    budget: Budget,
    inputs: Sequence[InputSheet],
    path: Path,
    mark: str = "Draft",
    progress: Callable[[str], None] = lambda stage: None,
    live: LiveContract | None = None,
) -> None:
    """Write a budget as a workbook of formulas over its inputs; the same budget gives the same
    bytes.

    inputs: the tables the budget was read from, each cell where it stood. live: its contract, where
    it has one: the versions of its value, instalments, and what was settled of gains and losses.
    Raises UsageProblem where a rule of the budget cannot be written as a formula.
    Source: handbook 3.7; req 361, 362, 366, 367.
    """
    import xlsxwriter

    progress("laying out the workbook")
    if live is not None:
        budget = rests_on(live, budget)
    contract = contract_blocks(live, budget) if live is not None else ContractBlocks()
    ends = [
        budget.current.spend,
        budget.current.out_of_scope,
        budget.current.unmapped,
        *final_blocks(budget.ledger),
    ]
    own = chosen_blocks(
        budget.ledger, [*ends, *sources_in(budget.ledger, contract.blocks, contract.fixed)]
    )
    aligned, priced = contracts_by_basis(budget.ledger)
    blocks = [*own, *contract.blocks]
    placing = Placing(
        blocks,
        {**{block: stage_of(block, aligned, priced) for block in own}, **contract.stage_of},
        _labels(budget),
        contract.groups,
        contract.fixed,
    )
    used = assumptions_used(WholePence(budget))
    rows = {
        (found.key, found.year, found.citation.vintage): (row, found.value)
        for row, found in enumerate(used, FIRST_ASSUMPTION)
    }
    formulas = Formulas(placing, Sources(inputs, rows))
    sign = currency_sign(budget.model.settings.currency)
    progress("writing formulas")
    options = {
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "in_memory": True,
    }
    with whole_or_nothing(path) as fresh, xlsxwriter.Workbook(str(fresh), options) as book:
        settings = budget.model.settings
        book.set_properties(
            {
                "title": settings.title,
                "subject": "Whole population budget",
                "author": settings.prepared_by,
                "comments": mark,
                "created": datetime.datetime(2000, 1, 1),
            }
        )
        book.set_calc_mode("auto")
        styles = Styles(book, sign)
        fronts = Fronts(book, styles, budget, formulas, sign)
        stages = [name for name in STAGES if placing.bands[name]]
        paid = paid_sheets(live)
        fronts.cover(
            [
                HEADLINE,
                CHECKS,
                *sorted([*stages, *paid], key=lambda name: int(name.split()[0])),
                TRACE,
                ASSUMPTIONS,
            ],
            inputs,
            mark,
        )
        headline, checks = book.add_worksheet(HEADLINE), book.add_worksheet(CHECKS)
        sheets = StageSheets(book, styles, sign, placing, formulas)
        more = reconciliations(budget, formulas)
        for name in sorted([*stages, *paid], key=lambda name: int(name.split()[0])):
            if name in stages:
                sheets.write(name)
            else:
                book.add_worksheet(name)
        if live is not None:
            more += write_paid_sheets(
                book, styles, live, placing, {source.name: source for source in inputs}
            )
        fronts.headline(headline)
        fronts.write_checks(checks, more)
        fronts.trace(book.add_worksheet(TRACE), blocks)
        write_assumptions(book, styles, used, budget.book)
        for source in inputs:
            write_input(book, styles, source)
        _name_figures(book, placing, blocks)
        headline.activate()
        progress("saving the workbook")


@contextmanager
def whole_or_nothing(path: Path) -> Iterator[Path]:
    """Give a file beside the one wanted, which takes its place once all is written; a fault leaves
    what was there.
    """
    fresh = path.with_name(f".{path.name}.partial")
    try:
        yield fresh
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def reconciliations(budget: Budget, formulas: Formulas) -> list[tuple[str, str, float]]:
    """List what must add up beside the bridges: spend by scope, contracts and their parts,
    allocations, and the ledger.

    Source: handbook 2.1, 2.4, 3.6; req 18, 201; the tie to the commissioner's own ledger is shown,
    whatever it is.
    """
    total, current, found = formulas.total, budget.current, []
    parts = "-".join(
        total(block, 0, CHECKS)
        for block in (current.spend, current.in_scope, current.out_of_scope, current.unmapped)
    )
    found.append(
        ("Spend in scope, out of scope and mapped to no one add to current spend", parts, 0.0)
    )
    found += _contract_checks(budget, formulas)
    for kind in ("commissioner", "stream"):
        for name, block in budget.affordability.total.items():
            cells = {
                "allocation": budget.affordability.allocation,
                "forecast": budget.affordability.forecast,
                "out_of_scope": budget.affordability.out_of_scope,
                "headroom": budget.affordability.headroom,
            }.get(name)
            grouped = {
                "commissioner": budget.affordability.by_commissioner,
                "stream": budget.affordability.by_stream,
            }[kind].get(name)
            if cells is None or grouped is None:
                continue
            for year, words in enumerate(budget.years):
                found.append(
                    (
                        f"{block.title} by {kind} adds to the total, {words}",
                        f"{total(block, year, CHECKS)}-{total(grouped, year, CHECKS)}",
                        0.0,
                    )
                )
    for year, words in enumerate(budget.years):
        difference = (
            f"{total(budget.out_of_scope, year, CHECKS)}-"
            f"{total(budget.affordability.out_of_scope, year, CHECKS)}"
        )
        found.append(
            (f"Out-of-scope lines add to the affordability sheet, {words}", difference, 0.0)
        )
    return found


def _contract_checks(budget: Budget, formulas: Formulas) -> list[tuple[str, str, float]]:
    """Check that the lines of a contract add to what is paid under it: parts of its pounds, or
    priced activity with what that leaves unexplained.
    """
    found, placed = [], {block.id for block in formulas.placing.spots}
    for contract in budget.model["contracts"].text("contract"):
        names = [f"contract/{contract}/{name}" for name in ("value", "unexplained", "explained")]
        value = names[0]
        parts = (
            names[1:]
            if names[1] in placed
            else [
                (
                    f"contract/{contract}/"
                    f"{'step_3' if f'contract/{contract}/step_3' in placed else 'spend'}"
                )
            ]
        )
        if value in placed and all(part in placed for part in parts):
            terms = "".join(f"-{formulas.total(budget.ledger[part], 0, CHECKS)}" for part in parts)
            found.append(
                (
                    f"Lines add to what is paid under {contract}",
                    f"{formulas.total(budget.ledger[value], 0, CHECKS)}{terms}",
                    0.0,
                )
            )
    return found


def _labels(budget: Budget) -> Labels:
    """Words beside the budget lines: what they pay for, who pays, and by which route."""
    lines = budget.current.lines.lines
    impacts = (
        {
            line.code: (line.service_line, line.commissioner, "care model")
            for line in budget.care_model.lines
        }
        if budget.care_model
        else {}
    )
    words = {
        **impacts,
        **{
            line.code: (
                line.service_line,
                line.commissioner,
                line.contract or line.payment_basis.replace("_", " "),
            )
            for line in lines
        },
    }
    found: dict[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for axis in (budget.current.lines.axis, budget.forecast.axis, budget.out_of_scope.axis):
        texts = [words.get(code, ("", "", "")) for code in axis.codes]
        if texts:
            found[axis.codes] = tuple(
                (heading, tuple(column))
                for heading, column in zip(
                    ("Service line", "Commissioner", "Held under"),
                    zip(*texts, strict=True),
                    strict=True,
                )
            )
    return found


def _name_figures(book: Workbook, placing: Placing, blocks: Sequence[Block]) -> None:
    """Give every block of figures a name, so that a reader's own formulas can use it."""
    taken: set[str] = set()
    for block in blocks:
        spot, count = placing.spots[block], len(block.years) if block.years else 1
        name = re.sub(r"\W", "_", f"figure_{block.id}")
        if not len(block.axis) or name.lower() in taken or len(name) > 200:
            continue
        taken.add(name.lower())
        first, last = spot.band.first_row + 1, spot.band.first_row + len(block.axis)
        book.define_name(
            name,
            (
                f"='{spot.band.sheet}'!${column_letters(spot.column)}${first}:$"
                f"{column_letters(spot.column + count - 1)}${last}"
            ),
        )
