"""Tables of spend that is not under a provider contract, of the commissioner's own ledger, and of
baseline adjustments.
"""

from wpb.kernel.ranges import AMOUNT
from wpb.tables import council_money, primary_care
from wpb.tables.council_money import PACKAGE_KINDS
from wpb.tables.primary_care import PRIMARY_CARE_STREAMS
from wpb.tables.schema import Column, TableSpec

__all__ = ["PRIMARY_CARE_STREAMS", "TABLES"]

PRIMARY_CARE_PAYMENTS = TableSpec(
    "primary_care_payments",
    "Payments to practices",
    "What each practice is paid today, by payment stream.",
    (
        Column("list_code", "code", "Practice", refers_to="gp_lists.list_code"),
        Column("payment_stream", "choice", "Payment stream", choices=PRIMARY_CARE_STREAMS),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column(
            "funding_stream", "code", "Stream that pays", refers_to="funding_streams.funding_stream"
        ),
        Column("value", "pounds", "Payment for the year"),
        Column("effective_year", "year", "Year the amount is for"),
    ),
    key=("list_code", "payment_stream"),
    source="handbook 2.5; overview 3.3.2; req 104-109, 113",
)

CARE_PACKAGES = TableSpec(
    "care_packages",
    "Care packages",
    "Social care packages, pseudonymised or grouped: value, who funds them, and the part that is in"
    " scope.",
    (
        Column("package", "code", "Package or package group; never a name or an NHS number"),
        Column(
            "commissioner",
            "code",
            "Council or commissioner that pays",
            refers_to="organisations.organisation",
        ),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column(
            "list_code",
            "code",
            "GP list of the person or group; blank only where the service belongs to no one person",
            required=False,
            refers_to="gp_lists.list_code",
        ),
        Column(
            "funding_stream", "code", "Stream that pays", refers_to="funding_streams.funding_stream"
        ),
        Column("gross_value", "pounds", "Full-year gross value", within=AMOUNT),
        Column("client_contribution", "pounds", "Client contributions for the year", within=AMOUNT),
        Column(
            "in_scope_share",
            "share",
            "Share of the package that is in scope; blank where package_components gives what it is"
            " made of",
            required=False,
        ),
        Column("effective_year", "year", "Year the amount is for"),
        Column("package_kind", "choice", "Kind of support", required=False, choices=PACKAGE_KINDS),
        Column("condition", "code", "Condition the support is for", required=False),
        Column(
            "provision",
            "choice",
            "Who provides it; both count alike",
            required=False,
            choices=("private", "in_house"),
        ),
        Column(
            "attributable_to_person",
            "yes_no",
            "false for services that belong to no one person, such as social workers: they are"
            " left out",
            required=False,
        ),
    ),
    key=("package",),
    source="handbook 2.6; req 126-129",
)

DIRECT_SPEND = TableSpec(
    "direct_spend",
    "Other spend",
    "Budget lines that need no taking apart: out-of-scope services, prescribing, and lines whose"
    " share by list is found by a carve-out.",
    (
        Column("budget_line", "code", "Budget line"),
        Column("name", "text", "What it pays for"),
        Column(
            "commissioner",
            "code",
            "Commissioner or council that pays",
            refers_to="organisations.organisation",
        ),
        Column(
            "provider",
            "code",
            "Provider, where there is one",
            required=False,
            refers_to="organisations.organisation",
        ),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column(
            "funding_stream", "code", "Stream that pays", refers_to="funding_streams.funding_stream"
        ),
        Column("value", "pounds", "Spend for the year"),
        Column("effective_year", "year", "Year the amount is for"),
        Column(
            "population_method",
            "choice",
            "How the share for the lists in scope is found",
            choices=(
                "weighted_carve_out",
                "condition_carve_out",
                "population_carve_out",
                "boundary_carve_out",
                "whole_contract",
                "one_list",
            ),
        ),
        Column(
            "carve_out_driver",
            "code",
            "For a weighted carve-out the need; for a condition carve-out the condition",
            required=False,
        ),
        Column(
            "recurrent",
            "yes_no",
            "Whether the money recurs; non-recurrent money never enters the budget's path",
        ),
        Column(
            "list_code",
            "code",
            "For one_list: the GP list whose people the whole line is for, such as one practice's"
            " prescribing",
            required=False,
            refers_to="gp_lists.list_code",
        ),
    ),
    key=("budget_line",),
    source="handbook Table 1, 3.3.1; req 18, 42-43, 152",
)

COMMISSIONER_LEDGER = TableSpec(
    "commissioner_ledger",
    "Commissioner's ledger",
    "The commissioner's own ledger and audited outturn, to which every line of the model must tie.",
    (
        Column(
            "commissioner",
            "code",
            "Commissioner or council",
            refers_to="organisations.organisation",
        ),
        Column("account", "code", "Account or cost centre"),
        Column("description", "text", "What it holds"),
        Column(
            "covers",
            "code",
            "What in the model it covers: a contract code, a direct_spend line, primary_care or"
            " care_packages",
        ),
        Column("ledger_value", "pounds", "Amount in the ledger"),
        Column("audited_outturn", "pounds", "Audited amount, where there is one", required=False),
        Column("effective_year", "year", "Year the amount is for"),
    ),
    key=("commissioner", "account"),
    source="handbook 2.4.1; req 18",
)

ADJUSTMENTS = TableSpec(
    "adjustments",
    "Baseline adjustments",
    "Each agreed adjustment from current spend to the baseline, with its reason, evidence and"
    " parties.",
    (
        Column("adjustment", "code", "Adjustment code"),
        Column("budget_line", "code", "Budget line it changes, as the run lists them"),
        Column(
            "adjustment_kind",
            "choice",
            "Kind of adjustment; the last two are prohibited and refused",
            choices=(
                "investment",
                "anomaly",
                "one_off",
                "cross_subsidy",
                "activity_mismatch",
                "affordability",
                "efficient_cost",
                "match_provider_cost",
                "close_reference_cost_gap",
            ),
        ),
        Column("amount", "pounds", "Amount, negative to reduce the line"),
        Column(
            "counter_line",
            "code",
            "Cross-subsidy: the out-of-scope line that takes the opposite entry",
            required=False,
        ),
        Column("reason", "text", "Why"),
        Column("evidence", "text", "Evidence for it"),
        Column("agreed_by", "text", "Parties that agreed"),
        Column("agreed_on", "date", "Date agreed"),
    ),
    key=("adjustment",),
    source="handbook 2.7; req 140-147",
)

TABLES = (
    PRIMARY_CARE_PAYMENTS,
    CARE_PACKAGES,
    DIRECT_SPEND,
    COMMISSIONER_LEDGER,
    ADJUSTMENTS,
    *primary_care.TABLES,
    *council_money.TABLES,
)
