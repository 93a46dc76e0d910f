"""What mental health services do: cluster days, team contacts, talking therapies and bed days."""

from __future__ import annotations

from midshire.community import ContactKind

_ADULT, _OLD, _CHILD, _COMMON = (-0.2, 0.9, 0.1), (1.8, 0.2, 0.0), (0.0, 0.4, 1.2), (-0.1, 0.6, 0.2)
_SMI, _COMMON_GROUP = (("smi", 1.0),), (("common_mental", 0.7), ("depression", 0.3))
_MIXED_GROUP = (("smi", 0.6), ("depression", 0.4))
_YOUNG, _DEMENTIA, _LEARN = (
    (("young_mental_health", 1.0),),
    (("dementia", 1.0),),
    (("learning_disability", 1.0),),
)

CLUSTERS = (
    # cluster, name, days per thousand, cost of a day
    ("00", "variable, assessment not complete", 92.0, 7.9),
    ("01", "common problems, low severity", 118.0, 5.6),
    ("02", "common problems, low severity, greater need", 132.0, 5.9),
    ("03", "non-psychotic, moderate severity", 316.0, 6.4),
    ("04", "non-psychotic, severe", 342.0, 7.1),
    ("05", "non-psychotic, very severe", 156.0, 9.2),
    ("06", "non-psychotic, over-valued ideas", 84.0, 8.4),
    ("07", "enduring non-psychotic, high disability", 171.0, 8.0),
    ("08", "non-psychotic, chaotic and challenging", 164.0, 10.6),
    ("10", "first episode psychosis", 141.0, 15.7),
    ("11", "recurrent psychosis, low symptoms", 402.0, 6.9),
    ("12", "recurrent psychosis, high disability", 366.0, 9.8),
    ("13", "recurrent psychosis, high symptoms and disability", 198.0, 13.9),
    ("14", "psychotic crisis", 42.0, 34.0),
    ("15", "severe psychotic depression", 12.0, 29.5),
    ("16", "psychosis with substance misuse", 88.0, 14.8),
    ("17", "psychosis, difficult to engage", 109.0, 16.1),
    ("18", "cognitive impairment, low need", 402.0, 4.1),
    ("19", "cognitive impairment, moderate need", 318.0, 6.6),
    ("20", "cognitive impairment, high need", 121.0, 11.9),
    ("21", "cognitive impairment, high physical need", 44.0, 10.2),
)

TEAMS = (
    # code, name, service line, units per thousand, unit cost, lean, patient groups, source
    (
        "CRHT-F",
        "Crisis and home treatment: face to face",
        "MHCRIS",
        27.0,
        352.0,
        _ADULT,
        _SMI,
        "mhlds",
    ),
    (
        "CRHT-T",
        "Crisis and home treatment: telephone",
        "MHCRIS",
        15.0,
        196.0,
        _ADULT,
        _SMI,
        "mhlds",
    ),
    ("CRLINE", "Crisis line call", "MHCRIS", 9.0, 138.0, _ADULT, _MIXED_GROUP, "mhlds"),
    ("CRSAFE", "Crisis cafe visit", "MHCRIS", 3.1, 214.0, _ADULT, _MIXED_GROUP, "local_report"),
    (
        "CRLIAI",
        "Psychiatric liaison contact",
        "MHCRIS",
        18.0,
        331.0,
        _COMMON,
        _MIXED_GROUP,
        "mhlds",
    ),
    ("CRPLAC", "Place of safety assessment", "MHCRIS", 0.4, 1480.0, _ADULT, _SMI, "mhlds"),
    (
        "PDTHER",
        "Complex emotional needs: contact",
        "MHADUL",
        6.1,
        301.0,
        _ADULT,
        _MIXED_GROUP,
        "mhlds",
    ),
    (
        "PSYCHO",
        "Psychological therapies outside talking therapies",
        "MHADUL",
        9.6,
        308.0,
        _COMMON,
        _MIXED_GROUP,
        "mhlds",
    ),
    (
        "PERINA",
        "Perinatal mental health contact",
        "MHADUL",
        9.2,
        322.0,
        _CHILD,
        (("perinatal", 1.0),),
        "mhlds",
    ),
    (
        "EATADU",
        "Adult eating disorders contact",
        "MHADUL",
        4.8,
        318.0,
        _COMMON,
        _COMMON_GROUP,
        "mhlds",
    ),
    (
        "PRIMMH",
        "Primary care mental health worker contact",
        "MHADUL",
        22.0,
        168.0,
        _COMMON,
        _COMMON_GROUP,
        "mhlds",
    ),
    ("EMPLOY", "Employment support contact", "MHADUL", 3.4, 231.0, _ADULT, _SMI, "local_report"),
    (
        "PHYSMI",
        "Physical health check, severe mental illness",
        "MHADUL",
        5.2,
        122.0,
        _ADULT,
        _SMI,
        "mhlds",
    ),
    ("MEMASS", "Memory assessment", "MHOLDE", 7.8, 341.0, _OLD, _DEMENTIA, "mhlds"),
    ("MEMREV", "Memory clinic review", "MHOLDE", 8.9, 186.0, _OLD, _DEMENTIA, "mhlds"),
    (
        "CHSUPP",
        "Care home mental health support visit",
        "MHOLDE",
        4.2,
        239.0,
        _OLD,
        (("dementia", 0.8), ("frailty", 0.2)),
        "mhlds",
    ),
    ("DEMADM", "Dementia adviser contact", "MHOLDE", 11.0, 74.0, _OLD, _DEMENTIA, "local_report"),
    (
        "TTASSE",
        "Talking therapies: assessment",
        "MHTALK",
        23.0,
        158.0,
        _COMMON,
        _COMMON_GROUP,
        "local_report",
    ),
    (
        "TTLOWI",
        "Talking therapies: guided self-help",
        "MHTALK",
        41.0,
        96.0,
        _COMMON,
        _COMMON_GROUP,
        "local_report",
    ),
    (
        "TTHIGH",
        "Talking therapies: high intensity",
        "MHTALK",
        38.0,
        186.0,
        _COMMON,
        _COMMON_GROUP,
        "local_report",
    ),
    (
        "TTGROU",
        "Talking therapies: group",
        "MHTALK",
        12.0,
        71.0,
        _COMMON,
        _COMMON_GROUP,
        "local_report",
    ),
    (
        "TTDIGI",
        "Talking therapies: digital",
        "MHTALK",
        9.4,
        54.0,
        _COMMON,
        _COMMON_GROUP,
        "local_report",
    ),
    (
        "TTLTCS",
        "Talking therapies: long-term conditions",
        "MHTALK",
        6.6,
        174.0,
        _COMMON,
        (("diabetes", 0.5), ("copd", 0.25), ("chd", 0.25)),
        "local_report",
    ),
    ("CYPASS", "Children: assessment", "MHYOUN", 11.0, 372.0, _CHILD, _YOUNG, "mhlds"),
    ("CYPTHE", "Children: treatment", "MHYOUN", 43.0, 296.0, _CHILD, _YOUNG, "mhlds"),
    ("CYPTEL", "Children: telephone or video", "MHYOUN", 14.0, 171.0, _CHILD, _YOUNG, "mhlds"),
    ("CYPEAT", "Children: eating disorders", "MHYOUN", 5.9, 338.0, _CHILD, _YOUNG, "mhlds"),
    ("CYPCRI", "Children: crisis response", "MHYOUN", 3.8, 391.0, _CHILD, _YOUNG, "mhlds"),
    (
        "CYPSCH",
        "Mental health support teams in schools",
        "MHYOUN",
        16.0,
        152.0,
        _CHILD,
        (("school_age", 1.0),),
        "local_report",
    ),
    ("CYPNEU", "Neurodevelopmental assessment", "MHYOUN", 6.3, 356.0, _CHILD, _YOUNG, "mhlds"),
    ("LDCOMM", "Learning disability team contact", "MHLEAR", 13.0, 402.0, _ADULT, _LEARN, "mhlds"),
    (
        "LDINTE",
        "Learning disability intensive support",
        "MHLEAR",
        1.6,
        329.0,
        _ADULT,
        _LEARN,
        "mhlds",
    ),
    (
        "AUTASS",
        "Adult autism and ADHD assessment",
        "MHLEAR",
        4.7,
        468.0,
        _COMMON,
        (("learning_disability", 0.3), ("common_mental", 0.7)),
        "local_report",
    ),
    (
        "LDHEAL",
        "Learning disability health facilitation",
        "MHLEAR",
        3.9,
        148.0,
        _ADULT,
        _LEARN,
        "local_report",
    ),
    ("BDADUL", "Adult acute bed day", "MHINPA", 33.0, 481.0, _ADULT, _SMI, "mhlds"),
    (
        "BDOLDE",
        "Older adult bed day",
        "MHINPA",
        14.5,
        522.0,
        _OLD,
        (("dementia", 0.6), ("depression", 0.4)),
        "mhlds",
    ),
    ("BDPICU", "Psychiatric intensive care bed day", "MHINPA", 2.9, 862.0, _ADULT, _SMI, "mhlds"),
    ("BDREHA", "Rehabilitation bed day", "MHSECU", 7.2, 431.0, _ADULT, _SMI, "mhlds"),
    ("BDOUTA", "Out of area bed day", "MHSECU", 2.1, 655.0, _ADULT, _SMI, "provider_internal"),
    (
        "CMDEPO",
        "Depot and clozapine clinic attendance",
        "MHADUL",
        19.0,
        61.0,
        _ADULT,
        _SMI,
        "provider_internal",
    ),
    (
        "UNCODE",
        "Contacts with no team recorded",
        "MHADUL",
        4.1,
        205.0,
        _ADULT,
        (),
        "provider_internal",
    ),
)


def _cluster(number: str, name: str, days: float, cost: float) -> ContactKind:
    cluster = int(number)
    older = cluster >= 18
    groups = (
        _DEMENTIA
        if older
        else (
            _COMMON_GROUP
            if cluster <= 4
            else _MIXED_GROUP
            if cluster <= 8 or cluster == 15
            else _SMI
        )
    )
    line = "MHOLDE" if older else "MHADUL"
    return ContactKind(
        f"CLU{number}",
        f"Cluster {cluster}: {name}, day",
        line,
        days,
        cost,
        0.0,
        _OLD if older else _ADULT,
        groups,
        "mh_clusters",
        "Mental health clusters",
    )


def mental_kinds() -> tuple[ContactKind, ...]:
    """List the activity types of the mental health trust; one has no patient group, and stays
    unmapped.
    """
    clusters = tuple(_cluster(*row) for row in CLUSTERS)
    teams = tuple(
        ContactKind(
            code, name, line, rate, cost, 0.0, leans, groups, source, "Mental health services"
        )
        for code, name, line, rate, cost, leans, groups, source in TEAMS
    )
    return clusters + teams
