"""The NHS England place-based allocation file: every practice of England with its population and
nine need weights.

Two layouts are known, recognised by their headers and never by a file's name. Practices are known
by ODS code: names change case between the files. Postcodes and map positions are not kept.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wpb.intake.known_files import known_file
from wpb.intake.published_csv import PublishedCsv, missing_columns, read_published_csv
from wpb.intake.values import as_ods_writes
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, Problem, ProblemLog
from wpb.tables.population import NEEDS

Array = NDArray[np.float64]

WEIGHT_COLUMNS = {
    "general_and_acute": "G&A WP",
    "community": "CS WP",
    "mental_health": "MH WP",
    "maternity": "Mat WP",
    "health_inequalities": "Health Ineq WP",
    "prescribing": "Prescr WP",
    "overall_core": "Final WP",
    "primary_medical_care_need": "Primary Medical Care WP",
    "primary_medical_care": "Final PMC WP",
}
"""The column of each need in both layouts; the final core and final primary medical care columns
already hold the part for health inequalities.
"""

PMC_NEED_SHARE, PMC_INEQUALITIES_SHARE = 0.85, 0.15
"""How the final primary medical care population mixes need and health inequalities, in both
published files.
"""


@dataclass(frozen=True)
class PracticeFileLayout:
    """One published layout: its name and the column that holds each thing we read."""

    name: str
    columns: dict[str, str]


LAYOUTS = (
    PracticeFileLayout(
        "AIF allocation tool, 2024/25",
        {
            "practice": "Practice_Code",
            "name": "GP_Practice_Name",
            "icb": "ICS22",
            "icb_name": "ICS22name",
            "district": "LAD21",
            "district_name": "LTLA21",
            "population": "pop 2022/23",
            **WEIGHT_COLUMNS,
        },
    ),
    PracticeFileLayout(
        "ICB place-based allocation tool, 2025/26",
        {
            "practice": "Practice_Code",
            "name": "GP_Practice_Name",
            "icb": "ICB",
            "icb_name": "ICBname",
            "district": "LAD",
            "district_name": "LTLA",
            "population": "Population",
            **WEIGHT_COLUMNS,
        },
    ),
)


@dataclass(frozen=True)
class PracticeFile:
    """A place-based allocation file as it was read.

    population: projected people, [practice]; weighted: need-weighted people, [practice, need] in
    the order of NEEDS. Warnings say where the file departs from what holds in every published one.
    """

    source: PublishedCsv
    layout: PracticeFileLayout
    codes: tuple[str, ...]
    names: tuple[str, ...]
    icb_codes: tuple[str, ...]
    icb_names: tuple[str, ...]
    district_codes: tuple[str, ...]
    district_names: tuple[str, ...]
    population: Array
    weighted: Array
    warnings: tuple[Problem, ...] = ()
    edition: str = ""
    """Which edition the file is, by its content or its name; '' where neither says."""
    standing: str = ""

    @property
    def place(self) -> Cell:
        """The file as a whole."""
        return self.source.whole()

    @property
    def icbs(self) -> dict[str, str]:
        """The ICBs of the file: name by code, in order of code."""
        return dict(sorted(zip(self.icb_codes, self.icb_names, strict=True)))

    @property
    def positions(self) -> dict[str, int]:
        """Row by practice code."""
        return {code: row for row, code in enumerate(self.codes)}

    def rows_of_icb(self, icb: str) -> list[int]:
        """List the rows of an ICB's practices, in order of practice code."""
        return sorted(
            (row for row, found in enumerate(self.icb_codes) if found == icb),
            key=lambda row: self.codes[row],
        )

    def entered(self, row: int, field: str) -> str:
        """Give a value as the file writes it, so that it can be handed on unrounded."""
        return self.where(row, field).entered.strip()

    def where(self, row: int, field: str) -> Cell:
        """Give the cell of practice, name, icb, population or a need on one row."""
        return self.source.cell(row, self.layout.columns[field])


def read_practice_file(path: Path, only: Sequence[str] = (), totals: str = "") -> PracticeFile:
    """Read a place-based allocation file in either published layout, recognised by its header.

    only: ICBs by code or name whose rows are wanted; faults on other rows are one warning.

    Raises InputProblems with every problem found: a layout that is not known, a practice that is
    there twice, a blank, text in a number, an ICB with two names, a file that is cut short.
    Source: NHS England place-based allocation tools for 2024/25 and 2025/26; handbook fn 40; req
    155.
    """
    source = read_published_csv(path, [layout.columns.values() for layout in LAYOUTS], totals)
    layout = _layout_of(source)
    log = ProblemLog()
    column = layout.columns
    fix = "Enter it, or download the file again."
    codes, names, icb_codes, icb_names = (
        source.filled(column[field], log, fix) for field in ("practice", "name", "icb", "icb_name")
    )
    population = source.numbers(column["population"], log)
    weighted = np.column_stack([source.numbers(column[need], log) for need in NEEDS])
    source.check_unique([column["practice"]], "Practice", log, as_ods_writes)
    _check_icb_names(source, layout, icb_codes, icb_names, log)
    log = _on_rows_of(source, only, icb_codes, icb_names, log)
    log.raise_if_errors()
    codes = [as_ods_writes(code) for code in codes]
    _check_published_facts(source, layout, population, weighted, log)
    return PracticeFile(
        source,
        layout,
        tuple(codes),
        tuple(names),
        tuple(icb_codes),
        tuple(icb_names),
        tuple(source.texts(column["district"])),
        tuple(source.texts(column["district_name"])),
        population,
        weighted,
        tuple(log),
        *_edition(path),
    )


def _edition(path: Path) -> tuple[str, str]:
    """The edition and standing of a known file; else the year that the file's name says."""
    known = known_file(path)
    if known is not None:
        return known.edition, known.standing
    found = re.search(r"(?<!\d)(20\d\d)\D?(?:20)?(\d\d)(?!\d)", path.stem)
    if found and (int(found[1]) + 1) % 100 == int(found[2]):
        return f"{found[1]}/{found[2]}, by its name", ""
    return "", ""


def _on_rows_of(
    source: PublishedCsv,
    only: Sequence[str],
    codes: Sequence[str],
    names: Sequence[str],
    log: ProblemLog,
) -> ProblemLog:
    """Keep the errors on rows of the ICBs wanted, and tell the others in one warning."""
    if not only:
        return log
    wanted = {plain_icb(text) for text in only}
    rows = {
        str(source.row_numbers[row])
        for row in range(len(source))
        if {plain_icb(codes[row]), plain_icb(names[row])} & wanted
    }
    kept, others = ProblemLog(), []
    for problem in log:
        row = re.sub(r"\D", "", problem.where.cell) if problem.where else ""
        if row in rows or problem.severity != "error":
            kept.extend([problem])
        else:
            others.append(problem)
    if others:
        kept.warning(
            others[0].where,
            f"{len(others)} cells of other ICBs' rows have faults; they are not brought in. The"
            f" first: {others[0].what}",
            "Nothing need be done for this ICB.",
            "faults_outside",
        )
    return kept


def _layout_of(source: PublishedCsv) -> PracticeFileLayout:
    lacking = [(missing_columns(source.header, layout.columns), layout) for layout in LAYOUTS]
    missing, nearest = min(lacking, key=lambda pair: len(pair[0]))
    if not missing:
        return nearest
    listed = ", ".join(f"'{name}'" for name in missing)
    raise InputProblems(
        [
            Problem(
                "error",
                source.head(),
                "The header is not that of a place-based allocation file. Beside the nearest"
                f" layout ({nearest.name}) it lacks {listed}.",
                "Use data/2024_2025.csv or data/2025_2026.csv as NHS England publishes it, with its"
                " first row unchanged.",
                "unknown_layout",
            )
        ]
    )


def _check_icb_names(
    source: PublishedCsv,
    layout: PracticeFileLayout,
    codes: Sequence[str],
    names: Sequence[str],
    log: ProblemLog,
) -> None:
    first: dict[str, int] = {}
    for row, (code, name) in enumerate(zip(codes, names, strict=True)):
        known = names[first.setdefault(code, row)]
        if code and name and known and name != known:
            log.error(
                source.cell(row, layout.columns["icb_name"]),
                f"ICB {code} is called '{name}' here and '{known}' on row"
                f" {source.row_numbers[first[code]]}.",
                "Put right the code or the name; a shifted row can cause this.",
                "icb_with_two_names",
            )


def _check_published_facts(
    source: PublishedCsv,
    layout: PracticeFileLayout,
    population: Array,
    weighted: Array,
    log: ProblemLog,
) -> None:
    """Warn where the file departs from what holds in every published one.

    final primary medical care = 0.85 x its need + 0.15 x health inequalities, on every row; and
    each weighted population adds to England's population.
    """
    need = {name: weighted[:, column] for column, name in enumerate(NEEDS)}
    mixed = (
        PMC_NEED_SHARE * need["primary_medical_care_need"]
        + PMC_INEQUALITIES_SHARE * need["health_inequalities"]
    )
    apart = np.flatnonzero(np.abs(need["primary_medical_care"] - mixed) > 1e-4)
    if len(apart):
        rows = (
            f"on {len(apart)} rows, the first of which is this" if len(apart) > 1 else "on this row"
        )
        log.warning(
            source.cell(int(apart[0]), layout.columns["primary_medical_care"]),
            "Final primary medical care is not 0.85 of its need plus 0.15 of health inequalities"
            f" {rows}.",
            "Check these cells against the published file.",
            "pmc_mix",
        )
    england = math.fsum(population)
    adrift = (
        []
        if np.isnan(weighted).any() or math.isnan(england)
        else [
            layout.columns[name]
            for name in NEEDS
            if not math.isclose(math.fsum(need[name]), england, abs_tol=0.5)
        ]
    )
    if adrift:
        log.warning(
            source.head(),
            f"{', '.join(adrift)} {'does' if len(adrift) == 1 else 'do'} not add to the population"
            f" of the file, {england:,.0f}, as in the whole of England.",
            "The file may be cut short, or a part of England: do not rely on an ICB's index over"
            " England.",
            "not_the_whole_of_england",
        )


def find_icb(practices: PracticeFile, wanted: str, log: ProblemLog) -> str | None:
    """Find an ICB's code by its code or its name, in any case and with or without 'NHS' and 'ICB'.

    Where there is none, records an error that names the nearest, and gives None.
    """
    by_word = {}
    for code, name in practices.icbs.items():
        by_word[plain_icb(code)] = code
        by_word[plain_icb(name)] = code
    found = by_word.get(plain_icb(wanted))
    if found is None:
        near = _nearest_icbs(plain_icb(wanted), by_word)
        listed = "; ".join(f"{code} {practices.icbs[code]}" for code in near)
        log.error(
            practices.place,
            f"There is no ICB '{wanted}' in the file.",
            f"The nearest: {listed}.",
            "unknown_icb",
        )
    return found


def rows_of_districts(
    practices: PracticeFile, icb: str, wanted: Iterable[str], log: ProblemLog
) -> set[int]:
    """Find an ICB's practices in local authority districts, each named by its code or its name in
    any case.

    Records an error, saying which there are, for a district in which the ICB has no practice.
    """
    found: set[int] = set()
    members = practices.rows_of_icb(icb)
    names = {practices.district_codes[row]: practices.district_names[row] for row in members}
    for district in wanted:
        rows = {
            row
            for row in members
            if district.casefold().strip()
            in (practices.district_codes[row].casefold(), practices.district_names[row].casefold())
        }
        if not rows:
            listed = "; ".join(f"{code} {name}" for code, name in sorted(names.items()))
            log.error(
                practices.place,
                f"{icb} has no practice in a district '{district}'.",
                f"It has practices in: {listed}.",
                "unknown_district",
            )
        found |= rows
    return found


def plain_icb(words: str) -> str:
    """Spell an ICB code or name for comparing: lower case, without NHS and ICB."""
    return re.sub(r"^nhs | (icb|integrated care board)$", "", " ".join(words.casefold().split()))


def _nearest_icbs(wanted: str, by_word: dict[str, str]) -> list[str]:
    holding = [word for word in by_word if wanted and wanted in word]
    close = difflib.get_close_matches(wanted, by_word, n=3, cutoff=0.0)
    return list(dict.fromkeys(by_word[word] for word in [*holding, *close]))[:3]


def nearest_codes(wanted: str, codes: Iterable[str]) -> list[str]:
    """List up to three codes nearest to one that was not found, one that differs only in case
    first.
    """
    known = list(codes)
    alike = [code for code in known if code.casefold() == wanted.casefold()]
    return list(dict.fromkeys([*alike, *difflib.get_close_matches(wanted.upper(), known, n=3)]))[:3]
