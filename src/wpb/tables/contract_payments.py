"""Tables of a live contract's payments: what stands beside the annual payment, and who pays whom
within it.
"""

from wpb.kernel.ranges import AMOUNT, PRICE
from wpb.tables.declared import Choice, Code, Count, Date, Number, Pounds, Share, Table, Text, Year
from wpb.tables.schema import at_least


class IncentiveChoices(
    Table,
    name="incentive_choices",
    title="Incentive schemes by year",
    purpose="Which incentive scheme applies in each year, whether it is withheld from the budget or"
    " paid beside it, and what was earned.",
    source="handbook 5.3; overview 5.1; req 210",
):
    year = Year("Year")
    scheme = Code("Scheme")
    treatment = Choice(
        "top_sliced: withheld from the budget; beside: paid on top of the annual payment",
        choices=("top_sliced", "beside"),
    )
    rate = Share("Share of the annual payment before anything is withheld")
    parts = Choice(
        "Parts of the annual payment it is worked out on", choices=("part_a", "part_b", "both")
    )
    achieved = Share(
        "Share achieved, where the scheme has no metrics; blank until it is settled, and where"
        " incentive_metrics give it",
        required=False,
    )
    settled_on = Date("Day the achievement was settled", required=False)
    basis = Text("Where the rate comes from")
    one_row_per = (year, scheme)


class PersonalBudgets(
    Table,
    name="personal_budgets",
    title="Personal budgets and direct payments",
    purpose="Personal health budgets and council direct payments, by group and never by person:"
    " inside the budget or outside it, as agreed.",
    source="handbook 1.1.6; overview 3.5; req 210, 233",
):
    personal_budget = Code("Group of budgets; never a name or an NHS number")
    commissioner = Code("Commissioner or council that pays", refers_to="organisations.organisation")
    funding_stream = Code("Stream that pays", refers_to="funding_streams.funding_stream")
    budget_kind = Choice("What it is", choices=("personal_health_budget", "council_direct_payment"))
    held = Choice(
        "inside: part of the whole population budget; outside: shown for information",
        choices=("inside", "outside"),
    )
    administered_by = Code("Organisation that pays it out", refers_to="organisations.organisation")
    year = Year("Year")
    amount = Pounds("Amount for a whole year", within=AMOUNT)
    one_row_per = (personal_budget, year)


class Subcontracts(
    Table,
    name="subcontracts",
    title="Payments within the contract",
    purpose="What the lead provider pays its subcontractors and partners, each by a stated rule,"
    " gains and losses included.",
    source="handbook 1.1.5; overview 3.4; req 232",
):
    subcontract = Code("Subcontract or partner agreement")
    payee = Code("Who is paid: an organisation or a practice")
    rule = Choice(
        "share: of the annual payment; fixed: a sum a year; lines: what the forecast holds for"
        " the provider",
        choices=("share", "fixed", "lines"),
    )
    share = Share("Rule share: part of the annual payment", required=False)
    amount = Pounds("Rule fixed: sum for a whole year", required=False)
    provider = Code("Rule lines: provider named on the budget lines", required=False)
    gain_loss_share = Share(
        "Part of the lead provider's gains and losses it takes; blank: none", required=False
    )
    starts_on = Date("First day")
    ends_on = Date("Last day; blank for the whole term", required=False)
    reason = Text("What it is for")
    one_row_per = (subcontract,)


class GpRoles(
    Table,
    name="gp_roles",
    title="Practices and the contract holder",
    purpose="How each practice relates to the holder of the contract, and what became of its own"
    " contract.",
    source="contracting for accountable models 14-16; req 343-346",
):
    list_code = Code("Practice", refers_to="gp_lists.list_code")
    role = Choice(
        "Relation to the contract holder",
        choices=("owner", "director", "employee", "subcontractor", "none"),
    )
    own_contract = Choice(
        "Its own contract for core general practice",
        choices=("continues", "suspended", "terminated"),
    )
    one_row_per = (list_code,)


class AqpPrices(
    Table,
    name="aqp_prices",
    title="Prices of outside providers",
    purpose="Price of one unit for any qualified provider that patients choose, by day.",
    source="handbook 1.1.6; overview 3.5; req 231",
):
    service_line = Code("Service line", refers_to="service_lines.service_line")
    activity_type = Code("Activity type")
    price_from = Date("First day of the price")
    unit_price = Pounds("Price of one unit", within=PRICE)
    price_kind = Choice(
        "National, local or any-qualified-provider price",
        choices=("national", "local", "any_qualified_provider"),
    )
    one_row_per = (service_line, activity_type, price_from)


class ExternalActivity(
    Table,
    name="external_activity",
    title="Activity of outside providers",
    purpose="Care that patients of the contract chose elsewhere, by month. A later row with a later"
    " known_on corrects an earlier one.",
    source="handbook 1.1.6; req 231",
):
    month = Code("Month, such as 2028-05")
    provider = Code("Outside provider", refers_to="organisations.organisation")
    commissioner = Code("Commissioner of the patients", refers_to="organisations.organisation")
    service_line = Code("Service line", refers_to="service_lines.service_line")
    activity_type = Code("Activity type")
    units = Count("Units")
    known_on = Date("Day it was known")
    one_row_per = (month, provider, commissioner, service_line, activity_type, known_on)


class DeliveredActivity(
    Table,
    name="delivered_activity",
    title="Services paid by activity",
    purpose="What was delivered of services that stay paid by activity, by month; a month without a"
    " row is paid on account.",
    source="overview 2; req 210",
):
    month = Code("Month, such as 2028-05")
    commissioner = Code("Commissioner", refers_to="organisations.organisation")
    funding_stream = Code("Stream that pays", refers_to="funding_streams.funding_stream")
    amount = Pounds("Value delivered")
    known_on = Date("Day it was known")
    one_row_per = (month, commissioner, funding_stream, known_on)


class ClosedMonths(
    Table,
    name="closed_months",
    title="Closed months",
    purpose="Months whose payments are final, each with the seal of its postings, as `wpb"
    " statement` prints it.",
    source="handbook 3.7; req 369",
):
    month = Code("Month, such as 2028-05")
    closed_on = Date("Day it was closed")
    seal = Code("Seal of its postings; blank where none was kept", required=False)
    one_row_per = (month,)


class ProviderIncome(
    Table,
    name="provider_income",
    title="Provider income today",
    purpose="What each provider earns today, what goes on outside the contract, and how much of its"
    " cost is fixed.",
    source="handbook 1.1.6, 6.4; req 232",
):
    provider = Code("Provider", refers_to="organisations.organisation")
    income_today = Pounds(
        "Income for the year from the commissioners of this contract", within=AMOUNT
    )
    continues_outside = Pounds("Part of it that goes on outside the contract", within=AMOUNT)
    fixed_cost_share = Share("Share of the cost of what it loses that stays fixed in the year")
    source = Text("Where the figures come from")
    one_row_per = (provider,)


class MonitoringActuals(
    Table,
    name="monitoring_actuals",
    title="Monthly monitoring",
    purpose="What the contract holder spent each month, by service line or care-model programme.",
    source="handbook 4.3; req 222",
):
    month = Code("Month, such as 2028-05")
    service_line = Code("Service line", refers_to="service_lines.service_line")
    amount = Pounds("Spend in the month")
    one_row_per = (month, service_line)


class SharingOutturn(
    Table,
    name="sharing_outturn",
    title="Outturn of gain/loss arrangements",
    purpose="What was used of each line of an arrangement, by year. A later row with a later"
    " known_on takes the place of an earlier one.",
    source="handbook 6.4.6; req 286",
):
    arrangement = Code("Arrangement, a file of the model's folder arrangements")
    line = Code("Line of the arrangement")
    year = Year("Year")
    outturn = Number("Units used; pounds where the arrangement shares spend")
    months = Count("Months of the year it covers", within=at_least(1))
    status = Choice(
        "provisional: paid on account; final: settled", choices=("provisional", "final")
    )
    known_on = Date("Day it was known")
    one_row_per = (arrangement, line, year, known_on)


class SharingMeasures(
    Table,
    name="sharing_measures",
    title="Measures of gain/loss arrangements",
    purpose="What was reported of each measure that a gate of an arrangement uses, by year. A"
    " later known_on takes the place of an earlier one.",
    source="handbook 6.4.5, 6.5.2; req 257",
):
    arrangement = Code("Arrangement")
    measure = Code("Measure of the arrangement")
    year = Year("Year")
    value = Number("Value reported")
    known_on = Date("Day it was known")
    one_row_per = (arrangement, measure, year, known_on)


TABLES = (
    IncentiveChoices,
    PersonalBudgets,
    Subcontracts,
    GpRoles,
    AqpPrices,
    ExternalActivity,
    DeliveredActivity,
    ClosedMonths,
    ProviderIncome,
    MonitoringActuals,
    SharingOutturn,
    SharingMeasures,
)
