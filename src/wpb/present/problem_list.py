"""Problems in plain words, grouped by the file they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wpb.kernel.places import Cell
from wpb.kernel.problems import Problem

SEVERITIES = ("error", "warning", "note")
MARKS = {"error": "error", "warning": "warning", "note": "note"}


def problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """Write problems as lines: a heading for each file, then each problem with its cell, what is
    wrong and the mend.

    The last line counts them. Files come in the order of their first problem.
    """
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.where.file if problem.where else "", []).append(problem)
    for file, found in by_file.items():
        yield file or "The model as a whole"
        for problem in sorted(found, key=lambda problem: SEVERITIES.index(problem.severity)):
            yield f"  {MARKS[problem.severity]}{_place(problem.where)}: {problem.what}"
            if problem.fix:
                yield f"      {problem.fix}"
        yield ""
    yield counted(problems)


def _place(where: Cell | None) -> str:
    if where is None:
        return ""
    stem = where.file.rpartition("/")[2].rpartition(".")[0]
    sheet = "" if where.sheet in (stem, "") else f", sheet {where.sheet}"
    line = (
        where.cell if where.cell.startswith("line ") else f"cell {where.cell}" if where.cell else ""
    )
    return f"{sheet}, {line}" if line else sheet


def counted(problems: Sequence[Problem]) -> str:
    """Count problems by severity: '2 errors, 1 warning.'"""
    counts = {
        severity: sum(problem.severity == severity for problem in problems)
        for severity in SEVERITIES
    }
    parts = [
        f"{count} {severity}{'s' if count != 1 else ''}"
        for severity, count in counts.items()
        if count
    ]
    return f"{', '.join(parts)}." if parts else "No problems found."
