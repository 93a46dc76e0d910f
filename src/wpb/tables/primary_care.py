"""Tables of primary care: agreed terms of payments, reference uplifts, and the cost of an
appointment.
"""

from wpb.kernel.ranges import AMOUNT, PRICE
from wpb.tables.schema import Column, TableSpec

PRIMARY_CARE_STREAMS = (
    "global_sum",
    "capitation",
    "apms",
    "cqc_fees",
    "mpig",
    "qof",
    "des",
    "enhanced_services",
    "out_of_area_urgent_care",
    "local_items",
    "premises",
    "vaccinations",
    "central_development",
    "dispensing",
)
APPOINTMENT_CLASSES = ("gp", "nurse", "telephone", "other")

PRIMARY_CARE_TERMS = TableSpec(
    "primary_care_terms",
    "Agreed terms of practice payments",
    "What was agreed on a payment stream beyond the national terms: a local variant, a local"
    " agreement, or an uplift agreed case by case.",
    (
        Column("payment_stream", "choice", "Payment stream", choices=PRIMARY_CARE_STREAMS),
        Column(
            "list_code",
            "code",
            "Practice; blank for all practices paid by the stream",
            required=False,
            refers_to="gp_lists.list_code",
        ),
        Column(
            "terms",
            "choice",
            "same_terms or local_variant for QOF and DES; local_agreement for locally agreed items;"
            " case_by_case for an uplift of premises or vaccinations",
            choices=("same_terms", "local_variant", "local_agreement", "case_by_case"),
        ),
        Column(
            "national_value",
            "pounds",
            "Local variant: what one year would earn on the national terms, for comparison",
            required=False,
        ),
        Column(
            "growth_category",
            "code",
            "Case by case: growth category that holds the agreed uplift",
            required=False,
            refers_to="growth_categories.growth_category",
        ),
        Column("reason", "text", "Why"),
        Column("agreed_by", "text", "Parties that agreed"),
        Column("agreed_on", "date", "Date agreed"),
    ),
    key=("payment_stream", "list_code"),
    source="overview 3.3.2; req 109-111",
)

REFERENCE_UPLIFTS = TableSpec(
    "reference_uplifts",
    "Uplift of primary medical care",
    "The two references that the uplift of primary medical care has regard to, and how they are"
    " weighted.",
    (
        Column(
            "growth_category",
            "code",
            "Growth category whose growth method is two_references",
            refers_to="growth_categories.growth_category",
        ),
        Column("tariff_cost_rate", "code", "Assumption: cost uplift of national prices"),
        Column(
            "tariff_efficiency_rate", "code", "Assumption: efficiency factor of national prices"
        ),
        Column("gms_pms_rate", "code", "Assumption: annual uplift of GMS and PMS contracts"),
        Column(
            "gms_pms_weight",
            "share",
            "Weight of the GMS and PMS uplift; the net tariff uplift has the rest",
        ),
        Column("rationale", "text", "Why this weight"),
        Column("agreed_by", "text", "Parties that agreed"),
    ),
    key=("growth_category",),
    source="overview 3.3.2; req 112",
)

PRIMARY_CARE_POTS = TableSpec(
    "primary_care_pots",
    "Primary care pots",
    "Money that pays for appointments: NHS England's primary care budget and the commissioner's"
    " local enhanced services, from each one's financial returns.",
    (
        Column("pot", "code", "Pot"),
        Column(
            "pot_kind",
            "choice",
            "Whose money it is",
            choices=("nhs_england_primary_care", "local_enhanced_services"),
        ),
        Column("value", "pounds", "Amount for the year", within=AMOUNT),
        Column("effective_year", "year", "Year the amount is for"),
        Column("source", "text", "Financial return it was taken from"),
    ),
    key=("pot",),
    source="handbook 2.5 Tower Hamlets; req 114",
)

APPOINTMENTS = TableSpec(
    "appointments",
    "Appointments",
    "Appointments at practices, by class, outcome and cohort; only attended ones are costed.",
    (
        Column("list_code", "code", "Practice", refers_to="gp_lists.list_code"),
        Column(
            "cohort",
            "code",
            "Cohort of patients, such as a condition band; blank where it is not known",
            required=False,
        ),
        Column(
            "appointment_class",
            "choice",
            "With whom, or how; other: healthcare assistants and non-clinical staff",
            choices=APPOINTMENT_CLASSES,
        ),
        Column(
            "outcome",
            "choice",
            "attended; did_not_attend; anomaly: a record that can't be right",
            choices=("attended", "did_not_attend", "anomaly"),
        ),
        Column("appointments", "count", "Number in the year"),
    ),
    key=("list_code", "cohort", "appointment_class", "outcome"),
    source="handbook 2.5 Tower Hamlets; req 115",
)

APPOINTMENT_PRICES = TableSpec(
    "appointment_prices",
    "Relative price of appointments",
    "What one appointment of each class costs beside a GP appointment, by local judgement.",
    (
        Column("appointment_class", "choice", "Class of appointment", choices=APPOINTMENT_CLASSES),
        Column(
            "relative_price",
            "count",
            "Price beside a GP appointment, such as 0.6; 1 for a GP appointment",
            within=PRICE,
        ),
        Column("judgement", "text", "What the judgement rests on"),
        Column("agreed_by", "text", "Who was party to it, the commissioner among them"),
    ),
    key=("appointment_class",),
    source="handbook 2.5 Tower Hamlets; req 117",
)

TABLES = (
    PRIMARY_CARE_TERMS,
    REFERENCE_UPLIFTS,
    PRIMARY_CARE_POTS,
    APPOINTMENTS,
    APPOINTMENT_PRICES,
)
