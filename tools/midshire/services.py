"""The scope register: every service line, in, out or part in, and the group whose growth it
takes.
"""

from __future__ import annotations

from midshire.hospital import EMERGENCY, OUTPATIENT, PLANNED, POINTS, SETTING_NAMES, SPECIALTIES
from midshire.rows import Rows

IN_EMERGENCY = {"GENMED", "CARDIO", "RESP", "DIABET", "GERIAT", "STROKE", "GASTRO", "PAED"}
IN_OUTPATIENT = {
    "GENMED",
    "CARDIO",
    "RESP",
    "DIABET",
    "GERIAT",
    "STROKE",
    "GASTRO",
    "RHEUM",
    "PAED",
    "NEURO",
}
GROWTH_OF_SETTING = {EMERGENCY: "acute_nel", PLANNED: "acute_el", OUTPATIENT: "acute_op"}
MENTAL_CRISIS_JOINS = "2030-31"

OTHER_LINES = (
    # code, name, scope, growth category, first year in scope, influenced by the care model
    ("URGENT", "Emergency departments and urgent treatment centres", "in", "acute_ae", "", True),
    ("MATERN", "Maternity", "out", "acute_other", "", False),
    ("CRITIC", "Critical care", "out", "acute_other", "", False),
    ("DIAGNO", "Direct access diagnostics", "part", "acute_other", "", True),
    ("HIDRUG", "High cost drugs and devices", "out", "acute_other", "", False),
    ("OTHACU", "Hospitals elsewhere", "out", "acute_other", "", False),
    ("SPECIAL", "Specialised services", "out", "specialised", "", False),
    ("COMNUR", "Community nursing", "in", "community", "", True),
    ("INTCAR", "Intermediate care and urgent community response", "in", "community", "", True),
    ("LTCNUR", "Long-term condition nursing", "in", "community", "", True),
    ("ADTHER", "Adult therapies, wheelchairs and equipment", "in", "community", "", True),
    ("PODIAT", "Podiatry", "in", "community", "", True),
    ("CHICOM", "Children's community services", "in", "community", "", True),
    ("COMDEN", "Community dental service", "out", "community", "", False),
    ("HOSPIC", "Hospice care", "in", "community", "", True),
    ("EOLHOM", "Hospice at home", "in", "community", "", True),
    ("MHADUL", "Adult community mental health", "in", "mental_health", "", True),
    ("MHOLDE", "Older people's mental health and dementia", "in", "mental_health", "", True),
    ("MHTALK", "Talking therapies", "in", "mental_health", "", True),
    ("MHYOUN", "Children and young people's mental health", "in", "mental_health", "", True),
    ("MHLEAR", "Learning disability and autism", "in", "mental_health", "", True),
    ("MHCRIS", "Mental health crisis", "in", "mental_health", MENTAL_CRISIS_JOINS, True),
    ("MHINPA", "Mental health inpatient care", "in", "mental_health", "", True),
    ("MHSECU", "Secure and rehabilitation placements", "out", "mental_health", "", False),
    ("GPCORE", "Core general practice", "in", "primary_medical", "", True),
    ("GPENHA", "Enhanced services in general practice", "in", "primary_medical", "", True),
    ("GPNOUP", "Premises and vaccination payments", "in", "primary_medical", "", False),
    ("OTHPRI", "Other primary care and care home rounds", "in", "other_primary", "", True),
    ("PRESCR", "Prescribing in primary care", "in", "prescribing", "", True),
    ("CONTIN", "Continuing healthcare and section 117 aftercare", "in", "chc", "", True),
    ("ASCOLD", "Social care for older people", "in", "social_care", "", True),
    ("ASCDIS", "Social care for working-age adults", "in", "social_care", "", True),
    ("ASCPRE", "Reablement, equipment and prevention", "in", "social_care", "", True),
    ("ASCPBS", "Social care direct payments", "out", "social_care", "", False),
    ("ASCTEA", "Social work teams and strategy", "out", "social_care", "", False),
    ("PHVISI", "Health visiting", "in", "public_health", "", True),
    ("PHSCHO", "School nursing", "in", "public_health", "", True),
    ("PHLIVE", "Healthy living services", "in", "public_health", "", True),
    ("PHSEXU", "Sexual health, drugs and alcohol", "out", "public_health", "", False),
    ("VOLORG", "Voluntary sector support", "in", "other_primary", "", True),
    ("PHARMA", "Community pharmacy", "out", "other_primary", "", False),
    ("DENTAL", "General dental services", "out", "other_primary", "", False),
    ("OPTOME", "Community optometry", "out", "other_primary", "", False),
    ("AMBULA", "Emergency ambulance", "out", "ambulance", "", False),
    ("PATTRA", "Patient transport", "out", "ambulance", "", False),
    ("INTURG", "NHS 111 and integrated urgent care", "out", "ambulance", "", True),
    ("CORPOR", "Running costs, estates and reserves", "out", "corporate", "", False),
)

PART_OUTPATIENT = {
    "DERM-OP": {"OPFA": True, "OPFAN": True, "OPFU": True, "OPFUN": True, "OPPROC": False},
    "ORTHO-OP": {"OPFA": True, "OPFAN": True, "OPFU": False, "OPFUN": False, "OPPROC": False},
}
PART_DIAGNOSTIC = {
    "DAPATH": True,
    "DAXRAY": True,
    "DAUS": True,
    "DAECHO": True,
    "DACT": False,
    "DAMRI": False,
}


def service_rows() -> Rows:
    """Write the scope register, and which activity of part-in lines is in."""
    rows = Rows()
    for specialty in SPECIALTIES:
        settings = dict.fromkeys(
            POINTS[point][1] for point in sorted(specialty.units_and_price, key=list(POINTS).index)
        )
        for setting in settings:
            code = f"{specialty.code}-{setting}"
            inside = specialty.code in (
                IN_EMERGENCY
                if setting == EMERGENCY
                else IN_OUTPATIENT
                if setting == OUTPATIENT
                else set()
            )
            scope = "part" if code in PART_OUTPATIENT else "in" if inside else "out"
            influenced = scope != "out" or setting == EMERGENCY
            name = f"{specialty.name}: {SETTING_NAMES[setting]}"
            rows.add(
                "service_lines",
                service_line=code,
                name=name,
                scope=scope,
                growth_category=GROWTH_OF_SETTING[setting],
                influenced_by_model=influenced,
            )
    for code, name, scope, growth, joins, influenced in OTHER_LINES:
        rows.add(
            "service_lines",
            service_line=code,
            name=name,
            scope=scope,
            growth_category=growth,
            in_scope_from=joins,
            influenced_by_model=influenced,
        )
    for line, points in (*PART_OUTPATIENT.items(), ("DIAGNO", PART_DIAGNOSTIC)):
        for point, inside in points.items():
            rows.add("part_scope", service_line=line, activity_type=point, in_scope=inside)
    return rows
