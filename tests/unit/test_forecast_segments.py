"""Growth worked out from use by segment and age, what programmes change of it, and its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.forecast_models import (
    YEARS,
    budget,
    category,
    codes,
    pounds,
    refused,
    section,
    service,
    tables,
    whole,
)
from wpb.kernel.explain import explain
from wpb.run import Budget

POPULATION = {"projection": "ons", "allocation_basis": "ons", "reason": "Tests"}
PEOPLE = {"0-64": [800, 808, 816, 824], "65+": [200, 210, 220, 230]}
PROJECTION = [
    {"projection": "ons", "age_band": band, "year": year, "people": people, "published": "Tests"}
    for band, series in PEOPLE.items()
    for year, people in zip(("2026-27", *YEARS), series, strict=True)
]
SHARES = {("well", "0-64"): 720, ("frail", "0-64"): 80, ("well", "65+"): 100, ("frail", "65+"): 100}
BEDS = {("well", "0-64"): 0.05, ("frail", "0-64"): 0.5, ("well", "65+"): 0.2, ("frail", "65+"): 1.5}
"""Emergency admissions a head."""


def people() -> list[dict[str, Any]]:
    return [
        {"segment": segment, "age_band": band, "people": count, "source": "Tests"}
        for (segment, band), count in SHARES.items()
    ]


def use(
    activity: str = "AE", rates: Mapping[tuple[str, str], float] = BEDS, code: str = "S1"
) -> list[dict[str, Any]]:
    return [
        {
            "service_line": code,
            "activity_type": activity,
            "segment": segment,
            "age_band": band,
            "use_per_head": rate,
            "source": "Tests",
        }
        for (segment, band), rate in rates.items()
    ]


def shift(**changes: Any) -> dict[str, Any]:
    return {
        "programme": "FRAILTY",
        "programme_kind": "new_care_models",
        "service_line": "S1",
        "activity_type": "",
        "segment": "frail",
        "age_band": "65+",
        "year": "2028-29",
        "use_change": -0.1,
        "pounds_in": "this_row",
        "owner": "Board",
        "plan": "Teams at home",
    } | changes


def override(**changes: Any) -> dict[str, Any]:
    return {
        "override": "O1",
        "applies_to": "growth_category",
        "code": "G",
        "driver": "demographic",
        "year": "2028-29",
        "rate": 0.001,
        "outside_provider_control": True,
        "reason": "New homes",
        "evidence": "Housing plan 2026",
        "owner": "Public health",
    } | changes


def place(
    *lines: dict[str, Any], **more: Sequence[dict[str, Any]]
) -> dict[str, Sequence[dict[str, Any]]]:
    given: dict[str, Any] = {
        "growth_categories": [category(demographic_rate="people_segments")],
        "population_projections": PROJECTION,
        "segment_people": people(),
        "segment_use": use(""),
    }
    return tables(*lines, **(given | more))


def units(year: int, rates: Mapping[tuple[str, str], float] = BEDS) -> float:
    """Units of the whole population by hand: people of the band x the segment's share of it x use a
    head.
    """
    whole_band = {
        band: sum(count for (_, other), count in SHARES.items() if other == band) for band in PEOPLE
    }
    return sum(
        PEOPLE[band][year] * SHARES[segment, band] / whole_band[band] * rate
        for (segment, band), rate in rates.items()
    )


def made(folder: Path, given: Mapping[str, Sequence[dict[str, Any]]]) -> Budget:
    return budget(folder, given, population=POPULATION)


@pytest.mark.req(180, 182)
def test_activity_grows_with_the_people_of_the_segments_that_use_it(tmp_path: Path) -> None:
    found = made(tmp_path, place())
    for year, name in enumerate(YEARS, 1):
        assert pounds(found, f"forecast/after_demographic/{name}") == pytest.approx(
            1_000_000 * units(year) / units(0)
        )
    # Other activity growth, unit cost and efficiency follow as for any category.
    assert pounds(found, "do_nothing/2029-30") == pytest.approx(
        1_000_000 * units(3) / units(0) * (1.02 * 1.03) ** 3
    )
    assert "segments_used" in codes(found)
    rows = {(row[0], row[2]): row[4:] for row in section(found, "segment_paths").rows}
    assert rows["S1", "use"] == pytest.approx([units(year) / units(0) for year in (1, 2, 3)])
    assert rows["S1", "unit cost"] == pytest.approx([1.03, 1.03**2, 1.03**3])
    assert rows["S1", "spend before efficiency and programmes"][2] == round(
        100_000_000 * units(3) / units(0) * (1.02 * 1.03) ** 3
    )


@pytest.mark.req(180)
def test_each_activity_grows_with_its_own_use(tmp_path: Path) -> None:
    children = {segment: 2.0 if segment[1] == "0-64" else 0.1 for segment in SHARES}
    lines = (whole("D1", 600_000), whole("D2", 400_000, service_line="S2"))
    given = place(
        *lines,
        service_lines=[service(), service("S2")],
        segment_use=[*use(""), *use("", children, "S2")],
    )
    found = made(tmp_path, given)
    assert pounds(found, "forecast/after_demographic/2029-30") == pytest.approx(
        600_000 * units(3) / units(0) + 400_000 * units(3, children) / units(0, children)
    )


@pytest.mark.req(180, 179)
def test_an_override_replaces_the_growth_of_the_activity(tmp_path: Path) -> None:
    found = made(tmp_path, place(rate_overrides=[override()]))
    row = section(found, "rate_overrides").rows[0]
    assert row[5] == pytest.approx(units(2) / units(1) - 1), (
        "the rate it replaces is the activity's own"
    )
    assert pounds(found, "forecast/after_demographic/2028-29") == pytest.approx(
        1_000_000 * units(1) / units(0) * 1.001
    )


@pytest.mark.req(182)
def test_a_programme_changes_the_use_of_its_segment_and_is_priced(tmp_path: Path) -> None:
    before, after = (
        made(tmp_path / "a", place()),
        made(tmp_path / "b", place(segment_shifts=[shift()])),
    )
    frail = PEOPLE["65+"][2] * 0.5 * BEDS["frail", "65+"]
    change = -0.1 * frail / units(2)
    for figure in ("do_nothing", "forecast/after_efficiency"):
        assert pounds(after, f"{figure}/2028-29") == pytest.approx(
            pounds(before, f"{figure}/2028-29")
        )
    assert pounds(after, "forecast/2028-29") == pytest.approx(
        pounds(before, "forecast/2028-29") * (1 + change)
    )
    assert pounds(after, "forecast/2029-30") == pytest.approx(pounds(before, "forecast/2029-30")), (
        "no row, no change"
    )
    rows: dict[Any, Any] = {row[2]: row[4:] for row in section(after, "segment_paths").rows}
    assert rows["use with programmes"][1] == pytest.approx(rows["use"][1] * (1 + change))
    more = made(
        tmp_path / "c", place(segment_shifts=[shift(use_change=0.2, age_band="", segment="")])
    )
    assert pounds(more, "forecast/2028-29") == pytest.approx(
        pounds(before, "forecast/2028-29") * 1.2
    )
    only = made(tmp_path / "d", place(segment_shifts=[shift(pounds_in="care_model_impacts")]))
    assert pounds(only, "forecast/2028-29") == pytest.approx(pounds(before, "forecast/2028-29"))


@pytest.mark.req(180, 182)
def test_every_figure_goes_back_to_cells(tmp_path: Path) -> None:
    found = made(tmp_path, place(segment_shifts=[shift()]))
    sheets: set[str] = set()
    stack: list[Any] = [explain(found.ledger, "forecast/2028-29")]
    while stack:
        node = stack.pop()
        stack += node.get("inputs", node.get("children", []))
        place_of = node.get("place") or node.get("where") or {}
        sheets.add(place_of.get("sheet", ""))
    assert {"segment_people", "segment_use", "segment_shifts", "population_projections"} <= sheets


@pytest.mark.req(180)
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"segment_use": []}, "segments_missing"),
        (
            {"segment_use": use("", code="S2"), "service_lines": [service(), service("S2")]},
            "segment_use_missing",
        ),
        (
            {
                "segment_people": [
                    row | {"age_band": "66+" if row["age_band"] == "65+" else row["age_band"]}
                    for row in people()
                ]
            },
            "segment_bands",
        ),
        (
            {"segment_people": [row for row in people() if row["segment"] != "frail"]},
            "segment_unknown",
        ),
        ({"segment_use": use("", dict.fromkeys(BEDS, 0.0))}, "segment_use_none"),
        (
            {"population_projections": [row for row in PROJECTION if row["year"] != "2029-30"]},
            "projection_years",
        ),
        ({"segment_shifts": [shift(year="2031-32")]}, "year_outside_term"),
        ({"segment_shifts": [shift(segment="nobody")]}, "segment_unknown"),
        ({"segment_shifts": [shift(), shift(segment="", age_band="65+")]}, "segment_twice"),
        (
            {"segment_shifts": [shift(), shift(year="2029-30", pounds_in="care_model_impacts")]},
            "segment_pounds",
        ),
        (
            {
                "segment_shifts": [
                    shift(use_change=-0.7, segment="", age_band=""),
                    shift(programme="OTHER", use_change=-0.7, segment="", age_band=""),
                ]
            },
            "out_of_range",
        ),
        (
            {
                "segment_shifts": [shift()],
                "care_model_impacts": [
                    {
                        "programme": "FRAILTY",
                        "service_line": "S1",
                        "commissioner": "ICB",
                        "funding_stream": "core",
                        "year": "2029-30",
                        "investment": 0,
                        "saving": 100,
                        "recurrent": True,
                        "scope": "inside",
                        "owner": "Board",
                        "plan": "Teams",
                    }
                ],
            },
            "overlay_twice",
        ),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, more: dict[str, Any], code: str) -> None:
    assert code in refused(tmp_path, place(**more), population=POPULATION)
