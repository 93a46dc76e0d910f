"""An arrangement that settles each row of a results table alone: its columns, parameters and
ordered steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wpb.kernel.numerals import as_number
from wpb.sharing.ranges import check_step_ranges
from wpb.sharing.reading import Page
from wpb.sharing.results_table import KINDS, ResultColumn
from wpb.sharing.step_kinds import TABLE_KINDS, Step, StepKind, check_bare_amounts
from wpb.sharing.values import Value, constant


@dataclass(frozen=True)
class TableArrangement:
    """An arrangement for a table: who it is for, its columns and the steps in order."""

    name: str
    title: str
    currency: str
    columns: Mapping[str, ResultColumn]
    steps: tuple[Step, ...]
    source: str = ""


TOP_KEYS = (
    "arrangement",
    "title",
    "settles",
    "currency",
    "source",
    "columns",
    "parameters",
    "steps",
)


def read_table_arrangement(found: Mapping[str, Any], page: Page) -> TableArrangement:
    """Read an arrangement that settles a table row by row.

    Every problem is recorded with its line; the result is fit for use only where none is an error.
    Source: handbook 6.4.6; req 286.
    """
    page.only(found, TOP_KEYS, "An arrangement for a table")
    columns = _read_columns(found, page)
    page.kinds = {
        name: _look_up_kind(column) for name, column in columns.items() if column.values is not None
    }
    page.choices = {name: column.choices for name, column in columns.items() if column.choices}
    page.known_names = {name for name, column in columns.items() if column.kind != "text"}
    _read_blank_conditions(found, page, columns)
    parameters = page.section(found, "parameters", required=False)
    for name in parameters:
        page.names[str(name)] = page.value(parameters, name, str(name))
    steps = read_steps(found, page, TABLE_KINDS)
    for step in steps:
        check_bare_amounts(step, page.log)
    check_step_ranges(steps, page.log, set())
    return TableArrangement(
        page.text(found, "arrangement"),
        page.text(found, "title"),
        page.text(found, "currency"),
        columns,
        steps,
        page.text(found, "source", required=False),
    )


def _look_up_kind(column: ResultColumn) -> str:
    return column.kind if column.kind in ("flag", "whole_number") else "choice"


def _read_columns(found: Mapping[str, Any], page: Page) -> dict[str, ResultColumn]:
    columns: dict[str, ResultColumn] = {}
    section = page.section(found, "columns")
    for name in section:
        given = section[name]
        if not isinstance(given, Mapping):
            page.error(
                section,
                name,
                f"Column '{name}' says nothing of what it holds.",
                "Write it as {is: amount}.",
                "wrong_value",
            )
            continue
        page.only(
            given,
            ("is", "of", "least", "most", "above", "optional", "if_blank", "may_be_blank", "help"),
            f"Column '{name}'",
        )
        kind = page.text(given, "is", KINDS)
        blank = given.get("if_blank")
        columns[str(name)] = ResultColumn(
            str(name),
            kind,
            tuple(str(choice) for choice in given.get("of", ())),
            least=as_number(given.get("least")),
            most=as_number(given.get("most")),
            above=as_number(given.get("above")),
            optional=bool(given.get("optional", False)),
            if_blank=bool(blank) if kind == "flag" and blank is not None else as_number(blank),
            blank_allowed=given.get("may_be_blank") is True,
            help=str(given.get("help", "")),
        )
    return columns


def _read_blank_conditions(
    found: Mapping[str, Any], page: Page, columns: dict[str, ResultColumn]
) -> None:
    section = page.section(found, "columns", required=False)
    for name in section:
        given = section[name]
        if isinstance(given, Mapping) and isinstance(given.get("may_be_blank"), Mapping):
            columns[str(name)] = replace(
                columns[str(name)], blank_where=page.condition(given, "may_be_blank")
            )


def read_steps(
    found: Mapping[str, Any], page: Page, kinds: Mapping[str, StepKind]
) -> tuple[Step, ...]:
    """Read the ordered steps, checking that each has what it needs and that it can follow the ones
    before it.

    Source: handbook 6.4.6 (prospectively agreed rules); req 286.
    """
    made: set[str] = set()
    steps: list[Step] = []
    listed = page.items(found, "steps")
    for position, line in enumerate(listed):
        given = {"step": line} if isinstance(line, str) else line
        name = str(given.get("step")) if isinstance(given, Mapping) else ""
        if name not in kinds:
            page.error(
                listed,
                position,
                f"'{name or line}' is not a kind of step.",
                f"There are: {', '.join(kinds)}.",
                "unknown_step",
            )
            continue
        kind = kinds[name]
        listed_before = [step.kind for step in steps]
        if name in listed_before and not kind.repeats:
            page.error(
                listed,
                position,
                f"Step {position + 1}, '{name}', is listed before, as step"
                f" {listed_before.index(name) + 1}.",
                "List it once.",
                "step_repeated",
            )
            continue
        for late in kind.not_after:
            if late in listed_before:
                page.error(
                    listed,
                    position,
                    f"Step {position + 1}, '{name}', comes after '{late}', and has nothing to work"
                    " on there.",
                    f"Put it before '{late}'.",
                    "step_order",
                )
        for figure in kind.after:
            if figure not in made:
                page.error(
                    listed,
                    position,
                    f"Step {position + 1}, '{name}', needs '{figure}', which no step before it"
                    " makes.",
                    "Put the step that makes it first.",
                    "step_order",
                )
        steps.append(_read_step(listed, position, given, kind, page))
        made.update(kind.gives)
        page.known_names.update(kind.gives)
    if not steps and listed:
        page.error(
            found,
            "steps",
            "The arrangement has no steps.",
            "List them in the order they apply.",
            "missing_list",
        )
    return tuple(steps)


def _read_step(
    listed: Any, position: int, given: Mapping[str, Any], kind: StepKind, page: Page
) -> Step:
    optional, words = dict(kind.may_have or {}), dict(kind.words or {})
    within = given if hasattr(given, "lc") else listed
    key = None if hasattr(given, "lc") else position
    page.only(given, ("step", "why", *kind.needs, *optional, *words), f"Step '{kind.name}'")
    values: dict[str, Value] = {}
    for name in kind.needs:
        if name in given:
            values[name] = page.value(given, name, name)
        else:
            page.error(
                within,
                key,
                f"Step '{kind.name}' needs '{name}'.",
                "Add it; there is no value that would go without saying.",
                "missing_value",
            )
    for name, standing in optional.items():
        values[name] = (
            page.value(given, name, name)
            if name in given
            else constant(name, standing, page.place(within, key))
        )
    chosen = {}
    for name, choices in words.items():
        if name not in given:
            page.error(
                within,
                key,
                f"Step '{kind.name}' must say '{name}': {' or '.join(choices)}.",
                "Choose one: what is paid differs a great deal between them.",
                "choice_needed",
            )
        else:
            chosen[name] = page.text(given, name, choices)
    return Step(
        position + 1,
        kind.name,
        values,
        chosen,
        page.place(listed, position),
        str(given.get("why", "")),
    )
