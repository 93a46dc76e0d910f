"""Change the calculation in small ways, one at a time, and see whether its tests notice.

    python tools/mutants.py list --count 20                  what a seed would draw
    python tools/mutants.py run --count 20 --seed 1          draw, run the tests of each, and count
    python tools/mutants.py run --only wpb.settlement        of some modules alone
    python tools/mutants.py run --id 3f2a9c01d4              one mutant again

Each mutant is one change by one operator in one place of the kernel, the chain or settlement. It is
put into a copy of the sources, and the tests that tools/mutants.toml names for its module run
against that copy until the first fails. A mutant that no test fails for survives: a test is
missing, or the change makes no difference, and then its id and the reason stand in
tools/mutants.toml.

The same seed draws the same mutants of the same sources. An id stays while the changed function
does. Ends with 3 where fewer die than `--at-least` asks. Needs an operating system that forks.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "tools" / "mutants.toml"
PACKAGES = (
    "kernel",
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
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
BOUNDS = {"max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum"}
SURVIVED, KILLED = 0, (1, 2, -1)
"""How pytest ends: all passed; some failed, could not be imported, or did not come to an end."""
SLOWEST_FILE, MOST_LEFT_OUT = 1800, 3
SLOWEST_TIMES, SLOWEST_MORE = 4, 30
"""A mutant's tests may take so many times their clean seconds, and so many seconds more."""


@dataclass(frozen=True)
class Mutant:
    """One change: where, by which operator, and the text before and after."""

    module: str
    function: str
    operator: str
    line: int
    start: int
    end: int
    before: str
    after: str
    nth: int = 0
    """Which of the function's changes that read alike it is."""

    @property
    def id(self) -> str:
        """A name that stays while the function does."""
        key = (self.module, self.function, self.operator, self.before, self.after, str(self.nth))
        return hashlib.sha256("\0".join(key).encode()).hexdigest()[:10]

    def said(self) -> str:
        """Say it on one line."""
        before, after = (" ".join(text.split())[:60] for text in (self.before, self.after))
        return f"{self.id} {self.module}:{self.line} {self.operator}: {before}  ->  {after}"


# Making mutants -----------------------------------------------------------------------------------


class Finder(ast.NodeVisitor):
    """Walks a module and lists every change that an operator can make in it."""

    def __init__(self, module: str, source: str) -> None:
        self.module, self.source = module, source.encode()
        self.starts = [0]
        for line in self.source.split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.functions: list[str] = []
        self.found: list[Mutant] = []
        self.seen: Counter[tuple[str, ...]] = Counter()

    def change(self, operator: str, node: ast.expr | ast.stmt, after: str) -> None:
        """Note a change of one node's text."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[node.end_lineno - 1] + node.end_col_offset
        before, function = self.source[start:end].decode(), ".".join(self.functions)
        key = (function, operator, before, after)
        found = Mutant(
            self.module, function, operator, node.lineno, start, end, before, after, self.seen[key]
        )
        self.seen[key] += 1
        self.found.append(found)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Look into a class by its name."""
        self._within(node.name, node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Look into a function, its defaults too; annotations and decorators calculate nothing."""
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self.visit(default)
        self._within(node.name, node.body)

    def _within(self, name: str, body: Sequence[ast.stmt]) -> None:
        self.functions.append(name)
        for statement in body:
            self.visit(statement)
        self.functions.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Pass an annotation by."""
        if node.value is not None:
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Pass words by: what is said is read by the tests of words."""

    def visit_Raise(self, node: ast.Raise) -> None:
        """Pass words of errors by."""

    def visit_If(self, node: ast.If) -> None:
        """Turn a bare condition round; imports for types alone are passed by."""
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node.test, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            self.change("condition", node.test, f"not {ast.unparse(node.test)}")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Drop a call made for its effect."""
        if isinstance(node.value, ast.Call):
            self.change("drop", node, "pass")
            self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Shift a comparison's edge, or turn it round."""
        for position, operator in enumerate(node.ops):
            if type(operator) in COMPARISONS:
                operators = list(node.ops)
                operators[position] = COMPARISONS[type(operator)]()
                other = ast.Compare(node.left, operators, node.comparators)
                self.change("compare", node, f"({ast.unparse(other)})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Swap an arithmetic operator, where it is not about words."""
        words = any(
            isinstance(side, ast.JoinedStr)
            or (isinstance(side, ast.Constant) and isinstance(side.value, str))
            for side in (node.left, node.right)
        )
        if type(node.op) in ARITHMETIC and not words:
            other = ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
            self.change("arithmetic", node, f"({ast.unparse(other)})")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Swap and with or."""
        other = ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        self.change("logic", node, f"({ast.unparse(other)})")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Drop a not, or a minus before something worked out."""
        constant = isinstance(node.operand, ast.Constant)
        if isinstance(node.op, ast.Not) or (isinstance(node.op, ast.USub) and not constant):
            self.change("sign", node, f"({ast.unparse(node.operand)})")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Turn a bound round, and take it away."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if name in BOUNDS and node.args:
            whole = ast.unparse(node.func)
            function = whole[: len(whole) - len(name)] + BOUNDS[name]
            other = ast.Call(ast.Name(function), node.args, node.keywords)
            self.change("bound", node, ast.unparse(other))
            if len(node.args) == 2 and not node.keywords:
                self.change("unbound", node, f"({ast.unparse(node.args[0])})")
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Take the other end of a list; any other index is a number."""
        ends = {"0": "-1", "-1": "0"}
        if (index := ast.unparse(node.slice)) in ends:
            self.change("end", node.slice, ends[index])
            self.visit(node.value)
            return
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        """Pass `strict=True` by: it asserts and calculates nothing."""
        if node.arg != "strict":
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Move a number, and turn a yes or no round."""
        if isinstance(node.value, bool):
            self.change("flag", node, str(not node.value))
        elif isinstance(node.value, int | float):
            moved = node.value + 1 if isinstance(node.value, int) else node.value * 1.5 + 0.01
            self.change("number", node, repr(moved))


def mutants_of(module: str, source: str) -> list[Mutant]:
    """List every mutant of a module."""
    finder = Finder(module, source)
    finder.visit(ast.parse(source))
    return finder.found


def mutated(source: str, mutant: Mutant) -> str:
    """Give a module's source with one change made."""
    content = source.encode()
    return (content[: mutant.start] + mutant.after.encode() + content[mutant.end :]).decode()


def source_path(module: str, sources: Path) -> Path:
    """Give the file of a module."""
    return sources.joinpath(*module.split(".")).with_suffix(".py")


def all_mutants(only: Sequence[str] = ()) -> list[Mutant]:
    """List every mutant of the packages, in order; `only` keeps modules that begin so."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / "src" / "wpb" / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
            if path.name != "__init__.py" and (not only or module.startswith(tuple(only))):
                found += mutants_of(module, path.read_text(encoding="utf-8"))
    return found


# Running tests against them -----------------------------------------------------------------------


@dataclass
class Settings:
    """What tools/mutants.toml says: the tests of each module, and changes that make no
    difference.
    """

    tests: dict[str, list[str]]
    equivalents: dict[str, str]

    @staticmethod
    def read() -> Settings:
        """Read the file."""
        found = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
        return Settings(
            found["tests"], {row["id"]: row["reason"] for row in found.get("equivalent", [])}
        )

    def tests_of(self, module: str) -> list[str]:
        """The test files of a module: those that import it, then those of its nearest prefix."""
        importing = [
            path.relative_to(ROOT).as_posix()
            for path in sorted((ROOT / "tests").rglob("test_*.py"))
            if "deep" not in path.parts
            and any(
                line.startswith(f"from {module} import")
                for line in path.read_text(encoding="utf-8").splitlines()
            )
        ]
        prefix = max((name for name in self.tests if module.startswith(name)), key=len)
        return list(dict.fromkeys([*importing, *self.tests[prefix]]))


@dataclass
class Ended:
    """How a run of tests ended: pytest's exit code, the first test that failed, and seconds."""

    code: int
    failed: str
    seconds: float


@dataclass(eq=False)
class FirstFailure:
    """A plugin that remembers the first test that failed."""

    name: str = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take the report of each part of each test."""
        if report.failed and not self.name:
            self.name = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        """Take the report of a file that could not be imported."""
        self.pytest_runtest_logreport(report)


def run_tests(sources: Path, tests: Sequence[str], seconds: float) -> Ended:
    """Run tests in a child of this process against one copy of the sources, to the first
    failure.
    """
    began = time.monotonic()
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as told:
        child = os.fork()
        if child == 0:
            _run_in_child(sources, tests, Path(told.name))
        while time.monotonic() - began < seconds:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            time.sleep(0.05)
        else:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return Ended(-1, "no end", time.monotonic() - began)
        return Ended(
            os.waitstatus_to_exitcode(status), told.read().strip(), time.monotonic() - began
        )


def _run_in_child(sources: Path, tests: Sequence[str], told: Path) -> None:
    code = 4
    try:
        os.setsid()
        sys.path.insert(0, str(sources))
        os.environ["PYTHONPATH"] = str(sources)
        with told.with_suffix(".log").open("w", encoding="utf-8") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            import pytest

            first = FirstFailure()
            words = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests]
            code = int(pytest.main(words, plugins=[first]))
            told.write_text(first.name, encoding="utf-8")
    finally:
        told.with_suffix(".log").unlink(missing_ok=True)
        os._exit(code)


def prepare() -> None:
    """Import what every run of tests needs but wpb, and let generated cases be the same each
    time.
    """
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    import click.testing
    import numpy
    import openpyxl
    import pytest
    from hypothesis import Phase, settings

    assert click and numpy and openpyxl and pytest
    settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
    )
    settings.load_profile("mutants")
    assert not any(name == "wpb" or name.startswith("wpb.") for name in sys.modules)


@contextlib.contextmanager
def copied_sources() -> Iterator[Path]:
    """Give a copy of the sources to change."""
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "src"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "src", sources, ignore=ignored)
        yield sources


@dataclass
class Bench:
    """A copy of the sources, and the clean seconds of each test file that passes on them."""

    sources: Path
    settings: Settings
    clean: dict[str, float] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    """Tests that fail without a mutant, each as a word for pytest."""

    def tests_for(self, module: str) -> list[str]:
        """The tests of a module that pass on unchanged sources, the quickest first."""
        names = self.settings.tests_of(module)
        for name in names:
            if name not in self.clean:
                self.clean[name] = self._clean_seconds(name)
        kept = [name for name in names if self.clean[name] >= 0]
        return sorted(kept, key=lambda name: self.clean[name])

    def _clean_seconds(self, name: str) -> float:
        """Time a test file on unchanged sources, leaving out what fails there; -1 for all of it."""
        for _ in range(MOST_LEFT_OUT):
            ended = run_tests(self.sources, [name, *self.left_out], SLOWEST_FILE)
            if ended.code == 0:
                return ended.seconds
            print(f"left out, for it fails without a mutant: {ended.failed or name}", flush=True)
            if "::" not in ended.failed:
                break
            self.left_out.append(f"--deselect={ended.failed}")
        return -1

    def fate(self, mutant: Mutant) -> tuple[str, str]:
        """Say what becomes of a mutant, and by which test."""
        if mutant.id in self.settings.equivalents:
            return "equivalent", self.settings.equivalents[mutant.id]
        tests = self.tests_for(mutant.module)
        if not tests:
            return "survived", "no tests"
        path = source_path(mutant.module, self.sources)
        source = path.read_text(encoding="utf-8")
        seconds = SLOWEST_TIMES * sum(self.clean[name] for name in tests) + SLOWEST_MORE
        path.write_text(mutated(source, mutant), encoding="utf-8")
        try:
            ended = run_tests(self.sources, [*tests, *self.left_out], seconds)
        finally:
            path.write_text(source, encoding="utf-8")
        if ended.code == SURVIVED:
            return "survived", f"{len(tests)} test files"
        if ended.code not in KILLED:
            raise SystemExit(f"pytest itself ended with {ended.code} for {mutant.said()}")
        return "killed", ended.failed


# The command --------------------------------------------------------------------------------------


def drawn(given: argparse.Namespace) -> list[Mutant]:
    """Draw the mutants that the command line asks for."""
    universe = all_mutants(given.only)
    if given.id:
        return [mutant for mutant in universe if mutant.id in given.id]
    count = min(given.count, len(universe))
    return random.Random(given.seed).sample(universe, count)


def run(given: argparse.Namespace) -> int:
    """Run the tests of each drawn mutant, and count."""
    if not hasattr(os, "fork"):
        raise SystemExit("This operating system does not fork; run it on Linux or macOS.")
    prepare()
    os.chdir(ROOT)
    fates: Counter[str] = Counter()
    mutants = drawn(given)
    with copied_sources() as sources:
        bench = Bench(sources, Settings.read())
        for mutant in mutants:
            fate, by = bench.fate(mutant)
            fates[fate] += 1
            print(f"{fate:<10} {mutant.said()}  [{by}]", flush=True)
            if given.out:
                with given.out.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps({"id": mutant.id, "fate": fate, "by": by}) + "\n")
    counted = fates["killed"] + fates["survived"]
    share = fates["killed"] / counted if counted else 1.0
    print(
        f"Seed {given.seed}: {fates['killed']} killed, {fates['survived']} survived,"
        f" {fates['equivalent']} equivalent, of {len(mutants)}; {share:.1%} of those that differ."
    )
    return 0 if share >= given.at_least else 3


def arguments_read(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("command", choices=["list", "run"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--only", action="append", default=[], help="modules that begin so")
    parser.add_argument("--id", action="append", default=[], help="this mutant; may be repeated")
    parser.add_argument("--at-least", type=float, default=0.9, help="share that must die")
    parser.add_argument("--out", type=Path, help="add a line of JSON for each mutant")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """List or run, and give the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    given = arguments_read(words)
    if given.command == "list":
        for mutant in drawn(given):
            print(mutant.said())
        return 0
    return run(given)


if __name__ == "__main__":
    raise SystemExit(main())
