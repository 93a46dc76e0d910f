"""The headline figures of a budget, in whole pence, as a program reads them.

Source: req 361, 362, 370.
"""

from __future__ import annotations

from typing import Any

from wpb.kernel.ledger import Block
from wpb.kernel.money import round_parts, whole_pence
from wpb.run import Budget


def summary(budget: Budget) -> dict[str, Any]:
    """Give baseline, years, contracts, reconciliation and problems; parts add to their totals to the penny.

    Source: handbook 3.6; req 200, 361, 362, 370.
    """
    return {
        "model": budget.model.settings.model,
        "title": budget.model.settings.title,
        "currency": budget.model.settings.currency,
        "baseline_pence": _all(budget.baseline),
        "baseline_year": budget.model.settings.baseline_year,
        "budget_lines": len(budget.current.lines.lines),
        "current_spend": current_spend_split(budget),
        "years": [_year(budget, position, year) for position, year in enumerate(budget.years)],
        "contracts": contracts(budget),
        "elements": elements(budget),
        "grades": grades(budget),
        "problems": [problem.as_dict() for problem in budget.problems],
    }


def _all(block: Block, year: int = 0) -> int:
    return whole_pence(float(block.value[0, :, year if block.value.shape[2] > 1 else 0].sum()))


def current_spend_split(budget: Budget) -> dict[str, int]:
    """Split all current spend into in scope, out of scope and mapped to no one, in whole pence that add up.

    Source: req 18, 99.
    """
    parts = [float(block.value[0, :, 0].sum()) for block in (budget.current.in_scope, budget.current.out_of_scope, budget.current.unmapped)]
    names = ("in_scope_pence", "out_of_scope_pence", "unmapped_pence")
    rounded = round_parts(parts, names)
    return {"total_pence": sum(rounded), **dict(zip(names, rounded, strict=True))}


def _year(budget: Budget, position: int, year: str) -> dict[str, Any]:
    total = budget.affordability.total
    allocation, forecast, outside = (whole_pence(total[name].at(0, position)) for name in ("allocation", "forecast", "out_of_scope"))
    return {
        "year": year,
        "do_nothing_pence": whole_pence(budget.do_nothing.at(0, position)),
        "forecast_pence": forecast,
        "out_of_scope_pence": outside,
        "allocation_pence": allocation,
        "headroom_pence": allocation - forecast - outside,
        "residual_pence": max(0, forecast + outside - allocation),
        "streams": _cells(budget, position, budget.affordability.by_stream, "funding_stream"),
        "commissioners": _cells(budget, position, budget.affordability.by_commissioner, "commissioner"),
        "steps": steps(budget, position),
    }


def _cells(budget: Budget, position: int, blocks: dict[str, Block], name: str) -> list[dict[str, Any]]:
    found = []
    for row, code in enumerate(blocks["forecast"].axis.codes):
        allocation, forecast, outside = (whole_pence(blocks[key].at(row, position)) for key in ("allocation", "forecast", "out_of_scope"))
        found.append({name: code, "allocation_pence": allocation, "forecast_pence": forecast, "out_of_scope_pence": outside, "headroom_pence": allocation - forecast - outside})
    return found


def steps(budget: Budget, position: int) -> dict[str, int]:
    """The effect of each step on the forecast of a year: they add to forecast less baseline, to the penny.

    Source: handbook 3.3.2 Dudley; req 171, 362.
    """
    moves = [move for move in budget.ledger.movements if move.stage == "forecast"]
    effects = [float(move.block.value[0, :, position].sum()) for move in moves]
    target = whole_pence(budget.affordability.total["forecast"].at(0, position)) - _all(budget.baseline)
    names = [f"{number:02d}" for number in range(len(moves))]
    return {move.step: amount for move, amount in zip(moves, round_parts(effects, names, target), strict=True)} if moves else {}


def contracts(budget: Budget) -> list[dict[str, Any]]:
    """For each of today's contracts: value = allocated to the scope + out of scope + mapped to no one; residual is nought.

    Source: req 63, 99, 101.
    """
    lines = budget.current.lines.lines
    found = []
    table = budget.model["contracts"]
    for row, code in enumerate(table.text("contract")):
        rows = [i for i, line in enumerate(lines) if line.contract == code]
        parts = [float(block.value[0, rows, 0].sum()) for block in (budget.current.in_scope, budget.current.out_of_scope, budget.current.unmapped)]
        value = whole_pence(float(table.numbers("value")[row]))
        rounded = round_parts(parts, ("allocated", "out_of_scope", "unmapped"))
        found.append(
            {
                "contract": code,
                "title": str(table.columns["title"][row]),
                "commissioner": str(table.columns["commissioner"][row]),
                "provider": str(table.columns["provider"][row]),
                "payment_basis": str(table.columns["payment_basis"][row]),
                "value_pence": value,
                "allocated_pence": rounded[0],
                "out_of_scope_pence": rounded[1],
                "unmapped_pence": rounded[2],
                "residual_pence": value - sum(rounded),
                "service_lines": _service_lines(budget, code),
            }
        )
    return found


def _service_lines(budget: Budget, contract: str) -> list[dict[str, Any]]:
    block = budget.ledger[f"contract/{contract}"]
    amounts = round_parts([block.at(row, 0) for row in range(len(block.axis))], block.axis.codes)
    return [{"service_line": code, "value_pence": amount} for code, amount in zip(block.axis.codes, amounts, strict=True)]


def elements(budget: Budget) -> list[dict[str, Any]]:
    """The baseline by how it is paid and by part: annual payment Part A and Part B, activity-paid, incentives.

    Source: overview 2; req 131, 132, 210, 211.
    """
    found: dict[tuple[str, str], float] = {}
    for row, line in enumerate(budget.current.lines.lines):
        amount = budget.baseline.at(row, 0)
        if amount:
            key = (line.element, "B" if budget.scope.funder[line.funding_stream] == "council" else "A")
            found[key] = found.get(key, 0.0) + amount
    keys = sorted(found)
    amounts = round_parts([found[key] for key in keys], [".".join(key) for key in keys], _all(budget.baseline)) if keys else []
    return [{"element": element, "part": part, "baseline_pence": amount} for (element, part), amount in zip(keys, amounts, strict=True)]


def grades(budget: Budget) -> list[dict[str, Any]]:
    """The baseline by the quality of the weakest method on each line's way.

    Source: handbook Table 2; req 37, 92.
    """
    by_grade: dict[int, list[float]] = {1: [], 2: [], 3: []}
    for row, line in enumerate(budget.current.lines.lines):
        by_grade[line.grade].append(budget.baseline.at(row, 0))
    amounts = round_parts([sum(values) for values in by_grade.values()], [str(grade) for grade in by_grade], _all(budget.baseline))
    return [{"grade": {1: "preferred", 2: "second", 3: "last"}[grade], "lines": sum(1 for value in values if value), "baseline_pence": amount} for (grade, values), amount in zip(by_grade.items(), amounts, strict=True)]
