"""Paying a settlement through existing bilateral contracts: on account, at final outturn, and by correction after it."""

from __future__ import annotations

from collections.abc import Sequence

from wpb.kernel.posting import Posting
from wpb.sharing.parties import Contract, PartyArrangement
from wpb.sharing.settle_parties import Rounded

FINAL = "final"
PROVISIONAL = "provisional"


def route(arrangement: PartyArrangement, party: str) -> list[Contract] | None:
    """Find the contracts by which money goes between a party and the one that keeps the rest; None where there is no way.

    Source: handbook 6.4.6; req 286, 317.
    """
    contracts = {contract.contract: contract for contract in arrangement.contracts}
    own = {holder.party: holder.contract for holder in arrangement.parties}
    way: list[Contract] = []
    at = party
    while at != arrangement.retained_by:
        contract = contracts.get(own.get(at, ""))
        if contract is None or contract in way or at not in (contract.payer, contract.payee):
            return None
        way.append(contract)
        at = contract.payer if contract.payee == at else contract.payee
    return way


def transfers(arrangement: PartyArrangement, due: dict[str, int]) -> dict[tuple[str, str], int]:
    """Turn what each party is due into payments along the contracts: (payer, payee) and whole pence above nought.

    Payments of several parties over one contract are added up before they are paid.
    Source: handbook 6.4.6; req 286.

    Raises ValueError for a party that no contract leads to.
    """
    over: dict[tuple[str, str], int] = {}
    for party, amount in due.items():
        if party == arrangement.retained_by or amount == 0:
            continue
        way = route(arrangement, party)
        if way is None:
            raise ValueError(f"{party} has no contract to be paid through")
        at = party
        for contract in way:
            other = contract.payer if contract.payee == at else contract.payee
            pair = (other, at) if other <= at else (at, other)
            over[pair] = over.get(pair, 0) + (amount if pair[0] == other else -amount)
            at = other
    return {(pair if amount > 0 else (pair[1], pair[0])): abs(amount) for pair, amount in over.items() if amount}


def settlement_postings(arrangement: PartyArrangement, rounded: Rounded, year: str, month: str, status: str, posted: Sequence[Posting] = (), months: int = 12) -> list[Posting]:
    """Give the postings that bring what has been paid for a year to what is due.

    Provisional: the difference between what is due to date and what was posted before, on account. Final: the same,
    to the last penny. After a final settlement, a revised outturn reverses every posting of the year and makes it
    anew, so that nothing changes in silence; an outturn that changes nothing gives no posting.
    Source: handbook 6.4.6; req 286.

    Raises ValueError for a status that is neither provisional nor final, or provisional after final.
    """
    if status not in (PROVISIONAL, FINAL):
        raise ValueError(f"'{status}' is neither provisional nor final")
    figure = f"sharing/{arrangement.name}/{year}"
    earlier = [posting for posting in posted if posting.figure == figure]
    closed = any(f"{year} {FINAL} settlement" in posting.reason for posting in earlier)
    due = transfers(arrangement, dict(rounded.due))
    if closed and status == PROVISIONAL:
        raise ValueError(f"{year} was settled finally; only a revised final outturn can change it")
    if closed:
        return _corrections(arrangement, due, earlier, year, month, figure)
    until = "" if months == 12 else f" to month {months}"
    reason = f"{arrangement.title}: {year} {status} settlement{until}"
    return [Posting(month, payer, payee, amount, reason, figure) for (payer, payee), amount in _less_posted(due, earlier).items()]


def _less_posted(due: dict[tuple[str, str], int], posted: Sequence[Posting]) -> dict[tuple[str, str], int]:
    """Take what was posted from what is due, by pair of parties; nothing is left out and nothing is below nought."""
    net: dict[tuple[str, str], int] = {}
    for (payer, payee), amount in due.items():
        _add(net, payer, payee, amount)
    for posting in posted:
        _add(net, posting.payer, posting.payee, -posting.amount_pence)
    return {(pair if amount > 0 else (pair[1], pair[0])): abs(amount) for pair, amount in sorted(net.items()) if amount}


def _add(net: dict[tuple[str, str], int], payer: str, payee: str, amount: int) -> None:
    pair = (payer, payee) if payer <= payee else (payee, payer)
    net[pair] = net.get(pair, 0) + (amount if pair[0] == payer else -amount)


def _corrections(arrangement: PartyArrangement, due: dict[tuple[str, str], int], earlier: Sequence[Posting], year: str, month: str, figure: str) -> list[Posting]:
    if not _less_posted(due, earlier):
        return []
    standing = _less_posted({}, [posting.reversed(posting.month, posting.reason) for posting in earlier])
    undo = f"{arrangement.title}: reversal of the {year} {FINAL} settlement, whose outturn was revised"
    anew = f"{arrangement.title}: {year} {FINAL} settlement on the revised outturn"
    back = [Posting(month, payee, payer, amount, undo, figure) for (payer, payee), amount in standing.items()]
    return [*back, *(Posting(month, payer, payee, amount, anew, figure) for (payer, payee), amount in sorted(due.items()))]
