"""Tables of today's provider contracts: what is paid, for what activity, at what price, by which
method.
"""

from wpb.kernel.ranges import AMOUNT, PRICE
from wpb.tables.declared import Choice, Code, Count, Pounds, Share, Table, Text, Year, YesNo
from wpb.tables.methods.registry import METHOD_OPTIONS, options_help
from wpb.tables.rules import NotAbove, OfKind, OnlyWhen, RequiredWhen, SharesAddToOne, Steady


class Contracts(
    Table,
    name="contracts",
    title="Contracts",
    purpose="Today's contracts with providers, one row a contract and commissioner.",
    source="handbook 2.1, 2.3, 2.4; req 18, 19",
):
    contract = Code("Contract code")
    title = Text("Contract title")
    commissioner = Code("Commissioner or council that pays", refers_to="organisations.organisation")
    provider = Code("Provider", refers_to="organisations.organisation")
    payment_basis = Choice(
        "activity: paid by units and prices; aligned: fixed plus variable; block: one sum;"
        " activity_total: paid by activity, but the records don't show the service, so that the"
        " total is taken apart as a block contract is",
        choices=("activity", "aligned", "block", "activity_total"),
    )
    funding_stream = Code("Stream that pays", refers_to="funding_streams.funding_stream")
    value = Pounds("Amount paid for the year (for aligned: fixed plus variable)", within=AMOUNT)
    fixed_value = Pounds("Aligned contracts: the fixed part", required=False, within=AMOUNT)
    effective_year = Year("Year the amount is for")
    price_base_year = Year("Year of the prices it stands at")
    currency = Code("Currency of the amounts, such as GBP")
    population_method = Choice(
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
    )
    carve_out_driver = Code(
        "For a weighted carve-out the need; for a condition carve-out the condition", required=False
    )
    carve_out_covers = Choice(
        "Lists a carve-out covers: the commissioner's own, or all lists of the model",
        required=False,
        choices=("commissioner", "all_lists"),
    )
    one_row_per = (contract,)
    checks = (
        OfKind(
            commissioner,
            "organisations.kind",
            ("provider", "lead_provider"),
            "'{commissioner}' pays here, but it is a provider in 'organisations'.",
            "Enter the commissioner or council that pays.",
            "payer_kind",
        ),
        OfKind(
            provider,
            "organisations.kind",
            ("commissioner",),
            "'{provider}' is paid here, but it is a commissioner in 'organisations'.",
            "Enter the provider.",
            "payer_kind",
        ),
        RequiredWhen(
            fixed_value,
            payment_basis,
            ("aligned",),
            "An aligned contract has a fixed part, but none is given.",
            "Enter the fixed part of the value.",
            "fixed_value_missing",
        ),
        OnlyWhen(
            fixed_value,
            payment_basis,
            ("aligned",),
            "A contract paid on the basis {payment_basis} has no fixed part.",
            "Clear the cell, or set payment_basis to aligned.",
            "fixed_value_unused",
        ),
        NotAbove(
            fixed_value,
            value,
            "The fixed part is not between zero and the whole value of the contract.",
            "Correct the fixed part or the value; the value is fixed plus variable.",
            "fixed_value_range",
        ),
    )


class ContractMethods(
    Table,
    name="contract_methods",
    title="Methods used",
    purpose="For each block contract, the option used at each step and why.",
    source="handbook Table 2; req 37",
):
    contract = Code("Block contract", refers_to="contracts.contract")
    step = Choice(
        "Step of the handbook's Table 2, or how non-service lines are spread",
        choices=tuple(METHOD_OPTIONS),
    )
    option = Choice(
        f"Option used. {options_help()}",
        choices=tuple(
            dict.fromkeys(option for options in METHOD_OPTIONS.values() for option in options)
        ),
    )
    reason = Text("Why this option")
    agreed_by = Text("Who agreed it", required=False)
    one_row_per = (contract, step)


class ScheduleLines(
    Table,
    name="schedule_lines",
    title="Block contract schedules",
    purpose="The breakdown printed in a block contract, service lines and lines such as Admin.",
    source="handbook 2.4.2 Fig 3; req 48-50",
):
    contract = Code("Block contract", refers_to="contracts.contract")
    schedule_line = Code("Line of the schedule")
    line_kind = Choice(
        "service, or non_service for lines such as Admin", choices=("service", "non_service")
    )
    service_line = Code(
        "Service line it is; blank for non-service lines",
        required=False,
        refers_to="service_lines.service_line",
    )
    value = Pounds("Schedule value")
    reflects_actual_spend = YesNo(
        "Whether the value was tested and reflects actual spend", meaning="evidence"
    )
    one_row_per = (contract, schedule_line)
    checks = (
        RequiredWhen(
            service_line,
            line_kind,
            ("service",),
            "A service line of the schedule has no service line code.",
            "Enter the code of the service line, or set line_kind to non_service.",
        ),
        OnlyWhen(
            service_line,
            line_kind,
            ("service",),
            "A line that is no service has a service line code.",
            "Clear the code, or set line_kind to service.",
            "non_service_line",
        ),
    )


class CostDrivers(
    Table,
    name="cost_drivers",
    title="Cost drivers",
    purpose="A driver such as whole-time equivalents by service line, to spread non-service lines.",
    source="handbook Fig 3, Box 1; req 50, 54",
):
    contract = Code("Block contract", refers_to="contracts.contract")
    service_line = Code("Service line", refers_to="service_lines.service_line")
    driver = Text("What the driver is, for example WTE")
    units = Count("Units of the driver")
    one_row_per = (contract, service_line)


class ProviderCosts(
    Table,
    name="provider_costs",
    title="Provider costs",
    purpose="The provider's own costs by service line and kind; these are costs, never added to"
    " spend.",
    source="handbook 2.4.2 Fig 4; req 56-59",
):
    contract = Code("Block contract", refers_to="contracts.contract")
    service_line = Code(
        "Service line; blank for costs of the whole provider that are not patient care",
        required=False,
        refers_to="service_lines.service_line",
    )
    cost_kind = Choice(
        "Kind of cost",
        choices=(
            "direct",
            "indirect",
            "overhead",
            "education_and_training",
            "research",
            "commercial",
        ),
    )
    cost = Pounds("Cost for the year", within=AMOUNT)
    one_row_per = (contract, service_line, cost_kind)


class ContractActivity(
    Table,
    name="contract_activity",
    title="Activity of block contracts",
    purpose="Units of each activity type under a block contract, and the service line each belongs"
    " to.",
    source="handbook 2.4.3; req 64-67, 77",
):
    contract = Code("Block contract", refers_to="contracts.contract")
    activity_type = Code("Activity type")
    name = Text("What it is")
    service_line = Code(
        "Its one service line; blank where shared (then see activity_mapping)",
        required=False,
        refers_to="service_lines.service_line",
    )
    activity_source = Choice(
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
        meaning="evidence",
    )
    units = Count("Units in the year")
    one_row_per = (contract, activity_type)


class ActivityMapping(
    Table,
    name="activity_mapping",
    title="Shared activity",
    purpose="How activity that serves several service lines is shared between them, as clinicians"
    " say.",
    source="handbook 2.4.3 Fig 6; req 78, 79",
):
    contract = Code("Block contract", refers_to="contracts.contract")
    activity_type = Code("Shared activity type")
    service_line = Code("Service line", refers_to="service_lines.service_line")
    share = Share("Share of the activity, for example 0.6")
    clinician_source = Text("Who gave the percentage")
    one_row_per = (contract, activity_type, service_line)
    checks = (SharesAddToOne(share, per=(contract, activity_type)),)


class CostWeights(
    Table,
    name="cost_weights",
    title="Cost weights",
    purpose="Relative resource use of each activity type.",
    source="handbook 2.4.4 Fig 8; req 80, 90",
):
    contract = Code("Block contract", refers_to="contracts.contract")
    activity_type = Code("Activity type")
    weight_source = Choice(
        "Where the weight comes from",
        choices=("time_and_motion", "own_reference_costs", "other_unit_costs"),
    )
    weight = Count("Weight, or unit cost in pounds")
    one_row_per = (contract, activity_type, weight_source)


class BenchmarkCosts(
    Table,
    name="benchmark_costs",
    title="Benchmark unit costs",
    purpose="Unit costs and volumes of comparable providers, by activity type.",
    source="handbook Fig 9; req 84-86",
):
    activity_type = Code("Activity type")
    benchmark_provider = Code("Provider")
    unit_cost = Pounds("Unit cost", within=PRICE)
    units = Count("Volume")
    one_row_per = (activity_type, benchmark_provider)


class NationalUnitCosts(
    Table,
    name="national_unit_costs",
    title="National average unit costs",
    purpose="National average unit cost for each activity type, from the National Cost Collection.",
    source="handbook Fig 10; req 87, 88",
):
    activity_type = Code("Activity type")
    category = Text("Category in the national collection")
    unit_cost = Pounds("National average unit cost", within=PRICE)
    collection_year = Year("Year of the collection", meaning="evidence")
    one_row_per = (activity_type,)


class ActivityByList(
    Table,
    name="activity_by_list",
    title="Activity by GP list",
    purpose="Units of each activity type by GP list, counted from records with a practice code or"
    " pseudonym.",
    source="handbook 2.3, 2.4.5; req 38, 101",
):
    contract = Code("Contract", refers_to="contracts.contract")
    service_line = Code("Service line", refers_to="service_lines.service_line")
    activity_type = Code("Activity type, or point of delivery of priced activity")
    list_code = Code("GP list", refers_to="gp_lists.list_code")
    units = Count("Units")
    one_row_per = (contract, service_line, activity_type, list_code)


class PatientGroupMapping(
    Table,
    name="patient_group_mapping",
    title="Activity to patient groups",
    purpose="Which condition groups each activity type serves, as clinicians say; activity not"
    " listed stays unmapped and is reported.",
    source="handbook 2.4.5 Fig 13; req 96-99",
):
    contract = Code("Contract", refers_to="contracts.contract")
    activity_type = Code("Activity type")
    condition = Code("Condition group")
    share = Share("Share of the activity")
    clinician_source = Text("Who gave the mapping")
    one_row_per = (contract, activity_type, condition)
    checks = (SharesAddToOne(share, per=(contract, activity_type)),)


class PricedActivity(
    Table,
    name="priced_activity",
    title="Priced activity",
    purpose="Units of activity paid, or weighed, at unit prices: activity contracts and both parts"
    " of aligned contracts.",
    source="handbook 2.3; req 38-40",
):
    contract = Code("Contract", refers_to="contracts.contract")
    service_line = Code("Service line", refers_to="service_lines.service_line")
    point_of_delivery = Code("Point of delivery")
    activity_currency = Code("Currency: HRG, TFC or a local one")
    payment_part = Choice(
        "variable: paid by unit; fixed: weighs the fixed part of an aligned contract",
        choices=("variable", "fixed"),
    )
    units = Count("Units in the year")
    one_row_per = (contract, service_line, point_of_delivery, activity_currency)


class Prices(
    Table,
    name="prices",
    title="Unit prices",
    purpose="Current unit prices by currency and point of delivery.",
    source="handbook 2.3; req 39",
):
    activity_currency = Code("Currency")
    point_of_delivery = Code("Point of delivery")
    price_year = Year("Year the price is for")
    unit_price = Pounds("Price of one unit", within=PRICE)
    price_kind = Choice(
        "National or local price", choices=("national", "local"), meaning="evidence"
    )
    one_row_per = (activity_currency, point_of_delivery, price_year)
    checks = (
        Steady(
            unit_price,
            by=(activity_currency, point_of_delivery),
            over=price_year,
            limit="price_jump",
        ),
    )


TABLES = (
    Contracts,
    ContractMethods,
    ScheduleLines,
    CostDrivers,
    ProviderCosts,
    ContractActivity,
    ActivityMapping,
    CostWeights,
    BenchmarkCosts,
    NationalUnitCosts,
    ActivityByList,
    PatientGroupMapping,
    PricedActivity,
    Prices,
)
