"""A settlement pack: one zip of CSVs from which an outsider works a party's year out again, by
contract, rule and posting, to the penny.

Source: handbook 1.1.5; overview Table 1; req 212, 232, 390.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import wpb
from wpb.kernel.calendar import (
    is_financial_year,
    month_start,
    months_of,
    next_month,
    year_of,
)
from wpb.kernel.money import pounds
from wpb.kernel.problems import UsageProblem
from wpb.kernel.spreadsheet_text import csv_of
from wpb.live import LiveContract, input_digest
from wpb.present.statements import check_party, statement_figures, status_of
from wpb.settlement.ledger import Entry
from wpb.settlement.months import DAY
from wpb.settlement.replay import changes_of
from wpb.tables.sealed_record import CORRECTION

STAMP = (2020, 1, 1, 0, 0, 0)
"""The same pack is the same file, byte for byte."""
Rows = list[list[object]]

README = """\
Settlement pack: {title}
Contract {contract}, party {party}, financial year {year}

This file holds all that is needed to work out again what {party} paid and received in {year}.
Amounts are whole pence. Money owed the other way is posted with payer and payee turned round.

contract.csv    terms, rule within a year, versions of wpb, digest of the inputs, hash of the record
versions.csv    each version of the contract, the event behind it, and the first month it can alter
months.csv      each month: part of the year's profile, days, when its instalment was fixed, closed
streams.csv     each standing payment: who pays whom, for what, from when until when
changes.csv     each value of a year, with the month it can first alter and the weights of 12 months
items.csv       each sum that belongs to one month, with the day it was known
successions.csv who took whose place, from when
postings.csv    every posting of {party} in {year}, with the rule that made it
statement.csv   {party} month by month: brought forward + received - paid = carried forward
inputs.csv      the files the contract was worked out from, by SHA-256

HOW TO WORK IT OUT AGAIN

1. First month (versions.csv). Take the month of the later of known_on and starts_on. Go to the next
   month while fixed_on is before known_on, or closed_on is before known_on.
2. Weight of a month. Its part of the profile x days within the term / days of the month.
3. To share whole pence by weights: multiply by each weight, divide by all weights, round down; give
   one penny each to the largest remainders, of equal ones to the earlier month.
4. Instalments (rule 'instalment'). For each stream and year, take the rows of changes.csv in order.
   The first shares its value over all twelve months. For each later one:
   - remaining_months: its value less what the months before its first month are paid (and less
     corrections posted earlier) is shared over the months from its first month on.
   - catch_up: the change is shared over the months from which it holds; the part of months before
     its first month is added to that month. Where the weights differ from those of the first row,
     remaining_months is used.
   - Where its first month is after the year (position 12) or no month left has a weight, the change
     is shared over the months from which it holds. Each part is posted in the first month of its
     version, as a correction of its own month (rule 'correction').
5. Items (rule 'item'). Take the items of one key in order of known_on. Each is posted in the later
   of its month and the month of known_on; while that month was closed before known_on, in the next.
   It is reduced by the instalment that it takes the place of, if any. Where an earlier item of the
   key was posted, that posting is reversed in the same month (rule 'reversal').
6. Successions. A posting in or after the month of effective_on goes to the successor. Where its
   month is before the first month that the succession can alter (found as in 1), it stays, and the
   sum is passed on between the two in that first month (rule 'passed_on').
7. A month with sealed = yes was closed and its postings kept. Rule 'dated_correction': the posting
   was entered where a newer wpb worked something out otherwise; it says why.
8. Add up postings.csv: it gives statement.csv. In {year} {party} received {received} and paid
   {paid}.
"""


def write_pack(live: LiveContract, party: str, year: str, path: Path) -> dict[str, int]:
    """Write the pack of one party and year, and give how many rows each of its tables has.

    Raises UsageProblem for an unknown party, a year outside the term, or a name that is no .zip.
    Source: handbook 1.1.5; req 232, 390.
    """
    if path.suffix.lower() != ".zip":
        raise UsageProblem(f"{path} does not end in .zip. Give the name of a zip file.")
    if not is_financial_year(year):
        raise UsageProblem(f"'{year}' is not a year; write it as 2028-29")
    check_party(live, party)
    posted = [
        entry
        for entry in live.settlement.entries
        if party in (entry.posting.payer, entry.posting.payee)
        and year_of(month_start(entry.posting.month)) == year
    ]
    if not posted:
        raise UsageProblem(f"{party} pays and receives nothing in {year}")
    tables = _tables(live, party, year, posted)
    received, paid = (
        sum(e.posting.amount_pence for e in posted if party == getattr(e.posting, side))
        for side in ("payee", "payer")
    )
    readme = README.format(
        title=live.model.settings.title,
        contract=live.terms.contract,
        party=party,
        year=year,
        received=pounds(received, 2),
        paid=pounds(paid, 2),
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as pack:
        _add(pack, "README.txt", readme)
        for name, rows in tables.items():
            _add(pack, name, csv_of(rows))
    path.write_bytes(written.getvalue())
    return {name: len(rows) - 1 for name, rows in tables.items()}


def _add(pack: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    pack.writestr(entry, text.encode())


def _tables(live: LiveContract, party: str, year: str, posted: list[Entry]) -> dict[str, Rows]:
    keys = {entry.key for entry in posted}
    years = [one for one in live.terms.years if one <= year]
    return {
        "contract.csv": _contract(live, party, year),
        "versions.csv": _versions(live),
        "months.csv": _months(live),
        "streams.csv": _streams(live, keys),
        "changes.csv": _changes(live, keys, years),
        "items.csv": _items(live, keys),
        "successions.csv": _successions(live),
        "postings.csv": _postings(live, posted),
        "statement.csv": _statement(live, party, year),
        "inputs.csv": _inputs(live),
    }


def _inputs(live: LiveContract) -> Rows:
    rows: Rows = [["file", "sha256"]]
    for file, digest in sorted(live.model.input_hashes.items()):
        rows.append([file, digest])
    return rows


def _contract(live: LiveContract, party: str, year: str) -> Rows:
    return [
        ["what", "value"],
        ["contract", live.terms.contract],
        ["party", party],
        ["year", year],
        ["currency", live.model.settings.currency],
        ["starts_on", live.terms.starts_on.isoformat()],
        ["ends_on", live.history.at(None).ends_on.isoformat()],
        ["in_year_rule", live.terms.in_year_rule],
        ["notice_days", live.terms.notice_days],
        ["wpb", wpb.__version__],
        ["manifest", input_digest(live.model)],
        ["record_head", live.held.record.head],
    ]


def _versions(live: LiveContract) -> Rows:
    rows: Rows = [
        ["version", "event", "kind", "known_on", "effective_on", "ends_on", "first_month", "title"]
    ]
    return rows + [
        [
            one.name,
            one.event,
            one.event_kind,
            one.known_on.isoformat(),
            one.effective_on.isoformat(),
            one.ends_on.isoformat(),
            live.plan.calendar.first_open(one.known_on),
            one.title,
        ]
        for one in live.history.versions
        if one.number
    ]


def _months(live: LiveContract) -> Rows:
    """Every month of the contract's years, and those after in which something is still posted."""
    months = [month for year in live.terms.years for month in months_of(year)]
    last = max(entry.posting.month for entry in live.settlement.entries)
    last = max(last, *(live.plan.calendar.first_open(v.known_on) for v in live.history.versions))
    while months[-1] < last:
        months.append(next_month(months[-1]))
    calendar, closed = live.plan.calendar, live.plan.calendar.closed_on
    rows: Rows = [["month", "year", "profile_share", "days", "fixed_on", "closed_on", "sealed"]]
    for month in months:
        year = year_of(month_start(month))
        rows.append(
            [
                month,
                year,
                repr(calendar.profile[months_of(year).index(month)]),
                (month_start(next_month(month)) - DAY).day,
                calendar.fixed_on(month).isoformat(),
                closed[month].isoformat() if month in closed else "",
                "yes" if month in live.held.record.months else "no",
            ]
        )
    return rows


def _streams(live: LiveContract, keys: set[str]) -> Rows:
    rows: Rows = [["stream", "payer", "payee", "element", "starts_on", "ends_on", "reason"]]
    found = {
        key: one
        for version in live.plan.versions
        for key, one in version.payments.items()
        if key in keys
    }
    return rows + [
        [
            key,
            one.payer,
            one.payee,
            one.element,
            one.starts_on.isoformat() if one.starts_on else "",
            one.ends_on.isoformat() if one.ends_on else "",
            one.reason,
        ]
        for key, one in sorted(found.items())
    ]


def _changes(live: LiveContract, keys: set[str], years: list[str]) -> Rows:
    rows: Rows = [
        [
            *("stream", "year", "version", "event", "position", "holds_from", "value_pence"),
            *(f"weight_{month[5:]}" for month in months_of(years[0])),
            "figure",
        ]
    ]
    streams = {key for version in live.plan.versions for key in version.payments if key in keys}
    for key in sorted(streams):
        for year in years:
            rows += [
                [
                    key,
                    year,
                    f"v{change.version}",
                    change.event,
                    change.position,
                    change.from_month,
                    change.amount_pence,
                    *(repr(weight) for weight in change.weights),
                    change.figure,
                ]
                for change in changes_of(live.plan, key, year)
            ]
    return rows


def _items(live: LiveContract, keys: set[str]) -> Rows:
    rows: Rows = [
        [
            "key",
            "month",
            "payer",
            "payee",
            "pence",
            "known_on",
            "takes_place_of",
            "figure",
            "reason",
        ]
    ]
    return rows + [
        [
            item.key,
            item.month,
            item.payer,
            item.payee,
            item.pence,
            item.known_on.isoformat(),
            item.replaces_standing,
            item.figure,
            item.reason,
        ]
        for item in sorted(live.plan.items, key=lambda item: (item.key, item.known_on))
        if item.key in keys
    ]


def _successions(live: LiveContract) -> Rows:
    rows: Rows = [["event", "predecessor", "successor", "effective_on", "known_on", "first_month"]]
    return rows + [
        [
            one.event,
            one.predecessor,
            one.successor,
            one.effective_on.isoformat(),
            one.known_on.isoformat(),
            live.plan.calendar.first_open(one.known_on),
        ]
        for one in sorted(live.plan.successions, key=lambda one: (one.effective_on, one.known_on))
    ]


def rule_of(entry: Entry) -> str:
    """The rule that made a posting, as the pack's README numbers them.

    Source: overview Table 1; handbook 1.1.5; req 390.
    """
    reason = entry.posting.reason
    if entry.key.startswith(CORRECTION):
        return "dated_correction"
    if reason.startswith("Passed on from "):
        return "passed_on"
    if reason.startswith("Reversal of "):
        return "reversal"
    if entry.element == "item":
        return "item"
    return "correction" if entry.corrects else "instalment"


def _postings(live: LiveContract, posted: list[Entry]) -> Rows:
    manifest = input_digest(live.model)
    rows: Rows = [
        [
            *("month", "payer", "payee", "amount_pence", "rule", "stream", "corrects", "version"),
            *("event", "standing", "figure", "manifest", "reason"),
        ]
    ]
    return rows + [
        [
            entry.posting.month,
            entry.posting.payer,
            entry.posting.payee,
            entry.posting.amount_pence,
            rule_of(entry),
            entry.key,
            entry.corrects,
            f"v{entry.version}" if entry.version else "",
            entry.event,
            status_of(live, entry.posting.month),
            entry.posting.figure,
            entry.manifest or manifest,
            entry.posting.reason,
        ]
        for entry in posted
    ]


def _statement(live: LiveContract, party: str, year: str) -> Rows:
    rows: Rows = [
        ["month", "brought_forward_pence", "received_pence", "paid_pence", "carried_forward_pence"]
    ]
    for month in months_of(year):
        found = statement_figures(live, party, month)
        rows.append(
            [
                month,
                *(found[f"{name}_pence"] for name in ("opening", "received", "paid", "closing")),
            ]
        )
    return rows
