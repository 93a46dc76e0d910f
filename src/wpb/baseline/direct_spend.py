"""Budget lines that need no taking apart, and those shared by a carve-out.

Source: handbook 2.1, Table 1, 3.3.1; req 18, 38, 42, 43, 44, 152.
"""

from __future__ import annotations

from wpb.baseline.routing import CARVE_OUT_GRADES, Routing
from wpb.kernel.ledger import Axis
from wpb.tables.leaves import table_leaf
from wpb.tables.records import Line, Route

ONE_LIST_GRADE = (1, "spend known for the list itself")


def direct_spend(routing: Routing) -> Route | None:
    """Enter each line at its spend; non-recurrent lines are kept apart from the budget's path.

    Spend that is known for one list, such as a practice's own prescribing, goes to that list whole.
    Source: handbook Table 1, 3.3.1; req 18, 38, 42, 43, 44, 152.
    """
    table = routing.model["direct_spend"]
    if not len(table):
        return None
    lines = tuple(_line(routing, row) for row in range(len(table)))
    axis = Axis("budget line", tuple(line.code for line in lines))
    return Route(
        "direct_spend",
        lines,
        table_leaf(
            routing.ledger,
            "direct_spend/value",
            axis,
            "pence",
            table,
            "value",
            range(len(table)),
            "Spend",
        ),
    )


def _line(routing: Routing, row: int) -> Line:
    table = routing.model["direct_spend"]
    text = {
        name: str(table.columns[name][row])
        for name in (
            "budget_line",
            "name",
            "commissioner",
            "provider",
            "service_line",
            "funding_stream",
            "effective_year",
            "population_method",
        )
    }
    one_list = text["population_method"] == "one_list"
    grade, reason = ONE_LIST_GRADE if one_list else CARVE_OUT_GRADES[text["population_method"]]
    recurrent = table.flags("recurrent")[row] is True
    return Line(
        code=text["budget_line"],
        name=text["name"],
        commissioner=text["commissioner"],
        provider=text["provider"],
        contract="",
        service_line=text["service_line"],
        activity_type="direct",
        funding_stream=text["funding_stream"],
        payment_basis="direct",
        population=(
            routing.shares.one_list(str(table.columns["list_code"][row]))
            if one_list
            else routing.carve_out(table, row, text["commissioner"])
        ),
        grade=grade,
        grade_reason=reason,
        effective_year=text["effective_year"],
        element="wpap" if recurrent else "pass_through",
        automatic_uplift=recurrent,
        recurrent=recurrent,
        place=table.where(row, "value"),
    )
