"""Payments that belong to one month: outside providers, activity delivered, incentives earned, and
sums agreed once.

Source: handbook 1.1.5, 1.1.6, 5.3; overview 2, 3.5; req 210, 231, 232.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from wpb.contract.events import Event
from wpb.contract.subcontracts import Subcontract
from wpb.contract.terms import Terms, on_day
from wpb.contract.versions import ContractHistory
from wpb.kernel.calendar import month_of, month_start
from wpb.kernel.ledger import TOTAL, Array, Axis, Ledger, Ref, Rule
from wpb.kernel.money import round_parts, whole_pence
from wpb.kernel.places import Cell, Place
from wpb.kernel.posting import MONTH_PATTERN
from wpb.kernel.problems import ProblemLog
from wpb.tables.contract_records import AchievedShare, MonthlyItem
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

Payees = Callable[[str, str, int, int], Mapping[str, int]]
"""Who is paid pence of an element, payer and stream, and year, and how much each; '' for what
nobody is paid.
"""
GAIN_LOSS = "gain_loss"
"""What a payment event refers to where it settles a gain or loss, of which partners take their
shares.
"""


def activity_cost(units: Array, unit_price_pence: Array) -> Array:
    """What an outside provider is paid: units x price in force.

    Source: handbook 1.1.6; overview 3.5; req 231, 358.
    """
    return units * unit_price_pence


def price_on(model: Model, service_line: str, activity_type: str, day: datetime.date) -> int | None:
    """The row of the price in force on a day; None where there is none.

    Source: handbook 1.1.6; SCIE 3, Isle of Wight case; req 231, 339.
    """
    table = model["aqp_prices"]
    found = [
        (on_day(str(table.columns["price_from"][row])), row)
        for row in table.rows_where("service_line", service_line)
        if table.columns["activity_type"][row] == activity_type
    ]
    past = [pair for pair in found if pair[0] <= day]
    return max(past)[1] if past else None


def outside_providers(
    model: Model, terms: Terms, ledger: Ledger, known_on: datetime.date | None, problems: ProblemLog
) -> list[MonthlyItem]:
    """Pay providers outside the contract that patients chose: by the lead, or by the commissioner,
    who deducts it where there is a lead.

    Source: handbook 1.1.6; overview 3.5; req 231, 358.
    """
    table = model["external_activity"]
    rows: list[tuple[int, int]] = []
    for row in range(len(table)):
        month, line, kind = (
            str(table.columns[name][row]) for name in ("month", "service_line", "activity_type")
        )
        if not _in_term(month, terms):
            problems.error(
                table.where(row, "month"),
                f"'{month}' is not a month of the contract.",
                "Write months as 2028-05.",
                "month_outside_term",
            )
        elif known_on is None or on_day(str(table.columns["known_on"][row])) <= known_on:
            price = price_on(model, line, kind, month_start(month))
            if price is None:
                problems.error(
                    table.where(row, "activity_type"),
                    f"There is no price for {kind} of {line} in {month}.",
                    "Enter it in aqp_prices: an outside provider is paid at a stated price.",
                    "price_missing",
                )
            else:
                rows.append((row, price))
    if not rows or problems.errors:
        return []
    prices = model["aqp_prices"]
    axis = Axis("month, provider and activity", tuple(table.key_of(row) for row, _ in rows))
    units = ledger.leaf(
        "wpb/outside_providers/units",
        axis,
        "units",
        np.array([float(table.numbers("units")[row]) for row, _ in rows]),
        lambda r, y: table.where(rows[r][0], "units"),
        title="Units",
    )
    price_block = ledger.leaf(
        "wpb/outside_providers/price",
        axis,
        "pence",
        np.array([float(prices.numbers("unit_price")[price]) for _, price in rows]),
        lambda r, y: prices.where(rows[r][1], "unit_price"),
        title="Price of one unit",
    )
    cost = ledger.add(
        "wpb/outside_providers",
        activity_cost,
        axis,
        "pence",
        title="Outside providers",
        units=units,
        unit_price_pence=price_block,
    )
    items = []
    for at, (row, _) in enumerate(rows):
        text = {
            name: str(table.columns[name][row])
            for name in (
                "month",
                "provider",
                "commissioner",
                "service_line",
                "activity_type",
                "known_on",
            )
        }
        key = ".".join(
            (
                "outside",
                *(
                    text[name]
                    for name in (
                        "month",
                        "provider",
                        "commissioner",
                        "service_line",
                        "activity_type",
                    )
                ),
            )
        )
        pence, figure, known = (
            whole_pence(cost.at(at, 0)),
            f"{cost.id}/{axis.codes[at]}",
            on_day(text["known_on"]),
        )
        words = (
            f"Patient choice: {text['activity_type']}, {text['service_line']}, by"
            f" {text['provider']} in {text['month']}"
        )
        if terms.outside_providers == "lead_pays" and terms.form != "virtual":
            items.append(
                MonthlyItem(
                    key,
                    text["month"],
                    terms.lead_provider,
                    text["provider"],
                    pence,
                    words,
                    figure,
                    known,
                )
            )
        else:
            items.append(
                MonthlyItem(
                    key,
                    text["month"],
                    text["commissioner"],
                    text["provider"],
                    pence,
                    words,
                    figure,
                    known,
                )
            )
            if terms.form != "virtual":
                items.append(
                    MonthlyItem(
                        f"{key}.deducted",
                        text["month"],
                        terms.lead_provider,
                        text["commissioner"],
                        pence,
                        f"{words}, deducted",
                        figure,
                        known,
                    )
                )
    return items


def delivered_activity(
    model: Model, terms: Terms, ledger: Ledger, known_on: datetime.date | None, problems: ProblemLog
) -> list[MonthlyItem]:
    """Put right what was paid on account for services paid by activity: delivered - paid on
    account.

    Source: overview 2; req 210.
    """
    table = model["delivered_activity"]
    rows = [
        row
        for row in range(len(table))
        if known_on is None or on_day(str(table.columns["known_on"][row])) <= known_on
    ]
    if rows and terms.form == "virtual":
        problems.error(
            table.where(rows[0], "month"),
            "Activity delivered is entered, and in a virtual model it is paid under each provider's"
            " own contract.",
            "Take the rows out: there is no lead provider to pay them to.",
            "virtual_activity",
        )
    for row in rows:
        if not _in_term(str(table.columns["month"][row]), terms):
            problems.error(
                table.where(row, "month"),
                f"'{table.columns['month'][row]}' is not a month of the contract.",
                "Write months as 2028-05.",
                "month_outside_term",
            )
    if not rows or problems.errors:
        return []
    axis = Axis("month and payer", tuple(table.key_of(row) for row in rows))
    amounts = [float(table.numbers("amount")[row]) for row in rows]
    block = ledger.leaf(
        "wpb/delivered_activity",
        axis,
        "pence",
        np.array(amounts),
        lambda r, y: table.where(rows[r], "amount"),
        title="Activity delivered",
    )
    items = []
    for at, row in enumerate(rows):
        month, commissioner, stream, known = (
            str(table.columns[name][row])
            for name in ("month", "commissioner", "funding_stream", "known_on")
        )
        items.append(
            MonthlyItem(
                f"delivered.{month}.{commissioner}.{stream}",
                month,
                commissioner,
                terms.lead_provider,
                whole_pence(amounts[at]),
                f"Activity delivered in {month} less paid on account",
                f"{block.id}/{axis.codes[at]}",
                on_day(known),
                f"activity_paid/{commissioner}.{stream}",
            )
        )
    return items


def earned_incentives(
    model: Model,
    terms: Terms,
    history: ContractHistory,
    ledger: Ledger,
    known_on: datetime.date | None,
    earned: Rule,
    worked_out: Mapping[tuple[str, str], Sequence[AchievedShare]],
    payees: Payees,
) -> list[MonthlyItem]:
    """Pay what incentive schemes earned, once it is settled, and what later reports change: by each
    commissioner in each stream.

    earned: the rule of the incentive schemes, of payment_pence, rate and achieved. worked_out: by
    scheme and year, the share achieved where it is worked out from metrics; elsewhere it is the one
    entered. payees: who is paid a commissioner's money.

    Source: handbook 5.3; overview 5.1; req 210, 246.
    """
    table, cells, part = model["incentive_choices"], history.tree.cells, history.tree.part
    items: list[MonthlyItem] = []
    for row in range(len(table)):
        scheme, year = str(table.columns["scheme"][row]), str(table.columns["year"][row])
        shares = (
            worked_out.get((scheme, year), _entered_share(table, row, ledger))
            if year in terms.years
            else []
        )
        wanted = [
            cell
            for cell in range(len(cells))
            if str(table.columns["parts"][row]) in ("both", f"part_{part[cell].lower()}")
        ]
        axis, at = (
            Axis("commissioner and stream", tuple(cells.codes[cell] for cell in wanted)),
            terms.years.index(year) if shares else 0,
        )
        for number, share in enumerate(shares):
            if known_on is not None and share.known_on > known_on:
                continue
            name = f"wpb/incentives_earned/{scheme}/{year}" + (
                f"/{share.known_on}" if number else ""
            )
            payment = history.at(share.settled_on).before_withholding
            paid = ledger.total(
                f"{name}/payment",
                axis,
                (payment, [axis.positions.get(code, -1) for code in cells.codes]),
                title="Payment before withholding",
            )
            rate = ledger.leaf(
                f"{name}/rate",
                axis,
                "rate",
                np.full(len(wanted), float(table.numbers("rate")[row])),
                _at(table.where(row, "rate")),
                title="Rate of the scheme",
            )
            block = ledger.add(
                name,
                earned,
                axis,
                "pence",
                terms.years,
                "Incentive earned",
                payment_pence=paid,
                rate=rate,
                achieved=Ref(share.figure, np.zeros(len(wanted), dtype=np.int64)),
            )
            for code, pence in zip(
                axis.codes, round_parts(block.value[0, :, at].tolist(), axis.codes), strict=True
            ):
                words = f"{scheme} earned for {year} ({share.figure.at(0, 0):.0%} achieved)"
                for payee, paid_pence in payees("wpap", code, at, pence).items():
                    if payee and (paid_pence or number):
                        key = f"earned.{scheme}.{year}.{code}" + (
                            f".{payee}" if terms.form == "virtual" else ""
                        )
                        items.append(
                            MonthlyItem(
                                key,
                                month_of(share.settled_on),
                                code.split(".", 1)[0],
                                payee,
                                paid_pence,
                                words,
                                f"{name}/{year}/{code}",
                                share.known_on,
                            )
                        )
    return items


def _entered_share(table: TypedTable, row: int, ledger: Ledger) -> list[AchievedShare]:
    """The share achieved as it was entered; none where it is not settled yet."""
    settled, achieved = str(table.columns["settled_on"][row]), float(table.numbers("achieved")[row])
    if not settled or math.isnan(achieved):
        return []
    name = (
        f"wpb/incentives_earned/{table.columns['scheme'][row]}/{table.columns['year'][row]}"
        "/achieved"
    )
    return [
        AchievedShare(
            on_day(settled),
            on_day(settled),
            ledger.leaf(
                name,
                TOTAL,
                "share",
                [achieved],
                _at(table.where(row, "achieved")),
                title="Share achieved",
            ),
        )
    ]


def _at(cell: Cell) -> Callable[[int, int], Place]:
    return lambda row, year: cell


def agreed_sums(
    events: list[Event], terms: Terms, subcontracts: list[Subcontract], ledger: Ledger
) -> list[MonthlyItem]:
    """Pay sums agreed once: fixed-cost support, settlements, the tail of a gain share; corrected by
    a later event.

    A gain or loss of the lead provider is passed on to its partners by their shares.
    Source: handbook 1.1.5, 6.4.6; overview 3.4; req 232.
    """
    payments = {event.code: event for event in events if event.kind == "payment"}
    chosen = [
        event
        for event in events
        if event.code in payments or (event.kind == "correction" and event.refers_to in payments)
    ]
    if not chosen:
        return []
    axis = Axis("event", tuple(event.code for event in chosen))
    block = ledger.leaf(
        "wpb/sums_agreed",
        axis,
        "pence",
        np.array([event.amount_pence for event in chosen]),
        lambda r, y: chosen[r].place,
        title="Sum agreed",
    )
    disputed = {event.refers_to: event.code for event in events if event.kind == "dispute"}
    items = []
    for event in chosen:
        first = payments[event.code if event.code in payments else event.refers_to]
        reason = event.reason + (
            f"; without prejudice to {disputed[first.code]}" if first.code in disputed else ""
        )
        figure, month = (
            f"{block.id}/{event.code}",
            month_of(max(first.effective_on, terms.starts_on)),
        )
        pence = whole_pence(event.amount_pence)
        items.append(
            MonthlyItem(
                f"sum.{first.code}",
                month,
                first.party,
                first.counterparty,
                pence,
                reason,
                figure,
                event.known_on,
            )
        )
        if first.refers_to == GAIN_LOSS and terms.lead_provider in (
            first.party,
            first.counterparty,
        ):
            items += _passed_on(event, first, month, pence, reason, figure, terms, subcontracts)
    return items


def _passed_on(
    event: Event,
    first: Event,
    month: str,
    pence: int,
    reason: str,
    figure: str,
    terms: Terms,
    subcontracts: list[Subcontract],
) -> list[MonthlyItem]:
    sharing = [sub for sub in subcontracts if sub.gain_loss_share > 0]
    kept = 1 - sum(sub.gain_loss_share for sub in sharing)
    parts = round_parts(
        [pence * share for share in (*(sub.gain_loss_share for sub in sharing), kept)],
        [*(sub.code for sub in sharing), "~kept"],
        pence,
    )
    found = []
    for sub, part in zip(sharing, parts, strict=False):
        payer, payee = (
            (terms.lead_provider, sub.payee)
            if first.counterparty == terms.lead_provider
            else (sub.payee, terms.lead_provider)
        )
        if payer != payee:
            found.append(
                MonthlyItem(
                    f"sum.{first.code}.{sub.code}",
                    month,
                    payer,
                    payee,
                    part,
                    f"{reason}: share of {sub.code}",
                    figure,
                    event.known_on,
                )
            )
    return found


def _in_term(month: str, terms: Terms) -> bool:
    return bool(MONTH_PATTERN.match(month)) and month_of(terms.starts_on) <= month <= month_of(
        terms.ends_on
    )
