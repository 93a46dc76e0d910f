"""The lines of docs/architecture.md: who imports whom, how big a piece of code may grow, what start-up costs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

CHAIN = ("scope", "baseline", "forecast", "assurance", "contract", "incentives", "sharing", "pooling", "settlement")
LONGEST_MODULE = 300
LONGEST_FUNCTION = 55
LONGER_MODULES: dict[str, int] = {}
"""Modules let through above the limit, with the length they may not pass."""
LONGER_FUNCTIONS: dict[str, int] = {}
"""Functions let through above the limit, with the length they may not pass."""
HEAVY = {"altair", "duckdb", "numpy", "openpyxl", "pandas", "polars", "pyarrow", "python_calamine", "rich", "sqlglot", "vl_convert", "xlsxwriter"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(repo_root: Path) -> dict[str, str]:
    """Give the text of each module under src by its path."""
    return {path.relative_to(repo_root).as_posix(): path.read_text(encoding="utf-8") for path in sorted((repo_root / "src").rglob("*.py"))}


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
    first = function.body[1] if ast.get_docstring(function) is not None and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or first.lineno) - first.lineno + 1


def run(*arguments: str, repo_root: Path) -> subprocess.CompletedProcess[str]:
    """Run a module of this environment's Python in the project's folder."""
    return subprocess.run([sys.executable, *arguments], cwd=repo_root, capture_output=True, text=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"})


@pytest.mark.parametrize(
    "tool",
    [
        pytest.param(("-m", "ruff", "check", "--no-cache", "."), id="ruff"),
        pytest.param(("-m", "mypy"), id="mypy"),
        pytest.param(("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"), id="import-linter"),
    ],
)
def test_linters_pass(repo_root: Path, tool: tuple[str, ...]) -> None:
    done = run(*tool, repo_root=repo_root)
    assert done.returncode == 0, "\n" + done.stdout + done.stderr


def test_every_room_of_the_chain_is_under_the_contracts(repo_root: Path) -> None:
    contracts = tomllib.loads((repo_root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    by_id = {contract["id"]: contract for contract in contracts}
    rooms = {path.parent.name for path in (repo_root / "src" / "wpb").glob("*/__init__.py")}
    assert set(by_id["disk"]["source_modules"]) == {f"wpb.{room}" for room in rooms & set(CHAIN)}, "source_modules of the contract 'disk' in pyproject.toml"
    assert set(by_id["edge"]["protected_modules"]) == {f"wpb.{room}" for room in rooms & {"intake", "patients"}}, "protected_modules of the contract 'edge' in pyproject.toml"


def test_chain_opens_no_file(repo_root: Path) -> None:
    opened = []
    for room in CHAIN:
        for path in sorted((repo_root / "src" / "wpb" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    if called in ("open", "read_text", "read_bytes", "write_text", "write_bytes"):
                        opened.append(f"{room}/{path.name}:{node.lineno}: {called}")
    assert opened == []


def test_modules_are_short(repo_root: Path) -> None:
    lengths = {name: len(text.splitlines()) for name, text in sources(repo_root).items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGER_MODULES.get(name, LONGEST_MODULE)} == {}
    assert [name for name in LONGER_MODULES if lengths.get(name, 0) <= LONGEST_MODULE] == [], "no longer needs to be let through"


def test_functions_are_short(repo_root: Path) -> None:
    lengths = {f"{name}:{function}": body_lines(node) for name, text in sources(repo_root).items() for function, node in functions(ast.parse(text))}
    assert {name: lines for name, lines in lengths.items() if lines > LONGER_FUNCTIONS.get(name, LONGEST_FUNCTION)} == {}
    assert [name for name in LONGER_FUNCTIONS if lengths.get(name, 0) <= LONGEST_FUNCTION] == [], "no longer needs to be let through"


def test_rules_of_the_chain_name_their_source(repo_root: Path) -> None:
    unsourced = []
    for room in CHAIN:
        for path in sorted((repo_root / "src" / "wpb" / room).rglob("*.py")):
            for statement in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(statement, Function) and not statement.name.startswith("_") and "Source:" not in (ast.get_docstring(statement) or ""):
                    unsourced.append(f"{room}/{path.name}:{statement.name}")
    assert not unsourced, "public functions of the chain without a Source:\n" + "\n".join(unsourced)


def test_start_up_imports_nothing_heavy(repo_root: Path) -> None:
    done = run("-c", "import sys, wpb.cli, wpb.commands.group; print(*sorted({name.partition('.')[0] for name in sys.modules}))", repo_root=repo_root)
    assert done.returncode == 0, done.stderr
    assert HEAVY & set(done.stdout.split()) == set()
