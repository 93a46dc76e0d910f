"""Checks across tables: each is tripped by one change to a sound model, at its exact cell, and
stays quiet on its neighbour.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tiny_model import TinyModel, assert_found, spelled


@pytest.fixture
def tiny(tmp_path: Path) -> TinyModel:
    return TinyModel(tmp_path)


@pytest.mark.parametrize(
    ("table", "cell", "value", "code", "words"),
    [
        # contracts
        pytest.param(
            "contracts",
            "H2",
            "",
            "fixed_value_missing",
            "Enter the fixed part",
            id="aligned without fixed value",
        ),
        pytest.param(
            "contracts",
            "H2",
            "12000000.01",
            "fixed_value_range",
            "between zero and the whole value",
            id="fixed above value",
        ),
        pytest.param(
            "contracts",
            "H2",
            "-1",
            "out_of_range",
            "is below 0",
            id="fixed below nought",
        ),
        pytest.param(
            "contracts",
            "H4",
            "100",
            "fixed_value_unused",
            "no fixed part",
            id="block with fixed value",
        ),
        pytest.param(
            "contracts",
            "D2",
            "ICB1",
            "payer_kind",
            "commissioner in 'organisations'",
            id="commissioner paid",
        ),
        pytest.param(
            "contracts",
            "C2",
            "ACU1",
            "payer_kind",
            "provider in 'organisations'",
            id="provider pays",
        ),
        pytest.param(
            "gp_lists",
            "D2",
            "LA1",
            "payer_kind",
            "not an NHS commissioner",
            id="council responsible for a list",
        ),
        # lists
        pytest.param(
            "gp_lists",
            "D2",
            "",
            "blank",
            "Enter the NHS commissioner",
            id="practice without commissioner",
        ),
        pytest.param(
            "gp_lists",
            "E5",
            "full",
            "participation_kind",
            "Enter partial",
            id="unregistered in full",
        ),
        pytest.param(
            "gp_lists",
            "E6",
            "partial",
            "participation_kind",
            "Enter none",
            id="elsewhere takes part",
        ),
        # prices
        pytest.param(
            "priced_activity",
            "D2",
            "HRG-NX",
            "price_missing",
            "Did you mean 'HRG-NE' (inputs/prices.csv, cell A2)?",
            id="currency without price",
        ),
        pytest.param(
            "priced_activity",
            "C3",
            "DAYCASES",
            "price_missing",
            "Did you mean 'DAYCASE' (inputs/prices.csv, cell B3)?",
            id="point of delivery without price",
        ),
        pytest.param("prices", "C2", "2028-29", "", "", id="price of another year"),
        pytest.param(
            "priced_activity",
            "A5",
            "COMM",
            "priced_activity_block",
            "Move the row to 'contract_activity'",
            id="block contract priced",
        ),
        pytest.param(
            "priced_activity",
            "E5",
            "fixed",
            "payment_part_fixed",
            "Enter variable",
            id="activity contract with fixed part",
        ),
        # block methods
        pytest.param(
            "contract_methods",
            "C2",
            "national_standard",
            "option_step",
            "Enter schedule, absorbed_cost, direct_cost or undivided",
            id="option of another step",
        ),
        pytest.param(
            "contract_methods",
            "A4",
            "CLINIC",
            "method_unused",
            "not a block contract",
            id="methods of an activity contract",
        ),
        pytest.param(
            "contract_methods",
            "C6",
            "patient_identifiers",
            "two_population_methods",
            "Set population_method to activity_by_list",
            id="step 4 against population method",
        ),
        pytest.param(
            "schedule_lines",
            "D2",
            "",
            "blank",
            "has no service line code",
            id="service line without code",
        ),
        pytest.param(
            "schedule_lines",
            "D4",
            "GMS",
            "non_service_line",
            "Clear the code",
            id="admin with a service line",
        ),
        pytest.param("contract_activity", "D4", "THERAPY", "", "", id="mapped and own line"),
        pytest.param(
            "contract_activity",
            "D2",
            "",
            "activity_unmapped",
            "map it there",
            id="shared and unmapped",
        ),
        pytest.param(
            "contract_activity",
            "A2",
            "ACUTE",
            "activity_not_block",
            "'priced_activity'",
            id="activity of a priced contract",
        ),
        pytest.param(
            "contract_activity",
            "D3",
            "GMS",
            "service_without_pounds",
            "gets no pounds at Step 1",
            id="service without pounds",
        ),
        pytest.param(
            "activity_mapping",
            "B3",
            "DIET2",
            "activity_unknown",
            "Did you mean 'DIET1' (inputs/contract_activity.csv, cell B4)?",
            id="mapping of unknown activity",
        ),
        pytest.param(
            "cost_weights",
            "B2",
            "CLINIC2",
            "activity_unknown",
            "Did you mean 'CLINIC1' (inputs/contract_activity.csv, cell B2)?",
            id="weight of unknown activity",
        ),
        pytest.param(
            "cost_weights",
            "C3",
            "own_reference_costs",
            "two_weight_scales",
            "different scales",
            id="two scales of weights",
        ),
        pytest.param(
            "national_unit_costs",
            "A2",
            "CLINIC2",
            "activity_unknown",
            "Did you mean 'CLINIC1'?",
            id="near miss in national costs",
        ),
        pytest.param(
            "benchmark_costs",
            "A5",
            "DIET2",
            "activity_unknown",
            "Did you mean 'DIET1'?",
            id="near miss in benchmarks",
        ),
        pytest.param(
            "patient_group_mapping",
            "B2",
            "CLINICI",
            "activity_unknown",
            "Did you mean 'CLINIC1' (inputs/contract_activity.csv, cell B2)?",
            id="group of unknown activity",
        ),
        pytest.param(
            "patient_group_mapping",
            "C2",
            "diabetis",
            "condition_unknown",
            "Did you mean 'diabetes'?",
            id="unknown condition",
        ),
        pytest.param(
            "condition_registers",
            "B2",
            "diabetis",
            "condition_unknown",
            "Did you mean 'diabetes'?",
            id="register misspelt",
        ),
        pytest.param(
            "activity_by_list",
            "C2",
            "NONELEKT",
            "activity_unknown",
            "Did you mean 'NONELECT'?",
            id="list activity unknown",
        ),
        pytest.param(
            "activity_by_list",
            "B2",
            "ELECT",
            "activity_unknown",
            "provides 'NONELECT' in EMERG",
            id="list activity in another line",
        ),
        # carve-outs
        pytest.param(
            "direct_spend",
            "J2",
            "",
            "driver_missing",
            "needs a driver",
            id="weighted without driver",
        ),
        pytest.param(
            "direct_spend",
            "J2",
            "prescribin",
            "driver_unknown",
            "Did you mean 'prescribing'?",
            id="driver misspelt",
        ),
        pytest.param(
            "direct_spend",
            "J3",
            "prescribing",
            "driver_unused",
            "takes no driver",
            id="driver not used",
        ),
        pytest.param(
            "direct_spend",
            "J2",
            "maternity",
            "list_without_figure",
            "P81001, P81002, P81003, UNREG1",
            id="need without weights",
        ),
        # part scope
        pytest.param(
            "part_scope",
            "B3",
            "OUTPATS",
            "activity_unknown",
            "Did you mean 'OUTPAT'?",
            id="part-in type misspelt",
        ),
        pytest.param(
            "part_scope",
            "A3",
            "EMERG",
            "part_scope_unused",
            "not part in scope",
            id="part-in row of an in line",
        ),
        pytest.param(
            "direct_spend",
            "E3",
            "ELECT",
            "part_scope_missing",
            "'direct' is not listed",
            id="spend on a part-in line",
        ),
        # growth
        pytest.param(
            "growth_categories",
            "D2",
            "",
            "rate_missing",
            "unit_cost_uplift.hchs",
            id="no unit cost rate",
        ),
        pytest.param(
            "growth_categories",
            "G2",
            "",
            "rate_missing",
            "needs activity growth",
            id="no activity rate",
        ),
        pytest.param(
            "growth_categories", "E2", "activity_growth.community", "", "", id="activity twice"
        ),
        pytest.param(
            "growth_categories",
            "G4",
            "activity_growth.community",
            "rate_twice",
            "count growth twice",
            id="total cost and activity",
        ),
        pytest.param(
            "growth_categories",
            "D7",
            "gdp_deflator",
            "rate_unused",
            "does not grow",
            id="rate of a category without growth",
        ),
        pytest.param(
            "care_model_impacts",
            "G3",
            "-150000",
            "out_of_range",
            "is below 0",
            id="negative saving",
        ),
        pytest.param(
            "care_model_impacts",
            "F2",
            "-1",
            "out_of_range",
            "is below 0",
            id="negative investment",
        ),
        pytest.param(
            "care_model_impacts",
            "E3",
            "2032-33",
            "year_gap",
            "none for 2031-32, which would count as nought",
            id="year left out between two",
        ),
        # spend
        pytest.param(
            "adjustments",
            "C2",
            "match_provider_cost",
            "adjustment_prohibited",
            "handbook (2.7) rules out",
            id="matches provider cost",
        ),
        pytest.param(
            "adjustments",
            "C2",
            "close_reference_cost_gap",
            "adjustment_prohibited",
            "reference costs",
            id="closes reference cost gap",
        ),
        pytest.param(
            "adjustments",
            "E2",
            "AMB1",
            "counter_line_unused",
            "Only a cross-subsidy",
            id="counter line without cross-subsidy",
        ),
        pytest.param(
            "commissioner_ledger",
            "D2",
            "ACUTT",
            "covers_unknown",
            "Did you mean 'ACUTE' (inputs/contracts.csv, cell A2)?",
            id="covers misspelt",
        ),
        pytest.param(
            "commissioner_ledger", "A2", "LA1", "", "", id="covers another payer's contract"
        ),
        pytest.param(
            "direct_spend",
            "A2",
            "COMM",
            "code_used_twice",
            "code of a contract",
            id="line with a contract's code",
        ),
        pytest.param(
            "care_packages",
            "G2",
            "52000.01",
            "out_of_range",
            "between zero and the gross value",
            id="contribution above gross",
        ),
        pytest.param(
            "care_packages", "F2", "-1", "out_of_range", "is below 0", id="negative gross"
        ),
        pytest.param(
            "care_packages",
            "A2",
            "9434765919",
            "nhs_number",
            "valid NHS number",
            id="package under an NHS number",
        ),
        pytest.param(
            "contracts",
            "F2",
            "social_care",
            "allocation_missing",
            "'allocations' has nothing for that",
            id="payer without allocation",
        ),
    ],
)
def test_one_change_trips_one_check(
    tiny: TinyModel, table: str, cell: str, value: str, code: str, words: str
) -> None:
    tiny.set(table, cell, value)
    if code:
        assert_found(tiny.errors(), table, cell, code, words)
    else:
        table, cell, code, words = ELSEWHERE[table, cell]
        assert_found(tiny.errors(), table, cell, code, words)


ELSEWHERE = {
    ("prices", "C2"): ("priced_activity", "D2", "price_missing", "There is no price of 2029-30"),
    ("contract_activity", "D4"): (
        "activity_mapping",
        "B2",
        "activity_mapped_twice",
        "Clear one of the two",
    ),
    ("growth_categories", "E2"): (
        "growth_categories",
        "G2",
        "rate_twice",
        "by its parts in demographic_rate",
    ),
    ("commissioner_ledger", "A2"): (
        "commissioner_ledger",
        "D2",
        "covers_payer",
        "paid by ICB1, not by LA1",
    ),
}
"""Checks that name another cell than the one changed: the row that can't do with what was changed.
"""


@pytest.mark.req(37)
@pytest.mark.parametrize(
    ("row", "step"),
    [(2, "step_1"), (3, "non_service_split"), (4, "step_2"), (5, "step_3"), (6, "step_4")],
)
def test_a_block_contract_names_each_step(tiny: TinyModel, row: int, step: str) -> None:
    tiny.change("contract_methods", lambda rows: rows.__delitem__(row - 1))
    assert_found(tiny.errors(), "contracts", "A4", "method_missing", f"no method for {step}")


@pytest.mark.req(44)
def test_a_carve_out_takes_no_step_4_and_needs_none(tiny: TinyModel) -> None:
    tiny.set("contracts", "L4", "population_carve_out")
    assert_found(
        tiny.errors(), "contract_methods", "C6", "two_population_methods", "take out this row"
    )
    tiny.change("contract_methods", lambda rows: rows.__delitem__(5))
    assert spelled(tiny.errors()) == []


@pytest.mark.req(48, 50, 56, 80, 84, 87)
@pytest.mark.parametrize(
    ("method_row", "option", "table", "keep", "words"),
    [
        (
            2,
            "schedule",
            "schedule_lines",
            lambda row: row[2] == "non_service",
            "has no service lines",
        ),
        (
            3,
            "cost_driver",
            "cost_drivers",
            lambda row: row[1] == "DIABETES",
            "a cost driver for THERAPY",
        ),
        (
            2,
            "direct_cost",
            "provider_costs",
            lambda row: row[2] != "direct",
            "no direct costs by service line",
        ),
        (
            2,
            "absorbed_cost",
            "provider_costs",
            lambda row: row[2] == "research",
            "no direct, indirect or overhead costs",
        ),
        (
            5,
            "relative_resource",
            "cost_weights",
            lambda row: row[1] != "HOME1",
            "'cost_weights' has nothing for HOME1",
        ),
        (
            5,
            "other_unit_costs",
            "cost_weights",
            lambda row: True,
            "'cost_weights' has nothing for CLINIC1, HOME1, DIET1",
        ),
        (
            5,
            "benchmark_weighted",
            "benchmark_costs",
            lambda row: row[0] != "DIET1",
            "'benchmark_costs' has nothing for DIET1",
        ),
        (
            5,
            "national_reference_costs",
            "national_unit_costs",
            lambda row: row[0] != "DIET1",
            "'national_unit_costs' has nothing for DIET1",
        ),
    ],
)
def test_an_option_needs_its_inputs(
    tiny: TinyModel,
    method_row: int,
    option: str,
    table: str,
    keep: Callable[[list[str]], bool],
    words: str,
) -> None:
    tiny.set("contract_methods", f"C{method_row}", option)
    tiny.change(
        table, lambda rows: rows.__setitem__(slice(1, None), [row for row in rows[1:] if keep(row)])
    )
    assert_found(tiny.errors(), "contract_methods", f"C{method_row}", "method_inputs", words)


@pytest.mark.parametrize("option", ["absorbed_cost", "direct_cost", "undivided"])
def test_each_option_of_step_1_passes_with_its_inputs(tiny: TinyModel, option: str) -> None:
    tiny.set("contract_methods", "C2", option)
    if option == "absorbed_cost":
        tiny.add("provider_costs", "COMM", "THERAPY", "overhead", "0")
    assert spelled(tiny.errors()) == []


@pytest.mark.req(56, 57)
def test_a_kind_of_cost_left_out_of_one_line_is_refused_where_absorbed_cost_shares_it(
    tiny: TinyModel,
) -> None:
    tiny.set("contract_methods", "C2", "absorbed_cost")
    assert_found(
        tiny.errors(),
        "provider_costs",
        "C4",
        "cost_kind_missing",
        "'THERAPY' has no overhead cost under the contract 'COMM'",
    )


@pytest.mark.parametrize(
    "option",
    ["benchmark_unweighted", "benchmark_weighted", "national_reference_costs", "simple_average"],
)
def test_each_option_of_step_3_passes_with_its_inputs(tiny: TinyModel, option: str) -> None:
    tiny.set("contract_methods", "C5", option)
    assert spelled(tiny.errors()) == []


@pytest.mark.req(142)
def test_a_cross_subsidy_names_another_line(tiny: TinyModel) -> None:
    tiny.set("adjustments", "C2", "cross_subsidy")
    assert_found(tiny.errors(), "adjustments", "E2", "counter_line_missing", "opposite entry")
    tiny.set("adjustments", "E2", "COMM.DIABETES.CLINIC1")
    assert_found(tiny.errors(), "adjustments", "E2", "counter_line_same", "undo itself")
    tiny.set("adjustments", "E2", "AMB1")
    assert spelled(tiny.errors()) == []


@pytest.mark.req(108)
def test_dispensing_payments_are_said_to_be_left_out(tiny: TinyModel) -> None:
    tiny.add(
        "primary_care_payments", "P81002", "dispensing", "GMS", "primary_medical", "5000", "2029-30"
    )
    reading = tiny.check()
    assert reading.model is not None
    assert_found(
        reading.problems,
        "primary_care_payments",
        "B8",
        "dispensing_excluded",
        "the law does not let them be pooled",
        "warning",
    )


@pytest.mark.req(101)
def test_lists_without_figures_are_named(tiny: TinyModel) -> None:
    tiny.change("condition_registers", lambda rows: rows.__delitem__(4))
    assert_found(
        tiny.errors(),
        "patient_group_mapping",
        "C2",
        "list_without_figure",
        "'diabetes' in 'condition_registers': UNREG1",
    )


def test_a_contract_counted_by_list_has_counts(tiny: TinyModel) -> None:
    tiny.set("contracts", "L3", "activity_by_list")
    assert_found(
        tiny.errors(), "contracts", "L3", "method_inputs", "'activity_by_list' has no rows"
    )


def test_a_contract_paid_by_activity_has_activity(tiny: TinyModel) -> None:
    tiny.change("priced_activity", lambda rows: rows.__delitem__(4))
    assert_found(tiny.errors(), "contracts", "E3", "priced_activity_missing", "no rows for it")


def test_the_fixed_part_wants_activity_to_weigh_it(tiny: TinyModel) -> None:
    tiny.set("priced_activity", "E2", "variable")
    assert_found(
        tiny.check().problems,
        "contracts",
        "H2",
        "fixed_activity_missing",
        "payment_part fixed",
        "warning",
    )


def test_a_local_source_is_no_national_standard(tiny: TinyModel) -> None:
    tiny.set("contract_activity", "E2", "local_report")
    assert_found(
        tiny.check().problems,
        "contract_activity",
        "E2",
        "activity_source",
        "Choose local_information",
        "warning",
    )
    tiny.set("contract_methods", "C4", "local_information")
    assert spelled(tiny.check().problems) == []


@pytest.mark.req(1)
def test_part_in_lines_list_every_type(tiny: TinyModel) -> None:
    tiny.change("part_scope", lambda rows: rows.__delitem__(1))
    assert_found(
        tiny.errors(), "priced_activity", "C3", "part_scope_missing", "'DAYCASE' is not listed"
    )
    tiny.set("service_lines", "C7", "part")
    assert_found(
        tiny.errors(),
        "primary_care_payments",
        "B4",
        "part_scope_missing",
        "'premises' is not listed",
    )


@pytest.mark.req(149, 200)
def test_allocations_reach_every_year_that_is_needed(tiny: TinyModel) -> None:
    tiny.change(
        "allocations",
        lambda rows: rows.__setitem__(
            slice(1, None), [row for row in rows[1:] if row[1:3] != ["core", "2039-40"]]
        ),
    )
    assert any(
        problem.code == "allocation_missing" and "'core' for 2039-40" in problem.what
        for problem in tiny.errors()
    )


def test_only_the_allocation_route_needs_the_year_before(tiny: TinyModel) -> None:
    tiny.change(
        "allocations",
        lambda rows: rows.__setitem__(
            slice(1, None), [row for row in rows[1:] if row[2] != "2029-30"]
        ),
    )
    found = [problem.what for problem in tiny.errors()]
    assert found == ["'ICB1' has no allocation from the stream 'primary_medical' for 2029-30."]


def test_a_national_collection_brought_in_whole_is_searched_only_for_what_is_missing(
    tiny: TinyModel,
) -> None:
    tiny.change(
        "national_unit_costs",
        lambda rows: rows.extend(
            [[f"N{number:02}AF", "Another service", "50", "2028-29"] for number in range(20)]
        ),
    )
    assert spelled(tiny.errors()) == []
    tiny.set("contract_methods", "C5", "national_reference_costs")
    tiny.set("national_unit_costs", "A2", "CLINIC2")
    errors = tiny.errors()
    assert_found(errors, "national_unit_costs", "A2", "activity_unknown", "Did you mean 'CLINIC1'?")
    assert_found(errors, "contract_methods", "C5", "method_inputs", "has nothing for CLINIC1")
    assert len(errors) == 2


def test_streams_routes_and_growth_reasons_fit_the_tables(tiny: TinyModel) -> None:
    tiny.settings("    social_care:", "    social_car:")
    tiny.settings("    fixed: Rents", "    fixt: Rents")
    errors = tiny.errors()
    assert_found(errors, "model", "line 35", "route_unknown", "Did you mean 'social_care'?")
    assert_found(errors, "funding_streams", "A4", "route_missing", "has no forecast route")
    assert_found(errors, "growth_categories", "C7", "no_growth_reason", "Add 'fixed: <reason>'")
    assert_found(errors, "model", "line 39", "no_growth_unknown", "Did you mean 'fixed'?")


def test_the_lead_provider_is_an_organisation(tiny: TinyModel) -> None:
    tiny.settings("lead_provider: LEAD1", "lead_provider: LEAD2")
    assert_found(
        tiny.errors(),
        "model",
        "line 6",
        "code_unknown",
        "Did you mean 'LEAD1' (inputs/organisations.csv, cell A4)?",
    )
    tiny.settings("lead_provider: LEAD2", "lead_provider: COM1")
    assert_found(
        tiny.check().problems,
        "model",
        "line 6",
        "lead_provider_kind",
        "kind lead_provider",
        "warning",
    )


@pytest.mark.req(103, 348)
def test_the_form_agrees_with_the_practices(tiny: TinyModel) -> None:
    tiny.settings("form: mixed", "form: full")
    assert_found(
        tiny.check().problems, "gp_lists", "E3", "form_differs", "Set form to mixed", "warning"
    )


def test_some_list_takes_part(tiny: TinyModel) -> None:
    tiny.change("gp_lists", lambda rows: [row.__setitem__(4, "none") for row in rows[1:]])
    assert_found(tiny.errors(), "gp_lists", "E2", "no_population", "Give at least one list")
