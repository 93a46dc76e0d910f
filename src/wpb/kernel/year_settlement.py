"""From what is due for a year to the postings that bring what was paid to it: on account, final,
corrected by reversal.

Source: handbook 6.4.6; req 286.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wpb.kernel.posting import Posting

PROVISIONAL, FINAL = "provisional", "final"
Due = Mapping[tuple[str, str], int]
"""By payer and payee, whole pence above nought."""


def year_postings(
    title: str,
    figure: str,
    due: Due,
    year: str,
    month: str,
    status: str,
    posted: Sequence[Posting] = (),
    months: int = 12,
) -> list[Posting]:
    """Give the postings that bring what has been paid for a year to what is due.

    Provisional: the difference between what is due to date and what was posted before, on account.
    Final: the same, to the last penny. After a final settlement, a revised outturn reverses every
    posting of the year and makes it anew, so that nothing changes in silence; an outturn that
    changes nothing gives no posting.

    Raises ValueError for a status that is neither provisional nor final, or provisional after
    final.
    """
    if status not in (PROVISIONAL, FINAL):
        raise ValueError(f"'{status}' is neither provisional nor final")
    earlier = [posting for posting in posted if posting.figure == figure]
    closed = any(f"{year} {FINAL} settlement" in posting.reason for posting in earlier)
    if closed and status == PROVISIONAL:
        raise ValueError(f"{year} was settled finally; only a revised final outturn can change it")
    if closed:
        return _corrections(title, due, earlier, year, month, figure)
    until = "" if months == 12 else f" to month {months}"
    reason = f"{title}: {year} {status} settlement{until}"
    return [
        Posting(month, payer, payee, amount, reason, figure)
        for (payer, payee), amount in _less_posted(due, earlier).items()
    ]


def _less_posted(due: Due, posted: Sequence[Posting]) -> dict[tuple[str, str], int]:
    """Take what was posted from what is due, by pair of parties; nothing is left out and nothing is
    below nought.
    """
    net: dict[tuple[str, str], int] = {}
    for (payer, payee), amount in due.items():
        _add(net, payer, payee, amount)
    for posting in posted:
        _add(net, posting.payer, posting.payee, -posting.amount_pence)
    return {
        (pair if amount > 0 else (pair[1], pair[0])): abs(amount)
        for pair, amount in sorted(net.items())
        if amount
    }


def _add(net: dict[tuple[str, str], int], payer: str, payee: str, amount: int) -> None:
    pair = (payer, payee) if payer <= payee else (payee, payer)
    net[pair] = net.get(pair, 0) + (amount if pair[0] == payer else -amount)


def _corrections(
    title: str, due: Due, earlier: Sequence[Posting], year: str, month: str, figure: str
) -> list[Posting]:
    if not _less_posted(due, earlier):
        return []
    standing = _less_posted(
        {}, [posting.reversed(posting.month, posting.reason) for posting in earlier]
    )
    undo = f"{title}: reversal of the {year} {FINAL} settlement, whose outturn was revised"
    anew = f"{title}: {year} {FINAL} settlement on the revised outturn"
    back = [
        Posting(month, payee, payer, amount, undo, figure)
        for (payer, payee), amount in standing.items()
    ]
    return [
        *back,
        *(
            Posting(month, payer, payee, amount, anew, figure)
            for (payer, payee), amount in sorted(due.items())
        ),
    ]
