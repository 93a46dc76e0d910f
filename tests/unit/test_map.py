"""The mapper: two made-up layouts of the kind real systems give, mapped, remembered, and tied to
the penny.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from wpb.cli import main
from wpb.intake.mapping.amounts import plain, read_amount, read_year
from wpb.intake.mapping.layouts import read_layout
from wpb.intake.mapping.rules import read_mapping
from wpb.intake.mapping.suggesting import suggest_columns
from wpb.kernel.problems import ProblemLog
from wpb.tables import TABLES_BY_NAME

ISFE = """\
ZZ INTEGRATED CARE BOARD,,,,,,,
Trial balance by cost centre,,,,Period:,MAR-27,,
,,,,,,,
Cost Centre,Cost Centre Desc,Subjective,Subjective Desc,Budget FY,YTD Actual DR,YTD Actual CR,Run Date
860501,Acute contracts,52161001,Hosp Svs from FTs,"1,000.00","12,345,678.90",,01-APR-27
860501,Acute contracts,52161002,Hosp Svs credit notes,,,"345,678.91",01-APR-27
860601,Prescribing,52171010,GP prescribing,,"2,500,000.00",,01-APR-27
860602,Prescribing rebates,52171010,Rebates,,,"(1,000.00)",01-APR-27
,,,Grand total,,"14,845,678.90","344,678.91",
"""
SLAM = """\
Provider monthly activity,,,,,,
Fin Year,Prov Code,Commissioner,Practice Code,POD Code,HRG,Activity Actual,Price Actual
2026/27,RZZ,ZZ1,P90001,DC,FZ18G,10,"5,000"
2026/27,RZZ,ZZ1,P90001,DC,FZ18G,2,"1,000"
2026/27,RZZ,ZZ1,P90002,EL,FZ18G,3,"2,700"
2026/27,RZZ,ZZ1,P90002,OPFA,WF01B,40,"6,400"
2026/27,RZZ,ZZ1,V81999,OPFA,WF01B,7,"1,120"
"""


def model(folder: Path, **tables: str) -> Path:
    """A folder with the few tables that a mapping looks codes up in."""
    given = {
        "organisations": "organisation,name,kind\nZZ1,ZZ ICB,commissioner\nRZZ,Trust,provider\n",
        "contracts": "contract\nFT1\n",
        "direct_spend": "budget_line\nRX1\n",
        "service_lines": (
            "service_line,name,scope,growth_category\nSURG,Surgery,in,G\nOUTP,Outpatients,in,G\n"
        ),
        "gp_lists": "list_code,name\nP90001,One\nP90002,Two\nUNREG,None\n",
    } | tables
    (folder / "inputs").mkdir(parents=True)
    for name, text in given.items():
        (folder / "inputs" / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def written(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "inputs" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def as_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "isfe.csv"
    path.write_text(ISFE, encoding="utf-8")
    (tmp_path / "covers.csv").write_text(
        "cost centre,covers\n860501,FT1\n860601,RX1\n860602,RX1\n", encoding="utf-8"
    )
    model(tmp_path / "model")
    return path


def ledger_arguments(path: Path, *more: str) -> list[str]:
    return [
        "map",
        str(path),
        "--as",
        "commissioner_ledger",
        "--to",
        str(path.parent / "model"),
        "--set",
        "commissioner==ZZ1",
        "--set",
        "account=Cost Centre+Subjective",
        "--set",
        "description=Subjective Desc",
        "--set",
        "covers=Cost Centre",
        "--lookup",
        f"covers={path.parent / 'covers.csv'}",
        "--set",
        "ledger_value=YTD Actual DR - YTD Actual CR",
        "--set",
        "effective_year==2026-27",
        *more,
    ]


LEAVE_TOTAL = ("--leave-out", "Subjective Desc=Grand total:the system's own total")


@pytest.mark.req(18, 361)
def test_a_ledger_in_its_own_layout_becomes_the_commissioners_ledger(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(ledger_arguments(ledger, *LEAVE_TOTAL, "--json")) == 0
    report = as_json(capsys)
    assert (
        report["heading_row"],
        report["rows_read"],
        report["rows_written"],
        report["rows_left_out"],
    ) == (4, 5, 4, 1)
    rows = written(ledger.parent / "model", "commissioner_ledger")
    assert [(row["account"], row["covers"], row["ledger_value"]) for row in rows] == [
        ("860501-52161001", "FT1", "12345678.9"),
        ("860501-52161002", "FT1", "-345678.91"),
        ("860601-52171010", "RX1", "2500000"),
        ("860602-52171010", "RX1", "1000"),
    ]
    tie = report["totals"][0]
    assert (
        Decimal(tie["file"]) == Decimal(tie["written"]) + Decimal(tie["left_out"])
        and tie["difference"] == "0"
    )
    assert tie["written"] == "14500999.99" and tie["left_out"] == "14500999.99"
    assert report["headings_not_read"] == ["Cost Centre Desc", "Budget FY", "Run Date"]


def test_the_mapping_is_remembered_and_used_next_time(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ledger.parent / "model"
    assert main(ledger_arguments(ledger, *LEAVE_TOTAL)) == 0
    first = written(folder, "commissioner_ledger")
    mapping = read_mapping(folder / "mappings" / "commissioner_ledger.yaml")
    assert mapping.columns["ledger_value"].taken_off == ("YTD Actual CR",) and mapping.columns[
        "covers"
    ].lookup == {"860501": "FT1", "860601": "RX1", "860602": "RX1"}
    ledger.write_text(
        ISFE.replace('"2,500,000.00"', '"2,600,000.05"')
        .replace("14,845", "14,945")
        .replace('860602,Prescribing rebates,52171010,Rebates,,,"(1,000.00)",01-APR-27\n', ""),
        encoding="utf-8",
    )
    again = ["map", str(ledger), "--as", "commissioner_ledger", "--to", str(folder)]
    assert main(again) == 1
    assert "already holds" in capsys.readouterr().err
    assert main([*again, "--replace"]) == 0
    rows = written(folder, "commissioner_ledger")
    assert [row["account"] for row in rows] == [row["account"] for row in first[:3]], (
        "rows of the same commissioner that the file no longer has go too"
    )
    assert rows[2]["ledger_value"] == "2600000.05"


def test_a_total_row_is_never_dropped_in_silence(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(ledger_arguments(ledger, "--json")) == 1
    problems = as_json(capsys)["problems"]
    assert ("total_row", "D9") in [
        (problem["code"], problem["where"]["cell"]) for problem in problems
    ]
    assert not (ledger.parent / "model" / "inputs" / "commissioner_ledger.csv").exists()


def test_a_code_no_look_up_knows_is_named_with_its_money(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (ledger.parent / "covers.csv").write_text(
        "cost centre,covers\n860501,FT1\n860601,RX9\n860602,RX1\n", encoding="utf-8"
    )
    assert main(ledger_arguments(ledger, *LEAVE_TOTAL, "--json")) == 1
    problems = as_json(capsys)["problems"]
    assert [problem["code"] for problem in problems] == ["unmapped_code"]
    assert (
        "'860601'" in problems[0]["what"]
        and "ledger_value 2500000" in problems[0]["what"]
        and problems[0]["where"]["cell"] == "A7"
    )


def test_what_needs_a_source_is_listed_with_the_likeliest_heading(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            [
                "map",
                str(ledger),
                "--as",
                "commissioner_ledger",
                "--to",
                str(ledger.parent / "model"),
            ]
        )
        == 2
    )
    said = capsys.readouterr().err
    assert (
        "row 4" in said
        and '--set "description=Subjective Desc"' in said
        and "commissioner (" in said
    )


@pytest.fixture
def activity(tmp_path: Path) -> Path:
    path = tmp_path / "slam.csv"
    path.write_text(SLAM, encoding="utf-8")
    (tmp_path / "services.csv").write_text(
        "pod,service\nDC,SURG\nEL,SURG\nOPFA,OUTP\n", encoding="utf-8"
    )
    model(tmp_path / "model")
    return path


def activity_arguments(path: Path, *more: str) -> list[str]:
    return [
        "map",
        str(path),
        "--as",
        "activity_by_list",
        "--to",
        str(path.parent / "model"),
        "--set",
        "contract==FT1",
        "--set",
        "service_line=POD Code",
        "--lookup",
        f"service_line={path.parent / 'services.csv'}",
        "--set",
        "activity_type=POD Code",
        "--set",
        "list_code=practice code",
        "--set",
        "units=Activity Actual",
        *more,
    ]


@pytest.mark.req(38, 361)
def test_an_activity_file_becomes_activity_by_list(
    activity: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lookup = activity.parent / "lists.csv"
    lookup.write_text(
        "practice,list\nP90001,P90001\nP90002,P90002\nV81999,UNREG\n", encoding="utf-8"
    )
    assert (
        main(activity_arguments(activity, "--lookup", f"list_code={lookup}", "--add-up", "--json"))
        == 0
    )
    report = as_json(capsys)
    assert (report["rows_read"], report["rows_written"], report["rows_added_up"]) == (5, 4, 1)
    rows = written(activity.parent / "model", "activity_by_list")
    assert [
        (row["service_line"], row["activity_type"], row["list_code"], row["units"]) for row in rows
    ] == [
        ("SURG", "DC", "P90001", "12"),
        ("SURG", "EL", "P90002", "3"),
        ("OUTP", "OPFA", "P90002", "40"),
        ("OUTP", "OPFA", "UNREG", "7"),
    ]
    assert report["totals"] == [
        {"column": "units", "file": "62", "left_out": "0", "written": "62", "difference": "0"}
    ]


def test_suggestions_are_used_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tb.csv"
    path.write_text(
        "Commissioner,Account,Narrative,Contract,Outturn,Fin Year\nZZ1,100,Beds,FT1,5.5,2026/27\n",
        encoding="utf-8",
    )
    folder = model(tmp_path / "model")
    arguments = ["map", str(path), "--as", "commissioner_ledger", "--to", str(folder)]
    assert main(arguments) == 2
    assert main([*arguments, "--accept-suggestions", "--json"]) == 0
    capsys.readouterr()
    assert written(folder, "commissioner_ledger") == [
        {
            "commissioner": "ZZ1",
            "account": "100",
            "description": "Beds",
            "covers": "FT1",
            "ledger_value": "5.5",
            "audited_outturn": "",
            "effective_year": "2026-27",
        }
    ]


def test_a_person_at_a_terminal_is_asked(ledger: Path) -> None:
    pty = pytest.importorskip("pty", reason="this system has no terminals of that kind")
    path = ledger.parent / "small.csv"
    path.write_text(
        "Trial balance,,,\nCost Centre,Narrative,YTD Actual,Fin"
        ' Year\n860501,Beds,"1,000.10",2026/27\n860601,Drugs,5,2026/27\n',
        encoding="utf-8",
    )
    folder = ledger.parent / "model"
    mine, theirs = pty.openpty()
    answers = [
        "=ZZ1",
        "No such heading",
        "Cost Centre",
        "Narrative",
        "Cost Centre",
        "YTD Actual",
        "",
        "",
        "FT1",
        "RX1",
        "1,005.10",
    ]
    asked = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "wpb",
            "map",
            str(path),
            "--as",
            "commissioner_ledger",
            "--to",
            str(folder),
        ],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(mine, "".join(f"{answer}\n" for answer in answers).encode())
    out, err = asked.communicate(timeout=120)
    os.close(mine)
    os.close(theirs)
    assert asked.returncode == 0, err
    assert (
        "The file has no heading 'No such heading'" in err
        and "'860501' (1 rows) stands for which covers" in err
    )
    assert [
        (row["covers"], row["ledger_value"], row["audited_outturn"], row["effective_year"])
        for row in written(folder, "commissioner_ledger")
    ] == [("FT1", "1000.1", "", "2026-27"), ("RX1", "5", "", "2026-27")]
    assert "1,005.10 in the file = 1,005.10 written + 0.00 left out." in out


def test_rows_with_one_key_are_added_up_only_when_asked(
    activity: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lookup = activity.parent / "lists.csv"
    lookup.write_text(
        "practice,list\nP90001,P90001\nP90002,P90002\nV81999,UNREG\n", encoding="utf-8"
    )
    assert main(activity_arguments(activity, "--lookup", f"list_code={lookup}", "--json")) == 1
    assert [problem["code"] for problem in as_json(capsys)["problems"]] == ["duplicate_key"]


def test_a_practice_the_model_does_not_have_is_unmapped(
    activity: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(activity_arguments(activity, "--add-up", "--json")) == 1
    problems = as_json(capsys)["problems"]
    assert (
        len(problems) == 1
        and "'V81999' stands for no 'list_code'" in problems[0]["what"]
        and "units 7" in problems[0]["what"]
    )


def test_headings_are_suggested_by_name_and_by_what_stands_under_them(activity: Path) -> None:
    layout = read_layout(activity, "", None, ProblemLog())
    found = suggest_columns(
        TABLES_BY_NAME["activity_by_list"], layout, {"list_code": {"P90001", "P90002"}}
    )
    assert layout.heading_row == 1
    assert [found[name][0].heading for name in ("list_code", "units")] == [
        "Practice Code",
        "Activity Actual",
    ]
    assert all(suggestion.heading != "Practice Code" for suggestion in found["units"])


def test_figures_in_thousands_with_signs_the_other_way_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = model(tmp_path / "model")
    path = tmp_path / "lines.csv"
    path.write_text("Ref,What,Spend 000\nA1,Drugs,-12.5\nA2,Devices,(0.001)\n", encoding="utf-8")
    arguments = [
        "map",
        str(path),
        "--as",
        "direct_spend",
        "--to",
        str(folder),
        "--replace",
        "--set",
        "budget_line=Ref",
        "--set",
        "name=What",
        "--set",
        "commissioner==ZZ1",
        "--set",
        "service_line==SURG",
        "--set",
        "funding_stream==core",
        "--set",
        "value=Spend 000",
        "--times",
        "value=-1000",
        "--set",
        "effective_year==2026-27",
        "--set",
        "population_method==population_carve_out",
        "--set",
        "recurrent==true",
    ]
    assert main([*arguments, "--dry-run"]) == 0
    assert not (folder / "mappings").exists() and len(written(folder, "direct_spend")) == 1
    assert main(arguments) == 0
    assert [(row["budget_line"], row["value"]) for row in written(folder, "direct_spend")][-2:] == [
        ("A1", "12500"),
        ("A2", "1"),
    ]
    assert (
        "value: 12,501.00 in the file = 12,501.00 written + 0.00 left out."
        in capsys.readouterr().out
    )


def test_a_workbook_is_read_from_its_fullest_sheet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Not this one"])
    sheet = book.create_sheet("TB")
    for row in (
        ["Ledger"],
        [],
        ["CC", "Text", "Amount"],
        ["100", "Beds", 1234.56],
        ["200", "Drugs", -0.1],
        ["300", "Wards", 0.3],
    ):
        sheet.append(row)
    book.save(tmp_path / "tb.xlsx")
    folder = model(tmp_path / "model")
    assert (
        main(
            [
                "map",
                str(tmp_path / "tb.xlsx"),
                "--as",
                "commissioner_ledger",
                "--to",
                str(folder),
                "--set",
                "commissioner==ZZ1",
                "--set",
                "account=CC",
                "--set",
                "description=Text",
                "--set",
                "covers==FT1",
                "--set",
                "ledger_value=Amount",
                "--set",
                "effective_year==2026-27",
                "--json",
            ]
        )
        == 0
    )
    report = as_json(capsys)
    assert (report["sheet"], report["heading_row"], report["totals"][0]["written"]) == (
        "TB",
        3,
        "1234.76",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "acount=Cost Centre"], "Did you mean 'account'?"),
        (["--set", "account=Cost Center"], "Did you mean 'Cost Centre'?"),
        (["--set", "account"], "should be written column="),
        (["--times", "ledger_value=nought"], "is not a number that figures can be multiplied by"),
        (["--leave-out", "Subjective Desc=Grand total"], "needs its reason"),
        (["--heading-row", "40"], "can't be on row 40"),
    ],
)
def test_what_is_said_wrongly_is_mended_in_words(
    ledger: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(ledger_arguments(ledger, *arguments)) == 2
    assert words in capsys.readouterr().err


def test_a_remembered_mapping_that_no_longer_fits_says_which_heading_is_gone(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(ledger_arguments(ledger, *LEAVE_TOTAL)) == 0
    ledger.write_text(ISFE.replace("Subjective Desc", "Account Name"), encoding="utf-8")
    assert (
        main(
            [
                "map",
                str(ledger),
                "--as",
                "commissioner_ledger",
                "--to",
                str(ledger.parent / "model"),
                "--replace",
            ]
        )
        == 2
    )
    assert "'Subjective Desc'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234.50", "1234.50"),
        ("(1,234.50)", "-1234.50"),
        ("1,234.50-", "-1234.50"),
        ("£1,000", "1000"),
        ("-£5", "-5"),
        ("99.10 CR", "-99.10"),
        ("7 DR", "7"),
        ("(3) CR", "3"),
        ("-0.10", "-0.10"),
    ],
)
def test_amounts_as_ledgers_write_them(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    ["", "-", "n/a", "1,23.4", "12,34", "£", "1.2.3", "MAR-27", "860501A", "1.5E3", "1 2", "£1,0"],
)
def test_what_is_no_amount(text: str) -> None:
    assert read_amount(text) is None


def test_years_and_plain_digits() -> None:
    assert [
        read_year(text) for text in ("2026/27", "2026-2027", "FY2026/27", "26/27", "2026-27")
    ] == ["2026-27"] * 5
    assert read_year("2026/28") == "2026/28"
    assert [plain(Decimal(text)) for text in ("1E+3", "10.50", "-0.0", "0.01")] == [
        "1000",
        "10.5",
        "0",
        "0.01",
    ]
