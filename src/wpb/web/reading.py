"""The pages people read, each with its data as JSON and CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from wpb.governance.visibility import KINDS, Sight
from wpb.present.result_table import ResultTable
from wpb.store.agreements import Version
from wpb.store.refusals import Absent
from wpb.web.answers import data, page, render, rows_csv, table_csv
from wpb.web.budgets import Shown
from wpb.web.drawing import drawn, one_row
from wpb.web.page_views import Looked
from wpb.web.pages import BY_NAME, PAGES, Page, drawn_parts, tables_of
from wpb.web.routes import ANYONE, Routes
from wpb.web.visits import Visit
from wpb.web.withholding import SeenTables, is_finding, seen

if TYPE_CHECKING:
    from wpb.web.app import Desk


def current_version(visit: Visit) -> Version:
    """Give the version that a visit is about: the one named, else the last agreed, else the newest
    that stands.

    Raises Absent where there is none, or none that this person may see.
    """
    named = visit.request.query_params.get("version", "") or str(visit.form.get("version") or "")
    found = [
        version
        for version in visit.desk.standing.now().versions
        if visit.may("see") or version.standing == "agreed"
    ]
    if named:
        for version in found:
            if str(version.number) == named:
                return version
        raise Absent(f"There is no version {named[:20]} that you can open.")
    for standing in (("agreed",), ("proposed", "draft"), ("withdrawn",)):
        for version in found:
            if version.standing in standing:
                return version
    raise Absent("There is no version to show yet.")


def shown_of(visit: Visit) -> tuple[Version, Shown]:
    """Give the version a visit is about and its budget."""
    version = current_version(visit)
    return version, visit.desk.shown(version, visit.patience)


def _table(visit: Visit, shown: Shown, name: str) -> ResultTable:
    """Give a result that this person may see.

    Raises Absent for one that isn't there.
    """
    published = {table for each in PAGES if each.published for table in each.tables}
    if name not in published:
        visit.need("see")
    if name not in shown.tables:
        raise Absent(f"This budget has no result called '{name[:60]}'.")
    table = shown.tables[name]
    if is_finding(table):
        visit.need(KINDS["finding"].right)
    return seen(shown, table, visit.sight)


def _page(visit: Visit) -> Page:
    name = visit.request.path_params.get("name", "overview")
    if name not in BY_NAME:
        raise Absent(f"There is no page '{name[:60]}'.")
    found = BY_NAME[name]
    if not found.published:
        visit.need("see")
    return found


def page_figures(
    desk: Desk,
    found: Page,
    version: Version,
    sight: Sight,
    patience: float | None = None,
    asked: Mapping[str, str] | None = None,
) -> Markup:
    """Draw a page's words, charts and results as someone sees them.

    asked: what a reader chose on the page. Only the page as it first opens is kept in the store;
    choices are kept in memory.
    """
    seen_by = "all" if sight.sees_all else sight.digest
    name = f"{found.name} {version.number} {seen_by}{found.fresh(desk.database, version.folder)}"

    def make(looked: Looked | None = None) -> str:
        looked = looked or looked_at(desk, found, version, sight)
        view = found.view(looked)
        tables = drawn_parts(found, looked, tables_of(found, looked, view))
        return render(
            "budget_page.html.j2",
            page=found,
            view=view,
            tables=tables,
            number=version.number,
            chosen=looked.chosen,
            choices=[(choice, choice.options(looked.shown)) for choice in found.choices],
        )

    if any(choice.name in (asked or {}) for choice in found.choices):
        looked = looked_at(desk, found, version, sight, patience, asked)
        return Markup(looked.shown.drawn((name, *looked.chosen.values()), lambda: make(looked)))
    inputs = desk.inputs_of(version)
    return Markup(
        desk.pages.get(
            inputs, name, make, patience, lambda: desk.budgets.stage(inputs) or "drawing"
        )
    )


def looked_at(
    desk: Desk,
    found: Page,
    version: Version,
    sight: Sight,
    patience: float | None = None,
    asked: Mapping[str, str] | None = None,
) -> Looked:
    """Give what a reader looks at: the budget of a version, and what they chose of what a page lets
    them choose.
    """
    shown = desk.shown(version, patience)
    return Looked(
        shown,
        version.number,
        found.chosen(shown, asked or {}),
        desk.database,
        version.folder,
        sight,
    )


def overview(visit: Visit) -> Response:
    """Show a page of the budget: its words, its charts, each result as a table."""
    found, version = _page(visit), current_version(visit)
    body = page_figures(
        visit.desk, found, version, visit.sight, visit.patience, visit.request.query_params
    )
    return page(
        visit,
        "shell.html.j2",
        found.title,
        found.name,
        body=body,
        number=version.number,
        version=version,
        twin=f"/pages/{found.name}",
        twin_query=visit.request.url.query,
    )


def page_json(visit: Visit) -> Response:
    """Give a page's results as JSON."""
    found, version = _page(visit), current_version(visit)
    looked = looked_at(
        visit.desk, found, version, visit.sight, visit.patience, visit.request.query_params
    )
    view = found.view(looked)
    tables = {name: table.records() for name, table in tables_of(found, looked, view).items()}
    charts = [
        {"title": chart.title, "description": chart.description} for chart in view.get("charts", [])
    ]
    return data(
        {
            "page": found.name,
            "title": found.title,
            "version": version.number,
            "folder": version.folder,
            "chosen": dict(looked.chosen),
            "cards": view.get("cards", []),
            "sentences": view.get("sentences", []),
            "charts": charts,
            "tables": tables,
        }
    )


def page_csv(visit: Visit) -> Response:
    """Give a page's first result as CSV; its others are under their own names."""
    found, version = _page(visit), current_version(visit)
    looked = looked_at(
        visit.desk, found, version, visit.sight, visit.patience, visit.request.query_params
    )
    tables = tables_of(found, looked, found.view(looked))
    if not tables:
        raise Absent(f"This budget has nothing yet for the page '{found.title}'.")
    return table_csv(next(iter(tables.values())))


def _tables_seen(visit: Visit) -> tuple[Version, SeenTables]:
    """Give the version a visit is about and its results as the visitor may see them, which what is
    counted is counted from.
    """
    version, shown = shown_of(visit)
    return version, SeenTables(shown, visit.sight)


def table_list(visit: Visit) -> Response:
    """List every result."""
    version, tables = _tables_seen(visit)
    found = [(table.name, table.title, table.help, len(table)) for table in tables.values()]
    return page(
        visit,
        "results.html.j2",
        "All results",
        "results",
        tables=found,
        number=version.number,
        version=version,
        twin="/tables",
    )


def table_list_json(visit: Visit) -> Response:
    """List every result as JSON."""
    version, tables = _tables_seen(visit)
    return data(
        {
            "version": version.number,
            "results": [
                {
                    "name": table.name,
                    "title": table.title,
                    "help": table.help,
                    "rows": len(table),
                    "columns": [column.name for column in table.columns],
                }
                for table in tables.values()
            ],
        }
    )


def table_page(visit: Visit) -> Response:
    """Show one result whole, page by page."""
    version, shown = shown_of(visit)
    table = _table(visit, shown, visit.request.path_params["name"])
    wanted, at = (
        visit.request.query_params.get("find", "")[:100],
        visit.request.query_params.get("page", "1"),
    )
    number = int(at) if at.isascii() and at.isdigit() and len(at) < 7 else 1

    def make() -> str:
        return render(
            "table_page.html.j2",
            table=drawn(shown, table, version.number, wanted, number),
            number=version.number,
        )

    body = Markup(
        shown.drawn(("table", table.name, version.number, wanted, number, visit.sight), make)
    )
    return page(
        visit,
        "shell.html.j2",
        table.title,
        "results",
        body=body,
        number=version.number,
        version=version,
        twin=f"/tables/{table.name}",
    )


def table_json(visit: Visit) -> Response:
    """Give one result as JSON: whole pence, unrounded numbers."""
    version, shown = shown_of(visit)
    table = _table(visit, shown, visit.request.path_params["name"])
    return data(
        {
            "name": table.name,
            "title": table.title,
            "help": table.help,
            "version": version.number,
            "columns": [
                {"name": column.name, "heading": column.heading, "kind": column.kind}
                for column in table.columns
            ],
            "rows": table.records(),
        }
    )


def table_csv_twin(visit: Visit) -> Response:
    """Give one result as CSV."""
    _, shown = shown_of(visit)
    return table_csv(_table(visit, shown, visit.request.path_params["name"]))


def row_page(visit: Visit) -> Response:
    """Show one row of a result in full: every column, and how the result is made."""
    version, shown = shown_of(visit)
    table = _table(visit, shown, visit.request.path_params["table"])
    number = int(visit.request.path_params["number"])
    body = Markup(
        render(
            "row_page.html.j2",
            table=table,
            cells=one_row(shown, table, number),
            row=number,
            number=version.number,
        )
    )
    return page(
        visit,
        "shell.html.j2",
        f"{table.title}, row {number}",
        "results",
        body=body,
        number=version.number,
        version=version,
        twin=f"/rows/{table.name}/{number}",
    )


def row_json(visit: Visit) -> Response:
    """Give one row of a result as JSON."""
    version, shown = shown_of(visit)
    table = _table(visit, shown, visit.request.path_params["table"])
    number = int(visit.request.path_params["number"])
    one_row(shown, table, number)
    return data(
        {
            "name": table.name,
            "version": version.number,
            "row": table.records()[number - 1],
            "help": table.help,
        }
    )


def row_csv(visit: Visit) -> Response:
    """Give one row of a result as CSV."""
    _, shown = shown_of(visit)
    table = _table(visit, shown, visit.request.path_params["table"])
    number = int(visit.request.path_params["number"])
    one_row(shown, table, number)
    return rows_csv(table.name, [table.records()[number - 1]])


def nothing(visit: Visit) -> Response:
    """Answer that the app is there."""
    return Response("ok", media_type="text/plain")


def home(visit: Visit) -> Response:
    """Go to the overview."""
    return RedirectResponse("/pages/overview", 303)


def register(routes: Routes) -> None:
    """Register every page that people read."""
    json_kind, csv_kind = "application/json", "text/csv"
    routes.read("/health", ANYONE, "Whether the app is there", "text/plain")(nothing)
    routes.read("/", "see_scope", "The overview")(overview)
    routes.read("/pages/{name}.json", "see_scope", "A page's data", json_kind)(page_json)
    routes.read("/pages/{name}.csv", "see_scope", "A page's first result", csv_kind)(page_csv)
    routes.read("/pages/{name}", "see_scope", "A page of the budget")(overview)
    routes.read("/tables.json", "see", "Every result's name", json_kind)(table_list_json)
    routes.read("/tables.csv", "see", "Every result's name", csv_kind)(
        lambda visit: rows_csv(
            "results",
            [
                {"name": each.name, "title": each.title, "help": each.help, "rows": len(each)}
                for each in _tables_seen(visit)[1].values()
            ],
        )
    )
    routes.read("/tables", "see", "Every result")(table_list)
    routes.read("/tables/{name}.json", "see_scope", "A result", json_kind)(table_json)
    routes.read("/tables/{name}.csv", "see_scope", "A result", csv_kind)(table_csv_twin)
    routes.read("/tables/{name}", "see_scope", "A result, page by page")(table_page)
    routes.read("/rows/{table}/{number:int}.json", "see_scope", "A row of a result", json_kind)(
        row_json
    )
    routes.read("/rows/{table}/{number:int}.csv", "see_scope", "A row of a result", csv_kind)(
        row_csv
    )
    routes.read("/rows/{table}/{number:int}", "see_scope", "A row of a result")(row_page)
