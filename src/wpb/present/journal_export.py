"""The settlement ledger in the forms finance systems take: a CSV journal, and a Beancount file.

Source: handbook 1.1.5; req 232.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from wpb.kernel.calendar import month_start, next_month
from wpb.kernel.spreadsheet_text import csv_of
from wpb.live import LiveContract
from wpb.present.contract_view import manifest_digest
from wpb.settlement.ledger import Entry, balances

CSV_HEADINGS = (
    "journal",
    "date",
    "month",
    "account",
    "debit",
    "credit",
    "currency",
    "narrative",
    "corrects",
    "figure",
    "manifest",
)


def journal_csv(live: LiveContract, through: str = "") -> str:
    """Write two lines a posting: the payee's account debited, the payer's credited; both sides add
    to the same sum.

    through: the last month to write; '' for all the term.
    Source: handbook 1.1.5; req 232.
    """
    rows: list[Sequence[object]] = []
    rows.append(CSV_HEADINGS)
    currency, manifest = live.model.settings.currency, manifest_digest(live)
    for number, entry in enumerate(_entries(live, through), start=1):
        posting = entry.posting
        amount = _decimal(posting.amount_pence)
        of_run = entry.manifest or manifest
        same = (currency, posting.reason, entry.corrects, posting.figure, of_run)
        for account, debit, credit in ((posting.payee, amount, ""), (posting.payer, "", amount)):
            rows.append(
                (
                    f"{number:06d}",
                    month_start(posting.month).isoformat(),
                    posting.month,
                    account,
                    debit,
                    credit,
                    *same,
                )
            )
    return csv_of(rows)


def journal_beancount(live: LiveContract, through: str = "") -> str:
    """Write the ledger as a Beancount file: an account for each party, a transaction for each
    posting, balances at the end.

    through: the last month to write; '' for all the term.
    Source: handbook 1.1.5; req 232.
    """
    currency, manifest = live.model.settings.currency, manifest_digest(live)
    entries = _entries(live, through)
    accounts = accounts_of(
        {party for entry in entries for party in (entry.posting.payer, entry.posting.payee)}
    )
    first = min((entry.posting.month for entry in entries), default=f"{live.terms.starts_on:%Y-%m}")
    title = live.model.settings.title.replace('"', "'")
    lines = [
        f'option "title" "{title}: settlement of {live.terms.contract}"',
        f'option "operating_currency" "{currency}"',
        "",
    ]
    lines += [f"{month_start(first)} open {account} {currency}" for account in accounts.values()]
    for entry in entries:
        lines += ["", *_transaction(entry, accounts, currency, manifest)]
    last = max((entry.posting.month for entry in entries), default=first)
    after = month_start(next_month(last))
    lines += [
        "",
        *(
            f"{after} balance {accounts[party]}  {_decimal(pence)} {currency}"
            for party, pence in balances(entry.posting for entry in entries).items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _entries(live: LiveContract, through: str) -> tuple[Entry, ...]:
    return (live.settlement.through(through) if through else live.settlement).entries


def _decimal(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def account_of(party: str) -> str:
    """The Beancount account of a party: letters, digits and dashes, starting with a capital."""
    cleaned = re.sub(r"[^A-Za-z0-9-]", "-", party)
    return (
        f"Assets:Parties:{cleaned[0].upper()}{cleaned[1:]}"
        if cleaned[0].isalnum()
        else f"Assets:Parties:X{cleaned}"
    )


def accounts_of(parties: Iterable[str]) -> dict[str, str]:
    """The account of each party; two codes that Beancount could not tell apart are numbered."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for party in sorted(parties):
        account, number = account_of(party), 1
        while account in taken:
            number += 1
            account = f"{account_of(party)}-{number}"
        found[party] = account
        taken.add(account)
    return found


def _transaction(
    entry: Entry, accounts: Mapping[str, str], currency: str, manifest: str
) -> list[str]:
    posting = entry.posting
    amount = _decimal(posting.amount_pence)
    reason = posting.reason.replace("\\", "/").replace('"', "'")
    found = [
        f'{month_start(posting.month)} * "{reason}"',
        f'  figure: "{posting.figure}"',
        f'  manifest: "{entry.manifest or manifest}"',
    ]
    if entry.corrects:
        found.append(f'  corrects: "{entry.corrects}"')
    return [
        *found,
        f"  {accounts[posting.payee]}  {amount} {currency}",
        f"  {accounts[posting.payer]}  -{amount} {currency}",
    ]
