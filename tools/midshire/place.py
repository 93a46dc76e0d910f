"""The people of Midshire: two commissioners, seven neighbourhoods, forty practices, and those on no
list.
"""

from __future__ import annotations

from dataclasses import dataclass

from midshire.chance import chance, share_out, vary
from midshire.rows import Rows

NORTH, SOUTH, COUNCIL = "QZN", "QZS", "MCC"
ROYAL, EASTVALE, CLEARWELL, COMMUNITY, MENTAL = "MRH", "EGH", "CLW", "MCH", "MMH"
LEAD = "MIDPART"
ELSEWHERE = "ELSEWHERE"

ORGANISATIONS = (
    (NORTH, "NHS North Midshire Integrated Care Board", "commissioner"),
    (SOUTH, "NHS South Midshire Integrated Care Board", "commissioner"),
    (COUNCIL, "Midshire County Council", "council"),
    (LEAD, "Midshire Health and Care Partnership", "lead_provider"),
    (ROYAL, "Midshire Royal Hospitals", "provider"),
    (EASTVALE, "Eastvale General Hospital", "provider"),
    (CLEARWELL, "Clearwell Independent Hospital", "provider"),
    (COMMUNITY, "Midshire Community Health", "provider"),
    (MENTAL, "Midshire Mental Health", "provider"),
    ("HOSP", "St Hilda's Hospice", "provider"),
    ("PTSCO", "Midshire Patient Transport", "provider"),
    ("GPFED", "Northgate General Practice Federation", "provider"),
    ("AMBSVC", "Mid Counties Ambulance Service", "provider"),
    ("IUCARE", "Midshire Integrated Urgent Care", "provider"),
    ("CAREMKT", "Care homes and home care agencies", "provider"),
    ("VOLORG", "Voluntary and community organisations", "provider"),
    ("DISPCON", "Dispensing contractors", "provider"),
    ("OTHTRUST", "Other NHS trusts", "provider"),
)

NEIGHBOURHOODS = (
    # code, commissioner, people on its lists, practices, older, deprived, young, rural
    ("NORTHGATE", NORTH, 44_812, 6, 0.86, 1.28, 1.10, 0.0),
    ("HARROWOLD", NORTH, 41_236, 5, 1.14, 0.82, 0.95, 0.5),
    ("BRINDLEMOOR", NORTH, 46_090, 6, 0.97, 1.05, 1.03, 0.1),
    ("CASTLEWICK", NORTH, 38_457, 6, 1.22, 0.78, 0.90, 0.8),
    ("EASTVALE", SOUTH, 45_318, 6, 0.92, 1.18, 1.06, 0.0),
    ("TARNSIDE", SOUTH, 42_770, 6, 1.08, 0.93, 0.98, 0.4),
    ("SOUTHMERE", SOUTH, 39_604, 5, 1.16, 0.86, 0.93, 0.6),
)

PRACTICE_NAMES = (
    "Quayside Medical Centre",
    "Foundry Lane Surgery",
    "Northgate Health Centre",
    "St Hilda's Practice",
    "Canal Street Surgery",
    "Lantern Yard Practice",
    "Harrowold Group Practice",
    "Weir Cottage Surgery",
    "Long Barrow Medical Practice",
    "The Old Forge Surgery",
    "Harrow Vale Practice",
    "Brindlemoor Medical Centre",
    "Heather Bank Surgery",
    "Mill Race Practice",
    "Moor End Surgery",
    "Sycamore House Practice",
    "Station Approach Surgery",
    "Castlewick Surgery",
    "Drovers Way Practice",
    "Ridgeway Rural Practice",
    "Priory Gate Surgery",
    "The Limes Surgery",
    "Upper Wick Practice",
    "Eastvale Health Centre",
    "Tannery Road Surgery",
    "Bellfield Practice",
    "Park Row Medical Centre",
    "Kiln Street Surgery",
    "Orchard Square Practice",
    "Tarnside Medical Practice",
    "Boathouse Surgery",
    "Fellgate Practice",
    "Lowbridge Surgery",
    "Ash Grove Practice",
    "Market Cross Surgery",
    "Southmere Group Practice",
    "Reedbed Surgery",
    "Heron Way Practice",
    "Saltmarsh Rural Practice",
    "Beacon Hill Surgery",
)

PARTICIPATION = "FFFPFVFFPFNFFPFFPFPNFPFFFPFPFFPFNPFFPNVP"
FORMS = {"F": "full", "P": "partial", "V": "virtual", "N": "none"}

CONDITIONS = {
    # code: prevalence, lean to older, to deprived, to young people
    "diabetes": (0.072, 0.7, 0.5, 0.0),
    "copd": (0.021, 0.8, 1.1, 0.0),
    "asthma": (0.066, 0.0, 0.2, 0.2),
    "heart_failure": (0.0112, 1.4, 0.4, 0.0),
    "chd": (0.031, 1.2, 0.4, 0.0),
    "atrial_fibrillation": (0.0222, 1.5, 0.0, 0.0),
    "stroke_tia": (0.0187, 1.3, 0.3, 0.0),
    "hypertension": (0.148, 0.8, 0.2, 0.0),
    "ckd": (0.043, 1.3, 0.1, 0.0),
    "cancer": (0.036, 1.0, -0.1, 0.0),
    "dementia": (0.0079, 1.8, 0.1, 0.0),
    "depression": (0.128, 0.0, 0.5, 0.0),
    "common_mental": (0.091, -0.1, 0.6, 0.0),
    "smi": (0.0098, -0.1, 0.9, 0.0),
    "learning_disability": (0.0057, 0.0, 0.6, 0.1),
    "epilepsy": (0.0081, 0.0, 0.4, 0.0),
    "palliative": (0.0049, 1.3, 0.0, 0.0),
    "frailty": (0.041, 1.9, 0.3, 0.0),
    "musculoskeletal": (0.155, 0.5, 0.3, 0.0),
    "wound_care": (0.0066, 1.4, 0.4, 0.0),
    "continence": (0.0214, 1.5, 0.1, 0.0),
    "neurological": (0.0061, 0.6, 0.1, 0.0),
    "under_5": (0.0512, 0.0, 0.2, 1.5),
    "school_age": (0.148, 0.0, 0.1, 1.2),
    "young_mental_health": (0.0212, 0.0, 0.4, 1.1),
    "perinatal": (0.0094, -0.4, 0.2, 1.0),
}

NEED_LEANS = {
    "general_and_acute": (0.62, 0.30, 0.0),
    "community": (0.95, 0.35, 0.0),
    "mental_health": (0.05, 0.85, 0.1),
    "maternity": (-0.6, 0.25, 1.1),
    "health_inequalities": (0.1, 1.6, 0.0),
    "prescribing": (0.80, 0.35, 0.0),
    "overall_core": (0.52, 0.42, 0.05),
    "primary_medical_care_need": (0.45, 0.32, 0.05),
}


@dataclass(frozen=True)
class GpList:
    """One list: how many people, and how they lean from the average (1) in age, deprivation and
    rurality.
    """

    code: str
    name: str
    kind: str
    commissioner: str
    participation: str
    people: int
    neighbourhood: str
    older: float
    deprived: float
    young: float
    rural: float
    gp_contract: str = ""

    def leaning(self, older: float, deprived: float, young: float = 0.0) -> float:
        """Weigh the list's people by how much a need leans to older, deprived and young people."""
        factor = (
            (1 + older * (self.older - 1))
            * (1 + deprived * (self.deprived - 1))
            * (1 + young * (self.young - 1))
        )
        return self.people * max(factor, 0.05)


def make_lists() -> tuple[GpList, ...]:
    """Make every list: practices, residents on no list of each commissioner, and people
    elsewhere.
    """
    lists: list[GpList] = []
    for code, commissioner, people, practices, older, deprived, young, rural in NEIGHBOURHOODS:
        numbers = range(len(lists) + 1, len(lists) + practices + 1)
        sizes = share_out(
            people,
            {f"Z81{number:03d}": 0.35 + 1.3 * chance(f"size/{number}") for number in numbers},
        )
        for number in numbers:
            name = f"Z81{number:03d}"
            older_lean, deprived_lean, young_lean = (
                round(base * vary(f"{name}/{what}", 0.14), 3)
                for what, base in (("older", older), ("deprived", deprived), ("young", young))
            )
            form = FORMS[PARTICIPATION[number - 1]]
            lists.append(
                GpList(
                    name,
                    PRACTICE_NAMES[number - 1],
                    "practice",
                    commissioner,
                    form,
                    sizes[name],
                    code,
                    older_lean,
                    deprived_lean,
                    young_lean,
                    rural,
                    _gp_contract(number),
                )
            )
    for commissioner, name, people in (
        (NORTH, "North Midshire", 1_940),
        (SOUTH, "South Midshire", 1_385),
    ):
        lists.append(
            GpList(
                f"UNREG-{commissioner}",
                f"{name} residents with no GP",
                "unregistered",
                commissioner,
                "partial",
                people,
                "",
                0.6,
                1.7,
                0.7,
                0.0,
            )
        )
    lists.append(
        GpList(
            ELSEWHERE,
            "People of neighbouring areas",
            "elsewhere",
            "",
            "none",
            58_400,
            "",
            1.0,
            1.0,
            1.0,
            0.2,
        )
    )
    return tuple(lists)


def _gp_contract(number: int) -> str:
    return (
        "apms"
        if number in (5, 14, 28)
        else "capitation"
        if number in (2, 8, 12, 17, 21, 25, 31, 36)
        else "global_sum"
    )


def people_of(lists: tuple[GpList, ...], commissioner: str) -> int:
    """Count the people of one commissioner's lists."""
    return sum(each.people for each in lists if each.commissioner == commissioner)


def place_rows(lists: tuple[GpList, ...]) -> Rows:
    """Write organisations, lists, weighted populations and condition registers as rows."""
    rows = Rows()
    for organisation, name, kind in ORGANISATIONS:
        rows.add("organisations", organisation=organisation, name=name, kind=kind)
    for each in lists:
        rows.add(
            "gp_lists",
            list_code=each.code,
            name=each.name,
            kind=each.kind,
            commissioner=each.commissioner,
            participation=each.participation,
            population=each.people,
            neighbourhood=each.neighbourhood,
        )
        weighted = {
            need: round(each.leaning(*leans) * vary(f"{each.code}/{need}", 0.03), 2)
            for need, leans in NEED_LEANS.items()
        }
        weighted["primary_medical_care"] = round(
            0.85 * weighted["primary_medical_care_need"] + 0.15 * weighted["health_inequalities"], 2
        )
        for need, people in weighted.items():
            rows.add(
                "list_weights", list_code=each.code, need=need, weighted_population=f"{people:.2f}"
            )
        for condition, (prevalence, *leans) in CONDITIONS.items():
            # people with no GP are on no practice's registers
            patients = (
                0
                if each.kind == "unregistered"
                else round(
                    prevalence * each.leaning(*leans) * vary(f"{each.code}/{condition}", 0.16)
                )
            )
            rows.add(
                "condition_registers", list_code=each.code, condition=condition, patients=patients
            )
    return rows
