"""Midshire's results as they were last read and agreed: any change in a figure must be meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.examples import budget_of
from wpb.present.csv_results import write_csv
from wpb.present.result_table import ResultTable
from wpb.present.result_tables import result_tables
from wpb.present.whole_pence import WholePence

KEPT = ("years", "bridge", "contracts", "elements", "grades")


@pytest.fixture(scope="module")
def tables(repo_root: Path) -> dict[str, ResultTable]:
    return result_tables(WholePence(budget_of("midshire")))


@pytest.mark.req(361, 362)
@pytest.mark.parametrize("name", KEPT)
def test_midshire_gives_what_it_gave(
    name: str, tables: dict[str, ResultTable], repo_root: Path, tmp_path: Path
) -> None:
    folder = repo_root / "tests" / "golden" / "midshire"
    if os.environ.get("WPB_GOLDEN") == "write":
        write_csv(tables[name], folder)
    found = write_csv(tables[name], tmp_path).read_text(encoding="utf-8")
    assert found == (folder / f"{name}.csv").read_text(encoding="utf-8"), (
        "if the change is meant, tests/golden/midshire/README.md says how to write the files afresh"
    )
