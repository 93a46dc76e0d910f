"""Any arrangement for a table, settled by a plain loop: each rule of the file read again for each
row.

The file is read as plain dictionaries and nothing of wpb is used, so this is a second reading of
the same
rules: slow, and easy to follow. A settlement must equal it, and its speed is measured against it.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

Row = dict[str, Any]


def number(value: Any) -> float:
    """Read a number, a percentage, or 'none'."""
    if value == "none":
        return math.nan
    if isinstance(value, str):
        return float(Decimal(value[:-1]) / 100)
    return float(value)


def fits(key: Any, value: Any) -> bool:
    """Say whether a column's value is one that a key stands for."""
    if value is None:
        return False
    if isinstance(key, bool):
        return bool(key == value)
    for part in map(str.strip, str(key).split(",")):
        if part.startswith("from ") and value >= int(part[5:]):
            return True
        if part.startswith("to ") and value <= int(part[3:]):
            return True
        if part.endswith(" and over") and value >= int(part[:-9]):
            return True
        low, middle, high = part.partition(" to ")
        if middle and low.isdigit() and int(low) <= value <= int(high):
            return True
        if part == str(value):
            return True
    return False


def looked_up(spec: dict[str, Any], columns: list[str], table: dict[Any, Any], row: Row) -> Any:
    """Walk a table of keys down to the value that fits the row."""
    for key, found in table.items():
        if fits(key, row[columns[0]]):
            if isinstance(found, dict):
                return looked_up(spec, columns[1:], found, row)
            return number(found)
    if "otherwise" in spec:
        return number(spec["otherwise"])
    raise LookupError(f"nothing for {row}")


def holds(where: dict[str, Any], row: Row) -> bool:
    """Say whether a condition holds for a row."""
    return all(fits(key, row[column]) for column, key in where.items())


def scaled(spec: dict[str, Any], row: Row) -> float:
    """Read a sliding scale."""
    size = row[spec["of"]]
    for band in spec["bands"]:
        if size >= band["from"] and ("to" not in band or size <= band["to"]):
            rates = band["rate"] if isinstance(band["rate"], list) else [band["rate"]] * 2
            start, end = number(rates[0]), number(rates[1])
            return (
                start
                if "to" not in band
                else (
                    end
                    if size == band["to"]
                    else start
                    + (end - start) * ((size - band["from"]) / (band["to"] - band["from"]))
                )
            )
    raise LookupError(f"no band for {size}")


def value_of(spec: Any, row: Row, parameters: dict[str, Any]) -> float:
    """Work a declared value out for one row; NaN where there is none."""
    if isinstance(spec, str) and spec in parameters:
        return value_of(parameters[spec], row, parameters)
    if isinstance(spec, str) and spec in row:
        return math.nan if row[spec] is None else float(row[spec])
    if not isinstance(spec, dict):
        return number(spec)
    if "by" in spec:
        return float(
            looked_up(
                spec,
                [spec["by"]] if isinstance(spec["by"], str) else spec["by"],
                spec["table"],
                row,
            )
        )
    if "where" in spec:
        return number(spec["value"] if holds(spec["where"], row) else spec["otherwise"])
    if "cases" in spec:
        return number(
            next(
                (case["value"] for case in spec["cases"] if holds(case["where"], row)),
                spec["otherwise"],
            )
        )
    if "bands" in spec:
        return scaled(spec, row)
    if "first_given" in spec:
        first = value_of(spec["first_given"][0], row, parameters)
        return value_of(spec["first_given"][1], row, parameters) if math.isnan(first) else first
    if "least_of" in spec:
        found = [value_of(item, row, parameters) for item in spec["least_of"]]
        return min((value for value in found if not math.isnan(value)), default=math.nan)
    return value_of(spec["rate"], row, parameters) * value_of(spec["of"], row, parameters)


def settle_row(arrangement: dict[str, Any], row: Row) -> Row:
    """Settle one row by an arrangement's steps; amounts in cents, unrounded."""
    parameters = arrangement["parameters"]
    held: Row = {
        "deduction": 0.0,
        "recouped": 0.0,
        "quality_gain": 1.0,
        "quality_loss": 1.0,
        "weight": 1.0,
    }
    for step in arrangement["steps"]:
        kind = step if isinstance(step, str) else step["step"]

        def say(name: str, standing: float | None = None, step: Any = step) -> float:
            return (
                standing
                if standing is not None and name not in step
                else value_of(step[name], row, parameters)
            )

        amount = held.get("amount", 0.0)
        if kind == "gap":
            held["baseline"] = say("baseline")
            held["amount"] = held["generated"] = held["baseline"] - say("outturn")
        elif kind == "corridor":
            gain_edge, loss_edge, rate = (
                say("minimum_savings_rate"),
                say("minimum_loss_rate"),
                amount / held["baseline"],
            )
            beyond = rate >= gain_edge or rate <= -loss_edge
            held["weight"] = 1.0 if beyond else say("reduced_share", 0.0) if rate > 0 else 0.0
            if held["weight"] == 0:
                held["amount"] = 0.0
            elif step["counts_from"] == "excess" and beyond:
                held["amount"] = (
                    amount - gain_edge * held["baseline"]
                    if amount > 0
                    else amount + loss_edge * held["baseline"]
                )
            held["generated"] = held["amount"]
        elif kind in ("sides", "gate"):
            held["amount"] = amount * (say("gains") if amount > 0 else say("losses", 1.0))
            if kind == "sides":
                held["generated"] = held["amount"]
        elif kind == "quality":
            score = 1.0 if say("counts_as_full_score") else say("score")
            held["quality_gain"] = say("pays_in_full") + say("pays_by_score") * score
            eased = 1.0 if say("full_score_for_losses") else say("score")
            held["quality_loss"] = say("counts_for_losses") * eased
        elif kind == "gain_rate":
            held["share_rate"] = say("maximum") * held["quality_gain"] * (held["weight"] or 1.0)
        elif kind == "loss_rate":
            held["loss_rate"] = min(
                max(1 - say("maximum") * held["quality_loss"], say("at_least")), say("at_most")
            )
        elif kind == "share":
            held["amount"] = amount * (held["share_rate"] if amount > 0 else held["loss_rate"])
        elif kind == "deduct":
            taken = max(amount, 0.0) * say("of_gains")
            held["deduction"] += taken
            held["amount"] = amount - taken
        elif kind == "limit":
            cap, collar = say("gains"), say("losses")
            held["limit"] = collar if held["generated"] < 0 else cap
            held["limit_bound"] = amount > cap or amount < -collar
            held["amount"] = cap if amount > cap else max(amount, -collar)
        elif kind == "relieve":
            used = min(say("losses_by"), max(-amount, 0.0))
            held["deduction"] += used
            held["amount"] = amount + used
        elif kind == "recoup":
            held["recouped"] = min(max(amount, 0.0), say("balance"))
    return held


def settle_rows(arrangement: dict[str, Any], rows: list[Row]) -> list[Row]:
    """Settle every row, one after another."""
    return [settle_row(arrangement, row) for row in rows]
