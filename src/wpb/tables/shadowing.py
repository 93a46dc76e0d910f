"""Tables of shadow testing: what is uncertain and by how much, its history, scenarios, the parties'
terms, and what must hold before going live.
"""

from wpb.kernel.ranges import AMOUNT, FACTOR
from wpb.tables.declared import Choice, Code, Count, Number, Pounds, Share, Table, Text, Year, YesNo
from wpb.tables.schema import at_least, between

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


class Uncertainties(
    Table,
    name="uncertainties",
    title="Uncertainties",
    purpose="What is uncertain, by how much, and how that is known: fitted to history, or a range"
    " that people who know were asked for.",
    source="handbook 1.1.5, 2.4.1 footnote 29, 6.5.2; req 33, 34, 299, 300",
):
    uncertainty = Code("Code")
    title = Text("What it is, in words")
    driver = Choice(
        "Driver: a rate of growth (points are added to it), activity or baseline_error (a"
        " factor), population or allocation (points added to growth), care_model_delivery"
        " (share that comes), care_model_delay (years late), quality (score)",
        choices=DRIVERS,
    )
    applies_by = Choice("What it is applied by", choices=APPLIES_BY)
    applies_to = Code(
        "Code of that group, service, provider, commissioner, grade, programme or measure;"
        " blank for everything. baseline_error by grade with this blank: each line by the error"
        " band of its own method grade",
        required=False,
    )
    drawn = Choice(
        "shared: one draw moves all it applies to; each: a draw of its own for each service,"
        " provider and payer. For an error taken from the grades, shared: lines of one grade"
        " and side of scope err together; each: line by line",
        choices=("shared", "each"),
    )
    distribution = Choice("Distribution", choices=DISTRIBUTIONS)
    low = Number("Low end", required=False)
    likely = Number("Most likely value", required=False)
    high = Number("High end", required=False)
    range_covers = Share(
        "Part of all outcomes that lie between low and high; 1 (or blank) where they are the"
        " ends. For an error taken from the grades: part of lines that lie within their band",
        required=False,
    )
    centre = Number("Mean (median for lognormal)", required=False)
    spread = Number(
        "Standard deviation (of the logarithm for lognormal); for counts, the dispersion beyond"
        " chance",
        required=False,
    )
    yearly_count = Count("For counts: expected number in a year", required=False)
    history = Code(
        "Series of driver_history it is fitted to; blank where the range was elicited",
        required=False,
    )
    persistence = Number(
        "From 0, a new draw every year, to 1, one draw for all years", within=FACTOR
    )
    weight = Share(
        "Part of the level it moves, such as the part of the year that is winter; blank is 1",
        required=False,
    )
    evidence = Text("Evidence, or who was asked and when")
    owner = Text("Who answers for it")
    one_row_per = (uncertainty,)


class UncertaintyCorrelations(
    Table,
    name="uncertainty_correlations",
    title="Correlations",
    purpose="Uncertainties that move together, as correlations between pairs; pairs that are not"
    " named are independent.",
    source="handbook 6.5.2; req 300",
):
    first = Code("Uncertainty", refers_to="uncertainties.uncertainty")
    second = Code("Uncertainty", refers_to="uncertainties.uncertainty")
    correlation = Number("Correlation, from -1 to 1", within=between(-1, 1))
    evidence = Text("What it rests on")
    one_row_per = (first, second)


class DriverHistory(
    Table,
    name="driver_history",
    title="History of drivers",
    purpose="What happened in past years or months, for fitting distributions.",
    source="handbook 6.5.2 (historical volatility of demand); req 300",
):
    series = Code("Series")
    period = Text("Year (2023-24) or month (2023-04)")
    value = Number("What happened: a rate, or a count or sum")
    expected = Number(
        "What was planned for the period, where value is a count or sum; blank for rates",
        required=False,
    )
    source = Text("Where it was measured")
    one_row_per = (series, period)


class ShadowParties(
    Table,
    name="shadow_parties",
    title="Parties under test",
    purpose="How each provider is paid under the design, how its costs move, and how much it can"
    " bear.",
    source="handbook 6.4.5, 6.5.2; req 279, 299",
):
    organisation = Code(
        "Provider, lead provider or commissioner", refers_to="organisations.organisation"
    )
    follows_activity = Share(
        "Part of a change in activity that its payment follows; blank: by the payment basis of"
        " its contracts",
        required=False,
    )
    follows_prices = Share(
        "Part of a change in prices that its payment follows; blank is none", required=False
    )
    follows_population = Share(
        "Lead provider: part of a change in registered people that the budget follows; blank is"
        " none",
        required=False,
    )
    fixed_cost_share = Share(
        "Part of its cost that does not move with activity; blank for a commissioner",
        required=False,
    )
    planned_cost = Pounds(
        "Its cost in contract year 1, in and out of scope; blank where it equals its planned"
        " income",
        required=False,
        within=AMOUNT,
    )
    exposure_limit = Pounds("Most it can lose in one year", required=False, within=AMOUNT)
    contingency = Pounds("What it has set aside for the whole term", required=False, within=AMOUNT)
    evidence = Text("What these rest on")
    one_row_per = (organisation,)


class ShadowSharing(
    Table,
    name="shadow_sharing",
    title="What sharing is measured on",
    purpose="Which budget lines each line of a gain/loss arrangement is measured on.",
    source="handbook 6.4.2, 6.4.4; req 269, 273",
):
    arrangement = Code("Arrangement")
    line = Code("Line of the arrangement")
    service_line = Code("Service line it is measured on", refers_to="service_lines.service_line")
    scope = Choice(
        "Whether that spend is inside or outside the budget", choices=("inside", "outside")
    )
    one_row_per = (arrangement, line, service_line, scope)


class ScenarioChanges(
    Table,
    name="scenario_changes",
    title="Scenarios",
    purpose="Named scenarios: each row changes one input, assumption or uncertainty, with its"
    " reason.",
    source="handbook 1.1.5; req 300",
):
    scenario = Code("Scenario")
    change = Code("Code of the change within the scenario")
    kind = Choice("What it changes", choices=SCENARIO_KINDS)
    target = Text("table.column of an input, key of an assumption, or uncertainty.column")
    rows = Text(
        "Rows of an input, as column=value; column=value; years of an assumption as"
        " year=2030-31; blank for all",
        required=False,
    )
    how = Choice("How it changes", choices=("set", "add", "multiply"))
    value = Text("Value; sums of money in pounds")
    reason = Text("Why")
    one_row_per = (scenario, change)


class PaymentModelTerms(
    Table,
    name="payment_model_terms",
    title="Terms of payment models",
    purpose="What the payment models to be set side by side need to know.",
    source="bringing budgets together (2019) section 4; req 333-337",
):
    payment_model = Choice("Payment model", choices=("bundled_pathway", "blended"))
    term = Choice(
        "episode_share: part of a change in activity that is more pathways rather than more in"
        " each; marginal_rate: part of the price paid for each unit above or below plan",
        choices=("episode_share", "marginal_rate"),
    )
    value = Share("Value")
    reason = Text("Why")
    one_row_per = (payment_model, term)


class DeficitTransitions(
    Table,
    name="deficit_transitions",
    title="Deficit transitions",
    purpose="Time-limited support that carries a provider from its present cost to an efficient"
    " one; outside the budget and never grown.",
    source="Mid-Nottinghamshire article (2016); req 209",
):
    provider = Code("Provider", refers_to="organisations.organisation")
    first_year = Year("First year of support")
    years = Count("Number of years of support", within=at_least(1))
    deficit = Pounds(
        "Cost above spend in the year before support, for services in scope", within=AMOUNT
    )
    path = Choice(
        "straight: the same step each year; halving: half of what is left each year, the rest"
        " at the end",
        choices=("straight", "halving"),
    )
    paid_by = Code("Who pays", refers_to="organisations.organisation")
    reason = Text("Why, and what happens to cost meanwhile")
    one_row_per = (provider,)


class LiveCriteria(
    Table,
    name="live_criteria",
    title="From shadow to live",
    purpose="What must hold before the payment goes live.",
    source="handbook 1.1.5, 6.6; overview 3.4; req 299, 301",
):
    criterion = Code("Criterion")
    title = Text("In words")
    measure = Choice(
        "What is measured, or judgement where people decide", choices=CRITERION_MEASURES
    )
    organisation = Code(
        "Party it is for; blank for all", required=False, refers_to="organisations.organisation"
    )
    at_most = Number(
        "Most it may be (for months_in_shadow, the least); pounds for a shortfall", required=False
    )
    met = YesNo("For a judgement: whether it is met", required=False)
    evidence = Text("Evidence", required=False)
    owner = Text("Who answers for it")
    one_row_per = (criterion,)


class AccessMonitoring(
    Table,
    name="access_monitoring",
    title="Access by group",
    purpose="Use of services by group of people, against what their need would lead one to expect,"
    " and who joined and left.",
    source="bringing budgets together (2019) section 4; handbook 1.1.3; req 342",
):
    people_group = Code("Group, such as an age band, a segment or a decile of deprivation")
    measure = Code("What is counted")
    actual = Count("How many there were")
    expected = Count("How many were expected from need")
    joined = Count("People who joined the list", required=False)
    left = Count("People who left the list", required=False)
    period = Text("Period")
    one_row_per = (people_group, measure, period)


class Segmentations(
    Table,
    name="segmentations",
    title="Ways of segmenting",
    purpose="Alternative segmentations of the same people, with what each segment's people cost.",
    source="handbook 3.3.3 Tower Hamlets case; req 302",
):
    segmentation = Code("Way of segmenting")
    segment = Code("Segment")
    people = Count("People")
    mean_cost = Pounds("Mean yearly cost of a person", within=AMOUNT)
    sd_cost = Pounds("Standard deviation of a person's yearly cost", within=AMOUNT)
    source = Text("Where it was measured")
    one_row_per = (segmentation, segment)


class ShadowSubset(
    Table,
    name="shadow_subset",
    title="Shadow subset",
    purpose="Services that the shadow budget begins with, where it starts as a part of the whole.",
    source="Mid-Nottinghamshire article (2016); req 303",
):
    service_line = Code("Service line", refers_to="service_lines.service_line")
    from_month = Text("Month the shadow starts, such as 2027-07")
    reason = Text("Why it is in from the start")
    one_row_per = (service_line,)


class CurrentPayments(
    Table,
    name="current_payments",
    title="Current payments by month",
    purpose="What is paid under today's contracts, month by month, to set beside the design.",
    source="handbook 1.1.5; req 299",
):
    month = Text("Month, such as 2027-04")
    payer = Code("Who pays", refers_to="organisations.organisation")
    payee = Code("Who is paid", refers_to="organisations.organisation")
    amount = Pounds("Amount")
    contract = Code("Contract", required=False)
    one_row_per = (month, payer, payee, contract)


TABLES = (
    Uncertainties,
    UncertaintyCorrelations,
    DriverHistory,
    ShadowParties,
    ShadowSharing,
    ScenarioChanges,
    PaymentModelTerms,
    DeficitTransitions,
    LiveCriteria,
    AccessMonitoring,
    Segmentations,
    ShadowSubset,
    CurrentPayments,
)
