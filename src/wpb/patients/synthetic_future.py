"""The plans of the fictitious place: how its people age, what grows with them, a programme for its
frail people, its allocations.

Source: handbook 3.3.3 Tower Hamlets, 3.5; req 102, 180, 182.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wpb.kernel.calendar import financial_year, start_year
from wpb.tables.segments import FROM_SEGMENTS

Row = dict[str, object]
YEAR = "2029-30"
CONTRACT_YEARS = 10
PROJECTION = "synthetic"
YEARLY_GROWTH = {0: -0.004, 5: -0.002, 16: 0.003, 45: 0.004, 65: 0.014, 75: 0.021, 85: 0.029}
"""Growth of the people of each age band a year, by its first age."""
BY_PEOPLE, BY_PRICES = "by_people", "prices"
BY_PEOPLE_FROM = {
    0: ("EMERGENCY_BEDS", "PLANNED_BEDS", "OUTPATIENTS", "EMERGENCY_DEPT"),
    5_000: ("DISTRICT_NURSING", "THERAPY", "PODIATRY"),
    20_000: ("COMMON_MH", "PSYCHOSIS", "MEMORY", "MH_ASSESSMENT"),
}
"""Service lines that grow with their use by segment, by the people it takes for enough of them to
use each.
"""


def category_of(line: str, people: int) -> str:
    """The growth category of a service line in a place of so many people."""
    return (
        BY_PEOPLE
        if any(line in lines and people >= least for least, lines in BY_PEOPLE_FROM.items())
        else BY_PRICES
    )


def band_names(starts: Sequence[int]) -> dict[int, str]:
    """The name of each age band by its first age: 0-4, 85+."""
    return {
        first: f"{first}-{after - 1}" if after else f"{first}+"
        for first, after in zip(starts, [*starts[1:], 0], strict=True)
    }


def future(people: int, by_age: Mapping[int, int]) -> dict[str, list[Row]]:
    """What grows and how: categories, people by age band and year, and one programme; `by_age`
    counts people by the first age of their band.
    """
    names, first = band_names(tuple(YEARLY_GROWTH)), start_year(YEAR)
    projections: list[Row] = [
        {
            "projection": PROJECTION,
            "age_band": names[start],
            "year": financial_year(first + ahead),
            "people": max(1, round(by_age.get(start, 0) * (1 + growth) ** ahead)),
            "published": "Made up for a synthetic place",
        }
        for start, growth in YEARLY_GROWTH.items()
        for ahead in range(CONTRACT_YEARS + 1)
    ]
    shifts: list[Row] = [
        {
            "programme": "FRAILTY_TEAM",
            "programme_kind": "new_care_models",
            "service_line": "EMERGENCY_BEDS",
            "segment": "frail_or_dementia",
            "year": financial_year(first + ahead),
            "use_change": f"{-0.02 * min(ahead - 2, 4):.2f}",
            "pounds_in": "this_row",
            "owner": "Synthshire partnership",
            "plan": "A team at home for frail people",
        }
        for ahead in range(3, CONTRACT_YEARS + 1)
    ]
    return {
        "growth_categories": [
            {
                "growth_category": BY_PEOPLE,
                "name": "Grows with prices and with its people's use",
                "growth_method": "unit_cost_and_activity",
                "cost_rate": "gdp_deflator",
                "demographic_rate": FROM_SEGMENTS,
            },
            {
                "growth_category": BY_PRICES,
                "name": "Grows with prices",
                "growth_method": "deflator",
                "cost_rate": "gdp_deflator",
            },
        ],
        "population_projections": projections,
        "segment_shifts": shifts if people >= 5_000 else [],
    }


def allocations(base: Mapping[str, float]) -> list[Row]:
    """Allocations by stream, growing at two per cent a year."""
    first = start_year(YEAR)
    return [
        {
            "commissioner": "LA1" if stream == "social_care" else "ICB1",
            "funding_stream": stream,
            "year": financial_year(first + ahead),
            "allocation": f"{value * 1.02**ahead:.2f}",
            "certainty": "firm" if ahead < 3 else "planning_assumption",
            "source": "Made up for a synthetic place",
        }
        for ahead in range(CONTRACT_YEARS + 1)
        for stream, value in base.items()
    ]
