"""Primary care: what moves in, what stays beside or out, how it grows, and what an appointment
costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests import models
from wpb.intake.table_checks import check_declared
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.run import Budget
from wpb.tables.checks import Context, check_across
from wpb.tables.records import Line
from wpb.tables.settings import Choice

PM = {"funding_stream": "pm", "name": "Primary medical", "kind": "primary_medical", "funder": "nhs"}
AGREED = {"reason": "Agreed", "agreed_by": "ICB and partnership", "agreed_on": "2026-10-01"}
RATES = """\
- key: local.agreed_premises
  title: Agreed uplift of premises
  unit: rate
  kind: growth
  values:
{premises}
- key: local.gms
  title: GMS uplift
  unit: rate
  kind: growth
  values:
{gms}
- key: local.tariff_cost
  title: Tariff cost uplift
  unit: rate
  kind: growth
  values:
{cost}
- key: local.tariff_efficiency
  title: Tariff efficiency
  unit: rate
  kind: efficiency
  values:
{efficiency}
"""
YEARS = ("2027-28", "2028-29", "2029-30")


def rates(folder: Path) -> Path:
    """Local assumptions for three years, in a folder of a model."""

    def values(rate: str) -> str:
        return "\n".join(
            f"    - {{year: {year}, value: {rate}, status: final, published: 2026-10, source: Local"
            " agreement, locator: minute 4, reason: agreed, evidence: minutes of the finance"
            " group, owner: finance director, outside_provider_control: true}"
            for year in YEARS
        )

    (folder / "assumptions").mkdir()
    (folder / "assumptions" / "local.yaml").write_text(
        RATES.format(
            premises=values("0.01"),
            gms=values("0.04"),
            cost=values("0.03"),
            efficiency=values("0.02"),
        ),
        encoding="utf-8",
    )
    return folder / "assumptions"


def payment(
    stream: str, value: float = 1000.0, practice: str = "P1", **changes: Any
) -> dict[str, Any]:
    return {
        "list_code": practice,
        "payment_stream": stream,
        "service_line": "S1",
        "funding_stream": "pm",
        "value": value,
        "effective_year": "2026-27",
    } | changes


def place(**more: Any) -> dict[str, Any]:
    tables = models.place(**more)
    tables["funding_streams"] = [*tables["funding_streams"], PM]
    tables["allocations"] = [
        *tables["allocations"],
        *(
            {
                "commissioner": "ICB",
                "funding_stream": "pm",
                "year": year,
                "allocation": 500_000,
                "certainty": "firm",
                "source": "ours",
            }
            for year in YEARS
        ),
    ]
    return tables


def lines(budget: Budget) -> Mapping[str, Line]:
    return {line.code: line for line in budget.current.lines.lines}


def baseline_of(budget: Budget, code: str) -> float:
    return budget.baseline.at(budget.current.lines.axis.positions[code], 0)


def checked(tables: Mapping[str, Any], **settings: Any) -> list[tuple[str, str]]:
    """Severity and code of what the checks of a table and across tables say."""
    model, log = models.make(tables, **settings), ProblemLog()
    check_declared(model.tables, set(), model.settings, log)
    check_across(Context(model.tables, model.settings, set(), log))
    return [(problem.severity, problem.code) for problem in log]


@pytest.mark.req(103, 104, 105)
@pytest.mark.parametrize("stream", ["global_sum", "capitation", "apms", "cqc_fees", "mpig"])
def test_core_streams_move_in_with_full_integration_only(stream: str) -> None:
    budget = models.calculated(
        place(primary_care_payments=[payment(stream), payment(stream, practice="P2")])
    )
    assert (lines(budget)[f"PC.P1.{stream}"].element, lines(budget)[f"PC.P2.{stream}"].element) == (
        "wpap",
        "excluded",
    )
    assert (baseline_of(budget, f"PC.P1.{stream}"), baseline_of(budget, f"PC.P2.{stream}")) == (
        100_000,
        0,
    )


@pytest.mark.req(106, 107, 108, 109, 111)
def test_the_three_circumstances_and_the_incentives() -> None:
    streams = ("vaccinations", "central_development", "dispensing", "qof", "des", "premises")
    budget = models.calculated(place(primary_care_payments=[payment(stream) for stream in streams]))
    found = [lines(budget)[f"PC.P1.{stream}"] for stream in streams]
    assert [line.element for line in found] == [
        "activity_paid",
        "pass_through",
        "excluded",
        "incentive",
        "incentive",
        "activity_paid",
    ]
    assert [line.automatic_uplift for line in found[:1] + found[5:]] == [False, False]
    assert [baseline_of(budget, line.code) for line in found[:3]] == [100_000, 0, 0]
    section = next(section for section in budget.sections if section.name == "left_out")
    assert {row[0]: row[2] for row in section.rows} == {
        "Pooled centrally, and practices apply for it": 100_000,
        "The law does not let dispensing doctors' payments be pooled": 100_000,
    }
    assert budget.ledger["left_out/by_reason"].value.sum() == 200_000


@pytest.mark.req(110)
def test_a_local_item_comes_in_by_agreement_only() -> None:
    without = models.calculated(place(primary_care_payments=[payment("out_of_area_urgent_care")]))
    agreed = models.calculated(
        place(
            primary_care_payments=[payment("out_of_area_urgent_care")],
            primary_care_terms=[
                {"payment_stream": "out_of_area_urgent_care", "terms": "local_agreement"} | AGREED
            ],
        )
    )
    assert (without.baseline.value.sum(), agreed.baseline.value.sum()) == (0, 100_000)
    assert [
        problem.code
        for problem in without.problems
        if problem.severity == "warning" and problem.code.startswith("local_")
    ] == ["local_agreement_missing"]
    assert not [problem for problem in agreed.problems if problem.code == "local_agreement_missing"]


@pytest.mark.req(111)
def test_premises_grow_only_by_what_was_agreed(tmp_path: Path) -> None:
    categories = [
        {"growth_category": "FLAT", "name": "No growth", "growth_method": "none"},
        {
            "growth_category": "PREM",
            "name": "Agreed",
            "growth_method": "total_cost",
            "cost_rate": "local.agreed_premises",
        },
    ]
    tables = place(
        primary_care_payments=[payment("premises"), payment("vaccinations")],
        growth_categories=categories,
        primary_care_terms=[
            {"payment_stream": "premises", "terms": "case_by_case", "growth_category": "PREM"}
            | AGREED
        ],
    )
    budget = models.calculated(tables, rates(tmp_path))
    last = [
        budget.forecast.at(budget.current.lines.axis.positions[f"PC.P1.{stream}"], 2)
        for stream in ("premises", "vaccinations")
    ]
    assert last == [pytest.approx(100_000 * 1.01**3), 100_000]


@pytest.mark.req(112)
@pytest.mark.parametrize(
    ("method", "net"), [("additive", 0.01), ("multiplicative", 1.03 * 0.98 - 1)]
)
def test_primary_medical_uplift_has_regard_to_both_references(
    tmp_path: Path, method: str, net: float
) -> None:
    categories = [
        {"growth_category": "FLAT", "name": "Primary medical", "growth_method": "two_references"}
    ]
    references = [
        {
            "growth_category": "FLAT",
            "tariff_cost_rate": "local.tariff_cost",
            "tariff_efficiency_rate": "local.tariff_efficiency",
            "gms_pms_rate": "local.gms",
            "gms_pms_weight": 0.75,
            "rationale": "Most of it is GMS",
            "agreed_by": "ICB",
        }
    ]
    tables = place(
        primary_care_payments=[payment("global_sum")],
        growth_categories=categories,
        reference_uplifts=references,
    )
    budget = models.calculated(
        tables, rates(tmp_path), efficiency_method=Choice(method, "as agreed")
    )
    assert budget.forecast.at(0, 0) == pytest.approx(100_000 * (1 + 0.75 * 0.04 + 0.25 * net))
    assert ("error", "references_missing") not in checked(tables)
    assert ("error", "references_missing") in checked(tables | {"reference_uplifts": []})
    assert ("warning", "one_reference") in checked(
        tables | {"reference_uplifts": [references[0] | {"gms_pms_weight": 1}]}
    )
    assert ("warning", "one_reference") not in checked(tables)
    assert ("error", "rate_twice") in checked(
        tables
        | {"growth_categories": [categories[0] | {"efficiency_rate": "local.tariff_efficiency"}]}
    )
    assert ("error", "references_unused") in checked(
        tables | {"growth_categories": [categories[0] | {"growth_method": "none"}]}
    )


@pytest.mark.req(113)
def test_enhanced_services_come_in_at_contract_value_and_mixed_contracts_are_split() -> None:
    services = [
        {"service_line": code, "name": code, "scope": scope, "growth_category": "FLAT"}
        for code, scope in (("S1", "in"), ("S2", "out"))
    ]
    mixed = {
        "contracts": [
            models.contract(
                "GPF", 900, "block", funding_stream="pm", population_method="whole_contract"
            )
        ],
        "contract_methods": models.methods("GPF"),
        "schedule_lines": [
            {
                "contract": "GPF",
                "schedule_line": code,
                "line_kind": "service",
                "service_line": code,
                "value": value,
                "reflects_actual_spend": True,
            }
            for code, value in (("S1", 600), ("S2", 300))
        ],
        "contract_activity": [
            {
                "contract": "GPF",
                "activity_type": f"A{code}",
                "name": code,
                "service_line": code,
                "activity_source": "local_report",
                "units": 10,
            }
            for code in ("S1", "S2")
        ],
    }
    budget = models.calculated(
        place(
            primary_care_payments=[payment("enhanced_services", 40.05, "P2")],
            service_lines=services,
            **mixed,
        )
    )
    assert baseline_of(budget, "PC.P2.enhanced_services") == pytest.approx(4005)
    assert [baseline_of(budget, f"GPF.{code}.A{code}") for code in ("S1", "S2")] == [60_000, 0]


TERMS = {"payment_stream": "qof", "terms": "local_variant", "national_value": 1200.0} | AGREED


@pytest.mark.req(106, 107, 108, 109, 110, 111)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"payment_stream": "dispensing"}, "terms_barred"),
        ({"payment_stream": "central_development"}, "terms_barred"),
        ({"payment_stream": "global_sum"}, "terms_unused"),
        ({"payment_stream": "vaccinations"}, "terms_wrong"),
        ({"payment_stream": "premises", "terms": "case_by_case"}, "blank"),
        ({"growth_category": "FLAT"}, "terms_unused"),
        ({"national_value": None}, "national_value_missing"),
    ],
)
def test_terms_that_do_not_fit_their_stream_are_named(changes: dict[str, Any], code: str) -> None:
    assert code not in [found for _, found in checked(place(primary_care_terms=[TERMS]))]
    assert code in [found for _, found in checked(place(primary_care_terms=[TERMS | changes]))]


@pytest.mark.req(109)
def test_a_local_variant_is_shown_beside_the_national_terms() -> None:
    budget = models.calculated(
        place(primary_care_payments=[payment("qof")], primary_care_terms=[TERMS])
    )
    section = next(section for section in budget.sections if section.name == "primary_care_terms")
    assert section.rows[0][:6] == ("qof", "all", "local_variant", 100_000, 120_000, -20_000)
    assert lines(budget)["PC.P1.qof"].element == "incentive"


def appointments(**changes: Any) -> dict[str, Any]:
    """The vanguard's steps on round numbers: 600 with a GP, 300 with a nurse, 100 by telephone."""
    rows = [("gp", "A", 400), ("gp", "B", 200), ("nurse", "A", 300), ("telephone", "", 100)]
    tables = {
        "primary_care_pots": [
            {
                "pot": "NHSE",
                "pot_kind": "nhs_england_primary_care",
                "value": 70_000,
                "effective_year": "2026-27",
                "source": "return",
            },
            {
                "pot": "LES",
                "pot_kind": "local_enhanced_services",
                "value": 6_000,
                "effective_year": "2026-27",
                "source": "return",
            },
        ],
        "appointments": (
            [
                {
                    "list_code": "P1",
                    "cohort": cohort,
                    "appointment_class": kind,
                    "outcome": "attended",
                    "appointments": count,
                }
                for kind, cohort, count in rows
            ]
            + [
                {
                    "list_code": "P1",
                    "cohort": "A",
                    "appointment_class": "gp",
                    "outcome": outcome,
                    "appointments": 50,
                }
                for outcome in ("did_not_attend", "anomaly")
            ]
        ),
        "appointment_prices": [
            {
                "appointment_class": kind,
                "relative_price": price,
                "judgement": "local",
                "agreed_by": "ICB",
            }
            for kind, price in (("gp", 1), ("nurse", 0.4), ("telephone", 0.4))
        ],
    }
    return place(direct_spend=[models.direct("D1", 100)], **(tables | changes))


@pytest.mark.req(114, 115, 116, 117, 118)
def test_the_four_steps_of_the_vanguard() -> None:
    ledger = models.calculated(appointments()).ledger

    def column(name: str) -> list[float]:
        return [float(value) for value in ledger[name].value[0, :, 0]]

    assert column("appointments/pot") == [7_600_000]
    assert column("appointments/by_class") == [600, 300, 100]
    assert column("appointments/activity_share") == [0.6, 0.3, 0.1]
    assert column("appointments/initial_split") == pytest.approx([4_560_000, 2_280_000, 760_000])
    assert column("appointments/priced_share") == pytest.approx(
        [0.6 / 0.76, 0.12 / 0.76, 0.04 / 0.76]
    )
    assert column("appointments/currency") == pytest.approx([10_000, 4_000, 4_000])
    assert dict(
        zip(
            ledger["appointments/cohort_spend"].axis.codes,
            column("appointments/cohort_spend"),
            strict=True,
        )
    ) == pytest.approx({"A": 5_200_000, "B": 2_000_000, "not_recorded": 400_000})


@pytest.mark.req(115)
def test_missed_appointments_are_left_out_and_said() -> None:
    budget = models.calculated(appointments())
    section = next(section for section in budget.sections if section.name == "appointment_costs")
    assert "50 not attended and 50 that can't be right" in section.note
    assert (
        budget.baseline.value.sum()
        == models.calculated(place(direct_spend=[models.direct("D1", 100)])).baseline.value.sum()
    )


@pytest.mark.req(114, 117)
def test_appointments_without_a_price_or_a_pot_are_named() -> None:
    assert not [
        code
        for severity, code in checked(appointments())
        if code.startswith(("appointment", "pot", "relative"))
    ]
    assert ("error", "pot_missing") in checked(appointments(primary_care_pots=[]))
    prices = appointments()["appointment_prices"]
    assert ("error", "appointment_price_missing") in checked(
        appointments(appointment_prices=prices[:2])
    )
    assert ("error", "relative_price_base") in checked(
        appointments(appointment_prices=[prices[0] | {"relative_price": 2}, *prices[1:]])
    )
    assert ("warning", "relative_price_high") in checked(
        appointments(appointment_prices=[*prices[:2], prices[2] | {"relative_price": 1.5}])
    )
    with pytest.raises(InputProblems):
        models.calculated(appointments(appointment_prices=prices[:2]))


@pytest.mark.req(38)
def test_a_line_for_one_list_goes_to_it_whole() -> None:
    tables = place(
        direct_spend=[
            models.direct("RX1", 500, population_method="one_list", list_code="P1"),
            models.direct("RX3", 700, population_method="one_list", list_code="P3"),
        ]
    )
    budget = models.calculated(tables)
    assert (baseline_of(budget, "RX1"), baseline_of(budget, "RX3")) == (50_000, 0)
    assert lines(budget)["RX1"].grade == 1
    assert budget.ledger["baseline/by_list"].axis.codes == ("P1",)
    assert ("error", "blank") in checked(
        place(direct_spend=[models.direct("RX1", 500, population_method="one_list")])
    )
    assert ("error", "list_unused") in checked(
        place(direct_spend=[models.direct("RX1", 500, list_code="P1")])
    )
    assert not [code for _, code in checked(tables) if code in ("blank", "list_unused")]


def regulated(kind: str, scope: str = "in", **more: Any) -> dict[str, Any]:
    return place(
        direct_spend=[models.direct("D1", 100)],
        service_lines=[
            {
                "service_line": "S1",
                "name": "Service",
                "scope": scope,
                "growth_category": "FLAT",
                "regulated_as": kind,
            }
        ],
        **more,
    )


@pytest.mark.req(122)
@pytest.mark.parametrize("kind", ["community_pharmacy", "general_dental", "community_optometry"])
def test_what_the_contract_may_not_hold_is_refused_in_scope(kind: str) -> None:
    with pytest.raises(InputProblems) as stopped:
        models.calculated(regulated(kind))
    assert [problem.code for problem in stopped.value.problems if problem.severity == "error"] == [
        "contract_may_not_hold"
    ]
    assert not [
        problem
        for problem in models.calculated(regulated(kind, "out")).problems
        if problem.code.startswith("contract_")
    ]
    other = models.calculated(regulated(kind), vehicle="integrated_health_organisation")
    assert [problem.code for problem in other.problems if problem.code.startswith("contract_")] == [
        "contract_form_unknown"
    ]


@pytest.mark.req(123, 133, 230)
@pytest.mark.parametrize(
    ("changes", "kind", "regime"),
    [
        ({}, "", "local_price"),
        ({}, "gp_minor_surgery", "local_price"),
        ({"funding_stream": "care", "commissioner": "COUNCIL"}, "", "local_authority"),
        ({"funding_stream": "pm"}, "primary_medical", "local_price"),
    ],
)
def test_each_line_has_its_rules_of_price(changes: dict[str, Any], kind: str, regime: str) -> None:
    budget = models.calculated(
        regulated(kind) | {"direct_spend": [models.direct("D1", 100, **changes)]}
    )
    assert [line.pricing_regime for line in budget.current.lines.lines] == [regime]
    section = next(section for section in budget.sections if section.name == "pricing_regimes")
    assert [(row[0], row[3]) for row in section.rows] == [(regime, 9000)]


@pytest.mark.req(230)
def test_practice_payments_outside_the_contract_keep_the_acts_rules_of_price() -> None:
    budget = models.calculated(
        place(
            primary_care_payments=[
                payment("global_sum"),
                payment("global_sum", practice="P2"),
                payment("qof"),
            ]
        )
    )
    assert [line.pricing_regime for line in budget.current.lines.lines] == [
        "local_price",
        "act_2006_remuneration",
        "act_2006_remuneration",
    ]


@pytest.mark.req(124)
def test_non_medical_allocations_are_not_relied_on_alone() -> None:
    route = {"core": Choice("allocation_growth", "near the whole")}
    dental = regulated("general_dental", "out")
    assert ("warning", "non_medical_allocation") in checked(dental, forecast_routes=route)
    assert ("warning", "non_medical_allocation") not in checked(
        dental, forecast_routes={"core": Choice("national_assumptions", "own")}
    )
    assert ("warning", "non_medical_allocation") not in checked(
        regulated("primary_medical", "out"), forecast_routes=route
    )
