"""Optional tables of scope: what influences what, how spend varies, footprints, risks, checklists,
and the path ahead.
"""

from wpb.kernel.ranges import QUANTITY
from wpb.tables.declared import Choice, Code, Count, Date, Number, Table, Text, Year

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


class ServiceInteractions(
    Table,
    name="service_interactions",
    title="Which services influence which",
    purpose="A map of services that influence one another, to find where cost could be shifted"
    " across the edge of the scope.",
    source="handbook 1.1.5; overview 3.4; req 4",
):
    service_line = Code(
        "Service line that influences another", refers_to="service_lines.service_line"
    )
    influences = Code("Service line that is influenced", refers_to="service_lines.service_line")
    strength = Choice("How strongly", choices=("high", "medium", "low"))
    how = Text("How, for example early discharge shifts nursing to the community")
    one_row_per = (service_line, influences)


class CostVariation(
    Table,
    name="cost_variation",
    title="How much cost varies between people",
    purpose="How much one person's yearly cost varies around the mean, to test whether the"
    " population is big enough.",
    source="handbook 1.1.5; overview 3.4; req 5",
):
    service_line = Code(
        "Service line; blank for everything in scope",
        required=False,
        refers_to="service_lines.service_line",
    )
    person_variation = Number(
        "Standard deviation of one person's yearly cost divided by its mean", within=QUANTITY
    )
    source = Text("Where it was measured")
    one_row_per = (service_line,)


class Footprints(
    Table,
    name="footprints",
    title="Footprints",
    purpose="Where a payer's boundary and the lists differ: how many people on each list live in"
    " the payer's area. Give residents registered elsewhere a list of kind elsewhere.",
    source="Mid-Nottinghamshire article; req 14",
):
    organisation = Code("Commissioner or council", refers_to="organisations.organisation")
    list_code = Code("GP list", refers_to="gp_lists.list_code")
    residents = Count("People on the list who live in the payer's area")
    one_row_per = (organisation, list_code)


class RiskBearers(
    Table,
    name="risk_bearers",
    title="Risk register",
    purpose="Who bears each risk of the budget.",
    source="handbook 1.1.2; overview 3.2; req 8, 9",
):
    risk = Choice("Risk, as the handbook names them", choices=RISKS)
    bearer = Choice("Who bears it", choices=BEARERS)
    reason = Text("Why, above all where it is not as the handbook has it")
    agreed_by = Text("Who agreed it", required=False)
    one_row_per = (risk,)


class Mechanisms(
    Table,
    name="mechanisms",
    title="Mechanisms that move risk",
    purpose="How the contract updates for population and prices, shares gains and losses, and pays"
    " by activity or outcome.",
    source="handbook 1.1.2, 3.3.3, 4.4, 6.2; req 10",
):
    mechanism = Choice("Mechanism", choices=tuple(MECHANISM_SETTINGS))
    setting = Choice(
        "How it is set; each mechanism has its own settings",
        choices=tuple(
            dict.fromkeys(s for settings in MECHANISM_SETTINGS.values() for s in settings)
        ),
    )
    reason = Text("Why")
    one_row_per = (mechanism,)


class ChecklistAnswers(
    Table,
    name="checklist_answers",
    title="Checklists",
    purpose="Answers to the checklists: features and characteristics of a whole population budget,"
    " readiness, and the ten essential jobs.",
    source="handbook Summary, 1.1.2, 1.1.5; overview 2, 3.2, 3.4; req 11, 12, 15",
):
    checklist = Choice("Checklist", choices=CHECKLISTS)
    item = Code("Item of the checklist; for essential_jobs a code of your own")
    answer = Choice("Whether it is met", choices=("yes", "partly", "no"))
    statement = Text("How it is met, or what is planned")
    evidence = Text("Document or figures that show it", required=False)
    owner = Text("Who answers for it")
    answered_on = Date("Date of the answer", meaning="evidence")
    one_row_per = (checklist, item)


class PopulationModes(
    Table,
    name="population_modes",
    title="Path of the population approach",
    purpose="Whether the budget is for a segment, the whole population, or people one by one, and"
    " from which year. Without rows it is for the whole population.",
    source="handbook Summary footnotes 2-3, 1.1.2 footnote 14; req 3, 16",
):
    from_year = Year("First contract year of this approach")
    mode = Choice(
        "segment, whole_population, or person_level (risk-adjusted capitation)",
        choices=POPULATION_MODES_ALLOWED,
    )
    segment = Text("For a segment: which people", required=False)
    linked_data = Text("For person_level: the linked patient data it rests on", required=False)
    reason = Text("Why")
    one_row_per = (from_year,)


class EvaluationSeries(
    Table,
    name="evaluation_series",
    title="Evaluation figures",
    purpose="Activity, quality and cost figures kept to judge the budget, the risk share and the"
    " care model.",
    source="handbook 1.1.5; overview 3.4; req 17",
):
    measure = Code("Measure")
    measure_kind = Choice("Kind of measure", choices=("activity", "quality", "cost"))
    service_line = Code(
        "Service line, where it is for one", required=False, refers_to="service_lines.service_line"
    )
    period = Year("Year it is for")
    figure = Number("Figure")
    unit = Text("Unit of the figure")
    data_source = Text("Where it comes from")
    one_row_per = (measure, period)


TABLES = (
    ServiceInteractions,
    CostVariation,
    Footprints,
    RiskBearers,
    Mechanisms,
    ChecklistAnswers,
    PopulationModes,
    EvaluationSeries,
)
