"""Use per head by activity, segment and age: counted from records, safe to leave the engine, and
carried into the forecast.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wpb
from wpb.kernel.problems import ProblemLog
from wpb.patients.carried_use import (
    SMALL_GROUPS,
    Tally,
    fit_to_leave,
    no_use,
    projection_bands,
)
from wpb.patients.gate import Contributions, DisclosureRule
from wpb.patients.outputs import Outputs
from wpb.patients.pooling import summed
from wpb.patients.synthesis import synthesise
from wpb.tables.forecasting import PopulationProjections
from wpb.tables.schema import TypedTable, empty_table

SMALLEST = 10
RULE = DisclosureRule(SMALLEST)
PEOPLE = 6_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("carried") / "place"
    synthesise(folder, PEOPLE, 5)
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def in_duckdb(query: str) -> duckdb.DuckDBPyRelation:
    found = duckdb.sql(query)
    assert found is not None
    return found


def by_hand(place: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """Units and person-years of outpatient follow-ups by segment and age band, from the files,
    without the room.
    """
    patients = place / "patients"
    bands = (
        "CASE WHEN age < 5 THEN '0-4' WHEN age < 16 THEN '5-15' WHEN age < 45 THEN '16-44' WHEN age"
        " < 65 THEN '45-64' WHEN age < 75 THEN '65-74' WHEN age < 85 THEN '75-84' ELSE '85+' END"
    )
    conditions = [
        name
        for name in in_duckdb(
            f"SELECT * FROM '{patients}/person_register/*.parquet' LIMIT 0"
        ).columns
        if name.startswith("has_")
    ]
    held = " + ".join(f"{name}::INTEGER" for name in conditions)
    segment = (
        "CASE WHEN age < 16 THEN 'children' WHEN has_frailty OR has_dementia THEN"
        f" 'frail_or_dementia' WHEN {held} >= 3 THEN 'three_or_more_conditions' WHEN has_smi THEN"
        f" 'serious_mental_illness' WHEN has_cancer THEN 'cancer' WHEN {held} >= 1 THEN"
        " 'one_or_two_conditions' WHEN age >= 65 THEN 'older_and_well' ELSE 'adults_and_well' END"
    )
    stays = f"""SELECT pseudonym, {segment} AS segment, {bands} AS band, greatest(0, coalesce(joined_on - DATE '2029-04-01', 0)) AS from_day,
        least(365, coalesce(least(left_on, died_on) - DATE '2029-04-01' + 1, 365)) AS to_day FROM '{patients}/person_register/*.parquet'"""
    years = in_duckdb(
        f"SELECT segment, band, sum(to_day - from_day) / 365.0 FROM ({stays}) GROUP BY ALL"
    ).fetchall()
    units = in_duckdb(
        f"""SELECT segment, band, sum(units)::BIGINT FROM '{patients}/outpatient_care/*.parquet' AS r JOIN ({stays}) AS s
        ON r.pseudonym = s.pseudonym AND r.attended_on - DATE '2029-04-01' BETWEEN s.from_day AND s.to_day - 1 WHERE point_of_delivery = 'follow_up' GROUP BY ALL"""
    ).fetchall()
    used = {(name, band): count for name, band, count in units}
    return {
        (name, band): (used.get((name, band), 0), float(on_list)) for name, band, on_list in years
    }


@pytest.mark.req(180, 181)
def test_use_per_head_is_that_of_the_records(place: Path) -> None:
    wpb.load(place).run()
    told = {
        (row["segment"], row["age_band"]): float(row["use_per_head"])
        for row in rows_of(place / "patients" / "summaries" / "segment_use.csv")
        if row["service_line"] == "OUTPATIENTS" and row["activity_type"] == "follow_up"
    }
    people = {
        (row["segment"], row["age_band"]): float(row["people"])
        for row in rows_of(place / "patients" / "summaries" / "segment_people.csv")
    }
    expected = by_hand(place)
    alike = [
        cell
        for cell in told
        if cell in expected
        and told[cell] == pytest.approx(expected[cell][0] / expected[cell][1], rel=0.006)
    ]
    large = [cell for cell, (units, _) in expected.items() if units >= 100]
    assert len(large) >= 8 and set(large) <= set(alike), "cells that many people use stand alone"
    assert all(
        people[cell] == pytest.approx(expected[cell][1], abs=2.6)
        for cell in people
        if cell[0] != SMALL_GROUPS
    )
    bands = {band for _, band in expected}
    for band in bands:
        whole, shown = (
            sum(units for (_, other), (units, _) in expected.items() if other == band),
            sum(told[cell] * people[cell] for cell in told if cell[1] == band),
        )
        assert shown == pytest.approx(whole, rel=0.02, abs=3), (
            "putting cells together moves no use out of an age band"
        )


@pytest.mark.req(180, 182)
def test_the_forecast_grows_with_the_records_and_says_so(place: Path) -> None:
    loaded = wpb.load(place)
    budget = loaded.run()
    section = next(each for each in budget.sections if each.name == "segment_paths")
    paths: dict[Any, Any] = {(row[0], row[1], row[2]): row[4:] for row in section.rows}
    expected, growth = by_hand(place), {}
    projected = {
        (row["age_band"], row["year"]): float(row["people"])
        for row in rows_of(place / "inputs" / "population_projections.csv")
    }
    for year in ("2029-30", "2039-40"):
        growth[year] = sum(
            units * projected[band, year] / projected[band, "2029-30"]
            for (_, band), (units, _) in expected.items()
        )
    # The records' own use by age, at the register's ages and the projection's people: rounding of
    # use and people aside, the same.
    assert paths["OUTPATIENTS", "follow_up", "use"][-1] == pytest.approx(
        growth["2039-40"] / growth["2029-30"], rel=0.002
    )
    beds = (
        paths["EMERGENCY_BEDS", "non_elective", "use"],
        paths["EMERGENCY_BEDS", "non_elective", "use with programmes"],
    )
    assert beds[0][:2] == beds[1][:2] and beds[1][-1] < beds[0][-1], (
        "the frailty team starts in the third year"
    )
    assert {"segments_used"} <= {problem.code for problem in budget.problems}
    tree = loaded.explain(
        "growth_rate/demographic/segments/this_year/2031-32/OUTPATIENTS.follow_up"
    )
    assert "patients/summaries/segment_use.csv" in str(
        tree
    ) and "inputs/population_projections.csv" in str(tree)


@pytest.mark.req(180)
def test_nothing_is_carried_unless_the_model_asks(place: Path, tmp_path: Path) -> None:
    import shutil

    quiet = tmp_path / "quiet"
    shutil.copytree(place, quiet, ignore=shutil.ignore_patterns("results", "summaries", ".engine"))
    categories = quiet / "inputs" / "growth_categories.csv"
    rows = rows_of(categories)
    for row in rows:
        row |= {"demographic_rate": "", "growth_method": "deflator"}
    with categories.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (quiet / "inputs" / "segment_shifts.csv").unlink()
    budget = wpb.load(quiet).run()
    assert not (quiet / "patients" / "summaries" / "segment_use.csv").exists()
    assert "segment_paths" not in {section.name for section in budget.sections}
    assert (
        wpb.load(quiet).summary()["baseline_pence"] == wpb.load(place).summary()["baseline_pence"]
    ), "growth changes no baseline here"


@pytest.mark.req(100, 180, 463)
def test_a_service_with_too_few_users_follows_another_and_its_sum_stays(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    synthesise(folder, PEOPLE, 5)
    for path in (folder / "patients" / "community_contacts").glob("*.parquet"):
        from pyarrow import parquet

        read = parquet.read_table(path)
        seen: dict[str, int] = {}
        keep = []
        kinds_of = zip(
            read.column("service").to_pylist(), read.column("contact_type").to_pylist(), strict=True
        )
        for row, (service, kind) in enumerate(kinds_of):
            seen[kind] = seen.get(kind, 0) + (service == "PODIATRY")
            if service != "PODIATRY" or seen[kind] <= 2:
                keep.append(row)
        parquet.write_table(read.take(keep), path)
    loaded = wpb.load(folder)
    shown = {row["contract"]: row for row in loaded.summary()["contracts"]}
    assert shown["COMMUNITY"]["residual_pence"] == 0
    loaded.write_people(folder / "results")
    pooled = rows_of(folder / "results" / "people" / "pooled.csv")
    followed = [row for row in pooled if row["pooled"] == "pattern of a line"]
    assert [row["service_line"] for row in followed] == ["PODIATRY"]
    summaries = folder / "patients" / "summaries"
    kinds = {
        row["activity_type"]: float(row["units"])
        for row in rows_of(summaries / "contract_activity.csv")
        if row["service_line"] == "PODIATRY"
    }
    whole = sum(
        float(row["units"])
        for row in rows_of(summaries / "contract_activity.csv")
        if row["service_line"] == followed[0]["into"]
    )
    assert list(kinds.values()) == [whole], "its own count of contacts is nowhere"


CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "c", "d"]), st.integers(0, 3)),
    st.tuples(st.integers(0, 400), st.integers(1, 30), st.integers(0, 3)),
    min_size=1,
    max_size=16,
)


@given(
    CELLS,
    st.lists(
        st.tuples(st.sampled_from(["x", "y"]), st.integers(1, 3), st.integers(0, 40)),
        min_size=1,
        max_size=4,
        unique_by=lambda one: one[:2],
    ),
)
@settings(max_examples=200, deadline=None)
@pytest.mark.req(100, 180)
def test_no_few_peoples_use_leaves_and_none_is_lost(
    cells: dict[tuple[str, int], tuple[int, int, int]], activities: list[tuple[str, int, int]]
) -> None:
    """Attack what leaves: every rate that differs from its neighbours' must stand on enough people,
    and all use must be in it.
    """
    found = Tally()
    users: dict[tuple[str, str], set[int]] = {}
    for number, (cell, (people, weight, _)) in enumerate(sorted(cells.items())):
        found.people[cell], found.days[cell] = people, people * 365
        for line, kind, share in activities:
            of_cell = [number * 1000 + person for person in range(people * share // 400)]
            use = found.use[line, str(kind)][cell] = no_use()
            for person in of_cell:
                use[0, person % 61] += weight + person % 3
            users.setdefault((line, str(kind)), set()).update(of_cell)
    found.use = {
        activity: {cell: use for cell, use in of_activity.items() if use.any()}
        for activity, of_activity in found.use.items()
    }
    outputs = Outputs(RULE)
    fit = fit_to_leave(found, outputs, list("0123"))
    days, rates, held = fit.days, fit.rates, fit.held
    assert not outputs.failing()
    assert sum(days.values()) == sum(found.days.values())
    for (segment, band), count in (
        (cell, sum(found.people[other] for other in found.people if other[1] == cell[1]))
        for cell in days
    ):
        own = [found.people[other] for other in found.people if other == (segment, band)]
        assert segment == SMALL_GROUPS or count < SMALLEST or own[0] >= SMALLEST
    for group in {
        frozenset(other for other in rates if rates[other] is rates[activity]) for activity in rates
    }:
        shared = next(iter(group))
        units = sum(int(use.sum()) for activity in group for use in found.use[activity].values())
        assert sum(rates[shared][cell] * days[cell] for cell in days) == pytest.approx(units)
        pools: dict[float, Contributions] = {}
        for cell, rate in rates[shared].items():
            inside = [
                other
                for other in found.people
                if other == cell
                or (cell[0] == SMALL_GROUPS and other[1] == cell[1] and other not in days)
            ]
            held_in = summed(
                (
                    found.use[activity].get(other, no_use())
                    for activity in group
                    for other in inside
                ),
                1,
            )
            if rate:
                pools[rate] = pools[rate] + held_in if rate in pools else held_in
        assert all(RULE.fits(pool) for pool in pools.values())
    for activity in held:
        of_line = [other for other in found.use if other[0] == activity[0]]
        assert sum(len(users[other]) for other in of_line) < SMALLEST * 8, (
            "held back only where few used the whole service line"
        )


@pytest.mark.req(175, 180)
@pytest.mark.parametrize(
    ("bands", "fine"),
    [
        (("0-17", "18-64", "65+"), True),
        (("0-17", "18-64"), False),
        (("5-17", "18+"), False),
        (("0-17", "20+"), False),
        (("under 18", "18+"), False),
        (("65+", "0-17", "18-64"), True),
    ],
)
def test_age_bands_of_the_projection_must_cover_every_age_once(
    bands: tuple[str, ...], fine: bool
) -> None:
    import numpy as np

    blank = empty_table(PopulationProjections.spec)
    columns = {
        name: np.array(
            [
                "ons" if name == "projection" else band if name == "age_band" else "2029-30"
                for band in bands
            ],
            dtype=object,
        )
        for name in ("projection", "age_band", "year", "published")
    }
    log = ProblemLog()
    table = TypedTable(
        PopulationProjections.spec,
        {**blank.columns, **columns, "people": np.ones(len(bands))},
        "population_projections.csv",
        "population_projections",
        range(2, len(bands) + 2),
    )
    found = projection_bands(table, "ons", log)
    assert bool(found) == fine == (not log.errors)
    assert [name for _, name in found] == (["0-17", "18-64", "65+"] if fine else [])
