"""The record of what the examples give: the same from the same, and each change found by its id."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from record import page_words, workbook_words

EXAMPLES = ("pooled_budget", "us_shared_savings")


def checkout(repo_root: Path, folder: Path) -> Path:
    """Lay out another checkout with this code and its own copies of two examples."""
    for name in EXAMPLES:
        shutil.copytree(repo_root / "examples" / name, folder / "examples" / name)
    (folder / "src").symlink_to(repo_root / "src", target_is_directory=True)
    return folder


def record_tool(repo_root: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(repo_root / "tools" / "record.py"), *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def recorded(repo_root: Path, tree: Path, out: Path) -> Path:
    only = [word for name in EXAMPLES for word in ("--only", name)]
    done = record_tool(repo_root, "write", out, "--tree", tree, *only)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def before(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    return recorded(repo_root, checkout(repo_root, folder / "tree"), folder / "record")


def test_two_records_of_two_checkouts_are_equal(
    repo_root: Path, before: Path, tmp_path: Path
) -> None:
    after = recorded(repo_root, checkout(repo_root, tmp_path / "elsewhere"), tmp_path / "record")
    assert (before / "INDEX").read_bytes() == (after / "INDEX").read_bytes()
    done = record_tool(repo_root, "compare", before, after)
    left_out = "Left out of one of them: handbook, midshire, poor_data, sharing.\n"
    assert (done.returncode, done.stdout) == (0, "The two records are equal.\n" + left_out)


def test_a_changed_figure_and_a_changed_word_are_each_found(
    repo_root: Path, before: Path, tmp_path: Path
) -> None:
    tree, words = checkout(repo_root, tmp_path / "tree"), tmp_path / "words.diff"
    pool = tree / "examples" / "pooled_budget" / "pool.yaml"
    text = pool.read_text(encoding="utf-8")
    assert text.count("Midshire better care pool") == text.count("2027-28: 11702355.10") == 1
    text = text.replace("Midshire better care pool", "Midshire care pool")
    pool.write_text(text.replace("2027-28: 11702355.10", "2027-28: 11702355.11"), "utf-8")
    results = tree / "examples" / "us_shared_savings" / "results.csv"
    text = results.read_text(encoding="utf-8")
    assert text.count("75000000,71000000") == 1
    results.write_text(text.replace("75000000,71000000", "75000000,70999999.5"), "utf-8")
    after = recorded(repo_root, tree, tmp_path / "record")
    done = record_tool(repo_root, "compare", before, after, "--words", words)
    assert done.returncode == 3
    assert "[one_sided_first_year]/generated: 4000000.0 -> 4000000.5" in done.stdout
    assert "1170235510.0 -> 1170235511.0 (+1)" in done.stdout
    assert "pooled_budget/year_2027-28 better_care/2027-28/spend: 1 figures moved" in done.stdout
    assert "0 parts appeared or are gone" in done.stdout
    assert '-"Midshire better care pool"\n+"Midshire care pool"' in words.read_text("utf-8")
    assert "4000000" not in words.read_text("utf-8")


def test_cells_and_formulas_of_a_workbook_are_read_as_they_stand(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Budget"
    book.active["A1"], book.active["B2"] = "Spend & growth", 12.5
    book.active["C2"] = "=B2*2"
    book.save(tmp_path / "book.xlsx")
    found = dict(workbook_words(tmp_path / "book.xlsx"))
    assert found == {"Budget": "A=Spend & growth\nB=12.5\tC:B2*2\tC=\n"}


def test_words_of_a_page_leave_its_layout_out() -> None:
    page = "<style>p{}</style><h1>Paper</h1><p>It <b>holds</b>.</p><tr><td>a</td><td>1</td></tr>"
    assert page_words(page) == "Paper\nIt holds.\n| a | 1\n"
