"""Midshire's contract through its first three years: counts, events, payments, and what was
published since.
"""

from __future__ import annotations

import datetime

from midshire.chance import as_pounds, share_out, vary
from midshire.incentives import AGREED as AGREED_SCHEME
from midshire.incentives import incentive_rows
from midshire.place import COMMUNITY, COUNCIL, EASTVALE, LEAD, MENTAL, NORTH, ROYAL, SOUTH, GpList
from midshire.rows import Rows

YEARS = tuple(f"{start}-{(start + 1) % 100:02d}" for start in range(2027, 2037))
AGREED = "2027-03-15"
STARTS, ENDS = "2027-04-01", "2037-03-31"
PROFILE = {
    "04": 0.0845,
    "05": 0.0830,
    "06": 0.0830,
    "07": 0.0830,
    "08": 0.0825,
    "09": 0.0825,
    "10": 0.0830,
    "11": 0.0835,
    "12": 0.0840,
    "01": 0.0845,
    "02": 0.0830,
    "03": 0.0835,
}
TYPES = {
    # type: share of people, lean to older, deprived, young; value of a person in 2027-28 by stream;
    # people behind the value
    "child": (
        0.205,
        0.0,
        0.0,
        1.2,
        {"core": 410, "primary_medical": 104, "social_care": 38, "public_health": 58},
        21_400,
    ),
    "adult_well": (
        0.465,
        -0.3,
        -0.2,
        0.0,
        {"core": 330, "primary_medical": 112, "social_care": 26, "public_health": 24},
        48_900,
    ),
    "long_term": (
        0.222,
        0.7,
        0.3,
        0.0,
        {"core": 1_120, "primary_medical": 186, "social_care": 148, "public_health": 27},
        23_100,
    ),
    "complex": (
        0.074,
        1.0,
        0.5,
        0.0,
        {"core": 3_180, "primary_medical": 305, "social_care": 860, "public_health": 29},
        7_700,
    ),
    "frail": (
        0.034,
        1.9,
        0.3,
        0.0,
        {"core": 5_900, "primary_medical": 410, "social_care": 3_650, "public_health": 29},
        940,
    ),
}
MERGED, INTO, MERGED_ON = "Z81013", "Z81012", "2028-01-01"
OPENED, OPENED_ON = "Z81041", "2029-07-01"
JOINED, JOINED_ON = "Z81011", "2029-04-01"
REACTIVATED = "Z81008"
COUNTS = [
    f"{year}-{month}-01"
    for year, months in (
        (2027, ("07", "10")),
        (2028, ("01", "04", "07", "10")),
        (2029, ("01", "04", "07", "10")),
        (2030, ("01",)),
    )
    for month in months
]
PARTNERS = {COMMUNITY: 0.15, MENTAL: 0.10, EASTVALE: 0.10, ROYAL: 0.15, "HOSP": 0.0, "GPFED": 0.0}


def contract_rows(lists: tuple[GpList, ...]) -> Rows:
    """Write every table of the live contract as rows."""
    rows = Rows()
    _terms(rows)
    _events(rows)
    _people(rows, lists)
    _values(rows)
    _practices(rows, lists)
    _beside(rows)
    incentive_rows(rows)
    _partners(rows, lists)
    _outside(rows)
    _watching(rows)
    return rows


def _terms(rows: Rows) -> None:
    rows.add(
        "contract_terms",
        contract="MIDPART-WPC",
        starts_on=STARTS,
        ends_on=ENDS,
        legal_regime="provider_selection_2023",
        advertised_change_limit=0.15,
        too_small_share=0.0005,
        review_share=0.03,
        fixed_years=3,
        update_frequency="quarterly",
        update_mode="transition",
        value_method="type_values",
        thin_types="blend",
        full_credibility_people=1082,
        in_year_rule="remaining_months",
        notice_days=10,
        outside_providers="lead_pays",
    )
    for month, share in PROFILE.items():
        rows.add("instalment_profile", month=month, share=f"{share:.4f}")
    for commissioner, amount in ((NORTH, 1_600_000), (SOUTH, 1_200_000), (COUNCIL, 700_000)):
        for position, year in enumerate(YEARS):
            rows.add(
                "contingencies",
                commissioner=commissioner,
                year=year,
                amount=as_pounds(round(amount * 1.02**position) * 100),
            )


def _event(
    rows: Rows, code: str, kind: str, effective: str, known: str, reason: str, **more: str | float
) -> None:
    rows.add(
        "contract_events",
        event=code,
        event_kind=kind,
        effective_on=effective,
        known_on=known,
        reason=reason,
        **more,
    )


def _events(rows: Rows) -> None:
    both = "Contract management board"
    _event(
        rows,
        "A01",
        "agreement",
        STARTS,
        AGREED,
        "Contract signed",
        agreed_by="QZN, QZS, MCC and MIDPART",
    )
    for number, day in enumerate(COUNTS, start=1):
        known = f"{day[:8]}{'26' if number % 3 else '24'}"
        _event(
            rows,
            f"U{number:02d}",
            "population_update",
            day,
            known,
            f"Registered lists of {datetime.date.fromisoformat(day):%-d %B %Y}",
            agreed_by=both,
        )
    _event(
        rows,
        "R01",
        "reactivation",
        "2028-07-01",
        "2028-05-10",
        "Weir Cottage Surgery takes up its own contract again",
        list_code=REACTIVATED,
        agreed_by=both,
    )
    _event(
        rows,
        "J01",
        "joining",
        JOINED_ON,
        "2029-02-06",
        "Harrow Vale Practice joins, its patients with it",
        list_code=JOINED,
        agreed_by=both,
    )
    _event(
        rows,
        "S01",
        "scope_change",
        "2029-10-01",
        "2029-06-18",
        "Eye clinics join the contract",
        service_line="OPHTH-OP",
        direction="joins",
        agreed_by=both,
    )
    _event(
        rows,
        "C01",
        "correction",
        "2028-01-01",
        "2028-06-12",
        "Tannery Road counted twice the students of one hall",
        refers_to="U03",
        agreed_by=both,
    )
    _event(
        rows,
        "P01",
        "re_opener",
        "2029-04-01",
        "2029-02-05",
        "Prices rise faster than forecast",
        refers_to="INFLATION",
        accepted_share=1,
        agreed_by=both,
    )
    _event(
        rows,
        "P02",
        "periodic_agreement",
        "2030-04-01",
        "2030-02-20",
        "First reset: what the care model was seen to save",
        accepted_share=0.6,
        agreed_by=both,
    )
    _event(
        rows,
        "L01",
        "allocation_change",
        "2029-04-01",
        "2029-01-15",
        "Allocations for 2029-30 came out lower than indicated",
    )
    _event(
        rows,
        "D01",
        "dispute",
        "2028-11-05",
        "2028-11-05",
        "The holder disputes what left with Weir Cottage Surgery",
        refers_to="R01",
    )
    _event(
        rows,
        "D02",
        "payment",
        "2029-03-01",
        "2029-02-20",
        "Dispute D01 settled",
        refers_to="D01",
        party=NORTH,
        counterparty=LEAD,
        amount="86500.00",
        agreed_by="Expert determination",
    )
    _event(
        rows,
        "F01",
        "payment",
        "2028-02-01",
        "2028-01-10",
        "Support for fixed costs while outpatients move",
        party=SOUTH,
        counterparty=EASTVALE,
        amount="240000.00",
        agreed_by=both,
    )
    _event(
        rows,
        "G01",
        "payment",
        "2028-09-01",
        "2028-08-22",
        "Gain share for 2027-28",
        refers_to="gain_loss",
        party=NORTH,
        counterparty=LEAD,
        amount="412750.35",
        agreed_by=both,
    )
    _event(
        rows,
        "N02",
        "succession",
        MERGED_ON,
        "2027-12-06",
        "Heather Bank Surgery merges into Brindlemoor Medical Centre",
        party=MERGED,
        counterparty=INTO,
        agreed_by=both,
    )
    _event(
        rows,
        "N01",
        "succession",
        "2029-04-01",
        "2029-03-02",
        "Care home rounds pass to the community trust",
        party="GPFED",
        counterparty=COMMUNITY,
        agreed_by=both,
    )
    for factor, kind, key, threshold, inside, clear, criteria in (
        (
            "INFLATION",
            "inflation",
            "local.cost_uplift.hchs",
            0.005,
            True,
            True,
            "A published rate more than half a point away from the one agreed is taken in full",
        ),
        (
            "CAREMODEL",
            "impact_of_model",
            "local.efficiency.acute",
            0.001,
            False,
            False,
            "Observed efficiency over the last two years, shared as the board decides",
        ),
    ):
        rows.add(
            "periodic_factors",
            factor=factor,
            factor_kind=kind,
            assumption=key,
            threshold=threshold,
            opens_inside_fixed_period=inside,
            unambiguous=clear,
            criteria=criteria,
        )
    for event, factor, year, value, published, source in (
        (
            "P01",
            "INFLATION",
            "2029-30",
            0.0390,
            "2029-01-22",
            "Payment scheme 2029-30 (fictitious)",
        ),
        (
            "P01",
            "INFLATION",
            "2030-31",
            0.0262,
            "2029-01-22",
            "Payment scheme 2029-30 (fictitious)",
        ),
        (
            "P02",
            "CAREMODEL",
            "2030-31",
            0.0205,
            "2030-02-02",
            "Efficiency review, January 2030 (fictitious)",
        ),
        (
            "P02",
            "CAREMODEL",
            "2031-32",
            0.0195,
            "2030-02-02",
            "Efficiency review, January 2030 (fictitious)",
        ),
    ):
        rows.add(
            "periodic_evidence",
            event=event,
            factor=factor,
            year=year,
            new_value=f"{value:.4f}",
            published_on=published,
            source=source,
        )


def _by_type(each: GpList, people: int, day: str) -> dict[str, int]:
    weights = {}
    for kind, (share, older, deprived, young, _, _) in TYPES.items():
        lean = (
            (1 + older * (each.older - 1))
            * (1 + deprived * (each.deprived - 1))
            * (1 + young * (each.young - 1))
        )
        weights[kind] = (
            share
            * max(lean, 0.1)
            * vary(f"{each.code}/{kind}", 0.06)
            * (vary(f"{each.code}/{kind}/{day}", 0.006) if day else 1.0)
        )
    return share_out(people, weights)


def _people(rows: Rows, lists: tuple[GpList, ...]) -> None:
    inside = [
        each
        for each in lists
        if each.kind == "practice" and (each.participation != "none" or each.code == JOINED)
    ]
    for year in range(2027, 2031):
        for each in inside:
            for kind, people in _by_type(
                each, round(each.people * 1.0042 ** (year - 2026)), ""
            ).items():
                rows.add(
                    "population_counts",
                    basis="planned",
                    count_date=f"{year}-04-01",
                    list_code=each.code,
                    patient_type=kind,
                    people=people,
                    known_on="2026-11-20",
                )
    for day in COUNTS:
        _count(rows, inside, day)
    for people, kind in ((2_040, "child"), (4_412, "adult_well")):
        rows.add(
            "population_counts",
            basis="registered",
            count_date="2028-01-01",
            list_code="Z81025",
            patient_type=kind,
            people=people,
            known_on="2028-06-12",
        )
    rows.add(
        "list_totals",
        count_date="2028-01-01",
        list_code="Z81025",
        people=_corrected_total(rows),
        known_on="2028-06-12",
    )
    rows.add(
        "list_changes",
        list_code=MERGED,
        change="merged",
        successor=INTO,
        share=1,
        effective_on=MERGED_ON,
    )
    rows.add(
        "list_changes",
        list_code=OPENED,
        change="opened",
        share=1,
        effective_on=OPENED_ON,
        commissioner=NORTH,
        participation="partial",
    )
    for day, code, cause, kind, to, people in (
        ("2027-10-01", "Z81001", "avoidable_deterioration", "long_term", "complex", 14),
        ("2028-01-01", "Z81015", "case_finding", "adult_well", "long_term", 63),
        ("2028-04-01", "Z81025", "patient_choice", "adult_well", "", 118),
        ("2028-10-01", "Z81026", "patient_choice", "long_term", "", -41),
        ("2029-04-01", "Z81030", "health_improvement", "complex", "long_term", 9),
    ):
        rows.add(
            "patient_movements",
            count_date=day,
            list_code=code,
            cause=cause,
            patient_type=kind,
            to_type=to,
            people=people,
        )


def _count(rows: Rows, inside: list[GpList], day: str) -> None:
    since = (datetime.date.fromisoformat(day) - datetime.date(2026, 4, 1)).days / 365.25
    known = f"{day[:8]}15"
    found: dict[str, dict[str, int]] = {}
    for each in inside:
        people = round(
            each.people
            * 1.0042**since
            * (1 + 0.011 * (vary(f"{each.code}/drift", 1.0) - 0.92) * min(since, 3.0))
        )
        found[each.code] = _by_type(each, people, day)
    if day >= MERGED_ON:
        gone = found.pop(MERGED)
        found[INTO] = {kind: people + gone[kind] for kind, people in found[INTO].items()}
    if day >= OPENED_ON:
        found[OPENED] = share_out(
            1_350 if day == OPENED_ON else 2_270,
            {kind: share for kind, (share, *_) in TYPES.items()},
        )
    for code, by_type in sorted(found.items()):
        for kind, people in by_type.items():
            rows.add(
                "population_counts",
                basis="registered",
                count_date=day,
                list_code=code,
                patient_type=kind,
                people=people,
                known_on=known,
            )
        rows.add(
            "list_totals",
            count_date=day,
            list_code=code,
            people=sum(by_type.values()),
            known_on=known,
        )


def _corrected_total(rows: Rows) -> int:
    latest: dict[str, int] = {}
    for row in sorted(
        rows.where(
            "population_counts", basis="registered", count_date="2028-01-01", list_code="Z81025"
        ),
        key=lambda row: row["known_on"],
    ):
        latest[row["patient_type"]] = int(row["people"])
    return sum(latest.values())


def _values(rows: Rows) -> None:
    for kind, (_, _, _, _, by_stream, behind) in TYPES.items():
        for stream, pounds in by_stream.items():
            for position, year in enumerate(YEARS):
                growth = 1.021 if stream in ("social_care", "public_health") else 1.029
                rows.add(
                    "type_values",
                    patient_type=kind,
                    funding_stream=stream,
                    year=year,
                    value=as_pounds(round(pounds * growth**position * 100)),
                    people_behind=behind,
                    agreed_on="2027-02-26",
                    source="Midshire linked records, 2025-26",
                )


def _practices(rows: Rows, lists: tuple[GpList, ...]) -> None:
    for each in lists:
        if each.kind != "practice" or (each.participation == "none" and each.code != JOINED):
            continue
        full = each.participation == "full"
        if each.participation != "none":
            rows.add(
                "gp_roles",
                list_code=each.code,
                role="subcontractor" if full else "none",
                own_contract=(
                    ("terminated" if each.gp_contract == "apms" else "suspended")
                    if full
                    else "continues"
                ),
            )
        if full or each.code == JOINED:
            more = (
                {"replacement_stream": "core", "replacement_cost": "1010.00"}
                if each.code == JOINED
                else {}
            )
            rows.add(
                "practice_terms",
                list_code=each.code,
                terms_from=STARTS,
                permitted_points="quarter",
                funding_stream="primary_medical",
                weighted_funding="131.40",
                **more,
            )


def _beside(rows: Rows) -> None:
    for position, year in enumerate(YEARS):
        done = {"settled_on": ("2028-07-14", "2029-07-13")[position]} if position < 2 else {}
        rows.add(
            "incentive_choices",
            year=year,
            scheme="OUTCOMES",
            treatment="top_sliced",
            rate=0.015,
            parts="part_a",
            basis=AGREED_SCHEME,
            **done,
        )
        if position >= 2:
            rows.add(
                "incentive_choices",
                year=year,
                scheme="NEIGHBOUR",
                treatment="beside",
                rate=0.004,
                parts="both",
                basis="Local scheme for neighbourhood teams, from 2029-30",
            )
        for code, payer, stream, kind, held, pays, amount in (
            ("PHB-NORTH", NORTH, "core", "personal_health_budget", "inside", LEAD, 842_000),
            ("PHB-SOUTH", SOUTH, "core", "personal_health_budget", "inside", LEAD, 617_000),
            (
                "DP-INSIDE",
                COUNCIL,
                "social_care",
                "council_direct_payment",
                "inside",
                LEAD,
                1_930_000,
            ),
            (
                "DP-COUNTY",
                COUNCIL,
                "social_care",
                "council_direct_payment",
                "outside",
                COUNCIL,
                6_450_000,
            ),
        ):
            rows.add(
                "personal_budgets",
                personal_budget=code,
                commissioner=payer,
                funding_stream=stream,
                budget_kind=kind,
                held=held,
                administered_by=pays,
                year=year,
                amount=as_pounds(round(amount * 1.02**position) * 100),
            )


def _partners(rows: Rows, lists: tuple[GpList, ...]) -> None:
    for payee, share in PARTNERS.items():
        rows.add(
            "subcontracts",
            subcontract=f"SUB-{payee}",
            payee=payee,
            rule="lines",
            provider=payee,
            gain_loss_share=share or "",
            starts_on=STARTS,
            reason=f"Services of {payee}",
        )
    rows.add(
        "subcontracts",
        subcontract="SUB-VOLORG",
        payee="VOLORG",
        rule="share",
        share=0.012,
        starts_on=STARTS,
        reason="Voluntary sector alliance",
    )
    rows.add(
        "subcontracts",
        subcontract="SUB-CAREMKT",
        payee="CAREMKT",
        rule="fixed",
        amount="9250000.00",
        starts_on=STARTS,
        ends_on="2030-09-30",
        reason="Home care block",
    )
    for each in lists:
        if each.participation == "full":
            ends = {"ends_on": "2028-06-30"} if each.code == REACTIVATED else {}
            rows.add(
                "subcontracts",
                subcontract=f"GP-{each.code}",
                payee=each.code,
                rule="lines",
                provider=each.code,
                starts_on=STARTS,
                reason=f"Core general practice, {each.name}",
                **ends,
            )


def _outside(rows: Rows) -> None:
    prices = {("DERM-OP", "OPFA"): 168.40, ("ORTHO-OP", "OPFA"): 181.25, ("DIAGNO", "DAUS"): 74.10}
    for (line, kind), price in prices.items():
        for position, year in enumerate(range(2027, 2031)):
            rows.add(
                "aqp_prices",
                service_line=line,
                activity_type=kind,
                price_from=f"{year}-04-01",
                unit_price=f"{price * 1.021**position:.2f}",
                price_kind="any_qualified_provider",
            )
    for number in range(33):
        year, month = 2027 + (number + 3) // 12, (number + 3) % 12 + 1
        after = f"{year + (month == 12)}-{month % 12 + 1:02d}"
        for payer, provider, line, kind, units in (
            (NORTH, "OTHTRUST", "DERM-OP", "OPFA", 84),
            (NORTH, "CLW", "ORTHO-OP", "OPFA", 61),
            (SOUTH, "CLW", "DIAGNO", "DAUS", 122),
        ):
            name = f"{year}-{month:02d}"
            rows.add(
                "external_activity",
                month=name,
                provider=provider,
                commissioner=payer,
                service_line=line,
                activity_type=kind,
                units=round(units * vary(f"{name}/{provider}/{line}", 0.15)),
                known_on=f"{after}-12",
            )
        for payer, amount in ((NORTH, 178_000), (SOUTH, 121_000)):
            if number < 12:
                rows.add(
                    "delivered_activity",
                    month=f"{year}-{month:02d}",
                    commissioner=payer,
                    funding_stream="primary_medical",
                    amount=as_pounds(round(amount * vary(f"{payer}/{number}", 0.1)) * 100),
                    known_on=f"{after}-14",
                )
        if number < 30:
            rows.add("closed_months", month=f"{year}-{month:02d}", closed_on=f"{after}-20")
    rows.add(
        "external_activity",
        month="2028-02",
        provider="CLW",
        commissioner=NORTH,
        service_line="ORTHO-OP",
        activity_type="OPFA",
        units=49,
        known_on="2028-05-08",
    )


def _watching(rows: Rows) -> None:
    for provider, income, outside, fixed in (
        (ROYAL, 102_097_000, 46_300_000, 0.68),
        (EASTVALE, 83_206_000, 38_100_000, 0.70),
        (COMMUNITY, 45_337_000, 3_050_000, 0.55),
        (MENTAL, 56_972_000, 4_900_000, 0.58),
        ("HOSP", 2_345_000, 140_000, 0.60),
        ("PTSCO", 1_613_000, 1_613_000, 0.45),
    ):
        rows.add(
            "provider_income",
            provider=provider,
            income_today=as_pounds(income * 100),
            continues_outside=as_pounds(outside * 100),
            fixed_cost_share=fixed,
            source="Annual accounts 2026-27 (fictitious)",
        )
    for number in range(30):
        year, month = 2027 + (number + 3) // 12, (number + 3) % 12 + 1
        for line, amount in (
            ("GENMED-EM", 1_060_000),
            ("GERIAT-EM", 1_035_000),
            ("PRESCR", 3_835_000),
            ("INTCAR", 1_215_000),
            ("MHINPA", 731_000),
        ):
            rows.add(
                "monitoring_actuals",
                month=f"{year}-{month:02d}",
                service_line=line,
                amount=as_pounds(
                    round(amount * 1.002**number * vary(f"{line}/{number}", 0.05)) * 100
                ),
            )
