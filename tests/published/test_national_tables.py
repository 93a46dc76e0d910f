"""Handbook Tables 3 to 9, cell by cell, and what they do and do not give when worked out.

The handbook is "Whole population models of provision: Establishing integrated budgets" (August
2017), section 3.3.2.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest

from wpb.forecast.cost_uplift import input_cost_uplift, weighted_inflation
from wpb.kernel.assumptions import AssumptionBook, MissingAssumption, load_book
from wpb.kernel.money import round_half_up
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.national import national_folder

YEARS = ("2016-17", "2017-18", "2018-19", "2019-20", "2020-21")
WHEN_WRITTEN = datetime.date(2017, 8, 31)
INPUTS = ("pay_and_pensions", "hchs_drugs", "capital_costs", "other_operating_costs", "litigation")

TABLE_3 = {
    "pay_and_pensions": "3.3 2.0 1.6 1.6 2.9",
    "hchs_drugs": "4.5 4.6 3.6 4.1 4.1",
    "capital_costs": "3.1 3.2 3.2 3.1 3.1",
    "other_operating_costs": "1.7 1.8 2.1 1.9 2.0",
}
TABLE_4 = {
    "pay_and_pensions": "65.44",
    "hchs_drugs": "8.17",
    "capital_costs": "4.76",
    "other_operating_costs": "20.17",
    "litigation": "1.46",
}
TABLE_5 = {  # inflation, product, product to more places
    "pay_and_pensions": ("3.30", "2.16", "2.15952"),
    "hchs_drugs": ("4.50", "0.37", "0.36765"),
    "capital_costs": ("3.10", "0.15", "0.14756"),
    "other_operating_costs": ("1.70", "0.34", "0.34289"),
    "litigation": ("17.00", "0.25", "0.24820"),
}
TABLE_6 = "3.27 2.46 2.17 2.17 3.04"
TABLE_7 = {"mental_health": "1.9 1.9 1.9 1.9 1.8", "community": "3.3 3.4 3.4 3.4 3.3"}
TABLE_8 = {
    "continuing_health_care": "6.5 5.8 5.5 5.7 6.6",
    "primary_care_drugs": "6.8 6.9 7.0 7.2 7.3",
    "ccg_other_primary_care": "6.1 4.9 5.3 5.2 5.2",
    "ccg_other": "6.1 4.9 5.3 5.2 5.2",
    "primary_medical_care": "5.6 5.3 5.3 5.4 6.4",
}
TABLE_9 = "1.5 1.8 2.1 1.9 2.0"

PRINTED = [
    *((f"input_inflation.{name}", row, "Table 3") for name, row in TABLE_3.items()),
    *(
        (f"input_weight.{name}", " ".join([weight] * 5), "Table 4")
        for name, weight in TABLE_4.items()
    ),
    ("unit_cost_uplift.hchs", TABLE_6, "Table 6"),
    *((f"activity_growth.{name}", row, "Table 7") for name, row in TABLE_7.items()),
    *((f"total_cost_growth.{name}", row, "Table 8") for name, row in TABLE_8.items()),
    ("gdp_deflator", TABLE_9, "Table 9"),
]


@pytest.fixture(scope="module")
def book() -> AssumptionBook:
    problems = ProblemLog()
    found = load_book(national_folder(), None, problems)
    assert [str(problem) for problem in problems] == []
    return found


def column(
    book: AssumptionBook, series: str, year: str, inputs: Sequence[str] = INPUTS
) -> np.ndarray:
    return np.array([book.look_up(f"{series}.{name}", year).value for name in inputs])


def percent(value: float, places: int = 2) -> str:
    return str(round_half_up(round(value * 100, 12), places))


@pytest.mark.req(159, 160, 162, 166, 169)
@pytest.mark.parametrize(
    ("key", "row", "table"), PRINTED, ids=[f"{table} {key}" for key, _, table in PRINTED]
)
def test_tables_3_to_9_as_printed(book: AssumptionBook, key: str, row: str, table: str) -> None:
    for year, cell in zip(YEARS, row.split(), strict=True):
        found = book.look_up(key, year, known_on=WHEN_WRITTEN)
        assert found.value == float(Decimal(cell) / 100)
        assert (found.citation.locator, found.citation.vintage, found.source_id) == (
            table,
            "2017-08",
            "handbook-2017",
        )


@pytest.mark.req(159)
@pytest.mark.parametrize("key", [key for key, _, _ in PRINTED if key != "gdp_deflator"])
def test_no_printed_series_goes_past_its_last_printed_year(book: AssumptionBook, key: str) -> None:
    assert book.years(key) == YEARS
    with pytest.raises(
        MissingAssumption, match=r"has no value for 2021-22; it has 2016-17 to 2020-21\."
    ):
        book.look_up(key, "2021-22")


@pytest.mark.req(166)
def test_table_7_acute_row_has_no_figures(book: AssumptionBook) -> None:
    with pytest.raises(MissingAssumption, match="Indicative Hospital Activity Model") as refused:
        book.look_up("activity_growth.acute", "2016-17")
    assert refused.value.fix == "Enter a local assumption for it."


@pytest.mark.req(161)
def test_table_4_weights_add_to_the_whole(book: AssumptionBook) -> None:
    for year in YEARS:
        assert round_half_up(column(book, "input_weight", year).sum() * 100, 10) == 100


@pytest.mark.req(160, 162)
def test_table_5_products_and_total(book: AssumptionBook) -> None:
    weights, inflation = (
        column(book, "input_weight", "2016-17"),
        column(book, "input_inflation", "2016-17"),
    )
    products = weighted_inflation(weights, inflation)
    for name, rate, product in zip(INPUTS, inflation, products, strict=True):
        printed_rate, printed_product, fuller_product = TABLE_5[name]
        assert percent(rate) == printed_rate
        assert percent(product) == printed_product
        assert percent(product, 5) == fuller_product
    total = float(input_cost_uplift(weights, inflation))
    assert percent(total, 5) == "3.26582"
    assert (
        percent(total) == "3.27" == percent(book.look_up("unit_cost_uplift.hchs", "2016-17").value)
    )


@pytest.mark.req(160, 162)
@pytest.mark.parametrize("litigation", [0.15, 0.17])
def test_table_6_does_not_follow_from_tables_3_and_4_as_printed(
    book: AssumptionBook, litigation: float
) -> None:
    worked_out = {
        0.15: ["3.24", "2.42", "2.14", "2.13", "3.00"],
        0.17: ["3.27", "2.45", "2.17", "2.16", "3.03"],
    }[litigation]
    inflation = np.array(
        [[*column(book, "input_inflation", year, INPUTS[:-1]), litigation] for year in YEARS]
    ).T
    weights = np.array([column(book, "input_weight", year) for year in YEARS]).T
    found = [percent(uplift) for uplift in input_cost_uplift(weights, inflation)]
    assert found == worked_out
    assert found != TABLE_6.split()
    assert found[1] != TABLE_6.split()[1], "2017/18 misses at either rate"


@pytest.mark.req(162)
def test_litigation_is_apart_and_set_anew_each_year(book: AssumptionBook) -> None:
    assert [book.look_up("input_inflation.litigation", year).value for year in YEARS[:3]] == [
        0.17,
        0.15,
        0.15,
    ]
    assert [book.look_up("input_inflation.litigation", year).status for year in YEARS[:3]] == [
        "final",
        "forecast",
        "forecast",
    ]
    with pytest.raises(MissingAssumption, match="no value for 2019-20"):
        book.look_up("input_inflation.litigation", "2019-20")


@pytest.mark.req(161)
@pytest.mark.parametrize(
    ("weights", "said"), [([0.6544, 0.3455], "99.9900%"), ([0.6, 0.41], "101.0000%")]
)
def test_weights_that_do_not_add_to_the_whole_are_refused(weights: list[float], said: str) -> None:
    with pytest.raises(UsageProblem, match=said):
        input_cost_uplift(np.array(weights), np.array([0.02, 0.03]))


@pytest.mark.req(160, 162)
def test_a_missing_litigation_rate_is_not_read_as_nought() -> None:
    with pytest.raises(UsageProblem, match="litigation included"):
        input_cost_uplift(np.array([0.9, 0.1]), np.array([0.02, np.nan]))


@pytest.mark.req(159)
def test_known_on_chooses_the_deflator_of_the_time(book: AssumptionBook) -> None:
    def known(day: datetime.date | None) -> tuple[str, str]:
        found = book.look_up("gdp_deflator", "2020-21", known_on=day)
        return percent(found.value), found.citation.vintage

    assert known(WHEN_WRITTEN) == ("2.00", "2017-08")
    assert known(datetime.date(2025, 11, 29)) == ("2.00", "2017-08")
    assert known(datetime.date(2025, 11, 30)) == ("5.21", "2025-11")
    assert known(None) == ("5.21", "2025-11")


NOVEMBER_2025 = "1.98 1.32 2.23 2.69 5.21 0.25 6.98 5.30 3.72 2.94 2.23 2.01 1.88 1.85 1.95"


@pytest.mark.req(159)
def test_deflator_of_november_2025(book: AssumptionBook) -> None:
    years = [f"{start}-{(start + 1) % 100:02d}" for start in range(2016, 2031)]
    found = book.rates("gdp_deflator", years, known_on=datetime.date(2025, 12, 31))
    assert [percent(rate.value) for rate in found] == NOVEMBER_2025.split()
    assert [rate.status for rate in found] == ["final"] * 9 + ["forecast"] * 6


@pytest.mark.req(159)
@pytest.mark.parametrize(
    ("known_on", "uplift", "note"),
    [
        ("2025-04-04", "4.15", "before the pay award"),
        ("2025-06-26", "4.15", "before the pay award"),
        ("2025-06-27", "4.83", "revised for pay awards and applied from 1 April 2025"),
    ],
)
def test_payment_factor_of_2025_26_changed_after_pay_awards(
    book: AssumptionBook, known_on: str, uplift: str, note: str
) -> None:
    found = book.look_up(
        "payment_scheme.cost_uplift", "2025-26", known_on=datetime.date.fromisoformat(known_on)
    )
    assert (percent(found.value), found.citation.note) == (uplift, note)


@pytest.mark.req(159)
def test_payment_factors_by_year(book: AssumptionBook) -> None:
    def factors(key: str) -> dict[str, str]:
        return {year: percent(book.look_up(key, year).value, 1) for year in book.years(key)}

    assert factors("payment_scheme.cost_uplift") == {
        "2016-17": "3.1",
        "2019-20": "3.8",
        "2021-22": "3.1",
        "2023-24": "2.9",
        "2024-25": "1.7",
        "2025-26": "4.8",
    }
    assert factors("payment_scheme.efficiency") == {
        "2016-17": "2.0",
        "2017-18": "2.0",
        "2018-19": "2.0",
        "2019-20": "1.1",
        "2021-22": "1.1",
        "2023-24": "1.1",
        "2024-25": "1.1",
        "2025-26": "2.0",
        "2026-27": "2.0",
    }
    assert book.look_up("payment_scheme.efficiency", "2026-27").status == "consultation"


@pytest.mark.req(159)
@pytest.mark.parametrize(
    ("key", "year"),
    [
        ("payment_scheme.cost_uplift", "2020-21"),
        ("payment_scheme.cost_uplift", "2022-23"),
        ("payment_scheme.cost_uplift", "2026-27"),
        ("payment_scheme.efficiency", "2020-21"),
    ],
)
def test_what_is_not_known_is_an_error(book: AssumptionBook, key: str, year: str) -> None:
    with pytest.raises(MissingAssumption, match=f"{key} has no value for {year}"):
        book.look_up(key, year)


@pytest.mark.req(159)
def test_single_national_figures(book: AssumptionBook) -> None:
    assert [book.look_up("provider_efficiency.acute", year).value for year in YEARS] == [0.02] * 5
    assert book.look_up("incentive.improvement_payment_scheme", "2017-18").value == 0.025
    assert book.look_up("incentive.cquin", "2022-23").value == 0.0125
    assert [
        book.look_up("nhs_revenue_limit", year).value / 1e9
        for year in ("2024-25", "2025-26", "2026-27", "2027-28", "2028-29")
    ] == [186.8, 195.6, 204.9, 215.4, 226.1]


@pytest.mark.req(159)
def test_every_national_value_names_a_source_of_the_bibliography(book: AssumptionBook) -> None:
    cited = {value.source_id for subject in book.national.values() for value in subject.values}
    assert cited == set(book.references), "each source is cited, each citation has a source"
    assert all(reference.licence for reference in book.references.values())
