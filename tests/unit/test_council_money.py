"""Council-funded care: packages and their parts, the gates before them, exclusions, lawfulness,
commitments and VAT.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from tests import models
from wpb.baseline.pooling_law import pooling_tests
from wpb.intake.table_checks import check_declared
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.national.law_tables import contract_exclusions, entry_on, pooling_powers
from wpb.run import Budget
from wpb.tables.checks import Context, check_across
from wpb.tables.council_money import GOVERNANCE_ITEMS, POOLED_FUNCTIONS, POOLING_POWERS
from wpb.tables.records import Section

AGREED = {"reason": "Agreed", "agreed_by": "ICB and council", "agreed_on": "2026-10-01"}


def package(
    code: str,
    gross: float = 100.0,
    contribution: float = 0.0,
    share: float | None = 1.0,
    practice: str = "P1",
    **changes: Any,
) -> dict[str, Any]:
    row = {
        "package": code,
        "commissioner": "COUNCIL",
        "service_line": "S1",
        "list_code": practice,
        "funding_stream": "care",
        "gross_value": gross,
        "client_contribution": contribution,
        "in_scope_share": share,
        "effective_year": "2026-27",
    }
    return row | changes


def component(package: str, code: str, inside: bool, **weight: float) -> dict[str, Any]:
    return {"package": package, "component": code, "in_scope": inside} | weight


def governance(**statuses: str) -> list[dict[str, Any]]:
    return [
        {
            "organisation": "COUNCIL",
            "item": item,
            "status": statuses.get(item, "met"),
            "evidence": "signed",
            "owner": "Information officer",
            "checked_on": "2026-10-01",
        }
        for item in GOVERNANCE_ITEMS
    ]


def checked(tables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the checks say of these tables, beyond what they say of the bare model."""

    def said(more: Mapping[str, Any]) -> list[tuple[str, str]]:
        model, log = models.make(models.place(**more)), ProblemLog()
        check_declared(model.tables, set(), model.settings, log)
        check_across(Context(model.tables, model.settings, set(), log))
        return [(problem.severity, problem.code) for problem in log]

    bare, found = said({}), said(tables)
    for problem in bare:
        found.remove(problem)
    return found


def section(budget: Budget, name: str) -> Section:
    return next(found for found in budget.sections if found.name == name)


def baseline_of(budget: Budget, code: str) -> float:
    return budget.baseline.at(budget.current.lines.axis.positions[code], 0)


@pytest.mark.req(125)
def test_a_block_contract_of_social_care_goes_through_the_block_steps() -> None:
    tables = {
        "contracts": [
            models.contract(
                "HOMECARE",
                900,
                "block",
                commissioner="COUNCIL",
                funding_stream="care",
                population_method="whole_contract",
            )
        ],
        "contract_methods": models.methods("HOMECARE"),
        "schedule_lines": [
            {
                "contract": "HOMECARE",
                "schedule_line": "S1",
                "line_kind": "service",
                "service_line": "S1",
                "value": 900,
                "reflects_actual_spend": True,
            }
        ],
        "contract_activity": [
            {
                "contract": "HOMECARE",
                "activity_type": kind,
                "name": kind,
                "service_line": "S1",
                "activity_source": "local_report",
                "units": units,
            }
            for kind, units in (("visit", 20), ("night", 10))
        ],
    }
    budget = models.calculated(models.place(**tables))
    assert [
        baseline_of(budget, f"HOMECARE.S1.{kind}") for kind in ("visit", "night")
    ] == pytest.approx([60_000, 30_000])
    assert section(budget, "annual_payment_parts").rows == (
        ("social_care", "B", 90_000, 90_000, 90_000),
    )


@pytest.mark.req(126, 127, 128)
def test_packages_count_net_for_people_on_lists_in_scope_and_only_their_part_in_scope() -> None:
    budget = models.calculated(
        models.place(
            care_packages=[
                package("A", 100, 20, 0.75),
                package("B", 60, practice="P3"),
                package("C", 40.01),
            ]
        )
    )
    assert [baseline_of(budget, code) for code in ("CP.A", "CP.A.OUTSIDE", "CP.B", "CP.C")] == [
        6000,
        0,
        0,
        4001,
    ]
    assert section(budget, "care_packages").rows == (("S1", 20_001, 2000, 18_001, 10_001),)


@pytest.mark.req(127)
def test_a_package_wider_than_the_scope_is_split_by_its_components() -> None:
    packages = [package("A", share=None), package("B", share=None), package("C", share=0.1)]
    parts = [
        component("A", "care", True, value=30),
        component("A", "rent", False, value=10),
        component("B", "visits", True, units=10, unit_cost=2),
        component("B", "transport", False, units=20, unit_cost=4),
    ]
    budget = models.calculated(models.place(care_packages=packages, package_components=parts))
    assert [baseline_of(budget, f"CP.{code}") for code in "ABC"] == pytest.approx(
        [7500, 2000, 1000]
    )
    assert {
        line.code: line.grade for line in budget.current.lines.lines if "OUTSIDE" not in line.code
    } == {"CP.A": 1, "CP.B": 2, "CP.C": 1}
    assert budget.current.spend.value.sum() == pytest.approx(30_000)


@pytest.mark.req(127, 129)
@pytest.mark.parametrize(
    ("packages", "parts", "code"),
    [
        ([package("A", share=None)], [], "blank"),
        ([package("A")], [component("A", "c", True, value=1)], "share_twice"),
        ([package("A", share=None)], [component("A", "c", True)], "component_weight_missing"),
        (
            [package("A", share=None)],
            [component("A", "c", True, value=1, units=1, unit_cost=1)],
            "component_weight_twice",
        ),
        (
            [package("A", share=None)],
            [component("A", "c", True, value=1), component("A", "d", True, units=1, unit_cost=1)],
            "component_weights_mixed",
        ),
        ([package("A", practice="")], [], "blank"),
        ([package("A", attributable_to_person=False)], [], "list_unused"),
    ],
)
def test_packages_that_are_not_whole_are_named(
    packages: list[dict[str, Any]], parts: list[dict[str, Any]], code: str
) -> None:
    sound = {
        "care_packages": [package("A", share=None), package("B")],
        "package_components": [component("A", "c", True, value=1)],
        "information_governance": governance(),
    }
    assert checked(sound) == []
    assert ("error", code) in checked(
        {
            "care_packages": packages,
            "package_components": parts,
            "information_governance": governance(),
        }
    )


@pytest.mark.req(128)
def test_cost_by_condition_counts_private_and_in_house_together() -> None:
    rows = [
        package("A", 100, condition="dementia", package_kind="placement", provision="private"),
        package("B", 50, condition="dementia", package_kind="placement", provision="in_house"),
        package("C", 10, condition="dementia", package_kind="meals", practice="P2"),
        package("D", 70, condition="dementia", package_kind="meals", practice="P3"),
    ]
    budget = models.calculated(models.place(care_packages=rows))
    assert section(budget, "care_by_condition").rows == (
        ("dementia", "meals", 1000),
        ("dementia", "placement", 15_000),
    )


@pytest.mark.req(129)
def test_services_of_no_one_person_are_left_out_and_valued() -> None:
    budget = models.calculated(
        models.place(
            care_packages=[
                package("A"),
                package(
                    "SW", 500, practice="", package_kind="social_work", attributable_to_person=False
                ),
            ]
        )
    )
    assert budget.baseline.value.sum() == 10_000
    left_out = {row[0]: row[1:] for row in section(budget, "left_out").rows}
    assert left_out == {"Belongs to no one person, so no cohort can be given it": (1, 45_000)}


@pytest.mark.req(130)
def test_package_data_waits_until_information_governance_stands() -> None:
    packages = [package("A")]
    assert (
        checked(
            {
                "care_packages": packages,
                "information_governance": governance(timely_supply="not_needed"),
            }
        )
        == []
    )
    assert checked({"care_packages": packages}) == [("warning", "governance_not_recorded")]
    assert checked(
        {
            "care_packages": packages,
            "information_governance": governance(sharing_agreement_signed="in_progress"),
        }
    ) == [("error", "governance_unmet")]
    assert checked({"care_packages": packages, "information_governance": governance()[:4]}) == [
        ("error", "governance_incomplete")
    ]
    budget = models.calculated(models.place(care_packages=packages))
    assert [row[2] for row in section(budget, "information_governance").rows] == [
        "not_recorded"
    ] * 5


@pytest.mark.req(131, 132)
def test_adult_social_care_is_told_apart_and_council_money_is_part_b() -> None:
    budget = models.calculated(
        models.place(
            care_packages=[package("A")],
            direct_spend=[models.direct("D1", 300, population_method="whole_contract")],
        )
    )
    assert section(budget, "annual_payment_parts").rows == (
        ("core", "A", *[30_000] * 3),
        ("social_care", "B", *[10_000] * 3),
    )
    assert budget.ledger["annual_payment/by_part"].value[0].sum() == budget.forecast.value[0].sum()


@pytest.mark.req(134)
def test_the_table_of_powers_is_dated_cited_and_leaves_the_unknown_open() -> None:
    for entry in pooling_powers():
        assert entry.status in ("lawful", "unlawful", "unknown") and entry.source and entry.locator
        assert entry.subject in POOLED_FUNCTIONS and entry.under in POOLING_POWERS
    surgery = [
        entry_on(
            pooling_powers(),
            "surgery_and_other_invasive_treatment",
            "section_75",
            datetime.date(year, 4, 1),
        )
        for year in (1999, 2010, 2027)
    ]
    assert [entry.status if entry else None for entry in surgery] == [None, "unlawful", "unknown"]
    assert {entry.status for entry in contract_exclusions()} == {"excluded"}


def pooled(
    function: str, power: str = "section_75", stream: str = "care", **more: Any
) -> dict[str, Any]:
    return {"funding_stream": stream, "function": function, "power": power} | more


@pytest.mark.req(134)
@pytest.mark.parametrize(
    ("row", "finding"),
    [
        (pooled("adult_social_care"), "lawful"),
        (pooled("dispensing_doctors"), "unlawful"),
        (pooled("primary_medical"), "unknown"),
        (pooled("specialised"), "unknown"),
        (pooled("specialised", "none"), "lawful"),
        (
            pooled("specialised", advice="Counsel, 2026-09", advice_says="lawful"),
            "lawful_on_advice",
        ),
        (pooled("dispensing_doctors", advice="Counsel, 2026-09", advice_says="lawful"), "unlawful"),
        (
            pooled("council_public_health", ring_fenced_for="public health", purpose_kept=True),
            "lawful",
        ),
        (
            pooled("council_public_health", ring_fenced_for="public health", purpose_kept=False),
            "unlawful",
        ),
        (pooled("council_public_health", ring_fenced_for="public health"), "unknown"),
    ],
)
def test_each_function_is_tested_as_the_law_stands(row: dict[str, Any], finding: str) -> None:
    tests = pooling_tests(models.make(models.place(pooled_functions=[row])))
    assert [test.finding for test in tests if test.function] == [finding]
    assert [test.funding_stream for test in tests if not test.function] == ["core"], (
        "a stream with no function named is unknown, and shown"
    )


@pytest.mark.req(134)
def test_unlawful_pooling_stops_the_run_and_the_unknown_is_said() -> None:
    spend: dict[str, Any] = {"care_packages": [package("A")]}
    with pytest.raises(InputProblems) as stopped:
        models.calculated(models.place(pooled_functions=[pooled("dispensing_doctors")], **spend))
    assert "pooling_unlawful" in [problem.code for problem in stopped.value.problems]
    unknown = models.calculated(models.place(pooled_functions=[pooled("primary_medical")], **spend))
    assert "pooling_unknown" in [problem.code for problem in unknown.problems]
    lawful = models.calculated(
        models.place(pooled_functions=[pooled("adult_social_care")], **spend)
    )
    assert not [problem for problem in lawful.problems if problem.code.startswith("pooling_")]
    unused = models.calculated(
        models.place(
            pooled_functions=[
                pooled("dispensing_doctors", stream="core"),
                pooled("adult_social_care"),
            ],
            **spend,
        )
    )
    assert not [problem for problem in unused.problems if problem.code.startswith("pooling_")]


@pytest.mark.req(135, 136)
@pytest.mark.parametrize("kind", ["social_care", "public_health"])
def test_council_money_grows_by_the_gdp_deflator_unless_told_otherwise(kind: str) -> None:
    streams = [
        {"funding_stream": "core", "name": "Core", "kind": "core", "funder": "nhs"},
        {"funding_stream": "care", "name": "Council", "kind": kind, "funder": "council"},
    ]
    categories = [{"growth_category": "FLAT", "name": "Council", "growth_method": "deflator"}]
    tables = models.place(
        care_packages=[package("A")], funding_streams=streams, growth_categories=categories
    )
    assert models.calculated(tables).forecast.value[0, 0].tolist() == pytest.approx(
        [10_000 * 1.0201, 10_000 * 1.0201 * 1.0188, 10_000 * 1.0201 * 1.0188 * 1.0185]
    )
    told = tables | {
        "growth_categories": [
            {"growth_category": "FLAT", "name": "Council", "growth_method": "none"}
        ]
    }
    assert models.calculated(told).forecast.value[0, 0].tolist() == [10_000] * 3


@pytest.mark.req(137)
def test_what_councils_have_not_committed_is_flagged_year_by_year() -> None:
    def committed(*values: float) -> list[dict[str, Any]]:
        return [
            {
                "commissioner": "COUNCIL",
                "funding_stream": "care",
                "year": year,
                "committed_value": value,
                "known_change": "",
                "in_contract": True,
                "source": "Cabinet paper",
            }
            for year, value in zip(("2027-28", "2028-29", "2029-30"), values, strict=False)
        ]

    short = models.calculated(
        models.place(care_packages=[package("A")], council_commitments=committed(100, 80))
    )
    assert [(row[2], row[3], row[6]) for row in section(short, "council_commitments").rows] == [
        ("2027-28", True, 0),
        ("2028-29", True, 2000),
        ("2029-30", False, 10_000),
    ]
    assert [
        problem.code for problem in short.problems if problem.code.startswith("commitment")
    ] == ["commitment_gap"]
    assert "2 of 3 years, first in 2028-29" in next(
        str(problem) for problem in short.problems if problem.code == "commitment_gap"
    )
    enough = models.calculated(
        models.place(care_packages=[package("A")], council_commitments=committed(100, 100, 120))
    )
    assert not [problem for problem in enough.problems if problem.code.startswith("commitment")]
    assert [
        problem.code
        for problem in models.calculated(models.place(care_packages=[package("A")])).problems
        if problem.code.startswith("commitment")
    ] == ["commitments_not_recorded"]
    assert ("error", "commitment_funder") in checked(
        {"council_commitments": [committed(1)[0] | {"funding_stream": "core"}]}
    )
    assert ("error", "commitment_funder") not in checked({"council_commitments": committed(1)})


@pytest.mark.req(138)
def test_personal_budgets_are_left_out_where_agreed() -> None:
    rows = [package("A"), package("PB", 70, package_kind="personal_budget")]
    kept = models.calculated(models.place(care_packages=rows))
    out = models.calculated(
        models.place(
            care_packages=rows,
            scope_exclusions=[{"exclusion": "X1", "exclusion_kind": "personal_budgets"} | AGREED],
        )
    )
    assert {line.code: line.element for line in kept.current.lines.lines}[
        "CP.PB"
    ] == "personal_budget"
    assert (kept.baseline.value.sum(), out.baseline.value.sum()) == (17_000, 10_000)
    assert section(out, "left_out").rows == (("Personal budgets, left out by agreement", 1, 7000),)
    assert out.out_of_scope.value[0, :, 0].sum() - kept.out_of_scope.value[0, :, 0].sum() == 7000


CHC = {
    "exclusion": "X2",
    "exclusion_kind": "wider_risk_share",
    "service_line": "S2",
    "wider_area": "The whole county",
} | AGREED


@pytest.mark.req(139)
def test_continuing_healthcare_under_a_wider_risk_share_is_left_out() -> None:
    services = [
        {"service_line": code, "name": code, "scope": "in", "growth_category": "FLAT"}
        for code in ("S1", "S2")
    ]
    tables = models.place(
        service_lines=services,
        direct_spend=[models.direct("D1", 100), models.direct("CHC", 200, service_line="S2")],
        scope_exclusions=[CHC],
    )
    budget = models.calculated(tables)
    assert (baseline_of(budget, "D1"), baseline_of(budget, "CHC")) == (9000, 0)
    assert section(budget, "left_out").rows == (
        ("Its risk is shared over a wider area", 1, 18_000),
    )


@pytest.mark.req(138, 139)
def test_exclusions_say_what_they_must() -> None:
    personal = {"exclusion": "X1", "exclusion_kind": "personal_budgets"} | AGREED
    sound = {
        "care_packages": [package("A", package_kind="personal_budget")],
        "information_governance": governance(),
        "scope_exclusions": [personal, CHC | {"service_line": "S1"}],
    }
    assert checked(sound) == []
    assert ("error", "blank") in checked({"scope_exclusions": [CHC | {"service_line": ""}]})
    assert ("error", "blank") in checked({"scope_exclusions": [CHC | {"wider_area": ""}]})
    assert ("warning", "exclusion_empty") in checked({"scope_exclusions": [personal]})


def vat(holder: str, today: bool, recovered: float, **changes: Any) -> dict[str, Any]:
    return {
        "service_line": "S1",
        "holder": holder,
        "holds_today": today,
        "vatable_share": 0.5,
        "vat_rate": 0.2,
        "recovered_share": recovered,
        "basis": "stated for the test",
    } | changes


@pytest.mark.req(128, 133)
def test_the_vat_effect_of_another_contract_holder() -> None:
    budget = models.calculated(
        models.place(
            care_packages=[package("A", 110)],
            vat_recovery=[
                vat("COUNCIL", True, 1.0),
                vat("PROV", False, 0.0),
                vat("ICB", False, 0.4),
            ],
        )
    )
    effect = dict(
        zip(
            budget.ledger["vat/effect"].axis.codes,
            budget.ledger["vat/effect"].value[0, :, 0],
            strict=True,
        )
    )
    assert effect == pytest.approx({"S1~COUNCIL": 0, "S1~PROV": 1100, "S1~ICB": 660})
    assert [row[4] for row in section(budget, "vat_by_holder").rows] == [0, 1100, 660]
    back = models.calculated(
        models.place(
            care_packages=[package("A", 110)],
            vat_recovery=[vat("PROV", True, 0.0), vat("COUNCIL", False, 1.0)],
        )
    )
    assert back.ledger["vat/effect"].value[0, 1, 0] == pytest.approx(-1000)


@pytest.mark.req(133)
@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([vat("COUNCIL", True, 1), vat("PROV", False, 0)], False),
        ([vat("PROV", False, 0)], True),
        ([vat("COUNCIL", True, 1), vat("PROV", True, 0)], True),
    ],
)
def test_one_holder_of_today_for_each_service_line(rows: list[dict[str, Any]], found: bool) -> None:
    assert (("error", "vat_holder_today") in checked({"vat_recovery": rows})) is found
