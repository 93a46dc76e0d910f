"""`wpb people check` finds what published tables give away, and says so with exit code 3."""

from __future__ import annotations

from pathlib import Path

import pytest

from wpb.cli import main

pytestmark = pytest.mark.req(463)


def write(folder: Path, name: str, text: str) -> None:
    (folder / "people").mkdir(exist_ok=True)
    (folder / "people" / f"{name}.csv").write_text(text, encoding="utf-8")


def test_a_lone_suppressed_cell_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        tmp_path, "pence_by_list_and_service", "list_code,A,B,total\nx,5,held back,7\ntotal,5,2,7"
    )
    assert main(["people", "check", str(tmp_path)]) == 3
    assert "x, B" in capsys.readouterr().out


def test_tables_that_give_nothing_away_pass(tmp_path: Path) -> None:
    write(tmp_path, "pence_by_list_and_service", "list_code,A,total\nx,5,5\ntotal,5,5")
    assert main(["people", "check", str(tmp_path)]) == 0


def test_a_folder_without_tables_is_wrong_usage(tmp_path: Path) -> None:
    assert main(["people", "check", str(tmp_path)]) == 2
