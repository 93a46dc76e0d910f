"""Council money over the contract's term: its place in the annual payment, and how far councils
have committed to it.

Source: overview 2, 3.3.3; req 131, 132, 137.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from wpb.kernel.ledger import Array, Axis, Block, Ledger
from wpb.kernel.money import round_parts, whole_pence
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import (
    BudgetLines,
    Scope,
    Section,
    SectionColumn,
    SectionValue,
    part_of,
    year_columns,
)

UNCOMMITTED = 0.5


def council_sections(
    model: Model,
    scope: Scope,
    ledger: Ledger,
    forecast: Block,
    lines: BudgetLines,
    more_cells: Mapping[str, tuple[str, str]],
    problems: ProblemLog,
) -> tuple[Section, ...]:
    """Tell council money apart in the forecast, and set it beside what councils have committed.

    more_cells: commissioner and stream of the forecast's rows that are no budget lines, by code.
    Source: overview 2, 3.3.3; req 131, 132, 137.
    """
    years = model.settings.years
    cells = {line.code: (line.commissioner, line.funding_stream) for line in lines.lines} | dict(
        more_cells
    )
    found = [parts_section(annual_payment_parts(ledger, forecast, lines, scope), years)]
    gap = council_commitments(
        model, ledger, forecast, [cells[code] for code in forecast.axis.codes], problems
    )
    if gap is not None:
        found.append(commitments_section(model, ledger, gap, years))
    return tuple(found)


def commitment_gap(forecast_pence: Array, committed_pence: Array) -> Array:
    """What a council has yet to commit: forecast - committed; below nought where more is committed
    than is needed.

    Source: overview 3.3.3; req 137.
    """
    return forecast_pence - committed_pence


def annual_payment_parts(
    ledger: Ledger, forecast: Block, lines: BudgetLines, scope: Scope
) -> Block:
    """Add the annual payment up by kind of stream and part, by year, so that adult social care can
    be told apart.

    Part A is funded by the NHS, Part B by councils; the care model's own lines are not among these.
    Source: overview 2, 3.3.3; req 131, 132.
    """
    keys = [
        (
            f"{scope.stream_kind[line.funding_stream]}.{part_of(scope.funder[line.funding_stream])}"
            if line.element == "wpap"
            else ""
        )
        for line in lines.lines
    ]
    axis = Axis(
        "kind of stream and part", tuple(sorted({key for key in keys if key})) or ("none.A",)
    )
    into = np.full(len(forecast.axis), -1, dtype=np.int64)
    into[: len(keys)] = [axis.positions[key] if key else -1 for key in keys]
    return ledger.total(
        "annual_payment/by_part",
        axis,
        (forecast, into),
        title="Annual payment by kind of stream and part",
    )


def parts_section(block: Block, years: tuple[str, ...]) -> Section:
    """Lay the annual payment's parts out by year, adult social care on lines of its own.

    Source: overview 2, 3.3.3; req 131, 132.
    """
    by_year = [
        round_parts(block.value[0, :, year].tolist(), block.axis.codes)
        for year in range(len(years))
    ]
    rows: tuple[tuple[SectionValue, ...], ...] = tuple(
        (*code.rsplit(".", 1), *(amounts[row] for amounts in by_year))
        for row, code in enumerate(block.axis.codes)
        if block.value[0, row].any()
    )
    return Section(
        "annual_payment_parts",
        "Annual payment by part",
        "Part A is funded by the NHS and Part B by councils. Spend on adult social care stays"
        " identifiable within the annual payment. The care model's own investment and savings are"
        " not in these lines.",
        (
            SectionColumn("stream_kind", "Kind of stream", "code"),
            SectionColumn("part", "Part", "code"),
            *year_columns(years),
        ),
        rows,
    )


def council_commitments(
    model: Model,
    ledger: Ledger,
    forecast: Block,
    cells: Sequence[tuple[str, str]],
    problems: ProblemLog,
) -> Block | None:
    """Set what each council has committed beside the forecast of what it funds, year by year; years
    with a gap are named.

    A year with nothing recorded has nothing committed. Gives the gap by council and stream, or None
    where the model has no council money in its forecast.
    Source: overview 3.3.3; req 137.
    """
    streams = model["funding_streams"]
    council = {
        code
        for code, funder in zip(streams.text("funding_stream"), streams.text("funder"), strict=True)
        if funder == "council"
    }
    pairs = sorted(
        {
            cell
            for row, cell in enumerate(cells)
            if cell[1] in council and forecast.value[0, row].any()
        }
    )
    if not pairs:
        return None
    axis, years = (
        Axis("council and stream", tuple(f"{payer}.{stream}" for payer, stream in pairs)),
        model.settings.years,
    )
    spend = ledger.total(
        "council_commitments/forecast",
        axis,
        (forecast, [axis.positions.get(f"{payer}.{stream}", -1) for payer, stream in cells]),
        title="Forecast of what the council funds",
    )
    table = model["council_commitments"]
    rows = {
        (payer, stream, year): row
        for row, (payer, stream, year) in enumerate(
            zip(
                table.text("commissioner"),
                table.text("funding_stream"),
                table.text("year"),
                strict=True,
            )
        )
    }
    found = [[rows.get((*pair, year), -1) for year in years] for pair in pairs]
    amounts = table.numbers("committed_value")
    values = np.array([[amounts[row] if row >= 0 else 0.0 for row in line] for line in found])

    def where(row: int, year: int) -> Place:
        at = found[row][year]
        return (
            table.where(at, "committed_value")
            if at >= 0
            else Cell("inputs/council_commitments.csv", "council_commitments", "")
        )

    committed = ledger.leaf(
        "council_commitments/committed",
        axis,
        "pence",
        values,
        where,
        years=years,
        title="Committed by the council; nought where nothing is recorded",
    )
    gap = ledger.add(
        "council_commitments/gap",
        commitment_gap,
        axis,
        "pence",
        years,
        "Yet to be committed",
        forecast_pence=spend,
        committed_pence=committed,
    )
    _flag(model, gap, years, problems)
    return gap


def _flag(model: Model, gap: Block, years: tuple[str, ...], problems: ProblemLog) -> None:
    if not len(model["council_commitments"]):
        problems.note(
            None,
            "How far councils can commit their funding over the term is not recorded.",
            "Fill in council_commitments.",
            "commitments_not_recorded",
        )
        return
    for row, code in enumerate(gap.axis.codes):
        short = [
            year
            for position, year in enumerate(years)
            if gap.value[0, row, position] >= UNCOMMITTED
        ]
        if short:
            place = model["council_commitments"].where(0, "committed_value")
            problems.warning(
                place,
                f"{code} has committed less than the forecast needs in {len(short)} of {len(years)}"
                f" years, first in {short[0]}.",
                "Agree the funding, or document the change to come in the contract.",
                "commitment_gap",
            )


def commitments_section(
    model: Model, ledger: Ledger, gap: Block, years: tuple[str, ...]
) -> Section:
    """List, for each council, stream and year, the forecast, what is committed, the gap, and
    changes known to come.

    Source: overview 3.3.3; req 137.
    """
    table = model["council_commitments"]
    recorded = {
        f"{payer}.{stream}.{year}": row
        for row, (payer, stream, year) in enumerate(
            zip(
                table.text("commissioner"),
                table.text("funding_stream"),
                table.text("year"),
                strict=True,
            )
        )
    }
    spend, committed = (
        ledger["council_commitments/forecast"],
        ledger["council_commitments/committed"],
    )
    rows: list[tuple[SectionValue, ...]] = []
    for line, code in enumerate(gap.axis.codes):
        for position, year in enumerate(years):
            row = recorded.get(f"{code}.{year}")
            payer, stream = code.split(".", 1)
            needed, promised = (
                whole_pence(block.at(line, position)) for block in (spend, committed)
            )
            change = str(table.columns["known_change"][row]) if row is not None else ""
            rows.append(
                (
                    payer,
                    stream,
                    year,
                    row is not None,
                    needed,
                    promised,
                    needed - promised,
                    change,
                    table.flags("in_contract")[row] if row is not None else None,
                )
            )
    columns = (
        SectionColumn("council", "Council", "code"),
        SectionColumn("funding_stream", "Stream", "code"),
        SectionColumn("year", "Year", "year"),
        SectionColumn("recorded", "Recorded", "yes_no"),
        SectionColumn("forecast", "Forecast", "pounds"),
        SectionColumn("committed", "Committed", "pounds"),
        SectionColumn("gap", "Yet to be committed", "pounds"),
        SectionColumn("known_change", "Change to come"),
        SectionColumn("in_contract", "In the contract", "yes_no"),
    )
    return Section(
        "council_commitments",
        "Councils' commitments",
        "How far council funding is committed over the term. A year with nothing recorded counts as"
        " not committed.",
        columns,
        tuple(rows),
    )
