"""Tables of the forecast: growth categories, allocations, care-model impacts."""

from wpb.kernel.ranges import AMOUNT
from wpb.tables.schema import Column, Steady, TableSpec

ACUTE_AREAS = ("ae", "outpatient", "elective", "non_elective")
"""The four areas in which hospital activity is projected: emergency attendances, outpatients,
planned and unplanned admissions.
"""
CARE_SETTINGS = ("acute", "community", "primary", "mental_health", "social", "home", "other")
PROGRAMME_KINDS = (
    "new_care_models",
    "right_care",
    "self_care",
    "prevention",
    "urgent_and_emergency_care",
    "clinical_prioritisation",
    "local",
)
"""The six national programmes of the handbook's footnote 48, and local ones."""
FROM_PROJECTION = "population_projection"
"""Written in place of an assumption: demographic growth is worked out from the table of population
projections.
"""

PROGRAMME_KIND = Column(
    "programme_kind",
    "choice",
    "National programme it belongs to, or local",
    required=False,
    choices=PROGRAMME_KINDS,
)
SHARE_IN_BUDGET = Column(
    "share_in_budget",
    "share",
    "Share of the saving taken from the budget; the rest is left to gain and loss sharing. Blank:"
    " the share in the settings",
    required=False,
)

GROWTH_CATEGORIES = TableSpec(
    "growth_categories",
    "Growth categories",
    "Expenditure groups, each with its own growth: which assumption gives each rate.",
    (
        Column("growth_category", "code", "Expenditure group"),
        Column("name", "text", "Group name"),
        Column(
            "growth_method",
            "choice",
            "unit_cost_and_activity: unit cost uplift and activity growth; total_cost: one combined"
            " rate; deflator: a general price index; two_references: primary medical care, from"
            " reference_uplifts; none: no growth (with a reason in model.yaml)",
            choices=("unit_cost_and_activity", "total_cost", "deflator", "two_references", "none"),
        ),
        Column(
            "cost_rate",
            "code",
            "Assumption: unit cost uplift, total cost rate or deflator; blank with deflator: the"
            " GDP deflator",
            required=False,
        ),
        Column(
            "demographic_rate",
            "code",
            "Assumption: demographic activity growth, population_projection to work it out from"
            " that table, or people_segments to work it out for each activity from use by segment",
            required=False,
        ),
        Column(
            "non_demographic_rate",
            "code",
            "Assumption: non-demographic activity growth",
            required=False,
        ),
        Column(
            "activity_rate",
            "code",
            "Assumption: combined activity growth, where the parts are not given apart",
            required=False,
        ),
        Column(
            "efficiency_rate",
            "code",
            "Assumption: provider efficiency; blank where none is agreed",
            required=False,
        ),
        Column(
            "activity_combination",
            "choice",
            "How the two parts of activity growth combine: sequential (one after the other, also"
            " where blank), or sum (added, as the national hospital activity model does)",
            required=False,
            choices=("sequential", "sum"),
        ),
        Column(
            "acute_area",
            "choice",
            "Area of hospital activity the group belongs to",
            required=False,
            choices=ACUTE_AREAS,
        ),
        Column(
            "litigation_weight",
            "code",
            "Assumption: share of cost that is clinical negligence; then cost_rate holds all other"
            " inflation",
            required=False,
        ),
        Column(
            "litigation_rate",
            "code",
            "Assumption: rise of clinical negligence contributions, set anew each year",
            required=False,
        ),
    ),
    key=("growth_category",),
    required=True,
    source="handbook 3.3.2 Dudley; req 159-172, 186",
)

ALLOCATIONS = TableSpec(
    "allocations",
    "Allocations",
    "Each commissioner's allocation by funding stream and year, and how certain it is.",
    (
        Column(
            "commissioner",
            "code",
            "Commissioner or council",
            refers_to="organisations.organisation",
        ),
        Column("funding_stream", "code", "Stream", refers_to="funding_streams.funding_stream"),
        Column("year", "year", "Year"),
        Column("allocation", "pounds", "Recurrent allocation", within=AMOUNT),
        Column(
            "certainty",
            "choice",
            "How certain it is",
            choices=("firm", "indicative", "planning_assumption"),
        ),
        Column("source", "text", "Where it was published or agreed"),
    ),
    key=("commissioner", "funding_stream", "year"),
    steady=(Steady("allocation", ("commissioner", "funding_stream"), "year", "allocation_jump"),),
    source="handbook 3.3.1, 3.6; req 149-151, 200-202",
)

CARE_MODEL_IMPACTS = TableSpec(
    "care_model_impacts",
    "Care model impacts",
    "What the new care model costs first and saves later, by programme, service line and year;"
    " nothing before its first row or after its last.",
    (
        Column("programme", "code", "Programme"),
        Column(
            "service_line",
            "code",
            "Service line it changes",
            refers_to="service_lines.service_line",
        ),
        Column(
            "commissioner",
            "code",
            "Commissioner whose spend it changes",
            refers_to="organisations.organisation",
        ),
        Column(
            "funding_stream",
            "code",
            "Stream it changes",
            refers_to="funding_streams.funding_stream",
        ),
        Column("year", "year", "Year"),
        Column("investment", "pounds", "Investment in the year, not below nought", within=AMOUNT),
        Column("saving", "pounds", "Saving in the year, not below nought", within=AMOUNT),
        Column("recurrent", "yes_no", "Whether the investment recurs"),
        Column(
            "scope",
            "choice",
            "Whether it changes spend inside or outside this budget",
            choices=("inside", "outside"),
        ),
        Column("owner", "text", "Who delivers it"),
        Column("plan", "text", "How the saving will be realised"),
        PROGRAMME_KIND,
        SHARE_IN_BUDGET,
    ),
    key=("programme", "service_line", "commissioner", "funding_stream", "year", "scope"),
    source="handbook 3.5; req 188-190, 205",
)

POPULATION_PROJECTIONS = TableSpec(
    "population_projections",
    "Population projections",
    "People by age band and year, from one or more sources.",
    (
        Column(
            "projection", "code", "Source of the projection, for example ons or gla_capped_shlaa"
        ),
        Column("age_band", "code", "Age band"),
        Column("year", "year", "Year"),
        Column("people", "count", "People"),
        Column("published", "text", "When and where it was published"),
    ),
    key=("projection", "age_band", "year"),
    steady=(Steady("people", ("projection", "age_band"), "year", "list_jump"),),
    source="handbook 3.3.2 Dudley, 3.3.3 Tower Hamlets; req 175",
)

AGE_PROFILES = TableSpec(
    "age_profiles",
    "Use by age",
    "How much of a growth category's activity a person of each age band uses; without it every"
    " person counts alike.",
    (
        Column(
            "growth_category",
            "code",
            "Expenditure group",
            refers_to="growth_categories.growth_category",
        ),
        Column("age_band", "code", "Age band"),
        Column("use_per_person", "count", "Activity, or cost, per person in the base year"),
        Column("source", "text", "Where it was measured"),
    ),
    key=("growth_category", "age_band"),
    source="handbook 3.3.2; req 167, 175",
)

RATE_OVERRIDES = TableSpec(
    "rate_overrides",
    "Overrides of growth rates",
    "A local rate in place of the one a growth category takes, by line, year and driver, with its"
    " reason and evidence.",
    (
        Column("override", "code", "Code of the override"),
        Column(
            "applies_to",
            "choice",
            "What it changes; a narrower one goes before a wider one",
            choices=("growth_category", "service_line", "budget_line"),
        ),
        Column("code", "code", "Code of that group, service line or budget line"),
        Column(
            "driver",
            "choice",
            "Driver of growth",
            choices=(
                "demographic",
                "non_demographic",
                "activity",
                "cost_pressure",
                "litigation",
                "combined",
            ),
        ),
        Column("year", "year", "Year"),
        Column("rate", "rate", "Local rate"),
        Column(
            "outside_provider_control",
            "yes_no",
            "Whether the driver is outside the provider's control; only such drivers count",
        ),
        Column("reason", "text", "Why it is used"),
        Column(
            "evidence",
            "text",
            "Evidence; needed where the rate is above the one it replaces",
            required=False,
        ),
        Column("owner", "text", "Who answers for it"),
    ),
    key=("applies_to", "code", "driver", "year"),
    large=(("rate", "rate_large"),),
    source="handbook 3.3.2-3.3.3; req 177-179",
)

ACTIVITY_OVERLAYS = TableSpec(
    "activity_overlays",
    "Programme effects on hospital activity",
    "How a programme changes hospital activity in an area, laid over the path it would otherwise"
    " take; nothing before its first year or after its last.",
    (
        Column("programme", "code", "Programme"),
        PROGRAMME_KIND,
        Column("acute_area", "choice", "Area", choices=ACUTE_AREAS),
        Column("year", "year", "Year"),
        Column(
            "activity_change",
            "rate",
            "Change as a share of the area's activity in the year, for example -0.03",
        ),
        Column(
            "pounds_in",
            "choice",
            "Where its pounds are: in care_model_impacts already, or worked out from this row",
            choices=("care_model_impacts", "this_row"),
        ),
        Column("owner", "text", "Who delivers it"),
        Column("plan", "text", "How it will be realised"),
    ),
    key=("programme", "acute_area", "year"),
    source="handbook 3.3.2, 3.3.3, 3.5; req 168",
)

SETTING_SHIFTS = TableSpec(
    "setting_shifts",
    "Shifts between care settings",
    "Activity that moves from one setting to another, priced on each side; nothing before its first"
    " year or after its last.",
    (
        Column("shift", "code", "Shift"),
        PROGRAMME_KIND,
        Column("year", "year", "Year"),
        Column("units", "count", "Units that leave the first setting in the year"),
        Column("from_setting", "choice", "Setting it leaves", choices=CARE_SETTINGS),
        Column(
            "from_service_line",
            "code",
            "Service line it leaves",
            refers_to="service_lines.service_line",
        ),
        Column(
            "from_stream", "code", "Stream that paid", refers_to="funding_streams.funding_stream"
        ),
        Column(
            "from_scope",
            "choice",
            "Whether that service is inside this budget",
            choices=("inside", "outside"),
        ),
        Column(
            "from_unit_price",
            "pounds",
            "Spend released by one unit, at the prices of the year",
            within=AMOUNT,
        ),
        Column("to_setting", "choice", "Setting it goes to", choices=CARE_SETTINGS),
        Column(
            "to_service_line",
            "code",
            "Service line it goes to",
            refers_to="service_lines.service_line",
        ),
        Column(
            "to_stream", "code", "Stream that will pay", refers_to="funding_streams.funding_stream"
        ),
        Column(
            "to_scope",
            "choice",
            "Whether that service is inside this budget",
            choices=("inside", "outside"),
        ),
        Column(
            "to_unit_price",
            "pounds",
            "Spend on one unit there, at the prices of the year",
            within=AMOUNT,
        ),
        Column(
            "units_per_unit",
            "count",
            "Units there for each unit that moves; blank is 1, which conserves activity",
            required=False,
        ),
        Column("units_per_unit_reason", "text", "Why it is not 1", required=False),
        Column("commissioner", "code", "Commissioner", refers_to="organisations.organisation"),
        Column("owner", "text", "Who delivers it"),
        Column("plan", "text", "How it will be realised"),
    ),
    key=("shift", "year"),
    source="overview 4.1-4.2; req 183",
)

INVESTMENT_FLOORS = TableSpec(
    "investment_floors",
    "Investment floors",
    "Minimum spend on primary medical and community services, for the region or the integrated care"
    " system.",
    (
        Column("floor", "code", "Floor"),
        Column(
            "level",
            "choice",
            "Level it is set at: region from 2020-21, ics from 2023-24",
            choices=("region", "ics"),
        ),
        Column("care", "choice", "Services it protects", choices=("primary_medical", "community")),
        Column("year", "year", "Year"),
        Column(
            "minimum_spend",
            "pounds",
            "This area's minimum; blank where it is not known, and nothing is then tested",
            required=False,
            within=AMOUNT,
        ),
        Column(
            "counted_as",
            "choice",
            "What spend counts towards it",
            choices=("funding_stream", "growth_category", "service_line"),
        ),
        Column("counted_code", "code", "Code of that stream, group or service line"),
        Column("source", "text", "Where the minimum was published or agreed"),
    ),
    key=("floor", "year", "counted_as", "counted_code"),
    source="overview 4.2; req 184",
)

TABLES = (
    GROWTH_CATEGORIES,
    ALLOCATIONS,
    CARE_MODEL_IMPACTS,
    POPULATION_PROJECTIONS,
    AGE_PROFILES,
    RATE_OVERRIDES,
    ACTIVITY_OVERLAYS,
    SETTING_SHIFTS,
    INVESTMENT_FLOORS,
)
