"""Person-level inputs, declared once: what each record holds, close to the extracts NHS analysts
keep.

Records name people by pseudonym only. Source: handbook 2.3, 2.4.5, 2.5, 2.6; req 38, 95, 102.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.tables.schema import Column, TableSpec, between

CONDITION_PREFIX = "has_"
"""A register column named has_<condition> holds true for people with the condition: one column a
condition.
"""

ATTENDANCES = ("attended", "did_not_attend", "cancelled", "unknown")
APPOINTMENT_CLASSES = ("gp", "nurse", "telephone", "other")
VALUATIONS = ("priced", "proxy_priced", "block", "appointments")


@dataclass(frozen=True)
class ActivityShape:
    """Which columns of an activity table play which part; '' where the table has no such column."""

    table: TableSpec
    person: str = "pseudonym"
    record: str = "record"
    provider: str = "provider"
    point_of_delivery: str = ""
    service_code: str = ""
    currency: str = ""
    day: str = ""
    """The date that puts the record in a year and on a list."""
    starts: str = ""
    ends: str = ""
    """First and last day of a stay or episode; both or neither."""
    units: str = "units"
    """'' counts one a record; 'days' counts the days of the episode that fall in the year."""
    attendance: str = ""

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def is_episode(self) -> bool:
        """Whether a record is an episode counted in days of the year."""
        return self.units == "days"


_RECORD = Column(
    "record", "code", "Identifier of the record, given once: a whole number, or a code"
)
_PERSON = Column(
    "pseudonym", "code", "Pseudonym of the person: a whole number or a code, never an NHS number"
)
_PROVIDER = Column("provider", "code", "Provider (ODS code)")
_UNITS = Column(
    "units", "count", "Units: spells, attendances or contacts, a whole number above nought"
)

PERSON_REGISTER = TableSpec(
    "person_register",
    "Person register",
    "One row for each stay of a person on a GP list: a person who moves practice has two rows. A"
    " column has_<condition> holds true or false.",
    (
        _PERSON,
        Column("list_code", "code", "GP list; blank for a resident with no GP"),
        Column("age", "count", "Age in years on the first day of the year", within=between(0, 120)),
        Column("sex", "choice", "Sex as recorded", choices=("f", "m", "x")),
        Column("residence", "code", "Area of residence, such as an LSOA", required=False),
        Column(
            "joined_on",
            "date",
            "First day on the list; blank where before the year",
            required=False,
        ),
        Column("left_on", "date", "Last day on the list; blank where still on it", required=False),
        Column("died_on", "date", "Date of death", required=False),
    ),
    key=("pseudonym", "joined_on"),
    source="handbook 2.4.5, 3.3.3; req 95, 96, 181",
)

ADMITTED_CARE = TableSpec(
    "admitted_care",
    "Admitted care",
    "Spells in hospital, counted in the year of discharge.",
    (
        _RECORD,
        _PERSON,
        _PROVIDER,
        Column(
            "point_of_delivery",
            "code",
            "Point of delivery, such as elective, day_case or non_elective",
        ),
        Column("treatment_function", "code", "Treatment function code (TFC)"),
        Column("hrg", "code", "Healthcare resource group (HRG)"),
        Column("admitted_on", "date", "Date of admission"),
        Column("discharged_on", "date", "Date of discharge"),
        _UNITS,
    ),
    key=("record",),
    source="handbook 2.3; req 38",
)

OUTPATIENT_CARE = TableSpec(
    "outpatient_care",
    "Outpatient care",
    "Outpatient attendances and procedures.",
    (
        _RECORD,
        _PERSON,
        _PROVIDER,
        Column(
            "point_of_delivery", "code", "Point of delivery, such as first, follow_up or procedure"
        ),
        Column(
            "treatment_function",
            "code",
            "Treatment function code (TFC); prices the attendance where there is no HRG",
        ),
        Column("hrg", "code", "HRG of a procedure", required=False),
        Column("attended_on", "date", "Date attended"),
        _UNITS,
    ),
    key=("record",),
    source="handbook 2.3; req 38",
)

EMERGENCY_CARE = TableSpec(
    "emergency_care",
    "Emergency care",
    "Attendances at emergency departments and urgent treatment centres.",
    (
        _RECORD,
        _PERSON,
        _PROVIDER,
        Column("point_of_delivery", "code", "Type of department, such as type_1 or type_3"),
        Column("hrg", "code", "HRG of the attendance"),
        Column("arrived_on", "date", "Date of arrival"),
        _UNITS,
    ),
    key=("record",),
    source="handbook 2.3; req 38",
)

COMMUNITY_CONTACTS = TableSpec(
    "community_contacts",
    "Community contacts",
    "Contacts with community services.",
    (
        _RECORD,
        _PERSON,
        _PROVIDER,
        Column("service", "code", "Service or team"),
        Column("contact_type", "code", "Kind of contact, such as home_visit, clinic or telephone"),
        Column("contact_on", "date", "Date of the contact"),
        _UNITS,
    ),
    key=("record",),
    source="handbook 2.4.3; req 64, 95",
)

MENTAL_HEALTH_CLUSTERS = TableSpec(
    "mental_health_clusters",
    "Mental health clusters",
    "Periods of care in a mental health cluster, counted in days of the year.",
    (
        _RECORD,
        _PERSON,
        _PROVIDER,
        Column("cluster", "code", "Cluster"),
        Column("started_on", "date", "First day in the cluster"),
        Column(
            "ended_on", "date", "Last day in the cluster; blank where it goes on", required=False
        ),
    ),
    key=("record",),
    source="handbook 2.4 Encompass; req 45",
)

GP_APPOINTMENTS = TableSpec(
    "gp_appointments",
    "GP appointments",
    "Appointments at practices. Only those attended carry money.",
    (
        _RECORD,
        _PERSON,
        Column("appointment_class", "code", "gp, nurse, telephone or other"),
        Column("attendance", "choice", "Whether it was attended", choices=ATTENDANCES),
        Column("appointment_on", "date", "Date of the appointment"),
    ),
    key=("record",),
    source="handbook 2.5 Tower Hamlets; req 115",
)

PERSON_CARE_PACKAGES = TableSpec(
    "person_care_packages",
    "Social care packages of people",
    "One row a package, all providers together, with the condition it supports.",
    (
        Column("package", "code", "Identifier of the package, given once"),
        _PERSON,
        Column("commissioner", "code", "Council or commissioner that pays"),
        Column("provision", "choice", "Who provides it", choices=("private", "in_house")),
        Column(
            "package_type",
            "code",
            "Kind of package, such as placement, domiciliary, personal_budget or meals",
        ),
        Column("condition", "code", "Condition the package supports", required=False),
        Column("service_line", "code", "Service line"),
        Column("funding_stream", "code", "Stream that pays"),
        Column("gross_value", "pounds", "Full-year gross value"),
        Column("client_contribution", "pounds", "Client contributions for the year"),
        Column("in_scope_share", "share", "Share of the package that is in scope"),
        Column(
            "attributable",
            "yes_no",
            "Whether the cost belongs to one person; social workers' time does not",
        ),
    ),
    key=("package",),
    source="handbook 2.6 Tower Hamlets; req 126-129",
)

RISK_SCORES = TableSpec(
    "risk_scores",
    "Risk scores of people",
    "A score that was made elsewhere, such as the risk of an emergency admission; one row a"
    " person.",
    (
        _PERSON,
        Column(
            "score",
            "number",
            "The score, the highest risk highest; a probability where calibration is to be read",
        ),
    ),
    key=("pseudonym",),
    source="Mid-Nottinghamshire article (2016); req 315",
)

OPT_OUTS = TableSpec(
    "opt_outs",
    "People who opted out",
    "Pseudonyms of people whose records may not be used; one row a person.",
    (_PERSON,),
    key=("pseudonym",),
    source="national data opt-out; req 462",
)

COMMISSIONED_ACTIVITY = TableSpec(
    "commissioned_activity",
    "What activity belongs to which contract",
    "For each provider, point of delivery and service code found in the records: its contract,"
    " service line and activity type, and how it is valued.",
    (
        Column("activity_table", "code", "Table of the records, such as admitted_care"),
        Column("provider", "code", "Provider; blank for GP appointments", required=False),
        Column(
            "point_of_delivery",
            "code",
            "Point of delivery, where the table has one",
            required=False,
        ),
        Column(
            "service_code",
            "code",
            "Treatment function, service, cluster or appointment class, where the table has one",
            required=False,
        ),
        Column("contract", "code", "Contract; for GP appointments a name for the pot"),
        Column("service_line", "code", "Service line"),
        Column("activity_type", "code", "Activity type, or point of delivery of priced activity"),
        Column(
            "valuation",
            "choice",
            "priced: current prices; proxy_priced: prices of another setting; block: a share of the"
            " contract's sum; appointments: a share of the primary care pot",
            choices=VALUATIONS,
        ),
        Column(
            "payment_part",
            "choice",
            "Priced activity: variable, or fixed (weighs the fixed part of an aligned contract)",
            required=False,
            choices=("variable", "fixed"),
        ),
    ),
    key=("activity_table", "provider", "point_of_delivery", "service_code"),
    source="handbook 2.3, 2.4.3; req 38-41, 78",
)

PROXY_SERVICES = TableSpec(
    "proxy_services",
    "Services without activity by practice",
    "A service line of a block contract whose pounds follow the recorded activity of another line"
    " of the same contract.",
    (
        Column("contract", "code", "Block contract"),
        Column("service_line", "code", "Service line with no activity by practice"),
        Column("activity_type", "code", "Activity type as contract_activity lists it"),
        Column("proxy_service_line", "code", "Service line whose activity it follows"),
        Column("reason", "text", "Why that activity stands for it"),
    ),
    key=("contract", "service_line", "activity_type"),
    source="handbook 2.4 Encompass; req 46",
)

PROVIDERS = TableSpec(
    "providers",
    "Providers",
    "Each provider's market forces factor.",
    (
        Column("provider", "code", "Provider (ODS code)"),
        Column("year", "year", "Year the factor is for"),
        Column(
            "market_forces_factor",
            "number",
            "Factor on national prices, such as 1.0523",
            within=between(0.5, 2.0),
        ),
    ),
    key=("provider", "year"),
    source="handbook 2.3; req 39",
)

SEGMENT_RULES = TableSpec(
    "segment_rules",
    "Segment rules",
    "Rules tried in order of priority; the first that a person meets gives the segment.",
    (
        Column("priority", "count", "Order, the lowest first"),
        Column("segment", "code", "Segment given"),
        Column("age_from", "count", "Youngest age, blank for any", required=False),
        Column("age_to", "count", "Oldest age, blank for any", required=False),
        Column("sex", "choice", "Blank for any", required=False, choices=("f", "m", "x")),
        Column(
            "all_of",
            "text",
            "Conditions a person must all have, with spaces between",
            required=False,
        ),
        Column("any_of", "text", "Conditions of which a person must have one", required=False),
        Column("none_of", "text", "Conditions a person must not have", required=False),
        Column("at_least", "count", "Fewest conditions in all", required=False),
    ),
    key=("priority",),
    source="handbook 3.3.3; req 181, 302",
)

ACTIVITY: tuple[ActivityShape, ...] = (
    ActivityShape(
        ADMITTED_CARE,
        point_of_delivery="point_of_delivery",
        service_code="treatment_function",
        currency="hrg",
        day="discharged_on",
        starts="admitted_on",
        ends="discharged_on",
    ),
    ActivityShape(
        OUTPATIENT_CARE,
        point_of_delivery="point_of_delivery",
        service_code="treatment_function",
        currency="hrg",
        day="attended_on",
    ),
    ActivityShape(
        EMERGENCY_CARE, point_of_delivery="point_of_delivery", currency="hrg", day="arrived_on"
    ),
    ActivityShape(
        COMMUNITY_CONTACTS,
        point_of_delivery="contact_type",
        service_code="service",
        day="contact_on",
    ),
    ActivityShape(
        MENTAL_HEALTH_CLUSTERS,
        service_code="cluster",
        day="started_on",
        starts="started_on",
        ends="ended_on",
        units="days",
    ),
    ActivityShape(
        GP_APPOINTMENTS,
        provider="",
        service_code="appointment_class",
        day="appointment_on",
        units="",
        attendance="attendance",
    ),
)
SMALL_TABLES = (COMMISSIONED_ACTIVITY, PROXY_SERVICES, PROVIDERS, SEGMENT_RULES)
PERSON_TABLES = (
    PERSON_REGISTER,
    *(shape.table for shape in ACTIVITY),
    PERSON_CARE_PACKAGES,
    RISK_SCORES,
    OPT_OUTS,
)
