"""How a mapping is said on the command line: --set column=Heading, column==value, --lookup
column=codes.csv and the like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from wpb.intake.csv_files import read_csv_file
from wpb.intake.grids import as_entered
from wpb.intake.mapping.applying import valid_times
from wpb.intake.mapping.layouts import Layout
from wpb.intake.mapping.rules import MEANINGS, ColumnRule, LeftOut, Unpivot
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
    """Read what stands after 'column=': =value for one value on every row, else headings, separated
    by + (and - to take off).

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

    Raises UsageProblem for anything but a number other than zero.
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
    found = heading_named(heading, layout)
    return LeftOut(found, equals.strip(), reason.strip())


def check_headings(
    rules: dict[str, ColumnRule],
    left_out: Sequence[LeftOut],
    layout: Layout,
    others: Sequence[str] = (),
) -> None:
    """Make sure a remembered mapping fits this file.

    Raises UsageProblem that names every heading the file lacks.
    """
    wanted = [heading for rule in rules.values() for heading in rule.headings] + [
        *(row.column for row in left_out),
        *others,
    ]
    lacking = sorted({heading for heading in wanted if heading not in layout.headings})
    if lacking:
        raise UsageProblem(
            f"The mapping reads {', '.join(repr(name) for name in lacking)}, and row"
            f" {layout.heading_row + 1} of the file has no such heading. Its headings are"
            f" {', '.join(layout.headings)}. Correct the mapping, or use --set."
        )


def keep_rules(said: Sequence[str], layout: Layout) -> dict[str, tuple[str, ...]]:
    """Read each 'Heading=value' of --keep; several values of one heading are alternatives.

    Raises UsageProblem where the heading isn't there, or no row has the value.
    """
    found: dict[str, tuple[str, ...]] = {}
    for pair in said:
        name, value = split_pair(pair, "--keep")
        heading = heading_named(name, layout)
        there = {text.casefold() for text in layout.values(heading)}
        if value.strip().casefold() not in there:
            raise UsageProblem(
                f"--keep '{pair}' would keep nothing: no row has '{value.strip()}' under"
                f" '{heading}'. {did_you_mean(value.strip(), layout.values(heading))}"
            )
        found[heading] = (*found.get(heading, ()), value.strip())
    return found


def marker_meanings(said: Sequence[str]) -> dict[str, str]:
    """Read each 'mark=meaning' of --marker.

    Raises UsageProblem for a meaning that is none of nil, withheld and not_collected.
    """
    found: dict[str, str] = {}
    for pair in said:
        mark, sign, meaning = pair.rpartition("=")
        meaning = meaning.strip().replace(" ", "_").replace("-", "_")
        if not sign or meaning not in MEANINGS:
            raise UsageProblem(
                f"--marker '{pair}' should be written MARK=MEANING, with one of"
                f" {', '.join(MEANINGS)}."
            )
        found[mark.strip()] = meaning
    return found


def unpivot_rule(said: str, layout: Layout, spec: TableSpec, names: Mapping[str, str]) -> Unpivot:
    """Read 'name_column,value_column=First..Last' or '=A|B|C': the headings that become rows.

    Raises UsageProblem where a part is missing or a heading isn't there.
    """
    columns, rest = split_pair(said, "--unpivot")
    name_column, comma, value_column = (part.strip() for part in columns.partition(","))
    if not comma:
        raise UsageProblem(
            f"--unpivot '{said}' should be written NAME_COLUMN,VALUE_COLUMN=FIRST..LAST."
        )
    check_column(spec, name_column)
    check_column(spec, value_column)
    first, dots, last = rest.partition("..")
    if dots:
        order = list(layout.headings)
        begins = order.index(heading_named(first, layout))
        ends = order.index(heading_named(last, layout))
        headings = tuple(order[begins : ends + 1])
    else:
        headings = tuple(heading_named(part, layout) for part in rest.split("|"))
    return Unpivot(name_column, value_column, headings, dict(names))


def heading_named(said: str, layout: Layout) -> str:
    """Find a heading in any case.

    Raises UsageProblem with the nearest one.
    """
    wanted = " ".join(said.split()).casefold()
    found = next((name for name in layout.headings if name.casefold() == wanted), None)
    if found is None:
        raise UsageProblem(
            f"The file has no heading '{said.strip()}'."
            f" {did_you_mean(said.strip(), layout.headings)}Its headings are"
            f" {', '.join(layout.headings)}."
        )
    return found
