"""Optional tables of evidence for block contracts: drivers, costing, proxies, activity data,
samples, sign-off, benchmarks.
"""

from wpb.kernel.ranges import QUANTITY
from wpb.tables.schema import Column, SharesAddToOne, Steady, TableSpec

CONTRACT = Column("contract", "code", "Contract", refers_to="contracts.contract")
ACTIVITY_TYPE = Column("activity_type", "code", "Activity type")
LEVELS = ("patient_identifier", "patient_pseudonym", "patient_service", "aggregate")
PROVENANCE = ("audited", "collection_visible", "not_known")
WEIGHT_QUESTIONS = ("sample_representative", "factor_tracks_cost")

COST_DRIVER_CANDIDATES = TableSpec(
    "cost_driver_candidates",
    "Cost driver worksheet",
    "For a sum to be shared out: the drivers that were thought of, how each relates to cost, and"
    " which was chosen.",
    (
        CONTRACT,
        Column("cost_object", "text", "What gets a share, for example each service line"),
        Column("driver", "text", "Candidate driver, for example WTE"),
        Column(
            "relationship",
            "text",
            "How cost follows the driver, for example in proportion to hours",
        ),
        Column(
            "cost_per_unit", "pounds", "Cost of one unit of the driver, where known", required=False
        ),
        Column("chosen", "yes_no", "Whether it was chosen"),
        Column("reason", "text", "Why, or why not"),
    ),
    key=("contract", "driver"),
    source="handbook Box 1; req 54",
)

COSTING_ASSURANCE = TableSpec(
    "costing_assurance",
    "Assurance of provider costs",
    "Whether the provider has confirmed that its costs follow the costing standards.",
    (
        CONTRACT,
        Column(
            "standard",
            "choice",
            "Guidance followed",
            choices=("approved_costing_guidance", "mandatory_costing_standards", "other"),
        ),
        Column("confirmed", "yes_no", "Whether the provider confirmed it"),
        Column("confirmed_by", "text", "Who confirmed it"),
        Column("confirmed_on", "date", "When"),
        Column("evidence", "text", "Letter, audit or submission"),
    ),
    key=("contract",),
    source="handbook 2.4.2 footnote 31; req 58",
)

ACTIVITY_PROXIES = TableSpec(
    "activity_proxies",
    "Activity shared by a proxy",
    "Activity that is not recorded by GP list, and the recorded activity whose pattern it takes,"
    " such as acute assessments by mental health clusters.",
    (
        CONTRACT,
        Column("activity_type", "code", "Activity type that is not recorded by list"),
        Column(
            "proxy_service_line",
            "code",
            "Service line of the proxy",
            refers_to="service_lines.service_line",
        ),
        Column(
            "proxy_activity_type",
            "code",
            "Activity type whose pattern it takes, recorded in activity_by_list",
        ),
        Column("share", "share", "Part of the activity that takes this pattern"),
        Column("agreed_by", "text", "Who agreed that the pattern fits"),
    ),
    key=("contract", "activity_type", "proxy_service_line", "proxy_activity_type"),
    shares=(SharesAddToOne("share", ("contract", "activity_type")),),
    source="handbook 2.4 Encompass; req 46",
)

LOCAL_REPORTS = TableSpec(
    "local_reports",
    "Local service reports",
    "Counts from a local service-line report or the provider's own records, by attendance, location"
    " and priority.",
    (
        CONTRACT,
        ACTIVITY_TYPE,
        Column(
            "attendance",
            "choice",
            "Kind of attendance",
            choices=("first", "follow_up", "referral", "other"),
        ),
        Column("location", "choice", "Where", choices=("home", "clinic", "phone", "other")),
        Column(
            "priority",
            "choice",
            "Priority of the referral",
            choices=("routine", "urgent", "two_week_rule", "a_and_e", "not_stated"),
        ),
        Column("units", "count", "Units in the year"),
    ),
    key=("contract", "activity_type", "attendance", "location", "priority"),
    source="handbook 2.4.3 South Manchester; req 66, 67",
)

DATASET_PROFILES = TableSpec(
    "dataset_profiles",
    "What is known of activity data",
    "For each block contract's activity data: what it is good for, its control total, where it came"
    " from and its level.",
    (
        CONTRACT,
        Column(
            "relevance", "text", "Why its units matter to clinicians or patients", required=False
        ),
        Column("judged_by", "text", "Clinician or user who judged it", required=False),
        Column(
            "control_total",
            "count",
            "Units from another source, to see that none is missed",
            required=False,
        ),
        Column("control_source", "text", "That source", required=False),
        Column("provenance", "choice", "How its accuracy can be judged", choices=PROVENANCE),
        Column("level", "choice", "Level of the records", choices=LEVELS),
        Column(
            "access_agreed",
            "yes_no",
            "Whether patient-level access and information governance are agreed with the provider",
            required=False,
        ),
    ),
    key=("contract",),
    source="handbook 2.4.3 Box 2; req 64, 65, 68, 70, 73, 75",
)

UNIT_CODES = TableSpec(
    "unit_codes",
    "What each activity type counts",
    "The codes of the records that each activity type counts, and the unit, so that overlaps and"
    " mismatches show.",
    (
        CONTRACT,
        ACTIVITY_TYPE,
        Column("unit_code", "code", "Code of the records counted"),
        Column("unit", "text", "What one unit is, for example a face-to-face contact"),
        Column(
            "provider_costs_by_it", "yes_no", "Whether the provider costs its services by this code"
        ),
    ),
    key=("contract", "activity_type", "unit_code"),
    source="handbook 2.4.3 Box 2; req 69, 72, 76",
)

ACTIVITY_HISTORY = TableSpec(
    "activity_history",
    "Activity in earlier years",
    "Units of each activity type in earlier years, to see years that stand out.",
    (
        CONTRACT,
        ACTIVITY_TYPE,
        Column("year", "year", "Financial year"),
        Column("units", "count", "Units in the year"),
    ),
    key=("contract", "activity_type", "year"),
    steady=(Steady("units", ("contract", "activity_type"), "year", "unit_jump"),),
    source="handbook 2.4.3 Box 2; req 74",
)

TIME_OBSERVATIONS = TableSpec(
    "time_observations",
    "Time and motion study",
    "One row for each observation of staff time on an activity; the mean time is the weight where"
    " cost_weights has none.",
    (
        CONTRACT,
        ACTIVITY_TYPE,
        Column("observation", "code", "Observation; never a name or an NHS number"),
        Column(
            "minutes",
            "number",
            "Staff minutes, weighted by pay band where that was done",
            within=QUANTITY,
        ),
    ),
    key=("contract", "activity_type", "observation"),
    source="handbook 2.4.4; req 71, 81",
)

SIGN_OFFS = TableSpec(
    "sign_offs",
    "Professional sense-check of weights",
    "Whether care professionals find the sample representative, and that the factor observed"
    " follows total cost.",
    (
        CONTRACT,
        Column("question", "choice", "Question asked", choices=WEIGHT_QUESTIONS),
        Column("answer", "yes_no", "Their answer"),
        Column("signed_by", "text", "Who"),
        Column("signed_on", "date", "When"),
        Column("comment", "text", "What they said", required=False),
    ),
    key=("contract", "question"),
    source="handbook 2.4.4; req 82",
)

BENCHMARK_PROVIDERS = TableSpec(
    "benchmark_providers",
    "Benchmark providers",
    "Whether each benchmark provider is like the local one.",
    (
        Column("benchmark_provider", "code", "Provider, as in benchmark_costs"),
        Column("similar_cost_structure", "yes_no", "Whether its cost structure is similar"),
        Column("similar_casemix", "yes_no", "Whether its casemix is similar"),
        Column("costs_reliable", "yes_no", "Whether its reference costs are thought reliable"),
        Column("judged_by", "text", "Who judged it"),
    ),
    key=("benchmark_provider",),
    source="handbook 2.4.4 Fig 9; req 86",
)

SCHEDULE_ACTUALS = TableSpec(
    "schedule_actuals",
    "Actual spend by service line",
    "What was really spent on each service line of a block contract, to test its schedule by.",
    (
        CONTRACT,
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("actual_spend", "pounds", "Actual spend in the spend year"),
        Column("source", "text", "Where it comes from"),
    ),
    key=("contract", "service_line"),
    source="handbook 2.4.2; req 49",
)

NATIONAL_COST_QUALITY = TableSpec(
    "national_cost_quality",
    "Quality of national unit costs",
    "How many of the submissions behind a national unit cost are thought poor.",
    (
        Column("activity_type", "code", "Activity type, as in national_unit_costs"),
        Column("poor_submissions", "share", "Share of the submissions thought poor"),
        Column("source", "text", "Who found so"),
    ),
    key=("activity_type",),
    source="handbook 2.4.4; req 89",
)

TABLES = (
    SCHEDULE_ACTUALS,
    NATIONAL_COST_QUALITY,
    COST_DRIVER_CANDIDATES,
    COSTING_ASSURANCE,
    ACTIVITY_PROXIES,
    LOCAL_REPORTS,
    DATASET_PROFILES,
    UNIT_CODES,
    ACTIVITY_HISTORY,
    TIME_OBSERVATIONS,
    SIGN_OFFS,
    BENCHMARK_PROVIDERS,
)
