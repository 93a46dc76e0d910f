"""Two years of the practice file taken through a whole population update: practices merged, opened
and closed between them.

The files hold projected populations whose weights are rescaled each year: they test mergers,
openings and closures, and are no two points of a real movement.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.live_models import AGREED, TERMS, event
from tests.models import book, make
from tests.unit.test_practice_files import AIF_FILE, ICB_FILE, PUBLISHED
from wpb.intake.practice_files import PracticeFile, read_practice_file
from wpb.kernel.money import whole_pence
from wpb.kernel.problems import InputProblems
from wpb.live import LiveContract, live_contract
from wpb.present.update_view import update_figures
from wpb.settlement.ledger import balances

VALUE, A_HEAD = 900, 1000
"""Pounds a year: the agreed value of one mover, and what is spent a head."""
DAYS_LEFT = 275 / 366
"""From 1 July to 31 March, in the leap year 2027-28."""
UPDATE = event("U1", "population_update", "2027-07-01", "2027-07-20")


def counted(basis: str, day: str, known: str, practices: PracticeFile) -> list[dict[str, Any]]:
    """The file's people as a count of one type."""
    return [
        {
            "basis": basis,
            "count_date": day,
            "list_code": code,
            "patient_type": "person",
            "people": people,
            "known_on": known,
        }
        for code, people in zip(practices.codes, practices.population.tolist(), strict=True)
    ]


def merger_map(before: PracticeFile, after: PracticeFile) -> list[dict[str, Any]]:
    """What the user states: each practice that is gone merged into the largest one of its ICB, or
    closed; each new one opened.
    """
    icb_then, icb_now = (
        dict(zip(found.codes, found.icb_codes, strict=True)) for found in (before, after)
    )
    size = dict(zip(after.codes, after.population.tolist(), strict=True))
    stayed = {
        icb: sorted(
            (code for code, found in icb_now.items() if found == icb and code in icb_then),
            key=lambda code: -size[code],
        )
        for icb in set(icb_now.values())
    }
    rows: list[dict[str, Any]] = []
    for number, code in enumerate(sorted(set(icb_then) - set(icb_now))):
        first, second = stayed[icb_then[code]][:2]
        if number % 2:
            rows += [
                {
                    "list_code": code,
                    "change": "closed",
                    "successor": to,
                    "share": share,
                    "effective_on": "2027-05-01",
                }
                for to, share in ((first, 0.75), (second, 0.25))
            ]
        else:
            rows.append(
                {
                    "list_code": code,
                    "change": "merged",
                    "successor": first,
                    "share": 1,
                    "effective_on": "2027-06-01",
                }
            )
    return rows + [
        {
            "list_code": code,
            "change": "opened",
            "share": 1,
            "effective_on": "2027-05-15",
            "commissioner": icb_now[code],
            "participation": "full",
        }
        for code in sorted(set(icb_now) - set(icb_then))
    ]


def contract_of(
    before: PracticeFile, after: PracticeFile, changes: list[dict[str, Any]]
) -> LiveContract:
    """A contract for every practice of the first file, updated by the second."""
    icbs = sorted(set(before.icb_codes))
    spend: dict[str, float] = defaultdict(float)
    for icb, people in zip(before.icb_codes, before.population.tolist(), strict=True):
        spend[icb] += people * A_HEAD
    years = ("2027-28", "2028-29", "2029-30")
    line = {
        "provider": "",
        "service_line": "S1",
        "funding_stream": "core",
        "effective_year": "2026-27",
        "population_method": "population_carve_out",
        "recurrent": True,
    }
    tables: dict[str, list[dict[str, Any]]] = {
        "organisations": (
            [{"organisation": icb, "name": icb, "kind": "commissioner"} for icb in icbs]
            + [{"organisation": "PROV", "name": "Provider", "kind": "provider"}]
        ),
        "gp_lists": [
            {
                "list_code": code,
                "name": code,
                "kind": "practice",
                "commissioner": icb,
                "participation": "full",
                "population": people,
            }
            for code, icb, people in zip(
                before.codes, before.icb_codes, before.population.tolist(), strict=True
            )
        ],
        "funding_streams": [
            {"funding_stream": "core", "name": "Core", "kind": "core", "funder": "nhs"}
        ],
        "growth_categories": [
            {"growth_category": "FLAT", "name": "No growth", "growth_method": "none"}
        ],
        "service_lines": [
            {"service_line": "S1", "name": "Service", "scope": "in", "growth_category": "FLAT"}
        ],
        "allocations": [
            {
                "commissioner": icb,
                "funding_stream": "core",
                "year": year,
                "allocation": 2 * spend[icb],
                "certainty": "firm",
                "source": "ours",
            }
            for icb in icbs
            for year in years
        ],
        "direct_spend": [
            line
            | {
                "budget_line": f"D-{icb}",
                "name": icb,
                "commissioner": icb,
                "value": round(spend[icb], 2),
            }
            for icb in icbs
        ],
        "contract_terms": [TERMS],
        "contract_events": [AGREED, UPDATE],
        "population_counts": (
            [
                row
                for day in ("2027-04-01", "2030-04-01")
                for row in counted("planned", day, "2027-01-10", before)
            ]
            + counted("registered", "2027-07-01", "2027-07-15", after)
        ),
        "list_changes": changes,
        "type_values": [
            {
                "patient_type": "person",
                "funding_stream": "core",
                "year": year,
                "value": VALUE,
                "people_behind": 5000,
                "agreed_on": "2027-02-01",
                "source": "test",
            }
            for year in years
        ],
    }
    return live_contract(make(tables), book())


def check_update(before: PracticeFile, after: PracticeFile) -> None:
    """Without a map every list that came or went is named; with it the update pays each ICB's
    difference, and nothing else.
    """
    gone, new = set(before.codes) - set(after.codes), set(after.codes) - set(before.codes)
    assert gone and new
    with pytest.raises(InputProblems) as stopped:
        contract_of(before, after, [])
    assert {
        problem.what.split()[2]
        for problem in stopped.value.problems
        if problem.code == "merger_missing"
    } == gone | new
    changes = merger_map(before, after)
    assert {row["change"] for row in changes} >= {"merged", "opened"}
    contract = contract_of(before, after, changes)
    figures = update_figures(contract, "U1")
    moved: dict[str, list[float]] = defaultdict(list)
    for sign, found in ((1, after), (-1, before)):
        for icb, people in zip(found.icb_codes, found.population.tolist(), strict=True):
            moved[icb].append(sign * people)
    yearly = {row["cell"]: row["total_pence"] for row in figures["yearly_effect"]}
    assert yearly == {
        f"{icb}.core": pytest.approx(math.fsum(people) * VALUE * 100, abs=2)
        for icb, people in moved.items()
    }
    assert figures["people_planned"] == pytest.approx(math.fsum(before.population.tolist()))
    assert figures["people_registered"] == pytest.approx(math.fsum(after.population.tolist()))
    # A merger moves nobody: the successor's plan holds its own people and theirs, and a new list
    # counts in full.
    lists = {row["list_code"]: row for row in figures["lists"]}
    assert not gone & set(lists)
    assert all(lists[code]["planned"] == 0 and lists[code]["registered"] > 0 for code in new)
    whole = math.fsum(people for found in moved.values() for people in found) * VALUE * 100
    assert list(figures["effect_on_years_pence"].values()) == [
        pytest.approx(whole * share, abs=100) for share in (DAYS_LEFT, 1, 1)
    ]
    assert whole_pence(sum(balances(contract.settlement.postings).values())) == 0


@pytest.mark.req(236, 238, 243)
def test_two_small_practice_files_go_through_a_whole_update_by_a_merger_map() -> None:
    check_update(read_practice_file(AIF_FILE), read_practice_file(ICB_FILE))


@pytest.mark.req(236, 238, 243)
def test_every_practice_of_england_goes_through_a_whole_update_by_a_merger_map(
    shared_data: Path,
) -> None:
    check_update(*(read_practice_file(shared_data / name) for name in PUBLISHED))
