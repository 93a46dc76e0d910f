"""Tables of council-funded care: packages' components, information governance, pooling,
commitments, exclusions, VAT.
"""

from wpb.kernel.ranges import AMOUNT, PRICE
from wpb.tables.schema import Column, Steady, TableSpec

PACKAGE_KINDS = (
    "placement",
    "domiciliary_care",
    "personal_budget",
    "meals",
    "continuing_healthcare",
    "social_work",
    "other",
)
GOVERNANCE_ITEMS = (
    "consent_or_legal_basis",
    "procedures_followed",
    "safe_haven",
    "sharing_agreement_signed",
    "timely_supply",
)
POOLING_POWERS = ("section_75", "section_13v", "section_65z5", "none")
POOLED_FUNCTIONS = (
    "adult_social_care",
    "council_public_health",
    "nhs_community_and_hospital",
    "surgery_and_other_invasive_treatment",
    "emergency_ambulance",
    "section_117_aftercare",
    "continuing_healthcare",
    "primary_medical",
    "dispensing_doctors",
    "pharmacy_dental_optometry",
    "specialised",
)

PACKAGE_COMPONENTS = TableSpec(
    "package_components",
    "Components of care packages",
    "What a care package is made of, where it is wider than the scope: by value, or, where its"
    " value is not split, by units and unit cost as for block contracts.",
    (
        Column("package", "code", "Care package", refers_to="care_packages.package"),
        Column("component", "code", "Component of the package"),
        Column("in_scope", "yes_no", "Whether the component is in scope"),
        Column(
            "value",
            "pounds",
            "Value of the component, where the package is split by service",
            required=False,
        ),
        Column(
            "units", "count", "Units in the year, such as hours, where it is not", required=False
        ),
        Column(
            "unit_cost",
            "pounds",
            "Relative cost of one unit, where it is not",
            required=False,
            within=PRICE,
        ),
    ),
    key=("package", "component"),
    source="handbook 2.6; req 127",
)

INFORMATION_GOVERNANCE = TableSpec(
    "information_governance",
    "Information governance",
    "What must stand before a council's package data may be used; an item that is not met keeps the"
    " data out.",
    (
        Column(
            "organisation",
            "code",
            "Council or commissioner whose packages are used",
            refers_to="organisations.organisation",
        ),
        Column(
            "item",
            "choice",
            "Patients' consent or another legal basis; procedures followed; data held in a safe"
            " haven; sharing agreement signed; data supplied in time",
            choices=GOVERNANCE_ITEMS,
        ),
        Column(
            "status",
            "choice",
            "Where it stands",
            choices=("met", "not_met", "in_progress", "not_needed"),
        ),
        Column("evidence", "text", "What shows it; for not_needed, why"),
        Column("owner", "text", "Who answers for it"),
        Column("checked_on", "date", "Date it was last checked"),
    ),
    key=("organisation", "item"),
    source="handbook 2.6 Tower Hamlets; req 130",
)

POOLED_FUNCTIONS_TABLE = TableSpec(
    "pooled_functions",
    "Functions to be pooled",
    "Which functions each funding stream brings into the budget, and under which power; each is"
    " tested for whether the law lets it be pooled.",
    (
        Column("funding_stream", "code", "Stream", refers_to="funding_streams.funding_stream"),
        Column(
            "function", "choice", "Function whose money would be pooled", choices=POOLED_FUNCTIONS
        ),
        Column(
            "power",
            "choice",
            "Power relied on: sections of the National Health Service Act 2006, or none where one"
            " body alone pays",
            choices=POOLING_POWERS,
        ),
        Column(
            "ring_fenced_for",
            "text",
            "Purpose the law sets for the money, where it does, such as a grant's conditions",
            required=False,
        ),
        Column(
            "purpose_kept", "yes_no", "Whether the budget keeps to that purpose", required=False
        ),
        Column("advice", "text", "Legal advice taken, with its date", required=False),
        Column(
            "advice_says",
            "choice",
            "What the advice says of pooling this function; it stands where the law is not known"
            " here",
            required=False,
            choices=("lawful", "unlawful"),
        ),
    ),
    key=("funding_stream", "function", "power"),
    source="handbook 2.6; overview 3.3.3; req 134",
)

COUNCIL_COMMITMENTS = TableSpec(
    "council_commitments",
    "Councils' commitments",
    "How far each council can commit its funding over the contract's term, and the changes it"
    " knows of.",
    (
        Column("commissioner", "code", "Council", refers_to="organisations.organisation"),
        Column("funding_stream", "code", "Stream", refers_to="funding_streams.funding_stream"),
        Column("year", "year", "Year"),
        Column("committed_value", "pounds", "Funding committed for the year", within=AMOUNT),
        Column(
            "known_change",
            "text",
            "Change to come that is known, such as the end of a grant",
            required=False,
        ),
        Column("in_contract", "yes_no", "Whether the contract documents it"),
        Column("source", "text", "Decision or paper it rests on"),
    ),
    key=("commissioner", "funding_stream", "year"),
    steady=(
        Steady("committed_value", ("commissioner", "funding_stream"), "year", "allocation_jump"),
    ),
    source="overview 3.3.3; req 137",
)

SCOPE_EXCLUSIONS = TableSpec(
    "scope_exclusions",
    "Agreed exclusions",
    "Money left out of the budget by agreement: personal budgets, or continuing healthcare that a"
    " wider area shares the risk of.",
    (
        Column("exclusion", "code", "Exclusion"),
        Column(
            "exclusion_kind",
            "choice",
            "What is left out",
            choices=("personal_budgets", "wider_risk_share"),
        ),
        Column(
            "service_line",
            "code",
            "Service line left out; blank to leave out packages of the kind alone",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column(
            "wider_area",
            "text",
            "Risk share: the area it covers, wider than this population",
            required=False,
        ),
        Column("reason", "text", "Why"),
        Column("agreed_by", "text", "Parties that agreed"),
        Column("agreed_on", "date", "Date agreed"),
    ),
    key=("exclusion",),
    source="Mid-Nottinghamshire article (2016); req 138, 139",
)

VAT_RECOVERY = TableSpec(
    "vat_recovery",
    "VAT by contract holder",
    "How much of the VAT on a service line each possible holder of the contract recovers, today's"
    " holder included.",
    (
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column(
            "holder",
            "code",
            "Organisation that would hold the contract",
            refers_to="organisations.organisation",
        ),
        Column("holds_today", "yes_no", "Whether it is today's holder; one for each service line"),
        Column("vatable_share", "share", "Share of the spend, before VAT, that VAT is charged on"),
        Column("vat_rate", "rate", "Rate of VAT"),
        Column("recovered_share", "share", "Share of that VAT the holder recovers"),
        Column("basis", "text", "Rule the recovery rests on, with its date"),
    ),
    key=("service_line", "holder"),
    source="handbook 2.6; overview 3.3.3; req 128, 133",
)

TABLES = (
    PACKAGE_COMPONENTS,
    INFORMATION_GOVERNANCE,
    POOLED_FUNCTIONS_TABLE,
    COUNCIL_COMMITMENTS,
    SCOPE_EXCLUSIONS,
    VAT_RECOVERY,
)
