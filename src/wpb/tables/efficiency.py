"""Tables of efficiency: providers' plans, benchmarks, schemes, savings not yet identified, and who
can respond.
"""

from wpb.kernel.ranges import AMOUNT, BASELINE
from wpb.tables.declared import Choice, Code, Count, Pounds, Share, Table, Text, Year
from wpb.tables.forecasting import PROGRAMME_KIND, SHARE_IN_BUDGET
from wpb.tables.rules import EveryYearBetween, RateNotLarge, Steady


class ProviderEfficiencyPlans(
    Table,
    name="provider_efficiency_plans",
    title="Providers' efficiency plans",
    purpose="What each provider plans to save in a year, on what cost; plans fill the target"
    " first.",
    source="handbook 3.5 Mid-Nottinghamshire; req 191",
):
    provider = Code("Provider", refers_to="organisations.organisation")
    service_line = Code(
        "Service line; blank for all its services",
        required=False,
        refers_to="service_lines.service_line",
    )
    year = Year("Year")
    planned_saving = Pounds("New recurrent saving planned for the year", within=AMOUNT)
    cost_base = Pounds("Operating cost it is planned on", within=BASELINE)
    plan = Text("The plan it comes from")
    one_row_per = (provider, service_line, year)
    checks = (Steady(cost_base, by=(provider, service_line), over=year, limit="spend_jump"),)


class BenchmarkEfficiency(
    Table,
    name="benchmark_efficiency",
    title="Efficiency expected from benchmarks",
    purpose="The yearly efficiency expected where a provider's service benchmarks high.",
    source="handbook 3.5 Mid-Nottinghamshire; req 193",
):
    provider = Code("Provider", refers_to="organisations.organisation")
    service_line = Code(
        "Service line; blank for all its services",
        required=False,
        refers_to="service_lines.service_line",
    )
    year = Year("Year")
    expected_rate = Share("Efficiency expected in the year, for example 0.03")
    benchmark = Text("What it was compared with, and when")
    one_row_per = (provider, service_line, year)
    checks = (RateNotLarge(expected_rate, "rate_large"),)


class EfficiencySchemes(
    Table,
    name="efficiency_schemes",
    title="QIPP and transformation schemes",
    purpose="Schemes that save, for one service line or for the whole system.",
    source="handbook 3.5 Mid-Nottinghamshire; req 190, 192, 205",
):
    scheme = Code("Scheme")
    name = Text("What it does")
    programme_kind = PROGRAMME_KIND
    level = Choice(
        "service: one service line; system: shared among service lines by a key",
        choices=("service", "system"),
    )
    service_line = Code(
        "Service line, for a scheme of one service",
        required=False,
        refers_to="service_lines.service_line",
    )
    distribution_key = Choice(
        "For a system scheme: by forecast spend, equally, or by weights of its own in scheme_keys",
        required=False,
        choices=("spend", "equal", "own_weights"),
    )
    commissioner = Code(
        "Commissioner whose spend it changes", refers_to="organisations.organisation"
    )
    funding_stream = Code("Stream it changes", refers_to="funding_streams.funding_stream")
    scope = Choice(
        "Whether it changes spend inside or outside this budget", choices=("inside", "outside")
    )
    share_in_budget = SHARE_IN_BUDGET
    owner = Text("Who delivers it")
    plan = Text("How the saving will be realised")
    one_row_per = (scheme,)


class SchemeSavings(
    Table,
    name="scheme_savings",
    title="Savings of schemes",
    purpose="What each scheme saves, and costs, by year: the whole effect in that year. A year"
    " before the first row or after the last has none.",
    source="handbook 3.5 Mid-Nottinghamshire; req 192",
):
    scheme = Code("Scheme", refers_to="efficiency_schemes.scheme")
    year = Year("Year")
    investment = Pounds(
        "What it costs in the year, from nought up; blank is nothing", required=False, within=AMOUNT
    )
    saving = Pounds("What it saves in the year, from nought up", within=AMOUNT)
    one_row_per = (scheme, year)
    checks = (EveryYearBetween(year),)


class SchemeKeys(
    Table,
    name="scheme_keys",
    title="Distribution keys",
    purpose="Weights by which a system scheme is shared among service lines.",
    source="handbook 3.5 Mid-Nottinghamshire; req 192",
):
    scheme = Code("Scheme", refers_to="efficiency_schemes.scheme")
    service_line = Code("Service line", refers_to="service_lines.service_line")
    weight = Count("Weight")
    reason = Text("Why this weight")
    one_row_per = (scheme, service_line)


_ANSWERS = ("yes", "no", "open")


class UnidentifiedQipp(
    Table,
    name="unidentified_qipp",
    title="Unidentified QIPP",
    purpose="Savings put into the budget that no scheme stands behind yet, by year, and the two"
    " questions that must be answered.",
    source="handbook 3.6; req 196-198",
):
    qipp = Code("Code")
    commissioner = Code("Commissioner", refers_to="organisations.organisation")
    funding_stream = Code("Stream", refers_to="funding_streams.funding_stream")
    year = Year("Year")
    amount = Pounds("Saving assumed in the year, from nought up", within=AMOUNT)
    deliverable = Choice(
        "Can this provider deliver it for this population and scope?", choices=_ANSWERS
    )
    deliverable_evidence = Text("What shows it", required=False)
    right_place = Choice(
        "Is this the right place in the system for the pressure?", choices=_ANSWERS
    )
    right_place_evidence = Text(
        "What shows it, and which other places were weighed", required=False
    )
    owner = Text("Who answers for it")
    one_row_per = (qipp, commissioner, funding_stream, year)
    checks = (EveryYearBetween(year),)


class ResidualAbilities(
    Table,
    name="residual_abilities",
    title="Ability to respond",
    purpose="How able each party is to respond to savings nobody has planned yet.",
    source="handbook 3.5 Mid-Nottinghamshire; req 195",
):
    organisation = Code("Party", refers_to="organisations.organisation")
    weight = Count("Weight, of any size")
    reason = Text("Why this weight")
    one_row_per = (organisation,)


TABLES = (
    ProviderEfficiencyPlans,
    BenchmarkEfficiency,
    EfficiencySchemes,
    SchemeSavings,
    SchemeKeys,
    UnidentifiedQipp,
    ResidualAbilities,
)
