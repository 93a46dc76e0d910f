"""Every JSON that a command prints names its shape and fits the published JSON Schema of it."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

import wpb
from wpb.cli import main
from wpb.commands import catalogue
from wpb.commands.codes import emitted_codes, renamed_codes
from wpb.commands.group import cli
from wpb.kernel.json_shapes import SHAPES, json_schema, shape_name
from wpb.kernel.problems import Problem

pytestmark = pytest.mark.req(443)
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
HANDBOOK, SHARING, POOL = EXAMPLES / "handbook", EXAMPLES / "sharing", EXAMPLES / "pooled_budget"
US = EXAMPLES / "us_shared_savings"
THREE = (SHARING / "outpatients_three_way.yaml", SHARING / "outpatients_three_way.csv")
COMMANDS: dict[str, list[tuple[object, ...]]] = {
    "start": [("start", "NEW", "--answers", EXAMPLES / "first_budget" / "answers.yaml")],
    "new": [("new", "NEW")],
    "add": [("add", HANDBOOK)],
    "check": [("check", HANDBOOK)],
    "run": [("run", HANDBOOK, "--no-files")],
    "explain": [("explain", HANDBOOK, "forecast/2020-21", "--depth", "1")],
    "compare": [("compare", HANDBOOK, HANDBOOK)],
    "methods": [("methods", HANDBOOK)],
    "assumptions-list": [("assumptions", "list")],
    "assumptions-show": [("assumptions", "show", "gdp_deflator")],
    "assumptions-check": [("assumptions", "check", HANDBOOK)],
    "synth": [("synth", "NEW", "--people", "500", "--seed", "1")],
    "share-settle": [
        ("share", "settle", *THREE),
        ("share", "settle", US / "arrangement.yaml", US / "results.csv", "--explain", "2"),
    ],
    "share-check": [("share", "check", THREE[0])],
    "share-term-sheet": [("share", "term-sheet", THREE[0])],
    "share-statement": [
        ("share", "statement", *THREE, "--year", "2030-31", "--party", "midshire_hospital")
    ],
    "share-suitability": [("share", "suitability", SHARING / "suitability.yaml")],
    "share-alliance": [("share", "alliance", SHARING / "alliance.yaml")],
    "pool-check": [("pool", "check", POOL)],
    "pool-year": [("pool", "year", POOL, "--year", "2027-28")],
    "pool-reviews": [("pool", "reviews", POOL, "--year", "2028-29")],
    "pool-case": [("pool", "case", POOL)],
    "audit-log": [("audit", "log", "--store", "STORE")],
    "audit-verify": [("audit", "verify", "--store", "STORE")],
    "doctor": [("doctor",)],
    "upgrade": [("upgrade", HANDBOOK, "--dry-run")],
    "tables": [("tables", "contracts")],
    "codes": [("codes", "column_missing")],
}
"""Runs of every command whose figures are ready in a moment, by the shape that they print."""
LIVE = {
    "agree",
    "close",
    "contract",
    "correct",
    "incentives",
    "update-population",
    "settle",
    "statement",
    "shadow",
    "scenarios",
    "design",
    "share-exposure",
    "share-rebase",
}
"""Commands that need the live contract of the large example: they go through the same printer."""
FILES = {
    "import-list-sizes",
    "import-practice-payments",
    "import-practices",
    "import-unit-costs",
    "index",
    "map",
    "people-check",
    "people-key",
    "people-pseudonymise",
    "people-rotate",
    "share-project",
}
"""Commands that need files of their own."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import sqlite3

    path = tmp_path_factory.mktemp("store") / "store.db"
    text = (ROOT / "tests" / "fixtures" / "schemas" / "store_0003.sql").read_text(encoding="utf-8")
    with sqlite3.connect(path) as made:
        made.executescript(text)
    made.close()
    return path


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name, runs in COMMANDS.items() for words in runs]
)
def test_a_command_prints_what_its_schema_says(
    name: str,
    words: tuple[object, ...],
    store: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {"NEW": tmp_path / "new", "STORE": store}
    typed = [str(places.get(word, word)) if isinstance(word, str) else str(word) for word in words]
    assert main([*typed, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.validate(printed, json_schema(name), jsonschema.Draft202012Validator)
    for each in printed if isinstance(printed, list) else [printed]:
        assert next(iter(each)) == "schema" and each["schema"] == shape_name(name)


def test_a_stopped_command_prints_its_problems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["check", str(tmp_path / "none")], ["run", str(POOL)], ["check", "--nothing"]):
        assert main([*words, "--json"]) in (1, 2)
        printed = json.loads(capsys.readouterr().out)
        jsonschema.validate(printed, json_schema("problems"), jsonschema.Draft202012Validator)


def _with_json(group: click.Group, before: tuple[str, ...] = ()) -> set[str]:
    found: set[str] = set()
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= _with_json(command, (*before, name))
        elif any("--json" in option.opts for option in command.params):
            found.add("-".join((*before, name)))
    return found


def test_every_command_with_json_has_a_published_shape() -> None:
    commands = _with_json(cli) - {"schema"}
    assert commands <= set(SHAPES)
    assert commands <= set(COMMANDS) | LIVE | FILES
    for name in SHAPES:
        jsonschema.Draft202012Validator.check_schema(json_schema(name))


def test_json_is_printed_in_one_place_only() -> None:
    for path in (ROOT / "src" / "wpb" / "commands").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith("echo")
                and "json.dumps" in ast.unparse(node)
            ):
                assert path.name in ("running.py", "schema.py"), path.name


def test_schemas_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert "wpb.check/1" in capsys.readouterr().out
    for name in ("check", "wpb.check/1"):
        assert main(["schema", name]) == 0
        assert json.loads(capsys.readouterr().out) == json_schema("check")
    assert main(["schema", "wpb.check/9"]) == 2
    assert "There is no shape" in capsys.readouterr().err
    assert main(["schema", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(SHAPES)


def test_a_manifest_fits_its_schema(tmp_path: Path) -> None:
    from wpb.present.results import write_results

    write_results(wpb.load(HANDBOOK).budget, tmp_path / "out")
    written: Any = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert written["schema"] == "wpb.manifest/1"
    jsonschema.validate(written, json_schema("manifest"), jsonschema.Draft202012Validator)


def test_every_problem_code_is_in_snake_case_and_has_one_name() -> None:
    codes = {each.code for each in emitted_codes()}
    assert len(codes) > 350
    for code in codes:
        assert code.replace("…", "x").replace("_", "").isalnum() and code == code.lower(), code
    assert not codes & set(renamed_codes()), "an old name is still given"
    assert Problem("note", None, "", "", "records-wrong-type").code == "records_wrong_type"


def test_an_old_problem_code_answers_with_its_new_name(capsys: pytest.CaptureFixture[str]) -> None:
    for old, new in (("column-missing", "column_missing"), ("missing_column", "column_missing")):
        assert main(["codes", old]) == 0
        told = capsys.readouterr()
        assert f"The code '{old}' is now '{new}'" in told.err
        assert told.out.startswith(new)
    assert main(["codes", "no_such_code"]) == 2
    assert "There is no problem code" in capsys.readouterr().err


def test_an_old_command_name_runs_the_new_one_with_a_notice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(catalogue.RENAMED, "codebook", ("schema check", "0.3"))
    assert main(["codebook"]) == 0
    told = capsys.readouterr()
    assert "`wpb codebook` is now `wpb schema check`; the old name goes in version 0.3." in told.err
    assert json.loads(told.out)["title"] == SHAPES["check"].title
