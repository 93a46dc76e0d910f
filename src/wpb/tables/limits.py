"""Where each review check begins to warn: a limit of this tool, which a model may set otherwise
with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wpb.tables.model import Model
from wpb.tables.schema import TypedTable


@dataclass(frozen=True)
class Limit:
    """One limit: the figure used unless the model says otherwise, and what it means. The handbook
    prints none of them.
    """

    value: float
    help: str


LIMITS: dict[str, Limit] = {
    "line_jump": Limit(
        0.25,
        "Largest change of a budget line from one contract year to the next: far above published"
        " growth and uplifts together, so that beyond it a rate or a year is likelier wrong",
    ),
    "allocation_jump": Limit(
        0.20,
        "Largest change of an allocation from one year to the next: published growth and"
        " convergence stay well inside it, and a digit too many does not",
    ),
    "list_coverage": Limit(
        0.02,
        "Largest difference of activity by list from the units paid for, as a share of them, that"
        " leaves a line's grade as it is",
    ),
    "price_jump": Limit(0.25, "Largest change of a unit price from one price year to the next"),
    "unit_jump": Limit(
        0.50,
        "Largest change of a kind of activity from one year to the next, services being steady",
    ),
    "spend_jump": Limit(0.50, "Largest change of a contract's or line's yearly spend"),
    "list_jump": Limit(
        0.25, "Largest change of a list or age band from one count to the next, mergers apart"
    ),
    "rate_large": Limit(
        0.15,
        "Largest yearly growth rate, either way, that passes without a word: about three times the"
        " highest published cost uplift",
    ),
    "neighbourhood_smallest": Limit(
        30_000, "Fewest people in a neighbourhood (contracting for accountable models, paragraph 8)"
    ),
    "neighbourhood_largest": Limit(
        50_000, "Most people in a neighbourhood (contracting for accountable models, paragraph 8)"
    ),
    "budget_variation": Limit(
        0.01,
        "Largest random variation of the budget, as a coefficient of variation, that is acceptable",
    ),
    "schedule_gap": Limit(
        0.05, "Largest gap between a schedule value and actual spend, as a share of actual spend"
    ),
    "share_gap": Limit(
        0.05, "Largest gap between a line's share of the schedule and its share of provider cost"
    ),
    "direct_cost_bias": Limit(
        0.05, "Largest bias of direct-cost shares, as a share of the line's value"
    ),
    "under_funded": Limit(
        0.95,
        "Spend below this share of provider cost, or of activity at benchmark cost, may be"
        " under-funded",
    ),
    "cross_subsidy": Limit(
        0.10,
        "Largest gap between a line's spend and its share of contract value by cost, before a"
        " cross-subsidy is suspected",
    ),
    "growth_departure": Limit(
        0.05, "Least departure of a year's growth from earlier growth that counts as unusual"
    ),
    "growth_volatility": Limit(
        0.10, "Standard deviation of yearly growth above which spend counts as volatile"
    ),
    "few_months": Limit(6, "Fewer months than this is few for a full-year estimate"),
    "profile_steadiness": Limit(
        0.02,
        "Largest relative standard deviation of a seasonal share over past years that counts as"
        " steady",
    ),
    "activity_gap": Limit(
        0.02, "Largest gap between activity and its control total, as a share of the control total"
    ),
    "unit_dispersion": Limit(
        0.75, "Largest coefficient of variation within one activity type that counts as alike"
    ),
    "benchmark_difference": Limit(
        0.10, "Largest gap between the weighted and unweighted benchmark mean"
    ),
    "national_factor": Limit(0.25, "Largest distance of the local cost factor from 1"),
    "poor_submissions": Limit(0.20, "Largest share of poor national submissions"),
    "cost_spread": Limit(
        0.25,
        "Largest spread of known unit costs, as a coefficient of variation, for which one average"
        " will do",
    ),
    "sample_least": Limit(30, "Fewest observations of an activity type in a time and motion study"),
    "material_share": Limit(
        0.01, "Share of all current spend from which a contract counts as material"
    ),
    "source_age_days": Limit(365, "Oldest a source may be, in days, when the model is prepared"),
    "evaluation_years": Limit(
        1, "How many years before the spend year the newest evaluation figure may be for"
    ),
    "small_group": Limit(
        10,
        "Fewest patients for which a figure for a group is shown (inferred: the handbook sets"
        " none)",
    ),
}


def limit(model: Model, name: str) -> float:
    """Give a limit: the model's own where check_limits has one, else the tool's."""
    return limit_in(model.tables, name)


def limit_in(tables: Mapping[str, TypedTable], name: str) -> float:
    """Give a limit, where only the tables of a model are at hand."""
    table = tables["check_limits"]
    for row in table.rows_where("limit", name):
        return float(table.numbers("value")[row])
    return LIMITS[name].value
