"""Tables of efficiency: providers' plans, benchmarks, schemes, savings not yet identified, and who
can respond.
"""

from wpb.kernel.ranges import AMOUNT, BASELINE
from wpb.tables.forecasting import PROGRAMME_KIND, SHARE_IN_BUDGET
from wpb.tables.schema import Column, Steady, TableSpec

PROVIDER_EFFICIENCY_PLANS = TableSpec(
    "provider_efficiency_plans",
    "Providers' efficiency plans",
    "What each provider plans to save in a year, on what cost; plans fill the target first.",
    (
        Column("provider", "code", "Provider", refers_to="organisations.organisation"),
        Column(
            "service_line",
            "code",
            "Service line; blank for all its services",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column("year", "year", "Year"),
        Column(
            "planned_saving", "pounds", "New recurrent saving planned for the year", within=AMOUNT
        ),
        Column("cost_base", "pounds", "Operating cost it is planned on", within=BASELINE),
        Column("plan", "text", "The plan it comes from"),
    ),
    key=("provider", "service_line", "year"),
    steady=(Steady("cost_base", ("provider", "service_line"), "year", "spend_jump"),),
    source="handbook 3.5 Mid-Nottinghamshire; req 191",
)

BENCHMARK_EFFICIENCY = TableSpec(
    "benchmark_efficiency",
    "Efficiency expected from benchmarks",
    "The yearly efficiency expected where a provider's service benchmarks high.",
    (
        Column("provider", "code", "Provider", refers_to="organisations.organisation"),
        Column(
            "service_line",
            "code",
            "Service line; blank for all its services",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column("year", "year", "Year"),
        Column("expected_rate", "share", "Efficiency expected in the year, for example 0.03"),
        Column("benchmark", "text", "What it was compared with, and when"),
    ),
    key=("provider", "service_line", "year"),
    large=(("expected_rate", "rate_large"),),
    source="handbook 3.5 Mid-Nottinghamshire; req 193",
)

EFFICIENCY_SCHEMES = TableSpec(
    "efficiency_schemes",
    "QIPP and transformation schemes",
    "Schemes that save, for one service line or for the whole system.",
    (
        Column("scheme", "code", "Scheme"),
        Column("name", "text", "What it does"),
        PROGRAMME_KIND,
        Column(
            "level",
            "choice",
            "service: one service line; system: shared among service lines by a key",
            choices=("service", "system"),
        ),
        Column(
            "service_line",
            "code",
            "Service line, for a scheme of one service",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column(
            "distribution_key",
            "choice",
            "For a system scheme: by forecast spend, equally, or by weights of its own in"
            " scheme_keys",
            required=False,
            choices=("spend", "equal", "own_weights"),
        ),
        Column(
            "commissioner",
            "code",
            "Commissioner whose spend it changes",
            refers_to="organisations.organisation",
        ),
        Column(
            "funding_stream",
            "code",
            "Stream it changes",
            refers_to="funding_streams.funding_stream",
        ),
        Column(
            "scope",
            "choice",
            "Whether it changes spend inside or outside this budget",
            choices=("inside", "outside"),
        ),
        SHARE_IN_BUDGET,
        Column("owner", "text", "Who delivers it"),
        Column("plan", "text", "How the saving will be realised"),
    ),
    key=("scheme",),
    source="handbook 3.5 Mid-Nottinghamshire; req 190, 192, 205",
)

SCHEME_SAVINGS = TableSpec(
    "scheme_savings",
    "Savings of schemes",
    "What each scheme saves, and costs, by year: the whole effect in that year. A year before the"
    " first row or after the last has none.",
    (
        Column("scheme", "code", "Scheme", refers_to="efficiency_schemes.scheme"),
        Column("year", "year", "Year"),
        Column(
            "investment",
            "pounds",
            "What it costs in the year, from nought up; blank is nothing",
            required=False,
            within=AMOUNT,
        ),
        Column("saving", "pounds", "What it saves in the year, from nought up", within=AMOUNT),
    ),
    key=("scheme", "year"),
    source="handbook 3.5 Mid-Nottinghamshire; req 192",
)

SCHEME_KEYS = TableSpec(
    "scheme_keys",
    "Distribution keys",
    "Weights by which a system scheme is shared among service lines.",
    (
        Column("scheme", "code", "Scheme", refers_to="efficiency_schemes.scheme"),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("weight", "count", "Weight"),
        Column("reason", "text", "Why this weight"),
    ),
    key=("scheme", "service_line"),
    source="handbook 3.5 Mid-Nottinghamshire; req 192",
)

_ANSWERS = ("yes", "no", "open")
UNIDENTIFIED_QIPP = TableSpec(
    "unidentified_qipp",
    "Unidentified QIPP",
    "Savings put into the budget that no scheme stands behind yet, by year, and the two questions"
    " that must be answered.",
    (
        Column("qipp", "code", "Code"),
        Column("commissioner", "code", "Commissioner", refers_to="organisations.organisation"),
        Column("funding_stream", "code", "Stream", refers_to="funding_streams.funding_stream"),
        Column("year", "year", "Year"),
        Column("amount", "pounds", "Saving assumed in the year, from nought up", within=AMOUNT),
        Column(
            "deliverable",
            "choice",
            "Can this provider deliver it for this population and scope?",
            choices=_ANSWERS,
        ),
        Column("deliverable_evidence", "text", "What shows it", required=False),
        Column(
            "right_place",
            "choice",
            "Is this the right place in the system for the pressure?",
            choices=_ANSWERS,
        ),
        Column(
            "right_place_evidence",
            "text",
            "What shows it, and which other places were weighed",
            required=False,
        ),
        Column("owner", "text", "Who answers for it"),
    ),
    key=("qipp", "commissioner", "funding_stream", "year"),
    source="handbook 3.6; req 196-198",
)

RESIDUAL_ABILITIES = TableSpec(
    "residual_abilities",
    "Ability to respond",
    "How able each party is to respond to savings nobody has planned yet.",
    (
        Column("organisation", "code", "Party", refers_to="organisations.organisation"),
        Column("weight", "count", "Weight, of any size"),
        Column("reason", "text", "Why this weight"),
    ),
    key=("organisation",),
    source="handbook 3.5 Mid-Nottinghamshire; req 195",
)

TABLES = (
    PROVIDER_EFFICIENCY_PLANS,
    BENCHMARK_EFFICIENCY,
    EFFICIENCY_SCHEMES,
    SCHEME_SAVINGS,
    SCHEME_KEYS,
    UNIDENTIFIED_QIPP,
    RESIDUAL_ABILITIES,
)
