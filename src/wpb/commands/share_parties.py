"""Settling, checking and stating arrangements between parties, for `wpb share`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpb.commands.running import print_json
from wpb.kernel.money import exact, pounds, round_half_up
from wpb.kernel.posting import Posting
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.present.words import fitted

if TYPE_CHECKING:
    from wpb.sharing.outturn import Outturn
    from wpb.sharing.parties import PartyArrangement
    from wpb.sharing.reading import Page
    from wpb.sharing.settle_parties import PartySettlement


def read_parties(found: Mapping[str, Any], page: Page) -> PartyArrangement:
    """Read and check an arrangement between parties; stops with every problem."""
    from wpb.sharing.checks import check_arrangement
    from wpb.sharing.reading_parties import read_party_arrangement

    arrangement = read_party_arrangement(found, page)
    page.log.raise_if_errors()
    check_arrangement(arrangement, page.log)
    page.log.raise_if_errors()
    return arrangement


def settled(
    found: Mapping[str, Any], page: Page, results: Path, measures: Path | None
) -> tuple[PartyArrangement, PartySettlement, Outturn]:
    """Settle the years of an outturn file."""
    from wpb.commands.share_files import read_cells
    from wpb.kernel.ledger import Ledger
    from wpb.sharing.outturn import figures_to_settle, part_of_year, read_measures, read_outturn
    from wpb.sharing.settle_parties import settle_parties as settle

    arrangement = read_parties(found, page)
    headings, cells = read_cells(results, page.log)
    outturn = read_outturn(results.name, headings, cells, arrangement, page.log)
    page.log.raise_if_errors()
    assert outturn is not None
    measure_headings, measure_cells = read_cells(measures, page.log) if measures else ([], {})
    values, places = read_measures(
        measures.name if measures else "",
        measure_headings,
        measure_cells,
        arrangement,
        outturn.years,
        page.log,
    )
    page.log.raise_if_errors()
    try:
        part = part_of_year(arrangement, outturn.months)
    except ValueError as fault:
        raise UsageProblem(
            f"{results.name}: {fault}. Settle whole years, or give the arrangement a frequency and"
            " a profile."
        ) from fault
    units, reported = figures_to_settle(arrangement, outturn, values)
    settlement = settle(
        arrangement,
        units,
        reported,
        Ledger(),
        outturn.where,
        lambda name, year: places.get((name, year), page.place(found)),
        part,
    )
    return arrangement, settlement, outturn


def settle_parties(
    found: Mapping[str, Any],
    page: Page,
    results: Path,
    measures: Path | None,
    posted: Path | None,
    month: str | None,
    as_json: bool,
) -> None:
    """Settle an outturn file and print each year's statement with the postings that it calls
    for.
    """
    from wpb.sharing.payments import settlement_postings
    from wpb.sharing.settle_parties import rounded_year
    from wpb.sharing.statement import statement

    arrangement, settlement, outturn = settled(found, page, results, measures)
    earlier = read_posted(posted, page.log)
    statements = []
    for number in outturn.years:
        year = arrangement.years[number]
        at = month or f"{int(year[:4]) + 1}-04"
        try:
            postings = settlement_postings(
                arrangement,
                rounded_year(settlement, number),
                year,
                at,
                outturn.status[year],
                earlier,
                outturn.months[year],
            )
        except ValueError as fault:
            raise UsageProblem(f"{results.name}: {fault}.") from fault
        statements.append(statement(settlement, number, outturn.status[year], postings))
    if as_json:
        print_json(
            {
                "arrangement": arrangement.name,
                "currency": arrangement.currency,
                "settlements": statements,
                "problems": [problem.as_dict() for problem in page.log],
            }
        )
        return
    for problem in page.log:
        click.echo(f"Note: {problem}", err=True)
    click.echo("\n\n".join("\n".join(statement_lines(stated)) for stated in statements))


def read_posted(file: Path | None, log: ProblemLog) -> list[Posting]:
    """Read earlier postings from a CSV file; none where there is no file. Stops with every row that
    is not a posting.
    """
    if file is None:
        return []
    from wpb.commands.share_files import read_cells
    from wpb.kernel.places import Cell

    headings, cells = read_cells(file, log)
    wanted = ("month", "payer", "payee", "amount_pence", "reason", "figure")
    if sorted(headings) != sorted(wanted):
        log.error(
            Cell(file.name, file.stem, "A1"),
            "The file of earlier postings has other columns than it needs.",
            f"The columns: {', '.join(wanted)}.",
            "column_missing",
        )
        log.raise_if_errors()
    found = []
    for row in range(len(cells["month"])):
        text = {name: cells[name][row].strip() for name in wanted}
        try:
            found.append(
                Posting(
                    text["month"],
                    text["payer"],
                    text["payee"],
                    int(text["amount_pence"]),
                    text["reason"],
                    text["figure"],
                )
            )
        except ValueError as fault:
            log.error(
                Cell(file.name, file.stem, f"A{row + 2}"),
                f"Row {row + 2} is not a posting: {fault}.",
                "Give earlier postings as they were printed.",
                "wrong_value",
            )
    log.raise_if_errors()
    return found


def statement_lines(stated: Mapping[str, Any]) -> list[str]:
    """Spell a yearly statement."""
    lines = [
        f"{stated['title']}: {stated['year']}, {stated['status']}",
        "",
        f"  {'Line':<44}{'Baseline':>16}{'Outturn':>16}{'Gap':>14}{'Cash':>14}",
    ]
    for line in stated["lines"]:
        lines.append(
            f"  {fitted(line['title'], 43):<44}{pounds(line['baseline_pence']):>16}"
            f"{pounds(line['outturn_pence']):>16}{pounds(line['gap_pence']):>14}"
            f"{pounds(line['cash_pence']):>14}"
        )
    if stated["notional_pence"]:
        lines.append(
            "  Notional, with no cash behind it, and not paid:"
            f" {pounds(stated['notional_pence'], 2)}"
        )
    lines += ["", f"  {'Pool':<44}{pounds(stated['pool_pence'], 2):>16}"]
    lines += [
        f"  {'  kept back by ' + _step(kept['step']):<44}{pounds(kept['amount_pence'], 2):>16}"
        for kept in stated["kept_back"]
        if kept["amount_pence"]
    ]
    if stated["reinvested_pence"]:
        lines.append(
            f"  {'  set aside for transformation':<44}{pounds(stated['reinvested_pence'], 2):>16}"
        )
    lines += ["", f"  {'Party':<44}{'Share':>16}{'Fell on it':>16}{'Is due':>16}"]
    lines += [
        (
            f"  {fitted(party['title'], 43):<44}{pounds(party['share_pence'], 2):>16}"
            f"{pounds(party['fell_on_it_pence'], 2):>16}{pounds(party['due_pence'], 2):>16}"
        )
        for party in stated["parties"]
    ]
    if stated["postings"]:
        lines += ["", "  Postings"]
        lines += [
            f"  {posting['month']}  {posting['payer']} pays {posting['payee']}"
            f" {pounds(posting['amount_pence'], 2)}: {posting['reason']}"
            for posting in stated["postings"]
        ]
    if stated["unsettled"]:
        lines += ["", f"  Not settled yet between the parties: {', '.join(stated['unsettled'])}"]
    return lines


def _step(name: str) -> str:
    number, _, kind = name.partition("_")
    return f"step {int(number)}, {kind.replace('_', ' ')}"


def term_sheet_lines(terms: Mapping[str, Any]) -> list[str]:
    """Spell a term sheet."""
    lines = [
        terms["title"],
        (
            f"  Years: {terms['years'][0]} to {terms['years'][-1]}; settled {terms['frequency']};"
            f" shares {terms['what_is_shared'].replace('_', ' ')}"
        ),
    ]
    lines += [
        f"  {side.capitalize()} are shared until: {end}" for side, end in terms["ends"].items()
    ]
    lines += (
        [
            "",
            "Principles",
            *(
                f"  {found['id']}: {found['text']} (led to"
                f" {', '.join(found['led_to']) or 'nothing yet'})"
                for found in terms["principles"]
            ),
        ]
        if terms["principles"]
        else []
    )
    lines += ["", "What is covered"]
    for line in terms["lines"]:
        only = ", ".join(f"{name} {value}" for name, value in line["filters"].items())
        lines.append(
            f"  {line['title']} ({line['unit']},"
            f" {line['currency']}{'; only ' + only if only else ''})"
        )
        lines.append(
            f"    baseline from {line['baseline_from']}:"
            f" {_spelt_years(line['baseline'], lambda units: f'{round_half_up(units):,}')}"
        )
        if line["price_pounds"] is not None:
            by_year = _spelt_years(
                line["price_pounds"], lambda price: pounds(exact(price) * 100, 2)
            )
            lines.append(f"    price: {by_year}")
        lines.append(
            f"    source of cash: {line['source_of_cash'].replace('_', ' ')}; the gap falls first"
            f" on {line['gap_falls_on']}"
        )
    lines += ["", "Parties"]
    for party in terms["parties"]:
        lines.append(
            f"  {party['title']}"
            f" ({party['role']}"
            f"{', paid through ' + party['paid_through'] if party['paid_through'] else ''})"
        )
        lines += [
            f"    {side}: {_spelt_years(party[side], '{:.1%}'.format)}"
            for side in ("gains", "losses")
            if party[side] is not None
        ]
    lines += ["", "Steps, in this order"]
    for step in terms["steps"]:
        rest = "; ".join(
            f"{name.replace('_', ' ')} {value}"
            for name, value in step.items()
            if name not in ("step", "kind", "why") and value != ""
        )
        lines.append(
            f"  {step['step']}."
            f" {step['kind'].replace('_', ' ')}{': ' + rest if rest else ''}"
            f"{' (' + step['why'] + ')' if step['why'] else ''}"
        )
    lines += (
        ["", "Cliffs of the minimum rates", *(f"  {found}" for found in terms["cliffs"])]
        if terms.get("cliffs")
        else []
    )
    lines += (
        [
            "",
            "What a share of gains is worth at that chance of the gate opening",
            *(
                f"  {party}: {_spelt_years(shares, '{:.1%}'.format)}"
                for party, shares in terms["damped"].items()
            ),
        ]
        if terms.get("damped")
        else []
    )
    lines += (
        [
            "",
            "Reviews",
            *(f"  When {review['when']}: {review['then']}" for review in terms["reviews"]),
        ]
        if terms["reviews"]
        else []
    )
    lines += ["", f"Not settled yet: {', '.join(terms['unsettled'])}"] if terms["unsettled"] else []
    return lines


def damped_shares(arrangement: PartyArrangement, gate_opens: float) -> dict[str, dict[str, float]]:
    """Give what each party's share of gains is worth by year, where a gate opens only with some
    chance.

    Raises UsageProblem for an arrangement whose gains hang on no measure.
    """
    from wpb.incentives.conflicts import damping
    from wpb.sharing import steps
    from wpb.sharing.statement import by_year
    from wpb.sharing.values import Paired

    gates = [
        value
        for step in arrangement.steps
        if step.kind == "gate"
        for value in (step.values["gains"],)
        if isinstance(value, Paired) and value.rule is steps.reached
    ]
    if not gates:
        raise UsageProblem(
            f"No gate on gains of {arrangement.title} hangs on a measure, so nothing damps them."
        )
    return {
        party.party: {
            year: damping(share, gate_opens)
            for year, share in by_year(arrangement, party.gains, {"party": party.party}).items()
        }
        for party in arrangement.parties
        if party.gains is not None
    }


def cliff_lines(arrangement: PartyArrangement) -> list[str]:
    """Spell the cliffs of an arrangement's minimum rates."""
    from wpb.sharing.cliff import cliffs

    return [
        f"{found.year}: {found.side} of {found.rate:.2%} or more count from the first pound, so"
        f" that {pounds(found.jump_pence)} starts to be shared all at once"
        for found in cliffs(arrangement)
        if found.jump_pence
    ]


def _spelt_years(values: Mapping[str, float], spell: Callable[[float], str]) -> str:
    """Spell values by year, years with the same value together."""
    runs: list[tuple[str, str, float]] = []
    for year, value in values.items():
        if runs and runs[-1][2] == value:
            runs[-1] = (runs[-1][0], year, value)
        else:
            runs.append((year, year, value))
    if len(runs) == 1:
        return spell(runs[0][2])
    return ", ".join(
        f"{spell(value)} in {first if first == last else f'{first} to {last}'}"
        for first, last, value in runs
    )
