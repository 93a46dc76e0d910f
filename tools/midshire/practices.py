"""What practices are paid, and care packages of people on their lists."""

from __future__ import annotations

import hashlib

from midshire.acute import SPEND_YEAR
from midshire.chance import SEED, as_pounds, chance, vary
from midshire.place import COUNCIL, GpList
from midshire.rows import Rows

SERVICE_OF_STREAM = {
    "global_sum": "GPCORE",
    "capitation": "GPCORE",
    "apms": "GPCORE",
    "cqc_fees": "GPCORE",
    "mpig": "GPCORE",
    "qof": "GPCORE",
    "des": "GPENHA",
    "enhanced_services": "GPENHA",
    "out_of_area_urgent_care": "GPENHA",
    "central_development": "GPENHA",
    "premises": "GPNOUP",
    "vaccinations": "GPNOUP",
    "dispensing": "PRESCR",
}
CORE_PER_WEIGHTED_PATIENT = {"global_sum": 124.62, "capitation": 127.40, "apms": 140.15}
PER_PATIENT = {
    # payment stream: pounds per patient, spread
    "qof": (13.35, 0.10),
    "des": (23.10, 0.12),
    "enhanced_services": (6.25, 0.28),
    "premises": (13.60, 0.45),
    "vaccinations": (8.90, 0.16),
}
PROTECTED_INCOME = {"Z81003": 9_412.0, "Z81023": 14_266.0, "Z81034": 6_050.0}
CENTRAL_DEVELOPMENT_FROM = 0.30
"""Practices whose chance lies above this were given central development money."""


def practice_payments(each: GpList, weighted: float) -> dict[str, float]:
    """Give one practice's payments by stream, in pounds; weighted: its final primary medical care
    population.
    """
    paid = {each.gp_contract: CORE_PER_WEIGHTED_PATIENT[each.gp_contract] * weighted}
    paid["cqc_fees"] = 1_450.0 + 0.62 * each.people
    if each.code in PROTECTED_INCOME:
        paid["mpig"] = PROTECTED_INCOME[each.code]
    for stream, (per_patient, spread) in PER_PATIENT.items():
        paid[stream] = per_patient * each.people * vary(f"{stream}/{each.code}", spread)
    if each.participation == "full":
        paid["out_of_area_urgent_care"] = 0.36 * each.people * vary(f"urgent/{each.code}", 0.4)
    if chance(f"development/{each.code}") > CENTRAL_DEVELOPMENT_FROM:
        paid["central_development"] = 1.85 * each.people * vary(f"development/{each.code}", 0.5)
    if each.rural >= 0.6 and chance(f"dispensing/{each.code}") > 0.45:
        paid["dispensing"] = 57.0 * each.people * (0.25 + 0.35 * chance(f"dispensed/{each.code}"))
    return paid


def practice_rows(lists: tuple[GpList, ...], place: Rows) -> Rows:
    """Write every practice's payments by stream."""
    rows = Rows()
    for each in lists:
        if each.kind != "practice":
            continue
        weighted = float(
            place.where("list_weights", list_code=each.code, need="primary_medical_care")[0][
                "weighted_population"
            ]
        )
        for stream, pounds in practice_payments(each, weighted).items():
            rows.add(
                "primary_care_payments",
                list_code=each.code,
                payment_stream=stream,
                service_line=SERVICE_OF_STREAM[stream],
                funding_stream=(
                    "core" if stream in ("enhanced_services", "dispensing") else "primary_medical"
                ),
                value=as_pounds(round(pounds * 100)),
                effective_year=SPEND_YEAR,
            )
    return rows


PACKAGES = (
    # kind, service line, pays, gross pounds per patient, lean, client contributions, share in
    # scope, practices that have some
    ("residential care, older people", "ASCOLD", COUNCIL, 75.0, (1.8, 0.1, 0.0), 0.31, 0.70, 0.97),
    ("nursing care, older people", "ASCOLD", COUNCIL, 43.0, (1.9, 0.1, 0.0), 0.27, 0.85, 0.93),
    ("home care, older people", "ASCOLD", COUNCIL, 49.0, (1.7, 0.4, 0.0), 0.14, 1.0, 1.0),
    ("supported living", "ASCDIS", COUNCIL, 56.0, (0.0, 0.7, 0.0), 0.04, 0.75, 0.90),
    (
        "day and home support, working age",
        "ASCDIS",
        COUNCIL,
        24.0,
        (0.0, 0.8, 0.0),
        0.05,
        1.0,
        0.72,
    ),
    ("direct payments", "ASCPBS", COUNCIL, 26.0, (0.2, 0.3, 0.0), 0.06, 0.0, 0.78),
    ("continuing healthcare", "CONTIN", "", 36.0, (1.5, 0.1, 0.0), 0.0, 1.0, 0.95),
    ("section 117 aftercare", "CONTIN", "", 11.0, (-0.1, 1.0, 0.0), 0.0, 1.0, 0.45),
)


def package_rows(lists: tuple[GpList, ...]) -> Rows:
    """Write groups of care packages by practice; a group's code says nothing of who is in it."""
    rows = Rows()
    for kind, line, payer, per_patient, leans, contributions, in_scope, frequency in PACKAGES:
        for each in lists:
            if each.kind != "practice" or chance(f"package/{kind}/{each.code}") > frequency:
                continue
            gross = round(
                per_patient
                / frequency
                * each.leaning(*leans)
                * vary(f"gross/{kind}/{each.code}", 0.35)
                * 100
            )
            paid_by_clients = round(
                gross * contributions * vary(f"clients/{kind}/{each.code}", 0.2)
            )
            rows.add(
                "care_packages",
                package=_pseudonym(kind, each.code),
                commissioner=payer or each.commissioner,
                service_line=line,
                list_code=each.code,
                funding_stream="social_care" if payer else "core",
                gross_value=as_pounds(gross),
                client_contribution=as_pounds(paid_by_clients),
                in_scope_share=f"{in_scope:.2f}",
                effective_year=SPEND_YEAR,
            )
    return rows


def _pseudonym(kind: str, list_code: str) -> str:
    return "PK" + hashlib.sha256(f"{SEED}/{kind}/{list_code}".encode()).hexdigest()[:8].upper()
