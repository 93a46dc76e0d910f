"""Reads a model whole: settings, every table, every check - and either a model or every problem at
once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wpb.intake.csv_files import read_csv_file
from wpb.intake.finding import Found, find_inputs
from wpb.intake.settings_files import SETTINGS_FILE
from wpb.intake.settings_reader import build_settings
from wpb.intake.table_checks import check_declared
from wpb.intake.typing_tables import type_table
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, Problem, ProblemLog
from wpb.tables import ALL_TABLES
from wpb.tables.checks import Context, check_across
from wpb.tables.model import Model
from wpb.tables.schema import TableSpec, TypedTable, empty_table
from wpb.tables.sealed_record import FOLDER as RECORD
from wpb.tables.settings import ModelSettings

ReadTable = Callable[[TableSpec, Path], TypedTable | None]
MoreTables = Callable[
    [Path, dict[str, TypedTable], ModelSettings, ReadTable, dict[str, str], ProblemLog], None
]
"""Adds rows to the tables of a model: given its folder, tables, settings, a reader of one CSV, the
hashes and the problems.
"""


@dataclass
class Reading:
    """What reading a model gave: the model, or None where errors stop it, and every problem, errors
    first.
    """

    model: Model | None
    problems: list[Problem]


def read_model(path: Path | str, more_tables: MoreTables | None = None) -> Model:
    """Read and check a model folder, or a workbook that holds every table and a `model` sheet.

    `more_tables` may add rows to the tables before they are checked across, as people's records do.

    Raises InputProblems with every problem at once; UsageProblem where nothing stands at the path.
    Source: handbook 2.4.1 (transparent, assured inputs); req 361.
    """
    reading = check_model(path, more_tables)
    if reading.model is None:
        raise InputProblems(reading.problems)
    return reading.model


def check_model(path: Path | str, more_tables: MoreTables | None = None) -> Reading:
    """Read and check a model without raising on problems: for `wpb check`, which shows warnings and
    notes too.

    Raises UsageProblem where nothing stands at the path.
    """
    log = ProblemLog()
    found = find_inputs(Path(path), log)
    if found.schema is None:
        return Reading(None, _in_order(log))
    settings = _read_settings(found, log)
    tables = _read_tables(found, settings.currency if settings else "GBP", log)
    if not found.any_workbook_lost:
        _check_presence(found, tables, log)
    unreadable = found.unreadable | (
        {spec.name for spec in ALL_TABLES if not len(tables[spec.name])}
        if found.any_workbook_lost
        else set()
    )
    if more_tables is not None and settings is not None:
        if not log.errors:
            more_tables(
                found.folder,
                tables,
                settings,
                partial(_read_one, settings.currency, log),
                found.hashes,
                log,
            )
        if (
            log.errors
        ):  # without those rows, checks across the tables would find much that isn't there
            return Reading(None, _in_order(log))
    check_declared(tables, unreadable, settings, log)
    if settings is not None:
        check_across(Context(tables, settings, unreadable, log))
    problems = _in_order(log)
    if log.errors or settings is None:
        return Reading(None, problems)
    record = record_files(found.folder)
    return Reading(
        Model(found.folder, settings, tables, problems, found.hashes, record=record), problems
    )


def record_files(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """Read the files of a folder's sealed record, in order of name; none where it has none.

    Source: overview 4.3; req 385.
    """
    place = folder / RECORD
    if not place.is_dir():
        return ()
    return tuple(
        (path.name, path.read_bytes())
        for path in sorted(place.iterdir())
        if path.is_file() and not path.name.startswith(".")
    )


def _in_order(log: ProblemLog) -> list[Problem]:
    return sorted(
        log.problems, key=lambda problem: ("error", "warning", "note").index(problem.severity)
    )


def _read_one(currency: str, log: ProblemLog, spec: TableSpec, path: Path) -> TypedTable | None:
    """Read one table from a CSV that stands outside the inputs folder."""
    grid = read_csv_file(path, f"{path.parent.name}/{path.name}", log)
    return type_table(grid, spec, currency, log) if grid is not None else None


def _read_settings(found: Found, log: ProblemLog) -> ModelSettings | None:
    if found.entries is not None:
        return build_settings(found.entries, log, found.settings_place)
    if found.settings_file is None and not found.any_workbook_lost:
        log.error(
            Cell(SETTINGS_FILE, "model", ""),
            "The settings of the model are missing.",
            "Write a model.yaml (`wpb new` gives one to fill in), or add a sheet named 'model' to"
            " the workbook.",
            "settings_missing",
        )
    return None


def _read_tables(found: Found, currency: str, log: ProblemLog) -> dict[str, TypedTable]:
    tables = {}
    for spec in ALL_TABLES:
        grid = found.grids.get(spec.name)
        table = type_table(grid, spec, currency, log) if grid is not None else None
        if grid is not None and table is None:
            found.unreadable.add(spec.name)
        tables[spec.name] = table if table is not None else empty_table(spec)
    return tables


SPEND_TABLES = ("contracts", "direct_spend", "primary_care_payments", "care_packages")
"""Tables of today's spend, of which a model needs rows in one at least."""


def _check_presence(found: Found, tables: dict[str, TypedTable], log: ProblemLog) -> None:
    if not any(len(tables[name]) or name in found.unreadable for name in SPEND_TABLES):
        log.error(
            Cell("inputs", SPEND_TABLES[0], ""),
            "The model has no spend: none of its tables of spend has a row.",
            f"Fill in at least one of {', '.join(SPEND_TABLES)}.",
            "spend_missing",
        )
    for spec in ALL_TABLES:
        if not spec.required or spec.name in found.unreadable:
            continue
        grid = found.grids.get(spec.name)
        if grid is None:
            log.error(
                Cell(f"inputs/{spec.name}.csv", spec.name, ""),
                f"The table '{spec.name}' is missing.",
                f"Add it as a CSV, a Parquet file or a sheet. {spec.help}",
                "table_missing",
            )
        elif not len(tables[spec.name]):
            log.error(
                grid.cell(max(len(grid.rows) - 1, 0), 0),
                f"The table '{spec.name}' has no rows.",
                f"Fill it in. {spec.help}",
                "table_empty",
            )
