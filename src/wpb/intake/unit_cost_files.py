"""The National Cost Collection table: average unit cost of every currency in every department of
the collection.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wpb.intake.known_files import known_file
from wpb.intake.published_csv import PublishedCsv, missing_columns, read_published_csv
from wpb.kernel.calendar import financial_year, is_financial_year
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, Problem, ProblemLog

COLUMNS = ("department_code", "currency_code", "currency_desc", "activity", "unit_cost", "cost")
HEADINGS_2023_24 = (
    "Service Code",
    "Dept or Currency Code",
    "Dept or Currency Desc",
    "Activity",
    "Unit cost",
    "Cost",
)
"""The same columns as the 2023/24 collection heads them."""
MAPPING_COLUMNS = ("activity_type", "department_code", "currency_code")


@dataclass(frozen=True)
class UnitCostFile:
    """A National Cost Collection table as it was read.

    activity in units, unit_cost and cost in pounds, all [row]; activity and unit_cost are NaN where
    the publisher withholds a small count (no count printed in 2024/25 is below 8).
    """

    source: PublishedCsv
    departments: tuple[str, ...]
    currencies: tuple[str, ...]
    descriptions: tuple[str, ...]
    activity: NDArray[np.float64]
    unit_cost: NDArray[np.float64]
    cost: NDArray[np.float64]
    warnings: tuple[Problem, ...] = ()

    @property
    def withheld(self) -> list[int]:
        """The rows with a cost and no unit cost, because the count of activity is withheld."""
        return [int(row) for row in np.flatnonzero(np.isnan(self.unit_cost))]

    @property
    def total_cost(self) -> float:
        """The cost of everything in the collection, in pounds."""
        return math.fsum(self.cost)


@dataclass(frozen=True)
class NationalUnitCost:
    """One row for a model's national_unit_costs table; unit_cost as it is to be written, in
    pounds.
    """

    activity_type: str
    category: str
    unit_cost: str
    collection_year: str


def activity_type_code(department: str, currency: str) -> str:
    """Name an activity type by its department and its currency, since one currency costs
    differently by department.

    'Elective Inpatients' and AA22C give ELECTIVE_INPATIENTS_AA22C.
    """
    return "_".join(re.findall(r"[A-Z0-9]+", f"{department} {currency}".upper()))


def _in_our_words(source: PublishedCsv) -> PublishedCsv:
    ours = dict(zip(HEADINGS_2023_24, COLUMNS, strict=True))
    return replace(source, header=tuple(ours.get(name, name) for name in source.header))


def read_unit_costs(path: Path, totals: str = "") -> UnitCostFile:
    """Read a National Cost Collection table, recognised by its header.

    unit cost x activity = cost on every row that has all three; a row with a cost alone is one
    whose count of activity is withheld, and it has no unit cost.

    Raises InputProblems with every problem found.
    Source: NHS England, National Cost Collection 2024/25; handbook Fig 10; req 87, 88.
    """
    source = _in_our_words(read_published_csv(path, (COLUMNS, HEADINGS_2023_24), totals))
    missing = missing_columns(source.header, COLUMNS)
    if missing:
        raise InputProblems(
            [
                Problem(
                    "error",
                    source.head(),
                    f"The header lacks {_listed(missing)}.",
                    f"The table needs the columns {', '.join(COLUMNS)}.",
                    "unknown_layout",
                )
            ]
        )
    log = ProblemLog()
    departments = source.filled("department_code", log, "Enter the department of the collection.")
    currencies = source.filled("currency_code", log, "Enter the currency code.")
    activity, unit_cost = (
        source.numbers("activity", log, blank_allowed=True),
        source.numbers("unit_cost", log, blank_allowed=True),
    )
    cost = source.numbers("cost", log)
    source.check_unique(["department_code", "currency_code"], "Currency", log)
    _check_half_blank(source, activity, unit_cost, log)
    _check_names_apart(source, departments, currencies, log)
    log.raise_if_errors()
    _check_products(source, activity, unit_cost, cost, log)
    return UnitCostFile(
        source,
        tuple(departments),
        tuple(currencies),
        tuple(source.texts("currency_desc")),
        activity,
        unit_cost,
        cost,
        tuple(log),
    )


def _check_half_blank(
    source: PublishedCsv,
    activity: NDArray[np.float64],
    unit_cost: NDArray[np.float64],
    log: ProblemLog,
) -> None:
    texts = {name: source.texts(name) for name in ("activity", "unit_cost")}
    for row in np.flatnonzero(np.isnan(activity) != np.isnan(unit_cost)):
        blank = "activity" if not texts["activity"][row] else "unit_cost"
        if not texts[blank][row] and texts["unit_cost" if blank == "activity" else "activity"][row]:
            log.error(
                source.cell(int(row), blank),
                f"'{blank}' is blank and the cell beside it is not.",
                "Enter it, or leave both blank where the count is withheld.",
                "blank",
            )


def _check_names_apart(
    source: PublishedCsv, departments: Sequence[str], currencies: Sequence[str], log: ProblemLog
) -> None:
    first: dict[str, int] = {}
    for row, pair in enumerate(zip(departments, currencies, strict=True)):
        other = first.setdefault(activity_type_code(*pair), row)
        if (departments[other], currencies[other]) != pair:
            log.error(
                source.cell(row, "department_code"),
                f"'{pair[0]}' with {pair[1]} gives the same activity type as row"
                f" {source.row_numbers[other]}, {activity_type_code(*pair)}.",
                "Write the department the same way in both, or change one of the two.",
                "same_activity_type",
            )


def _check_products(
    source: PublishedCsv,
    activity: NDArray[np.float64],
    unit_cost: NDArray[np.float64],
    cost: NDArray[np.float64],
    log: ProblemLog,
) -> None:
    printed = half_last_digit(source.texts("unit_cost")) * np.nan_to_num(activity)
    printed += half_last_digit(source.texts("cost"))
    allowed = np.maximum(0.01, 1e-6 * cost) + printed
    apart = np.flatnonzero(np.abs(activity * unit_cost - cost) > allowed)
    if len(apart):
        log.warning(
            source.cell(int(apart[0]), "unit_cost"),
            f"Unit cost times activity is not the cost on {len(apart)}"
            f" row{'s, of which this is the first' if len(apart) > 1 else ''}.",
            "Check the unit cost against the published table.",
            "unit_cost_product",
        )


def half_last_digit(texts: Sequence[str]) -> NDArray[np.float64]:
    """Give half of the last printed digit of each number, [row]: 0.00005 for 65.5602."""
    return np.array(
        [0.5 * 10.0 ** -len(text.partition(".")[2].partition("e")[0]) for text in texts]
    )


def collection_year(path: Path, given: str | None, log: ProblemLog) -> str:
    """Give the financial year of a collection: as given, or as the file's name says it
    (ncc_2024_25.csv is 2024-25).

    Records an error where neither gives a financial year, and then gives ''.
    """
    if given is not None:
        if not is_financial_year(given):
            log.error(
                Cell(path.name, path.stem, ""),
                f"'{given}' is not a financial year.",
                "Write it as 2024-25.",
                "year",
            )
            return ""
        return given
    known = known_file(path)
    if known is not None:
        return known.year
    found = re.search(r"(?<!\d)(20\d\d)\D?(?:20)?(\d\d)(?!\d)", path.stem)
    if found and financial_year(int(found[1])).endswith(f"-{found[2]}"):
        return financial_year(int(found[1]))
    log.error(
        Cell(path.name, path.stem, ""),
        f"The table does not say which year it is for, nor does the file's name ({path.name}).",
        "Add --year, for example --year 2024-25.",
        "year",
    )
    return ""


def every_unit_cost(costs: UnitCostFile, year: str) -> list[NationalUnitCost]:
    """List a unit cost for every department and currency that has one, exactly as published."""
    kept = np.flatnonzero(~np.isnan(costs.unit_cost))
    texts = costs.source.texts("unit_cost")
    return [
        NationalUnitCost(
            activity_type_code(costs.departments[row], costs.currencies[row]),
            _category(costs, [int(row)]),
            texts[row],
            year,
        )
        for row in kept
    ]


def mapped_unit_costs(
    costs: UnitCostFile, mapping: PublishedCsv, year: str, log: ProblemLog
) -> list[NationalUnitCost]:
    """List a unit cost for each activity type of a mapping table, and for no other.

    unit cost = sum of activity x unit cost / sum of activity, over the rows the activity type is
    mapped to; an activity type with one row keeps its published unit cost.

    Records an error for each row of the mapping that names no unit cost.
    Source: handbook Fig 10; req 87.
    """
    rows = {
        pair: row for row, pair in enumerate(zip(costs.departments, costs.currencies, strict=True))
    }
    wanted: dict[str, list[int]] = {}
    fix = "Fill it in, or take the row out."
    columns = [mapping.filled(name, log, fix) for name in MAPPING_COLUMNS]
    mapping.check_unique(MAPPING_COLUMNS, "Mapping", log)
    for at, (activity_type, department, currency) in enumerate(zip(*columns, strict=True)):
        row = rows.get((department, currency))
        if not (activity_type and department and currency):
            continue
        if row is None:
            log.error(
                mapping.cell(at, "currency_code"),
                f"The collection has no '{currency}' in '{department}'.",
                _nearest_pair(costs, department, currency),
                "unknown_currency",
            )
        elif np.isnan(costs.unit_cost[row]):
            log.error(
                mapping.cell(at, "currency_code"),
                f"'{currency}' in '{department}' has no unit cost: its count of activity is"
                " withheld.",
                "Choose another currency.",
                "withheld",
            )
        elif row not in wanted.setdefault(activity_type, []):
            wanted[activity_type].append(row)
    return [
        NationalUnitCost(
            activity_type, _category(costs, chosen), _mean_unit_cost(costs, chosen), year
        )
        for activity_type, chosen in wanted.items()
    ]


def read_mapping(path: Path) -> PublishedCsv:
    """Read a table that maps activity types of a model to departments and currencies of the
    collection.

    Raises InputProblems.
    """
    mapping = read_published_csv(path)
    missing = missing_columns(mapping.header, MAPPING_COLUMNS)
    if missing:
        raise InputProblems(
            [
                Problem(
                    "error",
                    mapping.head(),
                    f"The header lacks {_listed(missing)}.",
                    f"The mapping needs the columns {', '.join(MAPPING_COLUMNS)}.",
                    "unknown_layout",
                )
            ]
        )
    return mapping


def _mean_unit_cost(costs: UnitCostFile, rows: Sequence[int]) -> str:
    if len(rows) == 1:
        return costs.source.texts("unit_cost")[rows[0]]
    units = costs.activity[list(rows)]
    return repr(math.fsum(units * costs.unit_cost[list(rows)]) / math.fsum(units))


def _category(costs: UnitCostFile, rows: Sequence[int]) -> str:
    if len(rows) == 1:
        row = rows[0]
        return f"{costs.departments[row]}: {costs.descriptions[row]} ({costs.currencies[row]})"
    departments = list(dict.fromkeys(costs.departments[row] for row in rows))
    return (
        f"{' and '.join(departments)}: mean of {', '.join(costs.currencies[row] for row in rows)}"
        " by activity"
    )


def _nearest_pair(costs: UnitCostFile, department: str, currency: str) -> str:
    places = [
        found
        for found, code in zip(costs.departments, costs.currencies, strict=True)
        if code == currency
    ]
    if places:
        return f"{currency} is in {_listed(places[:3])}."
    if department not in costs.departments:
        known = sorted(set(costs.departments))
        nearest = difflib.get_close_matches(department, known, n=1, cutoff=0.0)
        return f"The nearest department: {_listed(nearest)}."
    within = [
        code
        for found, code in zip(costs.departments, costs.currencies, strict=True)
        if found == department
    ]
    return (
        "The nearest there:"
        f" {_listed(difflib.get_close_matches(currency, within, n=3, cutoff=0.0))}."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
