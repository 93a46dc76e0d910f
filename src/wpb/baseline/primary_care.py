"""Primary care payment streams: within the budget, paid by activity, beside it as incentives, or left out.

Source: handbook 1.1.4, 2.5; overview 3.3.2; req 103-109, 111, 113.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.baseline.routing import Routing, table_leaf
from wpb.kernel.ledger import Axis
from wpb.tables.records import Element, Line, Route


@dataclass(frozen=True)
class StreamTreatment:
    """How a payment stream is treated for a practice that takes part in full, and for one that takes part otherwise."""

    full: Element
    other: Element
    automatic_uplift: bool
    recurrent: bool
    rule: str


TREATMENTS = {
    **dict.fromkeys(("global_sum", "capitation", "apms", "cqc_fees", "mpig"), StreamTreatment("wpap", "excluded", True, True, "core funding moves in for fully integrated practices only")),
    **dict.fromkeys(("qof", "des"), StreamTreatment("incentive", "excluded", True, True, "earned on the same terms, beside the annual payment")),
    "enhanced_services": StreamTreatment("wpap", "wpap", True, True, "in at contract value where the service is in scope"),
    "out_of_area_urgent_care": StreamTreatment("wpap", "excluded", True, True, "locally agreed for fully integrated practices"),
    "premises": StreamTreatment("activity_paid", "excluded", False, True, "agreed case by case, no automatic uplift"),
    "vaccinations": StreamTreatment("activity_paid", "excluded", False, True, "stays paid by activity for public health reasons"),
    "central_development": StreamTreatment("pass_through", "excluded", False, False, "pooled centrally and applied for; never enters the budget's path"),
    "dispensing": StreamTreatment("excluded", "excluded", True, True, "barred by law from the budget"),
}
"""Overview 3.3.2 and the three circumstances of handbook 2.5, by payment stream."""


def primary_care(routing: Routing) -> Route | None:
    """Enter each practice's payments as budget lines, treated by stream and by how the practice takes part.

    Source: handbook 2.5; overview 3.3.2; req 103, 104, 105, 106, 107, 108, 109, 111, 113.
    """
    table = routing.model["primary_care_payments"]
    if not len(table):
        return None
    lines = tuple(_line(routing, row) for row in range(len(table)))
    axis = Axis("budget line", tuple(line.code for line in lines))
    return Route("primary_care", lines, table_leaf(routing.ledger, "primary_care/payments", axis, "pence", table, "value", range(len(table)), "Payment to a practice"))


def _line(routing: Routing, row: int) -> Line:
    table = routing.model["primary_care_payments"]
    practice, stream, service, funding, year = (str(table.columns[name][row]) for name in ("list_code", "payment_stream", "service_line", "funding_stream", "effective_year"))
    treatment = TREATMENTS[stream]
    position = routing.scope.lists.positions[practice]
    full = routing.scope.participation[position] == "full"
    return Line(
        code=f"PC.{practice}.{stream}",
        name=f"{stream.replace('_', ' ')}, {practice}",
        commissioner=routing.scope.list_commissioner[position],
        provider=practice,
        contract="",
        service_line=service,
        activity_type=stream,
        funding_stream=funding,
        payment_basis="primary_care",
        population=routing.shares.one_list(practice),
        grade=1,
        grade_reason=treatment.rule,
        effective_year=year,
        element=treatment.full if full else treatment.other,
        automatic_uplift=treatment.automatic_uplift,
        recurrent=treatment.recurrent,
        place=table.where(row, "payment_stream"),
    )
