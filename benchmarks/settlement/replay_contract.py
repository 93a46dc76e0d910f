"""How long a ten-year contract takes to replay: 40 quarterly updates, 3,000 lines, 60 parties,
against one principal run.

Run from anywhere with the project's own Python: python benchmarks/settlement/replay_contract.py
Stated reference: one principal run of the same model. A replay from nothing includes the principal
run, and takes at most 20 times as long; working out again after one change takes less than a replay
from nothing and gives the same postings to the penny.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]

from timing import compare  # noqa: E402

import wpb  # noqa: E402
from wpb.live import live_contract  # noqa: E402
from wpb.run import calculate  # noqa: E402
from wpb.tables import TABLES_BY_NAME  # noqa: E402
from wpb.tables.model import Model  # noqa: E402
from wpb.tables.schema import TypedTable  # noqa: E402

UPDATES, PARTIES, TURNS, LIMIT = 40, 60, 3, 20
TYPES = ("child", "adult_well", "long_term", "complex", "frail")


def table_of(name: str, rows: list[dict[str, Any]]) -> TypedTable:
    """Make a typed table from rows; pounds become pence."""
    spec, columns = TABLES_BY_NAME[name], {}
    for column in spec.columns:
        values = [row.get(column.name) for row in rows]
        if column.is_number:
            columns[column.name] = np.array(
                [
                    (
                        np.nan
                        if value is None
                        else float(value) * (100 if column.kind == "pounds" else 1)
                    )
                    for value in values
                ]
            )
        else:
            columns[column.name] = np.array(
                [
                    ("" if value is None else value) if column.kind != "yes_no" else value
                    for value in values
                ],
                dtype=object,
            )
    positions = {column.name: at for at, column in enumerate(spec.columns)}
    return TypedTable(
        spec, columns, f"inputs/{name}.csv", name, list(range(2, len(rows) + 2)), positions
    )


def quarters() -> list[str]:
    """The first days of forty quarters after the contract's start."""
    days = [
        f"{year}-{month}-01" for year in range(2027, 2038) for month in ("01", "04", "07", "10")
    ]
    return [day for day in days if day > "2027-04-01"][: UPDATES - 1]


def long_contract(model: Model, change: float = 0.0) -> Model:
    """Midshire's lines under a ten-year contract with an update each quarter and sixty partners.

    change: people added to the last count, for a working out after one change.
    """
    lists = [
        (code, people)
        for code, people, form, kind in zip(
            model["gp_lists"].text("list_code"),
            model["gp_lists"].numbers("population"),
            model["gp_lists"].text("participation"),
            model["gp_lists"].text("kind"),
            strict=True,
        )
        if form != "none" and kind == "practice"
    ]
    events = [
        {
            "event": "A01",
            "event_kind": "agreement",
            "effective_on": "2027-04-01",
            "known_on": "2027-03-15",
            "reason": "Signed",
        }
    ]
    counts, days = [], ["2027-04-01", *quarters()]
    for number, day in enumerate(days):
        events.append(
            {
                "event": f"U{number:02d}",
                "event_kind": "population_update",
                "effective_on": day,
                "known_on": f"{day[:8]}20",
                "reason": f"Lists of {day}",
                "agreed_by": "Board",
            }
        )
        for at, (code, people) in enumerate(lists):
            for kind, name in enumerate(TYPES):
                more = change if number == UPDATES - 1 and at == 0 and kind == 0 else 0.0
                counts.append(
                    {
                        "basis": "registered",
                        "count_date": day,
                        "list_code": code,
                        "patient_type": name,
                        "people": (
                            round(
                                people
                                / 5
                                * (
                                    1
                                    + 0.0004 * number
                                    + 0.01 * ((at * 7 + kind * 3 + number) % 5 - 2)
                                )
                            )
                            + more
                        ),
                        "known_on": f"{day[:8]}15",
                    }
                )
    for day in ("2027-04-01", "2037-04-01"):
        counts += [
            {
                "basis": "planned",
                "count_date": day,
                "list_code": code,
                "patient_type": name,
                "people": round(people / 5),
                "known_on": "2026-12-01",
            }
            for code, people in lists
            for name in TYPES
        ]
    providers = [
        code
        for code, kind in zip(
            model["organisations"].text("organisation"),
            model["organisations"].text("kind"),
            strict=True,
        )
        if kind == "provider"
    ]
    payees = [*providers, *model["gp_lists"].text("list_code")][: PARTIES - 2]
    partners = [
        {
            "subcontract": f"K{at:02d}",
            "payee": payee,
            "rule": "share",
            "share": 0.012,
            "starts_on": "2027-04-01",
            "reason": f"Services of {payee}",
        }
        for at, payee in enumerate(payees)
    ]
    terms = {name: str(values[0]) for name, values in model["contract_terms"].columns.items()} | {
        "advertised_change_limit": 0.15,
        "too_small_share": 0.0005,
        "review_share": 0.03,
        "fixed_years": 3,
        "full_credibility_people": 1082,
        "notice_days": 10,
    }
    empty = (
        "list_totals",
        "list_changes",
        "patient_movements",
        "periodic_evidence",
        "external_activity",
        "delivered_activity",
        "closed_months",
    )
    tables = {
        **model.tables,
        **{name: table_of(name, []) for name in empty},
        "contract_terms": table_of("contract_terms", [terms]),
        "contract_events": table_of("contract_events", events),
        "population_counts": table_of("population_counts", counts),
        "subcontracts": table_of("subcontracts", partners),
    }
    return dataclasses.replace(model, tables=tables)


def main() -> int:
    """Print the figures; exit code 1 where a limit is passed or the postings differ."""
    loaded = wpb.load(ROOT / "examples" / "midshire")
    base, book = loaded.model, loaded.book
    model, changed = long_contract(base), long_contract(base, change=25.0)
    before, after = live_contract(model, book), live_contract(changed, book)
    again = live_contract(changed, book, before=before)
    parties = {
        party for posting in before.settlement.postings for party in (posting.payer, posting.payee)
    }
    print(
        f"{len(before.payments.lines.codes):,} lines, {len(before.history.updates)} updates,"
        f" {len(parties)} parties, {len(before.settlement.entries):,} postings"
    )
    replayed = compare(
        "replay from nothing, the principal run included",
        lambda: live_contract(model, book),
        lambda: calculate(model, book),
        turns=TURNS,
    )
    one_change = compare(
        "working out again after one change, beside a replay from nothing",
        lambda: live_contract(changed, book, before=before),
        lambda: live_contract(changed, book),
        turns=TURNS,
    )
    same = again.settlement.entries == after.settlement.entries
    print(replayed)
    print(one_change)
    print(
        f"the same postings to the penny: {'yes' if same else 'no'}; at most {LIMIT} times a"
        " principal run, and less than a replay, are wanted"
    )
    return 0 if replayed.ratio <= LIMIT and one_change.ratio < 1 and same else 1


if __name__ == "__main__":
    sys.exit(main())
