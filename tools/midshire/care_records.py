"""What was agreed and recorded on primary care and council money: terms, governance, pooling,
commitments, VAT, appointments.
"""

from __future__ import annotations

from midshire.acute import SPEND_YEAR
from midshire.chance import vary
from midshire.place import COUNCIL, NORTH, SOUTH, GpList
from midshire.rows import Rows

REGULATED = {
    "PHARMA": "community_pharmacy",
    "DENTAL": "general_dental",
    "OPTOME": "community_optometry",
    "GPCORE": "primary_medical",
    "GPENHA": "primary_medical",
    "GPNOUP": "primary_medical",
}
GOVERNANCE = {
    "consent_or_legal_basis": ("met", "Legal basis recorded in the joint impact assessment"),
    "procedures_followed": ("met", "Approved by both information governance boards"),
    "safe_haven": ("met", "Held in the county's controlled environment"),
    "sharing_agreement_signed": ("met", "Agreement of 12 May 2026"),
    "timely_supply": ("met", "Supplied quarterly, within four weeks of the quarter's end"),
}
POOLED = (
    # stream, function, power, purpose set by law, kept
    ("core", "nhs_community_and_hospital", "section_75", "", None),
    ("core", "surgery_and_other_invasive_treatment", "none", "", None),
    ("primary_medical", "primary_medical", "none", "", None),
    ("specialised", "specialised", "none", "", None),
    ("pharmacy_dental_optometry", "pharmacy_dental_optometry", "none", "", None),
    ("social_care", "adult_social_care", "section_75", "", None),
    (
        "public_health",
        "council_public_health",
        "section_75",
        "public health, by the conditions of the grant",
        True,
    ),
)
COMMITTED = {
    # stream: millions of pounds by year from 2027-28
    "social_care": (58.2, 59.4, 60.0, 60.9),
    "public_health": (11.0, 11.2, 11.4),
}
KNOWN_CHANGES = {
    ("social_care", "2030-31"): "The council's savings plan is to be settled before the year",
    ("public_health", "2029-30"): "The grant is set for three years only",
}
FIRST_YEAR = 2027
CONTACTS = {
    # class: contacts a person a year, spread, part with a long-term condition, part missed
    "gp": (2.55, 0.15, 0.52, 0.045),
    "nurse": (1.30, 0.20, 0.61, 0.060),
    "telephone": (1.05, 0.30, 0.47, 0.0),
    "other": (0.85, 0.25, 0.55, 0.055),
}
RELATIVE_PRICES = {"gp": "1", "nurse": "0.45", "telephone": "0.55", "other": "0.25"}


def care_record_rows(lists: tuple[GpList, ...], rows: Rows) -> Rows:
    """Write every record on primary care and council money; service lines the law treats apart are
    marked in place.
    """
    for row in rows.tables["service_lines"]:
        row["regulated_as"] = REGULATED.get(row["service_line"], "")
    found = Rows()
    found.add(
        "primary_care_terms",
        payment_stream="out_of_area_urgent_care",
        terms="local_agreement",
        reason="Patients registered from outside their practice's area need urgent care near home",
        agreed_by="Both ICBs and Midshire Health and Care Partnership",
        agreed_on="2026-09-17",
    )
    found.add(
        "primary_care_payments",
        list_code="Z81001",
        payment_stream="local_items",
        service_line="GPENHA",
        funding_stream="primary_medical",
        value="18400.00",
        effective_year=SPEND_YEAR,
    )
    found.add(
        "primary_care_terms",
        payment_stream="local_items",
        list_code="Z81001",
        terms="local_agreement",
        reason="Hosts the wound clinic for its neighbourhood",
        agreed_by="NHS North Midshire ICB and the practice",
        agreed_on="2026-09-17",
    )
    _council_money(found)
    _appointments(found, lists)
    return found


def _council_money(found: Rows) -> None:
    for payer in (COUNCIL, NORTH, SOUTH):
        for item, (status, evidence) in GOVERNANCE.items():
            found.add(
                "information_governance",
                organisation=payer,
                item=item,
                status=status,
                evidence=evidence,
                owner="Joint information governance lead",
                checked_on="2026-10-05",
            )
    for stream, function, power, purpose, kept in POOLED:
        more = {} if kept is None else {"purpose_kept": kept}
        found.add(
            "pooled_functions",
            funding_stream=stream,
            function=function,
            power=power,
            ring_fenced_for=purpose,
            **more,
        )
    for stream, millions in COMMITTED.items():
        for number, amount in enumerate(millions):
            year = f"{FIRST_YEAR + number}-{FIRST_YEAR + number + 1 - 2000}"
            found.add(
                "council_commitments",
                commissioner=COUNCIL,
                funding_stream=stream,
                year=year,
                committed_value=f"{amount * 1_000_000:.2f}",
                known_change=KNOWN_CHANGES.get((stream, year), ""),
                in_contract=number < 2,
                source="Medium-term financial strategy, Cabinet, October 2026",
            )
    for service in ("ASCOLD", "ASCDIS"):
        found.add(
            "vat_recovery",
            service_line=service,
            holder=COUNCIL,
            holds_today=True,
            vatable_share="0.12",
            vat_rate="0.20",
            recovered_share="1",
            basis="Recovers VAT on council services, as advised in September 2026",
        )
        found.add(
            "vat_recovery",
            service_line=service,
            holder="MIDPART",
            holds_today=False,
            vatable_share="0.12",
            vat_rate="0.20",
            recovered_share="0.35",
            basis="Recovers it on contracted-out services only, as advised in September 2026",
        )


def _appointments(found: Rows, lists: tuple[GpList, ...]) -> None:
    found.add(
        "primary_care_pots",
        pot="NHSE",
        pot_kind="nhs_england_primary_care",
        value="40250000.00",
        effective_year=SPEND_YEAR,
        source="Year-end return of delegated primary medical care",
    )
    found.add(
        "primary_care_pots",
        pot="LES",
        pot_kind="local_enhanced_services",
        value="1830000.00",
        effective_year=SPEND_YEAR,
        source="Year-end return of local enhanced services",
    )
    for kind, price in RELATIVE_PRICES.items():
        found.add(
            "appointment_prices",
            appointment_class=kind,
            relative_price=price,
            judgement="Length of contact and pay band, as judged in two workshops",
            agreed_by="Both ICBs and the local medical committee",
        )
    for each in lists:
        if each.kind != "practice":
            continue
        for kind, (a_year, spread, with_condition, missed) in CONTACTS.items():
            total = round(each.people * a_year * vary(f"contacts/{kind}/{each.code}", spread))
            long_term = round(total * with_condition)
            for cohort, number in (
                ("long_term_condition", long_term),
                ("no_long_term_condition", total - long_term),
            ):
                found.add(
                    "appointments",
                    list_code=each.code,
                    cohort=cohort,
                    appointment_class=kind,
                    outcome="attended",
                    appointments=number,
                )
            if missed:
                found.add(
                    "appointments",
                    list_code=each.code,
                    appointment_class=kind,
                    outcome="did_not_attend",
                    appointments=round(total * missed),
                )
