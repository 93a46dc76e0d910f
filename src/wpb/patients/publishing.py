"""What may be published of people's records: kinds of people, lists and services, with small cells
held back.

Every table goes with its row and column totals, and no held-back cell can be worked out from them.
Source: handbook 2.4.5, 3.3.3, 4.4; req 100, 101, 180, 181, 242, 245, 315.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from wpb.kernel.calendar import days_in
from wpb.kernel.money import whole_pence
from wpb.kernel.spreadsheet_text import safe_text
from wpb.patients.cohort import published_cohort
from wpb.patients.disclosure import rounded_counts, suppressed_cells
from wpb.patients.engine import rows_of
from wpb.patients.people import SQUARES, days_by_profile
from wpb.patients.room import Room
from wpb.patients.segments import Kinds
from wpb.patients.spending import ChargeKey
from wpb.patients.values import TypeValue, type_values

FOLDER = "people"
TABLES = (
    "pence_by_list_and_service",
    "pence_by_segment_and_service",
    "value_by_segment",
    "use_per_head",
    "age_profiles",
    "integrated_care_cohort",
    "unmapped",
    "risk_score",
    "risk_calibration",
    "target_group_by_list",
)
PUBLISHED = (*(f"{name}.csv" for name in TABLES), "README.txt")
"""Every file that a run may publish of people."""
HELD = "held back"
NOBODY = "people on no list"
CAVEAT = (
    "Estimates for one person are not reliable: two people with one condition do not have the same"
    " care."
)


@dataclass(frozen=True)
class CrossTable:
    """Pence and people of one cut of the records by another, before anything is held back."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    pence: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    people: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    """At least so many people: exact up to a dozen or so, a lower bound above."""


@dataclass(frozen=True)
class PersonResults:
    """What was worked out about people, ready to be published."""

    by_list: CrossTable
    by_segment: CrossTable
    types: list[TypeValue]
    use: list[dict[str, object]]
    unmapped: dict[ChargeKey, int]
    cohort: list[dict[str, object]] = field(default_factory=list)
    """The integrated-care cohort and everyone else, as rows that may be published."""


def work_out(room: Room, pence: Mapping[ChargeKey, int]) -> PersonResults:
    """Share pence over records, back to people, lists and kinds of people.

    Source: handbook 2.4.5, 3.3.3, 4.4; req 95, 101, 180, 181, 242.
    """
    work = room.encode()
    unmapped = room.add_up(pence)
    kinds = room.kinds()
    lines = sorted({line for _, line, _ in room.charge_keys})
    by_profile = rows_of(
        work.stages.fetch("SELECT profile, line, units, pence, people_bits FROM by_profile")
    )
    lists = rows_of(work.stages.fetch("SELECT list, charge, pence, people_bits FROM by_list"))
    codes = [NOBODY, *room.list_codes]
    by_list = _cross(
        (
            (
                codes[row["list"]],
                room.charge_keys[row["charge"]][1],
                row["pence"],
                row["people_bits"],
            )
            for row in lists
        ),
        lines,
    )
    by_segment = _cross(
        (
            (
                kinds.segment.get(row["profile"], NOBODY),
                lines[row["line"]],
                row["pence"],
                row["people_bits"],
            )
            for row in by_profile
        ),
        lines,
    )
    by_segment = with_nobody_joined(by_segment)
    return PersonResults(
        by_list,
        by_segment,
        _types(room, kinds),
        _use(room, kinds, by_profile, lines),
        unmapped,
        published_cohort(room, kinds),
    )


def _cross(cells: Iterable[tuple[str, str, int, int]], columns: Sequence[str]) -> CrossTable:
    pence: dict[tuple[str, str], int] = defaultdict(int)
    bits: dict[tuple[str, str], int] = defaultdict(int)
    for row, column, amount, people in cells:
        pence[row, column] += amount
        bits[row, column] |= people
    rows = tuple(sorted({row for row, _ in pence}))
    shape = [[pence[row, column] for column in columns] for row in rows]
    people_count = [[bits[row, column].bit_count() for column in columns] for row in rows]
    return CrossTable(
        rows,
        tuple(columns),
        np.array(shape, dtype=np.int64).reshape(len(rows), len(columns)),
        np.array(people_count, dtype=np.int64).reshape(len(rows), len(columns)),
    )


def _types(room: Room, kinds: Kinds) -> list[TypeValue]:
    work = room.encode()
    squares = {row["profile"]: row for row in rows_of(work.stages.fetch(SQUARES))}
    people: dict[str, int] = defaultdict(int)
    days: dict[str, int] = defaultdict(int)
    pence: dict[str, int] = defaultdict(int)
    squared: dict[str, Decimal] = defaultdict(Decimal)
    for profile, (count, on_list) in days_by_profile(work).items():
        segment = kinds.segment[profile]
        people[segment] += count
        days[segment] += on_list
        if profile in squares:
            pence[segment] += squares[profile]["pence"]
            squared[segment] += Decimal(str(squares[profile]["squared"]))
    names = sorted(people)
    return type_values(
        names,
        [people[name] for name in names],
        [days[name] for name in names],
        days_in(work.year),
        [pence[name] for name in names],
        [squared[name] for name in names],
    )


def _use(
    room: Room, kinds: Kinds, by_profile: Sequence[Mapping[str, int]], lines: Sequence[str]
) -> list[dict[str, object]]:
    """Units a head by service line, condition and age band, where enough people stand behind the
    figure.

    A person with two conditions counts under both; 'any' counts everyone once.
    Source: handbook 3.3.3 Tower Hamlets; req 180.
    """
    year_days, smallest = days_in(room.settings.activity_year), room.settings.smallest_count
    days: dict[tuple[str, int], int] = defaultdict(int)
    people: dict[tuple[str, int], int] = defaultdict(int)
    for profile, (count, on_list) in days_by_profile(room.encode()).items():
        for condition in (*kinds.held[profile], "any"):
            days[condition, kinds.band[profile]] += on_list
            people[condition, kinds.band[profile]] += count
    units: dict[tuple[str, str, int], int] = defaultdict(int)
    bits: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in by_profile:
        if row["profile"] in kinds.held:
            for condition in (*kinds.held[row["profile"]], "any"):
                key = (lines[row["line"]], condition, kinds.band[row["profile"]])
                units[key] += row["units"]
                bits[key] |= row["people_bits"]
    found: list[dict[str, object]] = []
    for line, condition, band in sorted(units):
        enough = (
            bits[line, condition, band].bit_count() >= smallest
            and people[condition, band] >= smallest
        )
        years = days[condition, band] / year_days
        found.append(
            {
                "service_line": line,
                "condition": condition,
                "age_band": kinds.band_name(band),
                "person_years": (
                    int(rounded_counts(np.array([round(years)]), room.settings.round_counts_to)[0])
                    if enough
                    else HELD
                ),
                "units_per_head": f"{units[line, condition, band] / years:.3g}" if enough else HELD,
            }
        )
    return found


def age_profiles(use: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Spell published use per head as rows of the input table age_profiles, one growth category a
    service line.

    Demographic growth by population_projection weighs people by it, so that use by age is carried
    into the forecast. A service line with an age band held back has no rows; a band of which nobody
    used the service has 0.
    Source: handbook 3.3.3 Tower Hamlets; req 180, 182.
    """
    everyone = {
        (str(row["service_line"]), str(row["age_band"])): row["units_per_head"]
        for row in use
        if row["condition"] == "any"
    }
    bands = sorted(
        {band for _, band in everyone}, key=lambda band: int(band.split("-")[0].rstrip("+"))
    )
    whole = [
        line
        for line in sorted({line for line, _ in everyone})
        if HELD not in (everyone.get((line, band)) for band in bands)
    ]
    return [
        {
            "growth_category": line,
            "age_band": band,
            "use_per_person": everyone.get((line, band), "0"),
            "source": "People's records",
        }
        for line in whole
        for band in bands
    ]


def with_nobody_joined(table: CrossTable) -> CrossTable:
    """Put people on no list with the segment that most people are in, and count its cells by the
    segment's own people.

    The table by list may show people on no list in a row of their own, so whoever takes it off is
    left with the segment alone; and a cell in which the segment has no one would be theirs alone,
    so it counts as one person's.
    Source: handbook 2.4.5; req 100.
    """
    if NOBODY not in table.rows or len(table.rows) == 1:
        return table
    nobody = table.rows.index(NOBODY)
    seen = table.people.sum(axis=1)
    most = min(
        (row for row in range(len(table.rows)) if row != nobody),
        key=lambda row: (-int(seen[row]), table.rows[row]),
    )
    pence, people = table.pence.copy(), table.people.copy()
    pence[most] += pence[nobody]
    people[most] = np.where(people[most] > 0, people[most], np.minimum(people[nobody], 1))
    kept = [row for row in range(len(table.rows)) if row != nobody]
    names = tuple(
        f"{table.rows[row]}, and {NOBODY}" if row == most else table.rows[row] for row in kept
    )
    return CrossTable(names, table.columns, pence[kept], people[kept])


def without_small_rows(table: CrossTable, smallest: int) -> CrossTable:
    """Put rows with too few people to show even in total together, with the next smallest where
    that is still too few.

    Source: handbook 2.4.5; req 100.
    """
    seen = table.people.max(axis=1, initial=0)
    order = sorted(range(len(table.rows)), key=lambda row: (int(seen[row]), table.rows[row]))
    small = [row for row in order if seen[row] < smallest]
    if small and len(small) < len(order) and (len(small) == 1 or seen[small].sum() < smallest):
        small.append(order[len(small)])
    if not small:
        return table
    kept = [row for row in range(len(table.rows)) if row not in small]
    pence = np.vstack([table.pence[kept], table.pence[small].sum(axis=0)])
    people = np.vstack([table.people[kept], table.people[small].sum(axis=0)])
    return CrossTable(
        (*(table.rows[row] for row in kept), "small groups together"), table.columns, pence, people
    )


def published(table: CrossTable, smallest: int, first: str) -> list[dict[str, object]]:
    """Give a cross table as rows with its totals, small cells and as many others as must be held
    back.

    Source: handbook 2.4.5; req 100.
    """
    table = without_small_rows(table, smallest)
    held = suppressed_cells(table.people, smallest)
    rows: list[dict[str, object]] = []
    for i, row in enumerate(table.rows):
        cells = {
            column: HELD if held[i, j] else int(table.pence[i, j])
            for j, column in enumerate(table.columns)
        }
        rows.append({first: row, **cells, "total": int(table.pence[i].sum())})
    rows.append(
        {
            first: "total",
            **{column: int(table.pence[:, j].sum()) for j, column in enumerate(table.columns)},
            "total": int(table.pence.sum()),
        }
    )
    return rows


def write_published(room: Room, results: PersonResults, folder: Path) -> None:
    """Write the published tables as CSV, in pence, with a note on what they can't say."""
    target, smallest, base = (
        folder / FOLDER,
        room.settings.smallest_count,
        room.settings.round_counts_to,
    )
    target.mkdir(parents=True, exist_ok=True)
    _write(
        target / "pence_by_list_and_service.csv", published(results.by_list, smallest, "list_code")
    )
    _write(
        target / "pence_by_segment_and_service.csv",
        published(results.by_segment, smallest, "segment"),
    )
    counted = rounded_counts(
        np.array([value.people for value in results.types], dtype=np.int64), base
    )
    types: list[dict[str, object]] = [
        {
            "segment": value.segment,
            "people": int(count) if value.people >= smallest else HELD,
            "pence_per_head": (
                whole_pence(value.own_pence_per_head) if value.people >= smallest else HELD
            ),
            "credibility": f"{value.credibility:.3f}" if value.people >= smallest else HELD,
            "value_pence_per_head": (
                whole_pence(value.value_pence_per_head) if value.people >= smallest else HELD
            ),
            "relative_error": f"{value.relative_error:.3f}" if value.people >= smallest else HELD,
            "thin_data": str(value.thin).lower(),
        }
        for value, count in zip(results.types, counted, strict=True)
    ]
    _write(target / "value_by_segment.csv", types)
    _write(target / "use_per_head.csv", results.use)
    _write(target / "age_profiles.csv", age_profiles(results.use))
    if results.cohort:
        _write(target / "integrated_care_cohort.csv", results.cohort)
    _write(
        target / "unmapped.csv",
        [
            {"contract": key[0], "service_line": key[1], "activity_type": key[2], "pence": pence}
            for key, pence in sorted(results.unmapped.items())
        ],
    )
    (target / "README.txt").write_text(
        f"{CAVEAT}\nCells of fewer than {smallest} people are held back, with enough others that"
        f" none can be worked out from totals; people are counted to the nearest {base}.\nTo carry"
        " use by segment and age into the forecast, set demographic_rate to people_segments in"
        " growth_categories.\nage_profiles.csv has the shape of the input table of that name, for"
        " growth by age alone: put it in inputs, with your growth\ncategories and age bands, and"
        " set demographic_rate to population_projection.\n",
        encoding="utf-8",
    )


def write_risk(tables: Mapping[str, Sequence[Mapping[str, object]]], folder: Path) -> None:
    """Write the tables of a risk score beside the others.

    Source: Mid-Nottinghamshire article (2016); req 315.
    """
    for name, rows in tables.items():
        _write(folder / FOLDER / f"{name}.csv", rows)


@contextmanager
def all_or_none(folder: Path) -> Iterator[Path]:
    """Give a place to write the published tables to; they move to the folder together once all of
    them are whole.

    Tables of an earlier run go first: those of two runs side by side could tell what the care of a
    few people came to.
    Source: handbook 2.4.5; req 100.
    """
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name in PUBLISHED:
        (target / name).unlink(missing_ok=True)
    for left in target.glob(".partial-*"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=".partial-", dir=target) as place:
        yield Path(place)
        for path in sorted((Path(place) / FOLDER).iterdir()):
            path.replace(target / path.name)


def _write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as opened:
        if rows:
            writer = csv.DictWriter(opened, list(rows[0]))
            writer.writeheader()
            writer.writerows(
                {
                    name: safe_text(value) if isinstance(value, str) else value
                    for name, value in row.items()
                }
                for row in rows
            )
