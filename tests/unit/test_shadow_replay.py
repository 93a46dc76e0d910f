"""Replay of Midshire's three simulated years: the settlement to the penny when nothing is
uncertain.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import wpb
from tests.examples import example
from wpb.commands.shadow import read_arrangements
from wpb.kernel.problems import ProblemLog
from wpb.live import LiveContract, live_contract
from wpb.shadow.draws import planned_values
from wpb.shadow.replay import current_worked_out, replay_beside_current, subset_ledger
from wpb.shadow.runs import Case
from wpb.shadow.shadow_test import prepare

MIDSHIRE = Path(wpb.__file__).parents[2] / "examples" / "midshire"
YEARS = ("2027-28", "2028-29", "2029-30")


@pytest.fixture(scope="module")
def played() -> tuple[LiveContract, Case]:
    """Midshire's live contract and its simulation."""
    loaded = example("midshire")
    return (
        live_contract(loaded.model, loaded.book),
        prepare(loaded.budget, read_arrangements(MIDSHIRE), ProblemLog())[0],
    )


@pytest.mark.req(299)
def test_a_replay_is_the_settlement_to_the_penny_when_nothing_is_uncertain(
    played: tuple[LiveContract, Case],
) -> None:
    live, case = played
    under_test = {terms.organisation for terms in case.plan.parties}
    as_planned = planned_values(case.plan.declared, 1, len(case.plan.years))
    for values in (None, as_planned):
        replayed = replay_beside_current(live, case, YEARS, values)
        settled: dict[tuple[str, str], int] = defaultdict(int)
        for entry in live.settlement.entries:
            posting = entry.posting
            if "2027-04" <= posting.month <= "2030-03":
                for party, amount in (
                    (posting.payee, posting.amount_pence),
                    (posting.payer, -posting.amount_pence),
                ):
                    settled[posting.month, party if party in under_test else "others"] += amount
        differ = [
            row
            for row in replayed.rows
            if row.design_pence != settled.pop((row.month, row.party), 0)
        ]
        assert differ == [] and not any(settled.values())
        assert len({row.month for row in replayed.rows}) == 36
        assert sum(replayed.by_party().values()) == 0
        assert sum(row.design_pence for row in replayed.rows if row.party == "MIDPART") > 0


@pytest.mark.req(299)
def test_what_is_known_by_now_moves_each_party_and_adds_to_nought(
    played: tuple[LiveContract, Case],
) -> None:
    live, case = played
    values = planned_values(case.plan.declared, 1, len(case.plan.years))
    values["WINTER"][:] = 1.15
    planned, moved = (replay_beside_current(live, case, YEARS, given) for given in (None, values))
    for month in ("2027-04", "2028-12"):
        assert sum(row.design_pence for row in moved.rows if row.month == month) == 0
    change = {
        party: amount - planned.by_party()[party]
        for party, amount in moved.by_party().items()
        if party in planned.by_party()
    }
    assert change["MIDPART"] < 0 < change["MRH"]


def test_today_is_worked_out_from_the_forecast_where_nothing_is_recorded(
    played: tuple[LiveContract, Case],
) -> None:
    _, case = played
    current = current_worked_out(case, YEARS)
    inside = np.array([cell.inside for cell in case.plan.cells])
    paid = -sum(
        amount for (_, party), amount in current.items() if party in case.plan.commissioners
    )
    assert abs(paid - case.planned.spend[0, inside, :3].sum()) < 200
    assert sum(current.values()) == 0


@pytest.mark.req(303)
def test_a_subset_starts_when_it_says_and_grows_to_its_part(
    played: tuple[LiveContract, Case],
) -> None:
    live, _ = played
    problems = ProblemLog()
    months = subset_ledger(live.budget, problems)
    assert months[0].month == "2026-07"
    assert [month.month for month in months if month.month < "2026-12"] == [
        "2026-07",
        "2026-08",
        "2026-09",
        "2026-10",
        "2026-11",
    ]
    assert months[3].subset_pence > months[2].subset_pence
    assert all(0 < month.subset_pence < month.whole_pence for month in months)
    assert not len(problems)


@pytest.mark.req(299, 304)
def test_months_without_a_recorded_payment_are_left_out_and_never_read_as_nought(
    played: tuple[LiveContract, Case],
) -> None:
    live, case = played
    table = live.model["current_payments"]
    months = ("2027-04", "2027-05", "2027-06")
    recorded = {
        "month": np.array(months),
        "payer": np.array(["QZN"] * 3),
        "payee": np.array(["MRH"] * 3),
        "amount": np.array([100_000_00.0] * 3),
        "source": np.array(["ledger"] * 3),
    }
    filled = replace(
        table,
        columns={
            **table.columns,
            **{name: values for name, values in recorded.items() if name in table.columns},
        },
    )
    model = replace(live.model, tables={**live.model.tables, "current_payments": filled})
    found = replay_beside_current(replace(live, model=model), case, YEARS[:1])
    assert found.current_from == "recorded"
    assert sorted({row.month for row in found.rows}) == list(months)
    assert len(found.months_left_out) == 9 and "2027-07" in found.months_left_out
    assert sum(row.current_pence for row in found.rows if row.party == "MRH") == 300_000_00
    for month in months:
        assert sum(row.difference_pence for row in found.rows if row.month == month) == 0


@pytest.mark.req(299)
def test_what_the_lead_buys_from_everyone_else_is_passed_on(
    played: tuple[LiveContract, Case],
) -> None:
    live, case = played
    found = replay_beside_current(live, case, YEARS[:1])
    assert found.by_party()["others"] == 0
    assert sum(row.passed_on_pence for row in found.rows) == 0
    assert abs(found.by_party()["MIDPART"]) < sum(
        row.passed_on_pence for row in found.rows if row.party == "others"
    )
    assert set(found.by_year()["MIDPART"]) == {"2027-28"}
