"""Tables of a live contract: its terms, the dated events that change it, who its people are, and
how they are valued.
"""

from wpb.kernel.ranges import AMOUNT, FACTOR
from wpb.tables.contract_payments import TABLES as PAYMENT_TABLES
from wpb.tables.incentive_schemes import TABLES as INCENTIVE_TABLES
from wpb.tables.schema import Column, SharesAddToOne, Steady, TableSpec, at_least

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

CONTRACT_TERMS = TableSpec(
    "contract_terms",
    "Contract terms",
    "The terms of the whole population contract, in one row.",
    (
        Column("contract", "code", "Code of the whole population contract, a code of its own"),
        Column("starts_on", "date", "First day of the contract"),
        Column("ends_on", "date", "Last day of the contract"),
        Column(
            "legal_regime", "choice", "Procurement law the contract was let under", choices=REGIMES
        ),
        Column(
            "advertised_change_limit",
            "share",
            "Largest cumulative change the advertised terms allow, as a share of the lifetime"
            " value; blank if none was stated",
            required=False,
        ),
        Column(
            "too_small_share",
            "share",
            "A change below this share of the lifetime value is too small to agree",
        ),
        Column(
            "review_share",
            "share",
            "A yearly value that differs from the indicative one by more than this share prompts a"
            " review of other metrics",
        ),
        Column(
            "fixed_years",
            "count",
            "Length of each period in which the value is fixed, in years",
            within=at_least(1),
        ),
        Column(
            "update_frequency",
            "choice",
            "How often the population is counted again",
            choices=("annual", "quarterly"),
        ),
        Column(
            "update_mode",
            "choice",
            "transition: each update is agreed; mature: fully mechanical",
            choices=("transition", "mature"),
        ),
        Column(
            "value_method",
            "choice",
            "Value of a mover: agreed per patient type, or the average per head",
            choices=("type_values", "average_per_head"),
        ),
        Column(
            "thin_types",
            "choice",
            "Types estimated from few people: flag them, or blend with the average by credibility",
            choices=("flag", "blend"),
        ),
        Column(
            "full_credibility_people",
            "count",
            "People from which a type's value is trusted in full",
            within=at_least(1),
        ),
        Column(
            "in_year_rule",
            "choice",
            "remaining_months: a change is spread over the months left; catch_up: arrears come at"
            " once",
            choices=("remaining_months", "catch_up"),
        ),
        Column(
            "notice_days",
            "count",
            "Days before a month by which a change must be known to alter its instalment",
        ),
        Column(
            "outside_providers",
            "choice",
            "Who pays providers outside the contract that patients choose: the lead, or the"
            " commissioner, who deducts it",
            choices=("lead_pays", "commissioner_deducts"),
        ),
    ),
    key=("contract",),
    source="handbook 4.2, 4.3, 4.4; overview 3.5; req 215, 217, 224, 231, 236, 241",
)

INSTALMENT_PROFILE = TableSpec(
    "instalment_profile",
    "Instalment profile",
    "Share of the year's payment that falls in each month; the twelve add to 1.",
    (
        Column("month", "choice", "Month of the year, 04 for April", choices=MONTHS),
        Column("share", "share", "Share of the year"),
    ),
    key=("month",),
    shares=(SharesAddToOne("share", ()),),
    source="overview Table 1; req 212",
)

CONTRACT_EVENTS = TableSpec(
    "contract_events",
    "Contract events",
    "Every change to the live contract, each with the day it takes effect and the day it was known."
    " Rows are added, never changed.",
    (
        Column("event", "code", "Event code"),
        Column("event_kind", "choice", "What happened", choices=EVENT_KINDS),
        Column(
            "effective_on",
            "date",
            "Day it takes effect (for a population update, the day of the count)",
        ),
        Column("known_on", "date", "Day both parties knew it"),
        Column(
            "refers_to", "code", "Event or factor it corrects, disputes or reopens", required=False
        ),
        Column("list_code", "code", "Practice that reactivates or joins", required=False),
        Column(
            "service_line",
            "code",
            "Service line that joins or leaves",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column(
            "direction",
            "choice",
            "Scope change: joins or leaves",
            required=False,
            choices=("joins", "leaves"),
        ),
        Column("party", "code", "Succession: who is succeeded; payment: who pays", required=False),
        Column(
            "counterparty",
            "code",
            "Succession: the successor; payment: who is paid",
            required=False,
        ),
        Column(
            "amount",
            "pounds",
            "Payment: the amount; correction of a payment: what it should have been",
            required=False,
        ),
        Column(
            "accepted_share",
            "share",
            "Periodic agreement or re-opener: share of the recalculated change that was agreed; 0"
            " where refused",
            required=False,
        ),
        Column("reason", "text", "Why, in words a reader understands"),
        Column(
            "agreed_by",
            "text",
            "Who agreed it; a population update in transition mode needs this",
            required=False,
        ),
    ),
    key=("event",),
    source="handbook 4.1-4.4; overview 3.3.2; req 121, 218-223, 234-244",
)

POPULATION_COUNTS = TableSpec(
    "population_counts",
    "People by list and type",
    "People planned in the forecast, and people registered, by list and patient type. A later row"
    " with a later known_on corrects an earlier one.",
    (
        Column(
            "basis",
            "choice",
            "planned: what the forecast assumed; registered: what was counted",
            choices=("planned", "registered"),
        ),
        Column("count_date", "date", "Day the count is for"),
        Column("list_code", "code", "GP list"),
        Column("patient_type", "code", "Patient type"),
        Column("people", "count", "People"),
        Column("known_on", "date", "Day the count was known"),
    ),
    key=("basis", "count_date", "list_code", "patient_type", "known_on"),
    source="handbook 4.4; req 234, 237, 238",
)

LIST_TOTALS = TableSpec(
    "list_totals",
    "List sizes",
    "Registered people of each list as published, to which the counts by type must add.",
    (
        Column("count_date", "date", "Day the count is for"),
        Column("list_code", "code", "GP list"),
        Column("people", "count", "People registered"),
        Column("known_on", "date", "Day it was known"),
    ),
    key=("count_date", "list_code", "known_on"),
    steady=(
        Steady(
            "people",
            ("list_code",),
            "count_date",
            "list_jump",
            ("list_changes.list_code", "list_changes.successor"),
        ),
    ),
    source="handbook 4.4; req 236, 238",
)

LIST_CHANGES = TableSpec(
    "list_changes",
    "Practices merged, opened and closed",
    "What became of each list: where its planned people are carried to.",
    (
        Column("list_code", "code", "List that merged, closed or opened"),
        Column(
            "change",
            "choice",
            "merged into, or closed with people sent to, another list; or opened",
            choices=("merged", "closed", "opened"),
        ),
        Column(
            "successor",
            "code",
            "List that takes its people; blank for an opening, or a closing whose people go nowhere"
            " known",
            required=False,
        ),
        Column("share", "share", "Share of its people the successor takes; 1 for an opening"),
        Column("effective_on", "date", "Day of the change"),
        Column(
            "commissioner",
            "code",
            "Opening: commissioner of the new list",
            required=False,
            refers_to="organisations.organisation",
        ),
        Column(
            "participation",
            "choice",
            "Opening: how the new list takes part",
            required=False,
            choices=("full", "partial", "virtual", "none"),
        ),
    ),
    key=("list_code", "successor"),
    shares=(SharesAddToOne("share", ("list_code",)),),
    source="handbook 4.4; req 238, 243",
)

PATIENT_MOVEMENTS = TableSpec(
    "patient_movements",
    "Movements by cause",
    "Why counts moved: tags on movements for information, and changes of health status, some of"
    " which may not move money.",
    (
        Column("count_date", "date", "Count the movement is part of"),
        Column("list_code", "code", "GP list"),
        Column("cause", "choice", "Cause of the movement", choices=MOVEMENT_CAUSES),
        Column(
            "patient_type",
            "code",
            "Patient type (before the change, for a change of health status)",
        ),
        Column("to_type", "code", "Type after a change of health status", required=False),
        Column("people", "number", "People; below nought where they left"),
    ),
    key=("count_date", "list_code", "cause", "patient_type", "to_type"),
    source="handbook 4.4; req 240, 243",
)

TYPE_VALUES = TableSpec(
    "type_values",
    "Value per patient type",
    "Agreed value of one person of a type for a year, by funding stream. A new vintage is a new set"
    " of rows.",
    (
        Column("patient_type", "code", "Patient type"),
        Column(
            "funding_stream", "code", "Stream that pays", refers_to="funding_streams.funding_stream"
        ),
        Column("year", "year", "Year"),
        Column("value", "pounds", "Value of one person for the whole year", within=AMOUNT),
        Column("people_behind", "count", "People the value was estimated from"),
        Column("agreed_on", "date", "Vintage: day the value was agreed"),
        Column("source", "text", "How it was estimated"),
    ),
    key=("patient_type", "funding_stream", "year", "agreed_on"),
    steady=(
        Steady("value", ("patient_type", "funding_stream", "agreed_on"), "year", "price_jump"),
    ),
    source="handbook 4.4 fn 51; req 234, 242, 245",
)

PRACTICE_TERMS = TableSpec(
    "practice_terms",
    "Practices joining and reactivating",
    "What moves when a practice joins, or takes up its own contract again; the terms in force on"
    " the day apply.",
    (
        Column("list_code", "code", "Practice", refers_to="gp_lists.list_code"),
        Column("terms_from", "date", "First day these terms are in force"),
        Column(
            "permitted_points",
            "choice",
            "When a practice may reactivate",
            choices=("expiry_only", "anniversary", "quarter", "any_month"),
        ),
        Column(
            "funding_stream",
            "code",
            "Stream of core general practice",
            refers_to="funding_streams.funding_stream",
        ),
        Column(
            "weighted_funding",
            "pounds",
            "Funding of one weighted patient for a year",
            within=AMOUNT,
        ),
        Column(
            "replacement_stream",
            "code",
            "Stream of the other services that leave with the patients; blank if none do",
            required=False,
            refers_to="funding_streams.funding_stream",
        ),
        Column(
            "replacement_cost",
            "pounds",
            "Cost of buying those services elsewhere, for one patient for a year",
            required=False,
            within=AMOUNT,
        ),
    ),
    key=("list_code", "terms_from"),
    source="overview 3.3.2; req 119-121",
)

CONTINGENCIES = TableSpec(
    "contingencies",
    "Contingency funds",
    "What each commissioner holds to pay for more people than planned.",
    (
        Column(
            "commissioner",
            "code",
            "Commissioner or council",
            refers_to="organisations.organisation",
        ),
        Column("year", "year", "Year"),
        Column("amount", "pounds", "Fund for the year", within=AMOUNT),
    ),
    key=("commissioner", "year"),
    steady=(Steady("amount", ("commissioner",), "year", "spend_jump"),),
    source="handbook 4.4; req 239",
)

PERIODIC_FACTORS = TableSpec(
    "periodic_factors",
    "Factors of the periodic agreement",
    "Each factor the parties agreed to look at again: its trigger, threshold, frequency and"
    " mechanism.",
    (
        Column("factor", "code", "Factor code"),
        Column(
            "factor_kind",
            "choice",
            "What it is about",
            choices=("inflation", "impact_of_model", "other"),
        ),
        Column("assumption", "code", "Assumption it looks at"),
        Column(
            "threshold",
            "rate",
            "A new figure counts only where its yearly rate differs from the old by more than this",
            within=FACTOR,
        ),
        Column(
            "opens_inside_fixed_period",
            "yes_no",
            "Whether it may reopen the value within a fixed period",
        ),
        Column(
            "unambiguous",
            "yes_no",
            "Whether the contract states the mechanism clearly enough to stand apart from the"
            " limits on change",
        ),
        Column("criteria", "text", "How the parties decide"),
    ),
    key=("factor",),
    source="handbook 4.3, 4.3.1; req 217, 218, 221-223",
)

PERIODIC_EVIDENCE = TableSpec(
    "periodic_evidence",
    "New figures for the periodic agreement",
    "A new vintage of an assumption that an agreement or a re-opener takes into account.",
    (
        Column(
            "event", "code", "Periodic agreement or re-opener", refers_to="contract_events.event"
        ),
        Column("factor", "code", "Factor", refers_to="periodic_factors.factor"),
        Column("year", "year", "Year the figure is for"),
        Column("new_value", "number", "New figure, in the unit of the assumption (0.025 for 2.5%)"),
        Column("published_on", "date", "Day it was published"),
        Column("source", "text", "Where it was published"),
    ),
    key=("event", "factor", "year"),
    source="handbook 4.3.1; req 219",
)

TABLES = (
    CONTRACT_TERMS,
    INSTALMENT_PROFILE,
    CONTRACT_EVENTS,
    POPULATION_COUNTS,
    LIST_TOTALS,
    LIST_CHANGES,
    PATIENT_MOVEMENTS,
    TYPE_VALUES,
    PRACTICE_TERMS,
    CONTINGENCIES,
    PERIODIC_FACTORS,
    PERIODIC_EVIDENCE,
    *PAYMENT_TABLES,
    *INCENTIVE_TABLES,
)
