"""Trying a change: sliders and a form over a version's figures; nothing touches the version, and
what is worth keeping is saved with a reason.

Source: handbook 3.3.3, 5.1; req 177-179, 366.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response

from wpb.governance.visibility import INPUTS
from wpb.present.words import currency_sign, spell_pounds
from wpb.store.agreements import make_version
from wpb.store.baking import bake
from wpb.store.frozen import thaw
from wpb.store.overlay import Change
from wpb.store.refusals import Conflict, Forbidden
from wpb.store.scenarios import Scenario, all_scenarios, edit_scenario, find_scenario, save_scenario
from wpb.web.answers import data, done, page, rows_csv
from wpb.web.budgets import Shown
from wpb.web.reading import current_version, shown_of
from wpb.web.routes import Routes
from wpb.web.visits import Visit

SCALES = (
    ("care_model_impacts", "saving", "Savings of the care model"),
    ("care_model_impacts", "investment", "Investment in the care model"),
    ("allocations", "allocation", "Allocations"),
)


@dataclass(frozen=True)
class Slider:
    """One thing to try: its name in the form, its words, its bounds, and where it stands."""

    name: str
    words: str
    low: float
    high: float
    step: float
    value: float
    neutral: float
    unit: str

    def change(self, value: float) -> Change | None:
        """Give the change that a position stands for; None where it changes nothing."""
        if value == self.neutral:
            return None
        kind, what, column = self.name.split(":")
        return Change(kind, what, column, value / 100)


class Trial(BaseModel):
    """Where the sliders stand, and one cell to set besides."""

    version: int = Field(ge=1, lt=2**31)
    slider: list[str] = Field(default=[], max_length=100)
    value: list[float] = Field(default=[], max_length=100)
    set_table: str = Field("", max_length=100)
    set_key: str = Field("", max_length=200)
    set_column: str = Field("", max_length=100)
    set_value: str = Field("", max_length=40)


class Saved(Trial):
    """A trial to keep: its title and reason; scenario and revision where it is an edit of one."""

    title: str = Field(max_length=200)
    reason: str = Field(max_length=5000)
    scenario: int = Field(0, ge=0, lt=2**31)
    revision: int = Field(0, ge=0, lt=2**31)


class Grounds(BaseModel):
    """A title and a reason."""

    title: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=5000)


def sliders_of(shown: Shown, changes: tuple[Change, ...] = ()) -> list[Slider]:
    """Give what can be tried on a budget: its savings, investments and allocations, and each local
    assumption that is a rate.
    """
    held = {
        (change.kind, change.table, change.column): change.value * 100
        for change in changes
        if not change.where_column
    }
    model = shown.loaded.budget.model
    found = [
        Slider(
            f"scale:{table}:{column}",
            words,
            90 if table == "allocations" else 0,
            110 if table == "allocations" else 200,
            0.1 if table == "allocations" else 1,
            held.get(("scale", table, column), 100),
            100,
            "%",
        )
        for table, column, words in SCALES
        if len(model.tables[table])
    ]
    for key, subject in sorted(shown.loaded.book.local.items()):
        if subject.unit == "rate":
            found.append(
                Slider(
                    f"add:{key}:",
                    subject.title,
                    -2,
                    2,
                    0.05,
                    held.get(("add", key, ""), 0),
                    0,
                    " points",
                )
            )
    return found


def changes_of(visit: Visit, shown: Shown) -> tuple[Change, ...]:
    """Read the changes a form stands for.

    Raises Conflict for a slider that isn't there or stands outside its bounds.
    """
    form, known = visit.form, {slider.name: slider for slider in sliders_of(shown)}
    if len(form["slider"]) != len(form["value"]):
        raise Conflict("Every slider needs a value.")
    found = []
    for name, value in zip(form["slider"], form["value"], strict=True):
        if name not in known or not known[name].low <= value <= known[name].high:
            raise Conflict(f"'{name[:60]}' can't be tried at {value:g}.")
        found.append(known[name].change(value))
    if form["set_table"] in INPUTS and not visit.sight.sees_all:
        # Figures that answer to a guess would tell what the guess is measured against.
        raise Forbidden(
            f"The table {form['set_table']} holds providers' own figures. Only those who see every"
            " provider's costs can try a change of it."
        )
    if form["set_table"]:
        try:
            amount = float(form["set_value"].replace(",", ""))
        except ValueError as fault:
            raise Conflict(
                f"'{form['set_value']}' is not a number. Enter digits only, for example 30000."
            ) from fault
        if not abs(amount) < 1e12:
            raise Conflict("Enter a number below a million million.")
        found.append(
            Change("set", form["set_table"], form["set_column"], amount, "key", form["set_key"])
        )
    return tuple(change for change in found if change is not None)


def compared(before: Shown, after: Shown) -> list[dict[str, Any]]:
    """Set two budgets side by side by year: forecast and headroom, before, after and their
    difference, in whole pence.
    """
    rows = []
    for old, new in zip(before.years.records(), after.years.records(), strict=True):
        rows.append(
            {
                "year": old["year"],
                **{
                    f"{name}_{when}": row[f"{name}_pence"]
                    for name in ("forecast", "headroom")
                    for when, row in (("before", old), ("after", new))
                },
            }
        )
        rows[-1]["forecast_difference"] = new["forecast_pence"] - old["forecast_pence"]
        rows[-1]["headroom_difference"] = new["headroom_pence"] - old["headroom_pence"]
    return rows


def _context(shown: Shown, after: Shown, changes: tuple[Change, ...]) -> dict[str, Any]:
    sign = currency_sign(shown.budget.model.settings.currency)
    return {
        "rows": compared(shown, after),
        "pounds": lambda pence: spell_pounds(pence, sign),
        "changes": [str(change) for change in changes],
    }


def try_page(visit: Visit) -> Response:
    """Show the sliders and the figures as they stand."""
    version, shown = shown_of(visit)
    return page(
        visit,
        "try.html.j2",
        "Try a change",
        "try",
        sliders=sliders_of(shown),
        scenario=None,
        number=version.number,
        version=version,
        twin="/try",
        **_context(shown, shown, ()),
    )


def try_figures(visit: Visit) -> Response:
    """Give the figures with the changes laid over, at once; nothing is kept."""
    _, shown = shown_of(visit)
    changes = changes_of(visit, shown)
    after = visit.desk.budgets.laid_over(shown.folder, changes)
    if visit.wants_html:
        return page(
            visit,
            "figures_page.html.j2",
            "Figures with this change",
            "try",
            number=visit.form["version"],
            **_context(shown, after, changes),
        )
    return data(
        {"changes": [change.as_dict() for change in changes], "years": compared(shown, after)}
    )


def save(visit: Visit) -> Response:
    """Save a trial as a scenario, or over one that is still as the person saw it."""
    version, shown = shown_of(visit)
    form, changes = visit.form, changes_of(visit, shown)
    visit.desk.budgets.laid_over(version.folder, changes)  # what can't be worked out isn't saved
    with visit.desk.database.writing() as connection:
        if form["scenario"]:
            edit_scenario(
                connection,
                visit.who.actor,
                form["scenario"],
                form["revision"],
                form["title"],
                form["reason"],
                changes,
            )
            identity = form["scenario"]
        else:
            identity = save_scenario(
                connection, visit.who.actor, version.folder, form["title"], form["reason"], changes
            )
    return done(visit, f"/scenarios/{identity}", scenario=identity)


def _scenario(visit: Visit) -> Scenario:
    with visit.desk.database.reading() as connection:
        return find_scenario(connection, int(visit.request.path_params["scenario"]))


def scenario_list(visit: Visit) -> Response:
    """List every scenario."""
    version = current_version(visit)
    with visit.desk.database.reading() as connection:
        found = all_scenarios(connection)
    return page(
        visit,
        "scenarios.html.j2",
        "Scenarios",
        "scenarios",
        scenarios=found,
        number=version.number,
        version=version,
        twin="/scenarios",
    )


def scenario_rows(visit: Visit) -> list[dict[str, Any]]:
    """List every scenario as data."""
    with visit.desk.database.reading() as connection:
        return [_spelt(each) for each in all_scenarios(connection)]


def _spelt(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "folder": scenario.folder,
        "title": scenario.title,
        "reason": scenario.reason,
        "made_by": scenario.made_by,
        "organisation": scenario.organisation,
        "revision": scenario.revision,
        "changes": [change.as_dict() for change in scenario.changes],
    }


def scenario_page(visit: Visit) -> Response:
    """Show a scenario beside what it lies on, with its sliders to go on from."""
    scenario = _scenario(visit)
    version = current_version(visit)
    shown = visit.desk.budgets.of(scenario.folder, visit.patience)
    after = visit.desk.budgets.laid_over(scenario.folder, scenario.changes, visit.patience)
    return page(
        visit,
        "try.html.j2",
        scenario.title,
        "scenarios",
        sliders=sliders_of(shown, scenario.changes),
        scenario=scenario,
        number=version.number,
        version=version,
        twin=f"/scenarios/{scenario.id}",
        **_context(shown, after, scenario.changes),
    )


def scenario_json(visit: Visit) -> Response:
    """Give a scenario and its figures beside those it lies on."""
    scenario = _scenario(visit)
    return data({**_spelt(scenario), "years": scenario_years(visit)})


def scenario_years(visit: Visit) -> list[dict[str, Any]]:
    """Give a scenario's figures by year beside those it lies on."""
    scenario = _scenario(visit)
    return compared(
        visit.desk.budgets.of(scenario.folder),
        visit.desk.budgets.laid_over(scenario.folder, scenario.changes),
    )


def try_json(visit: Visit) -> Response:
    """Give what can be tried, with its bounds, and the figures as they stand."""
    version, shown = shown_of(visit)
    return data(
        {
            "version": version.number,
            "sliders": [asdict(slider) for slider in sliders_of(shown)],
            "years": compared(shown, shown),
        }
    )


def try_sliders(visit: Visit) -> list[dict[str, Any]]:
    """List what can be tried, with its bounds."""
    return [asdict(slider) for slider in sliders_of(shown_of(visit)[1])]


def scenario_version(visit: Visit) -> Response:
    """Write a scenario into a copy of its folder, and keep that as a new version."""
    scenario = _scenario(visit)
    shown = visit.desk.budgets.of(scenario.folder)
    with visit.desk.database.reading() as connection:
        content = bake(
            thaw(connection, scenario.folder),
            shown.budget.model,
            shown.loaded.book.local,
            scenario.changes,
        )
    with visit.desk.database.writing() as connection:
        parent = next(
            (version.number for version in _versions_of(connection, scenario.folder)), None
        )
        number = make_version(
            connection,
            visit.who.actor,
            content,
            visit.form["title"],
            visit.form["reason"],
            parent=parent,
            scenario=scenario.id,
        )
    return done(visit, f"/versions/{number}", version=number)


def _versions_of(connection: Any, folder: str) -> list[Any]:
    from wpb.store.agreements import all_versions

    return [version for version in all_versions(connection) if version.folder == folder]


def register(routes: Routes) -> None:
    """Register what is needed to try, save and compare."""
    routes.read(
        "/try.json", "see", "What can be tried, and the figures as they stand", "application/json"
    )(try_json)
    routes.read("/try.csv", "see", "What can be tried", "text/csv")(
        lambda visit: rows_csv("sliders", try_sliders(visit))
    )
    routes.read("/try", "see", "Sliders and forms to try a change")(try_page)
    routes.write(
        "/try/figures",
        "see",
        "Figures with a change laid over; nothing is kept",
        Trial,
        most=(1200, 60.0),
    )(try_figures)
    routes.write("/scenarios", "save", "Save a scenario", Saved)(save)
    routes.twins("/scenarios", "see", "Every scenario", "scenarios", scenario_rows)
    routes.read("/scenarios", "see", "Every scenario")(scenario_list)
    routes.read(
        "/scenarios/{scenario:int}.json", "see", "A scenario and its figures", "application/json"
    )(scenario_json)
    routes.read("/scenarios/{scenario:int}.csv", "see", "A scenario's figures by year", "text/csv")(
        lambda visit: rows_csv("scenario", scenario_years(visit))
    )
    routes.read("/scenarios/{scenario:int}", "see", "A scenario beside what it lies on")(
        scenario_page
    )
    routes.write(
        "/scenarios/{scenario:int}/version", "make", "Make a version of a scenario", Grounds
    )(scenario_version)
