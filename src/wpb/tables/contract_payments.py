"""Tables of a live contract's payments: what stands beside the annual payment, and who pays whom
within it.
"""

from wpb.kernel.ranges import AMOUNT, PRICE
from wpb.tables.schema import Column, TableSpec, at_least

INCENTIVE_CHOICES = TableSpec(
    "incentive_choices",
    "Incentive schemes by year",
    "Which incentive scheme applies in each year, whether it is withheld from the budget or paid"
    " beside it, and what was earned.",
    (
        Column("year", "year", "Year"),
        Column("scheme", "code", "Scheme"),
        Column(
            "treatment",
            "choice",
            "top_sliced: withheld from the budget; beside: paid on top of the annual payment",
            choices=("top_sliced", "beside"),
        ),
        Column("rate", "share", "Share of the annual payment before anything is withheld"),
        Column(
            "parts",
            "choice",
            "Parts of the annual payment it is worked out on",
            choices=("part_a", "part_b", "both"),
        ),
        Column(
            "achieved",
            "share",
            "Share achieved, where the scheme has no metrics; blank until it is settled, and where"
            " incentive_metrics give it",
            required=False,
        ),
        Column("settled_on", "date", "Day the achievement was settled", required=False),
        Column("basis", "text", "Where the rate comes from"),
    ),
    key=("year", "scheme"),
    source="handbook 5.3; overview 5.1; req 210",
)

PERSONAL_BUDGETS = TableSpec(
    "personal_budgets",
    "Personal budgets and direct payments",
    "Personal health budgets and council direct payments, by group and never by person: inside the"
    " budget or outside it, as agreed.",
    (
        Column("personal_budget", "code", "Group of budgets; never a name or an NHS number"),
        Column(
            "commissioner",
            "code",
            "Commissioner or council that pays",
            refers_to="organisations.organisation",
        ),
        Column(
            "funding_stream", "code", "Stream that pays", refers_to="funding_streams.funding_stream"
        ),
        Column(
            "budget_kind",
            "choice",
            "What it is",
            choices=("personal_health_budget", "council_direct_payment"),
        ),
        Column(
            "held",
            "choice",
            "inside: part of the whole population budget; outside: shown for information",
            choices=("inside", "outside"),
        ),
        Column(
            "administered_by",
            "code",
            "Organisation that pays it out",
            refers_to="organisations.organisation",
        ),
        Column("year", "year", "Year"),
        Column("amount", "pounds", "Amount for a whole year", within=AMOUNT),
    ),
    key=("personal_budget", "year"),
    source="handbook 1.1.6; overview 3.5; req 210, 233",
)

SUBCONTRACTS = TableSpec(
    "subcontracts",
    "Payments within the contract",
    "What the lead provider pays its subcontractors and partners, each by a stated rule, gains and"
    " losses included.",
    (
        Column("subcontract", "code", "Subcontract or partner agreement"),
        Column("payee", "code", "Who is paid: an organisation or a practice"),
        Column(
            "rule",
            "choice",
            "share: of the annual payment; fixed: a sum a year; lines: what the forecast holds for"
            " the provider",
            choices=("share", "fixed", "lines"),
        ),
        Column("share", "share", "Rule share: part of the annual payment", required=False),
        Column("amount", "pounds", "Rule fixed: sum for a whole year", required=False),
        Column(
            "provider", "code", "Rule lines: provider named on the budget lines", required=False
        ),
        Column(
            "gain_loss_share",
            "share",
            "Part of the lead provider's gains and losses it takes; blank: none",
            required=False,
        ),
        Column("starts_on", "date", "First day"),
        Column("ends_on", "date", "Last day; blank for the whole term", required=False),
        Column("reason", "text", "What it is for"),
    ),
    key=("subcontract",),
    source="handbook 1.1.5; overview 3.4; req 232",
)

GP_ROLES = TableSpec(
    "gp_roles",
    "Practices and the contract holder",
    "How each practice relates to the holder of the contract, and what became of its own contract.",
    (
        Column("list_code", "code", "Practice", refers_to="gp_lists.list_code"),
        Column(
            "role",
            "choice",
            "Relation to the contract holder",
            choices=("owner", "director", "employee", "subcontractor", "none"),
        ),
        Column(
            "own_contract",
            "choice",
            "Its own contract for core general practice",
            choices=("continues", "suspended", "terminated"),
        ),
    ),
    key=("list_code",),
    source="contracting for accountable models 14-16; req 343-346",
)

AQP_PRICES = TableSpec(
    "aqp_prices",
    "Prices of outside providers",
    "Price of one unit for any qualified provider that patients choose, by day.",
    (
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("activity_type", "code", "Activity type"),
        Column("price_from", "date", "First day of the price"),
        Column("unit_price", "pounds", "Price of one unit", within=PRICE),
        Column(
            "price_kind",
            "choice",
            "National, local or any-qualified-provider price",
            choices=("national", "local", "any_qualified_provider"),
        ),
    ),
    key=("service_line", "activity_type", "price_from"),
    source="handbook 1.1.6; overview 3.5; req 231",
)

EXTERNAL_ACTIVITY = TableSpec(
    "external_activity",
    "Activity of outside providers",
    "Care that patients of the contract chose elsewhere, by month. A later row with a later"
    " known_on corrects an earlier one.",
    (
        Column("month", "code", "Month, such as 2028-05"),
        Column("provider", "code", "Outside provider", refers_to="organisations.organisation"),
        Column(
            "commissioner",
            "code",
            "Commissioner of the patients",
            refers_to="organisations.organisation",
        ),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("activity_type", "code", "Activity type"),
        Column("units", "count", "Units"),
        Column("known_on", "date", "Day it was known"),
    ),
    key=("month", "provider", "commissioner", "service_line", "activity_type", "known_on"),
    source="handbook 1.1.6; req 231",
)

DELIVERED_ACTIVITY = TableSpec(
    "delivered_activity",
    "Services paid by activity",
    "What was delivered of services that stay paid by activity, by month; a month without a row is"
    " paid on account.",
    (
        Column("month", "code", "Month, such as 2028-05"),
        Column("commissioner", "code", "Commissioner", refers_to="organisations.organisation"),
        Column(
            "funding_stream", "code", "Stream that pays", refers_to="funding_streams.funding_stream"
        ),
        Column("amount", "pounds", "Value delivered"),
        Column("known_on", "date", "Day it was known"),
    ),
    key=("month", "commissioner", "funding_stream", "known_on"),
    source="overview 2; req 210",
)

CLOSED_MONTHS = TableSpec(
    "closed_months",
    "Closed months",
    "Months whose payments are final, each with the seal of its postings, as `wpb statement`"
    " prints it.",
    (
        Column("month", "code", "Month, such as 2028-05"),
        Column("closed_on", "date", "Day it was closed"),
        Column("seal", "code", "Seal of its postings; blank where none was kept", required=False),
    ),
    key=("month",),
    source="handbook 3.7; req 369",
)

PROVIDER_INCOME = TableSpec(
    "provider_income",
    "Provider income today",
    "What each provider earns today, what goes on outside the contract, and how much of its cost is"
    " fixed.",
    (
        Column("provider", "code", "Provider", refers_to="organisations.organisation"),
        Column(
            "income_today",
            "pounds",
            "Income for the year from the commissioners of this contract",
            within=AMOUNT,
        ),
        Column(
            "continues_outside",
            "pounds",
            "Part of it that goes on outside the contract",
            within=AMOUNT,
        ),
        Column(
            "fixed_cost_share",
            "share",
            "Share of the cost of what it loses that stays fixed in the year",
        ),
        Column("source", "text", "Where the figures come from"),
    ),
    key=("provider",),
    source="handbook 1.1.6, 6.4; req 232",
)

MONITORING_ACTUALS = TableSpec(
    "monitoring_actuals",
    "Monthly monitoring",
    "What the contract holder spent each month, by service line or care-model programme.",
    (
        Column("month", "code", "Month, such as 2028-05"),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("amount", "pounds", "Spend in the month"),
    ),
    key=("month", "service_line"),
    source="handbook 4.3; req 222",
)

SHARING_OUTTURN = TableSpec(
    "sharing_outturn",
    "Outturn of gain/loss arrangements",
    "What was used of each line of an arrangement, by year. A later row with a later known_on takes"
    " the place of an earlier one.",
    (
        Column("arrangement", "code", "Arrangement, a file of the model's folder arrangements"),
        Column("line", "code", "Line of the arrangement"),
        Column("year", "year", "Year"),
        Column("outturn", "number", "Units used; pounds where the arrangement shares spend"),
        Column("months", "count", "Months of the year it covers", within=at_least(1)),
        Column(
            "status",
            "choice",
            "provisional: paid on account; final: settled",
            choices=("provisional", "final"),
        ),
        Column("known_on", "date", "Day it was known"),
    ),
    key=("arrangement", "line", "year", "known_on"),
    source="handbook 6.4.6; req 286",
)

SHARING_MEASURES = TableSpec(
    "sharing_measures",
    "Measures of gain/loss arrangements",
    "What was reported of each measure that a gate of an arrangement hangs on, by year. A later"
    " known_on takes the place of an earlier one.",
    (
        Column("arrangement", "code", "Arrangement"),
        Column("measure", "code", "Measure of the arrangement"),
        Column("year", "year", "Year"),
        Column("value", "number", "Value reported"),
        Column("known_on", "date", "Day it was known"),
    ),
    key=("arrangement", "measure", "year", "known_on"),
    source="handbook 6.4.5, 6.5.2; req 257",
)

TABLES = (
    INCENTIVE_CHOICES,
    PERSONAL_BUDGETS,
    SUBCONTRACTS,
    GP_ROLES,
    AQP_PRICES,
    EXTERNAL_ACTIVITY,
    DELIVERED_ACTIVITY,
    CLOSED_MONTHS,
    PROVIDER_INCOME,
    MONITORING_ACTUALS,
    SHARING_OUTTURN,
    SHARING_MEASURES,
)
