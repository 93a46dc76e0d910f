"""The shape of model.yaml (and of the `model` sheet of a workbook): every setting, declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SettingKind = Literal["code", "text", "year", "date", "years", "share", "number", "choice", "choices"]
"""years: a whole number of years; choices: a list, each one of the choices; the rest as in wpb.tables.schema."""

FORMS = ("full", "partial", "virtual", "mixed")
CONVERSION_STEPS = ("demographic", "non_demographic", "activity", "cost_pressure", "combined", "efficiency")
EFFICIENCY_METHODS = ("additive", "multiplicative")
ROUTES = ("national_assumptions", "allocation_growth")
EXTENSION_METHODS = ("hold_last", "average")
LONGEST_TERM = 15
FIRST_YEAR, LAST_YEAR = 2010, 2060
"""The first and last financial years a model may speak of, by the year they start in."""


@dataclass(frozen=True)
class Setting:
    """One setting: its dotted key ({} stands for a name or number the user chooses), kind and help."""

    key: str
    kind: SettingKind
    help: str
    example: str
    required: bool = True
    choices: tuple[str, ...] = ()


SETTINGS: tuple[Setting, ...] = (
    Setting("model", "code", "Short code of this model, used in file names and ids", "midshire"),
    Setting("title", "text", "Title as readers see it", "Midshire whole population budget"),
    Setting("currency", "code", "Currency of every amount", "GBP"),
    Setting("prepared_by", "text", "Who prepared the model", "Midshire finance team"),
    Setting("prepared_on", "date", "Date it was prepared", "2030-01-15"),
    Setting("lead_provider", "code", "Organisation that would hold the contract, as in the organisations table", "LEAD1"),
    Setting(
        "form",
        "choice",
        "Form of integration with general practice: full, partial or virtual, or mixed where practices differ",
        "mixed",
        choices=FORMS,
    ),
    Setting("contract.first_year", "year", "First year of the contract", "2030-31"),
    Setting("contract.years", "years", f"Length of the contract in years, 1 to {LONGEST_TERM}", "10"),
    Setting("baseline.spend_year", "year", "Year that today's spend in the tables is for", "2029-30"),
    Setting(
        "baseline.convert.steps",
        "choices",
        "Growth applied once, inside the baseline, to carry today's spend to contract year 1; leave empty where growth starts in the forecast",
        "",
        required=False,
        choices=CONVERSION_STEPS,
    ),
    Setting("baseline.convert.reason", "text", "Why the baseline is converted so (needed where there are steps)", "", required=False),
    Setting(
        "forecast.efficiency.method",
        "choice",
        "additive: uplift less efficiency; multiplicative: (1 + uplift) x (1 - efficiency)",
        "additive",
        choices=EFFICIENCY_METHODS,
    ),
    Setting("forecast.efficiency.reason", "text", "Why this method", "As agreed by the finance group"),
    Setting(
        "forecast.routes.{}.route",
        "choice",
        "How a funding stream is projected: by national assumptions, or at the growth of its own allocation",
        "national_assumptions",
        choices=ROUTES,
    ),
    Setting("forecast.routes.{}.reason", "text", "Why this route", "Scope is narrower than the stream"),
    Setting("forecast.routes.{}.alignment.population_share", "share", "Allocation route: share of the stream's population that is in scope", "0.97", required=False),
    Setting("forecast.routes.{}.alignment.service_share", "share", "Allocation route: share of the stream's spend that is in scope", "0.92", required=False),
    Setting("forecast.routes.{}.alignment.minimum_share", "share", "Allocation route: the least share that counts as significantly aligned", "0.85", required=False),
    Setting(
        "forecast.routes.{}.alignment.expected_growth_gap",
        "number",
        "Allocation route: expected yearly growth of in-scope cost less the stream's average, 0 where the same",
        "0",
        required=False,
    ),
    Setting(
        "forecast.routes.{}.alignment.maximum_growth_gap",
        "number",
        "Allocation route: the widest gap in yearly growth that still counts as the same",
        "0.005",
        required=False,
    ),
    Setting("forecast.no_growth.{}", "text", "Why a growth category with growth_method none does not grow", "Fixed by contract", required=False),
    Setting("assumptions.known_on", "date", "Use only what was published by this date; blank for everything known", "2030-01-15", required=False),
    Setting("assumptions.extend.{}.key", "code", "Assumption to carry past its last published year", "activity_growth.community", required=False),
    Setting(
        "assumptions.extend.{}.how",
        "choice",
        "hold_last: the last published rate goes on; average: the mean of the published rates",
        "hold_last",
        required=False,
        choices=EXTENSION_METHODS,
    ),
    Setting("assumptions.extend.{}.until", "year", "Last year it is carried to", "2039-40", required=False),
    Setting("assumptions.extend.{}.reason", "text", "Why it may be carried on so", "No later rate is published", required=False),
)

ATTRIBUTES = {
    "first_contract_year": "contract.first_year",
    "contract_years": "contract.years",
    "spend_year": "baseline.spend_year",
    "conversion_steps": "baseline.convert.steps",
    "conversion_reason": "baseline.convert.reason",
    "efficiency_method": "forecast.efficiency.method",
    "forecast_routes": "forecast.routes",
    "extensions": "assumptions.extend",
    "known_on": "assumptions.known_on",
}
"""Attributes of ModelSettings whose key in model.yaml is spelt otherwise."""
