"""What may be published of people's records: kinds of people, lists and services, made of cells
that each stand on enough people.

What few people's care came to is in pools, decided once for the run, so every table adds up and no
cell can be worked out from the others.
Source: handbook 2.4.5, 3.3.3, 4.4; req 100, 101, 180, 181, 242, 245, 315, 463.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from wpb.kernel.calendar import days_in
from wpb.kernel.spreadsheet_text import safe_text
from wpb.patients.cohort import published_cohort
from wpb.patients.contributions import pool_codes
from wpb.patients.cross_tables import (
    BY_PROFILE,
    NOBODY,
    SMALL_GROUPS,
    CrossTable,
    SegmentCells,
    by_list_table,
    by_segment_table,
    segment_cells,
)
from wpb.patients.disclosure import rounded_counts
from wpb.patients.engine import rows_of
from wpb.patients.gate import UNITS, Contributions, significant
from wpb.patients.outputs import THREE_FIGURES, Applied
from wpb.patients.people import SQUARES, days_by_profile
from wpb.patients.pooling import Pooling, summed
from wpb.patients.room import Room
from wpb.patients.segments import Kinds
from wpb.patients.spending import ChargeKey
from wpb.patients.told_use import told_by_segment
from wpb.patients.use_by_age import HELD, UseCell, age_profiles, use_rows
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
    "pooled",
    "risk_score",
    "risk_calibration",
    "target_group_by_list",
)
PUBLISHED = (*(f"{name}.csv" for name in TABLES), "README.txt", "output_check.json")
"""Every file that a run may publish of people."""
PENCE_TABLES = ("pence_by_list_and_service", "pence_by_segment_and_service")
CAVEAT = (
    "Estimates for one person are not reliable: two people with one condition do not have the same"
    " care."
)


@dataclass(frozen=True)
class PersonResults:
    """What was worked out about people, ready to be published."""

    by_list: CrossTable
    by_segment: CrossTable
    types: list[TypeValue]
    use: list[UseCell]
    unmapped: dict[ChargeKey, int]
    pooling: Pooling
    cohort: list[dict[str, object]] = field(default_factory=list)
    """The integrated-care cohort and everyone else, as rows that may be published."""
    held: Sequence[str] = ()
    """Service lines that are held back: they differ from an earlier release by few people."""


def work_out(room: Room, pence: Mapping[ChargeKey, int]) -> PersonResults:
    """Share pence over records, back to people, lists and kinds of people.

    Source: handbook 2.4.5, 3.3.3, 4.4; req 95, 101, 180, 181, 242.
    """
    work, pooling = room.encode(), room.decide_pools()
    kinds = room.kinds()
    told = told_by_segment(room, kinds)
    unmapped = room.add_up(pence)
    lines = sorted({line for _, line, _ in room.charge_keys})
    profiles = work.stages.fetch(BY_PROFILE)
    cells = segment_cells(profiles, kinds, lines)
    by_segment, most = by_segment_table(cells, room.rule)
    by_list = by_list_table(room)
    codes = set(pool_codes(set(room.side_of().values())).values())
    by_list.note(room.outputs, "pence_by_list_and_service", codes)
    by_segment.note(room.outputs, "pence_by_segment_and_service", [SMALL_GROUPS])
    return PersonResults(
        by_list,
        by_segment,
        _types(room, kinds, cells),
        use_rows(room, kinds, profiles, lines, told),
        unmapped,
        pooling,
        published_cohort(room, kinds, profiles, most),
    )


def hold_differences(room: Room, results: PersonResults) -> PersonResults:
    """Hold back what would show few people by its difference from an earlier release: service lines
    of the tables of pounds, use per head of a line, and values of segments and of the cohort.

    Source: handbook 2.4.5; req 463.
    """
    releases, cells = room.releases, room.outputs.contributions
    lines = {column for _, column in results.by_list.pence}
    held = {
        line
        for line in lines
        if not all(releases.allows(cells, table, line) for table in PENCE_TABLES)
    }
    use_held = {
        line
        for line in {cell.service_line for cell in results.use}
        if not releases.allows(_of_line(cells, line), f"use_per_head {line}")
    }
    values = not held and releases.allows(cells, "value_by_segment")
    cohort = not held and releases.allows(cells, "integrated_care_cohort")
    gone = set()
    for place, cell in _as_compared(cells).items():
        table, row, column = place
        line = table.removeprefix("use_per_head ")
        out = (
            (table in PENCE_TABLES and column in held)
            or (line != table and line in use_held)
            or (table == "value_by_segment" and not values)
            or (table == "integrated_care_cohort" and not cohort)
        )
        if out:
            gone.add(("use_per_head" if line != table else table, row, column))
        elif (
            table in (*PENCE_TABLES, "value_by_segment", "integrated_care_cohort") or line != table
        ):
            releases.now[place] = cell
    room.outputs.kept_as_released(gone)
    return replace(
        results,
        by_list=results.by_list.without(held),
        by_segment=results.by_segment.without(held),
        types=results.types if values else [],
        use=[
            replace(cell, person_years=np.nan) if cell.service_line in use_held else cell
            for cell in results.use
        ],
        cohort=results.cohort if cohort else [],
        held=sorted({column for table, _, column in gone if table in PENCE_TABLES} | use_held),
    )


def _as_compared(
    cells: Mapping[tuple[str, str, str], Contributions],
) -> dict[tuple[str, str, str], Contributions]:
    """Figures by table, row and column; use per head has a table for each service line."""
    return {
        (
            f"{table} {row.partition('|')[0]}" if table == "use_per_head" else table,
            row,
            column,
        ): cell
        for (table, row, column), cell in cells.items()
    }


def _of_line(
    cells: Mapping[tuple[str, str, str], Contributions], line: str
) -> dict[tuple[str, str, str], Contributions]:
    return {
        place: cell
        for place, cell in _as_compared(cells).items()
        if place[0] == f"use_per_head {line}"
    }


def _types(room: Room, kinds: Kinds, cells: SegmentCells) -> list[TypeValue]:
    """Value kinds of people; segments of few people, or where one person's cost shows, together."""
    work = room.encode()
    squares = {row["profile"]: row for row in rows_of(work.stages.fetch(SQUARES))}
    home = _segments_together(room, kinds, cells)
    people: dict[str, int] = defaultdict(int)
    days: dict[str, int] = defaultdict(int)
    pence: dict[str, int] = defaultdict(int)
    squared: dict[str, Decimal] = defaultdict(Decimal)
    for profile, (count, on_list) in days_by_profile(work).items():
        segment = home[kinds.segment[profile]]
        people[segment] += count
        days[segment] += on_list
        if profile in squares:
            pence[segment] += squares[profile]["pence"]
            squared[segment] += Decimal(str(squares[profile]["squared"]))
    names = sorted(people)
    for name in names:
        place = ("value_by_segment", name, "pence_per_head")
        members = [by[one] for by in cells.values() for one in by if home.get(one) == name]
        applied: Applied = "pooled" if name == SMALL_GROUPS else "released"
        shown = people[name] >= room.rule.smallest
        room.outputs.add(
            place, summed(members, 2), applied if shown else "suppressed", THREE_FIGURES
        )
    return type_values(
        names,
        [people[name] for name in names],
        [days[name] for name in names],
        days_in(work.year),
        [pence[name] for name in names],
        [squared[name] for name in names],
    )


def _segments_together(room: Room, kinds: Kinds, cells: SegmentCells) -> dict[str, str]:
    """The name each segment is valued under: its own where what its people cost fits, else that of
    the small groups together.
    """
    whole = {
        segment: summed((by[segment] for by in cells.values() if segment in by), 2)
        for segment in sorted(set(kinds.segment.values()))
    }
    small = [segment for segment, cell in whole.items() if not room.rule.fits(cell)]
    spare = sorted(
        (segment for segment in whole if segment not in small),
        key=lambda segment: (int(np.count_nonzero(whole[segment][UNITS])), segment),
    )
    while small and spare and not room.rule.fits(summed((whole[one] for one in small), 2)):
        small.append(spare.pop(0))
    return {segment: SMALL_GROUPS if segment in small else segment for segment in whole}


def write_published(room: Room, results: PersonResults, folder: Path) -> None:
    """Write the published tables as CSV, in pence, with a note on what they can't say."""
    target, base = folder / FOLDER, room.settings.round_counts_to
    target.mkdir(parents=True, exist_ok=True)
    _write(
        target / "pence_by_list_and_service.csv", results.by_list.published("list_code", [NOBODY])
    )
    _write(
        target / "pence_by_segment_and_service.csv",
        results.by_segment.published("segment", [SMALL_GROUPS]),
    )
    counted = rounded_counts(
        np.array([value.people for value in results.types], dtype=np.int64), base
    )
    enough = [value.people >= room.rule.smallest for value in results.types]
    types: list[dict[str, object]] = [
        {
            "segment": value.segment,
            "people": int(count) if shown else HELD,
            "pence_per_head": significant(value.own_pence_per_head) if shown else HELD,
            "credibility": f"{value.credibility:.2f}" if shown else HELD,
            "value_pence_per_head": significant(value.value_pence_per_head) if shown else HELD,
            "relative_error": f"{value.relative_error:.2f}" if shown else HELD,
            "thin_data": str(value.thin).lower(),
        }
        for value, count, shown in zip(results.types, counted, enough, strict=True)
    ]
    _write(target / "value_by_segment.csv", types)
    _write(target / "use_per_head.csv", [cell.published(base) for cell in results.use])
    _write(target / "age_profiles.csv", age_profiles(results.use))
    _write(target / "pooled.csv", [*_pool_rows(results.pooling), *map(_held_row, results.held)])
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
        f"{CAVEAT}\nEvery cell stands on {room.rule.told()}; what fewer people's care came to is in"
        " the pools that pooled.csv lists. Counts\nare to the nearest"
        f" {base}, figures per head to three figures: exact ones would tell how many people are"
        " behind a sum.\nFigures per head are of people on a list; pounds of a row named"
        f" '..., and {NOBODY}' are of both.\nTo carry"
        " use by segment and age into the forecast, set demographic_rate to people_segments in"
        " growth_categories.\nage_profiles.csv has the shape of the input table of that name, for"
        " growth by age alone: put it in inputs, with your growth\ncategories and age bands, and"
        " set demographic_rate to population_projection.\n",
        encoding="utf-8",
    )


def _pool_rows(pooling: Pooling) -> list[dict[str, object]]:
    """What is counted with what, as rows: activities with others, and lists in pools."""
    rows: list[dict[str, object]] = []
    for key, into in sorted(pooling.charges.items()):
        rows.append(_pool_row(key, "activity", ".".join(into[1:]), ".".join(key[1:])))
    for key, followed in sorted(pooling.follows.items()):
        rows.append(_pool_row(key, "pattern of a line", followed[1], key[1]))
    for key in pooling.alone:
        rows.append(_pool_row(key, "suppressed", "", ".".join(key[1:])))
    for key, lists in sorted(pooling.lists.items()):
        for pool in sorted(set(lists.values())):
            members = sorted(code for code, into_pool in lists.items() if into_pool == pool)
            rows.append(_pool_row(key, "lists", pool, " ".join(members)))
    return rows


def _held_row(line: str) -> dict[str, object]:
    return _pool_row(("", line, ""), "held: too few people since an earlier release", "", "")


def _pool_row(key: ChargeKey, kind: str, into: str, members: str) -> dict[str, object]:
    return {
        "contract": key[0],
        "service_line": key[1],
        "activity_type": key[2],
        "pooled": kind,
        "into": into,
        "members": members,
    }


def write_risk(tables: Mapping[str, Sequence[Mapping[str, object]]], folder: Path) -> None:
    """Write the tables of a risk score beside the others.

    Source: Mid-Nottinghamshire article (2016); req 315.
    """
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
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
