"""Scenarios as overlays: changes to a model's inputs, assumptions or uncertainties, each with its
reason; the model itself stays as it is.

Source: handbook 1.1.5; req 300.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, Problem, ProblemLog, UsageProblem
from wpb.tables import TABLES_BY_NAME
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

HOW = {
    "set": lambda old, value: value,
    "add": lambda old, value: old + value,
    "multiply": lambda old, value: old * value,
}


PARAMETERS = (
    "centre",
    "spread",
    "low",
    "likely",
    "high",
    "range_covers",
    "freedom",
    "yearly_count",
    "persistence",
)
"""The columns of an uncertainty that its distribution may be made from; those given are read."""


@dataclass(frozen=True)
class Change:
    """One change of a scenario."""

    scenario: str
    code: str
    kind: str
    target: str
    rows: tuple[tuple[str, str], ...]
    how: str
    value: str
    reason: str
    place: Cell


@dataclass(frozen=True)
class Overlaid:
    """A model and book with scenarios laid over them, and what was changed."""

    model: Model
    book: AssumptionBook
    changes: tuple[Change, ...]


def scenario_names(model: Model) -> tuple[str, ...]:
    """The scenarios a model names, in order."""
    return tuple(dict.fromkeys(model["scenario_changes"].text("scenario")))


def scenario_grid(axes: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Every combination of one scenario (or none, spelled '') from each axis.

    Source: handbook 1.1.5; req 300.
    """
    return [
        tuple(name for name in chosen if name)
        for chosen in itertools.product(*(("", *axis) for axis in axes))
    ]


def overlaid(model: Model, book: AssumptionBook, names: Sequence[str]) -> Overlaid:
    """Lay scenarios over a model, in the order given.

    Raises UsageProblem for a name that isn't there, InputProblems with every change that can't be
    made.
    Source: handbook 1.1.5; req 300.
    """
    known = scenario_names(model)
    for name in names:
        if name not in known:
            raise UsageProblem(
                f"there is no scenario '{name}'; there are {', '.join(known) or 'none'} in"
                " scenario_changes"
            )
    changes = [
        change for name in names for change in read_changes(model) if change.scenario == name
    ]
    return laid_over(model, book, changes)


def laid_over(model: Model, book: AssumptionBook, changes: Sequence[Change]) -> Overlaid:
    """Lay changes over a model, in the order given.

    Raises InputProblems with every change that can't be made.
    Source: handbook 1.1.5; req 300.
    """
    problems = ProblemLog()
    tables, books = dict(model.tables), copy.copy(book)
    books.national, books.local, books._used = dict(book.national), dict(book.local), {}  # noqa: SLF001 - nothing used yet
    for change in changes:
        if change.kind == "assumption":
            _change_assumption(books, change, problems)
        else:
            _change_table(tables, change, problems)
    problems.raise_if_errors()
    changed = replace(
        model, tables=tables, warnings=list(model.warnings), input_hashes=dict(model.input_hashes)
    )
    return Overlaid(changed, books, tuple(changes))


def check_scenarios(model: Model, book: AssumptionBook) -> list[Problem]:
    """List every change of every scenario that can't be made, without calculating any of them.

    Source: handbook 1.1.5; req 300, 402.
    """
    found: list[Problem] = []
    for change in read_changes(model):
        try:
            laid_over(model, book, [change])
        except InputProblems as stopped:
            found.extend(stopped.problems)
    return found


def what_is_read(model: Model, change: Change) -> str:
    """Say what there is to change where a change moves nothing.

    Source: req 402.
    """
    if change.kind != "uncertainty":
        return "the rows and years that the calculation reads"
    code = change.target.rpartition(".")[0]
    table = model["uncertainties"]
    rows = table.rows_where("uncertainty", code)
    given = [
        f"{code}.{name}"
        for name in PARAMETERS
        if name in table.columns and any(np.isfinite(table.numbers(name)[rows]))
    ]
    return ", ".join(given) or "its distribution"


def read_changes(model: Model) -> list[Change]:
    """Read every scenario's changes."""
    table = model["scenario_changes"]
    found = []
    for row in range(len(table)):
        text = {column.name: str(table.columns[column.name][row]) for column in table.spec.columns}
        pairs = tuple(
            (name.strip(), value.strip())
            for name, _, value in (
                part.partition("=") for part in text["rows"].split(";") if part.strip()
            )
        )
        found.append(
            Change(
                text["scenario"],
                text["change"],
                text["kind"],
                text["target"],
                pairs,
                text["how"],
                text["value"],
                text["reason"],
                table.where(row, "target"),
            )
        )
    return found


def _change_table(tables: dict[str, TypedTable], change: Change, problems: ProblemLog) -> None:
    head, _, column_name = change.target.rpartition(".")
    name, rows = (
        ("uncertainties", (("uncertainty", head),))
        if change.kind == "uncertainty"
        else (head, change.rows)
    )
    if name not in TABLES_BY_NAME or column_name not in {
        column.name for column in TABLES_BY_NAME[name].columns
    }:
        problems.error(
            change.place,
            f"There is no input '{change.target}'.",
            "Write it as table.column, for an uncertainty as code.column.",
            "scenario_target",
        )
        return
    table = tables[name]
    unknown = [column for column, _ in rows if column not in table.columns]
    if unknown:
        problems.error(
            change.place,
            f"Table {name} has no column {', '.join(unknown)}.",
            "Name rows as column=value; column=value.",
            "scenario_rows",
        )
        return
    chosen = [
        row
        for row in range(len(table))
        if all(str(table.columns[column][row]) == value for column, value in rows)
    ]
    if not chosen:
        problems.error(
            change.place,
            f"No row of {name} is {'; '.join('='.join(pair) for pair in rows)}.",
            "Check the codes.",
            "scenario_rows",
        )
        return
    spec = table.spec.column(column_name)
    values = np.array(table.columns[column_name], copy=True)
    try:
        for row in chosen:
            values[row] = _changed(
                values[row], change, spec.is_number, 100.0 if spec.kind == "pounds" else 1.0
            )
    except ValueError:
        problems.error(
            change.place,
            f"'{change.value}' is not a number that {change.target} can be changed by.",
            "Enter a number, or set a text.",
            "scenario_value",
        )
        return
    tables[name] = replace(table, columns={**table.columns, column_name: values})


def _changed(old: object, change: Change, is_number: bool, scale: float) -> object:
    if not is_number:
        if change.how != "set":
            raise ValueError
        return (
            {"true": True, "false": False}.get(change.value, change.value)
            if isinstance(old, bool)
            else change.value
        )
    value = float(change.value)
    return HOW[change.how](float(old), value if change.how == "multiply" else value * scale)  # type: ignore[arg-type]


def _change_assumption(book: AssumptionBook, change: Change, problems: ProblemLog) -> None:
    years = {value for name, value in change.rows if name == "year"}
    if [name for name, _ in change.rows if name != "year"]:
        problems.error(
            change.place,
            "An assumption is changed for all its years, or for years named as year=2030-31.",
            "Correct 'rows'.",
            "scenario_rows",
        )
        return
    try:
        value = float(change.value)
    except ValueError:
        problems.error(
            change.place, f"'{change.value}' is not a number.", "Enter a number.", "scenario_value"
        )
        return
    found = False
    for subjects in (book.local, book.national):
        subject = subjects.get(change.target)
        if subject is None:
            continue
        hit = [dated for dated in subject.values if not years or dated.year in years]
        found = found or bool(hit)
        subjects[change.target] = replace(
            subject,
            values=tuple(
                replace(dated, value=HOW[change.how](dated.value, value)) if dated in hit else dated
                for dated in subject.values
            ),
        )
    if not found:
        problems.error(
            change.place,
            "There is no assumption"
            f" '{change.target}'{' for ' + ', '.join(sorted(years)) if years else ''}.",
            "`wpb assumptions list` shows what there is.",
            "scenario_target",
        )
