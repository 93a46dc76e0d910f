"""The main path end to end on the bundled models: headline figures, explanations to their leaves,
and reconciliation.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import wpb
from tests.examples import budget_of, example
from wpb.api import LoadedModel
from wpb.present.summary import summary

MODELS = ("handbook", "midshire")


@pytest.fixture(scope="module", params=MODELS)
def loaded(request: pytest.FixtureRequest) -> LoadedModel:
    return example(str(request.param))


def leaves_and_sums_hold(node: dict[str, Any], seen: set[int]) -> None:
    """Every branch ends in a cell or a citation, and the children of a sum add to it."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if node["operation"] == "sum":
        added = sum(child["value"] for child in node["children"])
        assert added == pytest.approx(node["value"], rel=1e-9, abs=1e-6), node["id"]
    elif node["children"]:
        assert node["rule"] and "Source:" in node["rule"], node["id"]
    elif node["kind"] == "input":
        assert node["where"]["file"], node["id"]
    else:
        assert node["kind"] == "assumption" and node["source"], node["id"]
    for child in node["children"]:
        leaves_and_sums_hold(child, seen)


@pytest.mark.req(367)
@pytest.mark.deep(sample=4)
@pytest.mark.parametrize(
    "figure",
    [
        "baseline",
        "forecast/{last}",
        "out_of_scope/{last}",
        "do_nothing/{first}",
        "affordability/total/headroom/{last}",
        "baseline/by_list",
    ],
)
def test_every_figure_is_explained_down_to_cells_and_citations(
    loaded: LoadedModel, figure: str
) -> None:
    years = loaded.budget.years
    tree = loaded.explain(figure.format(first=years[0], last=years[-1]))
    leaves_and_sums_hold(tree, set())
    assert tree["children"]


@pytest.mark.req(367)
def test_the_value_at_a_leaf_is_the_cell_of_the_file(loaded: LoadedModel, repo_root: Path) -> None:
    contract = loaded.model["contracts"].text("contract")[0]
    leaf = loaded.explain(f"contract/{contract}/value")
    where = leaf["where"]
    rows = list(csv.reader((loaded.path / where["file"]).read_text(encoding="utf-8").splitlines()))
    column, row = ord(where["cell"][0]) - ord("A"), int(where["cell"][1:]) - 1
    assert int(Decimal(rows[row][column]) * 100) == leaf["value"]


@pytest.mark.req(367)
def test_a_depth_ends_branches_in_ids_that_open(loaded: LoadedModel) -> None:
    year = loaded.budget.years[0]
    tree = loaded.explain(f"forecast/{year}", depth=1)
    ends = [child for child in tree["children"] if child["kind"] == "see"]
    assert ends
    for end in ends[:20]:
        opened = loaded.explain(end["id"], depth=1)
        assert opened["value"] == end["value"] and opened["kind"] != "see"


@pytest.mark.req(37, 200, 201, 202, 210, 361, 362, 370)
def test_headline_figures_agree_with_each_other(loaded: LoadedModel) -> None:
    found = summary(loaded.budget)
    assert found["baseline_pence"] > 0
    assert (
        sum(element["baseline_pence"] for element in found["elements"]) == found["baseline_pence"]
    )
    assert sum(grade["baseline_pence"] for grade in found["grades"]) == found["baseline_pence"]
    for year in found["years"]:
        assert (
            year["headroom_pence"]
            == year["allocation_pence"] - year["forecast_pence"] - year["out_of_scope_pence"]
        )
        assert sum(year["steps"].values()) == year["forecast_pence"] - found["baseline_pence"]
        for cells in (year["streams"], year["commissioners"]):
            assert sum(cell["forecast_pence"] for cell in cells) == pytest.approx(
                year["forecast_pence"], abs=len(cells)
            )
    for contract in found["contracts"]:
        assert contract["residual_pence"] == 0
        assert (
            contract["allocated_pence"]
            + contract["out_of_scope_pence"]
            + contract["unmapped_pence"]
            == contract["value_pence"]
        )


@pytest.mark.req(18)
def test_lines_tie_to_the_commissioners_ledgers_but_for_what_is_shown(repo_root: Path) -> None:
    budget = budget_of("midshire")
    gaps = budget.ledger["reconciliation/difference"].value[0, :, 0]
    shown = [problem for problem in budget.problems if problem.code == "ledger_difference"]
    assert len(shown) == sum(abs(gap) >= 0.5 for gap in gaps)
    assert abs(gaps).sum() < 0.0001 * budget.current.spend.value.sum()


@pytest.mark.req(101)
def test_the_baseline_by_list_adds_to_the_baseline(loaded: LoadedModel) -> None:
    budget = loaded.budget
    assert budget.ledger["baseline/by_list"].value.sum() == pytest.approx(
        budget.baseline.value.sum(), rel=1e-9
    )


@pytest.mark.req(171, 174)
def test_movements_add_to_the_whole_change(loaded: LoadedModel) -> None:
    budget = loaded.budget
    moved = sum(
        move.block.value[0, :, -1].sum()
        for move in budget.ledger.movements
        if move.stage == "forecast"
    )
    assert moved == pytest.approx(
        budget.forecast.value[0, :, -1].sum() - budget.baseline.value.sum(), rel=1e-9
    )


def test_the_commands_print_what_the_library_gives(repo_root: Path) -> None:
    model = repo_root / "examples" / "handbook"
    ran = subprocess.run(
        [sys.executable, "-m", "wpb", "run", str(model), "--no-files", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    printed = json.loads(ran.stdout)
    assert printed.pop("schema") == "wpb.run/1"
    assert printed == json.loads(json.dumps(summary(wpb.load(model).run())))
    told = subprocess.run(
        [sys.executable, "-m", "wpb", "explain", str(model), "forecast/2019-20", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (
        json.loads(told.stdout)["value"] == wpb.load(model).explain("forecast/2019-20", 0)["value"]
    )


def test_a_figure_that_is_not_there_says_what_is(repo_root: Path) -> None:
    asked = subprocess.run(
        [
            sys.executable,
            "-m",
            "wpb",
            "explain",
            str(repo_root / "examples" / "handbook"),
            "forecast/2050-51",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 2
    assert "2016-17 to 2020-21" in asked.stderr
    assert "Traceback" not in asked.stderr
