"""Tables of shadow testing: what is uncertain and by how much, its history, scenarios, the parties'
terms, and what must hold before going live.
"""

from wpb.kernel.ranges import AMOUNT, FACTOR
from wpb.tables.schema import Column, TableSpec, at_least, between

DRIVERS = (
    "demographic",
    "non_demographic",
    "activity_growth",
    "cost_pressure",
    "combined",
    "efficiency",
    "activity",
    "population",
    "baseline_error",
    "care_model_delivery",
    "care_model_delay",
    "quality",
    "allocation",
)
"""The first six are points added to that rate of growth; activity, baseline_error: a factor on the
level; population
and allocation: points added to its growth each year; delivery: the share of a planned saving that
comes; delay: years it comes late; quality: the score reached.
"""
DISTRIBUTIONS = (
    "normal",
    "lognormal",
    "student_t",
    "uniform",
    "triangular",
    "pert",
    "beta",
    "gamma",
    "counts",
    "fixed",
)
APPLIES_BY = (
    "everything",
    "growth_category",
    "service_line",
    "provider",
    "commissioner",
    "grade",
    "programme",
    "measure",
)
SCENARIO_KINDS = ("input", "assumption", "uncertainty")
PAYMENT_MODELS = (
    "activity",
    "block",
    "bundled_pathway",
    "stratified_capitation",
    "blended",
    "whole_population_budget",
    "whole_population_budget_shared",
)
CRITERION_MEASURES = (
    "probability_beyond_exposure_limit",
    "probability_of_loss",
    "expected_shortfall_95",
    "probability_beyond_contingency",
    "probability_unaffordable",
    "months_in_shadow",
    "judgement",
)

UNCERTAINTIES = TableSpec(
    "uncertainties",
    "Uncertainties",
    "What is uncertain, by how much, and how that is known: fitted to history, or a range that"
    " people who know were asked for.",
    (
        Column("uncertainty", "code", "Code"),
        Column("title", "text", "What it is, in words"),
        Column(
            "driver",
            "choice",
            "Driver: a rate of growth (points are added to it), activity or baseline_error (a"
            " factor), population or allocation (points added to growth), care_model_delivery"
            " (share that comes), care_model_delay (years late), quality (score)",
            choices=DRIVERS,
        ),
        Column("applies_by", "choice", "What it is applied by", choices=APPLIES_BY),
        Column(
            "applies_to",
            "code",
            "Code of that group, service, provider, commissioner, grade, programme or measure;"
            " blank for everything. baseline_error by grade with this blank: each line by the error"
            " band of its own method grade",
            required=False,
        ),
        Column(
            "drawn",
            "choice",
            "shared: one draw moves all it applies to; each: a draw of its own for each service,"
            " provider and payer",
            choices=("shared", "each"),
        ),
        Column("distribution", "choice", "Distribution", choices=DISTRIBUTIONS),
        Column("low", "number", "Low end", required=False),
        Column("likely", "number", "Most likely value", required=False),
        Column("high", "number", "High end", required=False),
        Column(
            "range_covers",
            "share",
            "Part of all outcomes that lie between low and high; 1 (or blank) where they are the"
            " ends. For an error taken from the grades: part of lines that lie within their band",
            required=False,
        ),
        Column("centre", "number", "Mean (median for lognormal)", required=False),
        Column(
            "spread",
            "number",
            "Standard deviation (of the logarithm for lognormal); for counts, the dispersion beyond"
            " chance",
            required=False,
        ),
        Column("yearly_count", "count", "For counts: expected number in a year", required=False),
        Column(
            "history",
            "code",
            "Series of driver_history it is fitted to; blank where the range was elicited",
            required=False,
        ),
        Column(
            "persistence",
            "number",
            "From 0, a new draw every year, to 1, one draw for all years",
            within=FACTOR,
        ),
        Column(
            "weight",
            "share",
            "Part of the level it moves, such as the part of the year that is winter; blank is 1",
            required=False,
        ),
        Column("evidence", "text", "Evidence, or who was asked and when"),
        Column("owner", "text", "Who answers for it"),
    ),
    key=("uncertainty",),
    source="handbook 1.1.5, 2.4.1 footnote 29, 6.5.2; req 33, 34, 299, 300",
)

UNCERTAINTY_CORRELATIONS = TableSpec(
    "uncertainty_correlations",
    "Correlations",
    "Uncertainties that move together, as correlations between pairs; pairs that are not named are"
    " independent.",
    (
        Column("first", "code", "Uncertainty", refers_to="uncertainties.uncertainty"),
        Column("second", "code", "Uncertainty", refers_to="uncertainties.uncertainty"),
        Column("correlation", "number", "Correlation, from -1 to 1", within=between(-1, 1)),
        Column("evidence", "text", "What it rests on"),
    ),
    key=("first", "second"),
    source="handbook 6.5.2; req 300",
)

DRIVER_HISTORY = TableSpec(
    "driver_history",
    "History of drivers",
    "What happened in past years or months, for fitting distributions.",
    (
        Column("series", "code", "Series"),
        Column("period", "text", "Year (2023-24) or month (2023-04)"),
        Column("value", "number", "What happened: a rate, or a count or sum"),
        Column(
            "expected",
            "number",
            "What was planned for the period, where value is a count or sum; blank for rates",
            required=False,
        ),
        Column("source", "text", "Where it was measured"),
    ),
    key=("series", "period"),
    source="handbook 6.5.2 (historical volatility of demand); req 300",
)

SHADOW_PARTIES = TableSpec(
    "shadow_parties",
    "Parties under test",
    "How each provider is paid under the design, how its costs move, and how much it can bear.",
    (
        Column(
            "organisation",
            "code",
            "Provider, lead provider or commissioner",
            refers_to="organisations.organisation",
        ),
        Column(
            "follows_activity",
            "share",
            "Part of a change in activity that its payment follows; blank: by the payment basis of"
            " its contracts",
            required=False,
        ),
        Column(
            "follows_prices",
            "share",
            "Part of a change in prices that its payment follows; blank is none",
            required=False,
        ),
        Column(
            "follows_population",
            "share",
            "Lead provider: part of a change in registered people that the budget follows; blank is"
            " none",
            required=False,
        ),
        Column(
            "fixed_cost_share",
            "share",
            "Part of its cost that does not move with activity; blank for a commissioner",
            required=False,
        ),
        Column(
            "planned_cost",
            "pounds",
            "Its cost in contract year 1, in and out of scope; blank where it equals its planned"
            " income",
            required=False,
            within=AMOUNT,
        ),
        Column(
            "exposure_limit",
            "pounds",
            "Most it can lose in one year",
            required=False,
            within=AMOUNT,
        ),
        Column(
            "contingency",
            "pounds",
            "What it has set aside for the whole term",
            required=False,
            within=AMOUNT,
        ),
        Column("evidence", "text", "What these rest on"),
    ),
    key=("organisation",),
    source="handbook 6.4.5, 6.5.2; req 279, 299",
)

SHADOW_SHARING = TableSpec(
    "shadow_sharing",
    "What sharing is measured on",
    "Which budget lines each line of a gain/loss arrangement is measured on.",
    (
        Column("arrangement", "code", "Arrangement"),
        Column("line", "code", "Line of the arrangement"),
        Column(
            "service_line",
            "code",
            "Service line it is measured on",
            refers_to="service_lines.service_line",
        ),
        Column(
            "scope",
            "choice",
            "Whether that spend is inside or outside the budget",
            choices=("inside", "outside"),
        ),
    ),
    key=("arrangement", "line", "service_line", "scope"),
    source="handbook 6.4.2, 6.4.4; req 269, 273",
)

SCENARIO_CHANGES = TableSpec(
    "scenario_changes",
    "Scenarios",
    "Named scenarios: each row changes one input, assumption or uncertainty, with its reason.",
    (
        Column("scenario", "code", "Scenario"),
        Column("change", "code", "Code of the change within the scenario"),
        Column("kind", "choice", "What it changes", choices=SCENARIO_KINDS),
        Column(
            "target",
            "text",
            "table.column of an input, key of an assumption, or uncertainty.column",
        ),
        Column(
            "rows",
            "text",
            "Rows of an input, as column=value; column=value; years of an assumption as"
            " year=2030-31; blank for all",
            required=False,
        ),
        Column("how", "choice", "How it changes", choices=("set", "add", "multiply")),
        Column("value", "text", "Value; sums of money in pounds"),
        Column("reason", "text", "Why"),
    ),
    key=("scenario", "change"),
    source="handbook 1.1.5; req 300",
)

PAYMENT_MODEL_TERMS = TableSpec(
    "payment_model_terms",
    "Terms of payment models",
    "What the payment models to be set side by side need to know.",
    (
        Column("payment_model", "choice", "Payment model", choices=("bundled_pathway", "blended")),
        Column(
            "term",
            "choice",
            "episode_share: part of a change in activity that is more pathways rather than more in"
            " each; marginal_rate: part of the price paid for each unit above or below plan",
            choices=("episode_share", "marginal_rate"),
        ),
        Column("value", "share", "Value"),
        Column("reason", "text", "Why"),
    ),
    key=("payment_model", "term"),
    source="bringing budgets together (2019) section 4; req 333-337",
)

DEFICIT_TRANSITIONS = TableSpec(
    "deficit_transitions",
    "Deficit transitions",
    "Time-limited support that carries a provider from its present cost to an efficient one;"
    " outside the budget and never grown.",
    (
        Column("provider", "code", "Provider", refers_to="organisations.organisation"),
        Column("first_year", "year", "First year of support"),
        Column("years", "count", "Number of years of support", within=at_least(1)),
        Column(
            "deficit",
            "pounds",
            "Cost above spend in the year before support, for services in scope",
            within=AMOUNT,
        ),
        Column(
            "path",
            "choice",
            "straight: the same step each year; halving: half of what is left each year, the rest"
            " at the end",
            choices=("straight", "halving"),
        ),
        Column("paid_by", "code", "Who pays", refers_to="organisations.organisation"),
        Column("reason", "text", "Why, and what happens to cost meanwhile"),
    ),
    key=("provider",),
    source="Mid-Nottinghamshire article (2016); req 209",
)

LIVE_CRITERIA = TableSpec(
    "live_criteria",
    "From shadow to live",
    "What must hold before the payment goes live.",
    (
        Column("criterion", "code", "Criterion"),
        Column("title", "text", "In words"),
        Column(
            "measure",
            "choice",
            "What is measured, or judgement where people decide",
            choices=CRITERION_MEASURES,
        ),
        Column(
            "organisation",
            "code",
            "Party it is for; blank for all",
            required=False,
            refers_to="organisations.organisation",
        ),
        Column(
            "at_most",
            "number",
            "Most it may be (for months_in_shadow, the least); pounds for a shortfall",
            required=False,
        ),
        Column("met", "yes_no", "For a judgement: whether it is met", required=False),
        Column("evidence", "text", "Evidence", required=False),
        Column("owner", "text", "Who answers for it"),
    ),
    key=("criterion",),
    source="handbook 1.1.5, 6.6; overview 3.4; req 299, 301",
)

ACCESS_MONITORING = TableSpec(
    "access_monitoring",
    "Access by group",
    "Use of services by group of people, against what their need would lead one to expect, and who"
    " joined and left.",
    (
        Column(
            "people_group",
            "code",
            "Group, such as an age band, a segment or a decile of deprivation",
        ),
        Column("measure", "code", "What is counted"),
        Column("actual", "count", "How many there were"),
        Column("expected", "count", "How many were expected from need"),
        Column("joined", "count", "People who joined the list", required=False),
        Column("left", "count", "People who left the list", required=False),
        Column("period", "text", "Period"),
    ),
    key=("people_group", "measure", "period"),
    source="bringing budgets together (2019) section 4; handbook 1.1.3; req 342",
)

SEGMENTATIONS = TableSpec(
    "segmentations",
    "Ways of segmenting",
    "Alternative segmentations of the same people, with what each segment's people cost.",
    (
        Column("segmentation", "code", "Way of segmenting"),
        Column("segment", "code", "Segment"),
        Column("people", "count", "People"),
        Column("mean_cost", "pounds", "Mean yearly cost of a person", within=AMOUNT),
        Column("sd_cost", "pounds", "Standard deviation of a person's yearly cost", within=AMOUNT),
        Column("source", "text", "Where it was measured"),
    ),
    key=("segmentation", "segment"),
    source="handbook 3.3.3 Tower Hamlets case; req 302",
)

SHADOW_SUBSET = TableSpec(
    "shadow_subset",
    "Shadow subset",
    "Services that the shadow budget begins with, where it starts as a part of the whole.",
    (
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("from_month", "text", "Month the shadow starts, such as 2027-07"),
        Column("reason", "text", "Why it is in from the start"),
    ),
    key=("service_line",),
    source="Mid-Nottinghamshire article (2016); req 303",
)

CURRENT_PAYMENTS = TableSpec(
    "current_payments",
    "Current payments by month",
    "What is paid under today's contracts, month by month, to set beside the design.",
    (
        Column("month", "text", "Month, such as 2027-04"),
        Column("payer", "code", "Who pays", refers_to="organisations.organisation"),
        Column("payee", "code", "Who is paid", refers_to="organisations.organisation"),
        Column("amount", "pounds", "Amount"),
        Column("contract", "code", "Contract", required=False),
    ),
    key=("month", "payer", "payee", "contract"),
    source="handbook 1.1.5; req 299",
)

TABLES = (
    UNCERTAINTIES,
    UNCERTAINTY_CORRELATIONS,
    DRIVER_HISTORY,
    SHADOW_PARTIES,
    SHADOW_SHARING,
    SCENARIO_CHANGES,
    PAYMENT_MODEL_TERMS,
    DEFICIT_TRANSITIONS,
    LIVE_CRITERIA,
    ACCESS_MONITORING,
    SEGMENTATIONS,
    SHADOW_SUBSET,
    CURRENT_PAYMENTS,
)
