"""Whether practice payments, their agreed terms, reference uplifts and appointments are what the
guidance allows.
"""

from __future__ import annotations

import math

from wpb.tables.checks.context import Context, across
from wpb.tables.forecasting import GrowthCategories
from wpb.tables.population import ServiceLines
from wpb.tables.primary_care import (
    AppointmentPrices,
    Appointments,
    PrimaryCarePots,
    PrimaryCareTerms,
    ReferenceUplifts,
)
from wpb.tables.spend import DirectSpend

INCENTIVES = ("qof", "des")
LOCAL_ITEMS = ("out_of_area_urgent_care", "local_items")
CASE_BY_CASE = ("premises", "vaccinations")
ALLOWED_TERMS = {
    **dict.fromkeys(INCENTIVES, ("same_terms", "local_variant")),
    **dict.fromkeys(LOCAL_ITEMS, ("local_agreement",)),
    **dict.fromkeys(CASE_BY_CASE, ("case_by_case",)),
}
WHY_NONE = {
    "dispensing": (
        "The law does not let dispensing doctors' payments be pooled (handbook 2.5), so no terms"
        " can bring them in."
    ),
    "central_development": (
        "Funding that is pooled centrally and applied for never enters the budget (handbook 2.5,"
        " 3.3.1), so it has no terms here."
    ),
}
NON_MEDICAL = ("community_pharmacy", "general_dental", "community_optometry")


@across
def check_terms(context: Context) -> None:
    """Terms fit their stream: QOF and DES keep the same terms or a local variant, local items are
    agreed, uplifts are case by case.

    Source: handbook 2.5; overview 3.3.2; req 106, 107, 108, 109, 110, 111.
    """
    table = PrimaryCareTerms.of(context)
    national = table.national_value
    for row, (stream, terms) in enumerate(zip(table.payment_stream, table.terms, strict=True)):
        category = PrimaryCareTerms.of(context).growth_category[row]
        if stream in WHY_NONE:
            context.error(
                PrimaryCareTerms,
                row,
                PrimaryCareTerms.payment_stream,
                WHY_NONE[stream],
                "Take the row out.",
                "terms_barred",
            )
        elif stream and stream not in ALLOWED_TERMS:
            context.error(
                PrimaryCareTerms,
                row,
                PrimaryCareTerms.payment_stream,
                f"{stream.replace('_', ' ')} moves with how the practice takes part, so it has no"
                " terms of its own.",
                "Take the row out, or change the practice's participation in gp_lists.",
                "terms_unused",
            )
        elif stream and terms and terms not in ALLOWED_TERMS[stream]:
            context.error(
                PrimaryCareTerms,
                row,
                PrimaryCareTerms.terms,
                f"{stream.replace('_', ' ')} can't be on the terms {terms.replace('_', ' ')}.",
                f"Enter {' or '.join(ALLOWED_TERMS[stream])}.",
                "terms_wrong",
            )
        elif terms == "case_by_case" and not category:
            context.error(
                PrimaryCareTerms,
                row,
                PrimaryCareTerms.growth_category,
                "An uplift agreed case by case needs the growth category that holds it.",
                "Enter a growth category whose rate is the agreed one; without a row there is no"
                " uplift.",
                "blank",
            )
        elif category and terms != "case_by_case":
            context.error(
                PrimaryCareTerms,
                row,
                PrimaryCareTerms.growth_category,
                "Only premises and vaccinations have an uplift agreed case by case.",
                "Clear the cell.",
                "terms_unused",
            )
        elif terms == "local_variant" and math.isnan(national[row]):
            context.log.warning(
                table.cell(row, PrimaryCareTerms.national_value),
                "A local variant is agreed, and what the national terms would pay is not entered.",
                "Enter it, so that a reader sees what the variant is worth.",
                "national_value_missing",
            )


@across
def check_reference_uplifts(context: Context) -> None:
    """Each growth category with two references has both, weighted with a rationale, and no second
    efficiency on top.

    Source: overview 3.3.2; req 112.
    """
    if not context.readable("growth_categories", "reference_uplifts"):
        return
    table, categories = ReferenceUplifts.of(context), GrowthCategories.of(context)
    methods = dict(zip(categories.growth_category, categories.growth_method, strict=True))
    given = set(table.growth_category)
    for row, code in enumerate(categories.growth_category):
        if methods[code] == "two_references" and code not in given:
            context.error(
                GrowthCategories,
                row,
                GrowthCategories.growth_method,
                f"The category '{code}' takes two references, and reference_uplifts has no row"
                " for it.",
                "Add its row: both rates, the weight and why.",
                "references_missing",
            )
        if methods[code] == "two_references" and GrowthCategories.of(context).efficiency_rate[row]:
            context.error(
                GrowthCategories,
                row,
                GrowthCategories.efficiency_rate,
                "The net tariff uplift already takes the efficiency factor off, so this would take"
                " it twice.",
                "Clear the cell.",
                "rate_twice",
            )
    weights = table.gms_pms_weight
    for row, code in enumerate(table.growth_category):
        if code in methods and methods[code] != "two_references":
            context.error(
                ReferenceUplifts,
                row,
                ReferenceUplifts.growth_category,
                f"The growth method of '{code}' is {methods[code]}, so these references are not"
                " used.",
                "Set its growth_method to two_references, or take the row out.",
                "references_unused",
            )
        elif weights[row] in (0.0, 1.0):
            left_out = "GMS and PMS uplift" if weights[row] == 0.0 else "net tariff uplift"
            context.log.warning(
                table.cell(row, ReferenceUplifts.gms_pms_weight),
                f"The weight gives the {left_out} no part, and regard is to be had to both.",
                "Say in the rationale how regard was had to it, or change the weight.",
                "one_reference",
            )


@across
def check_appointments(context: Context) -> None:
    """Appointments have a pot and a relative price for each class; a GP appointment is 1 and no
    other class dearer.

    Source: handbook 2.5 Tower Hamlets; req 114, 117.
    """
    appointments, prices = Appointments.of(context), AppointmentPrices.of(context)
    if not context.readable("appointments", "appointment_prices", "primary_care_pots"):
        return
    if len(appointments) and not len(PrimaryCarePots.of(context)):
        context.error(
            Appointments,
            0,
            Appointments.appointments,
            "There are appointments, and no money that pays for them.",
            "Fill in primary_care_pots.",
            "pot_missing",
        )
    priced = set(prices.appointment_class)
    for row, (kind, outcome) in enumerate(
        zip(appointments.appointment_class, appointments.outcome, strict=True)
    ):
        if kind and outcome == "attended" and kind not in priced:
            context.error(
                Appointments,
                row,
                Appointments.appointment_class,
                f"The class '{kind}' has no relative price.",
                "Add its row to appointment_prices.",
                "appointment_price_missing",
            )
            priced.add(kind)
    values = prices.relative_price
    for row, kind in enumerate(prices.appointment_class):
        if kind == "gp" and values[row] != 1.0:
            context.error(
                AppointmentPrices,
                row,
                AppointmentPrices.relative_price,
                "Prices are given beside a GP appointment, whose own is 1.",
                "Enter 1, and the other classes as parts of it.",
                "relative_price_base",
            )
        elif kind != "gp" and values[row] > 1.0:
            context.log.warning(
                prices.cell(row, AppointmentPrices.relative_price),
                f"An appointment of the class '{kind}' is dearer than one with a GP.",
                "Check that the price stands beside a GP appointment's.",
                "relative_price_high",
            )


@across
def check_non_medical_allocations(context: Context) -> None:
    """Warn where pharmacy, dental or optometry spend grows with an allocation alone: those by area
    are not robust.

    Source: handbook fn 42; req 124.
    """
    services = dict(
        zip(
            ServiceLines.of(context).service_line,
            ServiceLines.of(context).regulated_as,
            strict=True,
        )
    )
    routes = context.settings.forecast_routes
    reported: set[str] = set()
    for row, (service, stream) in enumerate(
        zip(
            DirectSpend.of(context).service_line,
            DirectSpend.of(context).funding_stream,
            strict=True,
        )
    ):
        if (
            services.get(service) in NON_MEDICAL
            and stream in routes
            and routes[stream].option == "allocation_growth"
            and stream not in reported
        ):
            reported.add(stream)
            context.log.warning(
                DirectSpend.of(context).cell(row, DirectSpend.funding_stream),
                f"The stream '{stream}' pays for {services[service].replace('_', ' ')} and grows"
                " with its allocation alone; such allocations are not robust for one area"
                " (handbook, footnote 42).",
                "Use national assumptions for it, or set other evidence beside the allocation.",
                "non_medical_allocation",
            )
