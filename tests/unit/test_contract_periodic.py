"""Periodic agreement and re-openers: thresholds, each factor's effect, limits on change, and no
link to allocations.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.live_models import AGREED, event, live_tables, moved, wpb
from tests.models import book, make
from wpb.contract.materiality import (
    Limit,
    Made,
    band_changes,
    cumulative_band,
    limits_of,
    needs_review,
)
from wpb.contract.terms import Terms
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems
from wpb.live import LiveContract, live_contract
from wpb.present.contract_view import contract_figures

LOCAL = """
- key: local.cost
  title: Cost growth
  unit: rate
  kind: growth
  in_year_change: forbid
  reason: test
  evidence: test papers
  owner: Finance
  outside_provider_control: true
  values:
    - {year: 2028-29, value: 0.02, status: final, published: 2027-01, source: test paper, locator: Table 1}
    - {year: 2029-30, value: 0.02, status: final, published: 2027-01, source: test paper, locator: Table 1}
"""
FACTOR = {
    "factor": "INFLATION",
    "factor_kind": "inflation",
    "assumption": "local.cost",
    "threshold": 0.005,
    "opens_inside_fixed_period": True,
    "unambiguous": True,
    "criteria": "taken in full past the threshold",
}


def grown(
    tmp_path: Path,
    events: list[dict[str, Any]],
    evidence: list[dict[str, Any]],
    factor: dict[str, Any] | None = None,
    **more: Any,
) -> LiveContract:
    """The small contract, its lines growing by the local assumption from 2028-29."""
    (tmp_path / "cost.yaml").write_text(LOCAL, encoding="utf-8")
    tables = live_tables(
        events, periodic_factors=[FACTOR | (factor or {})], periodic_evidence=evidence
    )
    tables["growth_categories"] = [
        {
            "growth_category": "FLAT",
            "name": "Grows",
            "growth_method": "total_cost",
            "cost_rate": "local.cost",
        }
    ]
    tables["contract_terms"] = [dict(tables["contract_terms"][0]) | more.pop("terms", {})]
    tables.update(more)
    settings = {"conversion_steps": ("combined",), "conversion_reason": "test"}
    (tmp_path / "cost.yaml").write_text(
        LOCAL
        + "    - {year: 2027-28, value: 0.0, status: final, published: 2027-01, source: test paper,"
        " locator: Table 1}\n",
        encoding="utf-8",
    )
    return live_contract(make(tables, **settings), book(tmp_path))


def new(event_code: str, year: str, value: float, published: str = "2028-02-01") -> dict[str, Any]:
    return {
        "event": event_code,
        "factor": "INFLATION",
        "year": year,
        "new_value": value,
        "published_on": published,
        "source": "test paper 2",
    }


@pytest.mark.req(219, 221)
@pytest.mark.parametrize(
    ("value", "fires"), [(0.025, False), (0.0250001, True), (0.0149999, True), (0.02, False)]
)
def test_the_inflation_re_opener_fires_only_past_its_threshold(
    tmp_path: Path, value: float, fires: bool
) -> None:
    reopened = event(
        "P1", "re_opener", "2028-04-01", "2028-02-10", refers_to="INFLATION", accepted_share=1
    )
    contract = grown(tmp_path, [reopened], [new("P1", "2028-29", value)])
    assert contract.decisions["P1"].factors[0].figures[0].counts is fires
    expected = (
        [0, round(126_000_000 * (value - 0.02)), round(126_000_000 * 1.02 * (value - 0.02))]
        if fires
        else [0, 0, 0]
    )
    assert moved(contract, "P1") == pytest.approx(expected, abs=1)


@pytest.mark.req(217, 218, 220, 222)
def test_each_factor_shows_its_effect_and_the_parties_agree_a_share_of_it(tmp_path: Path) -> None:
    agreed = event("P1", "periodic_agreement", "2029-04-01", "2029-02-10", accepted_share=0.5)
    contract = grown(tmp_path, [agreed], [new("P1", "2029-30", 0.04)])
    effect = contract_figures(contract)["decisions"][0]["factors"][0]
    assert effect["effect_pence"]["2029-30"] == round(126_000_000 * 1.02 * 0.02)
    assert moved(contract, "P1") == [0, 0, round(126_000_000 * 1.02 * 0.02 * 0.5)]
    refused_all = grown(tmp_path, [agreed | {"accepted_share": 0}], [new("P1", "2029-30", 0.04)])
    assert moved(refused_all, "P1") == [0, 0, 0]


@pytest.mark.req(220, 221)
def test_a_figure_that_was_refused_is_still_new_the_next_time_and_one_agreed_is_not(
    tmp_path: Path,
) -> None:
    def looked_at(first_share: float) -> LiveContract:
        events = [
            event(
                code, "re_opener", "2028-04-01", known, refers_to="INFLATION", accepted_share=share
            )
            for code, known, share in (("P1", "2028-02-10", first_share), ("P2", "2028-03-10", 1))
        ]
        return grown(tmp_path, events, [new("P1", "2028-29", 0.03), new("P2", "2028-29", 0.031)])

    refused_first, agreed_first = looked_at(0), looked_at(1)
    assert [figure.old_value for figure in refused_first.decisions["P2"].factors[0].figures] == [
        0.02
    ]
    assert moved(refused_first, "P2")[1] == round(126_000_000 * 0.011)
    # From 3.0% to 3.1% is no further than the threshold of half a point.
    assert [figure.old_value for figure in agreed_first.decisions["P2"].factors[0].figures] == [
        0.03
    ]
    assert moved(agreed_first, "P2") == [0, 0, 0]


@pytest.mark.req(215, 223)
def test_inside_a_fixed_period_only_an_agreed_re_opener_may_change_the_value(
    tmp_path: Path,
) -> None:
    def codes(
        events: list[dict[str, Any]],
        evidence: list[dict[str, Any]],
        factor: dict[str, Any] | None = None,
    ) -> set[str]:
        with pytest.raises(InputProblems) as stopped:
            grown(tmp_path, events, evidence, factor)
        return {problem.code for problem in stopped.value.problems if problem.severity == "error"}

    assert codes(
        [event("P1", "periodic_agreement", "2028-04-01", "2028-02-10", accepted_share=1)],
        [new("P1", "2028-29", 0.04)],
    ) == {"inside_fixed_period"}
    reopened = event(
        "P1", "re_opener", "2028-04-01", "2028-02-10", refers_to="INFLATION", accepted_share=1
    )
    assert codes(
        [reopened], [new("P1", "2028-29", 0.04)], {"opens_inside_fixed_period": False}
    ) == {"re_opener_not_allowed"}
    assert codes([reopened], [new("P1", "2028-29", 0.04, "2028-03-01")]) == {
        "known_before_published"
    }
    assert codes([reopened], [new("P1", "2033-34", 0.04)]) == {"no_old_figure"}


@pytest.mark.req(227)
def test_allocations_move_no_money_and_prompt_a_look_at_plans(tmp_path: Path) -> None:
    rows = [
        {
            "commissioner": c,
            "funding_stream": s,
            "year": y,
            "allocation": 1_000_000,
            "certainty": "firm",
            "source": "ours",
        }
        for c, s in (("ICB", "core"), ("COUNCIL", "care"))
        for y in ("2027-28", "2028-29", "2029-30")
    ]
    lower = [dict(row, allocation=10) for row in rows]
    change = [event("L1", "allocation_change", "2028-04-01", "2028-01-05")]
    before, after = (grown(tmp_path, change, [], allocations=table) for table in (rows, lower))
    assert wpb(before) == wpb(after)
    assert [posting.amount_pence for posting in before.settlement.postings] == [
        posting.amount_pence for posting in after.settlement.postings
    ]
    assert contract_figures(after)["plan_review"][0]["event"] == "L1"


@pytest.mark.req(226)
def test_before_a_change_is_agreed_what_it_leaves_for_other_services_is_shown(
    tmp_path: Path,
) -> None:
    reopened = event(
        "P1", "re_opener", "2028-04-01", "2028-02-10", refers_to="INFLATION", accepted_share=1
    )
    test = contract_figures(grown(tmp_path, [reopened], [new("P1", "2028-29", 0.03)]))["changes"][0]
    core = next(row for row in test["left_for_other_services"] if row["cell"] == "ICB.core")
    assert core["left_before_pence"] - core["left_after_pence"] == round(90_000_000 * 1.02 * 0.01)


@pytest.mark.req(226)
def test_what_is_left_runs_on_from_change_to_change_and_a_service_takes_its_spend_with_it(
    tmp_path: Path,
) -> None:
    reopened = event(
        "P1", "re_opener", "2028-04-01", "2028-02-10", refers_to="INFLATION", accepted_share=1
    )
    gone = event(
        "S1", "scope_change", "2029-04-01", "2028-03-10", service_line="S1", direction="leaves"
    )
    first, second = contract_figures(
        grown(tmp_path, [reopened, gone], [new("P1", "2028-29", 0.03), new("P1", "2029-30", 0.03)])
    )["changes"]
    after = next(
        row
        for row in first["left_for_other_services"]
        if row["cell"] == "ICB.core" and row["year"] == "2029-30"
    )["left_after_pence"]
    row = next(row for row in second["left_for_other_services"] if row["cell"] == "ICB.core")
    assert row["year"] == "2029-30" and row["left_before_pence"] == row["left_after_pence"] == after


def terms(**changes: Any) -> Terms:
    given: dict[str, Any] = {
        "contract": "W",
        "starts_on": datetime.date(2027, 4, 1),
        "ends_on": datetime.date(2030, 3, 31),
        "legal_regime": "provider_selection_2023",
        "advertised_change_limit": None,
        "too_small_share": 0.001,
        "review_share": 0.03,
        "fixed_years": 1,
        "update_frequency": "annual",
        "update_mode": "mature",
        "value_method": "type_values",
        "thin_types": "flag",
        "full_credibility_people": 1000,
        "in_year_rule": "remaining_months",
        "notice_days": 0,
        "outside_providers": "lead_pays",
        "lead_provider": "P",
        "form": "full",
        "years": ("2027-28",),
        "profile": (1 / 12,) * 12,
        "place": Cell("inputs/contract_terms.csv", "contract_terms", "B2"),
    }
    return Terms(**(given | changes))


@pytest.mark.req(224)
def test_materiality_is_tested_on_what_has_built_up() -> None:
    limits = [Limit("regime", 0.25, 500_000, "reg")]
    lifetime = 1_000_000_000_00.0
    shares = (
        ("S1", "scope_change", 0.15),
        ("S2", "scope_change", 0.0999998),
        ("U1", "population_update", 0.5),
        ("S3", "scope_change", 0.0000001),
        ("S4", "scope_change", 0.01),
        ("S5", "scope_change", -0.0000001),
    )
    tests = band_changes(
        [
            Made(code, kind, False, share * lifetime, datetime.date(2028, 5, 1))
            for code, kind, share in shares
        ],
        lifetime,
        terms(),
        lambda on: limits,
    )
    # A change too small to agree by itself is past the limit where what has built up is.
    assert [test.band for test in tests] == [
        "in_range",
        "in_range",
        "in_range",
        "too_small",
        "past_limit",
        "past_limit",
    ]
    assert tests[2].cumulative_pence == tests[1].cumulative_pence
    assert (
        cumulative_band(0.25 * lifetime, 0.25 * lifetime, lifetime, terms(), limits)[0]
        == "past_limit"
    )
    # Under half a million pounds is allowed whatever its share of a small contract.
    assert (
        cumulative_band(400_000_00.0, 400_000_00.0, 1_000_000_00.0, terms(), limits)[0]
        == "in_range"
    )
    assert (
        cumulative_band(
            0.2 * lifetime, 0.2 * lifetime, lifetime, terms(advertised_change_limit=0.15), limits
        )[0]
        == "past_limit"
    )
    assert cumulative_band(0.2 * lifetime, 0.2 * lifetime, lifetime, terms(), [])[0] == "unknown"


@pytest.mark.req(224)
@pytest.mark.parametrize(
    ("regime", "on", "share"),
    [
        ("pcr_2015", "2018-05-01", 0.10),
        ("provider_selection_2023", "2028-05-01", 0.25),
        ("provider_selection_2023", "2019-05-01", None),
        ("procurement_act_2023", "2028-05-01", None),
    ],
)
def test_limits_come_from_dated_law_and_what_is_not_known_stays_unknown(
    tmp_path: Path, regime: str, on: str, share: float | None
) -> None:
    contract = grown(tmp_path, [], [], terms={"legal_regime": regime})
    limits = limits_of(contract.book, regime, datetime.date.fromisoformat(on))
    assert [limit.share for limit in limits] == ([share] if share else [])


@pytest.mark.req(224)
def test_each_change_is_tested_by_the_law_in_force_on_its_day_and_by_all_that_it_asks() -> None:
    found = book()
    made = [
        Made(code, "scope_change", False, 1e9, datetime.date.fromisoformat(day))
        for code, day in (("S1", "2023-12-01"), ("S2", "2028-05-01"))
    ]
    tests = band_changes(
        made, 1e11, terms(), lambda on: limits_of(found, "provider_selection_2023", on)
    )
    assert [test.band for test in tests] == ["unknown", "in_range"]
    # The Public Contracts Regulations ask for a share and a sum: the sum is not held here, so below
    # the share nothing is certain.
    old = limits_of(found, "pcr_2015", datetime.date(2018, 5, 1))
    assert (
        cumulative_band(9e9, 9e9, 1e11, terms(), old)[0] == "unknown"
        and "a sum that is not held here" in cumulative_band(9e9, 9e9, 1e11, terms(), old)[1]
    )
    assert cumulative_band(1e10, 1e10, 1e11, terms(), old)[0] == "past_limit"
    both = Limit("regime", 0.10, 600_000, "reg", both=True)
    assert (
        both.pence(1e11) == 600_000_00
        and cumulative_band(6e7, 6e7, 1e11, terms(too_small_share=0.0), [both])[0] == "past_limit"
    )


@pytest.mark.req(225)
def test_a_material_difference_prompts_a_review_and_a_small_one_does_not(tmp_path: Path) -> None:
    assert needs_review(103.1, 100, 0.03)
    assert not needs_review(103.0, 100, 0.03)
    reopened = event(
        "P1", "re_opener", "2028-04-01", "2028-02-10", refers_to="INFLATION", accepted_share=1
    )
    years = contract_figures(grown(tmp_path, [reopened], [new("P1", "2028-29", 0.06)]))["years"]
    assert not years[0]["review"]
    assert "gain and loss sharing" in years[1]["review"]


def test_what_was_agreed_stays_when_an_assumption_is_published_later(tmp_path: Path) -> None:
    before = grown(tmp_path, [], [])
    (tmp_path / "later").mkdir()
    text = (
        (tmp_path / "cost.yaml")
        .read_text(encoding="utf-8")
        .replace(
            "value: 0.02, status: final, published: 2027-01, source: test paper, locator: Table"
            " 1}\n    - {year: 2029-30",
            "value: 0.02, status: final, published: 2027-01, source: test paper, locator: Table"
            " 1}\n    - {year: 2028-29, value: 0.09, status: final, published: 2027-11, source:"
            " test paper 3, locator: Table 1}\n    - {year: 2029-30",
        )
    )
    (tmp_path / "later" / "cost.yaml").write_text(text, encoding="utf-8")
    after = live_contract(before.model, book(tmp_path / "later"))
    assert "0.09" in text
    assert wpb(after) == wpb(before)
    assert AGREED["known_on"] == "2027-03-01"
