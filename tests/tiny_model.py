"""A copy of the small fixture model that a test may change, cell by cell, and check again."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from wpb.intake import Reading, check_model
from wpb.kernel.problems import Problem

TINY = Path(__file__).parent / "fixtures" / "tiny"


class TinyModel:
    """The fixture model in a folder of its own; tables are lists of rows of text, the first the
    headings.
    """

    def __init__(self, folder: Path):
        self.folder = folder / "tiny"
        shutil.copytree(TINY, self.folder)

    def path(self, table: str) -> Path:
        """The CSV of a table."""
        return self.folder / "inputs" / f"{table}.csv"

    def rows(self, table: str) -> list[list[str]]:
        """The rows of a table, headings first."""
        with self.path(table).open(encoding="utf-8", newline="") as stream:
            return list(csv.reader(stream))

    def write(self, table: str, rows: Sequence[Sequence[str]]) -> None:
        """Write a table afresh."""
        with self.path(table).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)

    def change(self, table: str, change: Callable[[list[list[str]]], object]) -> None:
        """Change a table's rows in place."""
        rows = self.rows(table)
        change(rows)
        self.write(table, rows)

    def set(self, table: str, cell: str, value: str) -> str:
        """Set one cell, such as C2, and give what it held."""
        rows = self.rows(table)
        row, position = int(cell[1:]) - 1, ord(cell[0]) - ord("A")
        held, rows[row][position] = rows[row][position], value
        self.write(table, rows)
        return held

    def add(self, table: str, *values: str) -> None:
        """Add a row at the end of a table."""
        self.change(table, lambda rows: rows.append(list(values)))

    def settings(self, old: str, new: str) -> None:
        """Change a piece of model.yaml that stands there once."""
        path = self.folder / "model.yaml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def check(self) -> Reading:
        """Read and check the model."""
        return check_model(self.folder)

    def errors(self) -> list[Problem]:
        """The errors found."""
        return [problem for problem in self.check().problems if problem.severity == "error"]


def spelled(problems: Sequence[Problem]) -> list[str]:
    """Problems as text, for a message that shows what was found instead."""
    return [f"{problem.severity} {problem.code}: {problem}" for problem in problems]


def assert_found(
    problems: Sequence[Problem],
    table: str,
    cell: str,
    code: str,
    words: str = "",
    severity: str = "error",
) -> None:
    """Assert that one problem stands at exactly that cell, with its code, a mend, and the words."""
    found = [
        problem
        for problem in problems
        if problem.where
        and problem.where.file.endswith((f"{table}.csv", f"{table}.yaml"))
        and problem.where.cell == cell
        and problem.code == code
        and problem.severity == severity
    ]
    assert found, spelled(problems)
    assert any(words in f"{problem.what} {problem.fix}" for problem in found), spelled(found)
    assert all(problem.fix for problem in found)
