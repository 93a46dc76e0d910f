"""One cell to one typed value: what is read, what is refused, and in which words."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wpb.intake.grids import SheetFault
from wpb.intake.values import ValueFault, typed_value
from wpb.kernel.ranges import FACTOR, PRICE, RATE
from wpb.tables import ALL_TABLES, TABLES_BY_NAME
from wpb.tables.schema import Column, Kind, between


def column(kind: Kind, **rest: Any) -> Column:
    return Column(
        "amount",
        kind,
        "An amount",
        choices=("block", "aligned") if kind == "choice" else (),
        **rest,
    )


@pytest.mark.parametrize(
    ("entered", "pence"),
    [
        ("30000", 3_000_000),
        ("1,234.50", 123_450),
        ("£1,234", 123_400),
        (" £ 1,234 ", 123_400),
        ("-£1,234.56", -123_456),
        ("£-5", -500),
        ("-1234567.8", -123_456_780),
        ("\u2212" + "12", -1200),
        (".5", 50),
        ("0.001", 0.1),
        (1234.5, 123_450),
        (0.1, 10),
        (7, 700),
        ("61.505", 6150.5),
    ],
)
def test_pounds_become_pence_exactly(entered: str | float, pence: float) -> None:
    assert typed_value(column("pounds"), entered, "GBP") == pence


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
@settings(max_examples=50)
def test_any_amount_of_pounds_and_pence_is_exact_however_it_is_written(amount: Decimal) -> None:
    pence = int(amount * 100)
    for written in (
        f"{amount:f}",
        f"{amount:,f}",
        f"£{amount:,f}" if amount >= 0 else f"-£{-amount:,f}",
    ):
        assert typed_value(column("pounds"), written, "GBP") == pence


@pytest.mark.parametrize(
    ("entered", "code", "words"),
    [
        (
            "thirty",
            "not_a_number",
            "'thirty' is not a number of pounds. Enter digits only, for example 30000",
        ),
        ("(123)", "not_a_number", "for example -123"),
        ("(£1,234)", "not_a_number", "for example -1,234"),
        ("123-", "not_a_number", "for example -123"),
        ("1,23", "not_a_number", "Enter digits only"),
        ("12,3456", "not_a_number", "Enter digits only"),
        ("1.2m", "not_a_number", "Enter digits only"),
        ("1.23457E+11", "not_a_number", "may have lost digits"),
        ("nan", "not_a_number", "Enter digits only"),
        ("--5", "not_a_number", "Enter digits only"),
        ("$5", "currency", "in $, but this model is in GBP"),
        ("5 €", "currency", "in €"),
        ("5%", "not_a_number", "Enter digits only"),
        (True, "not_a_number", "Enter digits only"),
        (float("inf"), "not_a_number", "Enter digits only"),
        (datetime.date(2030, 4, 1), "not_a_number", "Enter digits only"),
        (SheetFault("#DIV/0!"), "excel_error", "#DIV/0!"),
        (SheetFault("=A1+B1", calculated=False), "not_calculated", "let it calculate"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_mend(entered: object, code: str, words: str) -> None:
    with pytest.raises(ValueFault) as fault:
        typed_value(column("pounds"), entered, "GBP")  # type: ignore[arg-type]
    assert fault.value.code == code
    assert words in f"{fault.value.what} {fault.value.fix}"


def test_a_model_in_dollars_takes_dollar_signs_and_refuses_pounds() -> None:
    assert typed_value(column("pounds"), "$1,234.50", "USD") == 123_450
    with pytest.raises(ValueFault, match="in £, but this model is in USD"):
        typed_value(column("pounds"), "£5", "USD")


@pytest.mark.parametrize(
    ("kind", "entered", "value"),
    [
        ("rate", "0.025", 0.025),
        ("rate", "2.5%", 0.025),
        ("rate", "-1.25 %", -0.0125),
        ("rate", 0.025, 0.025),
        ("rate", "2.5e-2", 0.025),
        ("share", "60%", 0.6),
        ("share", "1", 1.0),
        ("count", "1,250", 1250.0),
        ("number", "-3.5", -3.5),
        ("year", "2030-31", "2030-31"),
        ("year", "2010-11", "2010-11"),
        ("year", "2060-61", "2060-61"),
        ("date", "2030-04-01", "2030-04-01"),
        ("date", "01/04/2030", "2030-04-01"),
        ("date", "1-Apr-30", "2030-04-01"),
        ("date", "01APR2030", "2030-04-01"),
        ("date", "3.4.2030", "2030-04-03"),
        ("date", datetime.date(2030, 4, 1), "2030-04-01"),
        ("date", datetime.datetime(2030, 4, 1, 9, 30), "2030-04-01"),
        ("yes_no", "Yes", True),
        ("yes_no", "FALSE", False),
        ("yes_no", True, True),
        ("choice", "block", "block"),
        ("code", " P81001 ", "P81001"),
        ("code", 12345.0, "12345"),
        ("code", 12345, "12345"),
        ("text", 3.5, "3.5"),
        ("text", "Café in Ynys Môn", "Café in Ynys Môn"),
    ],
)
def test_each_kind_reads_what_users_write(kind: Kind, entered: object, value: object) -> None:
    assert typed_value(column(kind), entered, "GBP") == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "entered", "code", "words"),
    [
        ("share", "60", "out_of_range", "0.6 or 60%"),
        ("share", "-0.1", "out_of_range", "below 0"),
        ("share", "101%", "out_of_range", "above 1"),
        ("count", "-1", "out_of_range", "below 0"),
        ("count", "12%", "not_a_number", "1250"),
        ("year", "2030/31", "year_malformed", "Write it as 2030-31"),
        ("year", "2030-2031", "year_malformed", "Write it as 2030-31"),
        ("year", "2030-32", "year_malformed", "Write it as 2030-31"),
        ("year", 2031.0, "year_malformed", "Write it as 2031-32"),
        ("year", "2009-10", "year_range", "from 2010-11 to 2060-61"),
        ("year", "2061-62", "year_range", "from 2010-11 to 2060-61"),
        ("year", datetime.date(2010, 11, 1), "year_malformed", "Format the cell as Text"),
        ("date", "31/04/2030", "date_malformed", "year-month-day"),
        ("date", "04/31/2030", "date_malformed", "year-month-day"),
        ("code", "Mar-25", "code_as_date", "Format the cell as Text"),
        ("code", "01/03/2025", "code_as_date", "Format the cell as Text"),
        ("code", "1.0E+06", "code_as_number", "Format the cell as Text"),
        ("code", "#N/A", "excel_error", "never read as blank"),
        ("text", "#REF!", "excel_error", "never read as blank"),
        ("date", "20300401", "date_malformed", "year-month-day"),
        ("date", "2030-02-30", "date_malformed", "year-month-day"),
        ("yes_no", "1", "not_yes_no", "true or false"),
        ("choice", "blok", "choice_unknown", "Did you mean 'block'?"),
        ("choice", "Block", "choice_unknown", "Did you mean 'block'?"),
        ("code", "P81\u00a0001", "hidden_character", "U+00A0"),
        ("code", "P81001\u200b", "hidden_character", "U+200B"),
        ("code", "P81\t001", "hidden_character", "U+0009"),
        ("code", datetime.date(2030, 3, 1), "code_as_date", "Format the cell as Text"),
        ("code", 1.5, "code_as_number", "Format the cell as Text"),
        ("text", "a\x07b", "hidden_character", "U+0007"),
    ],
)
def test_each_kind_refuses_the_rest_with_a_mend(
    kind: Kind, entered: object, code: str, words: str
) -> None:
    with pytest.raises(ValueFault) as fault:
        typed_value(column(kind), entered, "GBP")  # type: ignore[arg-type]
    assert fault.value.code == code
    assert words in f"{fault.value.what} {fault.value.fix}"


def test_a_column_may_set_its_own_limits_in_pounds() -> None:
    bounded = column("pounds", within=between(0.0, 100.0))
    assert typed_value(bounded, "100", "GBP") == 10_000
    for wrong in ("-0.01", "100.01"):
        with pytest.raises(ValueFault):
            typed_value(bounded, wrong, "GBP")


@pytest.mark.req(383)
@pytest.mark.parametrize(
    ("table", "name", "wrong", "words"),
    [
        ("rate_overrides", "rate", "8.1", "Write 8.1% (or 0.081) if that is what is meant."),
        ("roll_forward", "rate", "6.8", "Write 6.8% (or 0.068)"),
        ("vat_recovery", "vat_rate", "20", "Write 20% (or 0.2)"),
        ("prices", "unit_price", "0", "Enter above zero"),
        ("aqp_prices", "unit_price", "-3", "Enter above zero"),
        ("baseline_estimates", "value", "0", "Enter above zero"),
        ("contracts", "value", "-1", "Enter zero or more"),
        ("activity_mapping", "share", "1.4", "Enter a share from 0 to 1"),
        ("contract_activity", "units", "-5", "Enter zero or more"),
    ],
)
def test_each_kind_of_figure_has_one_range(table: str, name: str, wrong: str, words: str) -> None:
    with pytest.raises(ValueFault) as fault:
        typed_value(TABLES_BY_NAME[table].column(name), wrong, "GBP")
    assert fault.value.code == "out_of_range"
    assert words in fault.value.fix


@pytest.mark.req(383)
def test_every_number_of_every_table_and_setting_takes_its_range_from_its_kind() -> None:
    kinds = {"rate": RATE, "share": FACTOR}
    for spec in ALL_TABLES:
        for each in spec.columns:
            if each.kind in kinds:
                allowed, outer = each.range, kinds[each.kind]
                assert allowed.least >= outer.least and allowed.most <= outer.most, each
            if each.kind == "count":
                assert each.range.least >= 0, each
            if each.name in ("unit_price", "unit_cost"):
                assert each.range is PRICE, f"{spec.name}.{each.name}"
