"""Tables of incentive schemes: what each is, what it stands in for, its metrics by year, what was
reported, who is paid outside the budget.
"""

from wpb.tables.declared import Choice, Code, Date, Number, Pounds, Share, Table, Text, Year, YesNo


class IncentiveSchemes(
    Table,
    name="incentive_schemes",
    title="Incentive schemes",
    purpose="What each scheme is. Its worth in a year stands in incentive_choices, or in"
    " outcome_payments where providers are paid through their own contracts.",
    source="handbook 5; overview 5.1; Mid-Nottinghamshire article; req 246, 251, 253",
):
    scheme = Code("Scheme")
    title = Text("Its name")
    published_as = Choice(
        "The published scheme it is, or local",
        choices=("ips", "cquin", "qof", "network_des", "joint_outcomes", "local"),
    )
    all_or_nothing = YesNo(
        "true: every paid metric must be reached in full, or nothing is earned by anybody"
    )
    source = Text("Where the scheme is agreed or published")
    one_row_per = (scheme,)


class IncentiveSubstitutions(
    Table,
    name="incentive_substitutions",
    title="Schemes that stand in for others",
    purpose="Which scheme takes the place of which, and in which years: a year never pays both.",
    source="overview 5.1; Mid-Nottinghamshire article; req 251, 254",
):
    scheme = Code("Scheme that is paid", refers_to="incentive_schemes.scheme")
    replaces = Code("Scheme it stands in for")
    first_year = Year("First year")
    last_year = Year("Last year; blank for no end", required=False)
    basis = Text("Where it is agreed, such as a variation to a contract")
    one_row_per = (scheme, replaces, first_year)


class IncentiveMetrics(
    Table,
    name="incentive_metrics",
    title="Metrics of incentive schemes",
    purpose="What a scheme measures, year by year, and what reaching it is worth. A metric may be"
    " published and not paid.",
    source="handbook 5.1-5.4; req 246, 247, 249, 250, 252",
):
    scheme = Code("Scheme", refers_to="incentive_schemes.scheme")
    metric = Code("Metric")
    title = Text("What is measured")
    measure = Code(
        "Code of the measure; a line of a gain/loss arrangement of the same code is compared"
        " with it"
    )
    metric_kind = Choice("process or outcome", choices=("process", "outcome"))
    first_year = Year("First year it stands")
    last_year = Year("Last year it stands; blank for no end", required=False)
    paid = YesNo("true: it earns; false: it is published only")
    weight = Share("Part of the scheme's worth; blank where it is not paid", required=False)
    wants = Choice("Whether more or less of the measure is wanted", choices=("more", "less"))
    scale = Choice(
        "sliding: paid in part from the threshold to full_at; all_or_nothing: paid at the"
        " threshold",
        choices=("sliding", "all_or_nothing"),
        required=False,
    )
    threshold = Number("Value where payment starts; blank where it is not paid", required=False)
    full_at = Number(
        "Value where payment is full; blank where it is not paid, and under all_or_nothing",
        required=False,
    )
    one_row_per = (scheme, metric, first_year)


class IncentiveReports(
    Table,
    name="incentive_reports",
    title="Reported metrics",
    purpose="What was reported of each metric, by year. A later row with a later known_on takes the"
    " place of an earlier one.",
    source="handbook 5.2; req 246, 249",
):
    year = Year("Year it is of")
    scheme = Code("Scheme", refers_to="incentive_schemes.scheme")
    metric = Code("Metric")
    value = Number("Value reported")
    known_on = Date("Day it was known")
    source = Text("Where it was reported")
    one_row_per = (year, scheme, metric, known_on)


class OutcomePayments(
    Table,
    name="outcome_payments",
    title="Outcome payments through providers' own contracts",
    purpose="Part of the value of a provider's own contract that hangs on outcomes. It is paid"
    " through that contract, outside this budget.",
    source="Mid-Nottinghamshire article; SCIE 2; req 253, 255, 317",
):
    year = Year("Year")
    scheme = Code("Scheme", refers_to="incentive_schemes.scheme")
    provider = Code("Who is paid", refers_to="organisations.organisation")
    payer = Code("Who pays", refers_to="organisations.organisation")
    contract = Code("Contract between them that points to the alliance's scheme")
    contract_value = Pounds("Value of that contract for the year")
    rate = Share("Part of the value that hangs on the scheme")
    settled_on = Date("Day the achievement was settled", required=False)
    basis = Text("Where the rate comes from")
    one_row_per = (year, scheme, provider, contract)


TABLES = (
    IncentiveSchemes,
    IncentiveSubstitutions,
    IncentiveMetrics,
    IncentiveReports,
    OutcomePayments,
)
