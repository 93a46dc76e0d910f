"""Properties of settlement: instalments add to the year, payments net to nought, replay is the same
whatever the order.
"""

from __future__ import annotations

import datetime
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.live_models import AGREED, counts, event, live_tables, wpb
from tests.models import book, make
from wpb.live import LiveContract, live_contract
from wpb.present.statements import settlement_figures
from wpb.settlement.instalments import Change, instalments
from wpb.settlement.ledger import balances, seal
from wpb.settlement.months import Calendar

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BOOK = book()
QUARTERS = ("2027-07-01", "2027-10-01", "2028-01-01", "2028-04-01", "2028-07-01", "2028-10-01")
PARTNERS = [
    {
        "subcontract": "K1",
        "payee": "SUB",
        "rule": "share",
        "share": 0.37,
        "gain_loss_share": 0.3,
        "starts_on": "2027-04-01",
        "reason": "Alliance",
    }
]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Any]]:
    """Some updates, payments and a change of scope, with counts of anybody's making."""
    events: list[dict[str, Any]] = [AGREED]
    people: list[Any] = []
    for number, day in enumerate(QUARTERS[: draw(st.integers(0, 6))]):
        known = datetime.date.fromisoformat(day) + datetime.timedelta(
            days=draw(st.integers(0, 120))
        )
        events.append(event(f"U{number}", "population_update", day, known.isoformat()))
        people += counts(
            day,
            {
                ("P1", "ill"): draw(st.integers(-400, 400)),
                ("P2", "well"): draw(st.integers(-900, 900)),
            },
            day,
        )
    for number in range(draw(st.integers(0, 2))):
        month = draw(st.integers(4, 12))
        events.append(
            event(
                f"G{number}",
                "payment",
                f"2027-{month:02d}-01",
                f"2027-{month:02d}-09",
                refers_to="gain_loss",
                party="ICB",
                counterparty="PROV",
                amount=draw(st.integers(1, 99_999)) / 100,
            )
        )
    if draw(st.booleans()):
        events.append(
            event(
                "S1",
                "scope_change",
                "2029-01-01",
                "2028-12-05",
                service_line="S1",
                direction="leaves",
            )
        )
    return events, people


def worked_out(
    events: list[dict[str, Any]],
    people: list[Any],
    shuffle: int | None = None,
    before: LiveContract | None = None,
    **terms: Any,
) -> LiveContract:
    """Work out a history, its rows in some order, from nothing or from an earlier working-out."""
    tables = live_tables([], terms, subcontracts=PARTNERS)
    rows = {
        "contract_events": list(events),
        "population_counts": [*tables["population_counts"], *people],
    }
    if shuffle is not None:
        for found in rows.values():
            random.Random(shuffle).shuffle(found)
    return live_contract(make({**tables, **rows}), BOOK, before=before)


@given(histories(), st.sampled_from(["remaining_months", "catch_up"]))
@FEW
@pytest.mark.req(210, 211, 212)
def test_instalments_add_to_the_year_and_payments_net_to_nought(
    history: tuple[list[Any], list[Any]], rule: str
) -> None:
    contract = worked_out(*history, in_year_rule=rule)
    figures = settlement_figures(contract)
    assert sum(figures["balances"].values()) == 0
    for at, year in enumerate(figures["years"]):
        assert (
            sum(year["instalments_pence"])
            == year["wpap_pence"]
            == year["part_a_pence"] + year["part_b_pence"]
        )
        assert (
            year["wpb_pence"] == year["wpap_pence"] + year["withheld_pence"] + year["beside_pence"]
        )
        to_lead = [
            (e.posting.payee == "PROV", e.posting.amount_pence)
            for e in contract.settlement.entries
            if e.element == "wpap" and e.year == contract.terms.years[at]
        ]
        assert (
            sum(amount if received else -amount for received, amount in to_lead)
            == year["wpap_pence"]
        )


@given(histories(), st.integers(0, 999))
@FEW
def test_replay_is_the_same_whatever_the_order_of_the_rows(
    history: tuple[list[Any], list[Any]], shuffle: int
) -> None:
    assert (
        worked_out(*history).settlement.entries
        == worked_out(*history, shuffle=shuffle).settlement.entries
    )


@given(histories())
@FEW
def test_what_is_learnt_later_changes_no_month_that_was_fixed_before(
    history: tuple[list[Any], list[Any]],
) -> None:
    events, people = history
    contract = worked_out(events, people)
    for number in range(2, len(contract.history.versions)):
        known_on = contract.history.versions[number].known_on
        earlier = {v.event for v in contract.history.versions if v.known_on < known_on}
        before = worked_out([e for e in events if e["event"] in earlier], people)
        fixed = [
            m
            for m in sorted({p.month for p in before.settlement.postings})
            if m < known_on.isoformat()[:7]
        ]
        for month in fixed:
            assert seal(p for p in before.settlement.postings if p.month == month) == seal(
                p for p in contract.settlement.postings if p.month == month
            )


@given(histories())
@FEW
@pytest.mark.req(244)
def test_updates_in_one_go_or_in_turn_come_to_the_same_value(
    history: tuple[list[Any], list[Any]],
) -> None:
    events, people = history
    last = max(e["known_on"] for e in events)
    together = [e if e["event"] == "A1" else dict(e, known_on=last) for e in events]
    assert wpb(worked_out(events, people)) == wpb(worked_out(together, people))


@given(
    st.lists(
        st.tuples(st.integers(0, 13), st.integers(-(10**9), 10**12), st.integers(0, 11)),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.integers(0, 9), min_size=12, max_size=12).filter(any),
    st.sampled_from(["remaining_months", "catch_up"]),
)
@settings(max_examples=50, deadline=None)
@pytest.mark.req(212)
def test_what_is_due_adds_to_the_last_value_for_any_changes_and_profile(
    changes: list[tuple[int, int, int]], profile: list[int], rule: str
) -> None:
    weights = tuple(share / sum(profile) for share in profile)
    ordered = sorted(changes)
    made = [
        Change(0 if at == 0 else min(position, 12), amount, month, "E", at, "f", weights)
        for at, (position, amount, month) in enumerate(ordered)
    ]
    assert sum(instalments(made, rule).due) == made[-1].amount_pence


@given(st.dates(datetime.date(2027, 4, 1), datetime.date(2036, 3, 31)), st.integers(0, 45))
@settings(max_examples=50, deadline=None)
def test_the_first_open_month_was_not_fixed_when_something_became_known(
    known_on: datetime.date, notice: int
) -> None:
    calendar = Calendar(datetime.date(2027, 4, 1), notice, {}, (1 / 12,) * 12)
    assert calendar.fixed_on(calendar.first_open(known_on)) >= known_on


@given(histories(), st.integers(0, 8), st.sampled_from(["remaining_months", "catch_up"]))
@FEW
@pytest.mark.req(244)
def test_working_out_after_changes_gives_what_a_replay_from_nothing_gives(
    history: tuple[list[Any], list[Any]], dropped: int, rule: str
) -> None:
    events, people = history
    kept = [found for at, found in enumerate(events) if at == 0 or at != dropped]
    earlier = worked_out(kept, people, in_year_rule=rule)
    again, afresh = (
        worked_out(events, people, before=earlier, in_year_rule=rule),
        worked_out(events, people, in_year_rule=rule),
    )
    assert again.settlement.entries == afresh.settlement.entries
    assert [again.trees[version.number].amounts for version in again.history.versions] == [
        afresh.trees[version.number].amounts for version in afresh.history.versions
    ]


def test_balances_of_nothing_are_nothing() -> None:
    assert balances([]) == {}
