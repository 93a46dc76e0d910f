"""Spend that is likely entered twice: one provider's service in two contracts, or one amount on two
routes.

Source: handbook 2.1, 2.3; req 18, 383.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wpb.baseline.current_spend import CurrentSpend
from wpb.kernel.money import pounds
from wpb.kernel.places import Cell
from wpb.tables.findings import Finding, warned
from wpb.tables.methods.facts import BY_BLOCK_METHODS
from wpb.tables.model import Model

LEAST_PENCE = 100_000.0
"""Equal amounts below this are met by chance."""


@dataclass(frozen=True)
class _Entry:
    """One amount as it was entered: whose, for what, how much, and where."""

    name: str
    title: str
    route: str
    payer: str
    provider: str
    service: str
    pence: float
    place: Cell


def check_services_twice(model: Model, current: CurrentSpend) -> list[Finding]:
    """Warn where one commissioner pays one provider for one service by a block sum and by activity.

    Source: handbook 2.3, 2.4.1; req 18, 383.
    """
    contracts = model["contracts"]
    rows = {code: row for row, code in enumerate(contracts.text("contract"))}
    spend: dict[tuple[str, str, str], dict[str, float]] = {}
    amounts = current.spend.value[0, :, 0].tolist()
    for line, amount in zip(current.lines.lines, amounts, strict=True):
        if line.contract in rows and line.service_line and line.provider:
            key = (line.commissioner, line.provider, line.service_line)
            by_contract = spend.setdefault(key, {})
            by_contract[line.contract] = by_contract.get(line.contract, 0.0) + amount
    found = []
    for (payer, provider, service), by_contract in spend.items():
        block = [c for c in by_contract if _is_block(model, rows[c])]
        priced = [c for c in by_contract if not _is_block(model, rows[c])]
        if block and priced:
            words = " and ".join(f"{c} ({pounds(by_contract[c])})" for c in (*block, *priced))
            found.append(
                warned(
                    "service_paid_twice",
                    priced[0],
                    f"{payer} pays {provider} for {service} by a block sum and by activity:"
                    f" {words}. The same work may be entered twice.",
                    "Take it out of one of them, or note why both are paid.",
                    contracts.where(rows[priced[0]], "contract"),
                )
            )
    return found


def _is_block(model: Model, row: int) -> bool:
    return model["contracts"].columns["payment_basis"][row] in BY_BLOCK_METHODS


def check_amounts_twice(model: Model) -> list[Finding]:
    """Warn where one payer's amount is entered twice, to the penny: under one title, or on two
    routes to one provider. Like ones of a payer are told together.

    Source: handbook 2.1; req 18, 383.
    """
    groups: dict[tuple[str, float], list[_Entry]] = {}
    for entry in _entries(model):
        if abs(entry.pence) >= LEAST_PENCE:
            groups.setdefault((entry.payer, entry.pence), []).append(entry)
    told: dict[str, list[tuple[_Entry, _Entry]]] = {}
    for (payer, _), entries in groups.items():
        for place, second in enumerate(entries):
            first = next((one for one in entries[:place] if _alike(one, second)), None)
            if first is not None:
                told.setdefault(payer, []).append((first, second))
    found = []
    for payer, pairs in told.items():
        places = "; ".join(
            f"{one.name} ({one.route}) and {other.name} ({other.route}), {pounds(one.pence, 2)}"
            for one, other in pairs[:3]
        )
        found.append(
            warned(
                "amount_twice",
                payer,
                f"{payer} pays the same amount twice in {_counted(pairs)}: {places}.",
                "Take out what is entered twice; where both are paid, leave them as they are.",
                pairs[0][1].place,
            )
        )
    return found


def _counted(pairs: Sequence[tuple[_Entry, _Entry]]) -> str:
    return "one case" if len(pairs) == 1 else f"{len(pairs)} cases"


def _alike(one: _Entry, other: _Entry) -> bool:
    """Two entries of one amount under one title, or, on two routes, of one provider."""
    if one.title.casefold() == other.title.casefold() and one.service == other.service:
        return True
    return one.route != other.route and bool(one.provider) and one.provider == other.provider


def _entries(model: Model) -> list[_Entry]:
    """Amounts of contracts and of direct spend."""
    contracts, direct = model["contracts"], model["direct_spend"]
    values, amounts = contracts.numbers("value"), direct.numbers("value")
    found = [
        _Entry(code, title, "contracts", payer, provider, "", float(values[row]), place)
        for row, (code, title, payer, provider) in enumerate(
            zip(
                contracts.text("contract"),
                contracts.text("title"),
                contracts.text("commissioner"),
                contracts.text("provider"),
                strict=True,
            )
        )
        for place in (contracts.where(row, "value"),)
    ]
    for row, (code, title, payer, provider, service) in enumerate(
        zip(
            direct.text("budget_line"),
            direct.text("name"),
            direct.text("commissioner"),
            direct.text("provider"),
            direct.text("service_line"),
            strict=True,
        )
    ):
        place = direct.where(row, "value")
        found.append(
            _Entry(
                code, title, "direct_spend", payer, provider, service, float(amounts[row]), place
            )
        )
    return found
