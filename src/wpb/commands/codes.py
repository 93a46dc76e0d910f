"""`wpb codes`: what a problem code stands for; an old code answers with its new name."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

from wpb.commands.running import AS_JSON, print_json
from wpb.kernel.problems import UsageProblem
from wpb.kernel.words import did_you_mean
from wpb.tables import ALL_TABLES

PACKAGE = Path(__file__).resolve().parents[1]
LOGGED = {"error": 0, "warning": 0, "note": 0, "Problem": 1}
"""What records a problem, and how many arguments stand before place, words, fix and code."""

AT_A_CELL = 6
"""How many arguments a problem has that is told at a table's row and column."""


@dataclass(frozen=True)
class Code:
    """A problem code, how grave it is, and the words of one problem that has it."""

    code: str
    severity: str
    what: str
    fix: str


@cache
def renamed_codes() -> dict[str, str]:
    """Give the new name of each old problem code."""
    text = (PACKAGE / "kernel" / "renamed_codes.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def emitted_codes() -> list[Code]:
    """Read from the programme itself every problem code it gives, with words that go with it.

    Source: req 443.
    """
    found: dict[str, Code] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for code in _codes_of(node):
                    found.setdefault(code.code, code)
    for spec in ALL_TABLES:
        for check in spec.checks:
            words = (getattr(check, "what", ""), getattr(check, "fix", ""))
            for name in check.codes:
                found.setdefault(name, Code(name, "error", *words))
    return [found[code] for code in sorted(found)]


def _codes_of(call: ast.Call) -> Iterator[Code]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    named = {word.arg: word.value for word in call.keywords}
    if name not in LOGGED:
        if "code" in named and {"what", "fix"} & set(named):
            yield from _spelt(named["code"], "", "", "")
        return
    before = LOGGED[name] if len(call.args) < AT_A_CELL else AT_A_CELL - 4
    code = named.get("code") or (call.args[before + 3] if len(call.args) > before + 3 else None)
    if code is None:
        return
    severity = name if name != "Problem" else _words(call.args[0]) if call.args else ""
    said = [_words(call.args[before + at]) if len(call.args) > before + at else "" for at in (1, 2)]
    yield from _spelt(code, severity, *said)


def _spelt(node: ast.expr, severity: str, what: str, fix: str) -> Iterator[Code]:
    words = _words(node)
    if not words or " " in words or "." in words:  # a function of the same name, given words here
        return
    if isinstance(node, ast.Constant):
        yield Code(words, severity, what, fix)
    elif isinstance(node, ast.IfExp):
        for each in (node.body, node.orelse):
            yield from _spelt(each, severity, what, fix)
    elif isinstance(node, ast.JoinedStr):
        yield Code(words, severity, what, fix)


def _words(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return "…"


@click.command("codes", short_help="Show what a problem code stands for.")
@click.argument("code", required=False)
@AS_JSON
def codes_command(code: str | None, as_json: bool) -> None:
    """Show problem CODE; without CODE, list them all. An old code answers with its new name."""
    found = emitted_codes()
    if code is not None:
        asked = renamed_codes().get(code, code.replace("-", "_"))
        if asked != code:
            click.echo(f"The code '{code}' is now '{asked}'; use that.", err=True)
        found = [each for each in found if each.code == asked]
        if not found:
            near = did_you_mean(asked, [each.code for each in emitted_codes()])
            raise UsageProblem(f"There is no problem code '{code}'. {near}`wpb codes` lists them.")
    if as_json:
        print_json(
            {
                "codes": [
                    {"code": e.code, "severity": e.severity, "what": e.what, "fix": e.fix}
                    for e in found
                ]
            }
        )
        return
    for each in found:
        click.echo(f"{each.code}{f' ({each.severity})' if each.severity else ''}")
        for words in (each.what, each.fix):
            if words.strip("… "):
                click.echo(f"    {words}")
