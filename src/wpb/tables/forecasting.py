"""Tables of the forecast: growth categories, allocations, care-model impacts."""

from wpb.kernel.ranges import AMOUNT
from wpb.tables.declared import Choice, Code, Count, Pounds, Rate, Share, Table, Text, Year, YesNo
from wpb.tables.rules import EveryYearBetween, OfKind, RateNotLarge, Steady

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

PROGRAMME_KIND = Choice(
    "National programme it belongs to, or local",
    required=False,
    choices=PROGRAMME_KINDS,
    meaning="evidence",
)
SHARE_IN_BUDGET = Share(
    "Share of the saving taken from the budget; the rest is left to gain and loss sharing. Blank:"
    " the share in the settings",
    required=False,
)


class GrowthCategories(
    Table,
    name="growth_categories",
    title="Growth categories",
    purpose="Expenditure groups, each with its own growth: which assumption gives each rate.",
    required=True,
    source="handbook 3.3.2 Dudley; req 159-172, 186",
):
    growth_category = Code("Expenditure group")
    name = Text("Group name")
    growth_method = Choice(
        "unit_cost_and_activity: unit cost uplift and activity growth; total_cost: one combined"
        " rate; deflator: a general price index; two_references: primary medical care, from"
        " reference_uplifts; none: no growth (with a reason in model.yaml)",
        choices=("unit_cost_and_activity", "total_cost", "deflator", "two_references", "none"),
    )
    cost_rate = Code(
        "Assumption: unit cost uplift, total cost rate or deflator; blank with deflator: the"
        " GDP deflator",
        required=False,
    )
    demographic_rate = Code(
        "Assumption: demographic activity growth, population_projection to work it out from"
        " that table, or people_segments to work it out for each activity from use by segment",
        required=False,
    )
    non_demographic_rate = Code("Assumption: non-demographic activity growth", required=False)
    activity_rate = Code(
        "Assumption: combined activity growth, where the parts are not given apart", required=False
    )
    efficiency_rate = Code(
        "Assumption: provider efficiency; blank where none is agreed", required=False
    )
    activity_combination = Choice(
        "How the two parts of activity growth combine: sequential (one after the other, also"
        " where blank), or sum (added, as the national hospital activity model does)",
        required=False,
        choices=("sequential", "sum"),
    )
    acute_area = Choice(
        "Area of hospital activity the group belongs to", required=False, choices=ACUTE_AREAS
    )
    litigation_weight = Code(
        "Assumption: share of cost that is clinical negligence; then cost_rate holds all other"
        " inflation",
        required=False,
    )
    litigation_rate = Code(
        "Assumption: rise of clinical negligence contributions, set anew each year", required=False
    )
    one_row_per = (growth_category,)


class Allocations(
    Table,
    name="allocations",
    title="Allocations",
    purpose="Each commissioner's allocation by funding stream and year, and how certain it is.",
    source="handbook 3.3.1, 3.6; req 149-151, 200-202",
):
    commissioner = Code("Commissioner or council", refers_to="organisations.organisation")
    funding_stream = Code("Stream", refers_to="funding_streams.funding_stream")
    year = Year("Year")
    allocation = Pounds("Recurrent allocation", within=AMOUNT)
    certainty = Choice(
        "How certain it is; placeholder where nobody knows it yet, so that no margin is determined",
        choices=("firm", "indicative", "planning_assumption", "placeholder"),
        meaning="evidence",
    )
    source = Text("Where it was published or agreed")
    one_row_per = (commissioner, funding_stream, year)
    checks = (
        Steady(allocation, by=(commissioner, funding_stream), over=year, limit="allocation_jump"),
        OfKind(
            commissioner,
            "organisations.kind",
            ("provider", "lead_provider"),
            "'{commissioner}' pays here, but it is a provider in 'organisations'.",
            "Enter the commissioner or council that pays.",
            "payer_kind",
        ),
    )


class CareModelImpacts(
    Table,
    name="care_model_impacts",
    title="Care model impacts",
    purpose="What the new care model costs first and saves later, by programme, service line and"
    " year; nothing before its first row or after its last.",
    source="handbook 3.5; req 188-190, 205",
):
    programme = Code("Programme")
    service_line = Code("Service line it changes", refers_to="service_lines.service_line")
    commissioner = Code(
        "Commissioner whose spend it changes", refers_to="organisations.organisation"
    )
    funding_stream = Code("Stream it changes", refers_to="funding_streams.funding_stream")
    year = Year("Year")
    investment = Pounds("Investment in the year, not below nought", within=AMOUNT)
    saving = Pounds("Saving in the year, not below nought", within=AMOUNT)
    recurrent = YesNo("Whether the investment recurs", meaning="evidence")
    scope = Choice(
        "Whether it changes spend inside or outside this budget", choices=("inside", "outside")
    )
    owner = Text("Who delivers it")
    plan = Text("How the saving will be realised")
    programme_kind = PROGRAMME_KIND
    share_in_budget = SHARE_IN_BUDGET
    one_row_per = (programme, service_line, commissioner, funding_stream, year, scope)
    checks = (
        OfKind(
            commissioner,
            "organisations.kind",
            ("provider", "lead_provider"),
            "'{commissioner}' pays here, but it is a provider in 'organisations'.",
            "Enter the commissioner or council that pays.",
            "payer_kind",
        ),
        EveryYearBetween(year),
    )


class PopulationProjections(
    Table,
    name="population_projections",
    title="Population projections",
    purpose="People by age band and year, from one or more sources.",
    source="handbook 3.3.2 Dudley, 3.3.3 Tower Hamlets; req 175",
):
    projection = Code("Source of the projection, for example ons or gla_capped_shlaa")
    age_band = Code("Age band")
    year = Year("Year")
    people = Count("People")
    published = Text("When and where it was published")
    one_row_per = (projection, age_band, year)
    checks = (Steady(people, by=(projection, age_band), over=year, limit="list_jump"),)


class AgeProfiles(
    Table,
    name="age_profiles",
    title="Use by age",
    purpose="How much of a growth category's activity a person of each age band uses; without it"
    " every person counts alike.",
    source="handbook 3.3.2; req 167, 175",
):
    growth_category = Code("Expenditure group", refers_to="growth_categories.growth_category")
    age_band = Code("Age band")
    use_per_person = Count("Activity, or cost, per person in the base year")
    source = Text("Where it was measured")
    one_row_per = (growth_category, age_band)


class RateOverrides(
    Table,
    name="rate_overrides",
    title="Overrides of growth rates",
    purpose="A local rate in place of the one a growth category takes, by line, year and driver,"
    " with its reason and evidence.",
    source="handbook 3.3.2-3.3.3; req 177-179",
):
    override = Code("Code of the override")
    applies_to = Choice(
        "What it changes; a narrower one goes before a wider one",
        choices=("growth_category", "service_line", "budget_line"),
    )
    code = Code("Code of that group, service line or budget line")
    driver = Choice(
        "Driver of growth",
        choices=(
            "demographic",
            "non_demographic",
            "activity",
            "cost_pressure",
            "litigation",
            "combined",
        ),
    )
    year = Year("Year")
    rate = Rate("Local rate")
    outside_provider_control = YesNo(
        "Whether the driver is outside the provider's control; only such drivers count"
    )
    reason = Text("Why it is used")
    evidence = Text("Evidence; needed where the rate is above the one it replaces", required=False)
    owner = Text("Who answers for it")
    one_row_per = (applies_to, code, driver, year)
    checks = (RateNotLarge(rate, "rate_large"),)


class Rates(
    Table,
    name="rates",
    title="Rates by year",
    purpose="Local rates of growth and efficiency by year, in one sheet, with who says so. A growth"
    " category names one by what, then a dot and the code where there is one: local.pay.acute."
    " A year without a row has no rate.",
    source="handbook 3.3.3; req 177-179, 382",
):
    what = Code("Name of the rate, such as local.cost_uplift or local.efficiency")
    code = Code(
        "Growth category, service line or funding stream it is for; blank for all", required=False
    )
    year = Year("Year")
    rate = Rate("Rate of change over the year before")
    source = Text("Who says so: the document, or the group that agreed it")
    citation = Text("Where in it: a table, page or paragraph")
    reason = Text("Why it is used")
    owner = Text("Who answers for it")
    outside_provider_control = YesNo(
        "Whether the driver is outside the provider's control; needed for growth, blank for"
        " efficiency",
        required=False,
    )
    status = Choice(
        "How firm it is; blank for forecast",
        required=False,
        choices=("final", "forecast", "consultation", "placeholder"),
    )
    one_row_per = (what, code, year)
    checks = (RateNotLarge(rate, "rate_large"),)


class ActivityOverlays(
    Table,
    name="activity_overlays",
    title="Programme effects on hospital activity",
    purpose="How a programme changes hospital activity in an area, laid over the path it would"
    " otherwise take; nothing before its first year or after its last.",
    source="handbook 3.3.2, 3.3.3, 3.5; req 168",
):
    programme = Code("Programme")
    programme_kind = PROGRAMME_KIND
    acute_area = Choice("Area", choices=ACUTE_AREAS)
    year = Year("Year")
    activity_change = Rate(
        "Change as a share of the area's activity in the year, for example -0.03"
    )
    pounds_in = Choice(
        "Where its pounds are: in care_model_impacts already, or worked out from this row",
        choices=("care_model_impacts", "this_row"),
    )
    owner = Text("Who delivers it")
    plan = Text("How it will be realised")
    one_row_per = (programme, acute_area, year)
    checks = (EveryYearBetween(year),)


class SettingShifts(
    Table,
    name="setting_shifts",
    title="Shifts between care settings",
    purpose="Activity that moves from one setting to another, priced on each side; nothing before"
    " its first year or after its last.",
    source="overview 4.1-4.2; req 183",
):
    shift = Code("Shift")
    programme_kind = PROGRAMME_KIND
    year = Year("Year")
    units = Count("Units that leave the first setting in the year")
    from_setting = Choice("Setting it leaves", choices=CARE_SETTINGS)
    from_service_line = Code("Service line it leaves", refers_to="service_lines.service_line")
    from_stream = Code("Stream that paid", refers_to="funding_streams.funding_stream")
    from_scope = Choice("Whether that service is inside this budget", choices=("inside", "outside"))
    from_unit_price = Pounds("Spend released by one unit, at the prices of the year", within=AMOUNT)
    to_setting = Choice("Setting it goes to", choices=CARE_SETTINGS)
    to_service_line = Code("Service line it goes to", refers_to="service_lines.service_line")
    to_stream = Code("Stream that will pay", refers_to="funding_streams.funding_stream")
    to_scope = Choice("Whether that service is inside this budget", choices=("inside", "outside"))
    to_unit_price = Pounds("Spend on one unit there, at the prices of the year", within=AMOUNT)
    units_per_unit = Count(
        "Units there for each unit that moves; blank is 1, which conserves activity", required=False
    )
    units_per_unit_reason = Text("Why it is not 1", required=False)
    commissioner = Code("Commissioner", refers_to="organisations.organisation")
    owner = Text("Who delivers it")
    plan = Text("How it will be realised")
    one_row_per = (shift, year)
    checks = (EveryYearBetween(year),)


class InvestmentFloors(
    Table,
    name="investment_floors",
    title="Investment floors",
    purpose="Minimum spend on primary medical and community services, for the region or the"
    " integrated care system.",
    source="overview 4.2; req 184",
):
    floor = Code("Floor")
    level = Choice(
        "Level it is set at: region from 2020-21, ics from 2023-24",
        choices=("region", "ics"),
        meaning="evidence",
    )
    care = Choice(
        "Services it protects", choices=("primary_medical", "community"), meaning="evidence"
    )
    year = Year("Year")
    minimum_spend = Pounds(
        "This area's minimum; blank where it is not known, and nothing is then tested",
        required=False,
        within=AMOUNT,
    )
    counted_as = Choice(
        "What spend counts towards it",
        choices=("funding_stream", "growth_category", "service_line"),
    )
    counted_code = Code("Code of that stream, group or service line")
    source = Text("Where the minimum was published or agreed")
    one_row_per = (floor, year, counted_as, counted_code)


TABLES = (
    GrowthCategories,
    Allocations,
    CareModelImpacts,
    PopulationProjections,
    AgeProfiles,
    RateOverrides,
    Rates,
    ActivityOverlays,
    SettingShifts,
    InvestmentFloors,
)
