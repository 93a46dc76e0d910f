"""Which rules of price each budget line falls under.

Source: handbook 1.1.4; overview 3.3.1, 3.3.2; req 123, 133, 230.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wpb.baseline.routing import Routing
from wpb.tables.records import Line, Route

REGIMES = {
    "national_price": "National prices",
    "local_price": "Local prices",
    "act_2006_remuneration": "Payment set under the National Health Service Act 2006",
    "direct_payment": "Direct payments of personal budgets",
    "local_authority": "Council-funded: outside national rules of price",
}
REMUNERATED = ("community_pharmacy", "general_dental", "community_optometry")


def tag_regimes(routing: Routing, routes: Sequence[Route]) -> list[Route]:
    """Give every budget line the rules of price it falls under.

    Source: handbook 1.1.4; overview 3.3.1; req 123, 133, 230.
    """
    regulated = dict(
        zip(
            routing.model["service_lines"].text("service_line"),
            routing.model["service_lines"].text("regulated_as"),
            strict=True,
        )
    )
    national = _nationally_priced(routing)
    return [
        replace(
            route,
            lines=tuple(
                replace(
                    line,
                    pricing_regime=pricing_regime(
                        line,
                        routing.scope.funder[line.funding_stream],
                        regulated.get(line.service_line, ""),
                        national,
                    ),
                )
                for line in route.lines
            ),
        )
        for route in routes
    ]


def pricing_regime(
    line: Line, funder: str, regulated_as: str, nationally_priced: set[tuple[str, str, str]]
) -> str:
    """Tell the rules of price of a line, the first that fits of:

    council money: outside the rules; a personal budget: direct payment; minor surgery by GPs: local
    prices; pharmacy, dental, optometry, and practice payments that stay outside the contract: set
    under the 2006 Act;
    practice payments within it: local prices; activity at national prices: national; all else:
    local.
    Source: handbook 1.1.4; overview 3.3.1; req 123, 133, 230.
    """
    if funder == "council":
        return "local_authority"
    if line.element == "personal_budget":
        return "direct_payment"
    if regulated_as == "gp_minor_surgery":
        return "local_price"
    if regulated_as in REMUNERATED:
        return "act_2006_remuneration"
    if line.payment_basis == "primary_care" or regulated_as == "primary_medical":
        return "local_price" if line.element == "wpap" else "act_2006_remuneration"
    if (line.contract, line.service_line, line.activity_type) in nationally_priced:
        return "national_price"
    return "local_price"


def _nationally_priced(routing: Routing) -> set[tuple[str, str, str]]:
    prices, activity = routing.model["prices"], routing.model["priced_activity"]
    national = {
        (currency, point)
        for currency, point, kind in zip(
            prices.text("activity_currency"),
            prices.text("point_of_delivery"),
            prices.text("price_kind"),
            strict=True,
        )
        if kind == "national"
    }
    rows = zip(
        activity.text("contract"),
        activity.text("service_line"),
        activity.text("point_of_delivery"),
        activity.text("activity_currency"),
        strict=True,
    )
    return {
        (contract, service, point)
        for contract, service, point, currency in rows
        if (currency, point) in national
    }
