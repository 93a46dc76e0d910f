"""The hospital specialties: admissions and attendances per thousand people, and their prices."""

from __future__ import annotations

from dataclasses import dataclass

EMERGENCY, PLANNED, OUTPATIENT = "EM", "EL", "OP"

POINTS = {
    # point of delivery: name, setting, payment part in an aligned contract
    "NEL": ("non-elective stay", EMERGENCY, "fixed"),
    "NEL65": ("non-elective stay, aged 65 and over", EMERGENCY, "fixed"),
    "NELSD": ("same-day emergency care", EMERGENCY, "fixed"),
    "NELSD65": ("same-day emergency care, aged 65 and over", EMERGENCY, "fixed"),
    "NELXB": ("long-stay day, non-elective", EMERGENCY, "fixed"),
    "NELNE": ("non-emergency transfer or admission", EMERGENCY, "fixed"),
    "EL": ("elective stay", PLANNED, "variable"),
    "ELXB": ("long-stay day, elective", PLANNED, "variable"),
    "DC": ("day case", PLANNED, "variable"),
    "RDA": ("regular day attender", PLANNED, "variable"),
    "OPFA": ("first attendance", OUTPATIENT, "variable"),
    "OPFAN": ("first attendance not face to face", OUTPATIENT, "variable"),
    "OPFU": ("follow-up attendance", OUTPATIENT, "fixed"),
    "OPFUN": ("follow-up not face to face", OUTPATIENT, "fixed"),
    "OPPROC": ("outpatient procedure", OUTPATIENT, "variable"),
}

SETTING_NAMES = {
    EMERGENCY: "emergency care",
    PLANNED: "planned admissions",
    OUTPATIENT: "outpatients",
}


@dataclass(frozen=True)
class Specialty:
    """A specialty: its lean in age and deprivation, units per thousand people and price by point of
    delivery.
    """

    code: str
    name: str
    currency: str
    leans: tuple[float, float, float]
    units_and_price: dict[str, tuple[float, float]]


LONG_STAY_DAY = 318.0
ONE_AGE_GROUP = {"PAED", "GYNAE", "GERIAT"}


def _split_by_age(points: dict[str, tuple[float, float]]) -> None:
    """Count emergency stays of people aged 65 and over apart: they are more, and longer."""
    for point, older, share, under, over in (
        ("NEL", "NEL65", 0.58, 0.80, 1.145),
        ("NELSD", "NELSD65", 0.44, 0.94, 1.076),
    ):
        if point in points:
            rate, price = points[point]
            points[point], points[older] = (
                (rate * (1 - share), price * under),
                (rate * share, price * over),
            )


def _of(code: str, name: str, tfc: str, leans: tuple[float, float, float], text: str) -> Specialty:
    points: dict[str, tuple[float, float]] = {}
    for part in text.split():
        point, figures = part.split(":")
        each, pounds = figures.split("@")
        points[point] = (float(each), float(pounds))
    for face, other, share, relative in (
        ("OPFA", "OPFAN", 0.13, 0.74),
        ("OPFU", "OPFUN", 0.27, 0.66),
    ):
        if face in points:
            rate, price = points[face]
            points[face] = (rate * (1 - share), price)
            points[other] = (rate * share, price * relative)
    if points.get("NEL", (0.0, 0.0))[0] >= 1.5:
        rate, price = points["NEL"]
        points["NELNE"] = (rate * 0.045, price * 1.12)
        points["NELXB"] = (rate * 0.31, LONG_STAY_DAY)
    if points.get("EL", (0.0, 0.0))[0] >= 0.5:
        points["ELXB"] = (points["EL"][0] * 0.11, LONG_STAY_DAY)
    if code not in ONE_AGE_GROUP:
        _split_by_age(points)
    return Specialty(code, name, f"TFC{tfc}", leans, points)


OLD, OLDER, MIXED, YOUNG = (1.8, 0.3, 0.0), (0.9, 0.4, 0.0), (0.3, 0.3, 0.0), (-0.4, 0.3, 1.2)

SPECIALTIES = (
    _of(
        "GENMED", "General medicine", "300", OLDER, "NEL:13@2680 NELSD:14@640 OPFA:6@265 OPFU:9@118"
    ),
    _of(
        "CARDIO",
        "Cardiology",
        "320",
        OLDER,
        "NEL:4.6@3350 NELSD:4.2@720 EL:1@4650 DC:2.6@1720 OPFA:14@205 OPFU:20@112 OPPROC:12@168",
    ),
    _of(
        "RESP",
        "Respiratory medicine",
        "340",
        (0.9, 1.0, 0.0),
        "NEL:6.8@3480 NELSD:2.1@690 OPFA:8@228 OPFU:15@121 OPPROC:9@142",
    ),
    _of(
        "DIABET",
        "Diabetes and endocrinology",
        "302",
        (0.5, 0.5, 0.0),
        "NEL:1.7@3050 NELSD:0.6@610 OPFA:5.5@234 OPFU:16@115 OPPROC:0.8@150",
    ),
    _of(
        "GERIAT",
        "Care of older people",
        "430",
        OLD,
        "NEL:8.9@4420 NELSD:2.4@705 OPFA:4.2@298 OPFU:5@171",
    ),
    _of(
        "STROKE",
        "Stroke medicine",
        "328",
        OLD,
        "NEL:1.7@6180 NELSD:0.3@690 OPFA:2.1@252 OPFU:3.1@140",
    ),
    _of(
        "GASTRO",
        "Gastroenterology",
        "301",
        MIXED,
        "NEL:3.3@3150 NELSD:1.9@655 EL:0.6@2950 DC:23@485 OPFA:10@214 OPFU:14@109 OPPROC:2@310",
    ),
    _of(
        "SURG",
        "General surgery and urology",
        "100",
        MIXED,
        "NEL:7.8@3590 NELSD:5.5@675 EL:3.3@4730 DC:13@1185 OPFA:26@184 OPFU:31@95 OPPROC:16@191",
    ),
    _of(
        "ORTHO",
        "Trauma and orthopaedics",
        "110",
        OLDER,
        "NEL:4.4@6050 NELSD:1.5@980 EL:3.6@6890 DC:5.1@1790 OPFA:22@181 OPFU:34@89 OPPROC:6@148",
    ),
    _of(
        "GYNAE",
        "Gynaecology",
        "502",
        YOUNG,
        "NEL:1.2@2110 NELSD:1.7@560 EL:1.2@3890 DC:3.2@1080 OPFA:14@189 OPFU:11@104 OPPROC:9@188",
    ),
    _of(
        "OPHTH",
        "Ophthalmology",
        "130",
        OLD,
        "EL:0.2@2200 DC:8.9@940 OPFA:18@146 OPFU:62@81 OPPROC:26@112",
    ),
    _of("DERM", "Dermatology", "330", MIXED, "OPFA:17@162 OPFU:19@88 OPPROC:14@154"),
    _of("RHEUM", "Rheumatology", "410", (0.6, 0.2, 0.0), "OPFA:6@251 OPFU:19@118 OPPROC:2@165"),
    _of(
        "PAED",
        "Paediatrics",
        "420",
        YOUNG,
        "NEL:7.2@1380 NELSD:6.5@520 OPFA:11@262 OPFU:15@138 OPPROC:2@180",
    ),
    _of("NEURO", "Neurology", "400", MIXED, "OPFA:9@258 OPFU:11@139 OPPROC:2@220"),
    _of(
        "ONCOL",
        "Cancer and blood disorders",
        "303",
        OLDER,
        "EL:1.5@4300 DC:12@410 RDA:6@228 OPFA:3.5@240 OPFU:29@114 OPPROC:2@205",
    ),
)

OTHER_HOSPITAL = (
    # service line, name, point of delivery, currency, units per thousand, price, payment part,
    # leans
    (
        "URGENT",
        "Major emergency attendance, high acuity",
        "AE1",
        "VBHIGH",
        66.0,
        385.0,
        "fixed",
        OLDER,
    ),
    (
        "URGENT",
        "Major emergency attendance, medium acuity",
        "AE2",
        "VBMED",
        126.0,
        222.0,
        "fixed",
        (0.4, 0.5, 0.0),
    ),
    (
        "URGENT",
        "Major emergency attendance, low acuity",
        "AE3",
        "VBLOW",
        92.0,
        148.0,
        "fixed",
        (0.0, 0.7, 0.3),
    ),
    (
        "URGENT",
        "Emergency attendance, no investigation",
        "AE4",
        "VBNONE",
        44.0,
        92.0,
        "fixed",
        (-0.2, 0.8, 0.5),
    ),
    (
        "URGENT",
        "Urgent treatment centre attendance",
        "UTC",
        "UTCATT",
        61.0,
        84.0,
        "fixed",
        (-0.2, 0.6, 0.6),
    ),
    ("MATERN", "Antenatal pathway", "ANTEN", "MATPATH", 10.8, 1385.0, "fixed", YOUNG),
    ("MATERN", "Birth", "BIRTH", "MATPATH", 9.9, 2940.0, "fixed", YOUNG),
    ("MATERN", "Planned caesarean birth", "BIRTHCS", "MATPATH", 1.7, 3870.0, "fixed", YOUNG),
    ("MATERN", "Postnatal pathway", "POSTN", "MATPATH", 10.3, 415.0, "fixed", YOUNG),
    ("CRITIC", "Adult critical care bed day", "CCADULT", "XCADULT", 8.8, 1790.0, "fixed", OLDER),
    ("CRITIC", "Neonatal critical care bed day", "CCNEO", "XANEO", 4.6, 985.0, "fixed", YOUNG),
    ("CRITIC", "Paediatric critical care bed day", "CCPAED", "XBPAED", 0.7, 2410.0, "fixed", YOUNG),
    (
        "DIAGNO",
        "Direct access blood and other tests",
        "DAPATH",
        "PATHTEST",
        5150.0,
        2.45,
        "fixed",
        (0.8, 0.2, 0.0),
    ),
    ("DIAGNO", "Direct access X-ray", "DAXRAY", "RDXRAY", 108.0, 31.0, "fixed", OLDER),
    ("DIAGNO", "Direct access ultrasound", "DAUS", "RDULTRA", 59.0, 68.0, "fixed", MIXED),
    ("DIAGNO", "Direct access heart ultrasound", "DAECHO", "RDECHO", 20.0, 93.0, "fixed", OLDER),
    ("DIAGNO", "Scan by CT", "DACT", "RDCT", 19.0, 112.0, "variable", OLDER),
    ("DIAGNO", "Scan by MRI", "DAMRI", "RDMRI", 17.0, 169.0, "variable", MIXED),
)

LOCAL_PRICES = {"PATHTEST", "UTCATT", "RDECHO"}

PRIVATE_SHARES = {
    # specialty: share of the NHS rate that the independent hospital does as well, by point of
    # delivery
    "ORTHO": {"EL": 0.19, "DC": 0.21, "OPFA": 0.10, "OPFAN": 0.06, "OPFU": 0.05, "OPPROC": 0.06},
    "OPHTH": {"DC": 0.34, "OPFA": 0.12, "OPFU": 0.05, "OPPROC": 0.14},
    "GASTRO": {"DC": 0.12, "OPFA": 0.05, "OPFU": 0.02},
    "SURG": {"DC": 0.10, "OPFA": 0.06, "OPFU": 0.03},
    "GYNAE": {"DC": 0.07, "OPFA": 0.04, "OPPROC": 0.04},
    "DERM": {"OPFA": 0.11, "OPFU": 0.05, "OPPROC": 0.16},
}


def setting_line(specialty: str, point: str) -> str:
    """Name the service line of a specialty's point of delivery: CARDIO and OPFA give CARDIO-OP."""
    return f"{specialty}-{POINTS[point][1]}"
