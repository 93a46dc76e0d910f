"""What an output checker does with the files of a run: add them up, set them against one another
and against earlier releases, and look for figures that give a few people away.

Only files that were published are read; nothing of the records. Every attack errs to the side of a
finding: what may stand on too few people, as far as the files tell, is reported.
Source: handbook 2.4.5; req 100, 463.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np

from wpb.kernel.problems import UsageProblem
from wpb.patients.disclosure import bridges

HELD = "held back"
FOLDER = "people"
SUMMARY = "output_check.json"
CROSS_TABLES = ("pence_by_list_and_service", "pence_by_segment_and_service")
BUDGET_TABLES = ("baseline_by_service_and_list", "baseline_by_list", "contract_workings")
"""Tables of the budget that are made from records too; they lie beside the folder of people."""
USUAL_SMALLEST, USUAL_BASE = 10, 5
FEW_IN_WORDS = re.compile(
    r"(?<![\d,.])([1-9]\d?)(?: of [\d,]+)? (?:people|persons|patients)\b", re.IGNORECASE
)
MOST_SEGMENTS = 14
"""Sums of so many segments are all tried against the cohort, 2^14 at the most."""
SMALL_GROUPS = "small groups together"
DEAR = 3.0
"""A few people may cost so many times what one of the cohort does on average."""
Row = dict[str, str]


@dataclass(frozen=True)
class Exposed:
    """A figure that published files give away, and how."""

    table: str
    cell: str
    how: str


@dataclass
class Published:
    """The tables of one results folder as an outsider reads them."""

    place: Path
    """Where the tables of people are."""
    smallest: int = USUAL_SMALLEST
    tables: dict[str, list[Row]] = field(default_factory=dict)
    told: Mapping[str, object] = field(default_factory=dict)
    """What the run says of its own outputs."""
    problems: list[Row] = field(default_factory=list)

    def rows(self, name: str) -> list[Row]:
        """The rows of a table; none where it is not published."""
        return self.tables.get(name, [])


Attack = Callable[[Published], Iterator[Exposed]]


@dataclass(frozen=True)
class Checked:
    """One attack: how many figures it found."""

    attack: str
    exposed: tuple[Exposed, ...]


def check_outputs(folder: Path, earlier: Sequence[Path] = ()) -> list[Checked]:
    """Attack a run's published tables of people: by themselves, and against earlier releases.

    Raises UsageProblem where a folder holds no such tables.
    Source: handbook 2.4.5; req 100, 463.
    """
    published = read_published(folder)
    done = [Checked(name, tuple(attack(published))) for name, attack in ATTACKS.items()]
    for before in earlier:
        found = tuple(_against_earlier(published, read_published(before)))
        done.append(Checked(f"differences from the earlier release {before}", found))
    return done


def read_published(folder: Path) -> Published:
    """Read what a run published, from its results folder or the folder of people in it.

    Raises UsageProblem where the folder holds no such tables.
    """
    place = folder if (folder / f"{CROSS_TABLES[0]}.csv").is_file() else folder / FOLDER
    if not (place / f"{CROSS_TABLES[0]}.csv").is_file():
        raise UsageProblem(
            f"{folder} holds no published tables of people. Give a run's results folder, such as"
            " MODEL/results."
        )
    found = Published(place)
    found.tables = {path.stem: read_table(path) for path in sorted(place.glob("*.csv"))}
    if place.name == FOLDER:
        for name in BUDGET_TABLES:
            found.tables[name] = read_table(place.parent / f"{name}.csv")
        found.problems = read_table(place.parent / "problems.csv")
    if (place / SUMMARY).is_file():
        try:
            told = json.loads((place / SUMMARY).read_text(encoding="utf-8"))
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise UsageProblem(f"{place / SUMMARY} is not what a run wrote. Run the model again.")
        found.told = told
        smallest = told.get("smallest_count", USUAL_SMALLEST)
        found.smallest = smallest if isinstance(smallest, int) else USUAL_SMALLEST
    return found


def release_hash(place: Path) -> str:
    """The hash of the tables of a release: of the names and contents of its CSV files.

    SHA-256 over each file's name and SHA-256, in order of name. Source: req 463.
    """
    whole = hashlib.sha256()
    for path in sorted(place.glob("*.csv")):
        whole.update(f"{path.name}:{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def read_table(path: Path) -> list[Row]:
    """Read a published table as rows by column name; no rows where there is no such file."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def _number(text: str | None) -> float:
    """The number of a cell; nan where it holds none."""
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan


def _own_tables(published: Published) -> Iterator[Exposed]:
    """Tables that are not those the run wrote, and cells that the run itself says fail."""
    told = published.told
    if told.get("release") and told["release"] != release_hash(published.place):
        yield Exposed(SUMMARY, "release", "the tables are not those that the run wrote")
    tables = told.get("tables")
    for name, counts in tables.items() if isinstance(tables, dict) else ():
        if isinstance(counts, dict) and counts.get("cells_that_fail"):
            yield Exposed(name, "", f"the run itself says that {counts['cells_that_fail']} fail")


def _margins(published: Published) -> Iterator[Exposed]:
    """Suppressed cells that a table's own totals give away, and parts that do not add up."""
    for name in CROSS_TABLES:
        rows = published.rows(name)
        if not rows:
            continue
        first, *columns = list(rows[0])
        body = [row for row in rows if row[first] != "total"]
        shown = [column for column in columns if column != "total"]
        held = np.array([[row[column] == HELD for column in shown] for row in body], dtype=np.bool_)
        for at, column in bridges(held) if held.size else []:
            cell = f"{body[at][first]}, {shown[column]}"
            yield Exposed(name, cell, "the table's own totals give it")
        for number, row in enumerate(body):
            if not held[number].any():
                yield from _sum(name, row[first], [row[one] for one in shown], row.get("total", ""))
        for total in (row for row in rows if row[first] == "total"):
            for number, name_of in enumerate(shown):
                if not held[:, number].any():
                    parts = [row[name_of] for row in body]
                    yield from _sum(name, f"total, {name_of}", parts, total[name_of])


def _sum(table: str, cell: str, parts: Sequence[str], total: str) -> Iterator[Exposed]:
    left = _number(total) - sum(_number(part) for part in parts)
    if left and left == left:
        yield Exposed(table, cell, f"the parts leave {left:,.0f} of it, which no row shows")


def _totals_of_tables(published: Published) -> Iterator[Exposed]:
    """Totals that two tables give differently: the difference is someone's."""
    totals = {
        name: row
        for name in CROSS_TABLES
        for row in published.rows(name)
        if next(iter(row.values())) == "total"
    }
    if len(totals) == len(CROSS_TABLES):
        one, other = (totals[name] for name in CROSS_TABLES)
        for column in sorted((set(one) & set(other)) - {"list_code", "segment"}):
            yield from _sum(CROSS_TABLES[1], f"total, {column}", [other[column]], one[column])
    parts = [row["pence"] for row in published.rows("integrated_care_cohort")]
    if parts and HELD not in parts and CROSS_TABLES[0] in totals:
        yield from _sum("integrated_care_cohort", "total", parts, totals[CROSS_TABLES[0]]["total"])


def _per_head(published: Published) -> Iterator[Exposed]:
    """Pounds divided by pounds per head, and people times units per head: fewer people than a cell
    needs. Figures are taken at the ends of what their rounding allows.
    """
    pence = {row["segment"]: _number(row["total"]) for row in published.rows(CROSS_TABLES[1])}
    pooled = pence.get(SMALL_GROUPS, 0.0)
    for row in published.rows("value_by_segment"):
        average, name = _number(row["pence_per_head"]), row["segment"]
        if average > 0 and name != SMALL_GROUPS:
            years = (pence.get(name, 0.0) + pooled) / _least(average)
            if 0 < years < published.smallest:
                told = f"pounds divided by pounds per head are at most {years:.1f} person-years"
                yield Exposed("value_by_segment", name, told)
    for row in published.rows("use_per_head"):
        rate, years = _number(row["units_per_head"]), _number(row["person_years"])
        units = _most(rate) * (years + USUAL_BASE / 2)
        if 0 < units < published.smallest:
            yield Exposed(
                "use_per_head",
                ", ".join((row["service_line"], row["condition"], row["age_band"])),
                f"people times units per head are at most {units:.1f} units, so that many people",
            )


def _step(value: float) -> float:
    """Half of the last of three figures of a value."""
    return 0.5 * 10.0 ** (math.floor(math.log10(value)) - 2) if value > 0 else 0.0


def _least(value: float) -> float:
    return value - _step(value)


def _most(value: float) -> float:
    return value + _step(value)


def _everyone_else(published: Published) -> Iterator[Exposed]:
    """Use of everyone less use of those with a condition: what is left is of few people."""
    whole: dict[tuple[str, str], tuple[float, float]] = {}
    """About so many units, and at most."""
    for row in published.rows("use_per_head"):
        rate, years = _number(row["units_per_head"]), _number(row["person_years"])
        bands = frozenset([row["age_band"], *row["pooled_with"].split(", ")]) - {""}
        key = (row["service_line"], ", ".join(sorted(bands)))
        least = _least(rate) * max(0.0, years - USUAL_BASE / 2)
        most = _most(rate) * (years + USUAL_BASE / 2)
        if row["condition"] == "any":
            whole[key] = (rate * years, most)
        elif key in whole and rate == rate:
            left, high = whole[key][0] - rate * years, whole[key][1] - least
            if left > 0 and high < published.smallest:
                told = f"use of everyone less theirs is at most {high:.1f} units"
                yield Exposed("use_per_head", f"{key[0]}, {row['condition']}, {key[1]}", told)


def _small_counts(published: Published) -> Iterator[Exposed]:
    """Counts of people or units below the smallest, in tables and in the words of problems."""
    for name, rows in published.tables.items():
        for row in rows:
            for column in ("people", "person_years", "units"):
                if 0 < _number(row.get(column)) < published.smallest and row.get("step") != "rate":
                    told = f"{column.replace('_', '-')}: {row[column]}"
                    yield Exposed(name, ", ".join(_key_of(row)), told)
    for row in published.problems:
        found = FEW_IN_WORDS.search(row.get("what", ""))
        of_records = row.get("file", "").startswith("patients")
        if found and of_records and int(found[1]) < published.smallest:
            yield Exposed("problems", row["code"], f"it says '{found[0]}'")


def _cohort(published: Published) -> Iterator[Exposed]:
    """Sums of segments that differ from the cohort, or from everyone else, by a few people."""
    people = {row["segment"]: _number(row["people"]) for row in published.rows("value_by_segment")}
    pence = {
        row["segment"].split(", and ")[0]: _number(row["total"])
        for row in published.rows(CROSS_TABLES[1])
    }
    names = sorted(name for name in people if name in pence and people[name] == people[name])
    if len(names) > MOST_SEGMENTS:
        return
    for part in published.rows("integrated_care_cohort"):
        count, amount = _number(part["people"]), _number(part["pence"])
        dear = DEAR * amount / count if count else 0.0
        for size in range(1, len(names)) if count == count else ():
            for chosen in combinations(names, size):
                left = count - sum(people[name] for name in chosen)
                rest = amount - sum(pence[name] for name in chosen)
                rounding = USUAL_BASE / 2 * (size + 1)
                few = abs(left) + rounding
                if few < published.smallest and 0 < abs(rest) < few * dear:
                    told = f"{abs(rest):,.0f} pence are of about {abs(left):.0f} people"
                    yield Exposed(
                        "integrated_care_cohort", part["part"], f"less {', '.join(chosen)}: {told}"
                    )


ATTACKS: dict[str, Attack] = {
    "the run's own list of cells": _own_tables,
    "margins of each table": _margins,
    "totals of one table against another": _totals_of_tables,
    "per head times counts": _per_head,
    "everyone less those with a condition": _everyone_else,
    "small counts": _small_counts,
    "the cohort against segments": _cohort,
}


def _against_earlier(published: Published, before: Published) -> Iterator[Exposed]:
    """Figures that differ from an earlier release, where the run did not judge the difference.

    A run that knew the earlier release held back every figure whose difference stood on too few
    people, and names that release by its hash. Where it did not, published files can't tell how
    many people are behind a difference, and each is a finding.
    """
    known = published.told.get("judged_against")
    here, there = release_hash(published.place), release_hash(before.place)
    if here == there or (isinstance(known, list) and there in known):
        return
    for name, rows in published.tables.items():
        earlier = {_key_of(row): row for row in before.rows(name)}
        for row in rows:
            was = earlier.get(_key_of(row))
            for column, value in row.items() if was else ():
                now, then = _number(value), _number(was.get(column) if was else "")
                if now != then and now == now and then == then:
                    told = f"differs by {now - then:,.6g}, and no one knows of how many people"
                    yield Exposed(name, ", ".join((*_key_of(row), column)), told)


def _key_of(row: Row) -> tuple[str, ...]:
    """The cells of a row that hold words, which tell it from the others."""
    return tuple(
        value
        for name, value in row.items()
        if value and name != "pooled_with" and value != HELD and _number(value) != _number(value)
    )
