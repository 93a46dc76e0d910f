"""Folders and workbooks of an older schema are read as they stand, and upgraded whole or not at
all.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

import wpb
from tests.upgrade_models import SCHEMA_1, schema_1_copy, table, upgraded
from wpb.cli import main
from wpb.intake import check_model
from wpb.intake.upgrades import rewriting, step
from wpb.intake.upgrades.step import Step, all_steps
from wpb.intake.upgrades.view import FolderView, as_amount
from wpb.tables.settings_shape import MODEL_SCHEMA

pytestmark = pytest.mark.req(443)


def codes(folder: Path) -> list[str]:
    return [problem.code for problem in check_model(folder).problems]


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_steps_lead_from_one_schema_to_the_next() -> None:
    assert all_steps()
    for each in all_steps():
        assert each.to_schema == each.from_schema + 1 <= MODEL_SCHEMA
        assert each.why.endswith(".")
    assert {each.from_schema for each in all_steps()} == set(range(1, MODEL_SCHEMA))


def test_steps_change_nothing_where_they_ran_already(tmp_path: Path) -> None:
    before = files(upgraded(tmp_path))
    again = rewriting.plan_upgrade(tmp_path / "model_1", from_schema=1)
    assert (again.changes, again.files) == ([], {})
    assert files(tmp_path / "model_1") == before


def test_an_older_folder_goes_on_working_with_one_note(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = schema_1_copy(tmp_path)
    before = files(folder)
    assert codes(folder).count("schema_older") == 1
    assert main(["check", str(folder)]) == 0
    assert capsys.readouterr().out.count("This folder is of schema 1; today's is 2.") == 1
    assert files(folder) == before
    assert "schema_older" not in codes(upgraded(tmp_path / "other"))


def test_upgrade_shows_backs_up_and_rewrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = schema_1_copy(tmp_path)
    text = (folder / "model.yaml").read_bytes().decode()
    text = "# who and when\r\n" + text.replace("\n", "\r\n").replace("years:", "years:  # ten")
    (folder / "model.yaml").write_bytes(text.encode())
    before = files(folder)
    assert main(["upgrade", str(folder), "--dry-run"]) == 0
    assert "Nothing was written" in capsys.readouterr().out
    assert files(folder) == before
    assert main(["upgrade", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "model.yaml: adds the setting 'schema: 2'" in told
    (backup,) = (path for path in tmp_path.iterdir() if path != folder)
    assert str(backup) in told
    amounts = "inputs/adjustments.csv"
    assert files(backup) == {name: before[name] for name in ("model.yaml", amounts)}
    after = files(folder)
    assert after.pop(amounts).startswith(before.pop(amounts).splitlines()[0] + b",falls_on")
    stated = f"wpb_version: {wpb.__version__}\r\nschema: 2\r\n"
    assert after.pop("model.yaml").decode() == text.replace("\r\n", f"\r\n{stated}", 1)
    assert after == {name: content for name, content in before.items() if name != "model.yaml"}
    assert main(["upgrade", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("Nothing to do")
    assert main(["upgrade", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []


def _a_new_column(view: FolderView) -> None:
    contracts = view.table("contracts")
    if contracts is not None:
        contracts.add_column("size", [as_amount(row["value"]) or "" for row in contracts.rows()])
        contracts.rename_column("value", "worth")
        contracts.replace_values("payment_basis", {"block": "fixed"})
    view.settings.set("forecast.savings.share", "0.5")
    view.settings.rename("prepared_by", "made_by")


@pytest.fixture
def a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that changes columns, values and settings."""
    made = Step(1, 2, "a_new_column", "So that sizes are known.", _a_new_column)
    monkeypatch.setattr(step, "all_steps", lambda: (made,))


def test_a_step_rewrites_a_csv(tmp_path: Path, a_step: None) -> None:
    folder = schema_1_copy(tmp_path)
    before = table(folder, "contracts")
    path = folder / "inputs" / "contracts.csv"
    path.write_text("# a note, kept\n" + path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    rewriting.rewrite(rewriting.plan_upgrade(folder))
    written = path.read_bytes()
    assert written.startswith(b"\xef\xbb\xbf# a note, kept\n")
    path.write_text(written.decode("utf-8-sig").partition("\n")[2], encoding="utf-8")
    after = table(folder, "contracts")
    assert [row["worth"] for row in after] == [row["value"] for row in before]
    assert [as_amount(row["size"]) for row in after] == [as_amount(row["value"]) for row in before]
    assert {row["payment_basis"] for row in after} & {"block", "fixed"} == {"fixed"}
    settings = (folder / "model.yaml").read_text(encoding="utf-8")
    assert "made_by: " in settings and "savings: {share: 0.5}" in settings


def test_a_step_rewrites_a_workbook_and_a_parquet_file(tmp_path: Path, a_step: None) -> None:
    folder = schema_1_copy(tmp_path)
    rows = [list(row.values()) for row in table(folder, "contracts")]
    names = list(table(folder, "contracts")[0])
    amount = names.index("value")
    for row in rows:
        row[amount] = as_amount(row[amount])  # type: ignore[call-overload]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "contracts"
    for line in (names, *rows):
        sheet.append(line)
    sheet.cell(2, amount + 1).number_format = '"£"#,##0'
    (folder / "inputs" / "contracts.csv").unlink()
    book.save(folder / "inputs" / "tables.xlsx")
    twin = tmp_path / "twin"
    shutil.copytree(folder, twin)
    (twin / "inputs" / "tables.xlsx").unlink()
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    pyarrow.parquet.write_table(pyarrow.table(columns), twin / "inputs" / "contracts.parquet")
    for each in (folder, twin):
        rewriting.rewrite(rewriting.plan_upgrade(each))
    after = openpyxl.load_workbook(folder / "inputs" / "tables.xlsx")["contracts"]
    assert [cell.value for cell in after[1]] == [
        *names[:amount],
        "worth",
        *names[amount + 1 :],
        "size",
    ]
    assert after.cell(2, amount + 1).number_format == '"£"#,##0'
    assert after.cell(2, len(names) + 1).value == rows[0][amount]
    parquet = pyarrow.parquet.read_table(twin / "inputs" / "contracts.parquet")
    assert parquet.column_names == [*names[:amount], "worth", *names[amount + 1 :], "size"]
    assert parquet.column("worth").to_pylist() == [row[amount] for row in rows]


def test_a_workbook_keeps_its_formulas_and_their_results(tmp_path: Path) -> None:
    assert main(["export", "workbook", str(SCHEMA_1), str(tmp_path / "live.xlsx")]) == 0
    path = tmp_path / "live.xlsx"
    before = openpyxl.load_workbook(path, data_only=True)
    assert main(["upgrade", str(path), "--from", "1"]) == 0
    after = openpyxl.load_workbook(path, data_only=True)
    for sheet in before:
        if sheet.title != "model":
            assert [[cell.value for cell in row] for row in sheet] == [
                [cell.value for cell in row] for row in after[sheet.title]
            ]
    assert {row[0].value: row[1].value for row in after["model"]}["schema"] == "2"


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("after", range(1, 8))
def test_a_killed_upgrade_is_seen_and_mended(
    after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, a_step: None
) -> None:
    whole = rewriting.plan_upgrade(schema_1_copy(tmp_path / "whole"))
    rewriting.rewrite(whole)
    folder = schema_1_copy(tmp_path)
    before, left = files(folder), [after]

    def until_killed(act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*arguments: Any) -> Any:
            left[0] -= 1
            if not left[0]:
                raise Killed
            return act(*arguments)

        return acted

    with monkeypatch.context() as killing:
        killing.setattr(rewriting, "_write", until_killed(rewriting._write))
        killing.setattr(os, "replace", until_killed(os.replace))
        with contextlib.suppress(Killed):
            rewriting.rewrite(rewriting.plan_upgrade(folder))
    if (folder / ".wpb-upgrade.json").exists():
        assert codes(folder) == ["upgrade_unfinished"]
        assert rewriting.mend_unfinished(folder).startswith("An upgrade of this folder was stopped")
        assert files(folder) == before
    if left[0] <= 0:
        rewriting.rewrite(rewriting.plan_upgrade(folder))
    assert files(folder) == files(whole.folder)


def test_a_file_changed_after_a_killed_upgrade_is_not_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = schema_1_copy(tmp_path)
    upgrade = rewriting.plan_upgrade(folder)
    backup = rewriting._back_up(upgrade)
    kept = (folder / "model.yaml").read_bytes()
    hashes = {"old": rewriting._hash(kept), "new": rewriting._hash(b"new")}
    record = {"backup": backup.name, "files": {"model.yaml": hashes}}
    (folder / ".wpb-upgrade.json").write_text(json.dumps(record))
    (folder / "model.yaml").write_bytes(kept + b"# mine\n")
    assert main(["upgrade", str(folder)]) == 1
    assert "this file was changed since" in capsys.readouterr().err
    assert (folder / "model.yaml").read_bytes() == kept + b"# mine\n"
    (folder / "model.yaml").write_bytes(b"new")
    (backup / "model.yaml").unlink()
    assert main(["upgrade", str(folder)]) == 1
    assert "is not there as it was" in capsys.readouterr().err


@pytest.mark.parametrize("stated", ["two", "0", "-1", "2.5", "", "[2]x", "9999999"])
def test_a_schema_that_is_none_is_refused_in_words(
    stated: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = schema_1_copy(tmp_path)
    path = folder / "model.yaml"
    path.write_text(f'schema: "{stated}"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert codes(folder) == ["schema_wrong"]
    for command in ("run", "check", "upgrade"):
        assert main([command, str(folder)]) == 1
        captured = capsys.readouterr()
        assert "model.yaml" in captured.err + captured.out
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("maker", "words"), [("wpb_version: 7.1.0\n", "wpb 7.1.0"), ("", "a newer wpb")]
)
def test_a_newer_schema_is_refused_with_the_version_that_made_it(
    maker: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = schema_1_copy(tmp_path)
    path = folder / "model.yaml"
    path.write_text(f"schema: 3\n{maker}unheard_of: 1\n" + path.read_text(encoding="utf-8"))
    for command in ("run", "upgrade"):
        assert main([command, str(folder)]) == 1
        assert f"The folder is of schema 3, written by {words}" in capsys.readouterr().err
    assert codes(folder) == ["schema_newer"]


def test_files_of_two_schemas_are_told_and_upgraded(tmp_path: Path) -> None:
    folder = schema_1_copy(tmp_path)
    assert main(["new", str(tmp_path / "new")]) == 0
    shutil.copy(tmp_path / "new" / "inputs-template.xlsx", folder / "inputs" / "template.xlsx")
    assert "schema_mixed" in codes(folder)
    assert main(["upgrade", str(folder)]) == 0
    assert not {"schema_mixed", "schema_older"} & set(codes(folder))


def test_a_new_model_states_its_schema(tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "new")]) == 0
    assert rewriting.plan_upgrade(tmp_path / "new").schema == MODEL_SCHEMA
