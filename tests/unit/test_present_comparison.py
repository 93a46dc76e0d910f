"""Two budgets compared: every difference added up from its movements and from its lines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.models import calculated, direct, place
from wpb.present.compared_side import side_of_budget, side_of_results
from wpb.present.comparison import compare
from wpb.present.comparison_text import comparison_lines
from wpb.present.results import write_results
from wpb.run import Budget

LOCAL = """
- key: local.growth
  title: Local growth
  unit: rate
  kind: growth
  in_year_change: forbid
  values:
    - {{year: 2027-28, value: {rate}, status: final, published: 2026-10, source: finance-paper, locator: Table 1, reason: Agreed locally, evidence: Paper 4 of the finance group, owner: A. Finance, outside_provider_control: true}}
    - {{year: 2028-29, value: {rate}, status: final, published: 2026-10, source: finance-paper, locator: Table 1, reason: Agreed locally, evidence: Paper 4 of the finance group, owner: A. Finance, outside_provider_control: true}}
    - {{year: 2029-30, value: {rate}, status: final, published: 2026-10, source: finance-paper, locator: Table 1, reason: Agreed locally, evidence: Paper 4 of the finance group, owner: A. Finance, outside_provider_control: true}}
"""
BIBLIOGRAPHY = (
    "- id: finance-paper\n  title: Planning paper\n  publisher: Finance group\n  year: 2026\n"
)
GROWING = [
    {
        "growth_category": "FLAT",
        "name": "Growing",
        "growth_method": "total_cost",
        "cost_rate": "local.growth",
    }
]


def budget(
    folder: Path, rate: float = 0.03, lines: int = 14, p2: str = "partial", extra: str = ""
) -> Budget:
    """A growing budget of awkward pennies; its rate, its lines and who takes part may differ."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "growth.yaml").write_text(LOCAL.format(rate=rate), encoding="utf-8")
    (folder / "bibliography.yaml").write_text(BIBLIOGRAPHY, encoding="utf-8")
    spend = [direct(f"D{number:02d}", 33.37 * (number + 1)) for number in range(lines)] + (
        [direct(extra, 77.77)] if extra else []
    )
    lists = [
        dict(row, participation=p2) if row["list_code"] == "P2" else row
        for row in place()["gp_lists"]
    ]
    return calculated(place(direct_spend=spend, gp_lists=lists, growth_categories=GROWING), folder)


def adds_up(found: dict[str, Any]) -> None:
    """Movements add to the difference, and so do the largest lines with all others."""
    assert found["difference_pence"] == found["b_pence"] - found["a_pence"]
    assert (
        sum(movement["difference_pence"] for movement in found["movements"])
        == found["difference_pence"]
    )
    assert (
        sum(line["difference_pence"] for line in found["largest_lines"])
        + found["other_lines"]["difference_pence"]
        == found["difference_pence"]
    )


@pytest.fixture
def compared(tmp_path: Path) -> dict[str, Any]:
    a, b = budget(tmp_path / "a"), budget(tmp_path / "b", rate=0.041, p2="none", extra="NEW")
    return compare(side_of_budget(a, "a"), side_of_budget(b, "b"))


@pytest.mark.req(369)
def test_every_difference_adds_up(compared: dict[str, Any]) -> None:
    assert compared["baseline"]["difference_pence"] < 0
    for found in (compared["baseline"], *compared["years"]):
        adds_up(found)
        assert len(found["largest_lines"]) == 10 and found["other_lines"]["lines"] == 5
    assert {movement["step"] for movement in compared["years"][-1]["movements"]} == {
        "Baseline",
        "Growth in total cost",
    }


@pytest.mark.req(179, 369)
def test_lines_assumptions_and_cells_that_differ_are_named(compared: dict[str, Any]) -> None:
    assert [line["line"] for line in compared["lines_only_in_b"]] == ["NEW"] and compared[
        "lines_only_in_a"
    ] == []
    changes = {
        (change["key"], change["year"]): (change["a"]["value"], change["b"]["value"])
        for change in compared["assumptions"]
    }
    assert changes[("local.growth", "2028-29")] == (0.03, 0.041)
    cells = {
        (cell["table"], cell["key"], cell["column"]): (cell["a"], cell["b"])
        for cell in compared["cells"]
    }
    assert cells[("gp_lists", "P2", "participation")] == ("partial", "none")
    assert cells[("direct_spend", "NEW", None)] == (None, None)
    text = "\n".join(comparison_lines(compared))
    assert (
        "gp_lists P2, participation: partial to none" in text
        and "local.growth 2028-29: 0.03" in text
        and "NEW" in text
    )


@pytest.mark.req(369)
def test_a_budget_and_its_own_results_do_not_differ(tmp_path: Path) -> None:
    here = budget(tmp_path / "a")
    write_results(here, tmp_path / "results")
    found = compare(side_of_results(tmp_path / "results", "results"), side_of_budget(here, "model"))
    assert found["baseline"]["difference_pence"] == 0 and found["baseline"]["movements"] == []
    assert all(
        year["difference_pence"] == 0 and not year["largest_lines"] for year in found["years"]
    )
    assert found["assumptions"] == [] and found["cells"] is None
    assert "Nothing that goes in differs." in list(comparison_lines(found))


@pytest.mark.req(369)
def test_the_command_compares_a_model_with_an_earlier_run(repo_root: Path, tmp_path: Path) -> None:
    example = repo_root / "examples" / "handbook"
    ran = subprocess.run(
        [sys.executable, "-m", "wpb", "run", str(example), "--out", str(tmp_path / "earlier")],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "wpb",
            "compare",
            str(tmp_path / "earlier" / "ledger.parquet"),
            str(example),
            "--json",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["baseline"]["difference_pence"] == 0
    (tmp_path / "earlier" / "ledger.parquet").write_bytes(b"PAR1 cut short")
    spoiled = subprocess.run(
        [sys.executable, "-m", "wpb", "compare", str(tmp_path / "earlier"), str(example)],
        capture_output=True,
        text=True,
    )
    assert spoiled.returncode == 2 and "cannot be read" in spoiled.stderr
