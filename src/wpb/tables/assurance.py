"""Tables of assurance: reviews, efficient cost, answers to a gap, the system's own plan, and
providers' record.
"""

from wpb.kernel.ranges import AMOUNT, BASELINE
from wpb.tables.declared import Choice, Code, Date, Pounds, Share, Table, Text, Year, YesNo
from wpb.tables.rules import Steady


class Reviews(
    Table,
    name="reviews",
    title="Reviews and sign-offs",
    purpose="Independent assurance of growth assumptions, and clinical and operational validation"
    " of assumed shifts.",
    source="handbook 3.3.2 Dudley, 3.5; req 185, 199",
):
    review = Code("Code of the review")
    review_kind = Choice(
        "growth: independent assurance of growth; clinical or operational: validation of a"
        " programme",
        choices=("growth", "clinical", "operational"),
        meaning="evidence",
    )
    subject = Code("What was reviewed: a growth category, or a programme, scheme or shift")
    reviewer = Text("Who reviewed it")
    organisation = Text("Where the reviewer works")
    independent = YesNo("Whether the reviewer had no part in the model", meaning="evidence")
    reviewed_on = Date("Date", meaning="evidence")
    outcome = Choice(
        "Outcome",
        choices=("accepted", "accepted_with_changes", "not_accepted", "open"),
        meaning="evidence",
    )
    finding = Text("What was found")
    one_row_per = (review,)


class EfficientCosts(
    Table,
    name="efficient_costs",
    title="Efficient cost",
    purpose="What it costs to deliver a service line efficiently for the population in scope: a"
    " cost, set beside spend and never added to it.",
    source="handbook 1.1.6; overview 3.5; req 203",
):
    service_line = Code("Service line", refers_to="service_lines.service_line")
    year = Year("Year")
    efficient_cost = Pounds("Efficient cost in the year", within=AMOUNT)
    evidence = Text("How it was found")
    one_row_per = (service_line, year)
    checks = (Steady(efficient_cost, by=(service_line,), over=year, limit="spend_jump"),)


class AffordabilityOptions(
    Table,
    name="affordability_options",
    title="Answers to a gap",
    purpose="What could close a gap between the budget and allocations.",
    source="handbook 1.1.6, 3.6; req 204",
):
    option = Code("Option")
    option_kind = Choice(
        "What would change", choices=("care_model", "scope", "other_commissioning_plans")
    )
    description = Text("What would be done")
    year = Year("Year")
    effect = Pounds("How much of the gap it closes in the year")
    decision = Choice("Where it stands", choices=("proposed", "chosen", "rejected"))
    owner = Text("Who answers for it")
    one_row_per = (option, year)


class SystemPlanTotals(
    Table,
    name="system_plan_totals",
    title="The system's plan",
    purpose="Figures of the integrated care system's own plan that this model must agree with.",
    source="handbook 1.1.6, 3.6; req 206",
):
    plan = Text("Plan and version")
    measure = Choice(
        "Figure of this model it is compared with",
        choices=(
            "allocation",
            "forecast",
            "out_of_scope",
            "do_nothing",
            "care_model_net",
            "headroom",
        ),
        meaning="evidence",
    )
    commissioner = Code(
        "Commissioner; blank for all",
        required=False,
        refers_to="organisations.organisation",
        meaning="evidence",
    )
    year = Year("Year", meaning="evidence")
    plan_value = Pounds("Amount in the plan", meaning="evidence")
    tolerance = Share(
        "Largest difference that needs no explanation, as a share of the plan", meaning="evidence"
    )
    explanation = Text("Why they differ", required=False)
    one_row_per = (plan, measure, commissioner, year)


class EfficiencyRecord(
    Table,
    name="efficiency_record",
    title="Providers' efficiency record",
    purpose="What each provider saved in past years.",
    source="handbook 6.5.2; req 208",
):
    provider = Code("Provider", refers_to="organisations.organisation")
    year = Year("Year", meaning="evidence")
    delivered_saving = Pounds("Recurrent saving delivered")
    cost_base = Pounds("Operating cost of the year", within=BASELINE)
    evidence = Text("Where it is recorded")
    one_row_per = (provider, year)
    checks = (Steady(cost_base, by=(provider,), over=year, limit="spend_jump"),)


TABLES = (Reviews, EfficientCosts, AffordabilityOptions, SystemPlanTotals, EfficiencyRecord)
