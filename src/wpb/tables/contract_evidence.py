"""Optional tables of evidence for block contracts: drivers, costing, proxies, activity data,
samples, sign-off, benchmarks.
"""

from wpb.kernel.ranges import QUANTITY
from wpb.tables.declared import (
    Choice,
    Code,
    Count,
    Date,
    Number,
    Pounds,
    Share,
    Table,
    Text,
    Year,
    YesNo,
)
from wpb.tables.rules import SharesAddToOne, Steady

CONTRACT = Code("Contract", refers_to="contracts.contract")
ACTIVITY_TYPE = Code("Activity type")
LEVELS = ("patient_identifier", "patient_pseudonym", "patient_service", "aggregate")
PROVENANCE = ("audited", "collection_visible", "not_known")
WEIGHT_QUESTIONS = ("sample_representative", "factor_tracks_cost")


class CostDriverCandidates(
    Table,
    name="cost_driver_candidates",
    title="Cost driver worksheet",
    purpose="For a sum to be shared out: the drivers that were thought of, how each relates to"
    " cost, and which was chosen.",
    source="handbook Box 1; req 54",
):
    contract = CONTRACT
    cost_object = Text("What gets a share, for example each service line")
    driver = Text("Candidate driver, for example WTE")
    relationship = Text("How cost follows the driver, for example in proportion to hours")
    cost_per_unit = Pounds("Cost of one unit of the driver, where known", required=False)
    chosen = YesNo("Whether it was chosen")
    reason = Text("Why, or why not")
    one_row_per = (contract, driver)


class CostingAssurance(
    Table,
    name="costing_assurance",
    title="Assurance of provider costs",
    purpose="Whether the provider has confirmed that its costs follow the costing standards.",
    source="handbook 2.4.2 footnote 31; req 58",
):
    contract = CONTRACT
    standard = Choice(
        "Guidance followed",
        choices=("approved_costing_guidance", "mandatory_costing_standards", "other"),
        meaning="evidence",
    )
    confirmed = YesNo("Whether the provider confirmed it", meaning="evidence")
    confirmed_by = Text("Who confirmed it")
    confirmed_on = Date("When", meaning="evidence")
    evidence = Text("Letter, audit or submission")
    one_row_per = (contract,)


class ActivityProxies(
    Table,
    name="activity_proxies",
    title="Activity shared by a proxy",
    purpose="Activity that is not recorded by GP list, and the recorded activity whose pattern it"
    " takes, such as acute assessments by mental health clusters.",
    source="handbook 2.4 Encompass; req 46",
):
    contract = CONTRACT
    activity_type = Code("Activity type that is not recorded by list")
    proxy_service_line = Code("Service line of the proxy", refers_to="service_lines.service_line")
    proxy_activity_type = Code("Activity type whose pattern it takes, recorded in activity_by_list")
    share = Share("Part of the activity that takes this pattern")
    agreed_by = Text("Who agreed that the pattern fits")
    one_row_per = (contract, activity_type, proxy_service_line, proxy_activity_type)
    checks = (SharesAddToOne(share, per=(contract, activity_type)),)


class LocalReports(
    Table,
    name="local_reports",
    title="Local service reports",
    purpose="Counts from a local service-line report or the provider's own records, by attendance,"
    " location and priority.",
    source="handbook 2.4.3 South Manchester; req 66, 67",
):
    contract = CONTRACT
    activity_type = ACTIVITY_TYPE
    attendance = Choice("Kind of attendance", choices=("first", "follow_up", "referral", "other"))
    location = Choice("Where", choices=("home", "clinic", "phone", "other"))
    priority = Choice(
        "Priority of the referral",
        choices=("routine", "urgent", "two_week_rule", "a_and_e", "not_stated"),
    )
    units = Count("Units in the year")
    one_row_per = (contract, activity_type, attendance, location, priority)


class DatasetProfiles(
    Table,
    name="dataset_profiles",
    title="What is known of activity data",
    purpose="For each block contract's activity data: what it is good for, its control total, where"
    " it came from and its level.",
    source="handbook 2.4.3 Box 2; req 64, 65, 68, 70, 73, 75",
):
    contract = CONTRACT
    relevance = Text("Why its units matter to clinicians or patients", required=False)
    judged_by = Text("Clinician or user who judged it", required=False)
    control_total = Count("Units from another source, to see that none is missed", required=False)
    control_source = Text("That source", required=False)
    provenance = Choice("How its accuracy can be judged", choices=PROVENANCE)
    level = Choice("Level of the records", choices=LEVELS)
    access_agreed = YesNo(
        "Whether patient-level access and information governance are agreed with the provider",
        required=False,
    )
    one_row_per = (contract,)


class UnitCodes(
    Table,
    name="unit_codes",
    title="What each activity type counts",
    purpose="The codes of the records that each activity type counts, and the unit, so that"
    " overlaps and mismatches show.",
    source="handbook 2.4.3 Box 2; req 69, 72, 76",
):
    contract = CONTRACT
    activity_type = ACTIVITY_TYPE
    unit_code = Code("Code of the records counted")
    unit = Text("What one unit is, for example a face-to-face contact")
    provider_costs_by_it = YesNo("Whether the provider costs its services by this code")
    one_row_per = (contract, activity_type, unit_code)


class ActivityHistory(
    Table,
    name="activity_history",
    title="Activity in earlier years",
    purpose="Units of each activity type in earlier years, to see years that stand out.",
    source="handbook 2.4.3 Box 2; req 74",
):
    contract = CONTRACT
    activity_type = ACTIVITY_TYPE
    year = Year("Financial year")
    units = Count("Units in the year")
    one_row_per = (contract, activity_type, year)
    checks = (Steady(units, by=(contract, activity_type), over=year, limit="unit_jump"),)


class TimeObservations(
    Table,
    name="time_observations",
    title="Time and motion study",
    purpose="One row for each observation of staff time on an activity; the mean time is the weight"
    " where cost_weights has none.",
    source="handbook 2.4.4; req 71, 81",
):
    contract = CONTRACT
    activity_type = ACTIVITY_TYPE
    observation = Code("Observation; never a name or an NHS number")
    minutes = Number("Staff minutes, weighted by pay band where that was done", within=QUANTITY)
    one_row_per = (contract, activity_type, observation)


class SignOffs(
    Table,
    name="sign_offs",
    title="Professional sense-check of weights",
    purpose="Whether care professionals find the sample representative, and that the factor"
    " observed follows total cost.",
    source="handbook 2.4.4; req 82",
):
    contract = CONTRACT
    question = Choice("Question asked", choices=WEIGHT_QUESTIONS)
    answer = YesNo("Their answer")
    signed_by = Text("Who")
    signed_on = Date("When", meaning="evidence")
    comment = Text("What they said", required=False)
    one_row_per = (contract, question)


class BenchmarkProviders(
    Table,
    name="benchmark_providers",
    title="Benchmark providers",
    purpose="Whether each benchmark provider is like the local one.",
    source="handbook 2.4.4 Fig 9; req 86",
):
    benchmark_provider = Code("Provider, as in benchmark_costs")
    similar_cost_structure = YesNo("Whether its cost structure is similar", meaning="evidence")
    similar_casemix = YesNo("Whether its casemix is similar", meaning="evidence")
    costs_reliable = YesNo("Whether its reference costs are thought reliable", meaning="evidence")
    judged_by = Text("Who judged it")
    one_row_per = (benchmark_provider,)


class ScheduleActuals(
    Table,
    name="schedule_actuals",
    title="Actual spend by service line",
    purpose="What was really spent on each service line of a block contract, to test its schedule"
    " by.",
    source="handbook 2.4.2; req 49",
):
    contract = CONTRACT
    service_line = Code("Service line", refers_to="service_lines.service_line")
    actual_spend = Pounds("Actual spend in the spend year")
    source = Text("Where it comes from")
    one_row_per = (contract, service_line)


class NationalCostQuality(
    Table,
    name="national_cost_quality",
    title="Quality of national unit costs",
    purpose="How many of the submissions behind a national unit cost are thought poor.",
    source="handbook 2.4.4; req 89",
):
    activity_type = Code("Activity type, as in national_unit_costs")
    poor_submissions = Share("Share of the submissions thought poor")
    source = Text("Who found so")
    one_row_per = (activity_type,)


TABLES = (
    ScheduleActuals,
    NationalCostQuality,
    CostDriverCandidates,
    CostingAssurance,
    ActivityProxies,
    LocalReports,
    DatasetProfiles,
    UnitCodes,
    ActivityHistory,
    TimeObservations,
    SignOffs,
    BenchmarkProviders,
)
