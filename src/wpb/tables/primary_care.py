"""Tables of primary care: agreed terms of payments, reference uplifts, and the cost of an
appointment.
"""

from wpb.kernel.ranges import AMOUNT, PRICE
from wpb.tables.declared import Choice, Code, Count, Date, Pounds, Share, Table, Text, Year

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


class PrimaryCareTerms(
    Table,
    name="primary_care_terms",
    title="Agreed terms of practice payments",
    purpose="What was agreed on a payment stream beyond the national terms: a local variant, a"
    " local agreement, or an uplift agreed case by case.",
    source="overview 3.3.2; req 109-111",
):
    payment_stream = Choice("Payment stream", choices=PRIMARY_CARE_STREAMS)
    list_code = Code(
        "Practice; blank for all practices paid by the stream",
        required=False,
        refers_to="gp_lists.list_code",
    )
    terms = Choice(
        "same_terms or local_variant for QOF and DES; local_agreement for locally agreed items;"
        " case_by_case for an uplift of premises or vaccinations",
        choices=("same_terms", "local_variant", "local_agreement", "case_by_case"),
    )
    national_value = Pounds(
        "Local variant: what one year would earn on the national terms, for comparison",
        required=False,
    )
    growth_category = Code(
        "Case by case: growth category that holds the agreed uplift",
        required=False,
        refers_to="growth_categories.growth_category",
    )
    reason = Text("Why")
    agreed_by = Text("Parties that agreed")
    agreed_on = Date("Date agreed", meaning="evidence")
    one_row_per = (payment_stream, list_code)


class ReferenceUplifts(
    Table,
    name="reference_uplifts",
    title="Uplift of primary medical care",
    purpose="The two references that the uplift of primary medical care has regard to, and how they"
    " are weighted.",
    source="overview 3.3.2; req 112",
):
    growth_category = Code(
        "Growth category whose growth method is two_references",
        refers_to="growth_categories.growth_category",
    )
    tariff_cost_rate = Code("Assumption: cost uplift of national prices")
    tariff_efficiency_rate = Code("Assumption: efficiency factor of national prices")
    gms_pms_rate = Code("Assumption: annual uplift of GMS and PMS contracts")
    gms_pms_weight = Share("Weight of the GMS and PMS uplift; the net tariff uplift has the rest")
    rationale = Text("Why this weight")
    agreed_by = Text("Parties that agreed")
    one_row_per = (growth_category,)


class PrimaryCarePots(
    Table,
    name="primary_care_pots",
    title="Primary care pots",
    purpose="Money that pays for appointments: NHS England's primary care budget and the"
    " commissioner's local enhanced services, from each one's financial returns.",
    source="handbook 2.5 Tower Hamlets; req 114",
):
    pot = Code("Pot")
    pot_kind = Choice(
        "Whose money it is",
        choices=("nhs_england_primary_care", "local_enhanced_services"),
        meaning="evidence",
    )
    value = Pounds("Amount for the year", within=AMOUNT)
    effective_year = Year("Year the amount is for")
    source = Text("Financial return it was taken from")
    one_row_per = (pot,)


class Appointments(
    Table,
    name="appointments",
    title="Appointments",
    purpose="Appointments at practices, by class, outcome and cohort; only attended ones are"
    " costed.",
    source="handbook 2.5 Tower Hamlets; req 115",
):
    list_code = Code("Practice", refers_to="gp_lists.list_code")
    cohort = Code(
        "Cohort of patients, such as a condition band; blank where it is not known", required=False
    )
    appointment_class = Choice(
        "With whom, or how; other: healthcare assistants and non-clinical staff",
        choices=APPOINTMENT_CLASSES,
    )
    outcome = Choice(
        "attended; did_not_attend; anomaly: a record that can't be right",
        choices=("attended", "did_not_attend", "anomaly"),
    )
    appointments = Count("Number in the year")
    one_row_per = (list_code, cohort, appointment_class, outcome)


class AppointmentPrices(
    Table,
    name="appointment_prices",
    title="Relative price of appointments",
    purpose="What one appointment of each class costs beside a GP appointment, by local judgement.",
    source="handbook 2.5 Tower Hamlets; req 117",
):
    appointment_class = Choice("Class of appointment", choices=APPOINTMENT_CLASSES)
    relative_price = Count(
        "Price beside a GP appointment, such as 0.6; 1 for a GP appointment", within=PRICE
    )
    judgement = Text("What the judgement rests on")
    agreed_by = Text("Who was party to it, the commissioner among them")
    one_row_per = (appointment_class,)


TABLES = (
    PrimaryCareTerms,
    ReferenceUplifts,
    PrimaryCarePots,
    Appointments,
    AppointmentPrices,
)
