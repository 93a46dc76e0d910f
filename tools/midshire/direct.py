"""Budget lines that need no taking apart: medicines, contractors, placements, care teams, running
costs.
"""

from __future__ import annotations

from dataclasses import dataclass

from midshire import other_names as names
from midshire.acute import SPEND_YEAR
from midshire.chance import as_pounds, share_out, vary
from midshire.place import COUNCIL, NEIGHBOURHOODS, NORTH, SOUTH, GpList, people_of
from midshire.rows import Rows

SIDES = {NORTH: "N", SOUTH: "S", COUNCIL: "C"}
NORTHERN = tuple(row[0].title() for row in NEIGHBOURHOODS if row[1] == NORTH)
SOUTHERN = tuple(row[0].title() for row in NEIGHBOURHOODS if row[1] == SOUTH)
_NEIGHBOURS = {NORTH: NORTHERN, SOUTH: SOUTHERN, COUNCIL: NORTHERN + SOUTHERN}


@dataclass(frozen=True)
class Family:
    """A family of budget lines: who pays, for what, pounds per person in all, and how lists share
    it.
    """

    prefix: str
    lines: tuple[str, ...]
    service_line: str
    stream: str
    per_person: float
    method: str = "weighted_carve_out"
    driver: str = "overall_core"
    provider: str = ""
    payers: tuple[str, ...] = (NORTH, SOUTH)
    by_neighbourhood: bool = False
    recurrent: bool = True
    spread: float = 0.85


def _many(kind: str, parts: tuple[str, ...], count: int) -> tuple[str, ...]:
    return tuple(f"{kind} {number:02d}: {part}" for number in range(1, count + 1) for part in parts)


FAMILIES = (
    Family(
        "RX", names.MEDICINES, "PRESCR", "core", 160.0, driver="prescribing", provider="DISPCON"
    ),
    Family("OP", names.OTHER_PRIMARY, "OTHPRI", "core", 24.0, driver="primary_medical_care"),
    Family(
        "EA",
        ("Enhanced access hub", "Neighbourhood team lead", "Proactive care"),
        "OTHPRI",
        "core",
        9.5,
        driver="primary_medical_care",
        by_neighbourhood=True,
    ),
    Family(
        "CC", names.CONTINUING, "CONTIN", "core", 23.0, by_neighbourhood=True, provider="CAREMKT"
    ),
    Family("BC", names.BETTER_CARE, "INTCAR", "core", 21.0, driver="community"),
    Family("MP", names.MENTAL_OTHER[:5], "MHSECU", "core", 14.0, driver="mental_health"),
    Family(
        "MV",
        names.MENTAL_OTHER[5:],
        "MHADUL",
        "core",
        5.5,
        driver="mental_health",
        provider="VOLORG",
    ),
    Family(
        "VO",
        names.VOLUNTARY,
        "VOLORG",
        "core",
        6.2,
        method="population_carve_out",
        driver="",
        provider="VOLORG",
    ),
    Family(
        "HD",
        names.HIGH_COST_DRUGS,
        "HIDRUG",
        "core",
        21.0,
        method="population_carve_out",
        driver="",
    ),
    Family(
        "LV",
        tuple(f"Trust {letter}{number}" for letter in "ABCDEFG" for number in range(1, 6)),
        "OTHACU",
        "core",
        26.0,
        method="population_carve_out",
        driver="",
        provider="OTHTRUST",
    ),
    Family(
        "SP",
        names.SPECIALISED,
        "SPECIAL",
        "specialised",
        52.0,
        method="population_carve_out",
        driver="",
        provider="OTHTRUST",
    ),
    Family(
        "PH",
        _many("Pharmacy", ("essential services", "advanced services", "clinical services"), 29),
        "PHARMA",
        "pharmacy_dental_optometry",
        37.0,
        method="population_carve_out",
        driver="",
    ),
    Family(
        "DE",
        _many("Dental practice", ("units of dental activity", "patient charges and other"), 19),
        "DENTAL",
        "pharmacy_dental_optometry",
        51.0,
        method="population_carve_out",
        driver="",
        spread=0.5,
    ),
    Family(
        "OT",
        _many("Optometrist", ("sight tests", "vouchers"), 14),
        "OPTOME",
        "pharmacy_dental_optometry",
        9.0,
        method="population_carve_out",
        driver="",
        spread=0.5,
    ),
    Family(
        "AM",
        names.AMBULANCE,
        "AMBULA",
        "core",
        39.0,
        method="population_carve_out",
        driver="",
        provider="AMBSVC",
    ),
    Family(
        "UC",
        names.URGENT_CALLS,
        "INTURG",
        "core",
        14.0,
        method="population_carve_out",
        driver="",
        provider="IUCARE",
    ),
    Family(
        "PT",
        names.TRANSPORT,
        "PATTRA",
        "core",
        12.5,
        method="population_carve_out",
        driver="",
        payers=(NORTH,),
    ),
    Family(
        "RC",
        tuple(f"{team}: {kind}" for team in names.TEAMS for kind in ("pay", "other")),
        "CORPOR",
        "core",
        18.0,
        method="population_carve_out",
        driver="",
    ),
    Family(
        "ES",
        tuple(f"{name}: void and subsidy" for name in names.PROPERTIES),
        "CORPOR",
        "core",
        7.5,
        method="population_carve_out",
        driver="",
    ),
    Family(
        "NR",
        names.NON_RECURRENT,
        "CORPOR",
        "core",
        8.0,
        method="population_carve_out",
        driver="",
        recurrent=False,
    ),
    Family(
        "PL",
        names.PUBLIC_HEALTH,
        "PHLIVE",
        "public_health",
        14.0,
        driver="health_inequalities",
        payers=(COUNCIL,),
        by_neighbourhood=True,
    ),
    Family(
        "PS",
        names.SEXUAL_AND_DRUGS,
        "PHSEXU",
        "public_health",
        25.0,
        method="population_carve_out",
        driver="",
        payers=(COUNCIL,),
    ),
    Family(
        "AP",
        names.CARE_PREVENTION,
        "ASCPRE",
        "social_care",
        27.0,
        driver="community",
        payers=(COUNCIL,),
        by_neighbourhood=True,
    ),
    Family(
        "AT",
        names.CARE_TEAMS,
        "ASCTEA",
        "social_care",
        19.0,
        method="population_carve_out",
        driver="",
        payers=(COUNCIL,),
        by_neighbourhood=True,
    ),
    Family(
        "AC",
        names.CARE_CENTRAL,
        "ASCTEA",
        "social_care",
        14.0,
        method="population_carve_out",
        driver="",
        payers=(COUNCIL,),
    ),
    Family(
        "AG",
        names.VOLUNTARY[:14],
        "VOLORG",
        "social_care",
        3.4,
        method="population_carve_out",
        driver="",
        provider="VOLORG",
        payers=(COUNCIL,),
    ),
)
REBATE = ("RX", "Rebates on medicines", -1.85)
"""Rebates are negative spend, as the ledger has them."""


def direct_rows(lists: tuple[GpList, ...]) -> Rows:
    """Write every line of every family; its lines add to the family's pounds per person."""
    rows = Rows()
    for family in FAMILIES:
        for payer in family.payers:
            people = (
                people_of(lists, payer)
                if payer != COUNCIL
                else people_of(lists, NORTH) + people_of(lists, SOUTH)
            )
            titles = _titles(family, payer)
            weights = {
                title: (
                    vary(f"{family.prefix}/{payer}/{title}", family.spread)
                    * vary(f"{family.prefix}/{title}", family.spread)
                )
                for title in titles
            }
            total = round(people * family.per_person * vary(f"{family.prefix}/{payer}", 0.06))
            for number, title in enumerate(titles, start=1):
                _line(rows, family, payer, number, title, share_out(total, weights)[title])
            if family.prefix == REBATE[0]:
                _line(rows, family, payer, len(titles) + 1, REBATE[1], round(people * REBATE[2]))
    return rows


def _titles(family: Family, payer: str) -> tuple[str, ...]:
    if not family.by_neighbourhood:
        return family.lines
    return tuple(
        f"{line}, {neighbourhood}" for line in family.lines for neighbourhood in _NEIGHBOURS[payer]
    )


def _line(rows: Rows, family: Family, payer: str, number: int, title: str, pounds: int) -> None:
    rows.add(
        "direct_spend",
        budget_line=f"{family.prefix}-{SIDES[payer]}-{number:03d}",
        name=title.strip(),
        commissioner=payer,
        provider=family.provider,
        service_line=family.service_line,
        funding_stream=family.stream,
        value=as_pounds(pounds * 100),
        effective_year=SPEND_YEAR,
        population_method=family.method,
        carve_out_driver=family.driver,
        recurrent=family.recurrent,
    )
