"""A practice that leaves and comes back: it has never left, and what was barred stays barred."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live_models import counts, event, live, wpb
from tests.unit.test_contract_values import GP

VALUES = [
    {
        "patient_type": kind,
        "funding_stream": stream,
        "year": year,
        "value": value,
        "people_behind": 5000,
        "agreed_on": "2027-02-01",
        "source": "test",
    }
    for kind, stream, value in (
        ("well", "gp", 60),
        ("ill", "gp", 90),
        ("well", "core", 50),
        ("ill", "core", 200),
        ("well", "care", 0),
        ("ill", "care", 0),
    )
    for year in ("2027-28", "2028-29", "2029-30")
]
GROWN = {("P1", "well"): 300.0, ("P1", "ill"): 20.0}
MORE = {("P1", "well"): 500.0, ("P1", "ill"): 45.0}
COUNTED = [*counts("2027-10-01", GROWN, "2027-10-05"), *counts("2029-01-01", MORE, "2029-01-05")]
FIRST = event("U1", "population_update", "2027-10-01", "2027-10-10")
LAST = event("U2", "population_update", "2029-01-01", "2029-01-10")
LEAVES = event("R1", "reactivation", "2028-01-01", "2027-12-01", list_code="P1")
BACK = event("J1", "joining", "2028-04-01", "2028-02-01", list_code="P1")


def worked(*events: dict[str, Any]) -> list[int]:
    return wpb(live(list(events), type_values=VALUES, population_counts=COUNTED, **GP))


@pytest.mark.req(119, 234, 384)
@pytest.mark.parametrize("back", ["2028-02-01", "2028-04-01", "2028-07-01"])
def test_leaving_and_coming_back_as_it_was_equals_never_having_left(back: str) -> None:
    returned = worked(FIRST, LEAVES, BACK | {"effective_on": back, "known_on": "2028-01-10"}, LAST)
    stayed = worked(FIRST, LAST)
    assert returned[-1] == stayed[-1]
    assert returned[0] < stayed[0]


@pytest.mark.req(119, 384)
def test_coming_back_twice_equals_never_having_left() -> None:
    again = [
        event("R2", "reactivation", "2028-07-01", "2028-06-05", list_code="P1"),
        event("J2", "joining", "2028-10-01", "2028-09-05", list_code="P1"),
    ]
    assert worked(FIRST, LEAVES, BACK, *again, LAST)[-1] == worked(FIRST, LAST)[-1]


@pytest.mark.req(119, 384)
def test_a_practice_that_left_for_good_is_paid_for_nothing_after() -> None:
    left = worked(FIRST, LEAVES, LAST)
    assert left == worked(FIRST, LEAVES)


@pytest.mark.req(240, 384)
@pytest.mark.parametrize("events", [(LEAVES,), (LEAVES, BACK)])
def test_a_barred_change_stays_barred_when_a_practice_leaves_or_joins(
    events: tuple[dict[str, Any], ...],
) -> None:
    """Ten people of P1 are recoded from well to ill: no money moves by it, now or later."""
    recoded = [
        {
            "count_date": "2027-10-01",
            "list_code": "P1",
            "cause": "recoding",
            "patient_type": "well",
            "to_type": "ill",
            "people": 10,
        }
    ]
    changed = {key: people + (10 if key[1] == "ill" else -10) for key, people in GROWN.items()}
    as_counted = counts("2027-10-01", changed, "2027-10-05")
    plain = wpb(live([FIRST, *events], type_values=VALUES, population_counts=COUNTED[:4], **GP))
    barred = wpb(
        live(
            [FIRST, *events],
            type_values=VALUES,
            population_counts=as_counted,
            patient_movements=recoded,
            **GP,
        )
    )
    assert barred == plain
