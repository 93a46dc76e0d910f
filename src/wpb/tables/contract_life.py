"""Tables of a live contract: its terms, the dated events that change it, who its people are, and
how they are valued.
"""

from wpb.kernel.ranges import AMOUNT, FACTOR
from wpb.tables.contract_payments import TABLES as PAYMENT_TABLES
from wpb.tables.declared import (
    Choice,
    Code,
    Count,
    Date,
    Number,
    Pounds,
    Rate,
    Share,
    Table,
    Text,
    Year,
    YesNo,
)
from wpb.tables.incentive_schemes import TABLES as INCENTIVE_TABLES
from wpb.tables.rules import SharesAddToOne, Steady
from wpb.tables.schema import at_least

REGIMES = ("pcr_2015", "provider_selection_2023", "procurement_act_2023")
EVENT_KINDS = (
    "agreement",
    "reactivation",
    "joining",
    "scope_change",
    "population_update",
    "periodic_agreement",
    "re_opener",
    "succession",
    "dispute",
    "payment",
    "correction",
    "termination",
    "allocation_change",
)
MOVEMENT_CAUSES = (
    "arrival",
    "departure",
    "birth",
    "death",
    "patient_choice",
    "case_finding",
    "unavoidable_change",
    "avoidable_deterioration",
    "health_improvement",
    "recoding",
)
MONTHS = ("04", "05", "06", "07", "08", "09", "10", "11", "12", "01", "02", "03")


class ContractTerms(
    Table,
    name="contract_terms",
    title="Contract terms",
    purpose="The terms of the whole population contract, in one row.",
    source="handbook 4.2, 4.3, 4.4; overview 3.5; req 215, 217, 224, 231, 236, 241",
):
    contract = Code("Code of the whole population contract, a code of its own")
    starts_on = Date("First day of the contract")
    ends_on = Date("Last day of the contract")
    legal_regime = Choice("Procurement law the contract was let under", choices=REGIMES)
    advertised_change_limit = Share(
        "Largest cumulative change the advertised terms allow, as a share of the lifetime"
        " value; blank if none was stated",
        required=False,
    )
    too_small_share = Share("A change below this share of the lifetime value is too small to agree")
    review_share = Share(
        "A yearly value that differs from the indicative one by more than this share prompts a"
        " review of other metrics"
    )
    fixed_years = Count(
        "Length of each period in which the value is fixed, in years", within=at_least(1)
    )
    update_frequency = Choice(
        "How often the population is counted again", choices=("annual", "quarterly")
    )
    update_mode = Choice(
        "transition: each update is agreed; mature: fully mechanical",
        choices=("transition", "mature"),
    )
    value_method = Choice(
        "Value of a mover: agreed per patient type, or the average per head",
        choices=("type_values", "average_per_head"),
    )
    thin_types = Choice(
        "Types estimated from few people: flag them, or blend with the average by credibility",
        choices=("flag", "blend"),
    )
    full_credibility_people = Count(
        "People from which a type's value is trusted in full, where cost per person varies as much"
        " as its mean: 1,082 puts a mean within 5% nine times in ten",
        within=at_least(1),
    )
    in_year_rule = Choice(
        "remaining_months: a change is spread over the months left; catch_up: arrears come at once",
        choices=("remaining_months", "catch_up"),
    )
    notice_days = Count(
        "Days before a month by which a change must be known to alter its instalment"
    )
    outside_providers = Choice(
        "Who pays providers outside the contract that patients choose: the lead, or the"
        " commissioner, who deducts it",
        choices=("lead_pays", "commissioner_deducts"),
    )
    one_row_per = (contract,)


class InstalmentProfile(
    Table,
    name="instalment_profile",
    title="Instalment profile",
    purpose="Share of the year's payment that falls in each month; the twelve add to 1.",
    source="overview Table 1; req 212",
):
    month = Choice("Month of the year, 04 for April", choices=MONTHS)
    share = Share("Share of the year")
    one_row_per = (month,)
    checks = (SharesAddToOne(share, per=()),)


class ContractEvents(
    Table,
    name="contract_events",
    title="Contract events",
    purpose="Every change to the live contract, each with the day it takes effect and the day it"
    " was known. Rows are added, never changed.",
    source="handbook 4.1-4.4; overview 3.3.2; req 121, 218-223, 234-244",
):
    event = Code("Event code")
    event_kind = Choice("What happened", choices=EVENT_KINDS)
    effective_on = Date("Day it takes effect (for a population update, the day of the count)")
    known_on = Date("Day both parties knew it")
    refers_to = Code("Event or factor it corrects, disputes or reopens", required=False)
    list_code = Code("Practice that reactivates or joins", required=False)
    service_line = Code(
        "Service line that joins or leaves", required=False, refers_to="service_lines.service_line"
    )
    direction = Choice("Scope change: joins or leaves", required=False, choices=("joins", "leaves"))
    party = Code("Succession: who is succeeded; payment: who pays", required=False)
    counterparty = Code("Succession: the successor; payment: who is paid", required=False)
    amount = Pounds(
        "Payment: the amount; correction of a payment: what it should have been", required=False
    )
    accepted_share = Share(
        "Periodic agreement or re-opener: share of the recalculated change that was agreed; 0"
        " where refused",
        required=False,
    )
    reason = Text("Why, in words a reader understands")
    agreed_by = Text(
        "Who agreed it; a population update in transition mode needs this", required=False
    )
    one_row_per = (event,)


class PopulationCounts(
    Table,
    name="population_counts",
    title="People by list and type",
    purpose="People planned in the forecast, and people registered, by list and patient type. A"
    " later row with a later known_on corrects an earlier one.",
    source="handbook 4.4; req 234, 237, 238",
):
    basis = Choice(
        "planned: what the forecast assumed; registered: what was counted",
        choices=("planned", "registered"),
    )
    count_date = Date("Day the count is for")
    list_code = Code("GP list")
    patient_type = Code("Patient type")
    people = Count("People")
    known_on = Date("Day the count was known")
    one_row_per = (basis, count_date, list_code, patient_type, known_on)


class ListTotals(
    Table,
    name="list_totals",
    title="List sizes",
    purpose="Registered people of each list as published, to which the counts by type must add.",
    source="handbook 4.4; req 236, 238",
):
    count_date = Date("Day the count is for")
    list_code = Code("GP list")
    people = Count("People registered")
    known_on = Date("Day it was known")
    one_row_per = (count_date, list_code, known_on)
    checks = (
        Steady(
            people,
            by=(list_code,),
            over=count_date,
            limit="list_jump",
            unless=("list_changes.list_code", "list_changes.successor"),
        ),
    )


class ListChanges(
    Table,
    name="list_changes",
    title="Practices merged, opened and closed",
    purpose="What became of each list: where its planned people are carried to.",
    source="handbook 4.4; req 238, 243",
):
    list_code = Code("List that merged, closed or opened")
    change = Choice(
        "merged into, or closed with people sent to, another list; or opened",
        choices=("merged", "closed", "opened"),
    )
    successor = Code(
        "List that takes its people; blank for an opening, or a closing whose people go nowhere"
        " known",
        required=False,
    )
    share = Share("Share of its people the successor takes; 1 for an opening")
    effective_on = Date("Day of the change")
    commissioner = Code(
        "Opening: commissioner of the new list",
        required=False,
        refers_to="organisations.organisation",
    )
    participation = Choice(
        "Opening: how the new list takes part",
        required=False,
        choices=("full", "partial", "virtual", "none"),
    )
    one_row_per = (list_code, successor)
    checks = (SharesAddToOne(share, per=(list_code,)),)


class PatientMovements(
    Table,
    name="patient_movements",
    title="Movements by cause",
    purpose="Why counts moved: tags on movements for information, and changes of health status,"
    " some of which may not move money.",
    source="handbook 4.4; req 240, 243",
):
    count_date = Date("Count the movement is part of")
    list_code = Code("GP list")
    cause = Choice("Cause of the movement", choices=MOVEMENT_CAUSES)
    patient_type = Code("Patient type (before the change, for a change of health status)")
    to_type = Code("Type after a change of health status", required=False)
    people = Number("People; below zero where they left")
    one_row_per = (count_date, list_code, cause, patient_type, to_type)


class TypeValues(
    Table,
    name="type_values",
    title="Value per patient type",
    purpose="Agreed value of one person of a type for a year, by funding stream. A new vintage is a"
    " new set of rows.",
    source="handbook 4.4 fn 51; req 234, 242, 245",
):
    patient_type = Code("Patient type")
    funding_stream = Code("Stream that pays", refers_to="funding_streams.funding_stream")
    year = Year("Year")
    value = Pounds("Value of one person for the whole year", within=AMOUNT)
    people_behind = Count("People the value was estimated from")
    cost_variation = Number(
        "Standard deviation of cost per person as a part of its mean (CV): people for full trust"
        " are full_credibility_people x CV x CV; blank: 1, right only where cost varies no more"
        " than that",
        required=False,
        within=at_least(0),
    )
    agreed_on = Date("Vintage: day the value was agreed", meaning="evidence")
    source = Text("How it was estimated")
    one_row_per = (patient_type, funding_stream, year, agreed_on)
    checks = (
        Steady(value, by=(patient_type, funding_stream, agreed_on), over=year, limit="price_jump"),
    )


class PracticeTerms(
    Table,
    name="practice_terms",
    title="Practices joining and reactivating",
    purpose="What moves when a practice joins, or takes up its own contract again; the terms in"
    " force on the day apply.",
    source="overview 3.3.2; req 119-121",
):
    list_code = Code("Practice", refers_to="gp_lists.list_code")
    terms_from = Date("First day these terms are in force")
    permitted_points = Choice(
        "When a practice may reactivate",
        choices=("expiry_only", "anniversary", "quarter", "any_month"),
    )
    funding_stream = Code(
        "Stream of core general practice", refers_to="funding_streams.funding_stream"
    )
    weighted_funding = Pounds("Funding of one weighted patient for a year", within=AMOUNT)
    replacement_stream = Code(
        "Stream of the other services that leave with the patients; blank if none do",
        required=False,
        refers_to="funding_streams.funding_stream",
    )
    replacement_cost = Pounds(
        "Cost of buying those services elsewhere, for one patient for a year",
        required=False,
        within=AMOUNT,
    )
    one_row_per = (list_code, terms_from)


class Contingencies(
    Table,
    name="contingencies",
    title="Contingency funds",
    purpose="What each commissioner holds to pay for more people than planned.",
    source="handbook 4.4; req 239",
):
    commissioner = Code("Commissioner or council", refers_to="organisations.organisation")
    year = Year("Year")
    amount = Pounds("Fund for the year", within=AMOUNT)
    one_row_per = (commissioner, year)
    checks = (Steady(amount, by=(commissioner,), over=year, limit="spend_jump"),)


class PeriodicFactors(
    Table,
    name="periodic_factors",
    title="Factors of the periodic agreement",
    purpose="Each factor the parties agreed to look at again: its trigger, threshold, frequency and"
    " mechanism.",
    source="handbook 4.3, 4.3.1; req 217, 218, 221-223",
):
    factor = Code("Factor code")
    factor_kind = Choice("What it is about", choices=("inflation", "impact_of_model", "other"))
    assumption = Code("Assumption it looks at")
    threshold = Rate(
        "A new figure counts only where its yearly rate differs from the old by more than this",
        within=FACTOR,
    )
    opens_inside_fixed_period = YesNo("Whether it may reopen the value within a fixed period")
    unambiguous = YesNo(
        "Whether the contract states the mechanism clearly enough to stand apart from the"
        " limits on change"
    )
    criteria = Text("How the parties decide")
    one_row_per = (factor,)


class PeriodicEvidence(
    Table,
    name="periodic_evidence",
    title="New figures for the periodic agreement",
    purpose="A new vintage of an assumption that an agreement or a re-opener takes into account.",
    source="handbook 4.3.1; req 219",
):
    event = Code("Periodic agreement or re-opener", refers_to="contract_events.event")
    factor = Code("Factor", refers_to="periodic_factors.factor")
    year = Year("Year the figure is for")
    new_value = Number("New figure, in the unit of the assumption (0.025 for 2.5%)")
    published_on = Date("Day it was published")
    source = Text("Where it was published")
    one_row_per = (event, factor, year)


TABLES = (
    ContractTerms,
    InstalmentProfile,
    ContractEvents,
    PopulationCounts,
    ListTotals,
    ListChanges,
    PatientMovements,
    TypeValues,
    PracticeTerms,
    Contingencies,
    PeriodicFactors,
    PeriodicEvidence,
    *PAYMENT_TABLES,
    *INCENTIVE_TABLES,
)
