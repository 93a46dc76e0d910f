"""Optional tables of scope: what influences what, how spend varies, footprints, risks, checklists,
and the path ahead.
"""

from wpb.kernel.ranges import QUANTITY
from wpb.tables.schema import Column, TableSpec

RISKS = ("population_size", "population_need", "utilisation", "volatility", "efficiency", "quality")
BEARERS = ("commissioner", "provider", "shared")
POPULATION_MODES_ALLOWED = ("segment", "whole_population", "person_level")
CHECKLISTS = ("features", "characteristics", "readiness", "essential_jobs")
MECHANISM_SETTINGS = {
    "population_update": ("registered_weighted", "registered_headcount", "none"),
    "gain_loss_sharing": ("none", "fixed_price_activity", "spend", "population_size"),
    "inflation_update": ("published_index", "provider_actual_cost", "none"),
    "activity_paid_elements": ("none", "public_health_only", "wide"),
    "outcome_payment": ("none", "paid_on_outcomes"),
}

SERVICE_INTERACTIONS = TableSpec(
    "service_interactions",
    "Which services influence which",
    "A map of services that influence one another, to find where cost could be shifted across the"
    " edge of the scope.",
    (
        Column(
            "service_line",
            "code",
            "Service line that influences another",
            refers_to="service_lines.service_line",
        ),
        Column(
            "influences",
            "code",
            "Service line that is influenced",
            refers_to="service_lines.service_line",
        ),
        Column("strength", "choice", "How strongly", choices=("high", "medium", "low")),
        Column("how", "text", "How, for example early discharge shifts nursing to the community"),
    ),
    key=("service_line", "influences"),
    source="handbook 1.1.5; overview 3.4; req 4",
)

COST_VARIATION = TableSpec(
    "cost_variation",
    "How much cost varies between people",
    "How much one person's yearly cost varies around the mean, to test whether the population is"
    " big enough.",
    (
        Column(
            "service_line",
            "code",
            "Service line; blank for everything in scope",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column(
            "person_variation",
            "number",
            "Standard deviation of one person's yearly cost divided by its mean",
            within=QUANTITY,
        ),
        Column("source", "text", "Where it was measured"),
    ),
    key=("service_line",),
    source="handbook 1.1.5; overview 3.4; req 5",
)

FOOTPRINTS = TableSpec(
    "footprints",
    "Footprints",
    "Where a payer's boundary and the lists differ: how many people on each list live in the"
    " payer's area. Give residents registered elsewhere a list of kind elsewhere.",
    (
        Column(
            "organisation",
            "code",
            "Commissioner or council",
            refers_to="organisations.organisation",
        ),
        Column("list_code", "code", "GP list", refers_to="gp_lists.list_code"),
        Column("residents", "count", "People on the list who live in the payer's area"),
    ),
    key=("organisation", "list_code"),
    source="Mid-Nottinghamshire article; req 14",
)

RISK_BEARERS = TableSpec(
    "risk_bearers",
    "Risk register",
    "Who bears each risk of the budget.",
    (
        Column("risk", "choice", "Risk, as the handbook names them", choices=RISKS),
        Column("bearer", "choice", "Who bears it", choices=BEARERS),
        Column("reason", "text", "Why, above all where it is not as the handbook has it"),
        Column("agreed_by", "text", "Who agreed it", required=False),
    ),
    key=("risk",),
    source="handbook 1.1.2; overview 3.2; req 8, 9",
)

MECHANISMS = TableSpec(
    "mechanisms",
    "Mechanisms that move risk",
    "How the contract updates for population and prices, shares gains and losses, and pays by"
    " activity or outcome.",
    (
        Column("mechanism", "choice", "Mechanism", choices=tuple(MECHANISM_SETTINGS)),
        Column(
            "setting",
            "choice",
            "How it is set; each mechanism has its own settings",
            choices=tuple(
                dict.fromkeys(s for settings in MECHANISM_SETTINGS.values() for s in settings)
            ),
        ),
        Column("reason", "text", "Why"),
    ),
    key=("mechanism",),
    source="handbook 1.1.2, 3.3.3, 4.4, 6.2; req 10",
)

CHECKLIST_ANSWERS = TableSpec(
    "checklist_answers",
    "Checklists",
    "Answers to the checklists: features and characteristics of a whole population budget,"
    " readiness, and the ten essential jobs.",
    (
        Column("checklist", "choice", "Checklist", choices=CHECKLISTS),
        Column("item", "code", "Item of the checklist; for essential_jobs a code of your own"),
        Column("answer", "choice", "Whether it is met", choices=("yes", "partly", "no")),
        Column("statement", "text", "How it is met, or what is planned"),
        Column("evidence", "text", "Document or figures that show it", required=False),
        Column("owner", "text", "Who answers for it"),
        Column("answered_on", "date", "Date of the answer"),
    ),
    key=("checklist", "item"),
    source="handbook Summary, 1.1.2, 1.1.5; overview 2, 3.2, 3.4; req 11, 12, 15",
)

POPULATION_MODES = TableSpec(
    "population_modes",
    "Path of the population approach",
    "Whether the budget is for a segment, the whole population, or people one by one, and from"
    " which year. Without rows it is for the whole population.",
    (
        Column("from_year", "year", "First contract year of this approach"),
        Column(
            "mode",
            "choice",
            "segment, whole_population, or person_level (risk-adjusted capitation)",
            choices=POPULATION_MODES_ALLOWED,
        ),
        Column("segment", "text", "For a segment: which people", required=False),
        Column(
            "linked_data",
            "text",
            "For person_level: the linked patient data it rests on",
            required=False,
        ),
        Column("reason", "text", "Why"),
    ),
    key=("from_year",),
    source="handbook Summary footnotes 2-3, 1.1.2 footnote 14; req 3, 16",
)

EVALUATION_SERIES = TableSpec(
    "evaluation_series",
    "Evaluation figures",
    "Activity, quality and cost figures kept to judge the budget, the risk share and the care"
    " model.",
    (
        Column("measure", "code", "Measure"),
        Column(
            "measure_kind", "choice", "Kind of measure", choices=("activity", "quality", "cost")
        ),
        Column(
            "service_line",
            "code",
            "Service line, where it is for one",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column("period", "year", "Year it is for"),
        Column("figure", "number", "Figure"),
        Column("unit", "text", "Unit of the figure"),
        Column("data_source", "text", "Where it comes from"),
    ),
    key=("measure", "period"),
    source="handbook 1.1.5; overview 3.4; req 17",
)

TABLES = (
    SERVICE_INTERACTIONS,
    COST_VARIATION,
    FOOTPRINTS,
    RISK_BEARERS,
    MECHANISMS,
    CHECKLIST_ANSWERS,
    POPULATION_MODES,
    EVALUATION_SERIES,
)
