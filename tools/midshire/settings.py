"""The settings of the Midshire model and its local assumptions, as text."""

from __future__ import annotations

from midshire.money_over_time import YEARS

SETTINGS: tuple[tuple[str, str], ...] = (
    ("schema", "2"),
    ("model", "midshire"),
    ("title", "Midshire whole population budget"),
    ("currency", "GBP"),
    ("prepared_by", "Midshire finance group"),
    ("prepared_on", "2026-12-11"),
    ("lead_provider", "MIDPART"),
    ("form", "mixed"),
    ("contract.first_year", "2027-28"),
    ("contract.years", "10"),
    ("baseline.spend_year", "2026-27"),
    (
        "baseline.convert.steps",
        "[demographic, non_demographic, activity, cost_pressure, combined, efficiency]",
    ),
    (
        "baseline.convert.reason",
        (
            "Today's spend is for 2026-27 and the contract starts in 2027-28, so one year's growth"
            " is applied inside the baseline, and the forecast starts a year later."
        ),
    ),
    ("forecast.efficiency.method", "additive"),
    (
        "forecast.efficiency.reason",
        "Commissioners and providers quote one net uplift, cost pressure less efficiency.",
    ),
    ("forecast.population.projection", "ons"),
    ("forecast.population.allocation_basis", "ons"),
    (
        "forecast.population.reason",
        "The local rates of demographic growth were made from it, and allocations rest on it.",
    ),
    ("forecast.combination.method", "each_stream_then_added"),
    ("forecast.combination.agreed_by", "Directors of finance of both boards and the council"),
    ("forecast.combination.agreed_on", "2026-11-26"),
    (
        "forecast.combination.reason",
        "Each funder sees its own path, and no stream's growth is lent to another.",
    ),
    ("forecast.savings.share_in_budget", "1"),
    (
        "forecast.savings.reason",
        (
            "Gains are shared on hospital activity beside the budget, so the plan's own savings all"
            " come out of it."
        ),
    ),
    ("forecast.routes.core.route", "national_assumptions"),
    (
        "forecast.routes.core.reason",
        (
            "The scope is narrower than the stream, which also pays for planned operations,"
            " maternity and ambulances."
        ),
    ),
    ("forecast.routes.primary_medical.route", "national_assumptions"),
    (
        "forecast.routes.primary_medical.reason",
        "Core funding is in scope for fully integrated practices only.",
    ),
    ("forecast.routes.specialised.route", "national_assumptions"),
    ("forecast.routes.specialised.reason", "All of it is out of scope."),
    ("forecast.routes.pharmacy_dental_optometry.route", "national_assumptions"),
    ("forecast.routes.pharmacy_dental_optometry.reason", "All of it is out of scope."),
    ("forecast.routes.social_care.route", "national_assumptions"),
    ("forecast.routes.social_care.reason", "Social work teams and direct payments stay outside."),
    ("forecast.routes.public_health.route", "national_assumptions"),
    ("forecast.routes.public_health.reason", "Sexual health, drugs and alcohol stay outside."),
    ("assumptions.extend.1.key", "gdp_deflator"),
    ("assumptions.extend.1.how", "hold_last"),
    ("assumptions.extend.1.until", "2036-37"),
    (
        "assumptions.extend.1.reason",
        "The published forecast ends in 2030-31, close to the 2% that monetary policy aims at.",
    ),
)

SPEND_YEAR = "2026-27"
PAPER = "Midshire finance group, planning assumptions, paper 4 (November 2026)"
OWNER = "Midshire directors of finance"

Subject = tuple[str, str, str, tuple[float, ...], str, str, str]


def _flat(first: float, *later: float) -> tuple[float, ...]:
    """Ten yearly rates in per cent, the last one going on."""
    return (first, *later, *([later[-1] if later else first] * (9 - len(later))))


COST: tuple[Subject, ...] = (
    (
        "local.cost_uplift.hchs",
        "Unit cost pressure of hospital, community and mental health services",
        "growth",
        _flat(2.8, 2.6, 2.5, 2.4, 2.4, 2.3),
        "Table 1",
        "No national cost uplift is published for these years.",
        "Pay settlements, price forecasts and the mix of inputs at the four trusts",
    ),
    (
        "local.total_cost.primary_medical",
        "Total cost growth of primary medical care",
        "growth",
        _flat(3.4, 3.2, 3.1, 3.0, 2.9),
        "Table 5",
        "No national rate is published for these years.",
        "Contract settlements since 2022 and list growth",
    ),
    (
        "local.total_cost.prescribing",
        "Total cost growth of prescribing",
        "growth",
        _flat(3.9, 3.7, 3.5, 3.4, 3.3, 3.2),
        "Table 5",
        "No national rate is published for these years.",
        "Items and net ingredient cost in Midshire since 2019",
    ),
    (
        "local.total_cost.chc",
        "Total cost growth of continuing healthcare",
        "growth",
        _flat(4.6, 4.4, 4.2, 4.1, 4.0),
        "Table 5",
        "No national rate is published for these years.",
        "Number of eligible people aged 80 and over, and care home fees agreed by the council",
    ),
    (
        "local.total_cost.other_primary",
        "Total cost growth of other primary care, pharmacy, dental and optical services",
        "growth",
        _flat(2.7, 2.6, 2.6, 2.5),
        "Table 5",
        "No national rate is published for these years.",
        "Contract settlements since 2022",
    ),
)

_ONS = "County population projection by age, with Midshire activity per head by age in 2025-26"
_TREND = "Activity per head at constant age since 2015-16, without 2020-21 and 2021-22"
_DEMOGRAPHIC = {
    "acute_ae": _flat(0.7, 0.7, 0.65, 0.6),
    "acute_nel": _flat(1.2, 1.2, 1.15, 1.1, 1.1, 1.05),
    "acute_el": _flat(0.8, 0.8, 0.75),
    "acute_op": _flat(0.9, 0.85, 0.8),
    "acute_other": _flat(0.5, 0.5, 0.45),
    "mental_health": _flat(0.6, 0.6, 0.55),
    "community": _flat(1.3, 1.3, 1.25, 1.2),
    "specialised": _flat(0.8, 0.8),
}
_NON_DEMOGRAPHIC = {
    "acute_ae": _flat(0.8, 0.7, 0.6),
    "acute_nel": _flat(0.9, 0.8, 0.7),
    "acute_el": _flat(1.0, 1.0, 0.9),
    "acute_op": _flat(1.1, 1.0, 0.9),
    "acute_other": _flat(0.7, 0.7),
    "mental_health": _flat(1.5, 1.3, 1.1, 1.0),
    "community": _flat(1.1, 1.0, 0.9),
    "specialised": _flat(2.2, 2.1, 2.0),
}
_NAMES = {
    "acute_ae": "emergency departments",
    "acute_nel": "hospital emergency care",
    "acute_el": "planned admissions",
    "acute_op": "outpatients",
    "acute_other": "other hospital services",
    "mental_health": "mental health",
    "community": "community services",
    "specialised": "specialised services",
}
_LOCAL = (
    "The county's own population and use of services stand nearer than a national rate, and none is"
    " published for these years."
)

ACTIVITY: tuple[Subject, ...] = (
    *(
        (
            f"local.demographic.{group}",
            f"Demographic activity growth, {_NAMES[group]}",
            "growth",
            rates,
            "Table 2",
            _LOCAL,
            _ONS,
        )
        for group, rates in _DEMOGRAPHIC.items()
    ),
    *(
        (
            f"local.non_demographic.{group}",
            f"Other activity growth, {_NAMES[group]}",
            "growth",
            rates,
            "Table 3",
            _LOCAL,
            _TREND,
        )
        for group, rates in _NON_DEMOGRAPHIC.items()
    ),
    (
        "local.activity.ambulance",
        "Activity growth, ambulance, transport and NHS 111",
        "growth",
        _flat(2.1, 2.0, 1.9),
        "Table 4",
        _LOCAL,
        "Incidents and journeys since 2015-16; the parts are not known apart",
    ),
)

_ASK = "Each provider's own plan was taken first; this is what the plans come to."
EFFICIENCY: tuple[Subject, ...] = (
    (
        "local.efficiency.acute",
        "Provider efficiency, hospitals",
        "efficiency",
        _flat(2.0, 1.9, 1.8, 1.7, 1.6, 1.5),
        "Table 6",
        _ASK,
        "Plans of both trusts, with their record since 2019",
    ),
    (
        "local.efficiency.mental_health",
        "Provider efficiency, mental health",
        "efficiency",
        _flat(1.4, 1.3, 1.2),
        "Table 6",
        _ASK,
        "Plan of Midshire Mental Health",
    ),
    (
        "local.efficiency.community",
        "Provider efficiency, community services and transport",
        "efficiency",
        _flat(1.5, 1.4, 1.3),
        "Table 6",
        _ASK,
        "Plan of Midshire Community Health",
    ),
)

_BANDS = (
    "No outturn under the design is known yet; a judgement until the shadow year shows how far"
    " lines were out."
)
_TWICE = "Lines worked out by two options in the comparison of methods"
ERROR_BANDS: tuple[Subject, ...] = (
    (
        "error_band.preferred",
        "How far out a line may be, preferred method, either way",
        "other",
        (1.0,),
        "Table 7",
        _BANDS,
        _TWICE,
    ),
    (
        "error_band.second",
        "How far out a line may be, second method, either way",
        "other",
        (4.0,),
        "Table 7",
        _BANDS,
        _TWICE,
    ),
    (
        "error_band.last",
        "How far out a line may be, last method, either way",
        "other",
        (9.5,),
        "Table 7",
        _BANDS,
        _TWICE,
    ),
)

ASSUMPTION_FILES = {
    "cost_growth.yaml": COST,
    "activity_growth.yaml": ACTIVITY,
    "provider_efficiency.yaml": EFFICIENCY,
    "error_bands.yaml": ERROR_BANDS,
}
HEADINGS = {
    "cost_growth.yaml": (
        "# What services cost more each year. Fictitious, like everything in Midshire."
    ),
    "activity_growth.yaml": (
        "# How much more is done each year: people, then use per person. Fictitious."
    ),
    "provider_efficiency.yaml": "# What providers plan to save each year. Fictitious.",
    "error_bands.yaml": (
        "# How far out a line's baseline may be, by the grade of its method. Placeholders, and"
        " fictitious."
    ),
}


def model_yaml() -> str:
    """Write model.yaml from the flat settings."""
    lines = [
        (
            "# Midshire is a fictitious place. Made by tools/make_midshire.py; change it there, not"
            " here."
        )
    ]
    open_groups: list[str] = []
    for key, value in SETTINGS:
        *groups, name = key.split(".")
        same = 0
        while same < min(len(groups), len(open_groups)) and groups[same] == open_groups[same]:
            same += 1
        if not same and groups:
            lines.append("")
        lines += [
            f"{'  ' * depth}{group}:"
            for depth, group in enumerate(groups)
            if depth >= same and not group.isdigit()
        ]
        starts_item = bool(groups) and groups[-1].isdigit() and same < len(groups)
        depth = len(groups) - (1 if groups and groups[-1].isdigit() else 0)
        mark = "- " if starts_item else "  " if groups and groups[-1].isdigit() else ""
        lines.append(f"{'  ' * depth}{mark}{name}: {_plain_or_quoted(value)}")
        open_groups = groups
    return "\n".join(lines) + "\n"


def assumptions_yaml(file: str) -> str:
    """Write one file of local assumptions, every value with its year, status and source."""
    parts = [HEADINGS[file]]
    for key, title, kind, rates, table, reason, evidence in ASSUMPTION_FILES[file]:
        fields = [
            ("key", key),
            ("title", title),
            ("unit", "share" if kind == "other" else "rate"),
            ("kind", kind),
            ("in_year_change", "forbid"),
            ("reason", reason),
            ("evidence", evidence),
            ("owner", OWNER),
        ]
        if kind == "growth":
            fields.append(("outside_provider_control", "true"))
        lines = [
            f"  {name}: {value if name == 'outside_provider_control' else _plain_or_quoted(value)}"
            for name, value in fields
        ]
        lines[0] = "-" + lines[0][1:]
        lines.append("  values:")
        for year, rate in zip(YEARS if len(rates) > 1 else (SPEND_YEAR,), rates, strict=True):
            status = "forecast" if kind != "other" and year <= "2031-32" else "placeholder"
            lines.append(
                f"    - {{year: {year}, value: {rate / 100:.4f}, status: {status}, published:"
                f' 2026-11, source: "{PAPER}", locator: {table}}}'
            )
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _plain_or_quoted(value: str) -> str:
    return (
        f'"{value}"'
        if not value.startswith("[") and any(mark in value for mark in ":#'\"{}[]")
        else value
    )
