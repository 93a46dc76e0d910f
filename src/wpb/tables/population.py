"""Tables of scope: organisations, GP lists, their weights and registers, service lines and funding
streams.
"""

from wpb.tables.schema import Column, TableSpec

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

ORGANISATIONS = TableSpec(
    "organisations",
    "Organisations",
    "Every commissioner, council and provider that the model names.",
    (
        Column("organisation", "code", "ODS code, or a code of your own"),
        Column("name", "text", "Name as readers know it"),
        Column(
            "kind",
            "choice",
            "What it is to this budget",
            choices=("commissioner", "council", "lead_provider", "provider"),
        ),
    ),
    key=("organisation",),
    required=True,
    source="handbook 2.1.1",
)

NO_LIST_OF_PEOPLE = ("elsewhere", "pooled")
"""Kinds of rows of gp_lists that no carve-out needs a figure for."""

GP_LISTS = TableSpec(
    "gp_lists",
    "GP lists",
    "One row for each practice list, for residents with no GP, and for people elsewhere whom"
    " today's contracts also serve.",
    (
        Column("list_code", "code", "Practice code (ODS), or a code for the group"),
        Column("name", "text", "Practice or group name"),
        Column(
            "kind",
            "choice",
            "practice: a registered list; unregistered: residents with no GP; elsewhere: people"
            " outside this area; pooled: small numbers of several lists, made by the run itself",
            choices=("practice", "unregistered", "elsewhere", "pooled"),
        ),
        Column(
            "commissioner",
            "code",
            "NHS commissioner responsible for the list; blank only for elsewhere",
            required=False,
            refers_to="organisations.organisation",
        ),
        Column(
            "participation",
            "choice",
            "How the practice takes part: full, partial or virtual integration, or none; for other"
            " kinds none or partial",
            choices=("full", "partial", "virtual", "none"),
        ),
        Column("population", "count", "People on the list at the count date"),
        Column(
            "neighbourhood",
            "code",
            "Neighbourhood of 30,000 to 50,000 people the list belongs to",
            required=False,
        ),
    ),
    key=("list_code",),
    required=True,
    source="handbook Summary, 1.1.4; req 2, 103",
)

LIST_WEIGHTS = TableSpec(
    "list_weights",
    "Weighted populations",
    "Need-weighted population of each list, by need.",
    (
        Column("list_code", "code", "GP list", refers_to="gp_lists.list_code"),
        Column("need", "choice", "Which weighted population", choices=NEEDS),
        Column("weighted_population", "count", "Weighted people"),
    ),
    key=("list_code", "need"),
    source="handbook 2.4 Encompass; req 44",
)

CONDITION_REGISTERS = TableSpec(
    "condition_registers",
    "Condition registers",
    "Patients on each condition register by list, such as the QOF registers.",
    (
        Column("list_code", "code", "GP list", refers_to="gp_lists.list_code"),
        Column("condition", "code", "Condition or need group"),
        Column("patients", "count", "Patients on the register"),
    ),
    key=("list_code", "condition"),
    source="handbook Table 1, 2.4.5; req 42, 96",
)

SERVICE_LINES = TableSpec(
    "service_lines",
    "Service lines",
    "The scope register: every service line is in, out or part in scope.",
    (
        Column("service_line", "code", "Service line code"),
        Column("name", "text", "Service line name"),
        Column(
            "scope",
            "choice",
            "in, out, part (then list its activity types in part_scope), or influenced (in where"
            " influenced_by_model is true, else out)",
            choices=("in", "out", "part", "influenced"),
        ),
        Column(
            "growth_category",
            "code",
            "Expenditure group whose growth the line takes",
            refers_to="growth_categories.growth_category",
        ),
        Column(
            "in_scope_from",
            "year",
            "First contract year in scope, where the line joins later",
            required=False,
        ),
        Column(
            "influenced_by_model",
            "yes_no",
            "Whether the care model influences the service",
            required=False,
        ),
        Column(
            "regulated_as",
            "choice",
            "How the law treats the service, where that bears on scope or price",
            required=False,
            choices=REGULATED_SERVICES,
        ),
    ),
    key=("service_line",),
    required=True,
    source="handbook 1.1.5, 3.1; req 1, 7",
)

PART_SCOPE = TableSpec(
    "part_scope",
    "Part-in service lines",
    "For service lines that are part in scope: each of their activity types, in or out.",
    (
        Column(
            "service_line",
            "code",
            "Service line that is part in scope",
            refers_to="service_lines.service_line",
        ),
        Column("activity_type", "code", "Activity type or point of delivery of that line"),
        Column("in_scope", "yes_no", "Whether it is in scope"),
    ),
    key=("service_line", "activity_type"),
    source="req 1",
)

FUNDING_STREAMS = TableSpec(
    "funding_streams",
    "Funding streams",
    "The streams of money that pay for services, and who funds each.",
    (
        Column("funding_stream", "code", "Stream code"),
        Column("name", "text", "Stream name"),
        Column(
            "kind",
            "choice",
            "Kind of stream",
            choices=(
                "core",
                "primary_medical",
                "specialised",
                "social_care",
                "public_health",
                "other",
            ),
        ),
        Column(
            "funder",
            "choice",
            "Who funds it: nhs goes to Part A, council to Part B",
            choices=("nhs", "council"),
        ),
    ),
    key=("funding_stream",),
    required=True,
    source="handbook 3.1; overview 2, 3.3.3; req 132",
)

TABLES = (
    ORGANISATIONS,
    GP_LISTS,
    LIST_WEIGHTS,
    CONDITION_REGISTERS,
    SERVICE_LINES,
    PART_SCOPE,
    FUNDING_STREAMS,
)
