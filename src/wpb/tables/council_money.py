"""Tables of council-funded care: packages' components, information governance, pooling,
commitments, exclusions, VAT.
"""

from wpb.kernel.ranges import AMOUNT, PRICE
from wpb.tables.declared import (
    Choice,
    Code,
    Count,
    Date,
    Pounds,
    Rate,
    Share,
    Table,
    Text,
    Year,
    YesNo,
)
from wpb.tables.rules import OfKind, OneYes, RequiredWhen, Steady

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


class PackageComponents(
    Table,
    name="package_components",
    title="Components of care packages",
    purpose="What a care package is made of, where it is wider than the scope: by value, or, where"
    " its value is not split, by units and unit cost as for block contracts.",
    source="handbook 2.6; req 127",
):
    package = Code("Care package", refers_to="care_packages.package")
    component = Code("Component of the package")
    in_scope = YesNo("Whether the component is in scope")
    value = Pounds("Value of the component, where the package is split by service", required=False)
    units = Count("Units in the year, such as hours, where it is not", required=False)
    unit_cost = Pounds("Relative cost of one unit, where it is not", required=False, within=PRICE)
    one_row_per = (package, component)


class InformationGovernance(
    Table,
    name="information_governance",
    title="Information governance",
    purpose="What must stand before a council's package data may be used; an item that is not met"
    " keeps the data out.",
    source="handbook 2.6 Tower Hamlets; req 130",
):
    organisation = Code(
        "Council or commissioner whose packages are used", refers_to="organisations.organisation"
    )
    item = Choice(
        "Patients' consent or another legal basis; procedures followed; data held in a safe"
        " haven; sharing agreement signed; data supplied in time",
        choices=GOVERNANCE_ITEMS,
        meaning="evidence",
    )
    status = Choice(
        "Where it stands",
        choices=("met", "not_met", "in_progress", "not_needed"),
        meaning="evidence",
    )
    evidence = Text("What shows it; for not_needed, why")
    owner = Text("Who answers for it")
    checked_on = Date("Date it was last checked", meaning="evidence")
    one_row_per = (organisation, item)


class PooledFunctions(
    Table,
    name="pooled_functions",
    title="Functions to be pooled",
    purpose="Which functions each funding stream brings into the budget, and under which power;"
    " each is tested for whether the law lets it be pooled.",
    source="handbook 2.6; overview 3.3.3; req 134",
):
    funding_stream = Code("Stream", refers_to="funding_streams.funding_stream")
    function = Choice(
        "Function whose money would be pooled", choices=POOLED_FUNCTIONS, meaning="evidence"
    )
    power = Choice(
        "Power relied on: sections of the National Health Service Act 2006, or none where one"
        " body alone pays",
        choices=POOLING_POWERS,
        meaning="evidence",
    )
    ring_fenced_for = Text(
        "Purpose the law sets for the money, where it does, such as a grant's conditions",
        required=False,
    )
    purpose_kept = YesNo(
        "Whether the budget keeps to that purpose", required=False, meaning="evidence"
    )
    advice = Text("Legal advice taken, with its date", required=False)
    advice_says = Choice(
        "What the advice says of pooling this function; it stands where the law is not known here",
        required=False,
        choices=("lawful", "unlawful"),
        meaning="evidence",
    )
    one_row_per = (funding_stream, function, power)


class CouncilCommitments(
    Table,
    name="council_commitments",
    title="Councils' commitments",
    purpose="How far each council can commit its funding over the contract's term, and the changes"
    " it knows of.",
    source="overview 3.3.3; req 137",
):
    commissioner = Code("Council", refers_to="organisations.organisation")
    funding_stream = Code("Stream", refers_to="funding_streams.funding_stream")
    year = Year("Year")
    committed_value = Pounds("Funding committed for the year", within=AMOUNT)
    known_change = Text("Change to come that is known, such as the end of a grant", required=False)
    in_contract = YesNo("Whether the contract documents it", meaning="evidence")
    source = Text("Decision or paper it rests on")
    one_row_per = (commissioner, funding_stream, year)
    checks = (
        Steady(
            committed_value, by=(commissioner, funding_stream), over=year, limit="allocation_jump"
        ),
        OfKind(
            funding_stream,
            "funding_streams.funder",
            ("nhs",),
            "The stream '{funding_stream}' is funded by the NHS, so no council commits it.",
            "Enter a stream whose funder is council; NHS funding is in allocations.",
            "commitment_funder",
        ),
    )


class ScopeExclusions(
    Table,
    name="scope_exclusions",
    title="Agreed exclusions",
    purpose="Money left out of the budget by agreement: personal budgets, or continuing healthcare"
    " that a wider area shares the risk of.",
    source="Mid-Nottinghamshire article (2016); req 138, 139",
):
    exclusion = Code("Exclusion")
    exclusion_kind = Choice("What is left out", choices=("personal_budgets", "wider_risk_share"))
    service_line = Code(
        "Service line left out; blank to leave out packages of the kind alone",
        required=False,
        refers_to="service_lines.service_line",
    )
    wider_area = Text("Risk share: the area it covers, wider than this population", required=False)
    reason = Text("Why")
    agreed_by = Text("Parties that agreed")
    agreed_on = Date("Date agreed", meaning="evidence")
    one_row_per = (exclusion,)
    checks = (
        RequiredWhen(
            service_line,
            exclusion_kind,
            ("wider_risk_share",),
            "A wider risk share leaves a service line out, and none is named.",
            "Enter it.",
        ),
        RequiredWhen(
            wider_area,
            exclusion_kind,
            ("wider_risk_share",),
            "A risk share keeps money out only where its area is wider than this population, and"
            " none is named.",
            "Enter the area it covers.",
        ),
    )


class VatRecovery(
    Table,
    name="vat_recovery",
    title="VAT by contract holder",
    purpose="How much of the VAT on a service line each possible holder of the contract recovers,"
    " today's holder included.",
    source="handbook 2.6; overview 3.3.3; req 128, 133",
):
    service_line = Code("Service line", refers_to="service_lines.service_line")
    holder = Code(
        "Organisation that would hold the contract", refers_to="organisations.organisation"
    )
    holds_today = YesNo("Whether it is today's holder; one for each service line")
    vatable_share = Share("Share of the spend, before VAT, that VAT is charged on")
    vat_rate = Rate("Rate of VAT")
    recovered_share = Share("Share of that VAT the holder recovers")
    basis = Text("Rule the recovery rests on, with its date")
    one_row_per = (service_line, holder)
    checks = (
        OneYes(
            holds_today,
            (service_line,),
            "Today's holder of '{codes}' {held}.",
            "Enter true for one row of the service line.",
            "vat_holder_today",
        ),
    )


TABLES = (
    PackageComponents,
    InformationGovernance,
    PooledFunctions,
    CouncilCommitments,
    ScopeExclusions,
    VatRecovery,
)
