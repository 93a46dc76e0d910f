"""Write docs/coverage.md: for every requirement, the rules that fulfil it and the tests that show
it.

    python tools/coverage_table.py           write the table; git ignores it
    python tools/coverage_table.py --check   say what is wrong and write nothing; exit code 1 if
    anything is

Rules are functions and classes under src whose docstring names ids in its `Source:` line, like
`Source: handbook 2.4.2; req 48-53, 63.` A module's own docstring is an overview and names no rule.
A rule counts where a command, a page or the Python interface reaches it: see reachability.py.
Tests are marked `@pytest.mark.req(59, *range(48, 54))`, on a test, a class, a module (`pytestmark`)
or one case.
All are read as text: nothing is imported, so the table can be made while code is half written.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reachability import module_files, reached

ROOT = Path(__file__).resolve().parent.parent
ONE_OR_RANGE = r"\d+(?:\s*[-\u2013]\s*\d+)?\b(?!\.\d)"
IDS = re.compile(rf"\breq\s+({ONE_OR_RANGE}(?:\s*(?:,|and)\s*{ONE_OR_RANGE})*)")
SOURCE = re.compile(r"^\s*Source:(.*?)(?:\n\s*\n|\Z)", re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| (\d+) ([A-Z0-9]+) \| (.*?) \| ([CVPRSD]) \|")
AREA = re.compile(r"^## ([A-Z0-9]+) - (.*)$")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Requirement:
    """A row of the register."""

    id: int
    area: str
    text: str


@dataclass
class Found:
    """Which rules and tests name each id, and what could not be read."""

    rules: dict[int, set[str]] = field(default_factory=dict)
    unreached: dict[int, set[str]] = field(default_factory=dict)
    """Rules that no command, no page and nothing of the Python interface reaches."""
    tests: dict[int, set[str]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def read_register(root: Path) -> tuple[dict[str, str], dict[int, Requirement]]:
    """Read areas and requirements from docs/requirements.md."""
    areas: dict[str, str] = {}
    rows: dict[int, Requirement] = {}
    for line in (root / "docs" / "requirements.md").read_text(encoding="utf-8").splitlines():
        if heading := AREA.match(line):
            areas[heading[1]] = heading[2]
        elif row := ROW.match(line):
            rows[int(row[1])] = Requirement(int(row[1]), row[2], row[3])
    return areas, rows


def ids_in_docstring(docstring: str) -> set[int]:
    """List the ids a docstring's `Source:` lines name; ranges are written 48-53."""
    found: set[int] = set()
    for source in SOURCE.finditer(docstring):
        for listed in IDS.finditer(" ".join(source[1].split())):
            for item in re.findall(ONE_OR_RANGE, listed[1]):
                ends = [int(end) for end in re.findall(r"\d+", item)]
                found.update(range(ends[0], ends[-1] + 1))
    return found


def definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Give every function and class with its dotted name, outermost first."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition):
            yield prefix + node.name, node
            yield from definitions(node, f"{prefix}{node.name}.")
        else:
            yield from definitions(node, prefix)


def parse(path: Path, root: Path, found: Found) -> ast.Module | None:
    """Read one Python file, or note that it could not be read."""
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        found.unread.append(f"{path.relative_to(root).as_posix()} could not be read: {error}")
        return None


def read_rules(root: Path, found: Found) -> None:
    """Collect the ids that docstrings under src name, where the rule is reached and where not."""
    trees: dict[str, ast.Module] = {}
    for module, path in module_files(root):
        if tree := parse(path, root, found):
            trees[module] = tree
    walk = reached(root, trees)
    for module, tree in trees.items():
        room = module.partition(".")[2]
        for name, node in definitions(tree):
            counted = found.rules if walk.covers(module, name) else found.unreached
            for requirement in ids_in_docstring(ast.get_docstring(node) or ""):
                counted.setdefault(requirement, set()).add(f"{room}:{name}")


def ids_in_mark(call: ast.Call) -> set[int] | None:
    """List the ids of one req mark: whole numbers and *range(a, b); None for anything else."""
    ids: set[int] = set()
    for argument in call.args:
        match argument:
            case ast.Constant(value=int(number)):
                ids.add(number)
            case ast.Starred(value=ast.Call(func=ast.Name(id="range"), args=bounds)) if all(
                isinstance(bound, ast.Constant) and isinstance(bound.value, int) for bound in bounds
            ):
                ids.update(range(*(bound.value for bound in bounds)))  # type: ignore[attr-defined]
            case _:
                return None
    return ids or None


def marks(node: ast.AST) -> Iterator[ast.Call]:
    """Give the req marks written in a piece of code."""
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Attribute(attr="req", value=ast.Attribute(attr="mark"))):
                yield part


def marked_parts(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Give each req mark with the dotted name of the test, class or ("") module it belongs to."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark"
            for target in statement.targets
        ):
            yield from (("", mark) for mark in marks(statement))
    for name, node in definitions(tree):
        for decorator in node.decorator_list:
            yield from ((name, mark) for mark in marks(decorator))


def read_tests(root: Path, found: Found) -> None:
    """Collect the ids that tests are marked with."""
    for path in sorted((root / "tests").rglob("test_*.py")):
        tree = parse(path, root, found)
        if tree is None:
            continue
        module = path.relative_to(root / "tests").as_posix()
        for name, mark in marked_parts(tree):
            ids = ids_in_mark(mark)
            if ids is None:
                found.unread.append(
                    f"{module}, line {mark.lineno}: write the mark's ids as whole numbers or"
                    " *range(first, last + 1)"
                )
                continue
            for requirement in ids:
                found.tests.setdefault(requirement, set()).add(
                    f"{module}::{name}" if name else module
                )


def read(root: Path) -> Found:
    """Collect what rules and tests say of requirements."""
    found = Found()
    read_rules(root, found)
    read_tests(root, found)
    return found


def cell(names: set[str]) -> str:
    """Write names for one cell of the table."""
    return "<br>".join(f"`{name}`" for name in sorted(names))


def table(root: Path, found: Found) -> str:
    """Write the whole page; the same code gives the same page."""
    areas, requirements = read_register(root)
    shown = {
        requirement
        for requirement in requirements
        if found.rules.get(requirement) and found.tests.get(requirement)
    }
    lines = [
        "# Coverage of the requirements",
        "",
        (
            "Made by `python tools/coverage_table.py` from the docstrings of rules and the marks of"
            " tests; not edited by hand."
        ),
        (
            "A rule counts where a command, a page or the Python interface reaches it; a row"
            " without a rule is not built yet. [requirements.md](requirements.md) has each row in"
            " full."
        ),
        "",
        "| area | rows | with a rule and a test |",
        "|---|---|---|",
    ]
    for code, title in areas.items():
        members = {row.id for row in requirements.values() if row.area == code}
        lines.append(
            f"| [{code} {title}](#{code.lower()}) | {len(members)} | {len(members & shown)} |"
        )
    lines.append(f"| all | {len(requirements)} | {len(shown)} |")
    for code, title in areas.items():
        lines += [
            "",
            f'<a id="{code.lower()}"></a>',
            "",
            f"## {code} {title}",
            "",
            "| id | requirement | rules | tests |",
            "|---|---|---|---|",
        ]
        for row in requirements.values():
            if row.area == code:
                lines.append(
                    f"| {row.id} | {row.text} | {cell(found.rules.get(row.id, set()))} |"
                    f" {cell(found.tests.get(row.id, set()))} |"
                )
    return "\n".join(lines) + "\n"


def problems(root: Path, found: Found) -> list[str]:
    """List what keeps the register, rules and tests from agreeing; a row not begun is no
    problem.
    """
    _, requirements = read_register(root)
    listed = list(found.unread)
    for what, names in (("rule", found.rules), ("rule", found.unreached), ("test", found.tests)):
        for requirement in sorted(set(names) - set(requirements)):
            listed.append(
                f"req {requirement} is not in docs/requirements.md; named by the {what}"
                f" {', '.join(sorted(names[requirement]))}"
            )
    for requirement in sorted(set(requirements) & (set(found.tests) - set(found.rules))):
        tests = ", ".join(sorted(found.tests[requirement]))
        if unreached := found.unreached.get(requirement):
            listed.append(
                f"req {requirement} has a test, and no command, page or Python interface reaches"
                f" its rule {', '.join(sorted(unreached))}: call it, or name the row in the"
                f" `Source:` of the rule that is called; shown by {tests}"
            )
        else:
            listed.append(
                f"req {requirement} has a test and no rule: name it in the `Source:` of what"
                f" {tests} shows"
            )
    for requirement in sorted(set(requirements) & (set(found.rules) - set(found.tests))):
        listed.append(
            f"req {requirement} has a rule and no test: mark the test that shows"
            f" {', '.join(sorted(found.rules[requirement]))}"
        )
    return listed


def main() -> int:
    """Write the table, or check it; give the exit code."""
    parser = argparse.ArgumentParser(
        description="Write docs/coverage.md from the docstrings of rules and the marks of tests."
    )
    parser.add_argument("--check", action="store_true", help="say what is wrong and write nothing")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of the project")
    arguments = parser.parse_args()
    found = read(arguments.root)
    if arguments.check:
        listed = problems(arguments.root, found)
        for problem in listed:
            print(problem)
        return 1 if listed else 0
    page = arguments.root / "docs" / "coverage.md"
    page.write_text(table(arguments.root, found), encoding="utf-8", newline="\n")
    _, requirements = read_register(arguments.root)
    done = set(requirements) & set(found.rules) & set(found.tests)
    print(f"{page}: {len(done)} of {len(requirements)} rows have a rule and a test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
