"""How a mapping is said on the command line: --set column=Heading, column==value, --lookup
column=codes.csv and the like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from wpb.intake.csv_files import read_csv_file
from wpb.intake.grids import as_entered
from wpb.intake.mapping.applying import valid_times
from wpb.intake.mapping.layouts import Layout
from wpb.intake.mapping.rules import ColumnRule, LeftOut
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.kernel.words import did_you_mean
from wpb.tables.schema import TableSpec


def split_pair(said: str, option: str) -> tuple[str, str]:
    """Split 'column=rest' at the first '='.

    Raises UsageProblem where there is none.
    """
    name, sign, rest = said.partition("=")
    if not sign or not name.strip():
        raise UsageProblem(f"{option} '{said}' should be written column=....")
    return name.strip(), rest


def check_column(spec: TableSpec, name: str) -> None:
    """Make sure that a table has a column.

    Raises UsageProblem with the nearest one.
    """
    names = [column.name for column in spec.columns]
    if name not in names:
        raise UsageProblem(
            f"The table {spec.name} has no column '{name}'. {did_you_mean(name, names)}Its columns"
            f" are {', '.join(names)}."
        )


def column_rule(said: str, layout: Layout) -> ColumnRule:
    """Read what stands after 'column=': =value for one value on every row, else headings, parted by
    + (and - to take off).

    A heading that holds + or - itself is found whole first.
    Raises UsageProblem for a heading that isn't there.
    """
    if said.startswith("="):
        return ColumnRule(value=said[1:].strip())
    by_name = {heading.casefold(): heading for heading in layout.headings}
    whole = by_name.get(said.strip().casefold())
    if whole:
        return ColumnRule((whole,))
    sources, taken_off = [], []
    for part in said.split("+"):
        pieces = _pieces(part.strip(), by_name)
        sources += pieces[:1]
        taken_off += pieces[1:]
    return ColumnRule(tuple(name for name in sources if name), tuple(taken_off))


def _pieces(part: str, by_name: dict[str, str]) -> list[str]:
    """One heading, or one heading less others: 'Debit - Credit'."""
    if part.casefold() in by_name:
        return [by_name[part.casefold()]]
    names = [piece.strip() for piece in part.split(" - ")]
    strange = next((name for name in names if name.casefold() not in by_name), None)
    if strange is not None:
        raise UsageProblem(
            f"The file has no heading '{strange}'. {did_you_mean(strange, by_name.values())}Its"
            f" headings are {', '.join(by_name.values())}."
        )
    return [by_name[name.casefold()] for name in names]


def lookup_file(path: Path, log: ProblemLog) -> dict[str, str]:
    """Read a look-up: a CSV whose first column is the code found and whose second is the code it
    stands for, below a heading row.

    Raises InputProblems where it can't be read, UsageProblem where a code is there twice with
    different meanings.
    """
    if not path.is_file():
        raise UsageProblem(f"There is no look-up {path}.")
    grid = read_csv_file(path, path.name, log)
    log.raise_if_errors()
    assert grid is not None
    found: dict[str, str] = {}
    for row in range(1, len(grid.rows)):
        code, meaning = (as_entered(grid.value(row, position)).strip() for position in (0, 1))
        if not code:
            continue
        if found.setdefault(code, meaning) != meaning:
            raise UsageProblem(
                f"The look-up {path.name} gives '{code}' two meanings: {found[code]} and {meaning}."
                " Keep one."
            )
    return found


def with_times(rule: ColumnRule, times: str) -> ColumnRule:
    """A rule whose figures are multiplied by a number, on top of what it was.

    Raises UsageProblem for anything but a number other than nought.
    """
    if not valid_times(times):
        raise UsageProblem(
            f"'{times}' is not a number that figures can be multiplied by. Write 1000 for"
            " thousands, or -1 to turn signs round."
        )
    return replace(rule, times=times)


def left_out_rule(said: str, layout: Layout) -> LeftOut:
    """Read 'Heading=value:reason'.

    Raises UsageProblem where a part is missing or the heading isn't there.
    """
    heading, rest = split_pair(said, "--leave-out")
    equals, sign, reason = rest.rpartition(":")
    if not sign or not reason.strip():
        raise UsageProblem(f"--leave-out '{said}' needs its reason: write HEADING=VALUE:REASON.")
    found = next((name for name in layout.headings if name.casefold() == heading.casefold()), None)
    if found is None:
        raise UsageProblem(
            f"The file has no heading '{heading}'. {did_you_mean(heading, layout.headings)}Its"
            f" headings are {', '.join(layout.headings)}."
        )
    return LeftOut(found, equals.strip(), reason.strip())


def check_headings(
    rules: dict[str, ColumnRule], left_out: Sequence[LeftOut], layout: Layout
) -> None:
    """Make sure a remembered mapping fits this file.

    Raises UsageProblem that names every heading the file lacks.
    """
    wanted = [heading for rule in rules.values() for heading in rule.headings] + [
        row.column for row in left_out
    ]
    lacking = sorted({heading for heading in wanted if heading not in layout.headings})
    if lacking:
        raise UsageProblem(
            f"The mapping reads {', '.join(repr(name) for name in lacking)}, and row"
            f" {layout.heading_row + 1} of the file has no such heading. Its headings are"
            f" {', '.join(layout.headings)}. Correct the mapping, or use --set."
        )
