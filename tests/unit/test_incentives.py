"""Incentive schemes: which apply, what they withhold and what achievement earns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wpb.incentives.collective import all_or_nothing, alliance_references, collective_payment
from wpb.incentives.conflicts import conflicts, damping
from wpb.incentives.payment import (
    achievement,
    at_risk_pence,
    earned,
    earned_of_payment,
    scheme_payment,
    topped_up,
    withheld,
)
from wpb.incentives.schemes import (
    PUBLISHED,
    Metric,
    Scheme,
    check_scheme,
    metrics_by_year,
    schemes_in_force,
)
from wpb.kernel.problems import ProblemLog

IPS = next(scheme for scheme in PUBLISHED if scheme.scheme == "ips")
FALLS = Metric("falls", "Falls prevented", "falls", 0.6, 0.2, 0.8)
DELAYS = Metric(
    "delays", "Delayed discharges", "delayed_discharges", 0.4, 100, 50, kind="outcome", wants="less"
)
WAITS = Metric("waits", "Waiting times", "waits", 0, 0.5, 0.9, paid=False)


def ips(*metrics: Metric) -> Scheme:
    return Scheme("ips", "IPS", "top_sliced", 0.025, "2017-18", "", ("any",), metrics)


@pytest.mark.req(246)
def test_a_hundred_million_withholds_two_and_a_half() -> None:
    assert withheld(np.array([1e10]), np.array(0.025)).tolist() == [2.5e8]
    assert earned(np.array(2.5e8), np.array([0.6, 0.4]), np.array([0.5, 1])) == pytest.approx(
        1.75e8
    )
    payment = scheme_payment(
        ips(FALLS, DELAYS, WAITS), 1e10, {"falls": 0.5, "delays": 75, "waits": 0.7}
    )
    assert (payment.worth_pence, payment.earned_pence, payment.lost_pence) == (
        250_000_000,
        125_000_000,
        125_000_000,
    )
    assert payment.by_metric == {"falls": 75_000_000, "delays": 50_000_000}


@pytest.mark.req(249)
def test_unpaid_metrics_are_published_and_pay_nothing() -> None:
    payment = scheme_payment(
        ips(FALLS, DELAYS, WAITS), 1e10, {"falls": 1, "delays": 40, "waits": 0.1}
    )
    assert payment.published["waits"] == 0.1
    assert "waits" not in payment.by_metric and payment.lost_pence == 0
    log = ProblemLog()
    check_scheme(
        ips(FALLS, DELAYS, Metric("waits", "Waiting times", "waits", 0.1, 0, 1, paid=False)),
        None,
        log,
    )
    assert [problem.code for problem in log] == ["unpaid_metric_weighs"]


@pytest.mark.req(246)
@settings(max_examples=40)
@given(st.integers(0, 10**12), st.floats(0, 0.1), st.floats(-1, 2), st.floats(0, 200))
def test_worth_is_earned_or_lost_to_the_penny(
    value: int, rate: float, falls: float, delays: float
) -> None:
    payment = scheme_payment(
        ips(FALLS, DELAYS), float(value), {"falls": falls, "delays": delays}, rate
    )
    assert payment.earned_pence + payment.lost_pence == payment.worth_pence
    assert 0 <= payment.earned_pence <= payment.worth_pence
    assert sum(payment.by_metric.values()) == payment.earned_pence


@pytest.mark.req(246, 250)
def test_sliding_scales_and_thresholds() -> None:
    values = achievement(
        np.array([0.1, 0.2, 0.5, 0.8, 0.9]), np.full(5, 0.2), np.full(5, 0.8), np.zeros(5)
    )
    assert values.tolist() == pytest.approx([0, 0, 0.5, 1, 1])
    assert achievement(
        np.array([0.69, 0.7]), np.array([0.7, 0.7]), np.array([0.7, 0.7]), np.zeros(2)
    ).tolist() == [0, 1]
    assert achievement(
        np.array([0.69, 0.7, 0.71]), np.full(3, 0.7), np.full(3, 0.7), np.ones(3)
    ).tolist() == [1, 1, 0]
    versions = [("2017-18", (FALLS,)), ("2019-20", (DELAYS,))]
    found = metrics_by_year(["2017-18", "2018-19", "2019-20"], versions)
    assert [metrics[0].kind for metrics in found.values()] == ["process", "process", "outcome"]
    with pytest.raises(ValueError, match="2016-17"):
        metrics_by_year(["2016-17"], versions)


@pytest.mark.req(247, 248, 252)
def test_a_local_part_adds_worth_and_metrics() -> None:
    national = ips(Metric("falls", "Falls", "falls", 1, 0, 1))
    enlarged = topped_up(national, 0.005, [Metric("housing", "Homes adapted", "homes", 1, 0, 1)])
    assert enlarged.rate == pytest.approx(0.03)
    paid = scheme_payment(enlarged, 1e10, {"falls": 1, "housing": 0})
    assert paid.by_metric == {"falls": 250_000_000, "housing": 0} and paid.lost_pence == 50_000_000
    assert at_risk_pence([enlarged], 1e10) == {"ips": pytest.approx(3e8)}
    local = Scheme(
        "local",
        "Local outcomes",
        "beside",
        None,
        "2020-21",
        "",
        ("any",),
        (FALLS, DELAYS),
        local=True,
    )
    with pytest.raises(ValueError, match="no published worth"):
        scheme_payment(local, 1e10, {"falls": 1, "delays": 1})


@pytest.mark.req(255)
def test_a_community_contract_ties_part_of_its_value_to_outcomes() -> None:
    contract = Scheme(
        "community",
        "Community contract outcomes",
        "top_sliced",
        0.05,
        "2017-18",
        "",
        ("community",),
        (FALLS, DELAYS),
    )
    assert scheme_payment(contract, 2e9, {"falls": 0.8, "delays": 100}).by_metric == {
        "falls": 60_000_000,
        "delays": 0,
    }
    with pytest.raises(ValueError, match="not reported: Delayed discharges"):
        scheme_payment(contract, 2e9, {"falls": 0.8})


@pytest.mark.req(251, 254)
@pytest.mark.parametrize(
    ("year", "scopes", "names"),
    [
        ("2017-18", ("acute", "primary_medical"), ["ips"]),
        ("2019-20", ("acute", "primary_medical"), ["cquin", "qof", "network_des"]),
        ("2019-20", ("community",), ["cquin"]),
        ("2016-17", ("acute", "mid_nottinghamshire"), ["joint_outcomes"]),
        ("2016-17", ("acute",), ["cquin"]),
    ],
)
def test_schemes_by_year_and_scope(year: str, scopes: tuple[str, ...], names: list[str]) -> None:
    assert [scheme.scheme for scheme in schemes_in_force(PUBLISHED, year, scopes)] == names
    assert IPS.standing == "top_sliced" and IPS.rate == 0.025


@pytest.mark.req(253, 317)
def test_all_are_paid_their_1_8_per_cent_or_none_is() -> None:
    assert all_or_nothing(
        np.array([1e10]), np.array(0.018), np.array(1.0)
    ).tolist() == pytest.approx([1.8e8])
    values = {"hospital": 1e10, "community": 5e9}
    met = collective_payment(values, 0.018, {"admissions": True, "waits": True})
    assert met == {"hospital": 180_000_000, "community": 90_000_000}
    assert set(
        collective_payment(values, 0.018, {"admissions": True, "waits": False}).values()
    ) == {0}
    references = alliance_references(met, {"hospital": "c1", "community": "c2"}, "alliance")
    assert [
        (found.contract, found.alliance_contract, found.amount_pence) for found in references
    ] == [("c1", "alliance", 180_000_000), ("c2", "alliance", 90_000_000)]
    with pytest.raises(ValueError, match="community"):
        alliance_references(met, {"hospital": "c1"}, "alliance")


@pytest.mark.req(256, 257)
def test_the_same_measure_is_not_paid_for_twice_or_both_ways() -> None:
    admissions = Metric("beds", "Beds in use", "emergency_admissions", 0.5, 0, 1)
    found = conflicts(
        [ips(DELAYS, admissions, FALLS)],
        {"delayed_discharges": "discharges", "emergency_admissions": "admissions"},
    )
    assert [(problem.severity, problem.code) for problem in found] == [
        ("warning", "same_measure"),
        ("error", "pulls_against"),
    ]
    assert conflicts([ips(FALLS)], {"emergency_admissions": "admissions"}) == []
    assert damping(0.6, 0.5) == pytest.approx(0.3)


@pytest.mark.req(247)
def test_weights_add_to_one_and_thresholds_run_the_right_way() -> None:
    log = ProblemLog()
    check_scheme(
        ips(Metric("a", "A", "a", 0.5, 0.2, 0.8), Metric("b", "B", "b", 0.4, 0.8, 0.2)), None, log
    )
    assert [problem.code for problem in log] == ["weights_do_not_add", "threshold_order"]


@pytest.mark.req(210, 246)
def test_what_the_contract_pays_is_what_the_schemes_earn() -> None:
    """90% of 2.5% of £100m is £2.25m, whether by the contract's rule or by the scheme's metrics."""
    payment, rate, achieved = np.array([1e10]), np.array(0.025), np.array(0.9)
    assert earned_of_payment(payment, rate, achieved).tolist() == [2.25e8]
    assert earned(
        withheld(payment, rate), np.array([[0.5, 0.5]]), np.array([[1.0, 0.8]])
    ).tolist() == [2.25e8]
