"""Tables of scope: organisations, GP lists, their weights and registers, service lines and funding
streams.
"""

from wpb.tables.declared import Choice, Code, Count, Table, Text, Year, YesNo
from wpb.tables.rules import OfKind, RequiredWhen

NEEDS = (
    "general_and_acute",
    "community",
    "mental_health",
    "maternity",
    "health_inequalities",
    "prescribing",
    "overall_core",
    "primary_medical_care_need",
    "primary_medical_care",
)
"""The nine need-weighted populations of the NHS England place-based allocation file."""

REGULATED_SERVICES = (
    "community_pharmacy",
    "general_dental",
    "community_optometry",
    "gp_minor_surgery",
    "primary_medical",
    "other",
)
"""Services that the law treats apart: what some contracts may not hold, and what follows rules of
price of its own.
"""


class Organisations(
    Table,
    name="organisations",
    title="Organisations",
    purpose="Every commissioner, council and provider that the model names.",
    required=True,
    source="handbook 2.1.1",
):
    organisation = Code("ODS code, or a code of your own")
    name = Text("Name as readers know it")
    kind = Choice(
        "What it is to this budget",
        choices=("commissioner", "council", "lead_provider", "provider"),
        meaning="evidence",
    )
    one_row_per = (organisation,)


NO_LIST_OF_PEOPLE = ("elsewhere", "pooled")
"""Kinds of rows of gp_lists that no carve-out needs a figure for."""


class GpLists(
    Table,
    name="gp_lists",
    title="GP lists",
    purpose="One row for each practice list, for residents with no GP, and for people elsewhere"
    " whom today's contracts also serve.",
    required=True,
    source="handbook Summary, 1.1.4; req 2, 103",
):
    list_code = Code("Practice code (ODS), or a code for the group")
    name = Text("Practice or group name")
    kind = Choice(
        "practice: a registered list; unregistered: residents with no GP; elsewhere: people"
        " outside this area; pooled: small numbers of several lists, made by the run itself",
        choices=("practice", "unregistered", "elsewhere", "pooled"),
    )
    commissioner = Code(
        "NHS commissioner responsible for the list; blank only for elsewhere",
        required=False,
        refers_to="organisations.organisation",
    )
    participation = Choice(
        "How the practice takes part: full, partial or virtual integration, or none; for other"
        " kinds none or partial",
        choices=("full", "partial", "virtual", "none"),
    )
    population = Count("People on the list at the count date")
    neighbourhood = Code(
        "Neighbourhood of 30,000 to 50,000 people the list belongs to", required=False
    )
    one_row_per = (list_code,)
    checks = (
        OfKind(
            commissioner,
            "organisations.kind",
            ("council", "provider", "lead_provider"),
            "'{commissioner}' is a {kind} in 'organisations', not an NHS commissioner.",
            "Enter the NHS commissioner responsible for the list.",
            "payer_kind",
        ),
        RequiredWhen(
            commissioner,
            kind,
            ("practice", "unregistered"),
            "The list has no commissioner; only a list of the kind elsewhere may go without.",
            "Enter the NHS commissioner responsible for it.",
        ),
    )


class ListWeights(
    Table,
    name="list_weights",
    title="Weighted populations",
    purpose="Need-weighted population of each list, by need.",
    source="handbook 2.4 Encompass; req 44",
):
    list_code = Code("GP list", refers_to="gp_lists.list_code")
    need = Choice("Which weighted population", choices=NEEDS)
    weighted_population = Count("Weighted people")
    one_row_per = (list_code, need)


class ConditionRegisters(
    Table,
    name="condition_registers",
    title="Condition registers",
    purpose="Patients on each condition register by list, such as the QOF registers.",
    source="handbook Table 1, 2.4.5; req 42, 96",
):
    list_code = Code("GP list", refers_to="gp_lists.list_code")
    condition = Code("Condition or need group")
    patients = Count("Patients on the register")
    one_row_per = (list_code, condition)


class ServiceLines(
    Table,
    name="service_lines",
    title="Service lines",
    purpose="The scope register: every service line is in, out or part in scope.",
    required=True,
    source="handbook 1.1.5, 3.1; req 1, 7",
):
    service_line = Code("Service line code")
    name = Text("Service line name")
    scope = Choice(
        "in, out, part (then list its activity types in part_scope), or influenced (in where"
        " influenced_by_model is true, else out)",
        choices=("in", "out", "part", "influenced"),
    )
    growth_category = Code(
        "Expenditure group whose growth the line takes",
        refers_to="growth_categories.growth_category",
    )
    in_scope_from = Year("First contract year in scope, where the line joins later", required=False)
    influenced_by_model = YesNo(
        "Whether the care model influences the service", required=False, meaning="evidence"
    )
    regulated_as = Choice(
        "How the law treats the service, where that bears on scope or price",
        required=False,
        choices=REGULATED_SERVICES,
        meaning="evidence",
    )
    one_row_per = (service_line,)


class PartScope(
    Table,
    name="part_scope",
    title="Part-in service lines",
    purpose="For service lines that are part in scope: each of their activity types, in or out.",
    source="req 1",
):
    service_line = Code(
        "Service line that is part in scope", refers_to="service_lines.service_line"
    )
    activity_type = Code("Activity type or point of delivery of that line")
    in_scope = YesNo("Whether it is in scope")
    one_row_per = (service_line, activity_type)


class FundingStreams(
    Table,
    name="funding_streams",
    title="Funding streams",
    purpose="The streams of money that pay for services, and who funds each.",
    required=True,
    source="handbook 3.1; overview 2, 3.3.3; req 132",
):
    funding_stream = Code("Stream code")
    name = Text("Stream name")
    kind = Choice(
        "Kind of stream",
        choices=(
            "core",
            "primary_medical",
            "specialised",
            "social_care",
            "public_health",
            "other",
        ),
    )
    funder = Choice(
        "Who funds it: nhs goes to Part A, council to Part B", choices=("nhs", "council")
    )
    one_row_per = (funding_stream,)


TABLES = (
    Organisations,
    GpLists,
    ListWeights,
    ConditionRegisters,
    ServiceLines,
    PartScope,
    FundingStreams,
)
