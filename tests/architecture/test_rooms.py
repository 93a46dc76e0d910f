"""The lines of docs/architecture.md: who imports whom, how big a piece of code may grow, what
start-up costs.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

CHAIN = (
    "scope",
    "baseline",
    "forecast",
    "assurance",
    "contract",
    "incentives",
    "sharing",
    "pooling",
    "settlement",
)
LONGEST_FUNCTION = 60
LONGER_FUNCTIONS: dict[str, int] = {
    "src/wpb/assurance/plan_consistency.py:consistency_section": 66,
    "src/wpb/assurance/savings.py:savings_section": 72,
    "src/wpb/assurance/stretch.py:_ratios": 61,
    "src/wpb/assurance/two_sides.py:_cover": 82,
    "src/wpb/assurance/two_sides.py:two_sided_section": 67,
    "src/wpb/baseline/activity_sources.py:check_local_reports": 72,
    "src/wpb/baseline/blended.py:_weighted": 63,
    "src/wpb/baseline/block_steps.py:step_2": 64,
    "src/wpb/baseline/package_parts.py:_from_components": 67,
    "src/wpb/baseline/part_year.py:extend_part_years": 74,
    "src/wpb/baseline/pooling_law.py:_test": 80,
    "src/wpb/baseline/population_shares.py:_by_list": 72,
    "src/wpb/baseline/reconciliation.py:ledger_ties": 67,
    "src/wpb/baseline/roll_forward.py:_apply": 88,
    "src/wpb/tables/methods/time_and_motion.py:observed_weights": 69,
    "src/wpb/tables/methods/benchmarks.py:check_benchmark": 73,
    "src/wpb/commands/shadow.py:shadow": 67,
    "src/wpb/commands/share_parties.py:term_sheet_lines": 95,
    "src/wpb/contract/event_checks.py:_check_event": 67,
    "src/wpb/contract/money_flow.py:Payments._fixed_values": 68,
    "src/wpb/contract/one_offs.py:earned_incentives": 72,
    "src/wpb/contract/one_offs.py:outside_providers": 130,
    "src/wpb/contract/scope_change.py:scope_change": 75,
    "src/wpb/contract/wpb_tree.py:ContractTree.tree": 65,
    "src/wpb/forecast/allocation_growth.py:allocation_growth": 74,
    "src/wpb/forecast/council_money.py:council_commitments": 70,
    "src/wpb/forecast/overlays.py:_impacts": 96,
    "src/wpb/forecast/population_growth.py:population_section": 69,
    "src/wpb/forecast/schemes.py:_key": 61,
    "src/wpb/forecast/segment_growth.py:read_segment_use": 80,
    "src/wpb/forecast/segment_paths.py:segment_section": 61,
    "src/wpb/forecast/segment_shifts.py:_changes": 87,
    "src/wpb/forecast/segment_shifts.py:_check": 73,
    "src/wpb/forecast/segment_shifts.py:_priced": 98,
    "src/wpb/forecast/shifts.py:shift_impacts": 72,
    "src/wpb/forecast/streams.py:target_shares": 68,
    "src/wpb/incentives/achieved.py:achieved_share": 84,
    "src/wpb/tables/checks/scope_fit.py:check_part_scope": 61,
    "src/wpb/live/contract.py:_plan": 70,
    "src/wpb/live/contract.py:live_contract": 74,
    "src/wpb/live/sharing_links.py:shared_arrangements": 68,
    "src/wpb/patients/embedded.py:EmbeddedEngine._explained": 83,
    "src/wpb/patients/person_level.py:PersonLevel._encode_records": 86,
    "src/wpb/patients/supplied_risk.py:supplied_score": 65,
    "src/wpb/patients/synthetic_place.py:_methods": 66,
    "src/wpb/patients/synthetic_place.py:_scope": 88,
    "src/wpb/patients/synthetic_place.py:commissioned_activity": 68,
    "src/wpb/patients/synthetic_place.py:tables": 101,
    "src/wpb/pooling/pooled_fund.py:pooled_year": 76,
    "src/wpb/present/contract_tables.py:_workings": 68,
    "src/wpb/present/design_report.py:write_designs": 81,
    "src/wpb/present/documents/budget_papers.py:due_diligence": 79,
    "src/wpb/present/documents/contract_papers.py:_rules": 63,
    "src/wpb/present/documents/sharing_papers.py:_read_terms": 126,
    "src/wpb/present/documents/sharing_papers.py:_statement": 68,
    "src/wpb/present/incentives_view.py:incentive_lines": 65,
    "src/wpb/present/live_workbook/fronts.py:Fronts.cover": 79,
    "src/wpb/present/live_workbook/schedule_sheet.py:ScheduleSheet._standing": 73,
    "src/wpb/present/live_workbook/shares_sheet.py:SharesSheet._due": 92,
    "src/wpb/present/live_workbook/writing.py:write_live_workbook": 86,
    "src/wpb/present/pool_view.py:year_lines": 64,
    "src/wpb/present/report_sections.py:affordability_view": 73,
    "src/wpb/present/report_sections.py:bridge_view": 80,
    "src/wpb/present/report_sections.py:contracts_view": 80,
    "src/wpb/present/scenario_report.py:_sections": 107,
    "src/wpb/present/shadow_charts.py:_fan": 77,
    "src/wpb/present/shadow_evidence.py:baselines": 94,
    "src/wpb/present/shadow_evidence.py:chance": 72,
    "src/wpb/present/shadow_evidence.py:drivers": 72,
    "src/wpb/present/shadow_evidence.py:uncertainties": 78,
    "src/wpb/present/shadow_outcomes.py:parties": 88,
    "src/wpb/present/shadow_summary.py:appraisal_summary": 83,
    "src/wpb/present/shadow_summary.py:summary_lines": 76,
    "src/wpb/present/suitability_view.py:suitability_figures": 61,
    "src/wpb/present/together.py:_compared": 63,
    "src/wpb/present/update_view.py:update_figures": 61,
    "src/wpb/scope/checklists.py:check_checklists": 62,
    "src/wpb/shadow/declared.py:_correlations": 66,
    "src/wpb/shadow/declared.py:_from_history": 74,
    "src/wpb/shadow/declared.py:_read": 88,
    "src/wpb/shadow/parties.py:party_terms": 81,
    "src/wpb/shadow/payment_models.py:payment_models": 68,
    "src/wpb/sharing/outturn.py:read_outturn": 70,
    "src/wpb/sharing/patient_choice.py:choice_block": 113,
    "src/wpb/sharing/reading_parties.py:_read_line": 73,
    "src/wpb/sharing/reading_parties.py:read_party_arrangement": 64,
    "src/wpb/sharing/statement.py:term_sheet": 84,
    "src/wpb/web/contract_views.py:incentives": 70,
    "src/wpb/web/contract_views.py:sharing": 83,
    "src/wpb/web/page_views.py:assumptions": 66,
}
"""Functions let through above the limit, with the length they may not pass; the list only shrinks.
"""
HEAVY = {
    "altair",
    "duckdb",
    "numpy",
    "openpyxl",
    "pandas",
    "polars",
    "pyarrow",
    "python_calamine",
    "rich",
    "sqlglot",
    "vl_convert",
    "xlsxwriter",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(repo_root: Path) -> dict[str, str]:
    """Give the text of each module under src by its path."""
    return {
        path.relative_to(repo_root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((repo_root / "src").rglob("*.py"))
    }


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Give every function, methods and nested ones too, with its dotted name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield prefix + node.name, node
        if isinstance(node, Function | ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}.")
        else:
            yield from functions(node, prefix)


def body_lines(function: Function) -> int:
    """Count the lines of a function that are not its docstring."""
    first = (
        function.body[1]
        if ast.get_docstring(function) is not None and len(function.body) > 1
        else function.body[0]
    )
    return (function.end_lineno or first.lineno) - first.lineno + 1


def run(*arguments: str, repo_root: Path) -> subprocess.CompletedProcess[str]:
    """Run a module of this environment's Python in the project's folder."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=repo_root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )


@pytest.mark.parametrize(
    "tool",
    [
        pytest.param(("-m", "ruff", "check", "--no-cache", "."), id="ruff"),
        pytest.param(("-m", "ruff", "format", "--check", "--no-cache", "."), id="formatter"),
        pytest.param(("-m", "mypy"), id="mypy"),
        pytest.param(
            (
                "-c",
                "from importlinter.cli import lint_imports_command; lint_imports_command()",
                "--no-cache",
            ),
            id="import-linter",
        ),
    ],
)
def test_linters_pass(repo_root: Path, tool: tuple[str, ...]) -> None:
    done = run(*tool, repo_root=repo_root)
    assert done.returncode == 0, "\n" + done.stdout + done.stderr


def test_every_room_of_the_chain_is_under_the_contracts(repo_root: Path) -> None:
    contracts = tomllib.loads((repo_root / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
    by_id = {contract["id"]: contract for contract in contracts}
    rooms = {path.parent.name for path in (repo_root / "src" / "wpb").glob("*/__init__.py")}
    assert set(by_id["disk"]["source_modules"]) == {f"wpb.{room}" for room in rooms & set(CHAIN)}, (
        "source_modules of the contract 'disk' in pyproject.toml"
    )
    assert set(by_id["edge"]["protected_modules"]) == {
        f"wpb.{room}" for room in rooms & {"intake", "patients"}
    }, "protected_modules of the contract 'edge' in pyproject.toml"


def test_chain_opens_no_file(repo_root: Path) -> None:
    opened = []
    for room in CHAIN:
        for path in sorted((repo_root / "src" / "wpb" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    called = (
                        node.func.attr
                        if isinstance(node.func, ast.Attribute)
                        else getattr(node.func, "id", "")
                    )
                    if called in ("open", "read_text", "read_bytes", "write_text", "write_bytes"):
                        opened.append(f"{room}/{path.name}:{node.lineno}: {called}")
    assert opened == []


def test_functions_are_short(repo_root: Path) -> None:
    lengths = {
        f"{name}:{function}": body_lines(node)
        for name, text in sources(repo_root).items()
        for function, node in functions(ast.parse(text))
    }
    assert {
        name: lines
        for name, lines in lengths.items()
        if lines > LONGER_FUNCTIONS.get(name, LONGEST_FUNCTION)
    } == {}
    assert [name for name in LONGER_FUNCTIONS if lengths.get(name, 0) <= LONGEST_FUNCTION] == [], (
        "no longer needs to be let through"
    )


def test_rules_of_the_chain_name_their_source(repo_root: Path) -> None:
    unsourced = []
    for room in CHAIN:
        for path in sorted((repo_root / "src" / "wpb" / room).rglob("*.py")):
            for statement in ast.parse(path.read_text(encoding="utf-8")).body:
                if (
                    isinstance(statement, Function)
                    and not statement.name.startswith("_")
                    and "Source:" not in (ast.get_docstring(statement) or "")
                ):
                    unsourced.append(f"{room}/{path.name}:{statement.name}")
    assert not unsourced, "public functions of the chain without a Source:\n" + "\n".join(unsourced)


def test_start_up_imports_nothing_heavy(repo_root: Path) -> None:
    done = run(
        "-c",
        "import sys, wpb.cli, wpb.commands.group; print(*sorted({name.partition('.')[0] for name in"
        " sys.modules}))",
        repo_root=repo_root,
    )
    assert done.returncode == 0, done.stderr
    assert HEAVY & set(done.stdout.split()) == set()
