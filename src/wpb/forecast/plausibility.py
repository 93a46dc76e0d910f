"""Whether a result is possible and plausible: no saving larger than what it saves on, no budget
below zero, no leap of a line from one year to the next, each with the cell it comes from.

Source: handbook 2.4.1, 3.5; req 383.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wpb.forecast.care_model import CareModel
from wpb.kernel.ledger import Array, Block
from wpb.kernel.money import pounds
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Line, Scope

PENNY = 1.0
NAMED = 3
"""How many places are named for one kind of finding; the rest are counted."""


@dataclass(frozen=True)
class Found:
    """One implausible figure: its cell, what is wrong and how far out it is, in pence."""

    where: Cell | None
    what: str
    size: float


def check_plausible(
    model: Model,
    scope: Scope,
    lines: Sequence[Line],
    today: Block,
    levels: tuple[Block, Block],
    impacts: CareModel | None,
    problems: ProblemLog,
) -> None:
    """Check spend in and out of scope, before and after the care model and schemes.

    today: spend of each line today, in pence; levels: spend in scope and out of it by line and
    year, after efficiency, in pence. Source: handbook 2.4.1, 3.5; req 383.
    """
    if impacts is not None:
        _check_scope_of_impacts(scope, impacts, problems)
        for block, inside in zip(levels, (True, False), strict=True):
            _check_savings(model, lines, block, impacts, inside, problems)
    whole = levels[0].value + levels[1].value
    _check_negative(model, lines, today, whole, problems)
    _check_leaps(model, lines, whole[0], problems)


def _told(
    log: Callable[[Cell | None, str, str, str], None], found: Sequence[Found], fix: str, code: str
) -> None:
    """Report the largest few, the last of them with a count of the rest."""
    worst = sorted(found, key=lambda one: -one.size)
    for number, one in enumerate(worst[:NAMED], start=1):
        more = f" {len(worst) - NAMED} more are like it." if number == NAMED < len(worst) else ""
        log(one.where, one.what + more, fix, code)


def first_leaf(block: Block, row: int, year: int) -> Cell | None:
    """The cell of the largest figure that a figure is made from, through sums and rules.

    Source: handbook 2.4.1; req 361.
    """
    while block.parts or block.rule is not None:
        if block.parts:
            members = [(part.block, int(at)) for part in block.parts for at in part.of(row)]
        else:
            members = [
                (ref.block, int(ref.rows[row]) if ref.rows is not None else row)
                for ref in block.inputs.values()
            ]
        if not members:
            return None
        block, row = max(
            members, key=lambda one: abs(one[0].at(min(one[1], len(one[0].axis) - 1), year))
        )
        row = min(row, len(block.axis) - 1)
    place = block.where(row, year) if block.where is not None else None
    return place if isinstance(place, Cell) else None


def _check_scope_of_impacts(scope: Scope, impacts: CareModel, problems: ProblemLog) -> None:
    found = [
        Found(
            first_leaf(impacts.saving, row, 0) or first_leaf(impacts.investment, row, 0),
            f"{line.programme} changes {line.service_line} inside the budget, but"
            f" {line.service_line} is out of scope.",
            float(np.abs(impacts.net.value[0, row]).max()),
        )
        for row, line in enumerate(impacts.lines)
        if line.inside
        and scope.service_scope.get(line.service_line) == "out"
        and (np.abs(impacts.net.value[:, row, :]) > PENNY).any()
    ]
    _told(
        problems.error,
        found,
        "Enter it as outside, or correct the service line or its scope.",
        "impact_out_of_scope",
    )


def _check_savings(
    model: Model,
    lines: Sequence[Line],
    level: Block,
    impacts: CareModel,
    inside: bool,
    problems: ProblemLog,
) -> None:
    """Refuse savings larger than the spend they are taken from, by commissioner, service line and
    stream.
    """
    spend: dict[tuple[str, str, str], Array] = {}
    for row, line in enumerate(lines):
        key = (line.commissioner, line.service_line, line.funding_stream)
        spend[key] = spend.get(key, 0.0) + level.value[:, row, :]
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in impacts.rows(inside):
        one = impacts.lines[row]
        groups[one.commissioner, one.service_line, one.funding_stream].append(row)
    found = []
    for key, rows in groups.items():
        taken = -impacts.net.value[:, rows, :].sum(axis=1)
        short = (taken - spend.get(key, np.zeros_like(taken))).max(axis=0)
        year = int(short.argmax())
        if key[1] and short[year] > PENNY:
            largest = max(rows, key=lambda row: impacts.saving.at(row, year))
            had = float(np.atleast_2d(spend.get(key, np.zeros_like(taken)))[0, year])
            found.append(
                Found(
                    first_leaf(impacts.saving, largest, year),
                    f"Savings of {pounds(float(taken[0, year]), 2)} in"
                    f" {model.settings.years[year]} are taken from {key[1]} of {key[0]}"
                    f" ({key[2]}), which spends {pounds(had, 2)}"
                    f" {'in scope' if inside else 'out of scope'} in that year.",
                    float(short[year]),
                )
            )
    _told(
        problems.error,
        found,
        "Correct the saving, or the service line, commissioner or stream it is taken from.",
        "saving_above_spend",
    )


def _check_negative(
    model: Model, lines: Sequence[Line], today: Block, whole: Array, problems: ProblemLog
) -> None:
    """Warn of lines that fall below zero, and note those entered below it.

    whole: spend of each line in and out of scope, [run, line, year] in pence.
    """
    lowest = whole.min(axis=0)
    below = [int(row) for row in np.flatnonzero((lowest < -PENNY).any(axis=1))]
    fallen = [row for row in below if today.at(row, 0) >= 0]
    entered = [row for row in below if today.at(row, 0) < 0]
    for rows, log, words, fix in (
        (fallen, problems.warning, "falls", "Check its amount, adjustments and rates."),
        (entered, problems.note, "comes", "Nothing need be done if it is income or a credit."),
    ):
        found = []
        for row in rows:
            year = int(lowest[row].argmin())
            amount = float(lowest[row, year])
            what = f"{lines[row].code} {words} to {pounds(amount, 2)} in"
            what = f"{what} {model.settings.years[year]}."
            found.append(Found(lines[row].place, what, -amount))
        _told(log, found, fix, "line_below_zero")


def _check_leaps(model: Model, lines: Sequence[Line], whole: Array, problems: ProblemLog) -> None:
    """Warn where a line already there changes by more than the limit from one year to the next.

    whole: spend of each line in and out of scope, [line, year] in pence.
    """
    before, after = whole[:, :-1], whole[:, 1:]
    most, years = limit(model, "line_jump"), model.settings.years
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(
            (np.abs(before) > PENNY) & (np.abs(after) > PENNY), after / before - 1.0, 0.0
        )
    found = []
    for row in (int(at) for at in np.flatnonzero((np.abs(change) > most).any(axis=1))):
        year = int(np.abs(change[row]).argmax())
        found.append(
            Found(
                lines[row].place,
                f"{lines[row].code} changes by {change[row, year]:.1%} from {years[year]} to"
                f" {years[year + 1]}, more than {most:.0%}.",
                abs(float(after[row, year] - before[row, year])),
            )
        )
    _told(
        problems.warning,
        found,
        "Check its rates and the years they are for; check_limits may set another line_jump with a"
        " reason.",
        "line_jump",
    )
