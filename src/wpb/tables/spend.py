"""Tables of spend that is not under a provider contract, of the commissioner's own ledger, and of
baseline adjustments.
"""

from wpb.kernel.ranges import AMOUNT
from wpb.tables import council_money, primary_care
from wpb.tables.council_money import PACKAGE_KINDS
from wpb.tables.declared import Choice, Code, Date, Pounds, Share, Table, Text, Year, YesNo
from wpb.tables.primary_care import PRIMARY_CARE_STREAMS
from wpb.tables.rules import Differs, NotAbove, NotIn, OfKind, OnlyWhen, Refused, RequiredWhen

__all__ = ["PRIMARY_CARE_STREAMS", "TABLES"]

MUTES_EFFICIENCY = (
    "which the handbook (2.7) rules out: it mutes the effect of policy on provider efficiency."
)
PROHIBITED = {
    "match_provider_cost": (
        "An adjustment of the kind 'match_provider_cost' is not allowed. It would raise the budget"
        f" to the costs of an inefficient provider, {MUTES_EFFICIENCY}"
    ),
    "close_reference_cost_gap": (
        "An adjustment of the kind 'close_reference_cost_gap' is not allowed. It would close the"
        f" gap between national prices and reference costs, {MUTES_EFFICIENCY}"
    ),
}
"""Kinds of adjustment that are refused, with the reason."""


class PrimaryCarePayments(
    Table,
    name="primary_care_payments",
    title="Payments to practices",
    purpose="What each practice is paid today, by payment stream.",
    source="handbook 2.5; overview 3.3.2; req 104-109, 113",
):
    list_code = Code("Practice", refers_to="gp_lists.list_code")
    payment_stream = Choice("Payment stream", choices=PRIMARY_CARE_STREAMS)
    service_line = Code("Service line", refers_to="service_lines.service_line")
    funding_stream = Code("Stream that pays", refers_to="funding_streams.funding_stream")
    value = Pounds("Payment for the year")
    effective_year = Year("Year the amount is for")
    one_row_per = (list_code, payment_stream)


class CarePackages(
    Table,
    name="care_packages",
    title="Care packages",
    purpose="Social care packages, pseudonymised or grouped: value, who funds them, and the part"
    " that is in scope.",
    source="handbook 2.6; req 126-129",
):
    package = Code("Package or package group; never a name or an NHS number")
    commissioner = Code("Council or commissioner that pays", refers_to="organisations.organisation")
    service_line = Code("Service line", refers_to="service_lines.service_line")
    list_code = Code(
        "GP list of the person or group; blank only where the service belongs to no one person",
        required=False,
        refers_to="gp_lists.list_code",
    )
    funding_stream = Code("Stream that pays", refers_to="funding_streams.funding_stream")
    gross_value = Pounds("Full-year gross value", within=AMOUNT)
    client_contribution = Pounds("Client contributions for the year", within=AMOUNT)
    in_scope_share = Share(
        "Share of the package that is in scope; blank where package_components gives what it is"
        " made of",
        required=False,
    )
    effective_year = Year("Year the amount is for")
    package_kind = Choice("Kind of support", required=False, choices=PACKAGE_KINDS)
    condition = Code("Condition the support is for", required=False)
    provision = Choice(
        "Who provides it; both count alike", required=False, choices=("private", "in_house")
    )
    attributable_to_person = YesNo(
        "false for services that belong to no one person, such as social workers: they are"
        " left out",
        required=False,
    )
    one_row_per = (package,)
    checks = (
        OfKind(
            commissioner,
            "organisations.kind",
            ("provider", "lead_provider"),
            "'{commissioner}' pays here, but it is a provider in 'organisations'.",
            "Enter the commissioner or council that pays.",
            "payer_kind",
        ),
        NotAbove(
            client_contribution,
            gross_value,
            "The client's contributions are not between zero and the gross value of the package.",
            "Correct one of the two.",
        ),
        RequiredWhen(
            list_code,
            attributable_to_person,
            (None, True),
            "A package of a person or group needs their GP list.",
            "Enter it; or enter false under attributable_to_person for a service that belongs to"
            " no one person.",
        ),
        OnlyWhen(
            list_code,
            attributable_to_person,
            (None, True),
            "A service that belongs to no one person can't be on one GP list.",
            "Clear the cell, or correct attributable_to_person.",
            "list_unused",
        ),
    )


class DirectSpend(
    Table,
    name="direct_spend",
    title="Other spend",
    purpose="Budget lines that need no taking apart: out-of-scope services, prescribing, and lines"
    " whose share by list is found by a carve-out.",
    source="handbook Table 1, 3.3.1; req 18, 42-43, 152",
):
    budget_line = Code("Budget line")
    name = Text("What it pays for")
    commissioner = Code("Commissioner or council that pays", refers_to="organisations.organisation")
    provider = Code(
        "Provider, where there is one",
        required=False,
        refers_to="organisations.organisation",
        meaning="evidence",
    )
    service_line = Code("Service line", refers_to="service_lines.service_line")
    funding_stream = Code("Stream that pays", refers_to="funding_streams.funding_stream")
    value = Pounds("Spend for the year")
    effective_year = Year("Year the amount is for")
    population_method = Choice(
        "How the share for the lists in scope is found",
        choices=(
            "weighted_carve_out",
            "condition_carve_out",
            "population_carve_out",
            "boundary_carve_out",
            "whole_contract",
            "one_list",
        ),
    )
    carve_out_driver = Code(
        "For a weighted carve-out the need; for a condition carve-out the condition", required=False
    )
    recurrent = YesNo(
        "Whether the money recurs; non-recurrent money never enters the budget's path"
    )
    list_code = Code(
        "For one_list: the GP list whose people the whole line is for, such as one practice's"
        " prescribing",
        required=False,
        refers_to="gp_lists.list_code",
    )
    one_row_per = (budget_line,)
    checks = (
        OfKind(
            commissioner,
            "organisations.kind",
            ("provider", "lead_provider"),
            "'{commissioner}' pays here, but it is a provider in 'organisations'.",
            "Enter the commissioner or council that pays.",
            "payer_kind",
        ),
        NotIn(
            budget_line,
            "contracts.contract",
            "'{budget_line}' is the code of a contract as well.",
            "Give this line a code of its own.",
        ),
        RequiredWhen(
            list_code,
            population_method,
            ("one_list",),
            "The line is for one GP list, and none is named.",
            "Enter its list_code.",
        ),
        OnlyWhen(
            list_code,
            population_method,
            ("one_list",),
            "The population method {population_method} shares the line over lists, so no one list"
            " is named.",
            "Clear the cell, or set population_method to one_list.",
            "list_unused",
        ),
    )


class CommissionerLedger(
    Table,
    name="commissioner_ledger",
    title="Commissioner's ledger",
    purpose="The commissioner's own ledger and audited outturn, to which every line of the model"
    " must tie.",
    source="handbook 2.4.1; req 18",
):
    commissioner = Code("Commissioner or council", refers_to="organisations.organisation")
    account = Code("Account or cost centre")
    description = Text("What it holds")
    covers = Code(
        "What in the model it covers: a contract code, a direct_spend line, primary_care or"
        " care_packages"
    )
    ledger_value = Pounds("Amount in the ledger")
    audited_outturn = Pounds("Audited amount, where there is one", required=False)
    effective_year = Year("Year the amount is for")
    one_row_per = (commissioner, account)
    checks = (
        OfKind(
            commissioner,
            "organisations.kind",
            ("provider", "lead_provider"),
            "'{commissioner}' pays here, but it is a provider in 'organisations'.",
            "Enter the commissioner or council that pays.",
            "payer_kind",
        ),
    )


class Adjustments(
    Table,
    name="adjustments",
    title="Baseline adjustments",
    purpose="Each agreed adjustment from current spend to the baseline, with its reason, evidence"
    " and parties.",
    source="handbook 2.7; req 140-147",
):
    adjustment = Code("Adjustment code")
    budget_line = Code("Budget line it changes, as the run lists them")
    adjustment_kind = Choice(
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
    )
    amount = Pounds("Amount, negative to reduce the line")
    counter_line = Code(
        "Cross-subsidy: the out-of-scope line that takes the opposite entry", required=False
    )
    reason = Text("Why")
    evidence = Text("Evidence for it")
    agreed_by = Text("Parties that agreed")
    agreed_on = Date("Date agreed", meaning="evidence")
    falls_on = Choice(
        "What the amount is for: whole_line (it is split by the line's share in scope), or"
        " in_scope_part (all of it falls on the part in scope; on a line with none, out of scope)",
        choices=("whole_line", "in_scope_part"),
    )
    one_row_per = (adjustment,)
    checks = (
        Refused(adjustment_kind, PROHIBITED, "Take the row out.", "adjustment_prohibited"),
        RequiredWhen(
            counter_line,
            adjustment_kind,
            ("cross_subsidy",),
            "Unwinding a cross-subsidy moves money between lines, and no counter line is named.",
            "Enter the out-of-scope line that takes the opposite entry.",
            "counter_line_missing",
        ),
        OnlyWhen(
            counter_line,
            adjustment_kind,
            ("cross_subsidy",),
            "Only a cross-subsidy has a counter line; this is of the kind {adjustment_kind}.",
            "Clear the cell, or correct the kind.",
            "counter_line_unused",
        ),
        Differs(
            counter_line,
            budget_line,
            "The counter line is the line that is adjusted, so the entry would undo itself.",
            "Enter the out-of-scope line that takes the opposite entry.",
            "counter_line_same",
        ),
    )


TABLES = (
    PrimaryCarePayments,
    CarePackages,
    DirectSpend,
    CommissionerLedger,
    Adjustments,
    *primary_care.TABLES,
    *council_money.TABLES,
)
