"""Tables of incentive schemes: what each is, what it stands in for, its metrics by year, what was
reported, who is paid outside the budget.
"""

from wpb.tables.schema import Column, TableSpec

INCENTIVE_SCHEMES = TableSpec(
    "incentive_schemes",
    "Incentive schemes",
    "What each scheme is. Its worth in a year stands in incentive_choices, or in outcome_payments"
    " where providers are paid through their own contracts.",
    (
        Column("scheme", "code", "Scheme"),
        Column("title", "text", "Its name"),
        Column(
            "published_as",
            "choice",
            "The published scheme it is, or local",
            choices=("ips", "cquin", "qof", "network_des", "joint_outcomes", "local"),
        ),
        Column(
            "all_or_nothing",
            "yes_no",
            "true: every paid metric must be reached in full, or nothing is earned by anybody",
        ),
        Column("source", "text", "Where the scheme is agreed or published"),
    ),
    key=("scheme",),
    source="handbook 5; overview 5.1; Mid-Nottinghamshire article; req 246, 251, 253",
)

INCENTIVE_SUBSTITUTIONS = TableSpec(
    "incentive_substitutions",
    "Schemes that stand in for others",
    "Which scheme takes the place of which, and in which years: a year never pays both.",
    (
        Column("scheme", "code", "Scheme that is paid", refers_to="incentive_schemes.scheme"),
        Column("replaces", "code", "Scheme it stands in for"),
        Column("first_year", "year", "First year"),
        Column("last_year", "year", "Last year; blank for no end", required=False),
        Column("basis", "text", "Where it is agreed, such as a variation to a contract"),
    ),
    key=("scheme", "replaces", "first_year"),
    source="overview 5.1; Mid-Nottinghamshire article; req 251, 254",
)

INCENTIVE_METRICS = TableSpec(
    "incentive_metrics",
    "Metrics of incentive schemes",
    "What a scheme measures, year by year, and what reaching it is worth. A metric may be published"
    " and not paid.",
    (
        Column("scheme", "code", "Scheme", refers_to="incentive_schemes.scheme"),
        Column("metric", "code", "Metric"),
        Column("title", "text", "What is measured"),
        Column(
            "measure",
            "code",
            "Code of the measure; a line of a gain/loss arrangement of the same code is compared"
            " with it",
        ),
        Column("metric_kind", "choice", "process or outcome", choices=("process", "outcome")),
        Column("first_year", "year", "First year it stands"),
        Column("last_year", "year", "Last year it stands; blank for no end", required=False),
        Column("paid", "yes_no", "true: it earns; false: it is published only"),
        Column(
            "weight",
            "share",
            "Part of the scheme's worth; blank where it is not paid",
            required=False,
        ),
        Column(
            "wants",
            "choice",
            "Whether more or less of the measure is wanted",
            choices=("more", "less"),
        ),
        Column(
            "scale",
            "choice",
            "sliding: paid in part from the threshold to full_at; all_or_nothing: paid at the"
            " threshold",
            choices=("sliding", "all_or_nothing"),
            required=False,
        ),
        Column(
            "threshold",
            "number",
            "Value where payment starts; blank where it is not paid",
            required=False,
        ),
        Column(
            "full_at",
            "number",
            "Value where payment is full; blank where it is not paid, and under all_or_nothing",
            required=False,
        ),
    ),
    key=("scheme", "metric", "first_year"),
    source="handbook 5.1-5.4; req 246, 247, 249, 250, 252",
)

INCENTIVE_REPORTS = TableSpec(
    "incentive_reports",
    "Reported metrics",
    "What was reported of each metric, by year. A later row with a later known_on takes the place"
    " of an earlier one.",
    (
        Column("year", "year", "Year it is of"),
        Column("scheme", "code", "Scheme", refers_to="incentive_schemes.scheme"),
        Column("metric", "code", "Metric"),
        Column("value", "number", "Value reported"),
        Column("known_on", "date", "Day it was known"),
        Column("source", "text", "Where it was reported"),
    ),
    key=("year", "scheme", "metric", "known_on"),
    source="handbook 5.2; req 246, 249",
)

OUTCOME_PAYMENTS = TableSpec(
    "outcome_payments",
    "Outcome payments through providers' own contracts",
    "Part of the value of a provider's own contract that hangs on outcomes. It is paid through that"
    " contract, outside this budget.",
    (
        Column("year", "year", "Year"),
        Column("scheme", "code", "Scheme", refers_to="incentive_schemes.scheme"),
        Column("provider", "code", "Who is paid", refers_to="organisations.organisation"),
        Column("payer", "code", "Who pays", refers_to="organisations.organisation"),
        Column("contract", "code", "Contract between them that points to the alliance's scheme"),
        Column("contract_value", "pounds", "Value of that contract for the year"),
        Column("rate", "share", "Part of the value that hangs on the scheme"),
        Column("settled_on", "date", "Day the achievement was settled", required=False),
        Column("basis", "text", "Where the rate comes from"),
    ),
    key=("year", "scheme", "provider", "contract"),
    source="Mid-Nottinghamshire article; SCIE 2; req 253, 255, 317",
)

TABLES = (
    INCENTIVE_SCHEMES,
    INCENTIVE_SUBSTITUTIONS,
    INCENTIVE_METRICS,
    INCENTIVE_REPORTS,
    OUTCOME_PAYMENTS,
)
