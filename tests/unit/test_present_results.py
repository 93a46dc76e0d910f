"""What a run writes: the same bytes for the same inputs, all of it or nothing, and nothing a
spreadsheet would run.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import wpb
from tests.examples import budget_of
from tests.models import book, direct, make, place
from wpb.kernel.problems import UsageProblem
from wpb.present import results
from wpb.present.csv_results import safe_text
from wpb.present.ledger_file import COLUMNS
from wpb.present.results import write_results
from wpb.present.summary import summary
from wpb.run import Budget, calculate

HOSTILE = '=HYPERLINK("http://example.org")'


def small(**changes: object) -> Budget:
    """A budget of a few lines, some with names that a spreadsheet would take for formulas."""
    lines = [
        direct("D1", 100.0, name=HOSTILE),
        direct("D2", 33.34, name="-2+3"),
        direct("OUT", 5.0, service_line="S2"),
    ]
    services = [
        {"service_line": "S1", "name": "@SUM(A1)", "scope": "in", "growth_category": "FLAT"},
        {"service_line": "S2", "name": "Other", "scope": "out", "growth_category": "FLAT"},
    ]
    return calculate(make(place(direct_spend=lines, service_lines=services), **changes), book())


@pytest.fixture(scope="module")
def midshire() -> Budget:
    return budget_of("midshire")


@pytest.fixture(scope="module")
def written(midshire: Budget, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("midshire") / "results"
    write_results(midshire, folder)
    return folder


def hashes(folder: Path) -> dict[str, str]:
    """The hash of every file that must be the same again."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "timings.json"
    }


@pytest.mark.req(367, 370)
def test_the_same_inputs_give_the_same_bytes(
    written: Path, repo_root: Path, tmp_path: Path
) -> None:
    write_results(wpb.load(repo_root / "examples" / "midshire").run(), tmp_path / "again")
    assert hashes(tmp_path / "again") == hashes(written)
    assert {
        "ledger.parquet",
        "workbook.xlsx",
        "report.html",
        "manifest.json",
        "budget_lines.csv",
    } <= set(hashes(written))


@pytest.mark.req(366, 367)
def test_the_manifest_names_inputs_assumptions_versions_and_outputs(
    written: Path, midshire: Budget
) -> None:
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["inputs"] == midshire.model.input_hashes
    found = hashes(written)
    assert manifest["outputs"] == {
        name: digest for name, digest in found.items() if name != "manifest.json"
    }
    assert {"key", "vintage", "status", "years"} <= set(manifest["assumptions"][0])
    assert (manifest["seed"], manifest["runs"]) == (None, 1)
    assert set(manifest["versions"]) == {"wpb", "python", "numpy"}


@pytest.mark.req(367)
def test_movements_of_the_ledger_add_to_the_baseline_and_to_each_forecast(
    written: Path, midshire: Budget
) -> None:
    ledger = pq.read_table(written / "ledger.parquet")
    assert tuple(ledger.column_names) == COLUMNS
    figures = summary(midshire)
    moves = ledger.filter(pc.equal(ledger["kind"], "movement"))
    base = pc.sum(
        moves.filter(pc.is_in(moves["stage"], pc_values("current spend", "baseline")))[
            "amount_pence"
        ]
    ).as_py()
    assert base == pytest.approx(figures["baseline_pence"], abs=1)
    forecast = moves.filter(pc.equal(moves["stage"], "forecast"))
    for year in figures["years"]:
        steps = pc.sum(
            forecast.filter(pc.equal(forecast["year"], year["year"]))["amount_pence"]
        ).as_py()
        assert base + steps == pytest.approx(year["forecast_pence"], abs=1)
    adjusted = moves.filter(pc.equal(moves["step"], "Planned service investment"))
    assert adjusted.num_rows and all(
        "agreed by" in str(reason) for reason in adjusted["reason"].to_pylist()
    )


def pc_values(*values: str) -> object:
    """The values a column is looked for in."""
    import pyarrow as pa

    return pa.array(values)


@pytest.mark.req(361, 362)
def test_csv_totals_are_those_of_the_headline(written: Path, midshire: Budget) -> None:
    figures = summary(midshire)
    lines = list(records(written / "budget_lines.csv"))
    assert sum(int(line["baseline_pence"]) for line in lines) == figures["baseline_pence"]
    assert {
        name: sum(int(line[name]) for line in lines)
        for name in ("in_scope_pence", "out_of_scope_pence", "unmapped_pence")
    } == {
        name: figures["current_spend"][name]
        for name in ("in_scope_pence", "out_of_scope_pence", "unmapped_pence")
    }
    contracts = {row["contract"]: row for row in records(written / "contracts.csv")}
    for contract in figures["contracts"]:
        row = contracts[contract["contract"]]
        assert all(
            int(row[name]) == contract[name]
            for name in (
                "value_pence",
                "allocated_pence",
                "out_of_scope_pence",
                "unmapped_pence",
                "residual_pence",
            )
        )
        assert contract["residual_pence"] == 0
    by_stream = [row for row in records(written / "affordability.csv") if row["level"] == "stream"]
    for year in figures["years"]:
        assert (
            sum(int(row["headroom_pence"]) for row in by_stream if row["year"] == year["year"])
            == year["headroom_pence"]
        )
        assert (
            sum(stream["forecast_pence"] for stream in year["streams"])
            == year["forecast_pence"]
            == sum(each["forecast_pence"] for each in year["commissioners"])
        )


def records(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV by column name."""
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    write_results(small(), tmp_path / "out")
    names = {row["line"]: row["name"] for row in records(tmp_path / "out" / "budget_lines.csv")}
    assert (names["D1"], names["D2"]) == (f"'{HOSTILE}", "'-2+3")
    assert next(records(tmp_path / "out" / "bridge.csv"))["amount_pence"].isdigit()
    assert any(
        row["amount_pence"].startswith("-") for row in records(tmp_path / "out" / "bridge.csv")
    ), "a negative amount is a number, not guarded text"
    sheet = openpyxl.load_workbook(tmp_path / "out" / "workbook.xlsx")["budget_lines"]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == HOSTILE)
    assert cell.data_type == "s"
    assert HOSTILE.replace('"', "&#34;") not in (tmp_path / "out" / "report.html").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("text", ["=1", "+a", "-2+3", "@x", "\tx", "\rx"])
def test_formula_starts_are_guarded(text: str) -> None:
    assert safe_text(text) == f"'{text}"
    assert safe_text(f"a{text}") == f"a{text}"


def test_a_failed_run_leaves_earlier_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "results"
    write_results(small(), out)
    before = hashes(out)

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "write_report", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_results(small(title="Another title"), out)
    assert hashes(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["results"], (
        "nothing half-written is left beside them"
    )


def test_new_results_take_the_place_of_old_ones_and_a_persons_notes_stay(tmp_path: Path) -> None:
    out = tmp_path / "results"
    write_results(small(), out)
    (out / "notes.txt").write_text("Agreed on Tuesday.", encoding="utf-8")
    manifest = write_results(small(title="Another title"), out)
    assert (
        manifest.title
        == json.loads((out / "manifest.json").read_text(encoding="utf-8"))["title"]
        == "Another title"
    )
    assert (out / "notes.txt").read_text(encoding="utf-8") == "Agreed on Tuesday."
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_what_a_killed_run_left_is_taken_away_a_day_later(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".results.a1.partial", tmp_path / ".results.b2.partial"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "years.csv").write_text("half", encoding="utf-8")
    os.utime(old, (0, 0))
    write_results(small(), tmp_path / "results")
    assert not old.exists() and fresh.exists(), "another run may be writing the younger one"


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(UsageProblem, match="something other than results"):
        write_results(small(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]
    with pytest.raises(UsageProblem, match="is a file"):
        write_results(small(), tmp_path / "thesis.docx")


@pytest.mark.req(361, 366)
def test_the_workbook_adds_up_by_its_own_formulas(written: Path) -> None:
    formualizer = pytest.importorskip("formualizer")
    shown = openpyxl.load_workbook(written / "workbook.xlsx", data_only=True)
    live = openpyxl.load_workbook(written / "workbook.xlsx")
    path, headline, lines = live["path"], live["headline"], shown["budget_lines"]
    sums = [
        cell.value
        for row in path.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=SUM(")
    ]
    assert (
        len(sums) == 10
        and sum(str(cell.value).startswith("=MAX(") for row in headline.iter_rows() for cell in row)
        == 10
    )
    forecast = next(row[0].row for row in path.iter_rows() if row[0].value == "Forecast")
    for column in range(2, 12):
        above = [shown["path"].cell(row, column).value for row in range(5, forecast)]
        assert round(sum(above) * 100) == round(shown["path"].cell(forecast, column).value * 100)
    total = next(cell.value for cell in lines[4] if isinstance(cell.value, float | int))
    column = next(cell.column for cell in lines[4] if isinstance(cell.value, float | int))
    assert round(total * 100) == round(
        sum(lines.cell(row, column).value for row in range(6, lines.max_row + 1)) * 100
    )
    book = formualizer.load_workbook(str(written / "workbook.xlsx"))
    assert round(book.evaluate_cell("path", forecast, 2) * 100) == round(
        shown["path"].cell(forecast, 2).value * 100
    )


@pytest.mark.req(179, 366)
def test_workbook_sheets_are_framed_coloured_and_explained(written: Path) -> None:
    book = openpyxl.load_workbook(written / "workbook.xlsx")
    assert book.sheetnames[:3] == ["cover", "headline", "path"]
    assert {
        "bridge",
        "affordability",
        "contracts",
        "contract_workings",
        "reconciliation",
        "assumptions",
        "problems",
    } <= set(book.sheetnames)
    for name in book.sheetnames[1:]:
        assert book[name].freeze_panes, name
    contracts = book["contracts"]
    heads = {cell.value: cell.column for cell in contracts[5]}
    assert contracts.cell(6, heads["Value"]).fill.fgColor.rgb == "FFFFF6CC", (
        "what was entered is yellow"
    )
    assert contracts.cell(6, heads["Out of scope"]).fill.fgColor.rgb == "FFE4F0F6", (
        "what was calculated is blue"
    )
    assert (
        "£" in contracts.cell(6, heads["Value"]).number_format
        and "(" in contracts.cell(6, heads["Value"]).number_format
    )
    sources = [cell.value for cell in book["assumptions"][5]]
    assert {"Source", "Published", "Status", "Owner", "Reason"} <= set(sources)
