"""Services paid by activity, and aligned contracts with a fixed and a variable part.

Source: handbook 2.3; NHS Payment Scheme aligned payment and incentive; req 38-40.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wpb.baseline.routing import CARVE_OUT_GRADES, Routing
from wpb.kernel.arithmetic import apportion, less, times
from wpb.kernel.ledger import TOTAL, Axis, Block, Ref
from wpb.kernel.money import pounds
from wpb.tables.leaves import table_leaf
from wpb.tables.records import Line, Route
from wpb.tables.schema import TypedTable

UNEXPLAINED = "UNEXPLAINED"


def priced_contract(routing: Routing, row: int) -> Route:
    """Value a contract's activity at current unit prices.

    Variable lines: units x unit price. Fixed lines of an aligned contract: fixed part x (units x
    price) / sum of (units x price) over fixed lines. What is paid and not explained by priced
    activity becomes a line mapped to no one, so that the lines always add to what is paid.
    Source: handbook 2.3; req 38, 39, 40.
    """
    contracts, ledger = routing.model["contracts"], routing.ledger
    contract = str(contracts.columns["contract"][row])
    activity = routing.model["priced_activity"]
    rows = activity.rows_where("contract", contract)
    lines = [_line(routing, row, r) for r in rows]
    axis = Axis("budget line", tuple(line.code for line in lines))
    units = table_leaf(
        ledger,
        f"contract/{contract}/units",
        axis,
        "units",
        activity,
        "units",
        rows,
        "Units of activity",
    )
    price = table_leaf(
        ledger,
        f"contract/{contract}/unit_price",
        axis,
        "pence per unit",
        routing.model["prices"],
        "unit_price",
        _price_rows(routing, row, rows),
        "Unit price",
    )
    priced = ledger.add(
        f"contract/{contract}/priced_activity",
        times,
        axis,
        "pence",
        quantity=units,
        factor=price,
        title="Units at unit prices",
    )
    value = table_leaf(
        ledger,
        f"contract/{contract}/value",
        TOTAL,
        "pence",
        contracts,
        "value",
        [row],
        "Paid under the contract",
    )
    part = np.array([activity.columns["payment_part"][r] for r in rows])
    spend = (
        _aligned(routing, row, contract, axis, priced, part)
        if contracts.columns["payment_basis"][row] == "aligned"
        else priced
    )
    return _with_unexplained(routing, row, contract, lines, spend, value)


def _aligned(
    routing: Routing, row: int, contract: str, axis: Axis, priced: Block, part: NDArray[np.str_]
) -> Block:
    """The variable part at unit prices; the fixed part shared out with priced activity as
    weights.
    """
    ledger, contracts = routing.ledger, routing.model["contracts"]
    fixed_rows, variable_rows = np.flatnonzero(part == "fixed"), np.flatnonzero(part == "variable")
    fixed_value = table_leaf(
        ledger,
        f"contract/{contract}/fixed_value",
        TOTAL,
        "pence",
        contracts,
        "fixed_value",
        [row],
        "Fixed part",
    )
    if not len(fixed_rows):
        return priced
    weights = ledger.total(
        f"contract/{contract}/fixed_weights",
        TOTAL,
        (priced, np.where(part == "fixed", 0, -1)),
        title="Priced activity that weighs the fixed part",
    )
    fixed_axis = Axis("budget line", tuple(axis.codes[r] for r in fixed_rows))
    fixed = ledger.add(
        f"contract/{contract}/fixed_part",
        apportion,
        fixed_axis,
        "pence",
        total_pence=fixed_value,
        weight=Ref(priced, fixed_rows),
        all_weights=weights,
        title="Share of the fixed part",
    )
    into = np.full(len(axis), -1, dtype=np.int64)
    into[variable_rows] = variable_rows
    return ledger.total(
        f"contract/{contract}/spend", axis, (fixed, fixed_rows), (priced, into), title="Spend"
    )


def _with_unexplained(
    routing: Routing, row: int, contract: str, lines: list[Line], spend: Block, value: Block
) -> Route:
    ledger, contracts = routing.ledger, routing.model["contracts"]
    explained = ledger.total(
        f"contract/{contract}/explained", TOTAL, (spend, None), title="Explained by priced activity"
    )
    gap = ledger.add(
        f"contract/{contract}/unexplained",
        less,
        TOTAL,
        "pence",
        whole=value,
        part=explained,
        title="Paid and not explained by priced activity",
    )
    amount = gap.at(0, 0)
    if abs(amount) < 0.5:
        return Route(contract, tuple(lines), spend)
    routing.problems.warning(
        contracts.where(row, "value"),
        f"Contract {contract} pays {pounds(value.at(0, 0), 2)}, and its priced activity explains"
        f" {pounds(explained.at(0, 0), 2)}; {pounds(amount, 2)} is mapped to no service and no"
        " list.",
        "Add the missing activity or prices, or correct the contract's value.",
        "contract_unexplained",
    )
    lines.append(_unexplained_line(routing, row, contract, lines[0]))
    axis = Axis("budget line", tuple(line.code for line in lines))
    whole = ledger.total(
        f"contract/{contract}/spend_with_unexplained",
        axis,
        (spend, np.arange(len(spend.axis))),
        (gap, [len(lines) - 1]),
        title="Spend",
    )
    return Route(contract, tuple(lines), whole)


def _unexplained_line(routing: Routing, row: int, contract: str, like: Line) -> Line:
    place = routing.model["contracts"].where(row, "value")
    return Line(
        code=f"{contract}.{UNEXPLAINED}",
        name="Paid and not explained by activity",
        commissioner=like.commissioner,
        provider=like.provider,
        contract=contract,
        service_line=like.service_line,
        activity_type=UNEXPLAINED,
        funding_stream=like.funding_stream,
        payment_basis=like.payment_basis,
        population=routing.shares.unmapped(f"unexplained.{contract}", place),
        grade=3,
        grade_reason="no activity explains it",
        effective_year=like.effective_year,
        price_base_year=like.price_base_year,
        place=place,
    )


def _line(routing: Routing, row: int, activity_row: int) -> Line:
    contracts, activity = routing.model["contracts"], routing.model["priced_activity"]
    contract, commissioner = (
        str(contracts.columns[name][row]) for name in ("contract", "commissioner")
    )
    service_line, point = (
        str(activity.columns[name][activity_row]) for name in ("service_line", "point_of_delivery")
    )
    method = str(contracts.columns["population_method"][row])
    if method == "activity_by_list":
        population = routing.shares.activity_by_list(
            contract, service_line, point, activity.where(activity_row, "units")
        )
    elif method == "patient_groups":
        population = routing.shares.patient_groups(
            contract, point, commissioner, contracts.where(row, "population_method")
        )
    else:
        population = routing.carve_out(contracts, row, commissioner)
    grade, reason = CARVE_OUT_GRADES[method]
    return Line(
        code=_code(activity, activity_row),
        name=f"{activity.columns['activity_currency'][activity_row]} {point}",
        commissioner=commissioner,
        provider=str(contracts.columns["provider"][row]),
        contract=contract,
        service_line=service_line,
        activity_type=point,
        funding_stream=str(contracts.columns["funding_stream"][row]),
        payment_basis=str(contracts.columns["payment_basis"][row]),
        population=population,
        grade=grade,
        grade_reason=reason,
        effective_year=str(contracts.columns["effective_year"][row]),
        price_base_year=str(contracts.columns["price_base_year"][row]),
        place=activity.where(activity_row, "units"),
    )


def _code(activity: TypedTable, row: int) -> str:
    """The code of a line; it names the currency only where several share a point of delivery."""
    names = ("contract", "service_line", "point_of_delivery")
    key = tuple(activity.text(name)[row] for name in names)
    alone = len(activity.groups(*names)[key]) == 1
    return ".".join(key if alone else (*key, activity.text("activity_currency")[row]))


def _price_rows(routing: Routing, row: int, activity_rows: list[int]) -> list[int]:
    prices, activity = routing.model["prices"], routing.model["priced_activity"]
    year = str(routing.model["contracts"].columns["price_base_year"][row])
    found = {
        key: r
        for r, key in enumerate(
            zip(
                prices.text("activity_currency"),
                prices.text("point_of_delivery"),
                prices.text("price_year"),
                strict=True,
            )
        )
    }
    rows = []
    for r in activity_rows:
        key = (
            str(activity.columns["activity_currency"][r]),
            str(activity.columns["point_of_delivery"][r]),
            year,
        )
        if key not in found:
            routing.problems.error(
                activity.where(r, "activity_currency"),
                f"There is no price for {key[0]} {key[1]} in {year}.",
                "Add it to prices, or correct the currency or point of delivery.",
                "price_missing",
            )
        rows.append(found.get(key, 0))
    routing.problems.raise_if_errors()
    return rows
