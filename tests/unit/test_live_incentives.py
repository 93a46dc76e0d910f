"""Incentive schemes in a live contract: metrics by year work out what was achieved, and that is
what is posted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.live_models import live
from tests.models import Rows
from tests.unit.test_live_workbook import differences, recalculated
from wpb.input_sheets import _typed
from wpb.kernel.problems import InputProblems
from wpb.live import LiveContract
from wpb.live.incentives import scheme_conflicts
from wpb.live.sharing import model_arrangements
from wpb.present.exposure_view import outcome_worth_pence
from wpb.present.incentives_view import incentive_figures, incentive_lines
from wpb.present.live_workbook import write_live_workbook
from wpb.settlement.ledger import balances

YEAR = "2027-28"
SCHEME = {
    "scheme": "HOME",
    "title": "Better at home",
    "published_as": "local",
    "all_or_nothing": False,
    "source": "agreed",
}
CHOICE = {
    "year": YEAR,
    "scheme": "HOME",
    "treatment": "top_sliced",
    "rate": 0.02,
    "parts": "part_a",
    "settled_on": "2028-07-14",
    "basis": "agreed",
}
WHOLE_PENCE = 900_000_00 * 2 // 100
"""2% of £900,000 of Part A."""


def metric(
    code: str,
    weight: float | None,
    threshold: float | None = None,
    full_at: float | None = None,
    **more: Any,
) -> dict[str, Any]:
    paid = weight is not None
    row = {
        "scheme": "HOME",
        "metric": code,
        "title": f"Metric {code}",
        "measure": code.lower(),
        "metric_kind": "process",
        "first_year": YEAR,
        "paid": paid,
        "wants": "more",
    }
    terms = (
        {
            "weight": weight,
            "scale": "sliding" if full_at is not None else "all_or_nothing",
            "threshold": threshold,
        }
        if paid
        else {}
    )
    return row | terms | ({"full_at": full_at} if full_at is not None else {}) | more


def report(
    code: str, value: float, known_on: str = "2028-06-30", year: str = YEAR, scheme: str = "HOME"
) -> dict[str, Any]:
    return {
        "year": year,
        "scheme": scheme,
        "metric": code,
        "value": value,
        "known_on": known_on,
        "source": "report",
    }


METRICS = [
    metric("A", 0.5, 0.5, 0.9),
    metric("B", 0.3, 10, 6, wants="less", metric_kind="outcome"),
    metric("C", 0.2, 1),
    metric("D", None),
]
# A: (0.8 - 0.5) / 0.4 = three quarters. B: (10 - 7) / 4 = three quarters. C: reached. D: published
# only.
REPORTS = [report("A", 0.8), report("B", 7), report("C", 1), report("D", 0.1)]
ACHIEVED = 0.5 * 0.75 + 0.3 * 0.75 + 0.2


def contract(
    reports: Rows = REPORTS,
    metrics: Rows = METRICS,
    choices: Rows | None = None,
    schemes: Rows | None = None,
    **more: Any,
) -> LiveContract:
    return live(
        incentive_schemes=[SCHEME] if schemes is None else schemes,
        incentive_choices=[CHOICE] if choices is None else choices,
        incentive_metrics=metrics,
        incentive_reports=reports,
        **more,
    )


def codes(**more: Any) -> dict[str, str]:
    with pytest.raises(InputProblems) as stopped:
        contract(**more)
    return {
        problem.code: str(problem)
        for problem in stopped.value.problems
        if problem.severity == "error"
    }


def earned(found: LiveContract) -> list[tuple[str, str, str, int]]:
    return [
        (p.month, p.payer, p.payee, p.amount_pence)
        for p in found.settlement.postings
        if p.figure.startswith(("wpb/incentives_earned/", "wpb/outcome_payments/"))
    ]


@pytest.mark.req(210, 246, 249)
def test_what_was_achieved_is_worked_out_posted_and_explained() -> None:
    found = contract()
    assert earned(found) == [("2028-07", "ICB", "PROV", round(WHOLE_PENCE * ACHIEVED))]
    by_hand = live(incentive_choices=[CHOICE | {"achieved": ACHIEVED}])
    assert earned(by_hand) == earned(found)
    tree = found.explain(f"wpb/incentives_earned/HOME/{YEAR}/achieved")
    assert tree["value"] == pytest.approx(0.8)
    assert sum(child["value"] for child in tree["children"]) == pytest.approx(0.8)
    cells = {leaf["where"]["sheet"] for leaf in leaves(tree)}
    assert cells == {"incentive_reports", "incentive_metrics"}
    posted = next(
        p.figure for p in found.settlement.postings if p.figure.startswith("wpb/incentives_earned/")
    )
    assert found.explain(posted)["value"] == pytest.approx(WHOLE_PENCE * ACHIEVED)


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    return (
        [leaf for child in node["children"] for leaf in leaves(child)]
        if node["children"]
        else [node]
    )


@pytest.mark.req(246, 286)
def test_a_later_report_corrects_what_was_posted() -> None:
    # B comes to 9 instead of 7: a quarter of 30% instead of three quarters.
    found = contract(reports=[*REPORTS, report("B", 9, "2028-10-02")])
    paid = earned(found)
    assert paid[0] == ("2028-07", "ICB", "PROV", 1_440_000)
    assert sum(amount if payee == "PROV" else -amount for _, _, payee, amount in paid) == round(
        WHOLE_PENCE * (ACHIEVED - 0.15)
    )
    assert min(month for month, *_ in paid[1:]) >= "2028-10"
    assert (
        earned(
            live(
                as_known_on="2028-09-30",
                incentive_schemes=[SCHEME],
                incentive_choices=[CHOICE],
                incentive_metrics=METRICS,
                incentive_reports=[*REPORTS, report("B", 9, "2028-10-02")],
            )
        )
        == paid[:1]
    )
    assert sum(balances(found.settlement.postings).values()) == 0


@pytest.mark.req(249, 250)
def test_the_view_shows_paid_and_published_metrics_by_year() -> None:
    second = [metric("A", 1, 0.6, 1, first_year="2028-29"), metric("B", None, first_year="2028-29")]
    first = [row | {"last_year": YEAR} for row in METRICS]
    figures, problems = incentive_figures(
        contract(
            metrics=[*first, *second],
            choices=[CHOICE, CHOICE | {"year": "2028-29", "settled_on": ""}],
            reports=[*REPORTS, report("A", 0.9, "2029-06-30", "2028-29")],
        ),
        [],
    )
    settled, provisional = figures["schemes"]
    assert problems == []
    assert (
        settled["status"],
        settled["achieved"],
        settled["worth_pence"],
        settled["earned_pence"],
        settled["lost_pence"],
    ) == ("settled", pytest.approx(0.8), 1_800_000, 1_440_000, 360_000)
    assert [
        (one["metric"], one["part"], one["earned_pence"], one["value"])
        for one in settled["metrics"]
    ] == [
        ("A", pytest.approx(0.75), 675_000, 0.8),
        ("B", 0.75, 405_000, 7),
        ("C", 1, 360_000, 1),
        ("D", None, None, 0.1),
    ]
    assert (provisional["status"], provisional["achieved"], provisional["earned_pence"]) == (
        "provisional",
        pytest.approx(0.75),
        None,
    )
    assert [(one["metric"], one["paid"], one["weight"]) for one in provisional["metrics"]] == [
        ("A", True, 1),
        ("B", False, None),
    ]
    text = "\n".join(incentive_lines(figures))
    assert "achieved 80.00%; earned £14,400.00; lost £3,600.00" in text and "no pay" in text


COLLECTIVE = [
    SCHEME
    | {
        "scheme": "JOINT",
        "title": "Collective outcomes",
        "published_as": "local",
        "all_or_nothing": True,
    }
]
JOINT_METRICS = [metric("A", 0.5, 0.5, 0.9, scheme="JOINT"), metric("C", 0.5, 1, scheme="JOINT")]


def outcome(provider: str, value: float, contract: str) -> dict[str, Any]:
    return {
        "year": YEAR,
        "scheme": "JOINT",
        "provider": provider,
        "payer": "ICB",
        "contract": contract,
        "contract_value": value,
        "rate": 0.018,
        "settled_on": "2028-07-14",
        "basis": "Variation to CQUIN",
    }


@pytest.mark.req(253, 255, 317)
@pytest.mark.parametrize(("reported", "paid"), [(0.9, [(1_800_000_00), (9_000_00)]), (0.89, [])])
def test_a_collective_payment_is_earned_by_every_provider_or_by_none(
    reported: float, paid: list[int]
) -> None:
    """1.8% of £100m is £1.8m; a metric that is all but reached pays nobody, though it would earn
    nearly all on a sliding scale.
    """
    found = contract(
        schemes=COLLECTIVE,
        choices=[],
        metrics=JOINT_METRICS,
        reports=[report("A", reported, scheme="JOINT"), report("C", 1, scheme="JOINT")],
        outcome_payments=[outcome("OUT", 100_000_000, "K7"), outcome("SUB", 500_000, "K8")],
    )
    assert earned(found) == [
        ("2028-07", "ICB", provider, amount)
        for provider, amount in zip(("OUT", "SUB"), paid, strict=False)
    ]
    reasons = {
        p.reason for p in found.settlement.postings if p.figure.startswith("wpb/outcome_payments/")
    }
    assert all("by reference to WPC" in reason for reason in reasons)
    for posting in (
        p for p in found.settlement.postings if p.figure.startswith("wpb/outcome_payments/")
    ):
        assert found.explain(posting.figure)["value"] == pytest.approx(posting.amount_pence)
    assert outcome_worth_pence(found.model, YEAR) == {
        "OUT": pytest.approx(1_800_000_00),
        "SUB": pytest.approx(9_000_00),
    }
    figures, _ = incentive_figures(found, [])
    assert [
        (one["provider"], one["worth_pence"], one["earned_pence"])
        for one in figures["outcome_payments"]
    ] == [("OUT", 1_800_000_00, paid[0] if paid else 0), ("SUB", 9_000_00, paid[1] if paid else 0)]
    assert "Through providers' own contracts, which point to WPC" in "\n".join(
        incentive_lines(figures)
    )


@pytest.mark.req(251, 254)
def test_a_scheme_that_is_stood_in_for_is_not_paid_beside_the_one_that_stands_in() -> None:
    cquin = SCHEME | {"scheme": "CQUIN", "title": "CQUIN", "published_as": "cquin"}
    other = CHOICE | {"scheme": "CQUIN", "treatment": "beside", "settled_on": ""}
    instead = [
        {
            "scheme": "HOME",
            "replaces": "CQUIN",
            "first_year": YEAR,
            "last_year": YEAR,
            "basis": "Variation in year",
        }
    ]
    assert (
        "HOME"
        not in codes(
            schemes=[SCHEME, cquin], choices=[CHOICE, other], incentive_substitutions=instead
        )["scheme_replaced"]
    )
    later = contract(
        schemes=[SCHEME, cquin],
        choices=[CHOICE, other | {"year": "2028-29"}],
        incentive_substitutions=instead,
    )
    assert [
        (one.year, one.scheme.scheme, one.scheme.replaces)
        for one in later.incentives.schemes.values()
    ] == [(YEAR, "HOME", ("CQUIN",)), ("2028-29", "CQUIN", ())]


@pytest.mark.req(251)
def test_a_published_scheme_stands_only_in_its_years() -> None:
    said = codes(schemes=[SCHEME | {"published_as": "ips"}])["scheme_not_running"]
    assert (
        "ran from 2017-18 to 2018-19, not in 2027-28" in said
        and "Commissioning for Quality and Innovation" in said
    )


@pytest.mark.req(247, 249)
@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (
            {"metrics": [metric("A", 0.5, 0.5, 0.9)], "reports": [report("A", 0.8)]},
            "weights_do_not_add",
            "incentive_metrics, cell I2: The weights",
        ),
        (
            {"metrics": [metric("A", 1, 0.5, 0.9), metric("D", None) | {"weight": 0.1}]},
            "metric_has_too_much",
            "published and not paid, and has a weight",
        ),
        ({"metrics": [metric("A", 1, None, 0.9)]}, "metric_incomplete", "its threshold is blank"),
        (
            {"metrics": [metric("A", 1, 0.5, 0.9, scale="all_or_nothing")]},
            "metric_has_too_much",
            "has a full_at",
        ),
        (
            {"metrics": [metric("A", 1, 0.9, 0.5)]},
            "threshold_order",
            "the wrong way round for wanting more",
        ),
        (
            {"metrics": [*METRICS, metric("A", 0.1, 0.5, 0.9, first_year="2026-27")]},
            "metric_twice",
            "Metric A of HOME stands twice in 2027-28",
        ),
        ({"reports": REPORTS[1:]}, "metric_not_reported", "Metric A was not reported by then"),
        (
            {"reports": [*REPORTS, report("Z", 1)]},
            "metric_missing",
            "HOME has no metric 'Z' in 2027-28.",
        ),
        (
            {"reports": [*REPORTS, report("A", 1, year="2028-29")]},
            "scheme_not_running",
            "HOME does not run in 2028-29.",
        ),
        (
            {"choices": [CHOICE | {"achieved": 0.5}]},
            "achieved_twice",
            "is entered, and its metrics give it too",
        ),
        ({"metrics": [], "reports": []}, "achieved_missing", "nothing says what it achieved"),
    ],
)
def test_tables_that_do_not_hold_together_are_refused_at_a_cell(
    change: dict[str, Any], code: str, said: str
) -> None:
    found = codes(**change)
    assert said in found[code]
    assert "cell " in found[code]


@pytest.mark.req(256)
def test_a_paid_metric_of_what_is_shared_is_told(tmp_path: Any) -> None:
    from tests.unit.test_live_sharing import ARRANGEMENT

    (tmp_path / "arrangements").mkdir()
    (tmp_path / "arrangements" / "care.yaml").write_text(
        ARRANGEMENT.replace("BASELINE", "1260000")
        .replace("FROM", "history")
        .replace("CASH", "none"),
        encoding="utf-8",
    )
    arrangements = model_arrangements(tmp_path)
    link = [{"arrangement": "care", "line": "adults", "service_line": "S1", "scope": "outside"}]
    # B wants less of what line adults shares; C wants more of the service that it is measured on.
    overlapping = [
        METRICS[0],
        METRICS[1] | {"measure": "adults"},
        METRICS[2] | {"measure": "S1"},
        METRICS[3] | {"measure": "adults"},
    ]
    found = contract(metrics=overlapping, shadow_sharing=link)
    problems = scheme_conflicts(found.incentives, arrangements, found.model)
    assert [(problem.severity, problem.code) for problem in problems] == [
        ("warning", "same_measure"),
        ("error", "pulls_against"),
    ]
    assert all(
        problem.where is not None
        and problem.where.sheet == "incentive_metrics"
        and "From 2027-28" in problem.what
        for problem in problems
    )
    assert (
        scheme_conflicts(contract(shadow_sharing=link).incentives, arrangements, found.model) == []
    )


@pytest.mark.req(246, 253, 364)
def test_the_live_workbook_works_schemes_out_as_the_engine_does(tmp_path: Path) -> None:
    collective = [SCHEME, COLLECTIVE[0]]
    reports = [
        *REPORTS,
        report("B", 9, "2028-10-02"),
        report("A", 0.9, scheme="JOINT"),
        report("C", 1, scheme="JOINT"),
    ]
    found = contract(
        schemes=collective,
        metrics=[*METRICS, *JOINT_METRICS],
        reports=reports,
        outcome_payments=[outcome("OUT", 100_000_000, "K7")],
    )
    inputs = [
        _typed(table, found.model.tables[table])
        for table in (
            "direct_spend",
            "incentive_choices",
            "incentive_metrics",
            "incentive_reports",
            "outcome_payments",
        )
    ]
    write_live_workbook(found.budget, inputs, tmp_path / "live.xlsx", live=found)
    again = recalculated(tmp_path / "live.xlsx")
    assert differences(tmp_path / "live.xlsx", again) == []
    assert {
        row[2]
        for row in openpyxl.load_workbook(again, data_only=True)["2 Checks"].iter_rows(
            min_row=8, values_only=True
        )
        if row[0]
    } == {"Yes"}
