"""Tables of assurance: reviews, efficient cost, answers to a gap, the system's own plan, and
providers' record.
"""

from wpb.kernel.ranges import AMOUNT, BASELINE
from wpb.tables.schema import Column, Steady, TableSpec

REVIEWS = TableSpec(
    "reviews",
    "Reviews and sign-offs",
    "Independent assurance of growth assumptions, and clinical and operational validation of"
    " assumed shifts.",
    (
        Column("review", "code", "Code of the review"),
        Column(
            "review_kind",
            "choice",
            "growth: independent assurance of growth; clinical or operational: validation of a"
            " programme",
            choices=("growth", "clinical", "operational"),
        ),
        Column(
            "subject",
            "code",
            "What was reviewed: a growth category, or a programme, scheme or shift",
        ),
        Column("reviewer", "text", "Who reviewed it"),
        Column("organisation", "text", "Where the reviewer works"),
        Column("independent", "yes_no", "Whether the reviewer had no part in the model"),
        Column("reviewed_on", "date", "Date"),
        Column(
            "outcome",
            "choice",
            "Outcome",
            choices=("accepted", "accepted_with_changes", "not_accepted", "open"),
        ),
        Column("finding", "text", "What was found"),
    ),
    key=("review",),
    source="handbook 3.3.2 Dudley, 3.5; req 185, 199",
)

EFFICIENT_COSTS = TableSpec(
    "efficient_costs",
    "Efficient cost",
    "What it costs to deliver a service line efficiently for the population in scope: a cost, set"
    " beside spend and never added to it.",
    (
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("year", "year", "Year"),
        Column("efficient_cost", "pounds", "Efficient cost in the year", within=AMOUNT),
        Column("evidence", "text", "How it was found"),
    ),
    key=("service_line", "year"),
    steady=(Steady("efficient_cost", ("service_line",), "year", "spend_jump"),),
    source="handbook 1.1.6; overview 3.5; req 203",
)

AFFORDABILITY_OPTIONS = TableSpec(
    "affordability_options",
    "Answers to a gap",
    "What could close a gap between the budget and allocations.",
    (
        Column("option", "code", "Option"),
        Column(
            "option_kind",
            "choice",
            "What would change",
            choices=("care_model", "scope", "other_commissioning_plans"),
        ),
        Column("description", "text", "What would be done"),
        Column("year", "year", "Year"),
        Column("effect", "pounds", "How much of the gap it closes in the year"),
        Column("decision", "choice", "Where it stands", choices=("proposed", "chosen", "rejected")),
        Column("owner", "text", "Who answers for it"),
    ),
    key=("option", "year"),
    source="handbook 1.1.6, 3.6; req 204",
)

SYSTEM_PLAN_TOTALS = TableSpec(
    "system_plan_totals",
    "The system's plan",
    "Figures of the integrated care system's own plan that this model must agree with.",
    (
        Column("plan", "text", "Plan and version"),
        Column(
            "measure",
            "choice",
            "Figure of this model it is compared with",
            choices=(
                "allocation",
                "forecast",
                "out_of_scope",
                "do_nothing",
                "care_model_net",
                "headroom",
            ),
        ),
        Column(
            "commissioner",
            "code",
            "Commissioner; blank for all",
            required=False,
            refers_to="organisations.organisation",
        ),
        Column("year", "year", "Year"),
        Column("plan_value", "pounds", "Amount in the plan"),
        Column(
            "tolerance",
            "share",
            "Largest difference that needs no explanation, as a share of the plan",
        ),
        Column("explanation", "text", "Why they differ", required=False),
    ),
    key=("plan", "measure", "commissioner", "year"),
    source="handbook 1.1.6, 3.6; req 206",
)

EFFICIENCY_RECORD = TableSpec(
    "efficiency_record",
    "Providers' efficiency record",
    "What each provider saved in past years.",
    (
        Column("provider", "code", "Provider", refers_to="organisations.organisation"),
        Column("year", "year", "Year"),
        Column("delivered_saving", "pounds", "Recurrent saving delivered"),
        Column("cost_base", "pounds", "Operating cost of the year", within=BASELINE),
        Column("evidence", "text", "Where it is recorded"),
    ),
    key=("provider", "year"),
    steady=(Steady("cost_base", ("provider",), "year", "spend_jump"),),
    source="handbook 6.5.2; req 208",
)

TABLES = (REVIEWS, EFFICIENT_COSTS, AFFORDABILITY_OPTIONS, SYSTEM_PLAN_TOTALS, EFFICIENCY_RECORD)
