"""Results as someone may see them: what `wpb.governance.visibility` declares, applied where results
are read.

Whose a figure is comes from the agreed version alone, never from the version that is read: a draft
can't widen what its author sees. Nor does anything that is counted or said to pass tell it: a
problem that may not be read is left out, and a check gives neither its result nor its words,
whichever way it came out.
Source: handbook 2.1.1; req 354, 430.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from wpb.governance.visibility import (
    INPUTS,
    Held,
    Sight,
    held_in,
    kind_of_figure,
    tells_cost,
)
from wpb.present.result_table import ResultTable, Value
from wpb.web.budgets import Shown

WITHHELD = "shown once the provider consents"
FINDINGS = ("problems", "contract_problems", "shadow_problems")
"""Results whose rows are problems."""
LEFT_OUT = "What tells another provider's costs is left out."
"""Said of every list of problems to those who don't see every cost, whether or not any is left out:
so it tells nothing.
"""
TOLD = ("evidence", "what", "finding", "status")
"""Columns of a check that tell what was found."""
CODE = re.compile(r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*")


class SeenTables(Mapping[str, ResultTable]):
    """The results of a budget as someone may see them; nothing that a reader gets is read past
    it.
    """

    def __init__(self, shown: Shown, sight: Sight):
        self._shown, self._sight = shown, sight
        self._seen: dict[str, ResultTable] = {}

    def __getitem__(self, name: str) -> ResultTable:
        if name not in self._seen:
            self._seen[name] = seen(self._shown, self._shown.tables[name], self._sight)
        return self._seen[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shown.tables)

    def __len__(self) -> int:
        return len(self._shown.tables)


def table_seen(shown: Shown, name: str, sight: Sight) -> ResultTable:
    """Give a result as someone may see it. Raises KeyError for a result that isn't there.

    Source: handbook 2.1.1; req 354.
    """
    return seen(shown, shown.tables[name], sight)


def is_finding(table: ResultTable) -> bool:
    """Whether a result's rows say in words what was found."""
    return table.name in FINDINGS or any(column.name == "check" for column in table.columns)


def seen(shown: Shown, table: ResultTable, sight: Sight) -> ResultTable:
    """Give a result table, of the budget or made for one page, as someone may see it.

    Rows of others' figures are left out, or their columns left blank; words about them withheld.
    """
    if sight.sees_all:
        return table
    names = [column.name for column in table.columns]
    held = held_in(table.name, names)
    if held is not None and not sight.may_see(held.kind):
        table = _held_seen(shown, table, names, held, sight)
    if is_finding(table):
        if not sight.may_see("finding"):
            return replace(table, rows=())
        return _findings_seen(shown, table, names, sight)
    return table


def _held_seen(
    shown: Shown, table: ResultTable, names: Sequence[str], held: Held, sight: Sight
) -> ResultTable:
    blank = [names.index(name) for name in held.columns if name in names]
    if held.columns and not blank:
        return table
    at = names.index(held.owner) if held.owner else -1
    rows: list[tuple[Value, ...]] = []
    hidden = 0
    for row in table.rows:
        if held.owner and _is_open(shown, held, str(row[at] or ""), sight):
            rows.append(tuple(row))
            continue
        hidden += any(row[position] is not None for position in blank) if blank else 1
        if blank:
            rows.append(tuple(None if at_ in blank else value for at_, value in enumerate(row)))
    if not hidden:
        return table
    about = f"{table.help} Figures of other providers are {WITHHELD}." if held.owner else table.help
    return replace(table, rows=tuple(rows), help=about)


def _is_open(shown: Shown, held: Held, value: str, sight: Sight) -> bool:
    """Whether a row may be seen: a margin of no one, or of an organisation that pays and is given
    no one else's contract, is open.
    """
    given = shown.provider_of
    if held.kind == "margin" and (
        value == "" or (value in sight.payers and sight.keeps_to_its_own(value, given))
    ):
        return sight.may_see("budget")
    return sight.may_see(held.kind, sight.owner(held.owner, value, given))


def _findings_seen(
    shown: Shown, table: ResultTable, names: Sequence[str], sight: Sight
) -> ResultTable:
    rows: list[tuple[Value, ...]] = []
    for values in table.rows:
        row = dict(zip(names, values, strict=True))
        words = " ".join(str(row.get(name) or "") for name in (*TOLD, "fix", "subject"))
        if "check" not in row:
            if words_open(str(row.get("code") or ""), words, row, sight, shown):
                rows.append(tuple(values))
            continue
        # By its subject alone first: what a check found may not decide whether it is told.
        check, subject = str(row["check"] or ""), str(row.get("subject") or "")
        is_open = words_open(check, subject, row, sight, shown) and words_open(
            check, words, row, sight, shown
        )
        rows.append(tuple(values) if is_open else _check_withheld(row))
    about = table.help if "check" in names else f"{table.help} {LEFT_OUT}"
    return replace(table, rows=tuple(rows), help=about)


def _check_withheld(row: Mapping[str, Value]) -> tuple[Value, ...]:
    """A check with its result and words blanked, the same whichever way it came out."""
    return tuple(
        WITHHELD if name in TOLD else "" if name == "fix" else value for name, value in row.items()
    )


def words_open(
    code: str,
    words: str,
    where: Mapping[str, Any],
    sight: Sight,
    shown: Shown | None,
    brought: Collection[str] = (),
) -> bool:
    """Whether the words of a check or problem may be read.

    Those that tell a provider's cost, or stand in a table of providers' figures, are open only
    where every contract and organisation they name is one whose figures the reader may see.
    brought: files that the reader brought, whose cells are known to them.
    """
    held = None if where.get("file") in brought else INPUTS.get(cost_input(where))
    tells = tells_cost(code, words)
    if sight.sees_all or (held is None and not tells):
        return True
    kinds = {"provider_cost"} if tells else set()
    owners = _owners_named(f"{words} {where.get('entered') or ''}", sight, shown)
    if held is not None:
        kinds.add(held.kind)
        owners.add(owner_at(shown, where, sight) if shown is not None else "")
    elif not owners and shown is not None:
        owners.add(sight.owner("contract", _contract_at(shown, where)))
    return all(sight.may_see(kind) for kind in kinds) or (
        bool(owners) and all(sight.may_see(kind, owner) for kind in kinds for owner in owners)
    )


def _owners_named(words: str, sight: Sight, shown: Shown | None) -> set[str]:
    """Give whose the contracts and organisations are that words name; '' among them where one
    stands in no agreed version.
    """
    agreed = dict(sight.owner_of)
    drafted = set(shown.provider_of) if shown is not None else set()
    found: set[str] = set()
    given = shown.provider_of if shown is not None else None
    for word in CODE.findall(words):
        if word in agreed or word in drafted:
            found.add(agreed.get(word, ""))
        elif word in sight.organisations:
            found.add(sight.owner("organisation", word, given))
    return found


def _contract_at(shown: Shown, where: Mapping[str, Any]) -> str:
    """Give the contract on whose row of the table of contracts a place is; '' for other places."""
    return _cell_of_row(shown, where, "contracts", "contract")


def cost_input(where: Mapping[str, Any]) -> str:
    """Name the table of providers' figures that a place is in; '' for any other place."""
    return next(
        (
            name
            for name in (
                str(where.get("sheet") or ""),
                PurePosixPath(str(where.get("file") or "")).stem,
                *(PurePosixPath(word).stem for word in CODE.findall(str(where.get("where") or ""))),
            )
            if name in INPUTS
        ),
        "",
    )


def _cell_of_row(shown: Shown, where: Mapping[str, Any], name: str, column: str) -> str:
    digits = "".join(letter for letter in str(where.get("cell") or "") if letter.isdigit())
    if name not in (where.get("sheet"), PurePosixPath(str(where.get("file") or "")).stem):
        return ""
    table = shown.budget.model[name]
    if not digits or column not in table.columns or int(digits) not in table.row_numbers:
        return ""
    return str(table.columns[column][list(table.row_numbers).index(int(digits))])


def owner_at(shown: Shown | None, where: Mapping[str, Any], sight: Sight) -> str:
    """Find whose figure a cell holds, by the row it stands on; '' where it doesn't say."""
    name = cost_input(where)
    owner = INPUTS[name].owner if name else ""
    if shown is None or not owner:
        return ""
    return sight.owner(owner, _cell_of_row(shown, where, name, owner), shown.provider_of)


def problems_seen(
    problems: Sequence[Mapping[str, Any]],
    sight: Sight,
    shown: Shown | None = None,
    brought: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Give the problems, each as a dictionary, that someone may read: those of an upload, a run, or
    inputs that stop a budget; the others are left out, so that their number tells nothing.

    shown: the budget they are of, where it could be worked out.

    Source: handbook 2.1.1; req 354.
    """
    if not sight.sees_all and not sight.may_see("finding"):
        return []
    found = []
    for problem in problems:
        where = dict(problem.get("where") or {})
        words = f"{problem.get('what') or ''} {problem.get('fix') or ''}"
        if words_open(str(problem.get("code") or ""), words, where, sight, shown, brought):
            found.append(dict(problem))
    return found


def tree_seen(node: dict[str, Any], shown: Shown, sight: Sight) -> dict[str, Any]:
    """Give an explanation as someone may see it: cells of others' costs, and sums of nothing but
    them, are withheld.

    Source: handbook 2.1.1, 3.7; req 354, 367.
    """
    return node if sight.sees_all else _seen(node, shown, sight)[0]


def _seen(node: dict[str, Any], shown: Shown, sight: Sight) -> tuple[dict[str, Any], bool]:
    children = [_seen(child, shown, sight) for child in node.get("children", [])]
    where = node.get("where") or {}
    kind, column, value = kind_of_figure(str(node.get("id", "")))
    of_kind = kind != "budget" and not sight.may_see(
        kind, sight.owner(column, value, shown.provider_of)
    )
    held = INPUTS.get(cost_input(where))
    of_cell = held is not None and not sight.may_see(held.kind, owner_at(shown, where, sight))
    if of_kind or of_cell or (children and all(hidden for _, hidden in children)):
        place = {"where": {**where, "entered": ""}} if where else {}
        return {
            **node,
            **place,
            "value": None,
            "title": f"{node.get('title', '')} ({WITHHELD})",
            "children": [],
        }, True
    return {**node, "children": [child for child, _ in children]}, False


def difference_seen(
    found: dict[str, Any], before: Shown, after: Shown, sight: Sight
) -> dict[str, Any]:
    """Give how two versions differ as someone may see it: changed cells of others' costs are left
    out and counted.

    Source: handbook 2.1.1, 4.3.1; req 354, 369.
    """
    if sight.sees_all or not found.get("cells"):
        return found

    def hidden(change: dict[str, Any]) -> bool:
        held = INPUTS.get(change["table"])
        return held is not None and any(
            place and not sight.may_see(held.kind, owner_at(shown, place, sight))
            for shown, place in ((before, change["where_a"]), (after, change["where_b"]))
        )

    cells = [change for change in found["cells"] if not hidden(change)]
    return {**found, "cells": cells, "cells_withheld": len(found["cells"]) - len(cells)}
