"""Tables of CSV: headings, blanks, keys, codes, shares, years and currencies, each problem at its
exact cell.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tiny_model import TinyModel, assert_found, spelled
from wpb.intake import read_model
from wpb.kernel.problems import InputProblems, UsageProblem


@pytest.fixture
def tiny(tmp_path: Path) -> TinyModel:
    return TinyModel(tmp_path)


def test_the_fixture_reads_without_a_word(tiny: TinyModel) -> None:
    model = read_model(tiny.folder)
    assert model.warnings == []
    contracts = model["contracts"]
    assert contracts.text("contract") == ("ACUTE", "CLINIC", "COMM")
    assert contracts.numbers("value").tolist() == [1_200_000_000.0, 45_000_000.0, 300_000_000.0]
    assert np.isnan(contracts.numbers("fixed_value")[1:]).all()
    assert str(contracts.where(0, "value")) == "inputs/contracts.csv, sheet contracts, cell G2"
    assert contracts.where(0, "value").entered == "£12,000,000"
    assert model["service_lines"].flags("influenced_by_model")[:2] == (True, True)
    assert model["activity_mapping"].numbers("share").tolist() == [0.6, 0.4]
    assert len(model.input_hashes["inputs/contracts.csv"]) == 64


def test_an_absent_optional_table_is_empty(tiny: TinyModel) -> None:
    tiny.path("adjustments").unlink()
    assert len(read_model(tiny.folder)["adjustments"]) == 0


def test_every_problem_comes_at_once(tiny: TinyModel) -> None:
    tiny.set("contracts", "G2", "thirty")
    tiny.set("gp_lists", "B3", "")
    tiny.settings("currency: GBP", "currency: GBPP")
    with pytest.raises(InputProblems) as stop:
        read_model(tiny.folder)
    places = {
        (problem.where.file, problem.where.cell) for problem in stop.value.problems if problem.where
    }
    assert {
        ("inputs/contracts.csv", "G2"),
        ("inputs/gp_lists.csv", "B3"),
        ("model.yaml", "line 3"),
    } <= places


@pytest.mark.parametrize(
    ("table", "cell", "value", "code", "words"),
    [
        ("contracts", "G2", "thirty", "not_a_number", "'thirty' is not a number of pounds."),
        ("contracts", "G3", "$450,000", "currency", "in $, but this model is in GBP"),
        ("contracts", "K3", "EUR", "currency", "The contract is in EUR"),
        ("contracts", "E3", "activty", "choice_unknown", "Did you mean 'activity'?"),
        (
            "contracts",
            "D2",
            "ACU2",
            "code_unknown",
            "Did you mean 'ACU1' (inputs/organisations.csv, cell A5)?",
        ),
        ("contracts", "I2", "2028-29", "year_not_spend_year", "this model's spend is for 2029-30"),
        ("contracts", "I2", "2029/30", "year_malformed", "Write it as 2029-30"),
        ("allocations", "C2", "1999-00", "year_range", "from 2010-11 to 2060-61"),
        ("allocations", "C2", "2045-46", "year_outside_term", "2029-30 to 2039-40"),
        ("allocations", "C2", "2028-29", "year_outside_term", "2029-30 to 2039-40"),
        ("care_model_impacts", "E2", "2029-30", "year_outside_term", "2030-31 to 2039-40"),
        ("service_lines", "E5", "2045-46", "year_outside_term", "2030-31 to 2039-40"),
        ("gp_lists", "B2", "", "blank", "'name' is blank."),
        ("gp_lists", "F2", "-5", "out_of_range", "below 0"),
        ("activity_mapping", "D2", "0.5", "shares_total", "(D2, D3) add to 0.9, not 1."),
        ("activity_mapping", "D2", "1.2", "out_of_range", "above 1"),
        ("care_packages", "H2", "60", "out_of_range", "0.6 or 60%"),
        ("gp_lists", "A2", "P81\u00a0001", "hidden_character", "U+00A0"),
        ("part_scope", "C2", "maybe", "not_yes_no", "true or false"),
        ("adjustments", "I2", "12/31/2029", "date_malformed", "year-month-day"),
    ],
)
def test_a_wrong_cell_is_named(
    tiny: TinyModel, table: str, cell: str, value: str, code: str, words: str
) -> None:
    tiny.set(table, cell, value)
    assert_found(tiny.errors(), table, cell, code, words)


def test_a_repeated_key_names_both_rows(tiny: TinyModel) -> None:
    tiny.change("gp_lists", lambda rows: rows.insert(3, list(rows[1])))
    assert_found(
        tiny.errors(),
        "gp_lists",
        "A4",
        "duplicate_key",
        "Row 4 has the same list_code as row 2: P81001",
    )


def test_a_key_may_hold_an_allowed_blank_and_is_still_unique(tiny: TinyModel) -> None:
    tiny.add("provider_costs", "COMM", "", "research", "1")
    assert_found(tiny.errors(), "provider_costs", "A6", "duplicate_key", "(blank)")


def test_shares_may_miss_one_by_the_last_bit_only(tiny: TinyModel) -> None:
    def thirds(rows: list[list[str]]) -> None:
        rows[1][3], rows[2][3] = "0.7", "0.2"
        rows.append(["COMM", "DIET1", "GMS", "0.1", "Lead dietitian"])

    tiny.change("activity_mapping", thirds)
    assert not [problem for problem in tiny.errors() if problem.code == "shares_total"]
    tiny.set("activity_mapping", "D2", "0.70000001")
    assert_found(tiny.errors(), "activity_mapping", "D2", "shares_total", "add to 1.00000001")


def test_a_wrong_code_on_many_rows_is_named_thrice_and_counted(tiny: TinyModel) -> None:
    tiny.change("activity_by_list", lambda rows: [row.__setitem__(0, "ACUTTE") for row in rows[1:]])
    found = [problem for problem in tiny.errors() if problem.code == "code_unknown"]
    assert [problem.where.cell for problem in found if problem.where] == ["A2", "A3", "A4"]
    assert "So do 8 more cells" in found[-1].what


def test_a_column_of_bad_cells_stays_readable(tiny: TinyModel) -> None:
    tiny.change("allocations", lambda rows: [row.__setitem__(3, "n/a") for row in rows[1:]])
    found = [problem for problem in tiny.errors() if problem.code == "not_a_number"]
    assert len(found) == 26
    assert found[-1].what == "8 more cells of the column 'allocation' have the same fault."


@pytest.mark.parametrize(
    ("change", "cell", "code", "words"),
    [
        (
            lambda rows: rows[0].__setitem__(1, "nmae"),
            "B1",
            "column_unknown",
            "Did you mean 'name'?",
        ),
        (lambda rows: rows[0].__setitem__(1, "nmae"), "A1", "column_missing", "'name' is missing"),
        (
            lambda rows: rows[0].__setitem__(1, "organisation"),
            "B1",
            "column_duplicate",
            "there twice",
        ),
        (
            lambda rows: [row.append("x") for row in rows],
            "D1",
            "column_unknown",
            "start its heading with #",
        ),
        (
            lambda rows: rows.insert(0, ["Organisations", "", ""]),
            "A2",
            "heading_shifted",
            "with other rows above them",
        ),
        (
            lambda rows: rows.insert(0, ["ICB9", "Above the headings", "council"]),
            "A2",
            "heading_shifted",
            "with other rows above them",
        ),
        (
            lambda rows: rows.pop(0),
            "A1",
            "heading_missing",
            "Put the headings on row 1: organisation, name, kind",
        ),
        (lambda rows: rows[0].insert(0, ""), "A2", "column_unheaded", "shifted against the values"),
        (lambda rows: rows[2].append("stray"), "D3", "row_too_long", "past the last heading"),
    ],
)
def test_headings_out_of_place_are_named(
    tiny: TinyModel, change: object, cell: str, code: str, words: str
) -> None:
    tiny.change("organisations", change)  # type: ignore[arg-type]
    assert_found(tiny.errors(), "organisations", cell, code, words)


def test_notes_above_the_headings_and_beside_the_table_are_passed_over(tiny: TinyModel) -> None:
    def annotate(rows: list[list[str]]) -> None:
        for row in rows:
            row.append("note")
        rows[0][3] = "# note"
        rows.insert(0, ["# Organisations", "as agreed"])
        rows.insert(3, ["", "", "", ""])

    tiny.change("organisations", annotate)
    assert spelled(tiny.check().problems) == []
    assert read_model(tiny.folder)["organisations"].where(0, "name").cell == "B3"


def test_columns_are_found_by_name_in_any_order(tiny: TinyModel) -> None:
    before = read_model(tiny.folder)["contracts"]

    def reverse(rows: list[list[str]]) -> None:
        for row in rows:
            row.reverse()

    tiny.change("contracts", reverse)
    after = read_model(tiny.folder)["contracts"]
    assert after.numbers("value").tolist() == before.numbers("value").tolist()
    assert after.where(0, "contract").cell == "N2"


def test_a_required_table_must_be_there_and_have_rows(tiny: TinyModel) -> None:
    tiny.path("gp_lists").unlink()
    tiny.change("funding_streams", lambda rows: rows.__delitem__(slice(1, None)))
    errors = tiny.errors()
    assert_found(errors, "gp_lists", "", "table_missing", "Add it as a CSV")
    assert_found(errors, "funding_streams", "A1", "table_empty", "Fill it in")


def test_an_unknown_file_is_pointed_out_with_the_nearest_table(tiny: TinyModel) -> None:
    tiny.path("adjustments").rename(tiny.folder / "inputs" / "adjustmants.csv")
    (tiny.folder / "inputs" / "notes.docx").write_bytes(b"x")
    problems = tiny.check().problems
    assert_found(
        problems, "adjustmants", "", "file_unknown", "Did you mean 'adjustments'?", "error"
    )
    assert any(problem.where and problem.where.file == "inputs/notes.docx" for problem in problems)


def test_a_path_with_no_model_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="There is no model at"):
        read_model(tmp_path / "nowhere")
    (tmp_path / "letter.txt").write_text("Dear all", encoding="utf-8")
    with pytest.raises(UsageProblem, match="neither a model folder nor an Excel workbook"):
        read_model(tmp_path / "letter.txt")


def test_a_folder_without_settings_says_so(tiny: TinyModel) -> None:
    (tiny.folder / "model.yaml").unlink()
    assert_found(tiny.errors(), "model", "", "settings_missing", "wpb new")
