"""Primary care payment streams: within the budget, paid by activity, beside it as incentives, or
left out.

Source: handbook 1.1.4, 2.5; overview 3.3.2; req 103-111, 113.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.baseline.routing import Routing
from wpb.kernel.ledger import Axis
from wpb.kernel.money import pounds
from wpb.tables.leaves import table_leaf
from wpb.tables.records import Element, Line, Route


@dataclass(frozen=True)
class StreamTreatment:
    """How a payment stream is treated for a practice that takes part in full, and for one that
    takes part otherwise.
    """

    full: Element
    other: Element
    automatic_uplift: bool
    recurrent: bool
    rule: str
    left_out: str = "stays with the practice's own contract, which is not fully integrated"
    by_agreement: bool = False
    """Whether it comes in for a fully integrated practice only where that was agreed locally."""


TREATMENTS = {
    **dict.fromkeys(
        ("global_sum", "capitation", "apms", "cqc_fees", "mpig"),
        StreamTreatment(
            "wpap",
            "excluded",
            True,
            True,
            "core funding moves in for fully integrated practices only",
        ),
    ),
    **dict.fromkeys(
        ("qof", "des"),
        StreamTreatment(
            "incentive",
            "excluded",
            True,
            True,
            "earned on the same terms, beside the annual payment",
        ),
    ),
    "enhanced_services": StreamTreatment(
        "wpap", "wpap", True, True, "in at contract value where the service is in scope"
    ),
    **dict.fromkeys(
        ("out_of_area_urgent_care", "local_items"),
        StreamTreatment(
            "wpap",
            "excluded",
            True,
            True,
            "locally agreed for fully integrated practices",
            by_agreement=True,
        ),
    ),
    "premises": StreamTreatment(
        "activity_paid", "excluded", False, True, "agreed case by case, no automatic uplift"
    ),
    "vaccinations": StreamTreatment(
        "activity_paid", "excluded", False, True, "stays paid by activity for public health reasons"
    ),
    "central_development": StreamTreatment(
        "pass_through",
        "excluded",
        False,
        False,
        "pooled centrally and applied for; never enters the budget's path",
        "pooled centrally, and practices apply for it",
    ),
    "dispensing": StreamTreatment(
        "excluded",
        "excluded",
        True,
        True,
        "barred by law from the budget",
        "the law does not let dispensing doctors' payments be pooled",
    ),
}
"""Overview 3.3.2 and the three circumstances of handbook 2.5, by payment stream."""

NOT_AGREED = "no local agreement brings it in"


def primary_care(routing: Routing) -> Route | None:
    """Enter each practice's payments as budget lines, treated by stream and by how the practice
    takes part.

    Source: handbook 2.5; overview 3.3.2; req 103, 104, 105, 106, 107, 108, 109, 110, 111, 113.
    """
    table = routing.model["primary_care_payments"]
    if not len(table):
        return None
    terms = agreed_terms(routing)
    lines = tuple(_line(routing, row, terms) for row in range(len(table)))
    _warn_of_items_not_agreed(routing, lines)
    axis = Axis("budget line", tuple(line.code for line in lines))
    return Route(
        "primary_care",
        lines,
        table_leaf(
            routing.ledger,
            "primary_care/payments",
            axis,
            "pence",
            table,
            "value",
            range(len(table)),
            "Payment to a practice",
        ),
    )


Terms = dict[tuple[str, str], int]


def agreed_terms(routing: Routing) -> Terms:
    """Find the agreed terms of each payment stream and practice; '' stands for every practice: row
    by (stream, practice).

    Source: overview 3.3.2; req 109, 110, 111.
    """
    table = routing.model["primary_care_terms"]
    return {
        (stream, practice): row
        for row, (stream, practice) in enumerate(
            zip(table.text("payment_stream"), table.text("list_code"), strict=True)
        )
    }


def _agreed(terms: Terms, stream: str, practice: str) -> int | None:
    return terms.get((stream, practice), terms.get((stream, "")))


def _line(routing: Routing, row: int, terms: Terms) -> Line:
    table = routing.model["primary_care_payments"]
    practice, stream, service, funding, year = (
        str(table.columns[name][row])
        for name in (
            "list_code",
            "payment_stream",
            "service_line",
            "funding_stream",
            "effective_year",
        )
    )
    treatment = TREATMENTS[stream]
    position = routing.scope.lists.positions[practice]
    full = routing.scope.participation[position] == "full"
    agreed = _agreed(terms, stream, practice)
    element, left_out = (treatment.full, "") if full else (treatment.other, "")
    if full and treatment.by_agreement and agreed is None:
        element, left_out = "excluded", NOT_AGREED
    elif element in ("excluded", "pass_through"):
        left_out = treatment.left_out
    category = (
        ""
        if agreed is None
        else str(routing.model["primary_care_terms"].columns["growth_category"][agreed])
    )
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
        element=element,
        automatic_uplift=treatment.automatic_uplift,
        recurrent=treatment.recurrent,
        place=table.where(row, "payment_stream"),
        growth_category=category,
        left_out=left_out,
    )


def _warn_of_items_not_agreed(routing: Routing, lines: tuple[Line, ...]) -> None:
    """Say what stays out for want of a local agreement.

    Source: overview 3.3.2; req 110.
    """
    table = routing.model["primary_care_payments"]
    rows = [row for row, line in enumerate(lines) if line.left_out == NOT_AGREED]
    if rows:
        value = pounds(float(table.numbers("value")[rows].sum()), 2)
        routing.problems.warning(
            table.where(rows[0], "payment_stream"),
            f"{len(rows)} payment(s) of {value} to fully integrated practices come in by local"
            " agreement only, and none is recorded, so they are left out.",
            "Add a row with terms local_agreement to primary_care_terms, or leave them out.",
            "local_agreement_missing",
        )
