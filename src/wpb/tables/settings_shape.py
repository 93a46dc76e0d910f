"""The shape of model.yaml (and of the `model` sheet of a workbook): every setting, declared
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wpb.tables.population import NEEDS

SettingKind = Literal[
    "code", "text", "year", "date", "years", "share", "rate", "number", "choice", "choices"
]
"""years: a whole number of years; choices: a list, each one of the choices; the rest as in
wpb.tables.schema.
"""

VEHICLES = ("icp_contract", "nhs_standard_contract", "integrated_health_organisation", "other")
FORMS = ("full", "partial", "virtual", "mixed")
CONVERSION_STEPS = (
    "demographic",
    "non_demographic",
    "activity",
    "cost_pressure",
    "combined",
    "efficiency",
)
EFFICIENCY_METHODS = ("additive", "multiplicative")
ROUTES = ("national_assumptions", "allocation_growth")
ROUTE_PRESETS = ("near_whole_scope",)
PRESENTATIONS = ("sequential", "additive_with_interaction")
COMBINATIONS = ("each_stream_then_added",)
EXTENSION_METHODS = ("hold_last", "average")
MODEL_SCHEMA = 2
"""The schema (layout) of model folders that this wpb writes; see `wpb.intake.upgrades`."""
SCHEMA_SETTING, VERSION_SETTING = "schema", "wpb_version"
LONGEST_TERM = 15
"""The longest term of a contract, in whole years."""
MOST_YEARS = LONGEST_TERM + 1
"""The most financial years a contract touches: its longest term, started within a year."""
FIRST_YEAR, LAST_YEAR = 2010, 2060
"""The first and last financial years a model may speak of, by the year they start in."""


@dataclass(frozen=True)
class Setting:
    """One setting: its dotted key ({} stands for a name or number the user chooses), kind and
    help.
    """

    key: str
    kind: SettingKind
    help: str
    example: str
    required: bool = True
    choices: tuple[str, ...] = ()


SETTINGS: tuple[Setting, ...] = (
    Setting(
        SCHEMA_SETTING,
        "number",
        "Layout of the folder; `wpb upgrade` brings an older one up to date",
        str(MODEL_SCHEMA),
        required=False,
    ),
    Setting(
        VERSION_SETTING,
        "code",
        "Version of wpb that wrote or upgraded the folder",
        "0.1.0",
        required=False,
    ),
    Setting("model", "code", "Short code of this model, used in file names and ids", "midshire"),
    Setting("title", "text", "Title as readers see it", "Midshire whole population budget"),
    Setting("currency", "code", "Currency of every amount", "GBP"),
    Setting("prepared_by", "text", "Who prepared the model", "Midshire finance team"),
    Setting("prepared_on", "date", "Date it was prepared", "2030-01-15"),
    Setting(
        "lead_provider",
        "code",
        "Organisation that would hold the contract, as in the organisations table",
        "LEAD1",
    ),
    Setting(
        "form",
        "choice",
        "Form of integration with general practice: full, partial or virtual, or mixed where"
        " practices differ",
        "mixed",
        choices=FORMS,
    ),
    Setting("contract.first_year", "year", "First year of the contract", "2030-31"),
    Setting(
        "contract.years",
        "years",
        f"Financial years the contract runs in: 1 to {LONGEST_TERM}, or {MOST_YEARS} where"
        f" {LONGEST_TERM} years start within a year",
        "10",
    ),
    Setting(
        "contract.vehicle",
        "choice",
        "Form of contract the budget is paid through; blank: the integrated care provider contract",
        "icp_contract",
        required=False,
        choices=VEHICLES,
    ),
    Setting(
        "baseline.spend_year", "year", "Year that today's spend in the tables is for", "2029-30"
    ),
    Setting(
        "baseline.convert.steps",
        "choices",
        "Growth applied once, inside the baseline, to carry today's spend to contract year 1; leave"
        " empty where growth starts in the forecast",
        "",
        required=False,
        choices=CONVERSION_STEPS,
    ),
    Setting(
        "baseline.convert.reason",
        "text",
        "Why the baseline is converted so (needed where there are steps)",
        "",
        required=False,
    ),
    Setting(
        "forecast.efficiency.method",
        "choice",
        "additive: uplift less efficiency; multiplicative: (1 + uplift) x (1 - efficiency)",
        "additive",
        choices=EFFICIENCY_METHODS,
    ),
    Setting(
        "forecast.efficiency.reason", "text", "Why this method", "As agreed by the finance group"
    ),
    Setting(
        "forecast.routes.{}.route",
        "choice",
        "How a funding stream is projected: by national assumptions, or at the growth of its own"
        " allocation",
        "national_assumptions",
        choices=ROUTES,
    ),
    Setting(
        "forecast.routes.{}.reason", "text", "Why this route", "Scope is narrower than the stream"
    ),
    Setting(
        "forecast.routes.{}.alignment.population_share",
        "share",
        "Allocation route: share of the stream's population that is in scope",
        "0.97",
        required=False,
    ),
    Setting(
        "forecast.routes.{}.alignment.service_share",
        "share",
        "Allocation route: share of the stream's spend that is in scope",
        "0.92",
        required=False,
    ),
    Setting(
        "forecast.routes.{}.alignment.minimum_share",
        "share",
        "Allocation route: the least share that counts as significantly aligned",
        "0.85",
        required=False,
    ),
    Setting(
        "forecast.routes.{}.alignment.expected_growth_gap",
        "rate",
        "Allocation route: expected yearly growth of in-scope cost less the stream's average, 0"
        " where the same",
        "0",
        required=False,
    ),
    Setting(
        "forecast.routes.{}.alignment.maximum_growth_gap",
        "rate",
        "Allocation route: the widest gap in yearly growth that still counts as the same",
        "0.005",
        required=False,
    ),
    Setting(
        "forecast.routes.{}.preset",
        "choice",
        "near_whole_scope: almost the whole stream is in scope, so it grows with its allocation;"
        " the model measures both shares itself",
        "near_whole_scope",
        required=False,
        choices=ROUTE_PRESETS,
    ),
    Setting(
        "forecast.routes.{}.switch_year",
        "year",
        "Year from which the stream grows with its allocation, once scope has widened to match it",
        "2032-33",
        required=False,
    ),
    Setting(
        "forecast.routes.{}.target_need",
        "choice",
        "Need by which the lists in scope are given a target share of the stream's allocation",
        "overall_core",
        required=False,
        choices=NEEDS,
    ),
    Setting(
        "forecast.presentation",
        "choice",
        "sequential: each effect on top of those before it; additive_with_interaction: each effect"
        " alone, and what they do together apart",
        "sequential",
        required=False,
        choices=PRESENTATIONS,
    ),
    Setting(
        "forecast.population.projection",
        "code",
        "Population projection that demographic growth is worked out from",
        "ons",
        required=False,
    ),
    Setting(
        "forecast.population.allocation_basis",
        "code",
        "Population projection that allocations rest on",
        "ons",
        required=False,
    ),
    Setting(
        "forecast.population.reason",
        "text",
        "Why this projection",
        "The one allocations rest on",
        required=False,
    ),
    Setting(
        "forecast.combination.method",
        "choice",
        "How funding streams are combined",
        "each_stream_then_added",
        required=False,
        choices=COMBINATIONS,
    ),
    Setting(
        "forecast.combination.agreed_by",
        "text",
        "Who agreed how streams are combined",
        "ICB and council finance directors",
        required=False,
    ),
    Setting(
        "forecast.combination.agreed_on", "date", "When it was agreed", "2030-01-10", required=False
    ),
    Setting(
        "forecast.combination.reason",
        "text",
        "Why they are combined so",
        "Each funder sees its own path",
        required=False,
    ),
    Setting(
        "forecast.savings.share_in_budget",
        "share",
        "Share of modelled savings taken from the budget; the rest is left to gain and loss"
        " sharing",
        "0.5",
        required=False,
    ),
    Setting(
        "forecast.savings.reason",
        "text",
        "Why this share",
        "Risk is shared while schemes are new",
        required=False,
    ),
    Setting(
        "forecast.no_growth.{}",
        "text",
        "Why a growth category with growth_method none does not grow",
        "Fixed by contract",
        required=False,
    ),
    Setting(
        "assumptions.known_on",
        "date",
        "Use only what was published by this date; blank for everything known",
        "2030-01-15",
        required=False,
    ),
    Setting(
        "assumptions.extend.{}.key",
        "code",
        "Assumption to carry past its last published year",
        "activity_growth.community",
        required=False,
    ),
    Setting(
        "assumptions.extend.{}.how",
        "choice",
        "hold_last: the last published rate goes on; average: the mean of the published rates",
        "hold_last",
        required=False,
        choices=EXTENSION_METHODS,
    ),
    Setting(
        "assumptions.extend.{}.until",
        "year",
        "Last year it is carried to",
        "2039-40",
        required=False,
    ),
    Setting(
        "assumptions.extend.{}.reason",
        "text",
        "Why it may be carried on so",
        "No later rate is published",
        required=False,
    ),
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
