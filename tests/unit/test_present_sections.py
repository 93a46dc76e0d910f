"""Checks and workings reach the reader: as CSV, as sheets, and in the report where they are
short.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import wpb
from wpb.present.results import write_results
from wpb.present.section_tables import LONGEST, section_tables
from wpb.run import Budget


@pytest.fixture(scope="module")
def budget(repo_root: Path) -> Budget:
    return wpb.load(repo_root / "examples" / "poor_data").run()


@pytest.fixture(scope="module")
def results(budget: Budget, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "results"
    write_results(budget, folder)
    return folder


@pytest.mark.req(37, 361, 367)
def test_every_section_with_rows_is_a_csv_of_as_many_rows(budget: Budget, results: Path) -> None:
    sections = [section for section in budget.sections if section.rows]
    assert sections
    for section in sections:
        with (results / f"more_{section.name}.csv").open(encoding="utf-8", newline="") as lines:
            assert len(list(csv.reader(lines))) == len(section.rows) + 1, section.name


@pytest.mark.req(361)
def test_short_sections_stand_in_the_report_and_long_ones_are_named(
    budget: Budget, results: Path
) -> None:
    report = (results / "report.html").read_text(encoding="utf-8")
    for table in section_tables(budget).values():
        if len(table) <= LONGEST:
            assert f'<table id="{table.name.replace("_", "-")}"' in report
        else:
            assert f"{table.name}.csv" in report


@pytest.mark.req(361)
def test_sections_are_sheets_of_the_workbook(budget: Budget, results: Path) -> None:
    import openpyxl

    sheets = openpyxl.load_workbook(results / "workbook.xlsx", read_only=True).sheetnames
    assert set(section_tables(budget)) <= set(sheets)
