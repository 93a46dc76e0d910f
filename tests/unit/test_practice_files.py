"""The place-based allocation file, the National Cost Collection table and list sizes: read,
refused, brought into a model.
"""

from __future__ import annotations

import csv
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from wpb.commands.import_ import import_group
from wpb.intake.practice_files import find_icb, read_practice_file
from wpb.intake.unit_cost_files import activity_type_code, read_unit_costs
from wpb.kernel.problems import InputProblems, Problem, ProblemLog
from wpb.tables import TABLES_BY_NAME
from wpb.tables.population import NEEDS

FIXTURES = Path(__file__).parent.parent / "fixtures" / "practice_files"
ICB_FILE, AIF_FILE = FIXTURES / "icb_layout.csv", FIXTURES / "aif_layout.csv"
COSTS_FILE, MAPPING_FILE = FIXTURES / "unit_costs_2024_25.csv", FIXTURES / "unit_cost_mapping.csv"
PUBLISHED = ("aif_tool_2024_2025.csv", "icb_tool_2025_2026.csv")


def import_(*arguments: str | Path) -> Result:
    return CliRunner().invoke(import_group, [str(argument) for argument in arguments])


def problems_of(result: Result) -> list[Problem]:
    assert isinstance(result.exception, InputProblems), result.output
    return result.exception.problems


def json_of(result: Result) -> list[dict[str, Any]]:
    problems: list[dict[str, Any]] = json.loads(result.stdout)["problems"]
    return problems


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def edited(tmp_path: Path, source: Path, *edits: tuple[str, str]) -> Path:
    text = source.read_text(encoding="utf-8-sig")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / source.name
    path.write_text(text, encoding="utf-8")
    return path


# The two layouts


@pytest.mark.req(155)
@pytest.mark.parametrize(
    ("path", "layout", "population"),
    [(ICB_FILE, "ICB place-based", 11999.5), (AIF_FILE, "AIF allocation", 6900.0)],
)
def test_each_layout_is_known_by_its_header(
    tmp_path: Path, path: Path, layout: str, population: float
) -> None:
    renamed = tmp_path / "anything.csv"
    renamed.write_bytes(path.read_bytes())
    practices = read_practice_file(renamed)
    assert practices.layout.name.startswith(layout)
    row = practices.positions["A90002"]
    assert practices.population[row] == population
    assert practices.icb_codes[row] == "QAA"
    assert (practices.district_codes[row], practices.district_names[row]) == (
        "E99000001",
        "Westmarch",
    )
    assert practices.warnings == ()


def test_each_need_comes_from_its_own_column() -> None:
    practices = read_practice_file(ICB_FILE)
    assert dict(zip(NEEDS, practices.weighted[practices.positions["A90001"]], strict=True)) == {
        "general_and_acute": 8800,
        "community": 9200,
        "mental_health": 7200,
        "maternity": 8004,
        "health_inequalities": 9600,
        "prescribing": 8400,
        "overall_core": 8720,
        "primary_medical_care_need": 8200,
        "primary_medical_care": 8410,
    }
    assert practices.where(0, "mental_health").as_dict() == {
        "file": "icb_layout.csv",
        "sheet": "icb_layout",
        "cell": "X2",
        "entered": "7200",
    }


def test_postcodes_are_not_kept(tmp_path: Path) -> None:
    import_("practices", ICB_FILE, "--icb", "QAA", "--to", tmp_path)
    assert not any(
        "ZZ99" in path.read_text(encoding="utf-8") for path in (tmp_path / "inputs").iterdir()
    )


# Files that are refused


def refused(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputProblems) as caught:
        read_practice_file(path)
    assert all(problem.what and problem.fix for problem in caught.value.problems)
    return [
        (problem.code, problem.where.cell if problem.where else "")
        for problem in caught.value.problems
        if problem.severity == "error"
    ]


def test_every_bad_cell_is_named_at_once(tmp_path: Path) -> None:
    path = edited(
        tmp_path,
        ICB_FILE,
        ("8000,8800,9200", "8000,lots,"),
        ("11999.5,12600", '"11,999.5",-3'),
        ("A90003,THE OLD MILL (DR ASH & DR BIRCH)", "A90002,"),
        ("15000,15500", ",nan"),
    )
    assert set(refused(path)) == {
        ("not_a_number", "V2"),
        ("blank", "W2"),
        ("not_a_number", "U3"),
        ("out_of_range", "V3"),
        ("duplicate", "A4"),
        ("blank", "B4"),
        ("blank", "U5"),
        ("not_a_number", "V5"),
    }


@pytest.mark.parametrize(
    ("content", "code", "cell"),
    [
        (b"", "file_empty", ""),
        (b"\xef\xbb\xbf", "heading_missing", "A1"),
        (b"PK\x03\x04rest", "not_csv", ""),
        (b"Practice_Code,GP_Practice_Name\nA90001,Caf\xe9\n", "unknown_layout", "A1"),
        ("Practice_Code,Name\nA90001,One\n".encode("utf-16-le"), "unknown_layout", "A1"),
        (b"Practice_Code,GP_Practice_Name\nA90001,One\n", "unknown_layout", "A1"),
        (b"Practice_Code,Practice_Code\nA90001,One\n", "column_duplicate", "B1"),
        (b"Practice_Code,Name\n", "no_rows", "A1"),
        (b'Practice_Code,Name\nA90001,"One\n', "csv_broken", "A2"),
    ],
)
def test_a_file_that_is_not_the_one_wanted_is_refused(
    tmp_path: Path, content: bytes, code: str, cell: str
) -> None:
    path = tmp_path / "practices.csv"
    path.write_bytes(content)
    assert refused(path) == [(code, cell)]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing.csv") == [("no_file", "")]


def test_a_file_cut_short_is_refused_at_the_row_it_ends_in(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    path.write_bytes(ICB_FILE.read_bytes()[:-30])
    assert refused(path) == [("truncated", "A7")]


def test_a_shifted_row_is_not_taken_for_a_cut_file(tmp_path: Path) -> None:
    assert refused(edited(tmp_path, ICB_FILE, ("RIVERSIDE PRACTICE", "RIVERSIDE, PRACTICE"))) == [
        ("row_too_long", "A3")
    ]


def test_one_icb_with_two_names_is_refused(tmp_path: Path) -> None:
    path = edited(
        tmp_path,
        ICB_FILE,
        (
            "BIRCH),ZZ99 9ZZ,52.0,-1.0,,,,,,,QAA,NHS Westmarch and Vale ICB",
            "BIRCH),ZZ99 9ZZ,52.0,-1.0,,,,,,,QAA,NHS Eastmere ICB",
        ),
    )
    assert refused(path) == [("icb_with_two_names", "M4")]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("8200,8410", "8200,8400", ["pmc_mix", "not_the_whole_of_england"]),
        ("8000,8800", "8000,8805", ["not_the_whole_of_england"]),
        ("8000,8800", "8000,8800", []),
    ],
)
def test_what_holds_in_every_published_file_is_checked(
    tmp_path: Path, old: str, new: str, codes: list[str]
) -> None:
    assert [
        problem.code
        for problem in read_practice_file(edited(tmp_path, ICB_FILE, (old, new))).warnings
    ] == codes


@pytest.mark.parametrize(
    "wanted",
    [
        "QAA",
        "qaa",
        "NHS Westmarch and Vale ICB",
        "westmarch AND vale",
        " NHS Westmarch and Vale Integrated Care Board",
    ],
)
def test_an_icb_is_found_by_code_or_name(wanted: str) -> None:
    assert find_icb(read_practice_file(ICB_FILE), wanted, ProblemLog()) == "QAA"


def test_an_unknown_icb_names_the_nearest() -> None:
    log = ProblemLog()
    assert find_icb(read_practice_file(ICB_FILE), "Eastmer", log) is None
    assert "QBB NHS Eastmere ICB" in log.errors[0].fix.split(";")[0]


# Practices into a model


@pytest.mark.req(2, 103)
def test_practices_become_gp_lists_and_weights(tmp_path: Path) -> None:
    result = import_(
        "practices", ICB_FILE, "--icb", "Eastmere", "--to", tmp_path, "--participation", "partial"
    )
    assert result.exit_code == 0, result.output
    assert "QBB NHS Eastmere ICB: 3 practices, 30,000 people" in result.output
    assert rows_of(tmp_path / "inputs" / "gp_lists.csv")[1] == {
        "list_code": "B90002",
        "name": "MEADOW LANE SURGERY",
        "kind": "practice",
        "commissioner": "QBB",
        "participation": "partial",
        "population": "10000",
        "neighbourhood": "",
    }
    weights = rows_of(tmp_path / "inputs" / "list_weights.csv")
    assert len(weights) == 27
    assert {
        "list_code": "B90003",
        "need": "primary_medical_care",
        "weighted_population": "4570",
    } in weights


@pytest.mark.req(103)
def test_practices_of_a_district_take_part_and_the_rest_do_not(tmp_path: Path) -> None:
    file = edited(
        tmp_path,
        ICB_FILE,
        (
            (
                "A90003,THE OLD MILL (DR ASH & DR BIRCH),ZZ99 9ZZ,52.0,-1.0,,,,,,,QAA,NHS Westmarch"
                " and Vale ICB,,,E99000001,Westmarch"
            ),
            "A90003,THE OLD MILL,,,,,,,,,,QAA,NHS Westmarch and Vale ICB,,,E99000003,Vale",
        ),
    )
    result = import_(
        "practices",
        file,
        "--icb",
        "QAA",
        "--to",
        tmp_path,
        "--district",
        "westmarch",
        "--participation",
        "virtual",
    )
    assert (
        "Taking part (virtual): 2 practices in westmarch; the other 1 take none." in result.output
    )
    assert {
        row["list_code"]: row["participation"]
        for row in rows_of(tmp_path / "inputs" / "gp_lists.csv")
    } == {"A90001": "virtual", "A90002": "virtual", "A90003": "none"}
    problems = problems_of(
        import_(
            "practices",
            file,
            "--icb",
            "QAA",
            "--to",
            tmp_path / "other",
            "--district",
            "E99000003",
            "--district",
            "Eastmere",
        )
    )
    assert ["E99000001 Westmarch; E99000003 Vale" in problem.fix for problem in problems] == [True]


def test_nothing_is_written_over_unless_asked(tmp_path: Path) -> None:
    import_("practices", AIF_FILE, "--icb", "QAA", "--to", tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "inputs").iterdir()}
    problems = problems_of(import_("practices", ICB_FILE, "--icb", "QAA", "--to", tmp_path))
    assert {problem.code for problem in problems} == {"already_there"}
    assert {path.name: path.read_bytes() for path in (tmp_path / "inputs").iterdir()} == before


def test_replace_refreshes_one_icb_and_keeps_the_rest(tmp_path: Path) -> None:
    import_("practices", AIF_FILE, "--icb", "QBB", "--to", tmp_path)
    import_("practices", AIF_FILE, "--icb", "QAA", "--to", tmp_path)
    lists = tmp_path / "inputs" / "gp_lists.csv"
    lists.write_text(
        lists.read_text(encoding="utf-8").replace("QAA,full,6900,", "QAA,full,6900,North")
        + "QAA_NONE,No practice,unregistered,QAA,none,800,\n",
        encoding="utf-8",
    )
    result = import_("practices", ICB_FILE, "--icb", "QAA", "--to", tmp_path, "--replace")
    assert result.exit_code == 0, result.output
    assert "no longer has them: A90004" in result.output
    found = {row["list_code"]: row for row in rows_of(lists)}
    assert set(found) == {"A90001", "A90002", "A90003", "B90001", "B90002", "QAA_NONE"}
    assert (found["A90002"]["population"], found["A90002"]["neighbourhood"]) == ("11999.5", "North")
    weights = [
        (row["list_code"], row["need"]) for row in rows_of(tmp_path / "inputs" / "list_weights.csv")
    ]
    assert len(weights) == len(set(weights)) == 5 * 9
    assert not any(code == "A90004" for code, _ in weights)


def test_notes_and_columns_of_notes_stay(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    lists = tmp_path / "inputs" / "gp_lists.csv"
    lists.write_text(
        "# One row a"
        " list\nlist_code,kind,#who,commissioner,name,participation,population\n"
        "B90009,practice,Ann,QBB,Dell,full,10\n",
        encoding="utf-8",
    )
    assert import_("practices", ICB_FILE, "--icb", "QAA", "--to", tmp_path).exit_code == 0
    assert lists.read_text(encoding="utf-8").splitlines()[:4] == [
        "# One row a list",
        "list_code,kind,#who,commissioner,name,participation,population,neighbourhood",
        "B90009,practice,Ann,QBB,Dell,full,10,",
        "A90001,practice,,QAA,CASTLE STREET SURGERY,full,8000,",
    ]


def test_a_table_in_a_workbook_gets_no_second_home(tmp_path: Path) -> None:
    from openpyxl import Workbook

    (tmp_path / "inputs").mkdir()
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "gp_lists"
    sheet.append([column.name for column in TABLES_BY_NAME["gp_lists"].columns])
    book.save(tmp_path / "inputs" / "tables.xlsx")
    assert import_("practices", ICB_FILE, "--icb", "QAA", "--to", tmp_path).exit_code == 0
    (tmp_path / "inputs" / "gp_lists.csv").unlink()
    sheet.append(["A90001", "Castle", "practice", "QAA", "full", 8000, ""])
    book.save(tmp_path / "inputs" / "tables.xlsx")
    problems = problems_of(
        import_("practices", ICB_FILE, "--icb", "QAA", "--to", tmp_path, "--replace")
    )
    assert [
        (problem.code, problem.where.file if problem.where else "") for problem in problems
    ] == [("table_elsewhere", "inputs/tables.xlsx")]


def test_a_table_with_other_columns_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    lists = tmp_path / "inputs" / "gp_lists.csv"
    for text, code in (
        ("practice,people\nA90001,8000\n", "unknown_layout"),
        ("list_code,list_code\n", "unknown_layout"),
        ("list_code,name\nB90009,Dell,Vale\n", "row_too_long"),
    ):
        lists.write_text(text, encoding="utf-8")
        problems = problems_of(import_("practices", ICB_FILE, "--icb", "QAA", "--to", tmp_path))
        assert [problem.code for problem in problems] == [code]
        assert lists.read_text(encoding="utf-8") == text
    assert [path.name for path in (tmp_path / "inputs").iterdir()] == ["gp_lists.csv"]


# Unit costs


@pytest.mark.req(87)
def test_a_currency_costs_apart_in_each_department(tmp_path: Path) -> None:
    result = import_("unit-costs", COSTS_FILE, "--to", tmp_path)
    assert result.exit_code == 0, result.output
    rows = rows_of(tmp_path / "inputs" / "national_unit_costs.csv")
    assert [(row["activity_type"], row["unit_cost"], row["collection_year"]) for row in rows] == [
        ("ELECTIVE_INPATIENTS_AA22C", "12000.0", "2024-25"),
        ("DAYCASE_AA22C", "650.25", "2024-25"),
        ("COMMUNITY_HEALTH_SERVICE_N10AF", "90.0", "2024-25"),
        ("COMMUNITY_HEALTH_SERVICE_N10AN", "50.0", "2024-25"),
        ("AMBULANCE_02", "364.4", "2024-25"),
    ]
    assert "1 rows have a cost and no unit cost" in result.output


@pytest.mark.req(87)
def test_a_mapping_brings_in_only_what_it_names_at_the_mean_by_activity(tmp_path: Path) -> None:
    assert import_("unit-costs", COSTS_FILE, "--to", tmp_path, "--map", MAPPING_FILE).exit_code == 0
    rows = rows_of(tmp_path / "inputs" / "national_unit_costs.csv")
    # (3,000 x £90 + 1,000 x £50) / 4,000 = £80
    assert [(row["activity_type"], float(row["unit_cost"])) for row in rows] == [
        ("SPECIALIST_NURSING", 80.0),
        ("STROKE_INPATIENT", 12000.0),
    ]


def test_a_mapping_to_nothing_is_named(tmp_path: Path) -> None:
    mapping = tmp_path / "map.csv"
    mapping.write_text(
        "activity_type,department_code,currency_code\nA,Daycase,AA22D\nB,Daycases,AA22C\nC,Community"
        " Health Service,N10CN\nD,Daycase,AA22C\nD,Daycase,AA22C\n,Daycase,AA22C\n",
        encoding="utf-8",
    )
    problems = problems_of(import_("unit-costs", COSTS_FILE, "--to", tmp_path, "--map", mapping))
    assert sorted(
        (problem.code, problem.where.cell if problem.where else "") for problem in problems
    ) == [
        ("blank", "A7"),
        ("duplicate", "C6"),
        ("unknown_currency", "C2"),
        ("unknown_currency", "C3"),
        ("withheld", "C4"),
    ]
    assert not (tmp_path / "inputs").exists()


def test_a_year_that_nothing_says_is_asked_for(tmp_path: Path) -> None:
    unnamed = tmp_path / "costs.csv"
    unnamed.write_bytes(COSTS_FILE.read_bytes())
    assert [
        problem.code for problem in problems_of(import_("unit-costs", unnamed, "--to", tmp_path))
    ] == ["year"]
    assert [
        problem.code
        for problem in problems_of(
            import_("unit-costs", unnamed, "--to", tmp_path, "--year", "2024-26")
        )
    ] == ["year"]
    assert import_("unit-costs", unnamed, "--to", tmp_path, "--year", "2023-24").exit_code == 0
    assert {
        row["collection_year"] for row in rows_of(tmp_path / "inputs" / "national_unit_costs.csv")
    } == {"2023-24"}


def test_unit_costs_are_checked_by_cell(tmp_path: Path) -> None:
    path = edited(
        tmp_path,
        COSTS_FILE,
        ("50.0,650.25", "50.0,"),
        ("Daycase,AA22C", "ELECTIVE-INPATIENTS,AA22C"),
        ("N10AN", "N10AF"),
    )
    with pytest.raises(InputProblems) as caught:
        read_unit_costs(path)
    assert sorted(
        (problem.code, str(problem.where and problem.where.cell))
        for problem in caught.value.problems
    ) == [("blank", "E3"), ("duplicate", "B5"), ("same_activity_type", "A3")]
    wrong_product = edited(tmp_path, COSTS_FILE, ("32512.5", "32513.5"))
    assert [
        (problem.code, str(problem.where and problem.where.cell))
        for problem in read_unit_costs(wrong_product).warnings
    ] == [("unit_cost_product", "E3")]
    assert read_unit_costs(COSTS_FILE).warnings == ()


# List sizes


@pytest.mark.req(2, 378)
@pytest.mark.parametrize(
    ("name", "row", "read"),
    [
        ("list_sizes_2021.csv", 0, ("A90001", "7812", "2021-04-01")),
        ("list_sizes_2026.csv", 1, ("A90002", "12011", "2026-02-25")),
    ],
)
def test_list_sizes_are_read_in_any_layout(
    tmp_path: Path, name: str, row: int, read: tuple[str, str, str]
) -> None:
    result = import_("list-sizes", FIXTURES / name, "--to", tmp_path)
    assert result.exit_code == 0, result.output
    assert "read day first" in result.output
    found = rows_of(tmp_path / "inputs" / "list_totals.csv")[row]
    assert (found["list_code"], found["people"], found["count_date"]) == read
    assert found["known_on"] == found["count_date"]


def test_list_sizes_are_checked_by_cell(tmp_path: Path) -> None:
    path = edited(
        tmp_path,
        FIXTURES / "list_sizes_2026.csv",
        ("8003,25/02/2026", "8003,30/02/2026"),
        ("12011,25/02/2026", "12011,25/02/2026\nWestmarch,a90002,Riverside,5,25/02/2026"),
    )
    result = import_("list-sizes", path, "--to", tmp_path, "--json")
    assert result.exit_code == 1
    assert [(problem["code"], problem["where"]["cell"]) for problem in json_of(result)] == [
        ("date_malformed", "E2"),
        ("date_malformed", "E2"),
        ("duplicate_key", "A4"),
    ]
    assert not (tmp_path / "inputs").exists()


# The published files themselves


@pytest.mark.parametrize("name", PUBLISHED)
def test_final_primary_medical_care_mixes_need_and_inequalities_on_every_row(
    shared_data: Path, name: str
) -> None:
    practices = read_practice_file(shared_data / name)
    need = {title: practices.weighted[:, column] for column, title in enumerate(NEEDS)}
    assert (
        len(practices.codes)
        == {"aif_tool_2024_2025.csv": 6553, "icb_tool_2025_2026.csv": 6348}[name]
    )
    np.testing.assert_allclose(
        need["primary_medical_care"],
        0.85 * need["primary_medical_care_need"] + 0.15 * need["health_inequalities"],
        rtol=0,
        atol=1e-5,
    )
    for title in NEEDS:
        assert math.fsum(need[title]) == pytest.approx(math.fsum(practices.population), abs=0.01)
    assert practices.warnings == ()
    assert len(practices.icbs) == 42


def test_practices_close_and_open_between_the_published_files(shared_data: Path) -> None:
    earlier, later = (set(read_practice_file(shared_data / name).codes) for name in PUBLISHED)
    assert (len(earlier - later), len(later - earlier)) == (218, 13)


@pytest.mark.req(87)
def test_the_published_unit_costs_add_to_the_national_total(shared_data: Path) -> None:
    costs = read_unit_costs(shared_data / "ncc_2024_25.csv")
    assert f"{costs.total_cost / 1e9:.2f}" == "99.18"
    assert costs.warnings == ()
    codes = [
        activity_type_code(*pair) for pair in zip(costs.departments, costs.currencies, strict=True)
    ]
    assert len(codes) == len(set(codes)) == 13362
    assert len(costs.withheld) == 1820


@pytest.mark.req(378)
@pytest.mark.parametrize(
    ("name", "practices", "people"),
    [
        ("ncl_emis_list_size_2021.csv", 173, None),
        ("ncl_emis_list_size_2026.csv", 173, 1_828_516),
        ("gp_registered_patients_2021_01.csv", 6658, 60_606_345),
    ],
)
def test_the_published_list_sizes_are_read(
    shared_data: Path, tmp_path: Path, name: str, practices: int, people: int | None
) -> None:
    result = import_("list-sizes", shared_data / name, "--to", tmp_path)
    assert result.exit_code == 0, result.output
    found = [int(row["people"]) for row in rows_of(tmp_path / "inputs" / "list_totals.csv")]
    assert len(found) == practices and people in (None, sum(found))


@pytest.mark.req(377, 378)
@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("nhs_payments_gp_2017_18.csv", "9050596201.87"),
        ("nhs_payments_gp_2022_23.csv", "10230094803.70"),
    ],
)
def test_the_published_practice_payments_come_in_to_the_penny(
    shared_data: Path, tmp_path: Path, name: str, total: str
) -> None:
    few = tmp_path / name
    lines = (shared_data / name).read_text(encoding="utf-8-sig").splitlines(keepends=True)
    few.write_text("".join(lines[:40]), encoding="utf-8")
    result = import_("practice-payments", few, "--to", tmp_path)
    assert result.exit_code == 0, result.output
    rows = rows_of(tmp_path / "inputs" / "primary_care_payments.csv")
    with few.open(encoding="utf-8", newline="") as stream:
        printed = sum(
            Decimal(row["Total NHS Payments to General Practice"]) for row in csv.DictReader(stream)
        )
    assert sum(Decimal(row["value"]) for row in rows) == printed
    whole = [
        Decimal(row["Total NHS Payments to General Practice"] or 0) for row in csv.DictReader(lines)
    ]
    assert sum(whole) == Decimal(total)


@pytest.mark.req(375)
def test_an_edition_is_told_by_its_content(shared_data: Path, tmp_path: Path) -> None:
    for name, edition in (("aif_2022_2023.csv", "2022/23"), ("aif_2023_2024.csv", "2023/24")):
        renamed = tmp_path / "2024_2025.csv"
        renamed.write_bytes((shared_data / name).read_bytes())
        result = import_("practices", renamed, "--icb", "QOC", "--to", tmp_path, "--replace")
        assert result.exit_code == 0, result.output
        assert f"Edition: NHS England place-based allocation tool, {edition}" in result.output


def test_the_collection_of_2023_24_has_no_false_alarm(shared_data: Path) -> None:
    costs = read_unit_costs(shared_data / "ncc_2023_24.csv")
    assert (len(costs.source), costs.warnings) == (11303, ())
