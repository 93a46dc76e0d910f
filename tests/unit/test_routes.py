"""Each route of the baseline on models small enough to work out on paper."""

from __future__ import annotations

from typing import Any

import pytest

from tests.models import calculated, contract, direct, methods, place
from wpb.kernel.problems import InputProblems
from wpb.present.summary import summary
from wpb.run import Budget


def pounds(budget: Budget, block: str, row: str = "", year: str = "") -> float:
    found = budget.ledger[block]
    position = found.axis.positions[row] if row else 0
    return found.at(position, found.year_position(year) if year else 0) / 100


def codes(budget: Budget) -> list[str]:
    return [problem.code for problem in budget.problems]


SCHEDULE = [
    {
        "contract": "B1",
        "schedule_line": "L1",
        "line_kind": "service",
        "service_line": "S1",
        "value": 60,
        "reflects_actual_spend": True,
    },
    {
        "contract": "B1",
        "schedule_line": "L2",
        "line_kind": "service",
        "service_line": "S2",
        "value": 30,
        "reflects_actual_spend": True,
    },
    {
        "contract": "B1",
        "schedule_line": "ADMIN",
        "line_kind": "non_service",
        "value": 10,
        "reflects_actual_spend": True,
    },
]
SERVICES = [
    {"service_line": s, "name": s, "scope": "in", "growth_category": "FLAT"} for s in ("S1", "S2")
]
ACTIVITY = [
    {
        "contract": "B1",
        "activity_type": kind,
        "name": kind,
        "service_line": s,
        "activity_source": "cids",
        "units": units,
    }
    for kind, s, units in (("A", "S1", 10), ("B", "S1", 30), ("C", "S2", 50))
]


def block(value: float = 100, **more: Any) -> dict[str, Any]:
    changes = more.pop("contract", {})
    tables = {
        "contracts": [contract("B1", value, "block", **changes)],
        "contract_methods": methods("B1"),
        "schedule_lines": SCHEDULE,
        "contract_activity": ACTIVITY,
        "service_lines": SERVICES,
    }
    return place(**(tables | more))


@pytest.mark.req(48, 50, 51, 52, 54, 63)
@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("schedule_value", (60 + 10 * 60 / 90, 30 + 10 * 30 / 90)),
        ("equal", (65.0, 35.0)),
        ("cost_driver", (62.0, 38.0)),
    ],
)
def test_admin_is_spread_by_driver_value_or_equally(
    split: str, expected: tuple[float, float]
) -> None:
    drivers = [
        {"contract": "B1", "service_line": s, "driver": "WTE", "units": units}
        for s, units in (("S1", 2), ("S2", 8))
    ]
    budget = calculated(block(contract_methods=methods("B1", split=split), cost_drivers=drivers))
    assert (
        pounds(budget, "contract/B1/step_1", "S1"),
        pounds(budget, "contract/B1/step_1", "S2"),
    ) == pytest.approx(expected)


@pytest.mark.req(48, 49, 63)
def test_a_schedule_that_misses_the_contract_is_said_and_shared_in_proportion() -> None:
    budget = calculated(block(value=200))
    assert pounds(budget, "contract/B1/step_1", "S1") == pytest.approx(200 * 2 / 3)
    assert "schedule_total" in codes(budget)
    assert "schedule_total" not in codes(calculated(block()))


@pytest.mark.req(49)
def test_a_stale_schedule_value_is_said() -> None:
    stale = [
        {**row, "reflects_actual_spend": False} if row["schedule_line"] == "L1" else row
        for row in SCHEDULE
    ]
    assert "schedule_stale" in codes(calculated(block(schedule_lines=stale)))


@pytest.mark.req(56, 57, 59)
@pytest.mark.parametrize(
    ("option", "expected"), [("direct_cost", 100 * 40 / 100), ("absorbed_cost", 100 * 60 / 200)]
)
def test_provider_costs_share_the_contract_without_teaching_and_research(
    option: str, expected: float
) -> None:
    costs = [
        {"contract": "B1", "service_line": s, "cost_kind": kind, "cost": cost}
        for s, kind, cost in (
            ("S1", "direct", 40),
            ("S2", "direct", 60),
            ("S1", "overhead", 20),
            ("S2", "indirect", 80),
            ("S1", "research", 500),
            ("S2", "education_and_training", 900),
        )
    ]
    budget = calculated(block(contract_methods=methods("B1", step_1=option), provider_costs=costs))
    assert pounds(budget, "contract/B1/step_1", "S1") == pytest.approx(expected)


@pytest.mark.req(62, 92)
def test_an_undivided_contract_goes_on_whole_and_gets_the_last_grade() -> None:
    budget = calculated(block(contract_methods=methods("B1", step_1="undivided")))
    assert pounds(budget, "contract/B1/step_3", "S1.A") == pytest.approx(100 * 10 / 90)
    line = budget.current.lines.lines[budget.current.lines.axis.positions["B1.S1.A"]]
    assert (
        line.grade == 3
        and "undivided" in line.grade_reason
        and "simple average" in line.grade_reason
    )


@pytest.mark.req(37, 92)
def test_the_weakest_method_on_the_way_grades_a_line() -> None:
    weights = [
        {"contract": "B1", "activity_type": kind, "weight_source": "time_and_motion", "weight": 1}
        for kind in "ABC"
    ]
    weighted = [
        {"list_code": code, "need": "community", "weighted_population": 10}
        for code in ("P1", "P2", "P3")
    ]
    by_need = {"population_method": "weighted_carve_out", "carve_out_driver": "community"}
    best = calculated(
        block(
            contract_methods=methods("B1", step_3="relative_resource"),
            cost_weights=weights,
            list_weights=weighted,
            contract=by_need,
        )
    )
    assert {line.grade for line in best.current.lines.lines} == {2}
    whole = calculated(
        block(
            contract_methods=methods("B1", step_3="relative_resource"),
            cost_weights=weights,
            contract={"population_method": "whole_contract"},
        )
    )
    assert {line.grade for line in whole.current.lines.lines} == {1}


@pytest.mark.req(80, 83, 84, 85, 86, 90)
@pytest.mark.parametrize(
    ("option", "weights"),
    [
        ("relative_resource", (1.0, 3.0)),
        ("other_unit_costs", (2.0, 1.0)),
        ("benchmark_unweighted", (15.0, 30.0)),
        ("benchmark_weighted", (12.0, 30.0)),
        ("national_reference_costs", (5.0, 7.0)),
        ("simple_average", (1.0, 1.0)),
    ],
)
def test_step_3_weighs_activity_by_the_option_chosen(
    option: str, weights: tuple[float, float]
) -> None:
    own = [
        {"contract": "B1", "activity_type": kind, "weight_source": source, "weight": weight}
        for source, values in (("time_and_motion", (1, 3, 1)), ("other_unit_costs", (2, 1, 1)))
        for kind, weight in zip("ABC", values, strict=True)
    ]
    bench = [
        {"activity_type": kind, "benchmark_provider": who, "unit_cost": cost, "units": units}
        for kind, who, cost, units in (
            ("A", "X", 10, 8),
            ("A", "Y", 20, 2),
            ("B", "X", 30, 1),
            ("C", "X", 1, 1),
        )
    ]
    national = [
        {"activity_type": kind, "category": kind, "unit_cost": cost, "collection_year": "2024-25"}
        for kind, cost in zip("ABC", (5, 7, 9), strict=True)
    ]
    budget = calculated(
        block(
            contract_methods=methods("B1", step_3=option),
            cost_weights=own,
            benchmark_costs=bench,
            national_unit_costs=national,
        )
    )
    service = pounds(budget, "contract/B1/step_1", "S1")
    expected = service * 10 * weights[0] / (10 * weights[0] + 30 * weights[1])
    assert pounds(budget, "contract/B1/step_3", "S1.A") == pytest.approx(expected)
    assert pounds(budget, "contract/B1/step_3", "S1.A") + pounds(
        budget, "contract/B1/step_3", "S1.B"
    ) == pytest.approx(service)


@pytest.mark.req(77, 78, 79)
def test_shared_activity_is_split_by_the_clinicians_percentages() -> None:
    shared = [
        {
            "contract": "B1",
            "activity_type": "D",
            "name": "Dietetics",
            "service_line": "",
            "activity_source": "local_report",
            "units": 100,
        }
    ]
    mapping = [
        {
            "contract": "B1",
            "activity_type": "D",
            "service_line": s,
            "share": share,
            "clinician_source": "lead",
        }
        for s, share in (("S1", 0.6), ("S2", 0.4))
    ]
    budget = calculated(block(contract_activity=[*ACTIVITY, *shared], activity_mapping=mapping))
    assert [budget.ledger["contract/B1/step_2"].at(row, 0) for row in range(5)] == pytest.approx(
        [10, 30, 50, 60, 40]
    )


@pytest.mark.req(99)
def test_a_service_line_without_activity_keeps_its_pounds_unmapped_and_said() -> None:
    budget = calculated(block(contract_activity=ACTIVITY[:2]))
    (row,) = summary(budget)["contracts"]
    assert row["unmapped_pence"] == 3333 and row["residual_pence"] == 0
    assert "service_without_activity" in codes(budget)


@pytest.mark.req(36)
def test_a_contract_that_serves_only_lists_in_scope_is_not_carved() -> None:
    budget = calculated(block(contract={"population_method": "whole_contract"}))
    assert summary(budget)["contracts"][0]["allocated_pence"] == 10_000


@pytest.mark.req(43)
def test_a_population_carve_out_takes_out_lists_that_do_not_take_part() -> None:
    assert summary(calculated(block()))["contracts"][0]["allocated_pence"] == 9_000


@pytest.mark.req(44)
def test_a_weighted_carve_out_goes_by_weighted_lists_as_encompass_did() -> None:
    weights = [
        {"list_code": code, "need": "mental_health", "weighted_population": weight}
        for code, weight in (("P1", 5000), ("P2", 1000), ("P3", 4000))
    ]
    budget = calculated(
        block(
            list_weights=weights,
            contract={
                "population_method": "weighted_carve_out",
                "carve_out_driver": "mental_health",
            },
        )
    )
    assert summary(budget)["contracts"][0]["allocated_pence"] == 6_000


@pytest.mark.req(42)
def test_a_condition_carve_out_goes_by_the_register() -> None:
    registers = [
        {"list_code": code, "condition": "DM", "patients": patients}
        for code, patients in (("P1", 300), ("P2", 50), ("P3", 150))
    ]
    budget = calculated(
        block(
            condition_registers=registers,
            contract={"population_method": "condition_carve_out", "carve_out_driver": "DM"},
        )
    )
    assert summary(budget)["contracts"][0]["allocated_pence"] == 7_000


@pytest.mark.req(42)
def test_a_carve_out_that_covers_nobody_stops() -> None:
    with pytest.raises(InputProblems) as stopped:
        calculated(
            block(contract={"population_method": "condition_carve_out", "carve_out_driver": "DM"})
        )
    assert stopped.value.problems[-1].code == "carve_out_empty"


@pytest.mark.req(96, 97, 98, 99)
def test_activity_goes_to_patient_groups_and_what_is_not_mapped_to_no_one() -> None:
    registers = [
        {"list_code": code, "condition": condition, "patients": patients}
        for condition, split in (("DM", (300, 50, 150)), ("COPD", (10, 10, 80)))
        for code, patients in zip(("P1", "P2", "P3"), split, strict=True)
    ]
    mapping = [
        {
            "contract": "B1",
            "activity_type": kind,
            "condition": condition,
            "share": share,
            "clinician_source": "GP lead",
        }
        for kind, condition, share in (("A", "DM", 0.5), ("A", "COPD", 0.5), ("B", "DM", 1.0))
    ]
    budget = calculated(
        block(
            condition_registers=registers,
            patient_group_mapping=mapping,
            contract={"population_method": "patient_groups"},
        )
    )
    lines = budget.current.lines.axis
    share = budget.current.in_scope.value[0, :, 0] / budget.current.spend.value[0, :, 0]
    assert share[lines.positions["B1.S1.A"]] == pytest.approx(0.5 * 0.7 + 0.5 * 0.2)
    assert share[lines.positions["B1.S1.B"]] == pytest.approx(0.7)
    assert pounds(budget, "spend_unmapped", "B1.S2.C") == pytest.approx(
        pounds(budget, "spend", "B1.S2.C")
    )
    assert budget.ledger["baseline/by_list"].value.sum() == pytest.approx(
        budget.baseline.value.sum()
    )


@pytest.mark.req(38, 101)
def test_activity_recorded_by_list_shares_a_line_by_its_units() -> None:
    by_list = [
        {
            "contract": "B1",
            "service_line": s,
            "activity_type": kind,
            "list_code": code,
            "units": units,
        }
        for s, kind in (("S1", "A"), ("S1", "B"), ("S2", "C"))
        for code, units in (("P1", 3), ("P3", 1))
    ]
    budget = calculated(
        block(activity_by_list=by_list, contract={"population_method": "activity_by_list"})
    )
    assert summary(budget)["contracts"][0]["allocated_pence"] == 7_500
    assert pounds(budget, "baseline/by_list", "P1") == pytest.approx(75)


PRICED = [
    {
        "contract": "A1",
        "service_line": "S1",
        "point_of_delivery": point,
        "activity_currency": "TFC",
        "payment_part": part,
        "units": units,
    }
    for point, part, units in (("EL", "variable", 10), ("NEL", "fixed", 20), ("AE", "fixed", 40))
]
PRICES = [
    {
        "activity_currency": "TFC",
        "point_of_delivery": point,
        "price_year": "2026-27",
        "unit_price": price,
        "price_kind": "national",
    }
    for point, price in (("EL", 3), ("NEL", 2), ("AE", 0.5))
]


@pytest.mark.req(38, 39, 40)
def test_activity_is_paid_at_current_prices() -> None:
    budget = calculated(
        place(contracts=[contract("A1", 90, "activity")], priced_activity=PRICED, prices=PRICES)
    )
    assert [
        pounds(budget, "spend", f"A1.S1.{point}") for point in ("EL", "NEL", "AE")
    ] == pytest.approx([30, 40, 20])


@pytest.mark.req(39)
def test_an_aligned_contract_adds_to_what_is_paid_its_fixed_part_weighed_by_priced_activity() -> (
    None
):
    budget = calculated(
        place(
            contracts=[contract("A1", 150, "aligned", fixed_value=120)],
            priced_activity=PRICED,
            prices=PRICES,
        )
    )
    assert [
        pounds(budget, "spend", f"A1.S1.{point}") for point in ("EL", "NEL", "AE")
    ] == pytest.approx([30, 80, 40])


@pytest.mark.req(39, 99)
def test_what_priced_activity_does_not_explain_is_mapped_to_no_one_and_said() -> None:
    budget = calculated(
        place(contracts=[contract("A1", 100, "activity")], priced_activity=PRICED, prices=PRICES)
    )
    (row,) = summary(budget)["contracts"]
    assert (row["unmapped_pence"], row["residual_pence"]) == (1000, 0)
    assert "contract_unexplained" in codes(budget)


@pytest.mark.req(39)
def test_activity_without_a_price_stops() -> None:
    with pytest.raises(InputProblems) as stopped:
        calculated(
            place(
                contracts=[contract("A1", 90, "activity")],
                priced_activity=PRICED,
                prices=PRICES[:2],
            )
        )
    assert [problem.code for problem in stopped.value.problems][-1] == "price_missing"


def payments(*rows: tuple[str, str, float]) -> list[dict[str, Any]]:
    return [
        {
            "list_code": code,
            "payment_stream": stream,
            "service_line": "S1",
            "funding_stream": "core",
            "value": value,
            "effective_year": "2026-27",
        }
        for code, stream, value in rows
    ]


@pytest.mark.req(3, 103, 104, 105, 106, 107, 108, 109, 113)
def test_primary_care_moves_in_by_stream_and_by_how_the_practice_takes_part() -> None:
    streams = (
        "global_sum",
        "mpig",
        "qof",
        "des",
        "vaccinations",
        "premises",
        "enhanced_services",
        "central_development",
        "dispensing",
    )
    budget = calculated(
        place(
            primary_care_payments=payments(
                *((code, stream, 100.0) for code in ("P1", "P2") for stream in streams)
            )
        )
    )
    inside = {
        line.code: line.element
        for line in budget.current.lines.lines
        if pounds(budget, "baseline", line.code)
    }
    assert inside == {
        "PC.P1.global_sum": "wpap",
        "PC.P1.mpig": "wpap",
        "PC.P1.qof": "incentive",
        "PC.P1.des": "incentive",
        "PC.P1.vaccinations": "activity_paid",
        "PC.P1.premises": "activity_paid",
        "PC.P1.enhanced_services": "wpap",
        "PC.P2.enhanced_services": "wpap",
    }


@pytest.mark.req(111)
def test_vaccinations_and_premises_have_no_automatic_uplift() -> None:
    growing = place(
        growth_categories=[
            {
                "growth_category": "FLAT",
                "name": "x",
                "growth_method": "total_cost",
                "cost_rate": "gdp_deflator",
            }
        ],
        primary_care_payments=payments(
            ("P1", "global_sum", 100), ("P1", "vaccinations", 100), ("P1", "premises", 100)
        ),
    )
    budget = calculated(growing)
    assert pounds(budget, "forecast", "PC.P1.global_sum", "2029-30") == pytest.approx(
        100 * 1.0201 * 1.0188 * 1.0185
    )
    assert (
        pounds(budget, "forecast", "PC.P1.vaccinations", "2029-30")
        == pounds(budget, "forecast", "PC.P1.premises", "2029-30")
        == 100
    )


def package(
    code: str, list_code: str, gross: float, contribution: float, share: float
) -> dict[str, Any]:
    return {
        "package": code,
        "commissioner": "COUNCIL",
        "service_line": "S1",
        "list_code": list_code,
        "funding_stream": "care",
        "gross_value": gross,
        "client_contribution": contribution,
        "in_scope_share": share,
        "effective_year": "2026-27",
    }


@pytest.mark.req(126, 127, 128, 131, 132)
def test_packages_count_net_for_lists_in_scope_and_only_in_their_scope_part() -> None:
    budget = calculated(
        place(care_packages=[package("K1", "P1", 100, 20, 0.75), package("K2", "P3", 50, 0, 1.0)])
    )
    assert pounds(budget, "baseline", "CP.K1") == 60
    assert pounds(budget, "spend_out_of_scope", "CP.K1.OUTSIDE") == 20
    assert pounds(budget, "baseline", "CP.K2") == 0
    assert summary(budget)["elements"] == [{"element": "wpap", "part": "B", "baseline_pence": 6000}]


@pytest.mark.req(1, 2, 18, 19)
def test_services_out_of_scope_and_lists_that_do_not_take_part_stay_out() -> None:
    services = [
        *SERVICES,
        {"service_line": "S3", "name": "S3", "scope": "out", "growth_category": "FLAT"},
    ]
    budget = calculated(
        place(
            service_lines=services,
            direct_spend=[
                direct("IN", 100, service_line="S1"),
                direct("OUT", 40, service_line="S3"),
            ],
        )
    )
    found = summary(budget)["current_spend"]
    assert (found["in_scope_pence"], found["out_of_scope_pence"]) == (9_000, 5_000)


@pytest.mark.req(1)
def test_a_part_in_service_takes_the_scope_of_each_activity_type() -> None:
    services = [
        {"service_line": s, "name": s, "scope": "part", "growth_category": "FLAT"}
        for s in ("S1", "S2")
    ]
    flags = [
        {"service_line": s, "activity_type": kind, "in_scope": flag}
        for s, kind, flag in (("S1", "A", True), ("S1", "B", False), ("S2", "C", False))
    ]
    budget = calculated(
        block(
            service_lines=services,
            part_scope=flags,
            contract={"population_method": "whole_contract"},
        )
    )
    assert pounds(budget, "baseline", "B1.S1.A") == pounds(budget, "spend", "B1.S1.A") > 0
    assert pounds(budget, "baseline", "B1.S1.B") == pounds(budget, "baseline", "B1.S2.C") == 0


@pytest.mark.req(7, 201)
def test_a_service_that_joins_later_is_outside_until_then() -> None:
    services = [
        {
            "service_line": "S1",
            "name": "S1",
            "scope": "in",
            "growth_category": "FLAT",
            "in_scope_from": "2028-29",
        }
    ]
    budget = calculated(
        place(
            service_lines=services,
            direct_spend=[direct("D", 100, population_method="whole_contract")],
        )
    )
    years = summary(budget)["years"]
    assert [(year["forecast_pence"], year["out_of_scope_pence"]) for year in years] == [
        (0, 10_000),
        (10_000, 0),
        (10_000, 0),
    ]
    assert years[1]["steps"]["Services joining the scope"] == 10_000


@pytest.mark.req(152)
def test_non_recurrent_money_never_enters_the_path() -> None:
    budget = calculated(place(direct_spend=[direct("D", 100), direct("ONCE", 50, recurrent=False)]))
    assert summary(budget)["current_spend"]["total_pence"] == 15_000
    assert {
        year["forecast_pence"] + year["out_of_scope_pence"] for year in summary(budget)["years"]
    } == {10_000}


def adjustment(code: str, line: str, kind: str, amount: float, counter: str = "") -> dict[str, Any]:
    return {
        "adjustment": code,
        "budget_line": line,
        "adjustment_kind": kind,
        "amount": amount,
        "counter_line": counter,
        "reason": "r",
        "evidence": "e",
        "agreed_by": "all",
        "agreed_on": "2026-10-01",
    }


@pytest.mark.req(140, 141, 142, 143, 146, 147)
def test_adjustments_move_the_baseline_and_unwind_a_cross_subsidy_on_both_sides() -> None:
    services = [
        *SERVICES,
        {"service_line": "S3", "name": "S3", "scope": "out", "growth_category": "FLAT"},
    ]
    lines = [
        direct("IN", 100, population_method="whole_contract"),
        direct("OUT", 40, service_line="S3", population_method="whole_contract"),
    ]
    entries = [
        adjustment("J1", "IN", "investment", 5),
        adjustment("J2", "IN", "anomaly", -2),
        adjustment("J3", "IN", "cross_subsidy", 10, "OUT"),
        adjustment("J4", "OUT", "activity_mismatch", 1),
    ]
    budget = calculated(place(service_lines=services, direct_spend=lines, adjustments=entries))
    assert pounds(budget, "baseline", "IN") == pytest.approx(113)
    assert pounds(budget, "out_of_scope", "OUT", "2027-28") == pytest.approx(31)
    steps = {
        move.step: move.block.value.sum() / 100
        for move in budget.ledger.movements
        if move.stage == "baseline"
    }
    assert (
        steps["Planned service investment"] == 5 and steps["Provider cross-subsidy unwound"] == 10
    )


@pytest.mark.req(144, 145)
@pytest.mark.parametrize("kind", ["match_provider_cost", "close_reference_cost_gap"])
def test_the_two_prohibited_adjustments_are_refused(kind: str) -> None:
    with pytest.raises(InputProblems) as stopped:
        calculated(
            place(direct_spend=[direct("IN", 100)], adjustments=[adjustment("J1", "IN", kind, 5)])
        )
    (problem,) = stopped.value.problems
    assert (
        problem.code == "adjustment_prohibited"
        and problem.where is not None
        and problem.where.cell == "C2"
    )


@pytest.mark.req(146)
def test_an_adjustment_of_a_line_that_is_not_there_stops() -> None:
    with pytest.raises(InputProblems) as stopped:
        calculated(
            place(
                direct_spend=[direct("IN", 100)],
                adjustments=[adjustment("J1", "NOWHERE", "investment", 5)],
            )
        )
    assert stopped.value.problems[-1].code == "line_unknown"


@pytest.mark.req(18)
def test_a_difference_to_the_commissioners_ledger_is_shown() -> None:
    def tied(value: float) -> list[str]:
        account = {
            "commissioner": "ICB",
            "account": "X",
            "description": "x",
            "covers": "D",
            "ledger_value": value,
            "effective_year": "2026-27",
        }
        return codes(
            calculated(place(direct_spend=[direct("D", 100)], commissioner_ledger=[account]))
        )

    assert "ledger_difference" in tied(100.01) and "ledger_difference" not in tied(100)
