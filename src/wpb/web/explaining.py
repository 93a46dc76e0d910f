"""Where a figure comes from: its tree, a level at a time, with what a reader may not see yet
withheld.

Source: handbook 2.1.1, 3.7; req 354, 366, 367.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from starlette.responses import Response

from wpb.kernel.money import pounds
from wpb.present.csv_results import csv_text
from wpb.present.words import MINUS, currency_sign
from wpb.store.agreements import remarks_on
from wpb.web.answers import data, page, render
from wpb.web.budgets import Shown
from wpb.web.drawing import spell
from wpb.web.reading import shown_of
from wpb.web.routes import Routes
from wpb.web.visits import Visit
from wpb.web.withholding import WITHHELD, tree_seen

SHARED = "wpb/sharing/"
OF_AN_ARRANGEMENT = ("sharing", "measure", "units", "outturn")
QUICK, MOST_DEEP = 2, (30, 60.0)
"""Levels of a tree that are kept and quick; deeper ones take seconds, so they may be asked for so
many times in so many seconds.
"""


def tree_of(visit: Visit, shown: Shown, figure: str, depth: int) -> dict[str, Any]:
    """Explain a figure, with other providers' cost data withheld from those who may not see it."""
    if depth > QUICK:
        visit.desk.limits.check("explain", visit.person.email if visit.person else "", *MOST_DEEP)
    found = shown.explained(figure, depth) if depth <= QUICK else shown.explain(figure, depth)
    return tree_seen(found, shown, visit.sight)


def explain_page(visit: Visit) -> Response:
    """Show where a figure comes from, and what was asked and answered about it."""
    version, shown = shown_of(visit)
    figure = visit.request.path_params["figure"]
    # What is shared rests on the steps of its arrangement, which open only from here.
    whole = shown.explained(figure, None if figure.startswith(SHARED) else 1)
    wanted = visit.request.query_params.get("page", "1")
    at = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    count = len(whole["children"])
    pages = max(1, -(-count // 100))
    at, sight = min(max(at, 1), pages), visit.sight

    def make() -> str:
        # Only the parts on this page are looked through for what is withheld: a year's total has
        # thousands.
        node = tree_seen(
            {**whole, "children": whole["children"][(at - 1) * 100 : at * 100]}, shown, sight
        )
        sign = currency_sign(shown.budget.model.settings.currency)
        return render(
            "figure_tree.html.j2",
            node=node,
            count=count,
            children=node["children"],
            at=at,
            pages=pages,
            spell=lambda each: spell_node(each, sign),
            address=_address,
            steps=figure.startswith(SHARED),
            number=version.number,
        )

    body = Markup(shown.drawn(("explain", figure, at, version.number, sight), make))
    with visit.desk.database.reading() as connection:
        said = remarks_on(connection, version.number, figure)
    return page(
        visit,
        "explain.html.j2",
        "Where this figure comes from",
        "",
        body=body,
        figure=whole["id"],
        number=version.number,
        version=version,
        said=said,
        twin=f"/explain/{quote(figure)}",
    )


def spell_node(node: dict[str, Any], sign: str) -> str:
    """Write a node's value with its unit."""
    if node["value"] is None:
        return WITHHELD
    unit, value = str(node["unit"]), float(node["value"])
    if unit == "pence":
        return pounds(value, 2).replace("-", MINUS).replace("£", sign)
    if unit in ("rate", "share"):
        return f"{value * 100:,.4g}%".replace("-", MINUS)
    return spell(value, "number", sign) + ("" if unit == "number" else f" {unit}")


def _address(node: dict[str, Any]) -> str:
    """The address of a node that opens by itself; steps of an arrangement are shown below the
    figure that rests on them.
    """
    return (
        str(node["id"])
        if node.get("kind") in ("see", "figure")
        and str(node["id"]).split("/")[0] not in OF_AN_ARRANGEMENT
        else ""
    )


def explain_json(visit: Visit) -> Response:
    """Give the tree of a figure as JSON: values unrounded, two levels deep unless depth says
    otherwise (at most 6).
    """
    _, shown = shown_of(visit)
    asked = visit.request.query_params.get("depth", "2")
    return data(
        tree_of(
            visit,
            shown,
            visit.request.path_params["figure"],
            min(int(asked), 6) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 2,
        )
    )


def explain_csv(visit: Visit) -> Response:
    """Give what a figure is made of, one row each, as CSV."""
    _, shown = shown_of(visit)
    node = tree_of(visit, shown, visit.request.path_params["figure"], 1)
    rows: list[list[object]] = [["input", "figure", "title", "value", "unit", "where"]]
    for child in node["children"]:
        place = child.get("where") or child.get("citation") or {}
        rows.append(
            [
                child.get("input", ""),
                child["id"],
                child["title"],
                child["value"],
                child["unit"],
                " ".join(
                    str(place.get(key, ""))
                    for key in ("file", "sheet", "cell", "source", "locator")
                    if place.get(key)
                ),
            ]
        )
    return Response(csv_text(rows), media_type="text/csv")


def register(routes: Routes) -> None:
    """Register where figures come from."""
    routes.read(
        "/explain/{figure:path}.json", "see", "Where a figure comes from", "application/json"
    )(explain_json)
    routes.read("/explain/{figure:path}.csv", "see", "What a figure is made of", "text/csv")(
        explain_csv
    )
    routes.read("/explain/{figure:path}", "see", "Where a figure comes from")(explain_page)
