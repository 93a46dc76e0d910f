"""Rates by year in one plain sheet: the same figures as from assumption files, with their cells."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

import wpb
from wpb.cli import main
from wpb.kernel.problems import InputProblems
from wpb.tables import TABLES_BY_NAME

HANDBOOK = Path(__file__).parents[2] / "examples" / "handbook"
YEARS = ["2016-17", "2017-18", "2018-19", "2019-20", "2020-21"]
pytestmark = pytest.mark.req(382)


def rate(year: str, value: float, **changes: str) -> dict[str, str]:
    return {
        "what": "local.activity",
        "code": "AE",
        "year": year,
        "rate": repr(value),
        "source": "Finance group, paper 4",
        "citation": "Table 2",
        "reason": "Nearer than a national rate.",
        "owner": "Directors of finance",
        "outside_provider_control": "true",
        "status": "",
    } | changes


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handbook's model, whose emergency departments grow by the sheet of rates."""
    folder = tmp_path_factory.mktemp("rates") / "handbook"
    shutil.copytree(HANDBOOK, folder, ignore=shutil.ignore_patterns("results"))
    path = folder / "inputs" / "growth_categories.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count("fig16.ae,") == 1
    path.write_text(text.replace("fig16.ae,", "local.activity.ae,"), encoding="utf-8")
    return folder


def write(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "inputs" / "rates.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, [column.name for column in TABLES_BY_NAME["rates"].columns])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def published() -> dict[str, float]:
    book = wpb.load(HANDBOOK).book
    return {
        year: found.value
        for year in YEARS
        if (found := book.find("fig16.ae", year, None)) is not None
    }


def test_the_sheet_gives_the_figures_of_the_files_and_cites_its_cells(handbook: Path) -> None:
    rates = published()
    assert list(rates) == YEARS
    model = wpb.load(write(handbook, [rate(year, value) for year, value in rates.items()]))
    original = wpb.load(HANDBOOK)
    for year in YEARS:
        figure = f"forecast/{year}"
        assert model.explain(figure)["value"] == original.explain(figure)["value"]
    assert "inputs/rates.csv" in repr(model.book.local["local.activity.ae"].values[0].where)
    assert model.book.local["local.activity.ae"].values[0].where.cell == "D2"


def test_a_year_that_the_sheet_does_not_have_stays_an_error(
    handbook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(handbook, [rate(year, 0.02) for year in YEARS[:-1]])
    assert main(["run", str(handbook), "--no-files"]) == 1
    told = capsys.readouterr()
    assert "local.activity.ae" in told.err and "2020-21" in told.err


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "NOWHERE"}, "rate_code_unknown"),
        ({"what": "Pay award!"}, "rate_name"),
        ({"outside_provider_control": ""}, "provider_control"),
        ({"outside_provider_control": "false"}, "provider_control"),
        ({"reason": "tbc"}, "local_grounds"),
        ({"what": "fig16.ae", "code": ""}, "rate_in_two_places"),
    ],
)
def test_a_rate_needs_a_name_and_its_grounds(
    handbook: Path, changes: dict[str, str], code: str
) -> None:
    write(handbook, [rate("2016-17", 0.02, **changes)])
    with pytest.raises(InputProblems) as stopped:
        _ = wpb.load(handbook).book
    assert [problem.code for problem in stopped.value.problems] == [code]
    assert all(problem.where for problem in stopped.value.problems)
