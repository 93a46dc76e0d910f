"""What community services do: every kind of contact, its lean, national cost and time."""

from __future__ import annotations

from dataclasses import dataclass

SHARED = "DIE"
"""Dietetics serves adults with long-term conditions and children, as its lead says, 60 to 40."""


@dataclass(frozen=True)
class ContactKind:
    """One activity type of a block contract: units per thousand people, national unit cost,
    minutes, whom it serves.
    """

    code: str
    name: str
    service_line: str
    per_thousand: float
    unit_cost: float
    minutes: float
    leans: tuple[float, float, float]
    groups: tuple[tuple[str, float], ...]
    source: str = "cids"
    category: str = "Community health services"


MODES = {
    # mode: name, share of contacts, cost and time against a follow-up
    "F": ("first visit or appointment", 0.19, 1.42),
    "U": ("follow-up, face to face", 0.56, 1.00),
    "T": ("by telephone or video", 0.18, 0.58),
    "G": ("group session attendance", 0.07, 0.74),
}

_OLD, _OLDER, _MIXED, _CHILD = (1.9, 0.3, 0.0), (1.0, 0.4, 0.0), (0.4, 0.3, 0.0), (0.0, 0.4, 1.3)

SERVICES = (
    # code, name, service line, contacts per thousand, cost, minutes, modes, lean, patient groups
    (
        "DN",
        "District nursing",
        "COMNUR",
        430.0,
        56.0,
        34.0,
        "FUT",
        _OLD,
        (("wound_care", 0.45), ("frailty", 0.35), ("diabetes", 0.20)),
    ),
    (
        "TR",
        "Treatment room",
        "COMNUR",
        64.0,
        45.0,
        22.0,
        "FU",
        _OLDER,
        (("wound_care", 0.7), ("chd", 0.3)),
    ),
    (
        "TV",
        "Tissue viability",
        "COMNUR",
        9.0,
        138.0,
        48.0,
        "FUT",
        _OLD,
        (("wound_care", 0.8), ("diabetes", 0.2)),
    ),
    ("CO", "Continence", "COMNUR", 17.0, 104.0, 41.0, "FUT", _OLD, (("continence", 1.0),)),
    (
        "PA",
        "Palliative nursing",
        "COMNUR",
        18.0,
        149.0,
        62.0,
        "FUT",
        _OLDER,
        (("palliative", 0.75), ("cancer", 0.25)),
    ),
    (
        "CM",
        "Case management by community matrons",
        "INTCAR",
        14.0,
        141.0,
        58.0,
        "FUT",
        _OLD,
        (("frailty", 0.6), ("heart_failure", 0.2), ("copd", 0.2)),
    ),
    (
        "UR",
        "Urgent community response",
        "INTCAR",
        26.0,
        187.0,
        74.0,
        "FUT",
        _OLD,
        (("frailty", 0.8), ("copd", 0.2)),
    ),
    (
        "IC",
        "Intermediate care at home",
        "INTCAR",
        61.0,
        113.0,
        51.0,
        "FUTG",
        _OLD,
        (("frailty", 0.7), ("stroke_tia", 0.3)),
    ),
    (
        "VW",
        "Virtual ward",
        "INTCAR",
        21.0,
        128.0,
        45.0,
        "FUT",
        _OLD,
        (("frailty", 0.5), ("heart_failure", 0.2), ("copd", 0.3)),
    ),
    (
        "DS",
        "Diabetes specialist nursing",
        "LTCNUR",
        14.0,
        102.0,
        39.0,
        "FUTG",
        _MIXED,
        (("diabetes", 1.0),),
    ),
    (
        "RS",
        "Respiratory nursing and pulmonary rehabilitation",
        "LTCNUR",
        23.0,
        108.0,
        44.0,
        "FUTG",
        _OLDER,
        (("copd", 0.8), ("asthma", 0.2)),
    ),
    (
        "HF",
        "Heart failure and cardiac rehabilitation",
        "LTCNUR",
        17.0,
        106.0,
        45.0,
        "FUTG",
        _OLDER,
        (("heart_failure", 0.6), ("chd", 0.4)),
    ),
    (
        "PK",
        "Parkinson's and neurological nursing",
        "LTCNUR",
        4.0,
        107.0,
        50.0,
        "FUT",
        _OLDER,
        (("neurological", 1.0),),
    ),
    (
        "PY",
        "Adult physiotherapy",
        "ADTHER",
        72.0,
        77.0,
        32.0,
        "FUTG",
        _MIXED,
        (("musculoskeletal", 0.85), ("frailty", 0.15)),
    ),
    (
        "MK",
        "Musculoskeletal interface",
        "ADTHER",
        21.0,
        98.0,
        34.0,
        "FUT",
        _MIXED,
        (("musculoskeletal", 1.0),),
    ),
    (
        "OT",
        "Adult occupational therapy",
        "ADTHER",
        11.0,
        131.0,
        66.0,
        "FUT",
        _OLDER,
        (("frailty", 0.6), ("neurological", 0.4)),
    ),
    (
        "SL",
        "Adult speech and language therapy",
        "ADTHER",
        10.0,
        133.0,
        55.0,
        "FUT",
        _OLDER,
        (("stroke_tia", 0.6), ("neurological", 0.25), ("dementia", 0.15)),
    ),
    (
        "NR",
        "Stroke and neurological rehabilitation",
        "ADTHER",
        15.0,
        158.0,
        63.0,
        "FUTG",
        _OLDER,
        (("stroke_tia", 0.65), ("neurological", 0.35)),
    ),
    (
        "WC",
        "Wheelchair assessment, issue and repair",
        "ADTHER",
        6.5,
        182.0,
        70.0,
        "FU",
        _MIXED,
        (("neurological", 0.6), ("frailty", 0.4)),
    ),
    (
        "FC",
        "Foot care",
        "PODIAT",
        36.0,
        74.0,
        27.0,
        "FU",
        _OLDER,
        (("diabetes", 0.6), ("frailty", 0.4)),
    ),
    (
        "FP",
        "Foot protection, high risk",
        "PODIAT",
        10.5,
        88.0,
        33.0,
        "FUT",
        _OLDER,
        (("diabetes", 1.0),),
    ),
    (
        "CN",
        "Children's nursing",
        "CHICOM",
        25.0,
        144.0,
        60.0,
        "FUT",
        _CHILD,
        (("under_5", 0.4), ("school_age", 0.6)),
    ),
    (
        "CL",
        "Children's speech and language therapy",
        "CHICOM",
        24.0,
        163.0,
        57.0,
        "FUTG",
        _CHILD,
        (("under_5", 0.5), ("school_age", 0.5)),
    ),
    (
        "CP",
        "Children's physiotherapy and occupational therapy",
        "CHICOM",
        16.0,
        171.0,
        58.0,
        "FUTG",
        _CHILD,
        (("under_5", 0.35), ("school_age", 0.65)),
    ),
    (
        "CD",
        "Community dental care",
        "COMDEN",
        11.0,
        248.0,
        45.0,
        "FU",
        _MIXED,
        (("learning_disability", 0.4), ("under_5", 0.6)),
    ),
    (
        SHARED,
        "Dietetics",
        "",
        13.0,
        101.0,
        42.0,
        "FUT",
        _MIXED,
        (("diabetes", 0.6), ("school_age", 0.4)),
    ),
)

PUBLIC_HEALTH_KINDS = (
    # code, name, service line, contacts per thousand, cost, minutes
    ("HVANTE", "Health visitor: antenatal contact", "PHVISI", 7.6, 112.0, 70.0),
    ("HVNEWB", "Health visitor: new birth visit", "PHVISI", 10.1, 116.0, 75.0),
    ("HVSIXW", "Health visitor: six to eight week review", "PHVISI", 9.7, 105.0, 60.0),
    ("HVONEY", "Health visitor: one year review", "PHVISI", 9.4, 110.0, 60.0),
    ("HVTWOY", "Health visitor: two year review", "PHVISI", 9.2, 118.0, 65.0),
    ("HVINTF", "Health visitor: targeted visit", "PHVISI", 62.0, 88.0, 50.0),
    ("HVINTT", "Health visitor: telephone contact", "PHVISI", 34.0, 51.0, 25.0),
    ("HVFEED", "Infant feeding support", "PHVISI", 12.0, 67.0, 40.0),
    ("HVINFT", "Intensive support for young parents", "PHVISI", 4.1, 121.0, 80.0),
    ("HVGROU", "Health visitor: group attendance", "PHVISI", 14.0, 38.0, 25.0),
    ("SNHLTH", "School nurse: health review", "PHSCHO", 21.0, 61.0, 30.0),
    ("SNDROP", "School nurse: drop-in contact", "PHSCHO", 17.0, 64.0, 30.0),
    ("SNSAFE", "School nurse: safeguarding work", "PHSCHO", 11.0, 109.0, 65.0),
    ("SNMEAS", "Child measurement programme", "PHSCHO", 20.5, 14.0, 8.0),
    ("SNTEXT", "School nurse: messaging contact", "PHSCHO", 26.0, 19.0, 10.0),
    ("SNENUR", "Continence and enuresis clinic", "PHSCHO", 4.4, 92.0, 45.0),
    ("SNGROU", "School nurse: group attendance", "PHSCHO", 19.0, 22.0, 12.0),
    ("SNLOOK", "Reviews of children in care", "PHSCHO", 2.6, 176.0, 100.0),
)


def community_kinds() -> tuple[ContactKind, ...]:
    """List the activity types of the community trust: each service by way of contact."""
    found = []
    for code, name, line, rate, cost, minutes, modes, leans, groups in SERVICES:
        whole = sum(MODES[mode][1] for mode in modes)
        for mode in modes:
            mode_name, share, relative = MODES[mode]
            found.append(
                ContactKind(
                    f"{code}-{mode}",
                    f"{name}: {mode_name}",
                    line,
                    rate * share / whole,
                    cost * relative,
                    minutes * relative,
                    leans,
                    groups,
                )
            )
    return tuple(found)


def public_health_kinds() -> tuple[ContactKind, ...]:
    """List the activity types of the council's contract for children and young people aged 0 to
    19.
    """
    return tuple(
        ContactKind(
            code,
            name,
            line,
            rate,
            cost,
            minutes,
            _CHILD,
            (("under_5" if line == "PHVISI" else "school_age", 1.0),),
            "local_report",
        )
        for code, name, line, rate, cost, minutes in PUBLIC_HEALTH_KINDS
    )
