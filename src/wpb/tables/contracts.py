"""Tables of today's provider contracts: what is paid, for what activity, at what price, by which
method.
"""

from wpb.kernel.ranges import AMOUNT, PRICE
from wpb.tables.schema import Column, SharesAddToOne, Steady, TableSpec

METHOD_OPTIONS = {
    "non_service_split": ("cost_driver", "schedule_value", "equal"),
    "step_1": ("schedule", "absorbed_cost", "direct_cost", "undivided"),
    "step_2": ("national_standard", "local_information"),
    "step_3": (
        "relative_resource",
        "benchmark_unweighted",
        "benchmark_weighted",
        "national_reference_costs",
        "other_unit_costs",
        "simple_average",
    ),
    "step_4": ("patient_identifiers", "patient_groups"),
}
"""The options of handbook Table 2 and Figure 3, in the handbook's order of preference."""

BY_BLOCK_METHODS = ("block", "activity_total")
"""Payment bases whose total is taken apart by the block methods."""

CONTRACTS = TableSpec(
    "contracts",
    "Contracts",
    "Today's contracts with providers, one row a contract and commissioner.",
    (
        Column("contract", "code", "Contract code"),
        Column("title", "text", "Contract title"),
        Column(
            "commissioner",
            "code",
            "Commissioner or council that pays",
            refers_to="organisations.organisation",
        ),
        Column("provider", "code", "Provider", refers_to="organisations.organisation"),
        Column(
            "payment_basis",
            "choice",
            "activity: paid by units and prices; aligned: fixed plus variable; block: one sum;"
            " activity_total: paid by activity, but the records don't show the service, so that the"
            " total is taken apart as a block contract is",
            choices=("activity", "aligned", "block", "activity_total"),
        ),
        Column(
            "funding_stream", "code", "Stream that pays", refers_to="funding_streams.funding_stream"
        ),
        Column(
            "value",
            "pounds",
            "Amount paid for the year (for aligned: fixed plus variable)",
            within=AMOUNT,
        ),
        Column(
            "fixed_value",
            "pounds",
            "Aligned contracts: the fixed part",
            required=False,
            within=AMOUNT,
        ),
        Column("effective_year", "year", "Year the amount is for"),
        Column("price_base_year", "year", "Year of the prices it stands at"),
        Column("currency", "code", "Currency of the amounts, such as GBP"),
        Column(
            "population_method",
            "choice",
            "How the share for the lists in scope is found: activity_by_list (activity recorded by"
            " practice); patient_groups (step 4 mapping); weighted_carve_out; condition_carve_out;"
            " population_carve_out; boundary_carve_out (by residents of the payer's area, from"
            " footprints); whole_contract (it serves only lists in scope)",
            choices=(
                "activity_by_list",
                "patient_groups",
                "weighted_carve_out",
                "condition_carve_out",
                "population_carve_out",
                "boundary_carve_out",
                "whole_contract",
            ),
        ),
        Column(
            "carve_out_driver",
            "code",
            "For a weighted carve-out the need; for a condition carve-out the condition",
            required=False,
        ),
        Column(
            "carve_out_covers",
            "choice",
            "Lists a carve-out covers: the commissioner's own, or all lists of the model",
            required=False,
            choices=("commissioner", "all_lists"),
        ),
    ),
    key=("contract",),
    source="handbook 2.1, 2.3, 2.4; req 18, 19",
)

CONTRACT_METHODS = TableSpec(
    "contract_methods",
    "Methods used",
    "For each block contract, the option used at each step and why.",
    (
        Column("contract", "code", "Block contract", refers_to="contracts.contract"),
        Column(
            "step",
            "choice",
            "Step of the handbook's Table 2, or how non-service lines are spread",
            choices=tuple(METHOD_OPTIONS),
        ),
        Column(
            "option",
            "choice",
            "Option used",
            choices=tuple(
                dict.fromkeys(option for options in METHOD_OPTIONS.values() for option in options)
            ),
        ),
        Column("reason", "text", "Why this option"),
        Column("agreed_by", "text", "Who agreed it", required=False),
    ),
    key=("contract", "step"),
    source="handbook Table 2; req 37",
)

SCHEDULE_LINES = TableSpec(
    "schedule_lines",
    "Block contract schedules",
    "The breakdown printed in a block contract, service lines and lines such as Admin.",
    (
        Column("contract", "code", "Block contract", refers_to="contracts.contract"),
        Column("schedule_line", "code", "Line of the schedule"),
        Column(
            "line_kind",
            "choice",
            "service, or non_service for lines such as Admin",
            choices=("service", "non_service"),
        ),
        Column(
            "service_line",
            "code",
            "Service line it is; blank for non-service lines",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column("value", "pounds", "Schedule value"),
        Column(
            "reflects_actual_spend",
            "yes_no",
            "Whether the value was tested and reflects actual spend",
        ),
    ),
    key=("contract", "schedule_line"),
    source="handbook 2.4.2 Fig 3; req 48-50",
)

COST_DRIVERS = TableSpec(
    "cost_drivers",
    "Cost drivers",
    "A driver such as whole-time equivalents by service line, to spread non-service lines.",
    (
        Column("contract", "code", "Block contract", refers_to="contracts.contract"),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("driver", "text", "What the driver is, for example WTE"),
        Column("units", "count", "Units of the driver"),
    ),
    key=("contract", "service_line"),
    source="handbook Fig 3, Box 1; req 50, 54",
)

PROVIDER_COSTS = TableSpec(
    "provider_costs",
    "Provider costs",
    "The provider's own costs by service line and kind; these are costs, never added to spend.",
    (
        Column("contract", "code", "Block contract", refers_to="contracts.contract"),
        Column(
            "service_line",
            "code",
            "Service line; blank for costs of the whole provider that are not patient care",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column(
            "cost_kind",
            "choice",
            "Kind of cost",
            choices=(
                "direct",
                "indirect",
                "overhead",
                "education_and_training",
                "research",
                "commercial",
            ),
        ),
        Column("cost", "pounds", "Cost for the year", within=AMOUNT),
    ),
    key=("contract", "service_line", "cost_kind"),
    source="handbook 2.4.2 Fig 4; req 56-59",
)

CONTRACT_ACTIVITY = TableSpec(
    "contract_activity",
    "Activity of block contracts",
    "Units of each activity type under a block contract, and the service line each belongs to.",
    (
        Column("contract", "code", "Block contract", refers_to="contracts.contract"),
        Column("activity_type", "code", "Activity type"),
        Column("name", "text", "What it is"),
        Column(
            "service_line",
            "code",
            "Its one service line; blank where shared (then see activity_mapping)",
            required=False,
            refers_to="service_lines.service_line",
        ),
        Column(
            "activity_source",
            "choice",
            "Where the count comes from",
            choices=(
                "sus",
                "reference_costs",
                "cids",
                "mh_clusters",
                "mhlds",
                "local_report",
                "provider_internal",
            ),
        ),
        Column("units", "count", "Units in the year"),
    ),
    key=("contract", "activity_type"),
    source="handbook 2.4.3; req 64-67, 77",
)

ACTIVITY_MAPPING = TableSpec(
    "activity_mapping",
    "Shared activity",
    "How activity that serves several service lines is shared between them, as clinicians say.",
    (
        Column("contract", "code", "Block contract", refers_to="contracts.contract"),
        Column("activity_type", "code", "Shared activity type"),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("share", "share", "Share of the activity, for example 0.6"),
        Column("clinician_source", "text", "Who gave the percentage"),
    ),
    key=("contract", "activity_type", "service_line"),
    shares=(SharesAddToOne("share", ("contract", "activity_type")),),
    source="handbook 2.4.3 Fig 6; req 78, 79",
)

COST_WEIGHTS = TableSpec(
    "cost_weights",
    "Cost weights",
    "Relative resource use of each activity type.",
    (
        Column("contract", "code", "Block contract", refers_to="contracts.contract"),
        Column("activity_type", "code", "Activity type"),
        Column(
            "weight_source",
            "choice",
            "Where the weight comes from",
            choices=("time_and_motion", "own_reference_costs", "other_unit_costs"),
        ),
        Column("weight", "count", "Weight, or unit cost in pounds"),
    ),
    key=("contract", "activity_type", "weight_source"),
    source="handbook 2.4.4 Fig 8; req 80, 90",
)

BENCHMARK_COSTS = TableSpec(
    "benchmark_costs",
    "Benchmark unit costs",
    "Unit costs and volumes of comparable providers, by activity type.",
    (
        Column("activity_type", "code", "Activity type"),
        Column("benchmark_provider", "code", "Provider"),
        Column("unit_cost", "pounds", "Unit cost", within=PRICE),
        Column("units", "count", "Volume"),
    ),
    key=("activity_type", "benchmark_provider"),
    source="handbook Fig 9; req 84-86",
)

NATIONAL_UNIT_COSTS = TableSpec(
    "national_unit_costs",
    "National average unit costs",
    "National average unit cost for each activity type, from the National Cost Collection.",
    (
        Column("activity_type", "code", "Activity type"),
        Column("category", "text", "Category in the national collection"),
        Column("unit_cost", "pounds", "National average unit cost", within=PRICE),
        Column("collection_year", "year", "Year of the collection"),
    ),
    key=("activity_type",),
    source="handbook Fig 10; req 87, 88",
)

ACTIVITY_BY_LIST = TableSpec(
    "activity_by_list",
    "Activity by GP list",
    "Units of each activity type by GP list, counted from records with a practice code or"
    " pseudonym.",
    (
        Column("contract", "code", "Contract", refers_to="contracts.contract"),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("activity_type", "code", "Activity type, or point of delivery of priced activity"),
        Column("list_code", "code", "GP list", refers_to="gp_lists.list_code"),
        Column("units", "count", "Units"),
    ),
    key=("contract", "service_line", "activity_type", "list_code"),
    source="handbook 2.3, 2.4.5; req 38, 101",
)

PATIENT_GROUP_MAPPING = TableSpec(
    "patient_group_mapping",
    "Activity to patient groups",
    "Which condition groups each activity type serves, as clinicians say; activity not listed stays"
    " unmapped and is reported.",
    (
        Column("contract", "code", "Contract", refers_to="contracts.contract"),
        Column("activity_type", "code", "Activity type"),
        Column("condition", "code", "Condition group"),
        Column("share", "share", "Share of the activity"),
        Column("clinician_source", "text", "Who gave the mapping"),
    ),
    key=("contract", "activity_type", "condition"),
    shares=(SharesAddToOne("share", ("contract", "activity_type")),),
    source="handbook 2.4.5 Fig 13; req 96-99",
)

PRICED_ACTIVITY = TableSpec(
    "priced_activity",
    "Priced activity",
    "Units of activity paid, or weighed, at unit prices: activity contracts and both parts of"
    " aligned contracts.",
    (
        Column("contract", "code", "Contract", refers_to="contracts.contract"),
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column("point_of_delivery", "code", "Point of delivery"),
        Column("activity_currency", "code", "Currency: HRG, TFC or a local one"),
        Column(
            "payment_part",
            "choice",
            "variable: paid by unit; fixed: weighs the fixed part of an aligned contract",
            choices=("variable", "fixed"),
        ),
        Column("units", "count", "Units in the year"),
    ),
    key=("contract", "service_line", "point_of_delivery", "activity_currency"),
    source="handbook 2.3; req 38-40",
)

PRICES = TableSpec(
    "prices",
    "Unit prices",
    "Current unit prices by currency and point of delivery.",
    (
        Column("activity_currency", "code", "Currency"),
        Column("point_of_delivery", "code", "Point of delivery"),
        Column("price_year", "year", "Year the price is for"),
        Column("unit_price", "pounds", "Price of one unit", within=PRICE),
        Column("price_kind", "choice", "National or local price", choices=("national", "local")),
    ),
    key=("activity_currency", "point_of_delivery", "price_year"),
    steady=(
        Steady(
            "unit_price", ("activity_currency", "point_of_delivery"), "price_year", "price_jump"
        ),
    ),
    source="handbook 2.3; req 39",
)

TABLES = (
    CONTRACTS,
    CONTRACT_METHODS,
    SCHEDULE_LINES,
    COST_DRIVERS,
    PROVIDER_COSTS,
    CONTRACT_ACTIVITY,
    ACTIVITY_MAPPING,
    COST_WEIGHTS,
    BENCHMARK_COSTS,
    NATIONAL_UNIT_COSTS,
    ACTIVITY_BY_LIST,
    PATIENT_GROUP_MAPPING,
    PRICED_ACTIVITY,
    PRICES,
)
