"""The live workbook recalculates to the engine's figures, follows a changed input, and comes back
in.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import formualizer
import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import wpb
from tests import models
from tests.tiny_model import TINY, TinyModel
from wpb.input_sheets import input_sheets
from wpb.present.live_workbook import write_live_workbook
from wpb.present.live_workbook.templates import FOR_INPUTS, TEMPLATES
from wpb.run import Budget

HANDBOOK = Path(__file__).parents[2] / "examples" / "handbook"
POOR_DATA = HANDBOOK.with_name("poor_data")
PENNY = 0.005
CHAIN = ("kernel", "scope", "baseline", "forecast", "assurance", "tables/methods")


def written(path: Path, folder: Path) -> tuple[Budget, Path]:
    """Calculate a model and write its live workbook."""
    loaded = wpb.load(path)
    budget, out = loaded.run(), folder / "live.xlsx"
    write_live_workbook(budget, input_sheets(path, loaded.model), out)
    return budget, out


def recalculated(path: Path) -> Path:
    """Let an independent engine work every formula out afresh."""
    out = path.with_name("recalculated.xlsx")
    summary = formualizer.recalculate_file(str(path), output=str(out))
    assert summary["total_errors"] == 0, summary
    assert summary["evaluated"] == summary["total_formulas"] > 100
    return out


def differences(one: Path, other: Path) -> list[str]:
    """List the cells of two workbooks that differ by half a penny or more, or in words."""
    before, after = (openpyxl.load_workbook(path, data_only=True) for path in (one, other))
    found = []
    for name in before.sheetnames:
        for left, right in zip(before[name].iter_rows(), after[name].iter_rows(), strict=True):
            for a, b in zip(left, right, strict=True):
                numbers = isinstance(a.value, int | float) and isinstance(b.value, int | float)
                if (numbers and abs(a.value - b.value) >= PENNY) or (
                    not numbers and (a.value or None) != (b.value or None)
                ):
                    found.append(f"{name}!{a.coordinate}: {a.value} and {b.value}")
    return found


def headline(path: Path) -> dict[str, list[float]]:
    """Read the rows of the headline sheet by name."""
    sheet = openpyxl.load_workbook(path, data_only=True)["1 Headline"]
    return {
        str(row[0]): [float(value) for value in row[1:] if isinstance(value, int | float)]
        for row in sheet.iter_rows(values_only=True)
        if row[0]
    }


@pytest.mark.req(361, 362, 367, 370)
@pytest.mark.parametrize(
    "model", [TINY, HANDBOOK, POOR_DATA], ids=["tiny", "handbook", "poor_data"]
)
def test_every_figure_recalculates_to_the_penny(model: Path, tmp_path: Path) -> None:
    budget, out = written(model, tmp_path)
    again = recalculated(out)
    assert differences(out, again) == []
    expected = budget.affordability.total["headroom"].value[0, 0] / 100
    assert headline(again)["Headroom"] == pytest.approx(expected.tolist(), abs=PENNY)


@pytest.mark.req(361)
def test_all_checks_hold(tmp_path: Path) -> None:
    _, out = written(TINY, tmp_path)
    sheet = openpyxl.load_workbook(recalculated(out), data_only=True)["2 Checks"]
    held = [(row[0], row[2]) for row in sheet.iter_rows(min_row=8, values_only=True) if row[0]]
    assert len(held) > 40
    assert {answer for _, answer in held} == {"Yes"}
    assert sheet["B5"].value == 0


@pytest.mark.req(361)
def test_libreoffice_agrees(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    budget, out = written(TINY, tmp_path)
    profile = tmp_path / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items'
        ' xmlns:oor="http://openoffice.org/2001/registry"><item'
        ' oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"'
        ' oor:op="fuse"><value>0</value></prop></item></oor:items>',
        encoding="utf-8",
    )
    blank = tmp_path / "blank" / "live.xlsx"
    blank.parent.mkdir()
    without_saved_results(out, blank)
    subprocess.run(
        [
            office,
            f"-env:UserInstallation={profile.parent.as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(tmp_path / "office"),
            str(blank),
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    found = headline(tmp_path / "office" / "live.xlsx")
    assert found["Headroom"] == pytest.approx(
        (budget.affordability.total["headroom"].value[0, 0] / 100).tolist(), abs=PENNY
    )
    assert found["Baseline"] == pytest.approx(
        [float(budget.baseline.value[0].sum()) / 100] * len(budget.years), abs=PENNY
    )
    assert differences(out, tmp_path / "office" / "live.xlsx") == []


def without_saved_results(path: Path, out: Path) -> None:
    """Copy a workbook with every formula's saved result taken out, so that what is read back was
    worked out.
    """
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content)
            target.writestr(name, content)


def change(path: Path, sheet: str, cell: str, value: float, **beside: str) -> None:
    """Change a cell as a user of Excel would, and words beside it."""
    book = openpyxl.load_workbook(path)
    assert isinstance(book[sheet][cell].value, int | float), (
        f"{sheet}!{cell} holds {book[sheet][cell].value}"
    )
    book[sheet][cell] = value
    for where, words in beside.items():
        book[sheet][where] = words
    book.save(path)


@pytest.mark.req(35, 367)
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("schedule_lines", "value"),
        ("allocations", "allocation"),
        ("direct_spend", "value"),
        ("contract_activity", "units"),
        ("provider_costs", "cost"),
        ("care_model_impacts", "saving"),
    ],
)
def test_a_changed_input_moves_the_workbook_as_the_engine(
    table: str, column: str, tmp_path: Path
) -> None:
    _, out = written(TINY, tmp_path)
    sheet = openpyxl.load_workbook(out)[table]
    letters = next(cell.column_letter for cell in sheet[1] if cell.value == column)
    line = next(
        row
        for row in range(2, 40)
        if isinstance(sheet[f"{letters}{row}"].value, int | float)
        and sheet[f"{letters}{row}"].value
    )
    value = float(sheet[f"{letters}{line}"].value) * 1.25
    change(out, table, f"{letters}{line}", value)
    engine = wpb.load(out).run()
    assert headline(recalculated(out))["Headroom"] == pytest.approx(
        (engine.affordability.total["headroom"].value[0, 0] / 100).tolist(), abs=PENNY
    )


@pytest.mark.req(177, 179, 366)
def test_a_changed_assumption_needs_grounds_and_then_counts(tmp_path: Path) -> None:
    before, out = written(TINY, tmp_path)
    used = next(
        found
        for found in before.book.used
        if found.key.startswith("activity_growth") and found.value and found.year == before.years[1]
    )
    sheet = openpyxl.load_workbook(out)["assumptions"]
    line = next(
        cells[0].row
        for cells in sheet.iter_rows(min_row=6)
        if (cells[0].value, cells[1].value) == (used.key, used.year)
    )
    change(out, "assumptions", f"D{line}", used.value + 0.01)
    problems = [problem for problem in wpb.load(out).check() if problem.code == "local_grounds"]
    assert [
        (problem.where and problem.where.cell, used.key in problem.what) for problem in problems
    ] == [(f"D{line}", True)]
    change(
        out,
        "assumptions",
        f"D{line}",
        used.value + 0.01,
        **{
            f"M{line}": "Finance lead",
            f"N{line}": "Local wages",
            f"O{line}": "Pay survey 2026",
            f"P{line}": "yes",
        },
    )
    engine = wpb.load(out).run()
    assert next(
        found for found in engine.book.used if (found.key, found.year) == (used.key, used.year)
    ).value == pytest.approx(used.value + 0.01)
    assert headline(recalculated(out))["Forecast"] == pytest.approx(
        (engine.forecast.value[0].sum(axis=0) / 100).tolist(), abs=PENNY
    )
    assert not np.allclose(
        engine.forecast.value[0].sum(axis=0), before.forecast.value[0].sum(axis=0)
    )


@pytest.mark.req(361, 367)
@pytest.mark.parametrize("model", [TINY, HANDBOOK], ids=["tiny", "handbook"])
def test_the_workbook_comes_back_in_with_the_same_result(model: Path, tmp_path: Path) -> None:
    budget, out = written(model, tmp_path)
    again = wpb.load(out).run()
    assert list(again.ledger.blocks) == list(budget.ledger.blocks)
    for block in budget.ledger:
        assert np.allclose(again.ledger[block.id].value, block.value, rtol=1e-12, atol=1e-9), (
            block.id
        )


def test_a_workbook_of_a_workbook_is_the_same(tmp_path: Path) -> None:
    _, out = written(TINY, tmp_path)
    (tmp_path / "second").mkdir()
    _, second = written(out, tmp_path / "second")
    moved = [
        words
        for words in differences(recalculated(out), recalculated(second))
        if not words.startswith("27 Trace!I")
    ]
    assert moved == []


def test_the_same_budget_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        written(TINY, tmp_path / name)
    assert (tmp_path / "a" / "live.xlsx").read_bytes() == (
        tmp_path / "b" / "live.xlsx"
    ).read_bytes()


@pytest.mark.req(367)
def test_inputs_stand_where_they_were_read(tmp_path: Path) -> None:
    tiny = TinyModel(tmp_path)
    _, out = written(tiny.folder, tmp_path)
    book = openpyxl.load_workbook(out)
    formula = (
        book["4 Priced activity"]["B8"].value
        if "4 Priced activity" in book.sheetnames
        else book["5 Aligned payment"]["B8"].value
    )
    assert re.fullmatch(r"='priced_activity'![A-Z]+\d+", formula)
    sheet, cell = formula.removeprefix("=").split("!")
    position = ord(cell[0]) - ord("A")
    assert (
        float(tiny.rows("priced_activity")[int(cell[1:]) - 1][position])
        == book[sheet.strip("'")][cell].value
    )


@pytest.mark.req(367)
def test_every_rule_of_the_chain_has_a_formula(repo_root: Path) -> None:
    """A rule that is added to the chain and not to the templates would leave a model without its
    workbook.
    """
    rules, defined = set(), set()
    for room in CHAIN:
        for path in sorted((repo_root / "src" / "wpb").glob(f"{room}/*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            defined |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "add"
                    and len(node.args) > 2
                ):
                    rules.add(ast.unparse(node.args[1]))
    named = rules & defined
    assert len(named) > 50
    assert sorted(named - set(TEMPLATES) - set(FOR_INPUTS)) == []
    assert sorted(set(TEMPLATES) - defined - {"difference"}) == []


AMOUNTS = st.integers(1, 90_000_000).map(lambda pence: pence / 100)


@pytest.mark.req(361, 370)
@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(AMOUNTS, min_size=1, max_size=40), AMOUNTS, AMOUNTS)
def test_random_models_recalculate_to_the_penny(
    tmp_path: Path, amounts: list[float], contract: float, allocation: float
) -> None:
    lines = [
        models.direct(f"L{number}", amount, recurrent=number % 3 > 0)
        for number, amount in enumerate(amounts)
    ]
    rows = models.place(
        direct_spend=lines,
        contracts=[models.contract("BLOCK", contract, "block")],
        contract_methods=models.methods("BLOCK"),
        schedule_lines=[
            {
                "contract": "BLOCK",
                "schedule_line": "A",
                "service_line": "S1",
                "value": contract,
                "reflects_actual_spend": True,
            }
        ],
        contract_activity=[
            {
                "contract": "BLOCK",
                "activity_type": "X",
                "service_line": "S1",
                "units": 30,
                "activity_source": "cids",
            },
            {
                "contract": "BLOCK",
                "activity_type": "Y",
                "service_line": "S1",
                "units": 11,
                "activity_source": "cids",
            },
        ],
    )
    rows["allocations"] = [{**row, "allocation": allocation} for row in rows["allocations"]]
    budget = models.calculated(rows)
    out = tmp_path / "random.xlsx"
    write_live_workbook(budget, [], out)
    again = recalculated(out)
    assert differences(out, again) == []
    assert headline(again)["Headroom"] == pytest.approx(
        (budget.affordability.total["headroom"].value[0, 0] / 100).tolist(), abs=PENNY
    )
