"""Optional tables that mend spend data: last year's or part of a year's spend, its history, events,
other estimates, sources.
"""

from wpb.kernel.ranges import BASELINE, QUANTITY
from wpb.tables.limits import LIMITS
from wpb.tables.schema import Column, SharesAddToOne, Steady, TableSpec, between

ROLL_FORWARD_FACTORS = ("tariff", "inflation", "efficiency", "qipp", "investment", "population")
"""In the order they are applied, one after another."""
ESTIMATORS = (
    "historic_spend",
    "patient_level_costs",
    "activity_trend",
    "benchmark",
    "risk_stratification",
    "demographic_model",
)
SUBJECT_HELP = "Contract or line of other spend"

CHECK_LIMITS = TableSpec(
    "check_limits",
    "Limits of the checks",
    "Where a check begins to warn, where this model sets it otherwise than the tool does.",
    (
        Column("limit", "choice", "Limit", choices=tuple(LIMITS)),
        Column("value", "number", "Its value in this model"),
        Column("reason", "text", "Why"),
    ),
    key=("limit",),
    source="handbook 2.4.1",
)

SPEND_REPAIRS = TableSpec(
    "spend_repairs",
    "Spend that is not for a full current year",
    "Contracts and lines whose amount is for last year, or for some months of this year, and how it"
    " is brought to the full spend year.",
    (
        Column("subject", "code", SUBJECT_HELP),
        Column(
            "repair",
            "choice",
            "rolled_forward: last year's spend, carried on factor by factor; part_year: some months"
            " of this year, made up to twelve",
            choices=("rolled_forward", "part_year"),
        ),
        Column(
            "from_year",
            "year",
            "Year the amount is for: the year before the spend year, or for part_year the spend"
            " year itself",
        ),
        Column("reason", "text", "Why the full current year is not to hand"),
        Column("agreed_by", "text", "Who agreed it", required=False),
    ),
    key=("subject",),
    source="handbook 2.2; req 20-26",
)

ROLL_FORWARD = TableSpec(
    "roll_forward",
    "Factors that roll spend forward",
    "What changed between last year and the spend year, factor by factor; each factor is a rate or"
    " an amount.",
    (
        Column("subject", "code", SUBJECT_HELP),
        Column(
            "factor",
            "choice",
            "Factor; efficiency and qipp are entered as reductions above nought",
            choices=ROLL_FORWARD_FACTORS,
        ),
        Column("rate", "rate", "Change as a rate, for example 0.021", required=False),
        Column(
            "amount", "pounds", "Change as an amount, for example an investment", required=False
        ),
        Column("source", "text", "Where the figure comes from"),
    ),
    key=("subject", "factor"),
    large=(("rate", "rate_large"),),
    source="handbook 2.2; req 20-24",
)

MONTHLY_SPEND = TableSpec(
    "monthly_spend",
    "Spend by month",
    "Spend in each month: past full years, from which the season is learnt, and the months known of"
    " the spend year.",
    (
        Column("subject", "code", SUBJECT_HELP),
        Column("year", "year", "Financial year"),
        Column(
            "month", "count", "Month of the financial year, April being 1", within=between(1, 12)
        ),
        Column("spend", "pounds", "Spend in the month"),
    ),
    key=("subject", "year", "month"),
    source="handbook 2.2; req 25, 26",
)

SPEND_HISTORY = TableSpec(
    "spend_history",
    "Spend in earlier years",
    "What was spent in each of several earlier years, to see whether this year stands out.",
    (
        Column("subject", "code", SUBJECT_HELP),
        Column("year", "year", "Financial year before the spend year"),
        Column("spend", "pounds", "Spend in the year"),
    ),
    key=("subject", "year"),
    steady=(Steady("spend", ("subject",), "year", "spend_jump"),),
    source="handbook 2.2, 2.7; req 27, 28",
)

EVENTS = TableSpec(
    "events",
    "Event log",
    "What happened in the spend year that will not happen so again: one-off costs, and services"
    " that changed part of the way through.",
    (
        Column("event", "code", "Event code"),
        Column("subject", "code", SUBJECT_HELP),
        Column(
            "event_kind",
            "choice",
            "one_off: will not recur; service_model_change: a change part of the way through the"
            " year; data_change: a change of recording",
            choices=("one_off", "service_model_change", "data_change"),
        ),
        Column("event_date", "date", "When"),
        Column("effect", "pounds", "Its effect on spend in the year, negative where it lowered it"),
        Column(
            "months_in_effect",
            "count",
            "For a change of service: months of the year it was in effect",
            required=False,
            within=between(1, 12),
        ),
        Column(
            "adjustment",
            "code",
            "The adjustment that answers it, where one was agreed",
            required=False,
            refers_to="adjustments.adjustment",
        ),
        Column("description", "text", "What happened"),
    ),
    key=("event",),
    source="handbook 2.7; req 28",
)

BASELINE_ESTIMATES = TableSpec(
    "baseline_estimates",
    "Other estimates of a service's baseline",
    "For service lines whose baseline blends several estimates: each estimate and its weight. Costs"
    " become spend only by a stated ratio.",
    (
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column(
            "estimator",
            "choice",
            "Kind of estimate; historic_spend takes the model's own spend, so its value stays"
            " blank",
            choices=ESTIMATORS,
        ),
        Column(
            "basis",
            "choice",
            "Whether the value is commissioner spend or provider cost",
            choices=("spend", "cost"),
        ),
        Column(
            "value",
            "pounds",
            "Estimate for the lists in scope, for the spend year",
            required=False,
            within=BASELINE,
        ),
        Column(
            "spend_per_cost",
            "number",
            "For a cost: pounds of spend for each pound of cost",
            required=False,
            within=QUANTITY,
        ),
        Column("weight", "share", "Weight of this estimate"),
        Column("source", "text", "Where it comes from"),
    ),
    key=("service_line", "estimator"),
    shares=(SharesAddToOne("weight", ("service_line",)),),
    source="overview 2, 4.1; req 29",
)

DATA_SOURCES = TableSpec(
    "data_sources",
    "Accuracy review",
    "Each source used, its date, when it was reviewed, and how far out it may be where it can't be"
    " brought up to date.",
    (
        Column("dataset", "code", "Data set"),
        Column(
            "covers",
            "code",
            "Contract, line of other spend, or table of this model that rests on it",
        ),
        Column("source_date", "date", "Date the data stand at"),
        Column("reviewed_on", "date", "When its accuracy was last reviewed"),
        Column("next_review", "date", "When it will be reviewed next"),
        Column("can_be_updated", "yes_no", "Whether newer data can be had"),
        Column(
            "error_share", "share", "How far out it may be, either way, as a share", required=False
        ),
        Column("reviewed_by", "text", "Who reviewed it"),
        Column("finding", "text", "What the review found"),
    ),
    key=("dataset", "covers"),
    source="handbook 2.4.1; req 33",
)

TABLES = (
    CHECK_LIMITS,
    SPEND_REPAIRS,
    ROLL_FORWARD,
    MONTHLY_SPEND,
    SPEND_HISTORY,
    EVENTS,
    BASELINE_ESTIMATES,
    DATA_SOURCES,
)
