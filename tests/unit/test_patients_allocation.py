"""Pounds to records: exact to the penny whatever the sizes and signs."""

from __future__ import annotations

from fractions import Fraction

import pytest

from wpb.patients.allocation import (
    RecordClass,
    appointment_prices,
    largest_remainder,
    share_over_activity,
    share_over_records,
)

pytestmark = pytest.mark.req(95, 101)


def spread(total: int, classes: list[RecordClass]) -> int:
    """Add up what the records of all classes take."""
    by_class = {(item.cell, item.units): item.records for item in classes}
    return sum(
        share.pence * by_class[share.cell, share.units] + share.with_a_penny_more
        for share in share_over_records(total, classes)
    )


@pytest.mark.parametrize("total", [0, 1, 99, 100_000_001, -7, 10**15 + 1])
def test_records_take_the_sum_to_the_penny(total: int) -> None:
    assert (
        spread(total, [RecordClass(1, 1, 7), RecordClass(1, 3, 11), RecordClass(2, 2, 5)]) == total
    )


def test_leftover_pence_go_to_the_largest_remainder() -> None:
    # 10 pence over units 1, 1, 1, 4: exact parts 1.43 (three times) and 5.71; one penny is left,
    # and it goes to the 5.71.
    shares = {
        share.units: share
        for share in share_over_records(10, [RecordClass(1, 1, 3), RecordClass(1, 4, 1)])
    }
    assert (shares[1].pence, shares[1].with_a_penny_more) == (1, 1)
    assert (shares[4].pence, shares[4].with_a_penny_more) == (6, 0)
    assert 3 * 1 + 1 + 6 == 10


def test_ties_go_by_code() -> None:
    assert largest_remainder(10, {"c": 1, "a": 1, "b": 1}) == {"a": 4, "b": 3, "c": 3}
    assert largest_remainder(-10, {"c": 1, "a": 1, "b": 1}) == {"a": -4, "b": -3, "c": -3}


def test_a_sum_without_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="nought"):
        largest_remainder(5, {"a": 0})
    with pytest.raises(ValueError, match="no units"):
        share_over_records(5, [])


@pytest.mark.req(80)
def test_cost_weights_of_figure_8() -> None:
    units = {
        ("S", "adult contact"): 14_945,
        ("S", "adult outpatient"): 3_789,
        ("S", "child contact"): 211,
        ("S", "child outpatient"): 2_105,
    }
    weights = {
        "adult contact": Fraction("1.0"),
        "adult outpatient": Fraction("0.8"),
        "child contact": Fraction("2.5"),
        "child outpatient": Fraction("3.0"),
    }
    shared, unmapped = share_over_activity({"S": 300_000_000}, units, weights)
    assert [round(pence / 100) for pence in shared.values()] == [
        1_806_501,
        366_401,
        63_762,
        763_336,
    ]
    assert sum(shared.values()) == 300_000_000 and not unmapped


@pytest.mark.req(99)
def test_pounds_of_a_service_without_activity_come_back_apart() -> None:
    shared, unmapped = share_over_activity({"A": 100, "B": 50}, {("A", "x"): 3}, {"x": Fraction(1)})
    assert shared == {("A", "x"): 100}
    assert unmapped == {"B": 50}


@pytest.mark.req(114, 115, 116, 117, 118)
def test_tower_hamlets_appointments() -> None:
    attended = {"gp": 600, "nurse": 300, "telephone": 100}
    equal, _ = appointment_prices(1_000_000, attended, dict.fromkeys(attended, Fraction(1)))
    assert equal == {"gp": 600_000, "nurse": 300_000, "telephone": 100_000}
    pence, currency = appointment_prices(
        1_000_000,
        attended,
        {"gp": Fraction(1), "nurse": Fraction(1, 2), "telephone": Fraction(1, 4)},
    )
    assert sum(pence.values()) == 1_000_000
    assert currency["gp"] > currency["nurse"] > currency["telephone"]
    assert float(currency["nurse"] / currency["gp"]) == pytest.approx(0.5, abs=1e-5)
