"""The headline figures of a budget, in whole pence, as a program reads them.

Source: req 361, 362, 370.
"""

from __future__ import annotations

from typing import Any

from wpb.kernel.ledger import Block
from wpb.kernel.money import round_parts, whole_pence
from wpb.present.whole_pence import CellPence, WholePence
from wpb.run import Budget


def summary(budget: Budget) -> dict[str, Any]:
    """Give baseline, years, contracts, reconciliation and problems; parts add to their totals to
    the penny.

    Source: handbook 3.6; req 200, 361, 362, 370.
    """
    whole = WholePence(budget)
    return {
        "model": budget.model.settings.model,
        "title": budget.model.settings.title,
        "currency": budget.model.settings.currency,
        "baseline_pence": _all(budget.baseline),
        "baseline_year": budget.model.settings.baseline_year,
        "budget_lines": len(budget.current.lines.lines),
        "current_spend": current_spend_split(whole),
        "years": [_year(whole, position, year) for position, year in enumerate(budget.years)],
        "contracts": contracts(whole),
        "elements": elements(budget),
        "grades": grades(budget),
        "ledger_to_baseline": ledger_to_baseline(budget),
        "illustrative": illustrative(budget),
        "problems": [problem.as_dict() for problem in budget.problems],
    }


def ledger_to_baseline(budget: Budget) -> list[dict[str, Any]]:
    """Give the schedule from the ledger to the baseline, in whole pence; [] without a ledger.

    Source: req 437.
    """
    rows = next((one.rows for one in budget.sections if one.name == "ledger_to_baseline"), ())
    return [
        {"what": what, "why": why, "amount_pence": amount, "is_total": total}
        for what, why, amount, total in rows
    ]


def illustrative(budget: Budget) -> dict[str, Any] | None:
    """Give what rests on placeholders, and the years whose margin is not determined; None where
    nothing does.

    Source: req 442.
    """
    resting = budget.placeholders
    if resting is None or not resting.found:
        return None
    return {
        "stamp": resting.stamp,
        "rests_pence": whole_pence(resting.rests_pence),
        "allocation_pence": whole_pence(resting.allocation_pence),
        "margin_not_determined": sorted(resting.undetermined),
        "placeholders": [
            {
                "placeholder": one.what,
                "kind": one.kind,
                "years": list(one.years),
                "rests_pence": whole_pence(one.rests_pence),
                "one_point_pence": whole_pence(one.one_point_pence),
            }
            for one in resting.found
        ],
    }


def _all(block: Block, year: int = 0) -> int:
    return whole_pence(float(block.value[0, :, year if block.value.shape[2] > 1 else 0].sum()))


def current_spend_split(whole: WholePence) -> dict[str, int]:
    """Split all current spend into in scope, out of scope and mapped to no one, in whole pence that
    add up.

    Source: req 18, 99.
    """
    split = whole.spend
    return {
        "total_pence": split.spend,
        "in_scope_pence": split.in_scope,
        "out_of_scope_pence": split.out_of_scope,
        "unmapped_pence": split.unmapped,
    }


def _year(whole: WholePence, position: int, year: str) -> dict[str, Any]:
    return {
        "year": year,
        "do_nothing_pence": whole.do_nothing[position],
        **_cell(whole.cell_totals(position, None)["total"]),
        "residual_pence": whole.cell_totals(position, None)["total"].residual,
        "streams": [
            {"funding_stream": name, **_cell(cell)}
            for name, cell in whole.cell_totals(position, 1).items()
        ],
        "commissioners": [
            {"commissioner": name, **_cell(cell)}
            for name, cell in whole.cell_totals(position, 0).items()
        ],
        "steps": steps(whole.budget, position),
    }


def _cell(cell: CellPence) -> dict[str, int]:
    return {
        "forecast_pence": cell.forecast,
        "out_of_scope_pence": cell.out_of_scope,
        "allocation_pence": cell.allocation,
        "headroom_pence": cell.headroom,
    }


def steps(budget: Budget, position: int) -> dict[str, int]:
    """The effect of each step on the forecast of a year: they add to forecast less baseline, to the
    penny.

    Source: handbook 3.3.2 Dudley; req 171, 362.
    """
    moves = [move for move in budget.ledger.movements if move.stage == "forecast"]
    effects = [float(move.block.value[0, :, position].sum()) for move in moves]
    target = whole_pence(budget.affordability.total["forecast"].at(0, position)) - _all(
        budget.baseline
    )
    names = [f"{number:02d}" for number in range(len(moves))]
    return (
        {
            move.step: amount
            for move, amount in zip(moves, round_parts(effects, names, target), strict=True)
        }
        if moves
        else {}
    )


def contracts(whole: WholePence) -> list[dict[str, Any]]:
    """For each of today's contracts: value = allocated to the scope + out of scope + mapped to no
    one; residual is nought.

    Source: req 63, 99, 101.
    """
    found = []
    table = whole.budget.model["contracts"]
    for row, code in enumerate(table.text("contract")):
        split, value = whole.by_holder[code], whole_pence(float(table.numbers("value")[row]))
        found.append(
            {
                "contract": code,
                "title": str(table.columns["title"][row]),
                "commissioner": str(table.columns["commissioner"][row]),
                "provider": str(table.columns["provider"][row]),
                "payment_basis": str(table.columns["payment_basis"][row]),
                "value_pence": value,
                "allocated_pence": split.in_scope,
                "out_of_scope_pence": split.out_of_scope,
                "unmapped_pence": split.unmapped,
                "residual_pence": value - split.spend,
                "service_lines": _service_lines(whole.budget, code),
            }
        )
    return found


def _service_lines(budget: Budget, contract: str) -> list[dict[str, Any]]:
    block = budget.ledger[f"contract/{contract}"]
    amounts = round_parts([block.at(row, 0) for row in range(len(block.axis))], block.axis.codes)
    return [
        {"service_line": code, "value_pence": amount}
        for code, amount in zip(block.axis.codes, amounts, strict=True)
    ]


def elements(budget: Budget) -> list[dict[str, Any]]:
    """The baseline by how it is paid and by part: annual payment Part A and Part B, activity-paid,
    incentives.

    Source: overview 2; req 131, 132, 210, 211.
    """
    found: dict[tuple[str, str], float] = {}
    for row, line in enumerate(budget.current.lines.lines):
        amount = budget.baseline.at(row, 0)
        if amount:
            key = (
                line.element,
                "B" if budget.scope.funder[line.funding_stream] == "council" else "A",
            )
            found[key] = found.get(key, 0.0) + amount
    keys = sorted(found)
    amounts = (
        round_parts(
            [found[key] for key in keys], [".".join(key) for key in keys], _all(budget.baseline)
        )
        if keys
        else []
    )
    return [
        {"element": element, "part": part, "baseline_pence": amount}
        for (element, part), amount in zip(keys, amounts, strict=True)
    ]


def grades(budget: Budget) -> list[dict[str, Any]]:
    """The baseline by the quality of the weakest method on each line's way.

    Source: handbook Table 2; req 37, 92.
    """
    by_grade: dict[int, list[float]] = {1: [], 2: [], 3: []}
    for row, line in enumerate(budget.current.lines.lines):
        by_grade[line.grade].append(budget.baseline.at(row, 0))
    amounts = round_parts(
        [sum(values) for values in by_grade.values()],
        [str(grade) for grade in by_grade],
        _all(budget.baseline),
    )
    return [
        {
            "grade": {1: "preferred", 2: "second", 3: "last"}[grade],
            "lines": sum(1 for value in values if value),
            "baseline_pence": amount,
        }
        for (grade, values), amount in zip(by_grade.items(), amounts, strict=True)
    ]
