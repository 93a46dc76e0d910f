"""Which figure of the ledger stands behind a cell of a result, so that every figure opens where it
comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wpb.run import Budget

Row = dict[str, Any]
TOTALS = {
    "forecast_pence": "forecast",
    "out_of_scope_pence": "out_of_scope",
    "allocation_pence": "allocation",
    "headroom_pence": "headroom",
    "residual_pence": "residual",
}
CONTRACT_BLOCKS = {
    "wpb_pence": "wpb",
    "wpap_pence": "wpap",
    "part_a_pence": "wpap",
    "part_b_pence": "wpap",
    "withheld_pence": "withheld",
    "incentives_pence": "incentives",
    "change_pence": "wpb",
    "indicative_wpb_pence": "v0/wpb",
    "activity_paid_pence": "term/activity_paid",
    "personal_budgets_pence": "term/personal_budgets",
}
"""The block behind each column of the contract's years: of the version in force, of another, or of
the term.
"""
LINES = {
    "amount_pence": "spend",
    "spend_pence": "spend",
    "in_scope_pence": "spend_in_scope",
    "out_of_scope_pence": "spend_out_of_scope",
    "unmapped_pence": "spend_unmapped",
    "baseline_pence": "baseline",
}


def figure_of(budget: Budget, table: str, column: str, row: Row) -> str:
    """Give the readable id of the figure behind a cell, or '' where the cell is not a figure of the
    ledger.
    """
    if row.get("figure"):
        return str(row["figure"])
    found = FINDERS[table](budget, column, row) if table in FINDERS else ""
    return found if found and found.split("/20")[0] else ""


def _years(budget: Budget, column: str, row: Row) -> str:
    if column == "do_nothing_pence":
        return f"{budget.do_nothing.id}/{row['year']}"
    return f"affordability/total/{TOTALS[column]}/{row['year']}" if column in TOTALS else ""


def _movement(budget: Budget, stage: str, step: str) -> str:
    return next(
        (
            move.block.id
            for move in budget.ledger.movements
            if move.stage == stage and move.step == step
        ),
        "",
    )


def _bridge(budget: Budget, column: str, row: Row) -> str:
    if row["row_kind"] == "opening":
        return "spend"
    if row["row_kind"] == "closing":
        return budget.baseline.id
    if column != "amount_pence":
        return ""
    if row["stage"] == "baseline":
        block = _movement(budget, "baseline", row["step"])
        return _with_year(budget, block, budget.years[0])
    return {"Out of scope": "spend_out_of_scope", "Mapped to no one": "spend_unmapped"}.get(
        row["step"], ""
    )


def _with_year(budget: Budget, block: str, year: str) -> str:
    return (f"{block}/{year}" if budget.ledger[block].years else block) if block else ""


def _path(budget: Budget, column: str, row: Row) -> str:
    if column != "amount_pence":
        return ""
    if row["row_kind"] == "opening":
        return budget.baseline.id
    if row["row_kind"] == "step":
        return _with_year(budget, _movement(budget, "forecast", row["step"]), row["year"])
    return (
        f"{budget.forecast.id if row['row_kind'] == 'closing' else budget.do_nothing.id}/"
        f"{row['year']}"
    )


def _affordability(budget: Budget, column: str, row: Row) -> str:
    if column not in TOTALS or not row["year"]:
        return ""
    level, name = row["level"], TOTALS[column]
    if level == "total":
        return f"affordability/total/{name}/{row['year']}"
    if level in ("commissioner", "stream"):
        return (
            f"affordability/{level}/{name}/{row['year']}/"
            f"{row['commissioner' if level == 'commissioner' else 'funding_stream']}"
        )
    block = f"affordability/{name}"
    if block not in budget.ledger:
        return ""
    wanted = (row["commissioner"], row["funding_stream"])
    code = next(
        (
            code
            for code, cell in zip(
                budget.ledger[block].axis.codes, budget.affordability.cells, strict=True
            )
            if tuple(cell) == wanted
        ),
        "",
    )
    return f"{block}/{row['year']}/{code}" if code else ""


def _line(budget: Budget, column: str, row: Row) -> str:
    return f"{LINES[column]}/{row['line']}" if column in LINES else ""


def _forecast_line(budget: Budget, column: str, row: Row) -> str:
    block = {"forecast_pence": budget.forecast, "out_of_scope_pence": budget.out_of_scope}.get(
        column
    )
    return (
        f"{block.id}/{row['year']}/{row['line']}"
        if block is not None and row["line"] in block.axis.positions
        else ""
    )


def _list(budget: Budget, column: str, row: Row) -> str:
    return f"baseline/by_list/{row['list_code']}" if column == "baseline_pence" else ""


def _contract(budget: Budget, column: str, row: Row) -> str:
    return (
        f"contract/{row['contract']}"
        if column == "value_pence" and f"contract/{row['contract']}" in budget.ledger
        else ""
    )


def _workings(budget: Budget, column: str, row: Row) -> str:
    name = {
        (1, "amount_pence"): "step_1",
        (2, "units"): "step_2",
        (3, "weight"): "weight",
        (3, "amount_pence"): "step_3",
    }.get((row["step"], column))
    block = f"contract/{row['contract']}/{name}"
    if name is None or block not in budget.ledger:
        return ""
    codes = budget.ledger[block].axis.positions
    code = next(
        (
            each
            for each in (f"{row['service_line']}.{row['activity_type']}", row["service_line"])
            if each in codes
        ),
        "",
    )
    return f"{block}/{code}" if code else ""


def _step(budget: Budget, column: str, row: Row) -> str:
    """A figure of the four steps of a block contract: its own block, or that of the step it belongs
    to.
    """
    contract, step = row["contract"], int(row["step"])
    codes = (f"{row['service_line']}.{row['activity_type']}", row["service_line"])
    if step == 4:
        line = next(
            (
                line.code
                for line in budget.current.lines.lines
                if (line.contract, line.service_line, line.activity_type)
                == (contract, row["service_line"], row["activity_type"])
            ),
            "",
        )
        return f"{LINES.get(column, 'spend')}/{line}" if line else f"contract/{contract}"
    own = {
        (3, "units"): "step_2",
        (3, "weight"): "weight",
        (3, "weighted"): "weighted_activity",
    }.get((step, column), f"step_{step}")
    for block in (f"contract/{contract}/{own}", f"contract/{contract}/step_{step}"):
        if block in budget.ledger:
            code = next((code for code in codes if code in budget.ledger[block].axis.positions), "")
            if code:
                return f"{block}/{code}"
    return f"contract/{contract}"


def _contract_year(budget: Budget, column: str, row: Row) -> str:
    version, _, block = CONTRACT_BLOCKS.get(column, "").rpartition("/")
    root = row["term"] if version == "term" else f"wpb/{version or row['version']}"
    return f"{root}/{block}/{row['year']}" if block else ""


FINDERS: dict[str, Callable[[Budget, str, Row], str]] = {
    "years": _years,
    "bridge": _bridge,
    "forecast_by_year": _path,
    "affordability": _affordability,
    "budget_lines": _line,
    "forecast_by_line": _forecast_line,
    "baseline_by_list": _list,
    "contracts": _contract,
    "contract_workings": _workings,
    "contract_by_year": _contract_year,
    **{f"step_{step}": _step for step in (1, 2, 3, 4)},
}
