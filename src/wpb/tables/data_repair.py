"""Optional tables that mend spend data: last year's or part of a year's spend, its history, events,
other estimates, sources.
"""

from wpb.kernel.ranges import BASELINE, QUANTITY
from wpb.tables.declared import (
    Choice,
    Code,
    Count,
    Date,
    Number,
    Pounds,
    Rate,
    Share,
    Table,
    Text,
    Year,
    YesNo,
)
from wpb.tables.limits import LIMITS
from wpb.tables.rules import RateNotLarge, SharesAddToOne, Steady
from wpb.tables.schema import between

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


class CheckLimits(
    Table,
    name="check_limits",
    title="Limits of the checks",
    purpose="Where a check begins to warn, where this model sets it otherwise than the tool does.",
    source="handbook 2.4.1",
):
    limit = Choice("Limit", choices=tuple(LIMITS))
    value = Number("Its value in this model")
    reason = Text("Why")
    one_row_per = (limit,)


class SpendRepairs(
    Table,
    name="spend_repairs",
    title="Spend that is not for a full current year",
    purpose="Contracts and lines whose amount is for last year, or for some months of this year,"
    " and how it is brought to the full spend year.",
    source="handbook 2.2; req 20-26",
):
    subject = Code(SUBJECT_HELP)
    repair = Choice(
        "rolled_forward: last year's spend, carried on factor by factor; part_year: some months"
        " of this year, made up to twelve",
        choices=("rolled_forward", "part_year"),
    )
    from_year = Year(
        "Year the amount is for: the year before the spend year, or for part_year the spend"
        " year itself"
    )
    reason = Text("Why the full current year is not to hand")
    agreed_by = Text("Who agreed it", required=False)
    one_row_per = (subject,)


class RollForward(
    Table,
    name="roll_forward",
    title="Factors that roll spend forward",
    purpose="What changed between last year and the spend year, factor by factor; each factor is a"
    " rate or an amount.",
    source="handbook 2.2; req 20-24",
):
    subject = Code(SUBJECT_HELP)
    factor = Choice(
        "Factor; efficiency and qipp are entered as reductions above zero",
        choices=ROLL_FORWARD_FACTORS,
    )
    rate = Rate("Change as a rate, for example 0.021", required=False)
    amount = Pounds("Change as an amount, for example an investment", required=False)
    source = Text("Where the figure comes from")
    one_row_per = (subject, factor)
    checks = (RateNotLarge(rate, "rate_large"),)


class MonthlySpend(
    Table,
    name="monthly_spend",
    title="Spend by month",
    purpose="Spend in each month: past full years, from which the season is learnt, and the months"
    " known of the spend year.",
    source="handbook 2.2; req 25, 26",
):
    subject = Code(SUBJECT_HELP)
    year = Year("Financial year")
    month = Count("Month of the financial year, April being 1", within=between(1, 12))
    spend = Pounds("Spend in the month")
    one_row_per = (subject, year, month)


class SpendHistory(
    Table,
    name="spend_history",
    title="Spend in earlier years",
    purpose="What was spent in each of several earlier years, to see whether this year stands out.",
    source="handbook 2.2, 2.7; req 27, 28",
):
    subject = Code(SUBJECT_HELP)
    year = Year("Financial year before the spend year", meaning="evidence")
    spend = Pounds("Spend in the year", meaning="evidence")
    one_row_per = (subject, year)
    checks = (Steady(spend, by=(subject,), over=year, limit="spend_jump"),)


class Events(
    Table,
    name="events",
    title="Event log",
    purpose="What happened in the spend year that will not happen so again: one-off costs, and"
    " services that changed part of the way through.",
    source="handbook 2.7; req 28",
):
    event = Code("Event code")
    subject = Code(SUBJECT_HELP)
    event_kind = Choice(
        "one_off: will not recur; service_model_change: a change part of the way through the"
        " year; data_change: a change of recording",
        choices=("one_off", "service_model_change", "data_change"),
    )
    event_date = Date("When")
    effect = Pounds("Its effect on spend in the year, negative where it lowered it")
    months_in_effect = Count(
        "For a change of service: months of the year it was in effect",
        required=False,
        within=between(1, 12),
    )
    adjustment = Code(
        "The adjustment that answers it, where one was agreed",
        required=False,
        refers_to="adjustments.adjustment",
    )
    description = Text("What happened")
    one_row_per = (event,)


class BaselineEstimates(
    Table,
    name="baseline_estimates",
    title="Other estimates of a service's baseline",
    purpose="For service lines whose baseline blends several estimates: each estimate and its"
    " weight. Costs become spend only by a stated ratio.",
    source="overview 2, 4.1; req 29",
):
    service_line = Code("Service line", refers_to="service_lines.service_line")
    estimator = Choice(
        "Kind of estimate; historic_spend takes the model's own spend, so its value stays blank",
        choices=ESTIMATORS,
    )
    basis = Choice(
        "Whether the value is commissioner spend or provider cost", choices=("spend", "cost")
    )
    value = Pounds(
        "Estimate for the lists in scope, for the spend year", required=False, within=BASELINE
    )
    spend_per_cost = Number(
        "For a cost: pounds of spend for each pound of cost", required=False, within=QUANTITY
    )
    weight = Share("Weight of this estimate")
    source = Text("Where it comes from")
    one_row_per = (service_line, estimator)
    checks = (SharesAddToOne(weight, per=(service_line,)),)


class DataSources(
    Table,
    name="data_sources",
    title="Accuracy review",
    purpose="Each source used, its date, when it was reviewed, and how far out it may be where it"
    " can't be brought up to date.",
    source="handbook 2.4.1; req 33",
):
    dataset = Code("Data set")
    covers = Code("Contract, line of other spend, or table of this model that rests on it")
    source_date = Date("Date the data stand at", meaning="evidence")
    reviewed_on = Date("When its accuracy was last reviewed", meaning="evidence")
    next_review = Date("When it will be reviewed next", meaning="evidence")
    can_be_updated = YesNo("Whether newer data can be had", meaning="evidence")
    error_share = Share(
        "How far out it may be, either way, as a share", required=False, meaning="evidence"
    )
    reviewed_by = Text("Who reviewed it")
    finding = Text("What the review found")
    one_row_per = (dataset, covers)


TABLES = (
    CheckLimits,
    SpendRepairs,
    RollForward,
    MonthlySpend,
    SpendHistory,
    Events,
    BaselineEstimates,
    DataSources,
)
